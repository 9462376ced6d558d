package generate

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/rnn"
)

// untrained returns a model of the symbols of text with weights drawn far apart, so that it has decided tastes.
func untrained(t testing.TB, kind corpus.Kind, text string) *model.Model {
	return untrainedOf(t, "", kind, text)
}

func untrainedOf(t testing.TB, cell string, kind corpus.Kind, text string) *model.Model {
	t.Helper()
	c, err := corpus.New(corpus.FromBytes("test", []byte(text)), corpus.Options{Kind: kind, Closed: true})
	if err != nil {
		t.Fatal(err)
	}
	network, err := rnn.New(rnn.Config{Cell: cell, Symbols: c.Alphabet.Size(), Hidden: 19, Layers: 2})
	if err != nil {
		t.Fatal(err)
	}
	network.Init(rnn.Init{Normal: 0.7}, 1)
	return &model.Model{Network: network, Alphabet: c.Alphabet}
}

// generators has one for each model, whose memory is used again and again.
var generators sync.Map

func strs(t testing.TB, m *model.Model, o Options) []string {
	t.Helper()
	g, _ := generators.LoadOrStore(m, New(m))
	texts, err := g.(*Generator).Strings(context.Background(), filled(o))
	if err != nil {
		t.Fatal(err)
	}
	return texts
}

// filled returns o with the defaults for what a test leaves out, except the temperature.
func filled(o Options) Options {
	d := Defaults()
	o.Length, o.TopP, o.Count, o.Threads = cmp.Or(o.Length, d.Length), cmp.Or(o.TopP, d.TopP), cmp.Or(o.Count, d.Count), cmp.Or(o.Threads, d.Threads)
	return o
}

const verse = "Shall I compare thee to a summer's day?\nThou art more lovely and more temperate:\n"

// TestDocuments takes the likeliest symbol each time: then a model that restarts with each line writes one line again
// and again, after a prompt too, whatever lines were before it; and of paragraphs likewise.
func TestDocuments(t *testing.T) {
	m := untrained(t, corpus.Chars, verse)
	m.Documents = corpus.Lines
	lines := func(o Options) []string {
		o.Length = 400
		return strings.SplitAfter(strs(t, m, o)[0], "\n")
	}
	first := lines(Options{})
	if len(first) < 4 || first[0] != first[1] || first[0] != first[2] {
		t.Errorf("a model of lines writes %q", first)
	}
	if got := lines(Options{Prompt: first[0][:2]}); got[0] != first[0] {
		t.Errorf("after the beginning of %q it writes %q", first[0], got[0])
	}
	if got := lines(Options{Prompt: "Thou art\n"}); got[1] != first[0] {
		t.Errorf("after a whole line it writes %q, want %q", got[1], first[0])
	}
	one, two := lines(Options{Prompt: "Thou a"}), lines(Options{Prompt: "Sh\n\nThou a"})
	if one[0] != two[2] || one[1] != first[0] {
		t.Errorf("after a beginning it writes %q, with lines in front %q, want another %q", one, two, first[0])
	}
	m.Documents = corpus.Paragraphs
	paragraphs := strings.SplitAfter(strs(t, m, Options{Prompt: "\nSh\n\n", Length: 4000})[0], "\n\n")
	if len(paragraphs) < 4 || paragraphs[1] != paragraphs[2] {
		t.Errorf("a model of paragraphs writes %q", paragraphs)
	}
}

func TestSameTextOnEveryKernelSet(t *testing.T) {
	m := untrained(t, corpus.Chars, verse)
	for _, tt := range []struct {
		o    Options
		want []string
	}{
		{Options{Length: 30, Temperature: 1, Seed: 1, Count: 2, Prompt: "Thou "}, []string{"Thou plTanTee\nuen::ysh lurv hrmpdv ", "Thou ddu t ?eTp:m:yrIT Isaml'aa\n ne"}},
		{Options{Length: 30, Temperature: 0.5, TopK: 9, TopP: 0.8, Seed: 2}, []string{" yn\nlhdTlevTrtedht\nlntam:tlye\n"}},
		{Options{Length: 30}, []string{" yuy?a?alh  apr lu?hSI:?ylp?yT"}},
	} {
		sets(t, func(t *testing.T) {
			if got := strs(t, m, tt.o); !slices.Equal(got, tt.want) {
				t.Errorf("%+v:\ngot  %q\nwant %q", tt.o, got, tt.want)
			}
		})
	}
}

func TestSampleDoesNotDependOnCountOrThreads(t *testing.T) {
	for _, info := range rnn.Cells() {
		cell := info.Name
		checkCounts(t, untrainedOf(t, cell, corpus.Chars, verse))
	}
}

