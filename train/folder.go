package train

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/gofrs/flock"

	"github.com/seed-f4dd853e/elman/internal/atomicfile"
	"github.com/seed-f4dd853e/elman/model"
)

// The files of a run folder, beside model.FileName.
const (
	lastName    = "last.safetensors"
	stateName   = "state.safetensors"
	runName     = "run.json"
	metricsName = "metrics.jsonl"
	samplesName = "samples.txt"
	lockName    = "lock"
)

// A folder is a run folder that this process alone works in.
type folder struct {
	name    string
	lock    *flock.Flock
	resumed bool
	made    []string // folders made for this run, the innermost first
}

// openFolder takes hold of a folder for a new run, or for the run it holds.
func openFolder(name string, resume bool) (*folder, error) {
	f := &folder{name: name}
	held, err := f.holds(runName)
	switch {
	case err != nil:
		return nil, fmt.Errorf("run folder %s: %w", name, reason(err))
	case held && !resume:
		return nil, fmt.Errorf("run folder %s holds a run already: go on with it (--resume) or choose another folder (--out)", name)
	case !held && resume:
		return nil, f.holdsNone(nil)
	}
	for _, file := range []string{model.FileName, lastName, stateName, metricsName, samplesName} {
		if there, _ := f.holds(file); there && !resume {
			return nil, fmt.Errorf("run folder %s holds a %s but no run: choose another folder (--out), lest it be overwritten", name, file)
		}
	}
	for dir := filepath.Clean(name); ; dir = filepath.Dir(dir) {
		if _, err := os.Lstat(dir); !errors.Is(err, fs.ErrNotExist) {
			break
		}
		f.made = append(f.made, dir)
	}
	if err := os.MkdirAll(name, 0o777); err != nil {
		return nil, fmt.Errorf("run folder %s: %w", name, reason(err))
	}
	f.lock = flock.New(f.path(lockName))
	if ok, err := f.lock.TryLock(); err != nil {
		return nil, fmt.Errorf("run folder %s: %w", name, reason(err))
	} else if !ok || !f.lockStands() {
		return nil, fmt.Errorf("run folder %s is in use by another training; wait for it or choose another folder (--out)", name)
	}
	f.resumed = resume
	f.sweep()
	return f, nil
}

// holdsNone says that there is no run to resume, or why nobody can tell.
func (f *folder) holdsNone(err error) error {
	if err != nil {
		return fmt.Errorf("run folder %s: %w", f.name, reason(err))
	}
	return fmt.Errorf("run folder %s holds no run to resume: check --out, or leave out --resume to begin one", f.name)
}

// sweep removes what a killed process left half written.
func (f *folder) sweep() {
	entries, _ := os.ReadDir(f.name)
	for _, e := range entries {
		if n := e.Name(); strings.HasPrefix(n, ".") && strings.HasSuffix(n, ".tmp") {
			os.Remove(f.path(n))
		}
	}
}

func (f *folder) path(file string) string { return filepath.Join(f.name, file) }

// holds says whether there is a file.
func (f *folder) holds(file string) (bool, error) {
	_, err := os.Stat(f.path(file))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// lockStands says whether the locked file is still the one in the folder: a run that gave up may have removed it between
// our opening and our locking it.
func (f *folder) lockStands() bool {
	locked, err := f.lock.Stat()
	if err != nil {
		return false
	}
	there, err := os.Stat(f.path(lockName))
	return err == nil && os.SameFile(locked, there)
}

// close lets go of the folder. The lock file stays, for others that wait for it.
func (f *folder) close() { f.lock.Unlock() }

// abandon removes what a new run has made if it has saved no model and no state, so that it can be repeated.
func (f *folder) abandon() {
	for _, file := range []string{model.FileName, stateName} {
		if there, err := f.holds(file); f.resumed || there || err != nil {
			return
		}
	}
	for _, file := range []string{samplesName, metricsName, runName, lockName} {
		os.Remove(f.path(file))
	}
	for _, dir := range f.made {
		os.Remove(dir) // unless somebody else has put something there
	}
}

// writeJSON replaces a file by v.
func (f *folder) writeJSON(file string, v any) error {
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	return atomicfile.Write(f.path(file), func(w io.Writer) error {
		_, err := w.Write(append(b, '\n'))
		return err
	})
}

// readJSON fills v from a file.
func (f *folder) readJSON(file string, v any) error {
	b, err := os.ReadFile(f.path(file))
	if err == nil {
		err = json.Unmarshal(b, v)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", f.path(file), reason(err))
	}
	return nil
}

// atLeast says whether a file has the given length or more.
func (f *folder) atLeast(file string, length int64) error {
	info, err := os.Stat(f.path(file))
	switch {
	case length == 0 || err == nil && info.Size() >= length && length > 0:
		return nil
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%s is missing, of which %d bytes belong to the run", file, length)
	case err != nil:
		return fmt.Errorf("%s: %w", file, reason(err))
	}
	return fmt.Errorf("%s has %d bytes, of which %d belong to the run", file, info.Size(), length)
}

// appendTo adds text to a file that had the given length, cutting off what a lost run wrote beyond. It returns the new
// length.
func (f *folder) appendTo(file string, length int64, text string) (int64, error) {
	out, err := os.OpenFile(f.path(file), os.O_WRONLY|os.O_CREATE, 0o666)
	if err != nil {
		return length, fmt.Errorf("%s: %w", f.path(file), reason(err))
	}
	defer out.Close()
	err = out.Truncate(length)
	if err == nil {
		_, err = out.WriteAt([]byte(text), length)
	}
	if err == nil {
		err = out.Sync()
	}
	if err != nil {
		return length, fmt.Errorf("%s: %w", f.path(file), reason(err))
	}
	return length + int64(len(text)), nil
}

// reason takes off an error the path, which the message gives in its own way.
func reason(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}
