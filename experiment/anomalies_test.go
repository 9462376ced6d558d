package experiment

import (
	"context"
	"math"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/seed-f4dd853e/elman/inspect"
	"github.com/seed-f4dd853e/elman/internal/random"
	"github.com/seed-f4dd853e/elman/language"
)

func TestAUC(t *testing.T) {
	for _, tt := range []struct {
		name      string
		high, low []float64
		want      float64
	}{
		{"all above", []float64{3, 4}, []float64{1, 2}, 1},
		{"all below", []float64{1}, []float64{2, 3}, 0},
		{"a tie is half", []float64{2}, []float64{2}, 0.5},
		{"pairs won 2 of 4", []float64{1, 4}, []float64{3, 2}, 0.5},
		{"pairs 3 > 1, 3 > 2, 3 = 3, 2 > 1, 2 = 2, 2 < 3", []float64{3, 2}, []float64{3, 1, 2}, 4. / 6},
		{"ties among equals", []float64{5, 5}, []float64{5, 5, 1}, (2*0.5 + 1) / 3},
	} {
		if got := inspect.AUC(tt.high, tt.low); math.Abs(got-tt.want) > 1e-12 {
			t.Errorf("%s: AUC(%v, %v) = %v, want %v", tt.name, tt.high, tt.low, got, tt.want)
		}
	}
}

func logLines(t *testing.T, n int) []string {
	t.Helper()
	logs, err := language.Find("logs")
	if err != nil {
		t.Fatal(err)
	}
	return linesOf(logs, 5, n)
}

// Each kind of mistake changes a line as it says, to one that the language cannot write.
func TestPlant(t *testing.T) {
	lines := logLines(t, 3000)
	all := strings.Join(lines, "")
	corrupted, planted := plant(random.New(5, "test", 0), lines, 200, language.IsLogLine)
	counts := map[string]int{}
	for i, was := range lines {
		is, how := corrupted[i], planted[i]
		counts[how]++
		if (how == "") != (is == was) || (how == "") != language.IsLogLine(is) {
			t.Fatalf("%q: %q became %q", how, was, is)
		}
		if how != "" && !changedAs(t, how, was, is, all, lines) {
			t.Errorf("%q: %q became %q", how, was, is)
		}
	}
	for _, how := range corruptions {
		if counts[how.name] != 200 {
			t.Errorf("%s: %d lines of 200", how.name, counts[how.name])
		}
	}
	if counts[""] != 3000-200*len(corruptions) {
		t.Errorf("%d lines are as they were", counts[""])
	}
	again, _ := plant(random.New(5, "test", 0), lines, 200, language.IsLogLine)
	if !slices.Equal(again, corrupted) {
		t.Error("the same seed plants other mistakes")
	}
}

// changedAs says whether a line was changed in the way that is named.
func changedAs(t *testing.T, how, was, is, all string, lines []string) bool {
	t.Helper()
	a, b := words(was), words(is)
	var differ []int
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			differ = append(differ, i)
		}
	}
	one := len(a) == len(b) && len(differ) == 1
	switch how {
	case exchanged:
		return len(a) == len(b) && len(differ) == 2 && a[differ[0]] == b[differ[1]] && a[differ[1]] == b[differ[0]]
	case borrowed:
		return one && slices.ContainsFunc(lines, func(l string) bool { w := words(l); return len(w) > differ[0] && w[differ[0]] == b[differ[0]] })
	case fitting:
		return one && slices.ContainsFunc(lines, func(l string) bool {
			w := append(append([]string{""}, words(l)...), "")
			n := append(append([]string{""}, b...), "")
			i := differ[0]
			return len(w) > i+2 && slices.Equal(w[i:i+3], n[i:i+3])
		})
	case misspelled:
		off := utf8.RuneCountInString(is) - utf8.RuneCountInString(was)
		return -1 <= off && off <= 1 && len(a) == len(b)
	}
	x, y := []rune(was), []rune(is)
	changed := 0
	for i := range x {
		if x[i] != y[i] {
			changed++
			if known := strings.ContainsRune(all, y[i]); known != (how == misplaced) {
				return false
			}
		}
	}
	return len(x) == len(y) && changed == 1
}

// words returns the fields of a line.
func words(line string) (all []string) {
	for _, f := range fields(line) {
		all = append(all, line[f.lo:f.hi])
	}
	return all
}

// A line that cannot be corrupted in a way is told, and not returned as if it was.
func TestCannotBeCorrupted(t *testing.T) {
	s := newCorrupter(random.New(1, "test", 0), []string{"12 ab"}, func(string) bool { return false })
	for _, how := range []string{borrowed, fitting, misspelled} {
		if got, ok := s.corrupt("12 ab", how); ok {
			t.Errorf("%s: %q, want none", how, got)
		}
	}
}

// A small run finds foreign characters for sure, and its tables agree with each other.
func TestAnomalies(t *testing.T) {
	test := anomalyTest{learn: 300, held: 100, corrupted: 4}
	if full() {
		test = anomalyTest{learn: 800, held: 200, corrupted: 8}
	}
	l := newSession(Experiment{Seeds: 3}, Options{Epochs: 1, Seed: 3, Seeds: 2, Threads: 2})
	if err := l.anomalies(context.Background(), test); err != nil {
		t.Fatal(err)
	}
	seeds, kinds := l.result.Tables[0], l.result.Tables[1]
	checkColumn(t, seeds, "seed", 3, 4)
	checkColumn(t, kinds, "planted", exchanged, borrowed, fitting, misspelled, misplaced, foreign)
	network, gram := column(t, kinds, "network"), column(t, kinds, "5-gram")
	if network[5] != 1.0 || gram[5] != 1.0 {
		t.Errorf("foreign characters: areas of %v and %v, want 1", network[5], gram[5])
	}
	f := findings(l.result)
	for _, name := range rankings {
		a, b := column(t, seeds, name)[0].(float64), column(t, seeds, name)[1].(float64)
		if got := f[name+": area for all kinds, mean of the seeds"]; !near(got, (a+b)/2) || a < 0.5 || a > 1 {
			t.Errorf("%s: areas %v and %v, their mean %v", name, a, b, got)
		}
	}
	mean := 0.0
	for _, cell := range network {
		mean += cell.(float64) / float64(len(network))
	}
	if all := f["network: area for all kinds, mean of the seeds"]; !near(mean, all) { // all kinds have as many lines
		t.Errorf("the kinds' areas have a mean of %v, all together %v", mean, all)
	}
}