func checkCounts(t *testing.T, m *model.Model) {
	t.Helper()
	for _, stop := range []string{"", "e"} {
		o := Options{Length: 40, Temperature: 1, Seed: 7, Prompt: "day", Stops: []string{stop}, Count: batchRows + 6}
		all := strs(t, m, o)
		for _, count := range []int{1, 2, 5, batchRows, batchRows + 1, batchRows + 6} {
			for _, threads := range []int{1, 2, 7} {
				o.Count, o.Threads = count, threads
				if got := strs(t, m, o); !slices.Equal(got, all[:count]) {
					t.Errorf("stop %q, count %d, %d threads: %q\nof count %d: %q", stop, count, threads, got, len(all), all[:count])
				}
			}
		}
		slices.Sort(all)
		if distinct := len(slices.Compact(all)); stop == "" && 2*distinct < batchRows+6 { // an untrained network may be sure of much
			t.Errorf("only %d of %d samples differ", distinct, batchRows+6)
		}
	}
}

// At temperature 0 a text goes on as it would have, wherever it is cut in prompt and continuation; the longest prompt spans
// three windows.
func TestPromptAndContinuationAreOneText(t *testing.T) {
	for _, info := range rnn.Cells() {
		cell := info.Name
		checkContinuation(t, untrainedOf(t, cell, corpus.Chars, verse))
	}
}

func checkContinuation(t *testing.T, m *model.Model) {
	t.Helper()
	const n = 2*promptSteps + 100
	varied := strs(t, m, Options{Length: n, Temperature: 1, Prompt: "S"})[0]
	text := strs(t, m, Options{Length: 20, Prompt: varied})[0]
	if !strings.HasPrefix(text, varied) || len([]rune(text)) != n+1+20 {
		t.Fatalf("a prompt of %d symbols and 20 more gave %d that begin %.20q", n+1, len([]rune(text)), text)
	}
	ids, err := m.Alphabet.Encode(text)
	if err != nil {
		t.Fatal(err)
	}
	w := m.Network.NewWindow(1, 1, nil)
	w.Forward([]int32{m.Alphabet.Start()})
	for i, id := range ids[:len(ids)-1] {
		w.Forward([]int32{id})
		if best, _ := likeliest(w.Logits()); i >= n && best != ids[i+1] {
			t.Errorf("symbol %d is %q, time step by time step the likeliest is %q", i+1, m.Alphabet.Symbol(ids[i+1]), m.Alphabet.Symbol(best))
		}
	}
	for _, cut := range []int{n + 2, n + 10, n + 20} {
		if got := strs(t, m, Options{Length: len(text) - cut, Prompt: text[:cut]})[0]; got != text {
			t.Errorf("cut at %d it ends %q, want %q", cut, got[n:], text[n:])
		}
	}
}

// TestStart: a sample begins as a text does, with or without a prompt: from a state of zero, after a line break or the first
// symbol of an alphabet without one.
func TestStart(t *testing.T) {
	for _, tt := range []struct{ text, prompt, read string }{
		{"\tShall\n\tI", "", "\n"},
		{"\tShall\n\tI", "Sh", "\nSh"},
		{"\tShall\n\tI", "\n", "\n\n"},
		{"compare", "", "a"},
		{"compare", "comp", "acomp"},
	} {
		m := untrained(t, corpus.Chars, tt.text)
		w := m.Network.NewWindow(1, 1, nil)
		ids, err := m.Alphabet.Encode(tt.read)
		if err != nil {
			t.Fatal(err)
		}
		for _, id := range ids {
			w.Forward([]int32{id})
		}
		best, _ := likeliest(w.Logits())
		if got, want := strs(t, m, Options{Length: 1, Prompt: tt.prompt})[0], tt.prompt+m.Alphabet.Symbol(best); got != want {
			t.Errorf("%q: the prompt %q becomes %q, want %q", tt.text, tt.prompt, got, want)
		}
	}
}

func TestStop(t *testing.T) {
	m := untrained(t, corpus.Chars, verse)
	o := Options{Length: 300, Temperature: 1, Seed: 5, Count: 20, Prompt: "to a "}
	whole := strs(t, m, o)
	last := whole[0][len(whole[0])-1:] // held back at the end of a sample, in case # comes
	for _, stop := range []string{"a", "m", "he", "zz", "a ", last + "#"} {
		o.Stops = []string{stop}
		got := strs(t, m, o)
		for i := range whole {
			want := whole[i]
			if at := strings.Index(want[len(o.Prompt):], stop); at >= 0 {
				want = want[:len(o.Prompt)+at]
			}
			if got[i] != want {
				t.Errorf("stop %q, sample %d: %q, want %q", stop, i, got[i], want)
			}
		}
	}
}

