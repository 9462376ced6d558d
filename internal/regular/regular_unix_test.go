//go:build unix

package regular

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// TestOthers opens what would wait, or never end. A failure is a test that hangs.
func TestOthers(t *testing.T) {
	dir := t.TempDir()
	pipe, link := filepath.Join(dir, "pipe"), filepath.Join(dir, "link")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Skip("no pipes in this file system: ", err)
	}
	if err := os.Symlink(pipe, link); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{pipe, link, dir, "/dev/zero", os.DevNull} {
		if _, err := Read(path, 100); err != ErrNotRegular {
			t.Errorf("Read(%s): error %v", path, err)
		}
		for _, flag := range []int{os.O_RDONLY, os.O_WRONLY, os.O_WRONLY | os.O_CREATE, os.O_RDWR} {
			if _, _, err := OpenFile(path, flag, 0o666); err != ErrNotRegular {
				t.Errorf("OpenFile(%s, %#x): error %v", path, flag, err)
			}
		}
	}
}
