package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/seed-f4dd853e/elman/train"
)

// A job is what a worker is told when it starts, as JSON in its one argument.
type job struct {
	Text     string         `json:"text"`   // a file
	Folder   string         `json:"folder"` // for what the worker writes
	Settings train.Settings `json:"settings"`
	Threads  int            `json:"threads"`
	Kernels  string         `json:"kernels"` // Elman's kernel set
	Check    int            `json:"check"`   // characters to train on before the rounds
	Valid    validation     `json:"valid"`
}

// A validation says which part of the text is held out, and how its loss is measured.
type validation struct {
	Share   float64 `json:"share"` // of the text's tail; 0 means nothing
	Streams int     `json:"streams,omitempty"`
	Chars   int     `json:"chars,omitempty"` // at most
}

// A hello is a worker's first line.
type hello struct {
	About   string  `json:"about"`
	Loss    float64 `json:"loss"` // mean over the first characters of the text, in nats
	Missing bool    `json:"missing,omitempty"`
}

// An answer is a worker's line for one round.
type answer struct {
	Chars     float64 `json:"chars"`                 // trained on
	Seconds   float64 `json:"seconds"`               // that took
	CPU       float64 `json:"cpu_seconds,omitempty"` // processor time that took, of all threads, where the system tells
	Peak      float64 `json:"peak,omitempty"`        // multiply-adds that one core could do meanwhile, as operations per second
	ValidLoss float64 `json:"valid_loss,omitempty"`  // afterwards
}

// A worker is a process that trains for a while whenever it is asked to.
type worker struct {
	cmd    *exec.Cmd
	in     io.WriteCloser
	out    *bufio.Reader
	stderr bytes.Buffer
}

// start starts a side's process on the last cores of this machine, and returns it with its first line.
func (b *suite) start(ctx context.Context, c benchCase, s side) (*worker, hello, error) {
	arg, err := json.Marshal(job{b.text, b.folder, c.settings, s.cores, b.kernels, c.check, b.valid})
	if err != nil {
		return nil, hello{}, err
	}
	script := s.name + ".py"
	if s.name == "elman" {
		script = ""
	}
	return b.launch(ctx, script, "-worker", string(arg), s)
}

// launch starts a script with an argument, or this program with a flag before it if there is none.
func (b *suite) launch(ctx context.Context, script, flag, arg string, s side) (*worker, hello, error) {
	if script == "" {
		self, err := os.Executable()
		if err != nil {
			return nil, hello{}, err
		}
		return launch(exec.CommandContext(ctx, self, flag, arg), s.cores)
	}
	if _, err := exec.LookPath(b.python); err != nil {
		return nil, hello{Missing: true}, nil
	}
	cmd := exec.CommandContext(ctx, b.python, "-B", filepath.Join(b.folder, script), arg)
	cmd.Env = peerEnvironment(os.Environ(), b.kernels, s.blas, s.cores)
	return launch(cmd, s.cores)
}

// launch starts a worker on the last cores of this machine, and returns it with its first line.
func launch(cmd *exec.Cmd, cores int) (w *worker, h hello, err error) {
	w = &worker{cmd: cmd}
	if w.in, err = w.cmd.StdinPipe(); err != nil {
		return nil, h, err
	}
	out, err := w.cmd.StdoutPipe()
	if err != nil {
		return nil, h, err
	}
	w.out, w.cmd.Stderr = bufio.NewReader(out), &w.stderr
	if err := startOn(w.cmd, cores); err != nil {
		return nil, h, err
	}
	err = w.read(&h)
	return w, h, err
}

// round lets the worker train for a while.
func (w *worker) round(length time.Duration) (a answer, err error) {
	err = w.ask(fmt.Sprint(length.Seconds()), &a)
	return a, err
}

// ask gives the worker a line and reads its answer.
func (w *worker) ask(line string, answer any) error {
	fmt.Fprintln(w.in, line) // if the worker has ended, what it says at its end tells more than this error
	return w.read(answer)
}

// read reads a line from the worker; if there is none, it tells the last of what the worker complained about.
func (w *worker) read(to any) error {
	line, err := w.out.ReadBytes('\n')
	if err == nil {
		return json.Unmarshal(line, to)
	}
	err = w.cmd.Wait()
	if err == nil {
		err = errors.New("the worker ended")
	}
	if complaint := strings.TrimSpace(w.stderr.String()); complaint != "" {
		err = fmt.Errorf("%w: %s", err, complaint[strings.LastIndexByte(complaint, '\n')+1:])
	}
	return err
}

// close ends the worker, if there is one.
func (w *worker) close() {
	if w != nil {
		w.in.Close()
		w.cmd.Wait()
	}
}