func TestPieces(t *testing.T) {
	m := untrained(t, corpus.Chars, "naïve 世界")
	var pieces []string
	err := New(m).Text(context.Background(), filled(Options{Length: 5, Temperature: 1, Prompt: "naï", Count: 2}), func(p Piece) error {
		if p.Sample == 1 {
			pieces = append(pieces, p.Text)
		}
		if want := p.Sample == 1 && len(pieces) == 6 || p.Sample == 0 && len(pieces) == 5; p.Last != want {
			t.Errorf("after %d pieces of sample 1, %+v: want %v for the last", len(pieces), p, want)
		}
		return nil
	})
	if err != nil || len(pieces) != 6 || pieces[0] != "naï" {
		t.Fatalf("pieces of sample 1: %q, %v; want the prompt and 5 symbols", pieces, err)
	}
	for _, p := range pieces[1:] {
		if len([]rune(p)) != 1 || !strings.Contains("naïve 世界", p) {
			t.Errorf("piece %q is no symbol of the alphabet", p)
		}
	}
}

func TestBytes(t *testing.T) {
	m := untrained(t, corpus.Bytes, verse)
	o := Options{Length: 100, Temperature: 1, Prompt: verse[:7], Stops: []string{"\xff\xfe"}}
	if got := strs(t, m, o)[0]; !strings.HasPrefix(got, o.Prompt) || len(got) != 107 {
		t.Errorf("a prompt of 7 bytes and 100 more gave %d: %q", len(got), got)
	}
}

func TestErrors(t *testing.T) {
	m := untrained(t, corpus.Chars, verse)
	for _, tt := range []struct {
		o    Options
		want string
	}{
		{Options{Length: -1}, "length is -1, must be at least 1"},
		{Options{Temperature: -0.5}, "temperature is -0.5, must be 0 or more"},
		{Options{Temperature: math.NaN()}, "temperature is NaN, must be 0 or more"},
		{Options{Temperature: math.Inf(1)}, "temperature is +Inf, must be at most 3.4e+38"},
		{Options{Temperature: 1e39}, "temperature is 1e+39, must be at most 3.4e+38"},
		{Options{TopK: -1}, "top_k is -1, must be 0 (all symbols) or more"},
		{Options{TopP: 1.5}, "top_p is 1.5, must be above 0 and at most 1"},
		{Options{TopP: -0.1}, "top_p is -0.1, must be above 0 and at most 1"},
		{Options{TopP: math.NaN()}, "top_p is NaN, must be above 0 and at most 1"},
		{Options{Count: -1}, "count is -1, must be at least 1"},
		{Options{Threads: -1}, "threads is -1, must be at least 1"},
		{Options{Stops: []string{"\xff"}}, `stop is "\xff", which is not valid UTF-8 and can never appear`},
		{Options{Prompt: "Thou {"}, `prompt: "{" (at byte 5) is not in the alphabet`},
	} {
		called := false
		o := filled(tt.o)
		err := New(m).Text(context.Background(), o, func(Piece) error { called = true; return nil })
		if fmt.Sprint(err) != tt.want || called {
			t.Errorf("%+v: error %v, want %s", tt.o, err, tt.want)
		}
		if _, err := New(m).Strings(context.Background(), o); fmt.Sprint(err) != tt.want {
			t.Errorf("Strings, %+v: error %v, want %s", tt.o, err, tt.want)
		}
	}

	network, err := rnn.New(rnn.Config{Symbols: m.Alphabet.Size(), Hidden: 2, Codes: 3})
	if err != nil {
		t.Fatal(err)
	}
	coded := *m
	coded.Network = network
	if _, err := New(&coded).Strings(context.Background(), Defaults()); !errors.Is(err, model.ErrCodes) {
		t.Errorf("codes: error %v", err)
	}
	weights := m.Network.Params()[0].Value
	for i := range weights {
		weights[i] = float32(math.NaN())
	}
	m.Network.Updated()
	for _, threads := range []int{1, 3} {
		o := filled(Options{Temperature: 1, Count: threads, Threads: threads})
		if err := New(m).Text(context.Background(), o, func(Piece) error { return nil }); !errors.Is(err, errNotFinite) {
			t.Errorf("weights of NaN, %d threads: error %v", threads, err)
		}
	}
}

