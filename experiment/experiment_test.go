package experiment

import (
	"encoding/json"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/seed-f4dd853e/elman/corpus"
)

func run(t *testing.T, name string, o Options) (*Result, string) {
	t.Helper()
	e, err := Find(name)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	o.Out = &out
	r, err := e.Run(t.Context(), o)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return r, out.String()
}

func play(t *testing.T, size int) []byte {
	t.Helper()
	l, err := corpus.FindLanguage("play")
	if err != nil {
		t.Fatal(err)
	}
	return l.Generate(1, size)
}

// checkShape: a row has a cell for each column, and every number is one that JSON knows.
func checkShape(t *testing.T, r *Result) {
	t.Helper()
	for i, table := range r.Tables {
		for _, row := range table.Rows {
			if len(row) != len(table.Columns) {
				t.Errorf("%s: table %d has columns %q and a row %v", r.Experiment, i, table.Columns, row)
			}
		}
	}
	for _, f := range r.Findings {
		if math.IsNaN(f.Value) || math.IsInf(f.Value, 0) {
			t.Errorf("%s: %s is %v", r.Experiment, f.Name, f.Value)
		}
	}
	if _, err := json.Marshal(r); err != nil {
		t.Errorf("%s: %v", r.Experiment, err)
	}
}

// TestShakespeare: one pass over a short text prints the notebook's number beside ours at the same iteration, and the
// result does not depend on the workers.
func TestShakespeare(t *testing.T) {
	text := play(t, 16500)
	for _, tt := range []struct {
		name      string
		iteration string
		published float64 // by the notebook, at the first row
		samples   int
	}{
		{"notebook-srn", "1:10000", 3.25361170453, 2},
		{"notebook-rnn", "1:1000", 42.463785534, 1},
	} {
		r, out := run(t, tt.name, Options{Text: text, Source: "play", Epochs: 1, Threads: 1})
		checkShape(t, r)
		if len(r.Tables) == 0 || len(r.Tables[0].Rows) < 2 {
			t.Fatalf("%s: tables %v", tt.name, r.Tables)
		}
		first := r.Tables[0].Rows[0]
		if first[0] != tt.iteration || first[1] != tt.published {
			t.Errorf("%s begins with %v, want the notebook's %v at %s", tt.name, first, tt.published, tt.iteration)
		}
		if len(r.Samples) != tt.samples || len(r.Findings) == 0 {
			t.Errorf("%s: %d samples and %d findings", tt.name, len(r.Samples), len(r.Findings))
		}
		if !strings.Contains(out, tt.iteration) {
			t.Errorf("%s prints no row %s:\n%s", tt.name, tt.iteration, out)
		}
		again, _ := run(t, tt.name, Options{Text: text, Source: "play", Epochs: 1, Threads: 2})
		if !reflect.DeepEqual(r, again) {
			t.Errorf("%s: one worker finds %+v, two %+v", tt.name, r, again)
		}
	}
}

// TestLetters: after one pass the corrected networks are near the entropy, and no loss is below it by more than chance.
func TestLetters(t *testing.T) {
	r, _ := run(t, "notebook-letters", Options{Epochs: 1, Threads: 1})
	checkShape(t, r)
	seeds := r.Tables[len(r.Tables)-1]
	for _, row := range seeds.Rows {
		published, corrected, through := row[1].(float64), row[2].(float64), row[3].(float64)
		if through < 0.36 || through > 0.40 || corrected < 0.36 || corrected > 0.45 || published < corrected {
			t.Errorf("losses %v: want the RNN near 0.3675, the corrected SRN close behind, then the published one", row)
		}
	}
}

func TestErrors(t *testing.T) {
	for _, name := range []string{"notebook-srn", "notebook-rnn"} {
		e, err := Find(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range []Options{{Text: []byte("a"), Source: "short"}, {Text: []byte("a\xffb"), Source: "not UTF-8"}, {Epochs: -1}} {
			if r, err := e.Run(t.Context(), o); err == nil {
				t.Errorf("%s with %+v finds %+v, want an error", name, o, r)
			}
		}
	}
	if _, err := Find("notebook"); err == nil || !strings.Contains(err.Error(), "notebook-letters") {
		t.Errorf("Find(notebook): error %v, want one that lists the names", err)
	}
}
