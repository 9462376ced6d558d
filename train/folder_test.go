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
	"github.com/seed-f4dd853e/elman/train/run"
)

// TestFolderErrors uses run folders wrongly: one line of error, and nothing in the folder changes.
func TestFolderErrors(t *testing.T) {
	c := chars(t, rhyme(60))
	s := Settings{Network: rnn.Config{Hidden: 8}, Batch: 2, Window: 10, Budget: Budget{Steps: 20}}
	folder := filepath.Join(t.TempDir(), "run")
	mustRun(t, c, s, Options{Folder: folder})
	before := contents(t, folder)
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
		{"another size", change(func(s *Settings) { s.Network.Hidden = 9 }), true, folder, c, "has hidden 8, not 9"},
		{"another rate", change(func(s *Settings) { s.Optimizer.LearningRate = 0.5 }), true, folder, c, "has lr 0.02, not 0.5"},
		{"another text", s, true, folder, chars(t, rhyme(61)), "another text"},
		{"no folder", s, false, filepath.Join(folder, run.InfoName, "x"), c, "not a directory"},
		{"no settings", change(func(s *Settings) { s.Window = -1 }), false, folder + "2", c, "window is 0"},
		{"short text", change(func(s *Settings) { s.Window = 100000 }), false, folder + "2", c, "fewer than"},
		{"wild rate", change(func(s *Settings) { s.Optimizer.LearningRate = 1e9 }), false, folder + "2", c, "lr is 1e+09"},
	} {
		_, err := runPartial(t.Context(), tt.c, tt.s, Options{Folder: tt.folder, Resume: tt.resume})
		if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error %v, want %q", tt.name, err, tt.want)
		}
	}
	if after := contents(t, folder); after != before {
		t.Errorf("the folder was\n%sand is\n%s", before, after)
	}
	if _, err := os.Stat(folder + "2"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("settings out of range leave a folder: %v", err)
	}
}

