package train

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/optim"
	"github.com/seed-f4dd853e/elman/rnn"
)

// TestFolderErrors uses run folders wrongly: one line of error, and nothing in the folder changes.
func TestFolderErrors(t *testing.T) {
	c := chars(t, rhyme(60))
	s := Settings{Network: rnn.Config{Hidden: 8}, Batch: 2, Window: 10, Budget: Budget{Steps: 20}}
	folder := filepath.Join(t.TempDir(), "run")
	mustRun(t, c, s, Options{Folder: folder})
	before := snapshot(t, folder)
	change := func(f func(*Settings)) Settings {
		other := s
		f(&other)
		return other
	}
	for _, tt := range []struct {
		name   string
		s      Settings
		resume bool
		folder string
		c      *corpus.Corpus
		want   string
	}{
		{"again", s, false, folder, c, "holds a run already"},
		{"none to resume", s, true, filepath.Join(folder, "none"), c, "holds no run to resume"},
		{"another seed", change(func(s *Settings) { s.Seed = 2 }), true, folder, c, "has seed 0, not 2"},
		{"another size", change(func(s *Settings) { s.Network.Hidden = 9 }), true, folder, c, "has --hidden 8, not 9"},
		{"another rate", change(func(s *Settings) { s.Optimizer.LearningRate = 0.5 }), true, folder, c, "has --lr 0.02, not 0.5"},
		{"another text", s, true, folder, chars(t, rhyme(61)), "another text"},
		{"no folder", s, false, filepath.Join(folder, runName, "x"), c, "not a directory"},
		{"no settings", change(func(s *Settings) { s.Window = -1 }), false, folder + "2", c, "window is -1"},
		{"short text", change(func(s *Settings) { s.Window = 100000 }), false, folder + "2", c, "fewer than"},
		{"wild rate", change(func(s *Settings) { s.Optimizer.LearningRate = 1e9 }), false, folder + "2", c, "lr is 1e+09"},
	} {
		_, err := Run(t.Context(), tt.c, tt.s, Options{Folder: tt.folder, Resume: tt.resume})
		if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error %v, want %q", tt.name, err, tt.want)
		}
	}
	if after := snapshot(t, folder); after != before {
		t.Errorf("the folder was\n%sand is\n%s", before, after)
	}
	if _, err := os.Stat(folder + "2"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("settings out of range leave a folder: %v", err)
	}
}

// snapshot lists the files of a folder with their contents.
func snapshot(t *testing.T, folder string) string {
	t.Helper()
	var b strings.Builder
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		text, err := os.ReadFile(filepath.Join(folder, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "%s %q\n", e.Name(), text)
	}
	return b.String()
}

// TestLockRemoved takes the lock file from under a folder, as another run does when it gives up: the lock is worth nothing.
func TestLockRemoved(t *testing.T) {
	f, err := openFolder(filepath.Join(t.TempDir(), "run"), false)
	if err != nil {
		t.Fatal(err)
	}
	defer f.close()
	if !f.lockStands() {
		t.Error("a lock just taken does not stand")
	}
	os.Remove(f.path(lockName))
	if f.lockStands() {
		t.Error("a lock stands on a file that is gone")
	}
	os.WriteFile(f.path(lockName), nil, 0o666)
	if f.lockStands() {
		t.Error("a lock stands on a file that another has made")
	}
}

// TestFirstWriteFails ends a run before it has saved anything, in a folder that was there and in one that was not.
func TestFirstWriteFails(t *testing.T) {
	c := chars(t, rhyme(60))
	s := Settings{Network: rnn.Config{Hidden: 8}, Batch: 2, Window: 10, Budget: Budget{Steps: 20}}
	dir := t.TempDir()
	for _, folder := range []string{dir, filepath.Join(dir, "a", "b")} {
		failure := errors.New("no sample today")
		_, err := Run(t.Context(), c, s, Options{Folder: folder, Sample: func(*model.Model) (string, error) { return "", failure }})
		if !errors.Is(err, failure) {
			t.Fatalf("error %v, want %v", err, failure)
		}
		if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
			t.Errorf("a run in %s that saved nothing leaves %v, %v", folder, left, err)
		}
	}
}

