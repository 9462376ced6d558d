package serve

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/model"
)

// TestSources: a model is a file, a run folder, or one of a folder of those.
func TestSources(t *testing.T) {
	m := untrained(t, corpus.Chars, "abc", 1)
	root := t.TempDir()
	put := func(path string) {
		path = filepath.Join(root, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := m.Save(path); err != nil {
			t.Fatal(err)
		}
	}
	for _, path := range []string{"runs/a/model.safetensors", "runs/b/model.safetensors", "runs/c.safetensors", "runs/a/state.safetensors", "runs/empty/x.txt", "early/run.json", "early/teacher/model.safetensors", "one/only.safetensors", "with=sign/model.safetensors", "odd name.safetensors"} {
		put(path)
	}
	t.Chdir(root)
	for _, tt := range []struct {
		args, want, err string
	}{
		{"runs/a", "a:runs/a", ""},
		{"runs/a/model.safetensors", "a:runs/a/model.safetensors", ""},
		{"runs/c.safetensors", "c:runs/c.safetensors", ""},
		{"runs/", "a:runs/a b:runs/b c:runs/c.safetensors", ""},
		{"best=runs/a runs/b", "best:runs/a b:runs/b", ""},
		{"org/best=one", "org/best:one/only.safetensors", ""},
		{"with=sign", "", "with=sign: \"with=sign\" is no name"},
		{"w=with=sign", "w:with=sign", ""},
		{"", "", ""},
		{"runs/a a=runs/b", "", `both called "a"`},
		{"x=runs", "", "has 3 models"},
		{"runs/empty", "", "neither a run folder nor a folder of models"},
		{"early", "", "neither a run folder nor a folder of models"},
		{"nonesuch", "", "nonesuch"},
		{"b a d=runs/a", "", "b: no such"},
		{"ä=runs/a", "", "is no name for a model"},
	} {
		got, err := Sources(strings.Fields(tt.args))
		var all []string
		for _, s := range got {
			all = append(all, s.Name+":"+s.Path)
		}
		if list := strings.Join(all, " "); list != tt.want || (err == nil) != (tt.err == "") || err != nil && !strings.Contains(err.Error(), tt.err) {
			t.Errorf("%q: %s, %v; want %s, %s", tt.args, list, err, tt.want, tt.err)
		}
	}
	if _, err := Sources([]string{"odd name.safetensors"}); err == nil || !strings.Contains(err.Error(), "NAME=odd name") {
		t.Errorf("an odd name: %v", err)
	}
}

// TestReload: a request goes on with the model that it began with, and so does a state; the next one gets the new model. What cannot be
// read leaves what was there.
func TestReload(t *testing.T) {
	ts := start(t, nil)
	path := ts.models.args[0]
	old := ts.m.Hash()
	long := body{"model": "verse", "max_tokens": 20000, "seed": 1}
	want := get[Completion](ts, "POST", "/v1/completions", long)
	st := get[StateAnswer](ts, "POST", "/state", body{"text": "Thou"})
	before := get[NextAnswer](ts, "POST", "/state/"+st.ID+"/next", body{})

	long["stream"] = true
	text, _ := json.Marshal(long)
	a, err := http.Post(ts.url+"/v1/completions", "application/json", strings.NewReader(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	defer a.Body.Close()
	reader := bufio.NewReader(a.Body)
	head, err := reader.ReadString('\n') // it has begun
	if err != nil {
		t.Fatal(err)
	}
	other := untrained(t, corpus.Chars, verse, 2)
	if err := other.Save(filepath.Join(path, model.FileName)); err != nil {
		t.Fatal(err)
	}
	if err := ts.Reload(); err != nil {
		t.Fatal(err)
	}
	if info := get[ModelInfo](ts, "GET", "/v1/models/verse", nil); info.Hash != other.Hash() {
		t.Errorf("after the reload the model is %s, want %s", info.Hash, other.Hash())
	}
	if c := completion(ts, nil); c.Fingerprint != other.Hash() {
		t.Errorf("a new request is answered by %s", c.Fingerprint)
	}
	rest, err := io.ReadAll(reader)
	if err != nil {
		t.Fatal(err)
	}
	var events []string
	for event := range strings.SplitSeq(strings.TrimSpace(head+string(rest)), "\n\n") {
		events = append(events, strings.TrimPrefix(event, "data: "))
	}
	if got := joined(t, events, 1); got.Choices[0].Text != want.Choices[0].Text || got.Fingerprint != old {
		t.Error("the reload changed a text that was being written")
	}
	if after := get[NextAnswer](ts, "POST", "/state/"+st.ID+"/next", body{}); after.Fingerprint != old || string(asJSON(after)) != string(asJSON(before)) {
		t.Errorf("the reload changed a state: %+v, was %+v", after, before)
	}
	ts.call("DELETE", "/state/"+st.ID, nil)

	served := ts.models.find("verse")
	if err := ts.Reload(); err != nil || ts.models.find("verse") != served {
		t.Errorf("a reload of the same file: %v", err)
	}
	other.Documents = corpus.Lines // the weights are the same, the model is another
	if err := other.Save(filepath.Join(path, model.FileName)); err != nil {
		t.Fatal(err)
	}
	if err := ts.Reload(); err != nil || get[ModelInfo](ts, "GET", "/v1/models/verse", nil).Documents != "line" {
		t.Errorf("a reload of a model with other documents: %v", err)
	}
	other.Alphabet = untrained(t, corpus.Chars, strings.ReplaceAll(verse, "e", "é"), 2).Alphabet // and so are these
	if err := other.Save(filepath.Join(path, model.FileName)); err != nil {
		t.Fatal(err)
	}
	if err := ts.Reload(); err != nil || get[TokenizeAnswer](ts, "POST", "/tokenize", body{"prompt": "é"}).Tokens[0] == other.Alphabet.Escape() {
		t.Errorf("a reload of a model with another alphabet: %v", err)
	}
	served = ts.models.find("verse")
	if err := os.WriteFile(filepath.Join(path, model.FileName), []byte("damaged"), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := ts.Reload(); err == nil || ts.models.find("verse") != served {
		t.Errorf("a reload of a damaged file: %v", err)
	}
	if err := os.RemoveAll(path); err != nil {
		t.Fatal(err)
	}
	if err := ts.Reload(); err == nil || ts.models.find("verse") != served {
		t.Errorf("a reload of no file: %v", err)
	}
	completion(ts, nil)
}

// TestReloadFolder: a folder of models is looked at again.
func TestReloadFolder(t *testing.T) {
	folder := t.TempDir()
	m := untrained(t, corpus.Chars, verse, 1)
	put := func(name string) {
		if err := m.Save(filepath.Join(folder, name+".safetensors")); err != nil {
			t.Fatal(err)
		}
	}
	put("a")
	models, err := OpenModels([]string{folder}, testEngine())
	if err != nil {
		t.Fatal(err)
	}
	defer models.Close(context.Background())
	s, err := New(Options{Models: models})
	if err != nil {
		t.Fatal(err)
	}
	names := func() (all []string) {
		for _, m := range models.list() {
			all = append(all, m.name)
		}
		return all
	}
	put("b")
	if err := s.Reload(); err != nil || !slices.Equal(names(), []string{"a", "b"}) {
		t.Errorf("after b came: %q, %v", names(), err)
	}
	if err := models.Add("made", m); err != nil || !slices.Equal(names(), []string{"a", "b", "made"}) {
		t.Errorf("after one was made: %q, %v", names(), err)
	}
	if err := models.Add("made", m); err != nil || len(names()) != 3 {
		t.Errorf("after it was made again: %q, %v", names(), err)
	}
	if err := models.Add("a", m); err == nil {
		t.Error("a model that was made takes the name of a file's")
	}
	os.Remove(filepath.Join(folder, "a.safetensors"))
	if err := s.Reload(); err != nil || !slices.Equal(names(), []string{"b", "made"}) {
		t.Errorf("after a went: %q, %v", names(), err)
	}
	// What one argument names is looked at also if another cannot be read, whose models stay.
	gone := filepath.Join(t.TempDir(), "gone.safetensors")
	if err := m.Save(gone); err != nil {
		t.Fatal(err)
	}
	both, err := OpenModels([]string{gone, folder}, testEngine())
	if err != nil {
		t.Fatal(err)
	}
	defer both.Close(context.Background())
	os.Remove(gone)
	put("c")
	err = both.Reload(slog.New(slog.DiscardHandler))
	var after []string
	for _, m := range both.list() {
		after = append(after, m.name)
	}
	if err == nil || !strings.Contains(err.Error(), "gone.safetensors") || !slices.Equal(after, []string{"gone", "b", "c"}) {
		t.Errorf("after a file went and another came: %q, error %v", after, err)
	}
	// The metrics of a model end with it.
	s.metrics.symbols.WithLabelValues("b", "read").Inc()
	os.Remove(filepath.Join(folder, "b.safetensors"))
	if err := s.Reload(); err != nil || s.metrics.symbols.DeletePartialMatch(prometheus.Labels{"model": "b"}) != 0 {
		t.Errorf("after b went its metrics are there, or there is an error: %v", err)
	}
	put("b")
	os.Remove(filepath.Join(folder, "c.safetensors"))
	if err := s.Reload(); err != nil {
		t.Fatal(err)
	}
	models.Remove("b")
	models.Remove("made")
	if !slices.Equal(names(), []string{"b"}) {
		t.Errorf("after both were taken back: %q, want that of the file", names())
	}
}
