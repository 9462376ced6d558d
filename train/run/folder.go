// Package run keeps a training in a folder, so that a kill at any instant loses at most the work since the last checkpoint:
//
//	run.json            what the run is: text, alphabet, settings, and a checksum of it all
//	state.safetensors   the checkpoint: everything needed to go on to the same bits, and a checksum of it all
//	metrics.jsonl       a line for each report
//	samples.txt         what the model wrote at each report
//	model.safetensors   the best model so far; last.safetensors is the one that the run ended with
//	lock                held by the process that works in the folder
//
// Files are replaced as a whole and synced to the disk. Metrics and samples are appended to; the checkpoint, which is
// written last, knows how long they were, and what lies beyond was lost.
package run

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/gofrs/flock"

	"github.com/seed-f4dd853e/elman/internal/regular"
	"github.com/seed-f4dd853e/elman/internal/setting"
	"github.com/seed-f4dd853e/elman/model"
)

// The files of a run folder.
const (
	InfoName    = "run.json"
	StateName   = "state.safetensors"
	MetricsName = "metrics.jsonl"
	SamplesName = "samples.txt"
	ModelName   = model.FileName
	LastName    = "last.safetensors"
	lockName    = "lock"
)

// Settings that errors name.
const (
	out    setting.Name = "out"
	resume setting.Name = "resume"
)

// A Folder is a run folder that this process alone works in.
type Folder struct {
	name    string
	lock    *flock.Flock
	resumed bool
	made    []string // folders made for this run, the innermost first
	lengths Lengths
}

// Create takes hold of a folder for a new run, and makes it if it does not exist.
func Create(name string) (*Folder, error) {
	for _, file := range []string{InfoName, ModelName, LastName, StateName, MetricsName, SamplesName} {
		there, err := exists(filepath.Join(name, file))
		switch {
		case err != nil:
			return nil, inFolder(name, err)
		case there && file == InfoName:
			return nil, setting.Errorf("run folder %s holds a run already: continue it (%v) or choose another folder (%v)", name, resume, out)
		case there:
			return nil, setting.Errorf("run folder %s holds a %s but no run: choose another folder (%v), so that it is not overwritten", name, file, out)
		}
	}
	return hold(&Folder{name: name})
}

// Resume takes hold of the folder of a run that is to go on.
func Resume(name string) (*Folder, error) {
	switch there, err := exists(filepath.Join(name, InfoName)); {
	case err != nil:
		return nil, inFolder(name, err)
	case !there:
		return nil, noRun(name)
	}
	return hold(&Folder{name: name, resumed: true})
}

// hold makes the folder and locks it.
func hold(f *Folder) (*Folder, error) {
	made, err := makeAll(f.name)
	if err != nil {
		return nil, inFolder(f.name, err)
	}
	f.made = made
	if err := regular.Check(f.Path(lockName)); err != nil && !errors.Is(err, fs.ErrNotExist) { // a pipe would block
		return nil, fmt.Errorf("%s: %w", f.Path(lockName), err)
	}
	f.lock = flock.New(f.Path(lockName))
	if ok, err := f.lock.TryLock(); err != nil {
		return nil, inFolder(f.name, err)
	} else if !ok || !f.lockStands() {
		return nil, setting.Errorf("run folder %s is in use by another training; wait for it or choose another folder (%v)", f.name, out)
	}
	f.sweep()
	return f, nil
}

// Claim makes the first of the folders BASE-1, BASE-2 and so on that does not exist. No two processes get the same one.
// Release removes it again, and what was made above it, if there is nothing in it.
func Claim(base string) (name string, release func(), err error) {
	above, err := makeAll(filepath.Dir(base))
	if err != nil {
		return "", nil, inFolder(filepath.Dir(base), err)
	}
	for i := 1; i < 10000; i++ {
		name = fmt.Sprintf("%s-%d", base, i)
		err := os.Mkdir(name, 0o777)
		if err == nil {
			return name, func() { remove(append([]string{name}, above...)) }, nil
		}
		if !errors.Is(err, fs.ErrExist) {
			remove(above)
			return "", nil, inFolder(name, err)
		}
	}
	return "", nil, setting.Errorf("the folders %s-1 to %s exist already; choose a name (%v)", base, name, out)
}

// makeAll makes a folder and those above it, and returns which it made, the innermost first.
func makeAll(name string) (made []string, err error) {
	for dir := filepath.Clean(name); ; dir = filepath.Dir(dir) {
		if _, err := os.Lstat(dir); !errors.Is(err, fs.ErrNotExist) {
			break
		}
		made = append(made, dir)
	}
	return made, os.MkdirAll(name, 0o777)
}

// remove removes folders that are empty.
func remove(folders []string) {
	for _, name := range folders {
		os.Remove(name)
	}
}

// sweep removes what a killed process left half written.
func (f *Folder) sweep() {
	entries, _ := os.ReadDir(f.name)
	for _, e := range entries {
		if n := e.Name(); strings.HasPrefix(n, ".") && strings.HasSuffix(n, ".tmp") {
			os.Remove(f.Path(n))
		}
	}
}

// Path returns the path of a file in the folder.
func (f *Folder) Path(file string) string { return filepath.Join(f.name, file) }

// Name returns the path of the folder.
func (f *Folder) Name() string { return f.name }

// Resumed says whether the folder holds the run of an earlier call.
func (f *Folder) Resumed() bool { return f.resumed }

// exists says whether there is a file.
func exists(path string) (bool, error) {
	_, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// Holds says whether the folder holds a file.
func (f *Folder) Holds(file string) bool {
	there, err := exists(f.Path(file))
	return there || err != nil
}

// lockStands says whether the locked file is still the one in the folder: a run that gave up may have removed it between
// our opening and our locking it.
func (f *Folder) lockStands() bool {
	locked, err := f.lock.Stat()
	if err != nil {
		return false
	}
	there, err := os.Stat(f.Path(lockName))
	return err == nil && os.SameFile(locked, there)
}

// Close lets go of the folder. The lock file stays, for others that wait for it.
func (f *Folder) Close() { f.lock.Unlock() }

// Abandon removes what a new run has made if it has saved no model and no state, so that it can be repeated.
func (f *Folder) Abandon() {
	if f.resumed || f.Holds(ModelName) || f.Holds(StateName) {
		return
	}
	for _, file := range []string{SamplesName, MetricsName, InfoName, lockName} {
		os.Remove(f.Path(file))
	}
	remove(f.made)
}

// inFolder says in which folder something went wrong.
func inFolder(name string, err error) error {
	return fmt.Errorf("run folder %s: %w", name, regular.Reason(err))
}

func noRun(name string) error {
	return setting.Errorf("run folder %s holds no run to resume: check %v, or leave out %v to begin one", name, out, resume)
}