func TestCancel(t *testing.T) {
	m := untrained(t, corpus.Chars, verse)
	ctx, cancel := context.WithCancel(context.Background())
	pieces := 0
	err := New(m).Text(ctx, filled(Options{Length: 1 << 30, Temperature: 1}), func(Piece) error {
		if pieces++; pieces == 10 {
			cancel()
		}
		return nil
	})
	if !errors.Is(err, context.Canceled) || pieces != 10 {
		t.Errorf("cancelled at piece 10: %d pieces, error %v", pieces, err)
	}

	ctx, cancel = context.WithCancel(context.Background())
	pieces = 0
	o := filled(Options{Length: 1 << 30, Temperature: 1, Count: 9, Threads: 3})
	err = New(m).Text(ctx, o, func(Piece) error { // as racy as can be, if two called it at a time
		if pieces++; pieces == 1000 {
			cancel()
		}
		return nil
	})
	if !errors.Is(err, context.Canceled) || pieces < 1000 || pieces > 1000+o.Count {
		t.Errorf("three workers, cancelled at piece 1000: %d pieces, error %v", pieces, err)
	}
	never := func(Piece) error { t.Error("a piece though cancelled before"); return nil }
	if err := New(m).Text(ctx, filled(Options{Prompt: "day"}), never); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled before: error %v", err)
	}
}

// An error of emit is the end, with one worker and with several.
func TestEmitFails(t *testing.T) {
	m := untrained(t, corpus.Chars, verse)
	full := errors.New("disk full")
	for _, threads := range []int{1, 3} {
		pieces := 0
		err := New(m).Text(context.Background(), filled(Options{Length: 1 << 30, Temperature: 1, Count: 9, Threads: threads}), func(Piece) error {
			if pieces++; pieces >= 100 {
				return full
			}
			return nil
		})
		if err != full || pieces < 100 || pieces >= 100+threads {
			t.Errorf("%d threads: error %v after %d pieces", threads, err, pieces)
		}
	}
}

// Samples without end take no memory beforehand, come from the first on, and none runs far ahead of one that goes on.
func TestManySamples(t *testing.T) {
	m := untrained(t, corpus.Chars, verse)
	full := errors.New("enough")
	for _, threads := range []int{1, 2, 7} {
		first, ended, stopped := "", false, 0
		o := filled(Options{Length: 60, Temperature: 1, Stops: []string{"e"}, Count: math.MaxInt, Threads: threads})
		var calls atomic.Int32
		err := New(m).Text(context.Background(), o, func(p Piece) error {
			if calls.Add(1) > 1 {
				t.Error("two workers call emit at a time")
			}
			runtime.Gosched()
			defer calls.Add(-1)
			if p.Sample == 0 {
				first, ended = first+p.Text, p.Last
			}
			if !ended && p.Sample >= batchesAhead*threads*batchRows {
				t.Errorf("%d threads: sample %d is begun, and number 0 is not finished", threads, p.Sample)
			}
			if p.Last {
				stopped++
			}
			if ended && stopped >= 3*batchRows {
				return full
			}
			return nil
		})
		o.Count = 1
		if want := strs(t, m, o)[0]; err != full || first != want {
			t.Errorf("%d threads: error %v; sample 0 is %q, want %q", threads, err, first, want)
		}
	}
}

// TestQueue: a queue hands out what lies near the oldest that is not finished, and ends when it is closed.
func TestQueue(t *testing.T) { synctest.Test(t, testQueue) }

func testQueue(t *testing.T) {
	q := newQueue(4, 2)
	for want := range 2 {
		if got, ok := q.take(true); got != want || !ok {
			t.Fatalf("take: %d, %v; want %d", got, ok, want)
		}
	}
	q.finish(1) // which does not help: 0 is at work
	taken := make(chan int, 2)
	go func() {
		for range cap(taken) {
			if number, ok := q.take(true); ok {
				taken <- number
			}
		}
		close(taken)
	}()
	if synctest.Wait(); len(taken) > 0 {
		t.Error("a number was handed out though 0 is not finished")
	}
	q.finish(0)
	if a, b := <-taken, <-taken; a != 2 || b != 3 {
		t.Errorf("then %d and %d, want 2 and 3", a, b)
	}
	if number, ok := q.take(true); ok {
		t.Errorf("beyond the end: %d", number)
	}
	full := newQueue(9, 0)
	waiting := make(chan bool)
	go func() { _, ok := full.take(true); waiting <- ok }()
	synctest.Wait() // take waits
	full.close()
	if <-waiting {
		t.Error("a closed queue hands out numbers")
	}
}
