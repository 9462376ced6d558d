package run

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/seed-f4dd853e/elman/internal/safetensors"
)

// newFolder returns a folder with a run in it.
func newFolder(t testing.TB) *Folder {
	t.Helper()
	f, err := Create(filepath.Join(t.TempDir(), "run"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Close)
	info := Info{Version: "v1", Source: "a <b>", Corpus: strings.Repeat("0123456789abcdef", 4), Alphabet: "26 chars", Documents: "whole", Train: 900,
		Settings: json.RawMessage(`{"network":{"cell":"gru","hidden":8},"optimizer":{"weight_decay":0.025},"seed":18446744073709551615}`)}
	if err := f.WriteInfo(info); err != nil {
		t.Fatal(err)
	}
	return f
}

// TestLockRemoved takes the lock file from under a folder, as another run does when it gives up: the lock is worth nothing.
func TestLockRemoved(t *testing.T) {
	f := newFolder(t)
	if !f.lockStands() {
		t.Error("a lock just taken does not stand")
	}
	os.Remove(f.Path(lockName))
	if f.lockStands() {
		t.Error("a lock stands on a file that is gone")
	}
	os.WriteFile(f.Path(lockName), nil, 0o666)
	if f.lockStands() {
		t.Error("a lock stands on a file that another has made")
	}
}

// TestClaim lets many claim a folder at once: each gets its own, and what is released is free again.
func TestClaim(t *testing.T) {
	base := filepath.Join(t.TempDir(), "runs", "text")
	const n = 20
	var names [n]string
	var releases [n]func()
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			var err error
			if names[i], releases[i], err = Claim(base); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	seen := map[string]bool{}
	for i, name := range names {
		if seen[name] {
			t.Errorf("%s was claimed twice", name)
		}
		seen[name] = true
		f, err := Create(name)
		if err != nil {
			t.Fatalf("a folder that was claimed cannot be used: %v", err)
		}
		if i == 0 {
			if err := f.WriteInfo(Info{Settings: json.RawMessage("{}")}); err != nil {
				t.Fatal(err)
			}
		} else {
			f.Abandon()
		}
		f.Close()
		releases[i]()
	}
	if left, _ := filepath.Glob(base + "-*"); len(left) != 1 || left[0] != names[0] {
		t.Errorf("%v are left, want %s, which holds something", left, names[0])
	}
}

// TestResume takes hold of a run that was killed: what was half written goes. Giving up leaves the run as it is.
func TestResume(t *testing.T) {
	f := newFolder(t)
	for _, file := range []string{".state.safetensors-1.tmp", ".mine", "notes.tmp"} {
		if err := os.WriteFile(f.Path(file), nil, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	f.Close()
	f, err := Resume(f.Name())
	if err != nil {
		t.Fatal(err)
	}
	f.Abandon()
	f.Close()
	var left []string
	entries, _ := os.ReadDir(f.Name())
	for _, e := range entries {
		left = append(left, e.Name())
	}
	if want := []string{".mine", lockName, "notes.tmp", InfoName}; !slices.Equal(left, want) {
		t.Errorf("%q are left, want %q", left, want)
	}
}

// TestContinue: files go on from the lengths that a checkpoint knows, which they must have.
func TestContinue(t *testing.T) {
	f := newFolder(t)
	for file, text := range map[string]string{MetricsName: "12345", SamplesName: "123"} {
		if err := os.WriteFile(f.Path(file), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct {
		lengths Lengths
		want    string
	}{
		{Lengths{}, ""}, {Lengths{5, 3}, ""}, {Lengths{4, 2}, ""},
		{Lengths{6, 3}, "metrics.jsonl has 5 bytes, of which 6 belong to the run"},
		{Lengths{5, 4}, "samples.txt has 3 bytes, of which 4 belong to the run"},
		{Lengths{-1, 0}, "metrics.jsonl has 5 bytes, of which -1 belong to the run"},
	} {
		if err := f.Continue(tt.lengths); (err != nil || tt.want != "") && fmt.Sprint(err) != tt.want {
			t.Errorf("%+v: error %v, want %q", tt.lengths, err, tt.want)
		}
	}
	// What lies beyond was lost, and makes room.
	if err := os.WriteFile(f.Path(MetricsName), []byte("12"+strings.Repeat("lost", 100)), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := f.Continue(Lengths{Metrics: 2}); err != nil {
		t.Fatal(err)
	}
	if err := f.AppendReport(Metrics{Step: 1}, ""); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(f.Path(MetricsName)); err != nil || !strings.HasPrefix(string(text), `12{"step":1,`) || !strings.HasSuffix(string(text), "}\n") {
		t.Errorf("%q, error %v", text, err)
	}
	os.Remove(f.Path(SamplesName))
	if err := f.Continue(Lengths{Samples: 1}); fmt.Sprint(err) != "samples.txt is missing, of which 1 bytes belong to the run" {
		t.Errorf("without samples: error %v", err)
	}
}

// TestCheckText: a run goes on with its own text only, read as it was.
func TestCheckText(t *testing.T) {
	own := Info{Source: "a", Corpus: "0123", Alphabet: "26 chars", Documents: "whole", Train: 900, Version: "v1"}
	same := own
	same.Source, same.Version = "another name", "v2"
	if err := own.CheckText(same); err != nil {
		t.Error(err)
	}
	for want, change := range map[string]func(*Info){
		`the run learns another text, "a" with SHA-256 0123, not this one with 4567`: func(i *Info) { i.Corpus = "4567" },
		"the run has symbols 26 chars, not 27 chars":                                 func(i *Info) { i.Alphabet = "27 chars" },
		"the run has documents whole, not line":                                      func(i *Info) { i.Documents = "line" },
		"the run learns from the first 900 symbols of the text, not 901 (valid)":     func(i *Info) { i.Train = 901 },
	} {
		other := own
		change(&other)
		if err := own.CheckText(other); fmt.Sprint(err) != want {
			t.Errorf("error %v, want %s", err, want)
		}
	}
}

func TestInfoIsReadAsItWasWritten(t *testing.T) {
	f := newFolder(t)
	info, err := ReadInfo(f.Name())
	if err != nil || info.Source != "a <b>" || info.Train != 900 || !strings.Contains(string(info.Settings), "18446744073709551615") {
		t.Fatalf("%+v, %v", info, err)
	}
	text, err := os.ReadFile(f.Path(InfoName))
	if err != nil {
		t.Fatal(err)
	}
	// Other white space, and none.
	var compact bytes.Buffer
	if err := json.Compact(&compact, text); err != nil {
		t.Fatal(err)
	}
	for _, same := range []string{compact.String(), strings.ReplaceAll(string(text), "\n", "\r\n\t"), "\n" + string(text) + "\n\n"} {
		if err := os.WriteFile(f.Path(InfoName), []byte(same), 0o666); err != nil {
			t.Fatal(err)
		}
		if again, err := ReadInfo(f.Name()); err != nil || again.SHA256 != info.SHA256 {
			t.Errorf("with other white space: %v", err)
		}
	}
}

// TestFlippedBitsOfInfo flips each bit of a run.json: each is refused, or turns white space into other white space.
func TestFlippedBitsOfInfo(t *testing.T) {
	f := newFolder(t)
	text, err := os.ReadFile(f.Path(InfoName))
	if err != nil {
		t.Fatal(err)
	}
	want, err := ReadInfo(f.Name())
	if err != nil {
		t.Fatal(err)
	}
	for bit := range 8 * len(text) {
		b := bytes.Clone(text)
		b[bit/8] ^= 1 << (bit % 8)
		got, err := verifyInfo(b)
		if err == nil && got.sum() != want.SHA256 {
			t.Errorf("bit %d of byte %d (%q, was %q): read as %+v", bit%8, bit/8, b[bit/8], text[bit/8], got)
		}
		if err != nil && strings.Contains(err.Error(), "\n") {
			t.Errorf("error of several lines: %q", err)
		}
	}
}

func TestDamagedInfo(t *testing.T) {
	f := newFolder(t)
	text, err := os.ReadFile(f.Path(InfoName))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ name, old, new, want string }{
		{"a setting changed", `0.025`, `0.026`, "the file differs from its checksum"},
		{"a setting more", `"cell"`, `"layers": 2, "cell"`, "the file differs from its checksum"},
		{"the text's hash changed", `0123`, `0124`, "the file differs from its checksum"},
		{"field unknown", `"source"`, `"sauce"`, `unknown field "sauce"`},
		{"field twice", `"source"`, `"source": "x", "source"`, `"source" is there twice`},
		{"a setting twice", `"cell"`, `"cell": "lstm", "cell"`, `"cell" is there twice`},
		{"a name in capitals", `"version"`, `"Version"`, `unknown field "Version"`},
		{"no settings", `"settings"`, `"setting"`, `unknown field "setting"`},
		{"settings null", `"settings": {`, `"settings": null, "version": {`, `"version" is there twice`},
		{"cut", "}\n", "", "ends in the middle"},
		{"something behind", "}\n", "}\n{}", "follows the end"},
		{"a string for a number", `900`, `"900"`, "train_symbols: string where a whole number should be"},
	} {
		i := strings.LastIndex(string(text), tt.old)
		if i < 0 {
			t.Fatalf("%s does not contain %s", text, tt.old)
		}
		if err := os.WriteFile(f.Path(InfoName), []byte(string(text[:i])+tt.new+string(text[i+len(tt.old):])), 0o666); err != nil {
			t.Fatal(err)
		}
		_, err := ReadInfo(f.Name())
		if err == nil || !strings.HasPrefix(err.Error(), f.Path(InfoName)+": ") || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error %v\nwant %s", tt.name, err, tt.want)
		}
	}
	if _, err := ReadInfo(t.TempDir()); err == nil || !strings.Contains(err.Error(), "holds no run to resume") {
		t.Errorf("no run: error %v", err)
	}
}

// TestInfoOfEarlierVersions reads a run.json that has no checksum.
func TestInfoOfEarlierVersions(t *testing.T) {
	info, err := ReadInfo("testdata/earlier")
	if err != nil || info.Alphabet != "6 words and the escape" || info.Train != 828 || !strings.Contains(string(info.Settings), `"weight_decay": 0.025`) {
		t.Errorf("%+v, %v", info, err)
	}
}

// TestFlippedBitsOfTheState flips 200 bits of the header, chosen at random, and 200 of the rest.
func TestFlippedBitsOfTheState(t *testing.T) {
	f := newFolder(t)
	f.lengths = Lengths{Metrics: 0, Samples: 0}
	type training struct {
		Step int64   `json:"step"`
		Loss float64 `json:"loss"`
	}
	if err := f.WriteState(training{7, 0.5}, []safetensors.Source{safetensors.Float32("a", []float32{1, 2, 3}, 3), safetensors.Float32("b", []float32{4}, 1)}); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(f.Path(StateName))
	if err != nil {
		t.Fatal(err)
	}
	s, err := OpenState(f.Name())
	if err != nil || string(s.Training) != `{"step":7,"loss":0.5}` {
		t.Fatalf("%s, %v", s.Training, err)
	}
	s.Close()
	rng := rand.New(rand.NewPCG(1, 2))
	header := 8 + int(whole[0]) + int(whole[1])<<8
	for i := range 400 {
		at := rng.IntN(header)
		if i >= 200 {
			at = header + rng.IntN(len(whole)-header)
		}
		b := bytes.Clone(whole)
		b[at] ^= 1 << rng.IntN(8)
		if err := os.WriteFile(f.Path(StateName), b, 0o666); err != nil {
			t.Fatal(err)
		}
		if s, err := OpenState(f.Name()); err == nil {
			s.Close()
			t.Errorf("byte %d is %q, was %q: opened", at, b[at], whole[at])
		}
	}
}

// TestMissingState tells a run that was killed at its beginning from one whose state somebody has taken away.
func TestMissingState(t *testing.T) {
	f := newFolder(t)
	if _, err := OpenState(f.Name()); err != ErrNoState {
		t.Errorf("nothing but %s: error %v", InfoName, err)
	}
	for _, file := range []string{MetricsName, SamplesName, ModelName, LastName} {
		if err := os.WriteFile(f.Path(file), nil, 0o666); err != nil {
			t.Fatal(err)
		}
		if _, err := OpenState(f.Name()); err == nil || !strings.Contains(err.Error(), "state.safetensors is missing, although there is a "+file) {
			t.Errorf("with a %s: error %v", file, err)
		}
		os.Remove(f.Path(file))
	}
}

func TestReadMetrics(t *testing.T) {
	if got, err := ReadMetrics(t.TempDir()); len(got) > 0 || err != nil {
		t.Errorf("of no run: %v, %v; want none", got, err)
	}
	f := newFolder(t)
	valid := 1.5
	want := []Metrics{{Step: 1, Epoch: 0.5, Symbols: 10, Loss: 2, LearningRate: 0.1, Seconds: 1}, {Step: 2, Epoch: 1, Symbols: 20, Loss: 1, ValidLoss: &valid}}
	for _, m := range want {
		if err := f.AppendReport(m, ""); err != nil {
			t.Fatal(err)
		}
	}
	whole, err := os.ReadFile(f.Path(MetricsName))
	if err != nil {
		t.Fatal(err)
	}
	if f.Holds(SamplesName) {
		t.Error("no sample, but a file of them")
	}
	for _, tt := range []struct {
		name, text string
		reports    int
		want       string
	}{
		{"as it was written", string(whole), 2, ""},
		{"cut off within its last line", string(whole[:len(whole)-5]), 1, ""},
		{"no report", string(whole) + "[]\n", 0, "line 3: array where an object should be"},
		{"a field unknown", `{"step":1,"losss":1}` + "\n", 0, `line 1: unknown field "losss"`},
		{"an infinite loss", `{"step":2,"loss":1e999}` + "\n", 0, "line 1: loss: number 1e999 where a number should be"},
		{"a fraction of a step", `{"step":1.5,"loss":1}` + "\n", 0, "line 1: step: number 1.5 where a whole number should be"},
		{"no step", `{"loss":1}` + "\n", 0, "line 1: step is 0"},
	} {
		if err := os.WriteFile(f.Path(MetricsName), []byte(tt.text), 0o666); err != nil {
			t.Fatal(err)
		}
		got, err := ReadMetrics(f.Name())
		if len(got) != tt.reports || tt.want == "" && (err != nil || fmt.Sprint(got[0].Step, got[0].Loss) != "1 2") ||
			tt.want != "" && (err == nil || !strings.HasSuffix(err.Error(), tt.want+"; put back the run's own file")) {
			t.Errorf("%s: %+v, error %v; want %d, %q", tt.name, got, err, tt.reports, tt.want)
		}
	}
}

// FuzzInfo: no panic, one line of error, and what is read can be written and read again.
func FuzzInfo(f *testing.F) {
	text, err := os.ReadFile("testdata/earlier/run.json")
	if err != nil {
		f.Fatal(err)
	}
	whole, err := os.ReadFile(newFolder(f).Path(InfoName))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add(whole)
	for i := 0; i < len(whole); i += 31 {
		f.Add(whole[:i])
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		info, err := parseInfo(text)
		if err != nil {
			if s := err.Error(); strings.ContainsAny(s, "\n\r") || len(s) > 500 {
				t.Errorf("error %q", s)
			}
			return
		}
		again, err := info.encode()
		if err == nil {
			_, err = verifyInfo(again)
		}
		if err != nil {
			t.Errorf("%q cannot be read again once it is written: %v", text, err)
		}
	})
}
