package atomicfile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
)

func text(s string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, s)
		return err
	}
}

// want checks that the folder holds exactly the named file with exactly this content: no temporary file stays behind.
func want(t *testing.T, path, content string) {
	t.Helper()
	got, err := os.ReadFile(path)
	if err != nil || string(got) != content {
		t.Errorf("%s holds %q, %v; want %q", filepath.Base(path), got, err, content)
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(entries) != 1 {
		t.Errorf("the folder holds %v, %v; want %s alone", entries, err, filepath.Base(path))
	}
}

func TestWriteMakesAndReplaces(t *testing.T) {
	path := filepath.Join(t.TempDir(), "model")
	for _, content := range []string{"first", "second, which is longer", "", strings.Repeat("large ", 50000)} {
		if err := Write(path, text(content)); err != nil {
			t.Fatal(err)
		}
		want(t, path, content)
	}
}

// TestProgramsMayBeRun: a new file, and one in the place of a file that may not be run.
func TestProgramsMayBeRun(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows goes by the name")
	}
	path := filepath.Join(t.TempDir(), "program")
	for range 2 {
		if err := WriteProgram(path, text("#!/bin/sh")); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(path)
		if err != nil || info.Mode()&0o100 == 0 {
			t.Errorf("WriteProgram leaves %v, %v; want a file to run", info.Mode(), err)
		}
		if err := os.Chmod(path, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func TestWriteInTheCurrentFolder(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := Write("model", text("here")); err != nil {
		t.Fatal(err)
	}
	want(t, "model", "here")
}

func TestFailureLeavesTheOldFile(t *testing.T) {
	broken := errors.New("the writer broke")
	for _, tt := range []struct {
		name  string
		write func(io.Writer) error
		err   string
	}{
		{"at once", func(io.Writer) error { return broken }, "the writer broke"},
		{"half-way, beyond the buffer", func(w io.Writer) error {
			return errors.Join(text(strings.Repeat("x", 1<<20))(w), broken)
		}, "the writer broke"},
		{"disk full", func(io.Writer) error {
			return &fs.PathError{Op: "write", Path: ".model.tmp", Err: syscall.ENOSPC}
		}, "no space left on device"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "model")
			if err := os.WriteFile(path, []byte("old"), 0o644); err != nil {
				t.Fatal(err)
			}
			err := Write(path, tt.write)
			if wanted := fmt.Sprintf("write %s: %s", path, tt.err); err == nil || err.Error() != wanted {
				t.Errorf("Write: error %v, want %s", err, wanted)
			}
			want(t, path, "old")
		})
	}
}

func TestPanicLeavesTheOldFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "model")
	if err := Write(path, text("old")); err != nil {
		t.Fatal(err)
	}
	func() {
		defer func() {
			if recover() == nil {
				t.Error("Write swallowed the writer's panic")
			}
		}()
		Write(path, func(io.Writer) error { panic("bug") })
	}()
	want(t, path, "old")
}

func TestPathsThatCannotBeWritten(t *testing.T) {
	folder := t.TempDir()
	for path, reason := range map[string]string{
		folder:                                 "is not a regular file",
		filepath.Join(folder, "none", "model"): "no such file or directory",
		filepath.Join(os.DevNull, "model"):     "not a directory",
		os.DevNull:                             "is not a regular file",
		filepath.Join(folder, "zero\x00 byte"): "invalid argument",
	} {
		err := Write(path, text("new"))
		if err == nil || !strings.HasPrefix(err.Error(), "write "+path+": ") || strings.Contains(err.Error(), "\n") {
			t.Errorf("Write(%q): error %v, want one line that names the path", path, err)
		}
		if runtime.GOOS == "linux" && err != nil && !strings.HasSuffix(err.Error(), reason) {
			t.Errorf("Write(%q): error %v, want %s", path, err, reason)
		}
	}
}

func TestPermissionsAndLinks(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has neither")
	}
	folder := t.TempDir()
	path, link := filepath.Join(folder, "files", "model"), filepath.Join(folder, "link")
	if err := errors.Join(os.Mkdir(filepath.Dir(path), 0o755), os.WriteFile(path, nil, 0o600), os.Chmod(path, 0o606), os.Symlink(path, link)); err != nil {
		t.Fatal(err)
	}
	if err := Write(link, text("new")); err != nil {
		t.Fatal(err)
	}
	want(t, path, "new")
	if info, err := os.Lstat(path); err != nil || info.Mode() != 0o606 {
		t.Errorf("the file's mode is %v, %v; want -rw----rw- kept", info.Mode(), err)
	}
	if info, err := os.Lstat(link); err != nil || info.Mode().Type() != fs.ModeSymlink {
		t.Errorf("the link's mode is %v, %v; want a link still", info.Mode(), err)
	}
}

// TestCheck finds what Write would find, and leaves nothing behind.
func TestCheck(t *testing.T) {
	folder := t.TempDir()
	for _, tt := range []struct {
		name, path string
		bad        bool
	}{
		{"a new file", "new", false},
		{"a file in no folder", "none/new", true},
		{"a name too long", strings.Repeat("a", 300), true},
	} {
		path := filepath.Join(folder, tt.path)
		checked := Check(path)
		if entries, err := os.ReadDir(folder); err != nil || len(entries) > 0 {
			t.Errorf("%s: left %v, %v", tt.name, entries, err)
		}
		written := Write(path, func(io.Writer) error { return nil })
		os.Remove(path)
		if (checked != nil) != tt.bad || (written != nil) != tt.bad {
			t.Errorf("%s: Check says %v, Write %v", tt.name, checked, written)
		}
	}
}
