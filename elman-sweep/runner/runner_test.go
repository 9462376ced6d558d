package runner

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/seed-f4dd853e/elman/elman-sweep/study"
	"github.com/seed-f4dd853e/elman/internal/memory"
	"github.com/seed-f4dd853e/elman/train/run"
)

// fake is an environment variable that makes this program an elman that does what it says.
const fake = "ELMAN_SWEEP_FAKE"

func TestMain(m *testing.M) {
	what, is := os.LookupEnv(fake)
	if !is {
		os.Exit(m.Run())
	}
	verb, rest, _ := strings.Cut(what, " ")
	switch verb {
	case "kill": // as the system does when memory is short
		p, _ := os.FindProcess(os.Getpid())
		p.Kill()
		time.Sleep(time.Minute)
	case "change": // another program changes the file meanwhile
		os.WriteFile(rest, []byte("other"), 0o666)
		os.Exit(0)
	case "say":
		code, text, _ := strings.Cut(rest, " ")
		fmt.Fprintln(os.Stderr, text)
		n, _ := strconv.Atoi(code)
		os.Exit(n)
	}
}

// begun returns a task, what does it with this program as elman, and a folder in which the run has begun.
func begun(t *testing.T, what string) (*study.Task, *Runner, string) {
	dir := t.TempDir()
	text := filepath.Join(dir, "play.txt")
	toml := filepath.Join(dir, "study.toml")
	for path, s := range map[string]string{text: "to be", toml: "[texts]\nplay = 'play.txt'\n"} {
		if err := os.WriteFile(path, []byte(s), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	s, err := study.Read(toml)
	if err != nil {
		t.Fatal(err)
	}
	elman, err := FindElman(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(dir, "run")
	if err := os.Mkdir(folder, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, run.InfoName), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	t.Setenv(fake, strings.ReplaceAll(what, "TEXT", text))
	return &s.Runs[0].Task, &Runner{Elman: elman, Threads: 1, Where: func(f study.File) string { return f.Path }}, folder
}

// TestMachineErrors makes sure that a machine's troubles do not become a run's result, and cost nothing that was trained.
func TestMachineErrors(t *testing.T) {
	for _, tt := range []struct {
		name, elman string
		change      func(r *Runner, folder string)
		want        string
	}{
		{name: "killed", elman: "kill", want: "elman was ended from outside (signal: killed)"},
		{name: "asked to end", elman: "say 130 elman: interrupted", want: "interrupted"},
		{name: "no elman", elman: "say 0", change: func(r *Runner, _ string) { r.Elman.Path += " none"; r.Elman.found = nil }, want: "elman cannot be started"},
		{name: "elman has gone", elman: "say 0", change: func(r *Runner, _ string) { r.Elman.Path += " none" }, want: "elman has gone"},
		{name: "a full disk", elman: "say 1 elman: write state.safetensors: no space left on device", want: "no space left"},
		{name: "little memory", elman: "say 1 elman: " + (&memory.Shortage{What: "this training", Need: 9 << 30, Limit: "ulimit -v"}).Error(), want: "this training takes"},
		{name: "no memory at all", elman: "say 2 fatal error: runtime: out of memory\n\ngoroutine 1", want: "elman: fatal error: runtime: out of memory"},
		{name: "a text that changes", elman: "change TEXT", want: "play.txt has changed"},
		{name: "a text that goes", elman: "say 0", change: func(r *Runner, folder string) { os.Remove(filepath.Join(folder, "..", "play.txt")) }, want: "play.txt is no longer there"},
		{name: "another elman", elman: "say 0", change: func(r *Runner, folder string) {
			r.Elman.Path = filepath.Join(folder, "elman")
			os.WriteFile(r.Elman.Path, nil, 0o777)
		}, want: "was replaced while the study runs; start again"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.elman == "kill" && runtime.GOOS == "windows" {
				t.Skip("no signals")
			}
			task, r, folder := begun(t, tt.elman)
			r.Fault = func(_, message string) { t.Errorf("a fault is told: %s", message) }
			if tt.change != nil {
				tt.change(r, folder)
			}
			result, err := r.Run(context.Background(), task, folder)
			if result != nil || !errors.As(err, new(MachineError)) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got result %v and error %v, want a MachineError with %q", result, err, tt.want)
			}
			if !holds(folder, run.InfoName) || holds(folder, trainedName) {
				t.Error("the folder is gone, or counts as trained")
			}
		})
	}
}

// TestRunErrors makes sure that an error of elman about the run stays its result.
func TestRunErrors(t *testing.T) {
	task, r, folder := begun(t, "say 2 elman: --lr is 0, must be above 0")
	if err := os.RemoveAll(folder); err != nil {
		t.Fatal(err)
	}
	result, err := r.Run(context.Background(), task, folder)
	if err != nil || result.Error != "elman: --lr is 0, must be above 0" {
		t.Errorf("got result %v and error %v, want elman's error in the result", result, err)
	}
}

// TestResumeArguments makes sure that a run that goes on leaves out what elman refuses then.
func TestResumeArguments(t *testing.T) {
	r := &Runner{Threads: 2, Where: func(f study.File) string { return f.Name }}
	task := &study.Task{Texts: []study.File{{Name: "a"}}, Flags: []study.Flag{{Name: "config", File: &study.File{Name: "b"}}, {Name: "lr", Value: "1"}, {Name: "recipe", Value: "c"}}}
	if got := r.arguments(task, "f", false); !slices.Equal(got, []string{"train", "a", "--config=b", "--lr=1", "--recipe=c", "--quiet", "--threads=2", "--out=f"}) {
		t.Errorf("a run begins with %q", got)
	}
	if got := r.arguments(task, "f", true); !slices.Equal(got, []string{"train", "a", "--lr=1", "--quiet", "--threads=2", "--out=f", "--resume"}) || len(task.Flags) != 3 {
		t.Errorf("a run goes on with %q", got)
	}
}

// TestWordsName keeps the results of two files apart that differ in their endings alone.
func TestWordsName(t *testing.T) {
	if a, b := wordsName(study.File{Name: "x.txt"}), wordsName(study.File{Name: "x.md"}); a == b {
		t.Errorf("both are %s", a)
	}
}