func TestFolderInUse(t *testing.T) {
	c := chars(t, rhyme(60))
	s := Settings{Network: rnn.Config{Hidden: 8}, Batch: 2, Window: 10, Budget: Budget{Steps: 20}, ReportEvery: 10}
	folder := filepath.Join(t.TempDir(), "run")
	tried := false
	mustRun(t, c, s, Options{Folder: folder, Report: func(Report) {
		tried = true
		_, err := Run(t.Context(), c, s, Options{Folder: folder, Resume: true})
		if err == nil || !strings.Contains(err.Error(), "in use") {
			t.Errorf("a second training in the folder: error %v", err)
		}
	}})
	if !tried {
		t.Error("no report")
	}
}

// TestWriteFails lets the writing of each file fail in the middle of a run. The run ends with an error that names the file,
// and goes on to the same end once writing works again.
func TestWriteFails(t *testing.T) {
	c := chars(t, rhyme(150))
	s := Settings{Network: rnn.Config{Hidden: 8}, Batch: 2, Window: 10, Budget: Budget{Steps: 50}, ReportEvery: 10}
	whole := filepath.Join(t.TempDir(), "whole")
	mustRun(t, c, s, Options{Folder: whole, Sample: hashSample})
	for _, file := range []string{model.FileName, stateName, metricsName, samplesName} {
		folder := filepath.Join(t.TempDir(), "run")
		path, aside := filepath.Join(folder, file), filepath.Join(folder, "aside")
		_, err := Run(t.Context(), c, s, Options{Folder: folder, Sample: hashSample, Report: func(r Report) {
			if r.Step == 20 { // a folder that is not empty, where the file should be
				os.Rename(path, aside)
				os.MkdirAll(filepath.Join(path, "x"), 0o777)
			}
		}})
		if err == nil || !strings.Contains(err.Error(), file) {
			t.Errorf("%s cannot be written: error %v", file, err)
		}
		os.RemoveAll(path)
		if err := os.Rename(aside, path); err != nil {
			t.Fatal(err)
		}
		mustRun(t, c, s, Options{Folder: folder, Resume: true, Sample: hashSample})
		sameFolders(t, file, whole, folder)
	}
}

// TestDamagedState resumes from files that are not what was written.
func TestDamagedState(t *testing.T) {
	c := chars(t, rhyme(60))
	s := Settings{Network: rnn.Config{Hidden: 8}, Batch: 2, Window: 10, Budget: Budget{Steps: 20}}
	folder := filepath.Join(t.TempDir(), "run")
	mustRun(t, c, s, Options{Folder: folder})
	path := filepath.Join(folder, stateName)
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for name, bad := range map[string]string{
		"cut":         string(good[:len(good)-1]),
		"empty":       "",
		"far along":   strings.Replace(string(good), `\"position\":`, `\"position\":9`, 1),
		"no metadata": strings.Replace(string(good), `"elman"`, `"Elman"`, 1),
	} {
		if err := os.WriteFile(path, []byte(bad), 0o666); err != nil {
			t.Fatal(err)
		}
		_, err := Run(t.Context(), c, s, Options{Folder: folder, Resume: true})
		if err == nil || !strings.Contains(err.Error(), stateName) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

// TestDiverges stops at the first loss that is not finite if it must not retry, and says where to go on from.
func TestDiverges(t *testing.T) {
	c := chars(t, rhyme(60))
	s := Settings{Network: rnn.Config{Activation: "relu", Hidden: 8}, Batch: 2, Window: 10, ReportEvery: 1, Budget: Budget{Steps: 2000},
		Optimizer: optim.Settings{Optimizer: "sgd", LearningRate: 3}, Retries: -1}
	folder := filepath.Join(t.TempDir(), "run")
	_, err := Run(t.Context(), c, s, Options{Folder: folder})
	if err == nil || !strings.Contains(err.Error(), "is not finite, while reading test, bytes ") || !strings.Contains(err.Error(), stateName) {
		t.Fatalf("error %v", err)
	}
	m, err := model.Load(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range m.Network.Params() {
		for _, x := range p.Value {
			if x-x != 0 {
				t.Fatalf("%s of the saved model holds %v", p.Name, x)
			}
		}
	}
}
