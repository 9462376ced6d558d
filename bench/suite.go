package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/internal/f32"
	"github.com/seed-f4dd853e/elman/language"
)

// A suite is what all cases of one run share.
type suite struct {
	rounds int
	length time.Duration // of a round

	cores   int    // of a side at most
	kernels string // Elman's kernel set; the peers' are of the same kind

	python  string
	folder  string // of the scripts, and of what workers write
	text    string // a file
	what    string // where the text comes from
	symbols int    // that it has of different kinds
	valid   validation
}

// open lays out the scripts and the text: a file, or if none is named this many bytes of the generated play. The share of its
// tail is held out.
func (b *suite) open(file string, size int, share float64) error {
	if err := b.openScripts(); err != nil {
		return err
	}
	if err := b.layOut(file, size, share); err != nil {
		b.close()
		return err
	}
	return nil
}

// openScripts lays out the scripts alone.
func (b *suite) openScripts() (err error) {
	if b.python, err = interpreter(os.Getenv("PYTHON")); err != nil {
		return err
	}
	if b.folder, err = os.MkdirTemp("", "elman-bench-"); err != nil {
		return err
	}
	if err := os.CopyFS(b.folder, scripts); err != nil {
		b.close()
		return err
	}
	return nil
}

// interpreter returns the Python to run: the one that the environment names, which must exist, or the system's, which need not.
func interpreter(named string) (string, error) {
	if named == "" {
		return "/usr/bin/python3", nil
	}
	if _, err := exec.LookPath(named); err != nil {
		return "", fmt.Errorf("PYTHON is %q, which cannot be run: %w", named, errors.Unwrap(err))
	}
	return named, nil
}

func (b *suite) layOut(file string, size int, share float64) error {
	b.text, b.what = file, file
	if file == "" {
		play, err := language.Find("play")
		if err != nil {
			return err
		}
		b.text, b.what = filepath.Join(b.folder, "play.txt"), fmt.Sprintf("elman corpus play --size %d --seed 1", size)
		if err := os.WriteFile(b.text, play.Generate(1, size), 0o600); err != nil {
			return err
		}
	}
	text, err := corpus.Open(context.Background(), []string{b.text}, nil)
	if err != nil {
		return err
	}
	defer text.Close()
	c, err := corpus.New(text, closed(share))
	if err != nil {
		return err
	}
	b.symbols, b.valid = c.Alphabet.Size(), validationOf(c.Valid().Len(), share)
	return nil
}

// validationOf returns how elman train measures the loss on this many characters held out, for PyTorch to do the same.
func validationOf(length int64, share float64) validation {
	return validation{Share: share, Streams: int(max(1, min(16, length>>14))), Chars: 1 << 18}
}

func (b *suite) close() { os.RemoveAll(b.folder) }

// kernelFlag adds the flag that chooses a kernel set; what it returns says which one it is, after parsing.
func (b *suite) kernelFlag(fl *flag.FlagSet) func() error {
	name := fl.String("kernels", "auto", "kernel set of Elman, as elman --kernels takes it; the peers use instructions of the same kind")
	return func() error {
		if err := f32.Use(*name); err != nil {
			return usageError{err}
		}
		b.kernels = f32.Active()
		return nil
	}
}

// report returns one with everything but the cases.
func (b *suite) report() report {
	return report{
		System: runtime.GOOS + "/" + runtime.GOARCH, Cores: runtime.NumCPU(), Load: load(),
		CPU: processor(), Kernels: b.kernels, Text: b.what, Symbols: b.symbols, Rounds: b.rounds, Length: b.length.Seconds(),
	}
}

// processor returns its name, where the system tells.
func processor() string {
	text, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return ""
	}
	_, after, _ := strings.Cut(string(text), "model name")
	line, _, _ := strings.Cut(after, "\n")
	return strings.TrimSpace(strings.TrimLeft(line, " \t:"))
}

// load returns the load average, where the system tells.
func load() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return ""
	}
	average, _, _ := strings.Cut(string(text), " ")
	return average
}
