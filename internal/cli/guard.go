package cli

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/seed-f4dd853e/elman/internal/atomicfile"
	"github.com/seed-f4dd853e/elman/internal/bundle"
	"github.com/seed-f4dd853e/elman/internal/regular"
	"github.com/seed-f4dd853e/elman/model"
)

// onePipe fails if standard input is named twice.
func onePipe(inputs ...string) error {
	if i := slices.Index(inputs, "-"); i >= 0 && slices.Contains(inputs[i+1:], "-") {
		return usagef("standard input (-) can be one text alone; name files for the others")
	}
	return nil
}

// guard fails, before the work, if a file that a command writes, including standard output, would overwrite an input, a
// model, a file of a run or a file of another kind than what commands write, or cannot be written; or if two of its files
// are one. An input may be a run folder.
func (e *env) guard(inputs []string, outputs ...string) error {
	var read []os.FileInfo
	var names []string
	add := func(name string) {
		if info, err := os.Stat(name); err == nil && info.Mode().IsRegular() {
			read, names = append(read, info), append(names, name)
		}
	}
	for _, name := range inputs {
		if name == "-" {
			if f, ok := e.stdin.(*os.File); ok {
				if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
					read, names = append(read, info), append(names, "standard input")
				}
			}
			continue
		}
		add(name)
		entries, _ := os.ReadDir(name) // of a run folder
		for _, entry := range entries {
			if !isReport(entry.Name()) {
				add(filepath.Join(name, entry.Name()))
			}
		}
	}
	sameAs := func(info os.FileInfo) string {
		if i := slices.IndexFunc(read, func(other os.FileInfo) bool { return os.SameFile(info, other) }); i >= 0 {
			return names[i]
		}
		return ""
	}
	if e.results != nil {
		if info, err := e.results.Stat(); err == nil && info.Mode().IsRegular() {
			if name := sameAs(info); name != "" {
				return usagef("standard output is %s, an input of this command; send it to another file", name)
			}
		}
	}
	for i, name := range outputs {
		if err := guardName(name); err != nil {
			return err
		}
		if slices.ContainsFunc(outputs[:i], func(other string) bool { return samePath(name, other) }) {
			return usagef("%s would be written twice; name two files", name)
		}
		info, err := os.Stat(name)
		if stream := e.streamOf(info); stream != "" {
			return usagef("%s is %s, which has other things to tell; name another file to write", name, stream)
		}
		switch {
		case errors.Is(err, fs.ErrNotExist):
			if _, err := os.Stat(filepath.Dir(name)); err != nil {
				return fmt.Errorf("write %s: %w", name, regular.Reason(err))
			}
		case err != nil:
			return err
		case !info.Mode().IsRegular():
			return usagef("%s is not a regular file; name another to write", name)
		case sameAs(info) != "":
			if other := sameAs(info); other != name {
				return usagef("%s is %s, which is read, and would be overwritten; name another file to write", name, other)
			}
			return usagef("%s is read, and would be overwritten; name another file to write", name)
		case isModel(name):
			return usagef("%s is a model, and would be overwritten; name another file to write", name)
		case belongsToRun(name):
			return usagef("%s belongs to a run, and would be overwritten; name another file to write", name)
		case info.Size() > 0 && !isReport(name) && !isPage(name):
			return errExists(name)
		}
		if err := atomicfile.Check(name); err != nil {
			return err
		}
	}
	return nil
}

// guardModel fails if a model would be written over another file: unlike a report it may not be made anew.
func guardModel(name string) error {
	if info, err := os.Stat(name); err == nil && info.Mode().IsRegular() && info.Size() > 0 {
		return errExists(name)
	}
	return nil
}

func errExists(name string) error {
	return usagef("%s exists, and would be overwritten; name another file to write", name)
}

// guardName fails for the name that stands for a stream elsewhere.
func guardName(name string) error {
	if name == "-" {
		return usagef(`"-" would become the name of what is written; choose another`)
	}
	return nil
}

// samePath reports whether two paths lead to one file, which need not exist.
func samePath(a, b string) bool {
	if x, err := os.Stat(a); err == nil {
		if y, err := os.Stat(b); err == nil {
			return os.SameFile(x, y)
		}
	}
	x, errX := filepath.Abs(a)
	y, errY := filepath.Abs(b)
	return errX == nil && errY == nil && x == y
}

// streamOf says which stream of the command a file is, "" if none: a replaced file would lose what the stream writes.
func (e *env) streamOf(info os.FileInfo) string {
	for _, stream := range []struct {
		name string
		file *os.File
	}{{"standard output", e.results}, {"standard error", e.messages}} {
		if stream.file == nil || info == nil {
			continue
		}
		if own, err := stream.file.Stat(); err == nil && os.SameFile(info, own) {
			return stream.name
		}
	}
	return ""
}

// guardFolder fails if a folder to be filled with files is a file, or holds an input.
func guardFolder(folder string, inputs ...string) error {
	if err := guardName(folder); err != nil {
		return err
	}
	info, err := os.Stat(folder)
	if err != nil { // or no folder is wanted
		return nil
	}
	if !info.IsDir() {
		return usagef("%s is a file; name a folder to write into", folder)
	}
	for _, input := range inputs {
		if parent, err := os.Stat(filepath.Dir(input)); err == nil && input != "" && input != "-" && os.SameFile(info, parent) {
			return usagef("%s is in the folder that is to be written, %s; name another folder", input, folder)
		}
	}
	return nil
}

// isModel reports whether a file begins like a safetensors file, with the length of a header and the header, or is a program
// with a model inside.
func isModel(name string) bool {
	f, size, err := regular.Open(name)
	if err != nil {
		return false
	}
	defer f.Close()
	if inside, err := bundle.Find(f, size); inside != nil || err != nil {
		return true
	}
	var begin [9]byte
	if _, err := io.ReadFull(f, begin[:]); err != nil {
		return strings.HasSuffix(name, filepath.Ext(model.FileName))
	}
	n := binary.LittleEndian.Uint64(begin[:8])
	return begin[8] == '{' && n <= uint64(size-8) || strings.HasSuffix(name, filepath.Ext(model.FileName))
}

// isPage reports whether a file begins like the pages that commands write.
func isPage(name string) bool {
	f, _, err := regular.Open(name)
	if err != nil {
		return false
	}
	defer f.Close()
	begin := make([]byte, len("<!doctype html"))
	_, err = io.ReadFull(f, begin)
	return err == nil && strings.EqualFold(string(begin), "<!doctype html")
}

// isReport reports whether a file is of a kind that people keep in a run folder and may overwrite.
func isReport(name string) bool {
	return slices.Contains([]string{".html", ".png", ".svg", ".csv", ".npz"}, strings.ToLower(filepath.Ext(name)))
}

// belongsToRun reports whether a file was written by a training into its run folder.
func belongsToRun(name string) bool {
	path, err := filepath.EvalSymlinks(name)
	if err != nil {
		return false
	}
	_, err = os.Stat(filepath.Join(filepath.Dir(path), "run.json"))
	return err == nil && !isReport(path)
}
