package experiment

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/seed-f4dd853e/elman/internal/report"
	"github.com/seed-f4dd853e/elman/language"
)

// play returns the beginning of the generated language.
func play(t *testing.T, size int) []byte {
	t.Helper()
	l, err := language.Find("play")
	if err != nil {
		t.Fatal(err)
	}
	return l.Generate(1, size)
}

func run(t *testing.T, name string, o Options) *Result {
	t.Helper()
	e, err := Find(name)
	if err != nil {
		t.Fatal(err)
	}
	r, err := e.Run(t.Context(), o)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if r.Experiment != name {
		t.Errorf("%s: the result is of %s", name, r.Experiment)
	}
	for _, table := range r.Tables {
		for _, row := range table.Rows {
			if len(row) != len(table.Columns) {
				t.Errorf("%s: a row of %d cells, %v, in a table of %d columns", name, len(row), row, len(table.Columns))
			}
		}
	}
	return r
}

// full says whether tests run at the size of the experiments.
func full() bool { return os.Getenv("ELMAN_TEST_FULL") != "" }

// column returns the cells of one column of a table.
func column(t *testing.T, table *report.Table, name string) (cells []any) {
	t.Helper()
	i := slices.Index(table.Columns, name)
	if i < 0 {
		t.Fatalf("no column %q among %q", name, table.Columns)
	}
	for _, row := range table.Rows {
		cells = append(cells, row[i].Value)
	}
	return cells
}

func checkColumn(t *testing.T, table *report.Table, name string, want ...any) {
	t.Helper()
	if got := column(t, table, name); !reflect.DeepEqual(got, want) {
		t.Errorf("column %q is %v, want %v", name, got, want)
	}
}

// losses returns a column of numbers, all of which must be losses that learning may have.
func losses(t *testing.T, table *report.Table, name string, most float64) (numbers []float64) {
	t.Helper()
	for _, cell := range column(t, table, name) {
		loss, ok := cell.(float64)
		if !ok || !(loss > 0 && loss < most) {
			t.Errorf("column %q has %v, want a loss below %v", name, cell, most)
		}
		numbers = append(numbers, loss)
	}
	return numbers
}

// findings returns the values by name.
func findings(r *Result) map[string]float64 {
	values := map[string]float64{}
	for _, f := range r.Findings {
		values[f.Name] = f.Value
	}
	return values
}

func near(a, b float64) bool { return math.Abs(a-b) < 1e-9 }

// The printed losses stand beside ours of the same pass and the same number of characters, and nowhere else.
func TestNotebookSRN(t *testing.T) {
	every := 1500 // characters to a report
	if full() {
		every = 10000
	}
	s := newSession(Experiment{Name: "notebook-srn"}, Options{Text: play(t, every+1), Source: "excerpt", Epochs: 2})
	if err := s.notebookSRN(t.Context(), every); err != nil {
		t.Fatal(err)
	}
	r := s.result
	if r.Source != "excerpt" || len(r.Tables) != 1 {
		t.Fatalf("learned from %q, %d tables", r.Source, len(r.Tables))
	}
	table := r.Tables[0]
	checkColumn(t, table, "iteration", fmt.Sprint("1:", every), fmt.Sprint("2:", every))
	checkColumn(t, table, "notebook printed", printedSRN[0], nil)
	uniform := math.Log(70) // the play has fewer characters
	published, corrected := losses(t, table, "as published", uniform), losses(t, table, "corrected", uniform)
	f := findings(r)
	for name, want := range map[string]float64{
		"pass 1, as published: mean loss":                        published[0],
		"pass 2, as published: mean loss":                        published[1],
		"pass 1, corrected: mean loss":                           corrected[0],
		"pass 2, corrected: mean loss":                           corrected[1],
		"what overwriting the context before dU cost, last pass": published[1] - corrected[1],
	} {
		if got, ok := f[name]; !ok || !near(got, want) {
			t.Errorf("finding %q is %v, want %v", name, got, want)
		}
	}
	if published[1] >= published[0] || corrected[1] >= corrected[0] || corrected[1] >= published[1] {
		t.Errorf("as published %v, corrected %v; want both to learn, and the corrected more", published, corrected)
	}
	if len(r.Samples) != 2 {
		t.Fatalf("%d samples, want one of each network", len(r.Samples))
	}
	for _, s := range r.Samples {
		if len([]rune(s.Text)) != 200 {
			t.Errorf("%s writes %q, want 200 characters", s.Network, s.Text)
		}
	}
}

func TestNotebookRNN(t *testing.T) {
	const windows = 2100 // a short line ends each pass
	r := run(t, "notebook-rnn", Options{Text: play(t, 15*windows+1), Epochs: 2})
	table := r.Tables[0]
	checkColumn(t, table, "window", "1:1000", "1:2000", "1:2100", "2:1000", "2:2000", "2:2100")
	checkColumn(t, table, "notebook printed", printedRNN[0], printedRNN[1], nil, nil, nil, nil)
	window, char := losses(t, table, "ours", 15*math.Log(70)), losses(t, table, "ours per char", math.Log(70))
	for i := range window {
		if !near(window[i], 15*char[i]) {
			t.Errorf("%v nats per window, %v per character", window[i], char[i])
		}
	}
	f := findings(r)
	for pass, name := range []string{"pass 1: mean loss", "pass 2: mean loss"} {
		want := (char[3*pass]*1000 + char[3*pass+1]*1000 + char[3*pass+2]*100) / windows
		if got, ok := f[name]; !ok || !near(got, want) {
			t.Errorf("finding %q is %v, want %v", name, got, want)
		}
	}
	if f["pass 2: mean loss"] >= f["pass 1: mean loss"] {
		t.Errorf("nothing learned: %v", f)
	}
	if len(r.Samples) != 1 {
		t.Errorf("%d samples, want 1", len(r.Samples))
	}
}

