// Package run reads and writes the folder of a training. A kill at any instant loses at most the work since the last
// checkpoint:
//
//	run.json            text, alphabet and settings of the run, with a checksum
//	state.safetensors   the checkpoint: everything needed to continue to the same bits, with a checksum
//	metrics.jsonl       a line for each report
//	samples.txt         the sample of each report
//	model.safetensors   the best model so far; last.safetensors is the model at the end
//	start.safetensors   the model that the run began with, if it was not a new network
//	teacher             the folder of the run that makes the teacher, if there is one
//	at-1M.safetensors   the model after 1 million symbols, for each number of symbols that is asked for
//	lock                held by the process that works in the folder
//
// Files are replaced atomically and synced to the disk. Metrics and samples are appended to. The checkpoint is written last
// and records their lengths; what lies beyond is lost when a run continues.
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
	StartName   = "start.safetensors"
	TeacherName = "teacher" // a folder: the run that makes the teacher
	lockName    = "lock"
)

// KeptName returns the name of the file that keeps the model after this many symbols: at-1M.safetensors.
func KeptName(symbols int64) string { return "at-" + Amount(symbols) + ".safetensors" }

// Amount formats a number of symbols as short as it can be without a fraction: 1M, 1500k, 999.
func Amount(n int64) string {
	switch {
	case n != 0 && n%1_000_000 == 0:
		return fmt.Sprintf("%dM", n/1_000_000)
	case n != 0 && n%1000 == 0:
		return fmt.Sprintf("%dk", n/1000)
	}
	return fmt.Sprint(n)
}

// Settings named in errors.
const (
	out    setting.Name = "out"
	resume setting.Name = "resume"
)

// A Folder is a run folder that this process has locked.
type Folder struct {
	name    string
	lock    *flock.Flock
	resumed bool
	made    []string // folders made for this run, the innermost first
	lengths Lengths
}

// Create locks a folder for a new run, and makes it if it does not exist.
func Create(name string) (*Folder, error) {
	for _, file := range append([]string{InfoName, ModelName, LastName, StateName, MetricsName, SamplesName, StartName, TeacherName}, keptIn(name)...) {
		there, err := exists(filepath.Join(name, file))
		switch {
		case err != nil:
			return nil, inFolder(name, err)
		case there && file == InfoName:
			return nil, setting.Errorf("run folder %s holds a run already: continue it (%v) or choose another folder (%v)", name, resume, out)
		case there:
			return nil, setting.Errorf("run folder %s holds %s but no run: choose another folder (%v), so that it is not overwritten", name, file, out)
		}
	}
	return hold(&Folder{name: name})
}

// keptIn returns the files of a folder that keep models along a training.
func keptIn(name string) (files []string) {
	entries, _ := os.ReadDir(name)
	for _, e := range entries {
		if n := e.Name(); strings.HasPrefix(n, "at-") && strings.HasSuffix(n, filepath.Ext(ModelName)) {
			files = append(files, n)
		}
	}
	return files
}

// Resume locks the folder of a run to continue.
func Resume(name string) (*Folder, error) {
	switch there, err := HoldsRun(name); {
	case err != nil:
		return nil, err
	case !there:
		return nil, noRun(name)
	}
	return hold(&Folder{name: name, resumed: true})
}

// hold makes and locks the folder.
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
	ok, err := f.lock.TryLock()
	switch {
	case errors.Is(err, errors.ErrUnsupported): // WebAssembly has no locks
	case err != nil:
		return nil, inFolder(f.name, err)
	case !ok || !f.lockStands():
		return nil, setting.Errorf("run folder %s is in use by another training; wait for it or choose another folder (%v)", f.name, out)
	}
	f.sweep()
	return f, nil
}

// Claim makes the first folder of BASE-1, BASE-2 and so on that does not exist. No two processes get the same one. Release
// removes it again, with the folders made above it, if it is empty.
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

// makeAll makes a folder and those above it, and returns the new ones, the innermost first.
func makeAll(name string) (made []string, err error) {
	for dir := filepath.Clean(name); ; dir = filepath.Dir(dir) {
		if _, err := os.Lstat(dir); !errors.Is(err, fs.ErrNotExist) {
			break
		}
		made = append(made, dir)
	}
	return made, os.MkdirAll(name, 0o777)
}

// remove removes empty folders.
func remove(folders []string) {
	for _, name := range folders {
		os.Remove(name)
	}
}

// sweep removes temporary files of a killed process.
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

// Resumed reports whether the folder holds the run of an earlier call.
func (f *Folder) Resumed() bool { return f.resumed }

// HoldsRun reports whether a folder holds a run.
func HoldsRun(name string) (bool, error) {
	there, err := exists(filepath.Join(name, InfoName))
	if err != nil {
		err = inFolder(name, err)
	}
	return there, err
}

// exists reports whether there is a file.
func exists(path string) (bool, error) {
	_, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// Holds reports whether the folder holds a file.
func (f *Folder) Holds(file string) bool {
	there, err := exists(f.Path(file))
	return there || err != nil
}

// lockStands reports whether the locked file is still the one in the folder: a run that failed may have removed it after it
// was opened here and before it was locked.
func (f *Folder) lockStands() bool {
	locked, err := f.lock.Stat()
	if err != nil {
		return false
	}
	there, err := os.Stat(f.Path(lockName))
	return err == nil && os.SameFile(locked, there)
}

// Close unlocks the folder. The lock file stays, for others that wait for it.
func (f *Folder) Close() { f.lock.Unlock() }

// Abandon removes the files of a new run that has saved neither model nor state, so that it can be repeated.
func (f *Folder) Abandon() {
	if f.resumed || f.Holds(ModelName) || f.Holds(StateName) || f.Holds(filepath.Join(TeacherName, InfoName)) {
		return
	}
	for _, file := range []string{SamplesName, MetricsName, StartName, InfoName, lockName} {
		os.Remove(f.Path(file))
	}
	remove(f.made)
}

// inFolder adds the folder to an error.
func inFolder(name string, err error) error {
	return fmt.Errorf("run folder %s: %w", name, regular.Reason(err))
}

func noRun(name string) error {
	return setting.Errorf("run folder %s holds no run to resume: check %v, or leave out %v to begin one", name, out, resume)
}
