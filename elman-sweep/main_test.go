package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/seed-f4dd853e/elman/elman-sweep/runner"
	"github.com/seed-f4dd853e/elman/elman-sweep/study"
	"github.com/seed-f4dd853e/elman/model"
)

// bin holds elman and elman-sweep.
var bin string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		var err error
		if bin, err = os.MkdirTemp("", "elman-sweep-test-"); err != nil {
			panic(err)
		}
		defer os.RemoveAll(bin)
		for dir, pkg := range map[string]string{"..": "./cmd/elman", ".": "."} {
			c := exec.Command("go", "build", "-o", bin+string(filepath.Separator), pkg)
			c.Dir, c.Stderr = dir, os.Stderr
			if err := c.Run(); err != nil {
				fmt.Fprintln(os.Stderr, err)
				return 1
			}
		}
		return m.Run()
	}())
}

// program runs a program of bin in a folder and returns what it prints, its errors included.
func program(t testing.TB, dir string, args ...string) (string, error) {
	t.Helper()
	c := exec.Command(filepath.Join(bin, args[0]), args[1:]...)
	c.Dir = dir
	out, err := c.CombinedOutput()
	return string(out), err
}

// must is program for commands that succeed.
func must(t testing.TB, dir string, args ...string) string {
	t.Helper()
	out, err := program(t, dir, args...)
	if err != nil {
		t.Fatalf("%s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return out
}

// small is a study of 4 conditions with 2 seeds whose runs take a moment.
const small = `name = "Cells"
seeds = 2
[texts]
play = "play.txt"
[settings]
batch = 4
window = 8
steps-total = 30
[axes]
cell = ["gru", "elman"]
hidden = [6, 9]
`

// few is a study of two runs.
var few = strings.NewReplacer("seeds = 2", "seeds = 1", "hidden = [6, 9]", "hidden = [6]").Replace(small)

// newStudy writes a study and its text into a folder.
func newStudy(t testing.TB, text string) (dir string) {
	dir = t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	write("play.txt", must(t, dir, "elman", "corpus", "play", "--size", "4000"))
	write("study.toml", text)
	return dir
}

// plain trains every run of a study with elman alone and returns the hashes by ID.
func plain(t testing.TB, dir string) map[string]string {
	t.Helper()
	s, err := study.Read(filepath.Join(dir, "study.toml"))
	if err != nil {
		t.Fatal(err)
	}
	hashes := map[string]string{}
	for _, r := range s.Runs {
		out := filepath.Join(dir, "plain", r.ID)
		args := append([]string{"elman"}, r.Arguments(func(f study.File) string { return f.Path })...)
		must(t, dir, append(args, "--quiet", "--out="+out)...)
		m, err := model.Load(out)
		if err != nil {
			t.Fatal(err)
		}
		hashes[r.ID] = m.Hash()
	}
	return hashes
}

// compare makes sure that a study's folder has each run, with the weights of a plain training.
func compare(t testing.TB, dir string, want map[string]string) {
	t.Helper()
	for id, hash := range want {
		folder := filepath.Join(dir, "study", "runs", id)
		r, err := runner.ReadResult(folder)
		if err != nil || r == nil {
			t.Errorf("run %s: no result (%v)", id, err)
			continue
		}
		m, err := model.Load(folder)
		if err != nil {
			t.Error(err)
			continue
		}
		if r.Hash != hash || m.Hash() != hash {
			t.Errorf("run %s: hash %.16s in the result, %.16s of the model, %.16s of a plain training; error %q", id, r.Hash, m.Hash(), hash, r.Error)
		}
	}
	entries, err := os.ReadDir(filepath.Join(dir, "study", "runs"))
	if err != nil || len(entries) != len(want) {
		t.Errorf("%d runs in the folder, want %d (%v)", len(entries), len(want), err)
	}
}

// TestOne does a study as a job array would, with tasks that are killed in the middle of a training.
func TestOne(t *testing.T) {
	dir := newStudy(t, small+"[measure]\nverdict = true\nscore = 'play.txt'\nwords = 'play.txt'\n")
	want := plain(t, dir)
	for task := range 3 {
		if task == 1 { // a first attempt, which is ended
			c := exec.Command(filepath.Join(bin, "elman-sweep"), "one", "study.toml", "--index-env", "TASK", "--tasks", "3")
			c.Dir, c.Env = dir, append(os.Environ(), "TASK=1")
			if err := c.Start(); err != nil {
				t.Fatal(err)
			}
			for len(runFolders(dir)) < 4 { // of the first task three
				time.Sleep(time.Millisecond)
			}
			c.Process.Kill()
			c.Wait()
		}
		must(t, dir, "elman-sweep", "one", "study.toml", "--index", fmt.Sprint(task), "--tasks", "3")
	}
	compare(t, dir, want)
	r, err := runner.ReadResult(runFolders(dir)[0])
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"valid_loss", "loss", "verdict_loss", "ahead_of_ngram", "bits_per_char play.txt", "bits_per_word play.txt"} {
		if x, ok := r.Get(name); !ok || x == 0 {
			t.Errorf("value %q is missing among %v", name, r.Values)
		}
	}
}

// TestExperiments measures the targets of an experiment, with the seed of the run.
func TestExperiments(t *testing.T) {
	dir := newStudy(t, strings.Replace(few, "seeds = 1", "seeds = [7]", 1)+"[measure]\nexperiments = 'elman1990-letters'\n")
	must(t, dir, "elman-sweep", "one", "study.toml", "--index", "0")
	folder := runFolders(dir)[0]
	r, err := runner.ReadResult(folder)
	if err != nil {
		t.Fatal(err)
	}
	targets := 0
	for _, v := range r.Values {
		if strings.HasPrefix(v.Name, "elman1990-letters, ") {
			if targets++; v.Value < 0 || v.Value > 1 {
				t.Errorf("%s: %v of the seeds meet the target", v.Name, v.Value)
			}
		}
	}
	text, err := os.ReadFile(filepath.Join(folder, "experiment-elman1990-letters.json"))
	if want := must(t, dir, "elman", "experiment", "run", "elman1990-letters", "--seed", "7", "--seeds", "1", "--json"); err != nil || string(text) != want || targets == 0 {
		t.Errorf("%d targets; the experiment says (%v)\n%s, want\n%s", targets, err, text, want)
	}
}

// runFolders returns the folders of a study's runs.
func runFolders(dir string) []string {
	folders, _ := filepath.Glob(filepath.Join(dir, "study", "runs", "*"))
	return folders
}

// TestFlags makes sure that studies know each flag of elman train.
func TestFlags(t *testing.T) {
	help := must(t, t.TempDir(), "elman", "train", "--help")
	found := regexp.MustCompile(`(?m)^ +--([a-z0-9-]+)`).FindAllStringSubmatch(help, -1)
	if len(found) < 60 {
		t.Fatalf("%d flags in the help of train", len(found))
	}
	for _, f := range found {
		if !study.Knows(f[1]) {
			t.Errorf("elman train has --%s, which studies neither take nor refuse", f[1])
		}
	}
}

// TestAnotherElman makes sure that a program with another self-test is refused.
func TestAnotherElman(t *testing.T) {
	dir := newStudy(t, small)
	must(t, dir, "elman-sweep", "one", "study.toml", "--index", "0")
	if err := os.WriteFile(filepath.Join(dir, "study", "selftest"), []byte("0123456789abcdef\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	out, err := program(t, dir, "elman-sweep", "one", "study.toml", "--index", "1")
	if err == nil || !strings.Contains(out, "computes other bits (self-test") {
		t.Errorf("got %v and %s, want an error that names the self-test", err, out)
	}
}

// TestPlan makes sure that a setting which elman refuses is found before any training.
func TestPlan(t *testing.T) {
	dir := newStudy(t, small+"[[conditions]]\nforget_bias = 1\n")
	out, err := program(t, dir, "elman-sweep", "plan", "study.toml")
	if want := "study.toml: condition forget-bias=1 cell=gru hidden="; err == nil || !strings.Contains(out, want) || !strings.Contains(out, "--forget-bias is 1, must be 0 for the gru cell") {
		t.Errorf("got %v and %s, want %s", err, out, want)
	}
}

// TestBeginsAgain makes sure that a checkpoint that is damaged costs its run time and nothing else; and that one which is not is
// gone on with, also where elman refuses flags that the run has begun with.
func TestBeginsAgain(t *testing.T) {
	dir := newStudy(t, strings.Replace(few, "[settings]", "[settings]\nrecipe = 'small'", 1))
	s, err := study.Read(filepath.Join(dir, "study.toml"))
	if err != nil {
		t.Fatal(err)
	}
	task := s.Runs[0].Task
	var faults []string
	r := &runner.Runner{Elman: &runner.Elman{Path: filepath.Join(bin, "elman")}, Threads: 1, Where: func(f study.File) string { return f.Path },
		Fault: func(id, message string) { faults = append(faults, message) }}
	folder := filepath.Join(dir, "study", "runs", task.ID)
	first, err := r.Run(context.Background(), &task, folder)
	if err != nil || first.Error != "" {
		t.Fatal(err, first.Error)
	}
	os.Remove(filepath.Join(folder, "trained"))
	if resumed, err := r.Run(context.Background(), &task, folder); err != nil || resumed.Hash != first.Hash || len(faults) > 0 {
		t.Errorf("a run that goes on: %v, %v, faults %q", resumed, err, faults)
	}
	state := filepath.Join(folder, "state.safetensors")
	b, err := os.ReadFile(state)
	if err != nil {
		t.Fatal(err)
	}
	b[len(b)/2] ^= 1
	if err := os.WriteFile(state, b, 0o666); err != nil {
		t.Fatal(err)
	}
	os.Remove(filepath.Join(folder, "trained"))
	second, err := r.Run(context.Background(), &task, folder)
	if err != nil || second.Hash != first.Hash {
		t.Errorf("got %v and hash %v, want %v", err, second, first.Hash)
	}
	if len(faults) != 1 || !strings.Contains(faults[0], "state.safetensors") {
		t.Errorf("faults are %q, want one that names the file", faults)
	}
}
