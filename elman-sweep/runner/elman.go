package runner

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/seed-f4dd853e/elman/elman-sweep/study"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/train/run"
)

// An Elman is the program that trains.
type Elman struct {
	Path  string
	found os.FileInfo // when it was looked for; nil if it was not
}

// FindElman returns the program at a path; without one, that beside this program or, failing that, on PATH.
func FindElman(path string) (*Elman, error) {
	if path == "" {
		name := "elman"
		if runtime.GOOS == "windows" {
			name += ".exe"
		}
		if own, err := os.Executable(); err == nil {
			path = filepath.Join(filepath.Dir(own), name)
		}
		if _, err := os.Stat(path); err != nil {
			if path, err = exec.LookPath(name); err != nil {
				return nil, fmt.Errorf("there is no %s beside this program, nor on PATH; name it with --elman", name)
			}
		}
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("--elman: %w", err)
	}
	return &Elman{path, info}, nil
}

// same returns an error if the program is not the one that was found: its self-test would say nothing about the other.
func (e *Elman) same() error {
	if e.found == nil {
		return nil
	}
	now, err := os.Stat(e.Path)
	switch {
	case err != nil:
		return MachineError{fmt.Errorf("elman has gone while the study runs: %w", err)}
	case now.Size() != e.found.Size() || !now.ModTime().Equal(e.found.ModTime()):
		return MachineError{fmt.Errorf("%s was replaced while the study runs; start again", e.Path)}
	}
	return nil
}

// A failure is an elman that ended with an error.
type failure struct {
	code int
	line string // its error
}

func (f *failure) Error() string { return f.line }

// exitUsage is the exit code of a command line that is wrong, which no other attempt will mend.
const exitUsage = 2

// savingTime is how long a training may take to be saved when it is asked to end.
const savingTime = 20 * time.Second

// run runs a command and returns its standard output. When ctx ends, the program is asked to end and may save its run.
func (e *Elman) run(ctx context.Context, args ...string) ([]byte, error) {
	if err := e.same(); err != nil {
		return nil, err
	}
	c := exec.CommandContext(ctx, e.Path, args...)
	var out, messages bytes.Buffer
	c.Stdout, c.Stderr = &out, &tail{Buffer: &messages}
	c.WaitDelay = savingTime
	c.Cancel = func() error { return interrupt(c.Process) }
	ownGroup(c)
	done := make(chan error, 1)
	go func() {
		// The system ends the child with the thread that started it, not with the process.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		done <- c.Run()
	}()
	err := <-done
	switch exit := (*exec.ExitError)(nil); {
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case errors.As(err, &exit):
		failed := &failure{exit.ExitCode(), lastError(messages.String(), exit)}
		if failed.ofMachine() {
			return nil, MachineError{failed}
		}
		return nil, failed
	case err != nil:
		return nil, MachineError{fmt.Errorf("elman cannot be started: %w", err)}
	}
	return out.Bytes(), nil
}

// tail keeps the end of what is written to it.
type tail struct{ *bytes.Buffer }

func (t *tail) Write(b []byte) (int, error) {
	const most = 1 << 16
	if t.Len() > most {
		t.Next(t.Len() - most/2)
	}
	return t.Buffer.Write(b)
}

// lastError returns the error that elman wrote as its last line, or the runtime before its trace.
func lastError(messages string, exit *exec.ExitError) string {
	lines := strings.Split(strings.TrimSpace(messages), "\n")
	if last := lines[len(lines)-1]; strings.HasPrefix(last, "elman: ") {
		return last
	}
	for _, line := range lines {
		if strings.HasPrefix(line, "fatal error: ") || strings.HasPrefix(line, "panic: ") {
			return "elman: " + line
		}
	}
	if exit.ExitCode() < 0 {
		return fmt.Sprintf("elman was ended from outside (%v), as systems do where memory is short; what it has trained is kept: start again, if so with fewer workers", exit)
	}
	return "elman: " + exit.String()
}

// Version returns what elman version prints.
func (e *Elman) Version(ctx context.Context) (string, error) {
	out, err := e.run(ctx, "version")
	return strings.TrimSpace(string(out)), err
}

// selfTests are trainings that leave most settings to their defaults, so that a version with other defaults differs too.
var selfTests = [][]string{
	{"--hidden=20", "--steps-total=25"},
	{"--cell=gru", "--hidden=17", "--layers=2", "--dropout=0.2", "--steps-total=25"},
	{"--cell=mingru", "--hidden=16", "--block", "--optimizer=adam", "--steps-total=25"},
	{"--cell=elman", "--hidden=24", "--epochs=1"},
}

// SelfTest returns a hash of what short trainings of several kinds learn. Two programs with the same hash compute the same
// bits, and have the same defaults.
func (e *Elman) SelfTest(ctx context.Context) (string, error) {
	folder, err := os.MkdirTemp("", "elman-selftest-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(folder)
	text, err := e.run(ctx, "corpus", "play", "--size", "6000")
	if err != nil {
		return "", fmt.Errorf("self-test: %w", err)
	}
	file := filepath.Join(folder, "play.txt")
	if err := os.WriteFile(file, text, 0o666); err != nil {
		return "", err
	}
	all := sha256.New()
	for i, flags := range selfTests {
		out := filepath.Join(folder, fmt.Sprint(i))
		args := append([]string{"train", file, "--quiet", "--threads=1", "--out=" + out}, flags...)
		if _, err := e.run(ctx, args...); err != nil {
			return "", fmt.Errorf("self-test: %w", err)
		}
		m, err := model.Load(out)
		if err != nil {
			return "", fmt.Errorf("self-test: %w", err)
		}
		fmt.Fprintln(all, m.Hash())
	}
	return hex.EncodeToString(all.Sum(nil))[:16], nil
}

// Check returns the error that elman has with the settings of a task. The training is asked for in a folder that is taken:
// elman says so only when it has read the texts and completed the settings. (--plan would measure the speed too, for a second.)
func (e *Elman) Check(ctx context.Context, t *study.Task) error {
	folder, err := os.MkdirTemp("", "elman-check-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	if err := os.WriteFile(filepath.Join(folder, run.InfoName), nil, 0o666); err != nil {
		return err
	}
	args := t.Arguments(func(f study.File) string { return f.Path })
	_, err = e.run(ctx, append(args, "--quiet", "--out="+folder)...)
	if failed := (*failure)(nil); errors.As(err, &failed) && strings.Contains(failed.line, "holds a run already") {
		return nil
	}
	return err
}