// contents lists the files of a folder with their contents.
func contents(t *testing.T, folder string) string {
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

// TestFirstWriteFails ends a run before it has saved anything, in a folder that was there and in one that was not.
func TestFirstWriteFails(t *testing.T) {
	c := chars(t, rhyme(60))
	s := Settings{Network: rnn.Config{Hidden: 8}, Batch: 2, Window: 10, Budget: Budget{Steps: 20}}
	dir := t.TempDir()
	for _, folder := range []string{dir, filepath.Join(dir, "a", "b")} {
		failure := errors.New("no sample today")
		_, err := runPartial(t.Context(), c, s, Options{Folder: folder, Sample: func(*model.Model) (string, error) { return "", failure }})
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
		_, err := runPartial(t.Context(), c, s, Options{Folder: folder, Resume: true})
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
	for _, file := range []string{model.FileName, run.StateName, run.MetricsName, run.SamplesName} {
		folder := filepath.Join(t.TempDir(), "run")
		path, aside := filepath.Join(folder, file), filepath.Join(folder, "aside")
		_, err := runPartial(t.Context(), c, s, Options{Folder: folder, Sample: hashSample, Report: func(r Report) {
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
	path := filepath.Join(folder, run.StateName)
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
		_, err := runPartial(t.Context(), c, s, Options{Folder: folder, Resume: true})
		if err == nil || !strings.Contains(err.Error(), run.StateName) || strings.Contains(err.Error(), "\n") {
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
	_, err := runPartial(t.Context(), c, s, Options{Folder: folder})
	if err == nil || !strings.Contains(err.Error(), "is not finite, while reading test, bytes ") || !strings.Contains(err.Error(), run.StateName) {
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

// TestFilesTakenAway resumes a run from whose folder somebody has taken the state or the best model: one line that names the
// file, and nothing else is lost.
func TestFilesTakenAway(t *testing.T) {
	t.Parallel()
	c := chars(t, rhyme(60))
	for _, tt := range []struct {
		file  string
		steps int64 // of the resumed run
		want  string
	}{
		{run.StateName, 20, "state.safetensors is missing"},
		{run.StateName, 40, "state.safetensors is missing"},
		{run.ModelName, 20, "model.safetensors is missing; the run's best model is of step 20"}, // at its end already
		{run.ModelName, 40, "model.safetensors is missing; the run's best model is of step 20"},
		{run.MetricsName, 40, "metrics.jsonl is missing"},
		{run.SamplesName, 40, "samples.txt is missing"},
	} {
		s := Settings{Network: rnn.Config{Hidden: 8}, Batch: 2, Window: 10, ReportEvery: 10, Budget: Budget{Steps: 20}}
		folder := filepath.Join(t.TempDir(), "run")
		mustRun(t, c, s, Options{Folder: folder, Sample: hashSample})
		if err := os.Remove(filepath.Join(folder, tt.file)); err != nil {
			t.Fatal(err)
		}
		before := contents(t, folder)
		s.Budget.Steps = tt.steps
		_, err := runPartial(t.Context(), c, s, Options{Folder: folder, Resume: true, Sample: hashSample})
		if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("without %s, to step %d: error %v, want %s", tt.file, tt.steps, err, tt.want)
		}
		if after := contents(t, folder); after != before {
			t.Errorf("without %s: the folder is changed", tt.file)
		}
	}
}

// TestStateOfAnotherRun resumes a run whose files, but for run.json, were replaced by those of a run that differs in the seed
// alone.
func TestStateOfAnotherRun(t *testing.T) {
	t.Parallel()
	c := chars(t, rhyme(60))
	s := Settings{Network: rnn.Config{Hidden: 8}, Batch: 2, Window: 10, ReportEvery: 10, Budget: Budget{Steps: 20}}
	one, other := filepath.Join(t.TempDir(), "one"), filepath.Join(t.TempDir(), "other")
	mustRun(t, c, s, Options{Folder: one, Sample: hashSample})
	s.Seed++
	mustRun(t, c, s, Options{Folder: other, Sample: hashSample})
	info, err := os.ReadFile(filepath.Join(other, run.InfoName))
	if err == nil {
		err = os.RemoveAll(other)
	}
	if err == nil {
		err = os.CopyFS(other, os.DirFS(one))
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(other, run.InfoName), info, 0o666)
	}
	if err != nil {
		t.Fatal(err)
	}
	before := contents(t, other)
	s.Budget.Steps = 40
	_, err = runPartial(t.Context(), c, s, Options{Folder: other, Resume: true, Sample: hashSample})
	if err == nil || !strings.Contains(err.Error(), "state.safetensors: the state is that of another run") || strings.Contains(err.Error(), "\n") {
		t.Errorf("error %v", err)
	}
	if contents(t, other) != before {
		t.Error("the folder is changed")
	}
}

// TestDamagedBestModel resumes a run whose best model is not as it was written: the path of such a file is no result.
func TestDamagedBestModel(t *testing.T) {
	t.Parallel()
	c := chars(t, rhyme(60))
	s := Settings{Network: rnn.Config{Hidden: 8}, Batch: 2, Window: 10, ReportEvery: 10, Budget: Budget{Steps: 20}}
	whole := filepath.Join(t.TempDir(), "whole")
	mustRun(t, c, s, Options{Folder: whole, Sample: hashSample})
	for name, damage := range map[string]func([]byte) []byte{
		"empty":         func([]byte) []byte { return nil },
		"cut in half":   func(b []byte) []byte { return b[:len(b)/2] },
		"a bit flipped": func(b []byte) []byte { b[len(b)-100] ^= 1; return b },
	} {
		folder := filepath.Join(t.TempDir(), "run")
		if err := os.CopyFS(folder, os.DirFS(whole)); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(folder, run.ModelName)
		b, err := os.ReadFile(path)
		if err == nil {
			err = os.WriteFile(path, damage(b), 0o666)
		}
		if err != nil {
			t.Fatal(err)
		}
		before := contents(t, folder)
		_, err = runPartial(t.Context(), c, s, Options{Folder: folder, Resume: true, Sample: hashSample})
		if err == nil || !strings.Contains(err.Error(), "model.safetensors is damaged (") || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error %v", name, err)
		}
		if contents(t, folder) != before {
			t.Errorf("%s: the folder is changed", name)
		}
	}
}

// TestModelOfAnotherRun resumes a run whose model was replaced by a whole one of another run, or an earlier one of its own.
func TestModelOfAnotherRun(t *testing.T) {
	t.Parallel()
	c := chars(t, rhyme(60))
	s := Settings{Network: rnn.Config{Hidden: 8}, Batch: 2, Window: 10, ReportEvery: 10, Budget: Budget{Steps: 20}}
	whole := filepath.Join(t.TempDir(), "whole")
	mustRun(t, c, s, Options{Folder: whole})
	for want, other := range map[string]func(*Settings) *corpus.Corpus{
		"":                                       func(s *Settings) *corpus.Corpus { s.Budget.Steps = 30; return c }, // as after a kill
		"is of another run, with another text (": func(*Settings) *corpus.Corpus { return chars(t, "!"+rhyme(60)) },
		"is of another run, with seed 9":         func(s *Settings) *corpus.Corpus { s.Seed = 9; return c },
		"is of another run, with another network": func(s *Settings) *corpus.Corpus { s.Network.Hidden = 9; return c },
		"is an earlier model, of step 10":         func(s *Settings) *corpus.Corpus { s.Budget.Steps = 10; return c },
	} {
		folder, from, s2 := filepath.Join(t.TempDir(), "run"), filepath.Join(t.TempDir(), "other"), s
		mustRun(t, other(&s2), s2, Options{Folder: from})
		err := os.CopyFS(folder, os.DirFS(whole))
		var b []byte
		if err == nil {
			b, err = os.ReadFile(filepath.Join(from, run.ModelName))
		}
		if err == nil {
			err = os.WriteFile(filepath.Join(folder, run.ModelName), b, 0o666)
		}
		if err != nil {
			t.Fatal(err)
		}
		before := contents(t, folder)
		_, err = runPartial(t.Context(), c, s, Options{Folder: folder, Resume: true})
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), "model.safetensors "+want) || strings.Contains(err.Error(), "\n")) {
			t.Errorf("error %v, want %q", err, want)
		}
		if want != "" && contents(t, folder) != before {
			t.Errorf("%q: the folder is changed", want)
		}
	}
}

// TestKilledBeforeTheFirstReport resumes a run that has nothing but its run.json, as after a kill at its beginning.
func TestKilledBeforeTheFirstReport(t *testing.T) {
	t.Parallel()
	c := chars(t, rhyme(60))
	s := Settings{Network: rnn.Config{Hidden: 8}, Batch: 2, Window: 10, ReportEvery: 10, Budget: Budget{Steps: 20}}
	whole, begun := filepath.Join(t.TempDir(), "whole"), filepath.Join(t.TempDir(), "begun")
	mustRun(t, c, s, Options{Folder: whole, Sample: hashSample})
	if err := os.CopyFS(begun, os.DirFS(whole)); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{run.StateName, run.MetricsName, run.SamplesName, run.ModelName, run.LastName} {
		if err := os.Remove(filepath.Join(begun, file)); err != nil {
			t.Fatal(err)
		}
	}
	mustRun(t, c, s, Options{Folder: begun, Resume: true, Sample: hashSample})
	sameFolders(t, "begun", whole, begun)
}

// TestResumeWithAnotherText: the text is looked at first, before settings that go with the run's are found wrong for it.
func TestResumeWithAnotherText(t *testing.T) {
	t.Parallel()
	s := Settings{Network: rnn.Config{Hidden: 8}, Budget: Budget{Epochs: 3}}
	folder := filepath.Join(t.TempDir(), "run")
	mustRun(t, chars(t, rhyme(400)), s, Options{Folder: folder})
	saved, err := RunSettings(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, lines := range []int{9, 40, 401} {
		_, err := runPartial(t.Context(), chars(t, rhyme(lines)), saved, Options{Folder: folder, Resume: true})
		if err == nil || !strings.Contains(err.Error(), "the run learns another text") || strings.Contains(err.Error(), "\n") {
			t.Errorf("resumed with a text of %d lines: error %v", lines, err)
		}
	}
}

// TestSpeedOfARunThatEndsEarly interrupts a run between two reports and resumes it with an end that is there already. The
// report that follows tells the rate of the last training step, and divides the symbols since the last report by the time
// that they took, in the earlier call.
func TestSpeedOfARunThatEndsEarly(t *testing.T) {
	t.Parallel()
	c := chars(t, rhyme(60))
	s := Settings{Network: rnn.Config{Hidden: 8}, Batch: 2, Window: 10, ReportEvery: 10, Budget: Budget{Steps: 40}}
	folder := filepath.Join(t.TempDir(), "run")
	if _, err := runPartial(&fewChecks{t.Context(), 17}, c, s, Options{Folder: folder}); !errors.Is(err, ErrInterrupted) {
		t.Fatal(err)
	}
	state := openState(t, folder)
	p := state.Progress
	if p.Step < 11 || p.SinceReport == 0 || p.LossOver == 0 || !(state.Rate > 0) || !(0 < state.Reported && state.Reported < state.Seconds) {
		t.Fatalf("interrupted as %+v", state)
	}
	s.Budget.Steps = p.Step
	var reports []Report
	mustRun(t, c, s, Options{Folder: folder, Resume: true, Report: func(r Report) { reports = append(reports, r) }})
	if len(reports) != 1 || reports[0].Step != p.Step || reports[0].LearningRate != state.Rate {
		t.Fatalf("reports %+v, want one of step %d with the rate %v", reports, p.Step, state.Rate)
	}
	most := float64(p.LossOver) / (state.Seconds - state.Reported)
	if speed := reports[0].SymbolsPerSecond; !(0 < speed && speed <= most) {
		t.Errorf("%v symbols/s, want at most %v", speed, most)
	}
}

// TestFolderOfAnEarlierVersion resumes a run that the last version without checksums has begun. The hash is what that version
// printed when it resumed it.
func TestFolderOfAnEarlierVersion(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "run")
	if err := os.CopyFS(folder, os.DirFS(filepath.Join("testdata", "earlier"))); err != nil {
		t.Fatal(err)
	}
	o, err := CorpusOptions(folder, corpus.Options{Closed: true, Valid: 0.1})
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Repeat("the cat sat.\nthe dog sat on the mat, nä?\nthe cat and the dog sat.\n", 40)
	c, err := corpus.New(corpus.FromBytes("t", []byte(text)), o)
	if err != nil {
		t.Fatal(err)
	}
	s, err := RunSettings(folder)
	if err != nil {
		t.Fatal(err)
	}
	s.Budget = Budget{Steps: 60}
	mustRun(t, c, s, Options{Folder: folder, Resume: true})
	const want = "dc17db42d0ca0066b0c8a3a6dbc2cb76dc683944b52e83d9f50bf2a32ef17c65"
	if m, err := model.Load(filepath.Join(folder, run.LastName)); err != nil || m.Hash() != want {
		t.Errorf("ends with hash %s, %v; want %s", m.Hash(), err, want)
	}
	if info, err := run.ReadInfo(folder); err != nil || info.SHA256 == "" {
		t.Errorf("the settings of the longer run are written as %+v, %v", info, err)
	}
	if all, err := run.ReadMetrics(folder); err != nil || len(all) != 6 {
		t.Errorf("%d reports, %v; want 3 of the earlier call and 3 more", len(all), err)
	}
}

// TestAlphabetOfAnEarlierVersion: runs of earlier versions have the symbols of the section held out in their alphabet, and
// continue so.
func TestAlphabetOfAnEarlierVersion(t *testing.T) {
	t.Parallel()
	read := func(o corpus.Options) *corpus.Corpus {
		c, err := corpus.New(corpus.FromBytes("t", []byte(rhyme(60)+"Zeus\n")), o)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	s := Settings{Network: rnn.Config{Hidden: 8}, Batch: 2, Window: 10, ReportEvery: 10, Budget: Budget{Steps: 40}}
	for _, o := range []corpus.Options{{Valid: 0.1, AllSymbols: true}, {Valid: 0.1}} {
		c := read(o)
		want := mustRun(t, c, s, Options{}).Model.Hash()
		folder := filepath.Join(t.TempDir(), "run")
		if _, err := runPartial(&fewChecks{t.Context(), 17}, c, s, Options{Folder: folder}); !errors.Is(err, ErrInterrupted) {
			t.Fatal(err)
		}
		again, err := CorpusOptions(folder, corpus.Options{Valid: 0.1})
		if err != nil {
			t.Fatal(err)
		}
		if _, known := c.Alphabet.Encode("Z"); again.AllSymbols != o.AllSymbols || known != nil {
			t.Errorf("%+v: the run resumes with %+v", o, again)
		}
		if got := mustRun(t, read(again), s, Options{Folder: folder, Resume: true}).Model.Hash(); got != want {
			t.Errorf("%+v: resumed to hash %s, want %s", o, got, want)
		}
		again.AllSymbols = !again.AllSymbols
		if _, err := runPartial(t.Context(), read(again), s, Options{Folder: folder, Resume: true}); err == nil || !strings.Contains(err.Error(), "the run has symbols") {
			t.Errorf("%+v: resumed with another alphabet: error %v", o, err)
		}
	}
}