func TestNotebookLetters(t *testing.T) {
	test, near0 := lettersTest{size: 2710, every: 1000}, 0.03 // how far a text so long may be from the language
	if full() {
		test, near0 = lettersTest{size: 27104, every: 10000}, 0.01
	}
	s := newSession(Experiment{Name: "notebook-letters", Seeds: 5}, Options{Epochs: 2, Seed: 5})
	if err := s.notebookLetters(t.Context(), test); err != nil {
		t.Fatal(err)
	}
	r := s.result
	if r.Source != "letters" || len(r.Tables) != 2 {
		t.Fatalf("learned from %q, %d tables", r.Source, len(r.Tables))
	}
	way := r.Tables[0]
	var at []any // the third row of a pass is wherever its text ends
	for i, cell := range column(t, way, "iteration") {
		if i%3 != 2 {
			at = append(at, cell)
		}
	}
	one, two := fmt.Sprint(test.every), fmt.Sprint(2*test.every)
	if want := []any{"1:" + one, "1:" + two, "2:" + one, "2:" + two}; !reflect.DeepEqual(at, want) {
		t.Errorf("iterations %v, want %v", at, want)
	}
	checkColumn(t, way, "notebook printed",
		printedLetters[0][0], printedLetters[0][1], nil, printedLetters[1][0], printedLetters[1][1], nil)
	losses(t, way, "as published", math.Log(6)) // at first it does worse than to guess among the five
	losses(t, way, "corrected", math.Log(6))

	unseen := r.Tables[1]
	checkColumn(t, unseen, "seed", 5, 6, 7, 8, 9)
	f := findings(r)
	floor := f["entropy of the language"]
	if math.Abs(floor-0.367514) > 1e-6 {
		t.Errorf("entropy %v", floor)
	}
	for _, network := range unseen.Columns[1:] {
		sum := 0.0
		for _, loss := range losses(t, unseen, network, math.Log(5)) {
			if loss < floor-near0 {
				t.Errorf("%s: %v is below the entropy", network, loss)
			}
			sum += loss
		}
		if got, ok := f[network+": above the entropy, mean of the seeds"]; !ok || !near(got, sum/5-floor) {
			t.Errorf("%s: %v above the entropy, want %v", network, got, sum/5-floor)
		}
	}
}

// The same options give the same result and the same page, with any number of workers.
func TestSameNumbers(t *testing.T) {
	text := play(t, 400)
	for _, name := range []string{"notebook-srn", "notebook-rnn"} {
		var page, again bytes.Buffer
		first := run(t, name, Options{Text: text, Epochs: 1, Out: &page})
		second := run(t, name, Options{Text: text, Epochs: 1, Seed: 1, Threads: 3, Out: &again})
		if !reflect.DeepEqual(first, second) {
			t.Errorf("%s: first %+v, then %+v", name, first, second)
		}
		if page.String() != again.String() {
			t.Errorf("%s: first\n%s\nthen\n%s", name, page.String(), again.String())
		}
		if other := run(t, name, Options{Text: text, Epochs: 1, Seed: 2}); reflect.DeepEqual(first.Findings, other.Findings) {
			t.Errorf("%s: seeds 1 and 2 give the same findings", name)
		}
		for _, table := range first.Tables {
			checkColumn(t, table, "notebook printed", nil) // nothing was printed that early
			for _, name := range table.Columns {
				if !strings.Contains(page.String(), name) {
					t.Errorf("column %q is not on the page:\n%s", name, page.String())
				}
			}
		}
	}
}

// TestProgress tells of each training from its beginning.
func TestProgress(t *testing.T) {
	x, err := Find("notebook-rnn")
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	var first float64
	_, err = x.Run(t.Context(), Options{Text: play(t, 3000), Epochs: 1, Progress: func(what string, done float64) {
		if len(told) == 0 {
			first = done
		}
		told = append(told, what)
	}})
	if err != nil || len(told) == 0 || first != 0 || slices.Compact(told)[0] != "training notebook-rnn" {
		t.Errorf("error %v, told %v, first %v", err, told, first)
	}
}

func TestErrors(t *testing.T) {
	for _, tt := range []struct {
		name string
		o    Options
		want string
	}{
		{"no text", Options{Text: []byte{}}, "empty"},
		{"a character", Options{Text: []byte("a")}, "too few"},
		{"not UTF-8", Options{Text: []byte("to be\xff"), Source: "file"}, "file is not UTF-8"},
		{"epochs below 0", Options{Epochs: -1}, "epochs is -1"},
	} {
		for _, e := range All() {
			if e.Own && tt.o.Epochs == 0 {
				continue // it has a text of its own
			}
			r, err := e.Run(t.Context(), tt.o)
			if err == nil || !strings.Contains(err.Error(), tt.want) || r != nil {
				t.Errorf("%s, %s: error %v, result %v; want %q", e.Name, tt.name, err, r, tt.want)
			}
		}
	}
	if _, err := Find("elman-1990"); err == nil || !strings.Contains(err.Error(), "notebook-srn, notebook-letters") {
		t.Errorf("no such experiment: error %v", err)
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	for _, e := range All() {
		if _, err := e.Run(cancelled, Options{}); !errors.Is(err, context.Canceled) {
			t.Errorf("%s, cancelled: error %v", e.Name, err)
		}
	}
	full := errors.New("disk full")
	if _, err := All()[2].Run(t.Context(), Options{Text: play(t, 100), Epochs: 1, Out: failing{full}}); err != full {
		t.Errorf("error %v, want %v", err, full)
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }
