package generate

import (
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/internal/f32"
	"github.com/seed-f4dd853e/elman/model"
)

// A trial is a row with the tokens that it emitted.
type trial struct {
	o      RowOptions
	tokens []Token
	row    *Row
}

// randomRow returns options of all kinds.
func randomRow(t *testing.T, g *Generator, r *rand.Rand) RowOptions {
	t.Helper()
	o := RowDefaults()
	o.Temperature, o.TopK, o.TopP = []float64{0, 0.6, 1, 1.4}[r.IntN(4)], r.IntN(3)*4, 1-0.2*float64(r.IntN(2))
	o.Seed, o.Sample, o.Length = r.Uint64N(3), r.IntN(9), r.IntN(60)
	o.Logprobs, o.Echo, o.UTF8 = r.IntN(5)-1, r.IntN(2) == 0, r.IntN(4) == 0
	for range r.IntN(3) {
		o.Stops = append(o.Stops, []string{"e", "\n", "th", "ÄS", ""}[r.IntN(5)])
	}
	text := []string{"", "Shall", "\n", "the eye\n\nof heaven", rhyme, strings.Repeat("summer's day ", 20), "unknown {}\n\n{ symbols"}[r.IntN(7)]
	var from *model.Place
	if r.IntN(4) == 0 {
		from = place(t, g.m, "Rough winds\n")
	}
	var err error
	if ids, encodes := g.m.Alphabet.Encode(text); encodes == nil && r.IntN(2) == 0 {
		if r.IntN(3) == 0 {
			ids = slices.Insert(ids, 0, g.m.Alphabet.Start())
		}
		o.Prompt, err = g.NewPromptOf(from, ids)
	} else if encodes == nil {
		o.Prompt, err = g.NewPrompt(from, text)
	}
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// place returns the place after a text.
func place(t *testing.T, m *model.Model, text string) *model.Place {
	t.Helper()
	p := m.Beginning()
	w := m.Network.NewWindow(1, 1, nil)
	p.Feed.Append([]byte(text))
	for {
		step, err := p.Feed.Next()
		if err != nil {
			break
		}
		w.Starts()[0] = step.Starts
		w.Forward([]int32{step.X})
		p.Last = step.Y
	}
	p.State = make([]float32, w.StateLen())
	w.State(p.State)
	return p
}

// alone writes a row with nothing beside it.
func alone(t *testing.T, g *Generator, o RowOptions) *trial {
	t.Helper()
	x := &trial{o: o}
	row, err := g.NewRow(o, func(token Token) bool { x.tokens = append(x.tokens, token); return true })
	if err != nil {
		t.Fatal(err)
	}
	b := g.NewBatch(1)
	for b.Join(row); b.Step() > 0; {
	}
	return x
}

// TestRowsAsAlone lets rows join two batches at random, pause, move from one to the other and leave, and compares each with the same
// row alone.
func TestRowsAsAlone(t *testing.T) {
	for _, v := range someVariety() {
		r := rand.New(rand.NewPCG(1, uint64(len(v.name))))
		g := New(v.m)
		batches := []*Batch{g.NewBatch(9), g.NewBatch(3)}
		var trials []*trial
		var away []*trial // those that have not begun, or pause
		for range 24 {
			x := &trial{o: randomRow(t, g, r)}
			if len(trials) > 0 && r.IntN(3) == 0 {
				x.o.Prompt = trials[r.IntN(len(trials))].o.Prompt
			}
			var err error
			x.row, err = g.NewRow(x.o, func(token Token) bool {
				x.tokens = append(x.tokens, token)
				if token.End == "" && r.IntN(10) == 0 {
					away = append(away, x)
					return false
				}
				return true
			})
			if err != nil {
				t.Fatalf("%s: %v", v.name, err)
			}
			trials, away = append(trials, x), append(away, x)
		}
		for busy := true; busy || len(away) > 0; {
			busy = false
			for _, b := range batches {
				for len(away) > 0 && b.Len() < b.most && r.IntN(2) == 0 {
					i := r.IntN(len(away))
					b.Join(away[i].row)
					away = slices.Delete(away, i, i+1)
				}
				if len(b.writing) > 0 && r.IntN(8) == 0 {
					row := b.writing[r.IntN(len(b.writing))]
					b.Leave(row)
					away = append(away, trials[slices.IndexFunc(trials, func(x *trial) bool { return x.row == row })])
				}
				busy = b.Step() > 0 || busy
			}
		}
		for i, x := range trials {
			want := alone(t, New(v.m), fresh(t, v.m, x.o))
			if !sameTokens(x.tokens, want.tokens) || !x.row.Done() {
				t.Fatalf("%s, row %d, %+v:\n%v, done %v\nalone:\n%v", v.name, i, x.o, x.tokens, x.row.Done(), want.tokens)
			}
		}
	}
}

// fresh returns the same options with a prompt that no row has read.
func fresh(t *testing.T, m *model.Model, o RowOptions) RowOptions {
	if p := o.Prompt; p != nil {
		o.Prompt = &Prompt{
			m: p.m, state: p.state, last: p.last, start: p.start, first: p.first, given: p.given, ids: p.ids, starts: p.starts, text: p.text,
			ends: p.ends, valid: p.valid, splitter: p.splitter,
		}
	}
	return o
}

// sameTokens compares all that tokens have; a number that is NaN equals another.
func sameTokens(a, b []Token) bool {
	return slices.EqualFunc(a, b, func(a, b Token) bool {
		if math.IsNaN(a.Logprob) && math.IsNaN(b.Logprob) {
			a.Logprob, b.Logprob = 0, 0
		}
		return reflect.DeepEqual(a, b)
	})
}

// TestRowsAsText compares rows with the samples of Text, and their numbers with those of a window that reads their text, symbol by
// symbol.
func TestRowsAsText(t *testing.T) {
	for _, v := range someVariety() {
		g, a := New(v.m), v.m.Alphabet
		for i, o := range choices {
			prompt, err := g.NewPrompt(nil, o.Prompt)
			if err != nil {
				t.Fatal(err)
			}
			texts := strs(t, v.m, o)
			number := len(texts) - 1
			x := alone(t, g, RowOptions{
				Prompt: prompt, Echo: true, Length: o.Length, Stops: o.Stops, Temperature: o.Temperature, TopK: o.TopK, TopP: o.TopP,
				UTF8: o.UTF8, Seed: o.Seed, Sample: number, Logprobs: 3,
			})
			text := ""
			w := v.m.Network.NewWindow(1, 1, nil)
			read, starts, last := a.Start(), true, int32(-1)
			splitter := corpus.DocumentSplitter{Kind: v.m.Documents}
			for _, token := range x.tokens {
				if text += token.Text; token.ID < 0 {
					continue
				}
				w.Starts()[0] = starts
				w.Forward([]int32{read})
				if want := -float64(f32.CrossEntropy(w.Logits(), int(token.ID))); token.Logprob != want {
					t.Fatalf("%s, choice %d: %+v after %q, want the logarithm %v", v.name, i, token, text, want)
				}
				for _, guess := range token.Top {
					if want := a.Piece(last, guess.ID); guess.Text != want {
						t.Fatalf("%s, choice %d: the guess %+v after %q, want %q", v.name, i, guess, text, want)
					}
				}
				last = token.ID
				if want := guessesOf(w.Logits(), 3); fmt.Sprint(want) != fmt.Sprint(idsOf(token.Top)) {
					t.Fatalf("%s, choice %d: %+v after %q, want the likeliest %v", v.name, i, token, text, want)
				}
				if spelled := token.Spelling > 0; spelled != (token.Prompt && token.ID == a.Escape()) {
					t.Fatalf("%s, choice %d: %+v is spelled", v.name, i, token)
				}
				symbol := token.Text
				if token.ID != a.Escape() {
					symbol = a.Symbol(token.ID)
				}
				read, starts = token.ID, splitter.Add(symbol)
				if starts {
					read = a.Start()
				}
			}
			if end := x.tokens[len(x.tokens)-1].End; text != texts[number] || end != Stopped && end != Complete {
				t.Fatalf("%s, choice %d: %q, end %q; want %q", v.name, i, text, end, texts[number])
			}
		}
	}
}

func guessesOf(logits []float32, n int) (ids []int32) {
	for id := range logits {
		ids = append(ids, int32(id))
	}
	slices.SortStableFunc(ids, func(a, b int32) int {
		switch {
		case logits[a] > logits[b]:
			return -1
		case logits[a] < logits[b]:
			return 1
		}
		return 0
	})
	return ids[:min(n, len(ids))]
}

func idsOf(top []Guess) (ids []int32) {
	for _, g := range top {
		ids = append(ids, g.ID)
	}
	return ids
}

// rows returns rows that write this many symbols after a prompt, and what they emit.
func rows(t *testing.T, g *Generator, n, length int, prompt string) (all []*Row, tokens []int) {
	t.Helper()
	p, err := g.NewPrompt(nil, prompt)
	if err != nil {
		t.Fatal(err)
	}
	tokens = make([]int, n)
	for i := range n {
		o := RowDefaults()
		o.Prompt, o.Length, o.Sample = p, length, i
		r, err := g.NewRow(o, func(Token) bool { tokens[i]++; return true })
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, r)
	}
	return all, tokens
}

// TestLongPromptDelaysNobody: while a long prompt is read, each step takes a row that writes one symbol further.
func TestLongPromptDelaysNobody(t *testing.T) {
	g := New(untrained(t, corpus.Chars, verse))
	b := g.NewBatch(2)
	writes, written := rows(t, g, 1, 1<<30, "")
	reads, read := rows(t, g, 1, 1, strings.Repeat(verse, 50))
	b.Join(writes[0])
	b.Step()
	b.Join(reads[0])
	steps := 0
	for ; read[0] == 0; steps++ {
		before, wrote := b.Read, written[0]
		if b.Step(); written[0] != wrote+1 || b.Read > before+promptSteps {
			t.Fatalf("a step reads %d symbols of a prompt and writes %d", b.Read-before, written[0]-wrote)
		}
	}
	if least := 50 * len(verse) / promptSteps; steps < least {
		t.Errorf("%d steps for a prompt of %d symbols", steps, 50*len(verse))
	}
}

// TestManyPromptsDelayNobody: a step reads so many symbols of so many prompts at most, however many wait.
func TestManyPromptsDelayNobody(t *testing.T) {
	g := New(untrained(t, corpus.Chars, verse))
	b := g.NewBatch(3 * promptStreams)
	for i := range 3 * promptStreams {
		reads, _ := rows(t, g, 1, 1, strings.Repeat(verse, 3)+verse[:i])
		b.Join(reads[0])
	}
	for step := range 5 {
		before := b.Read
		if b.Step(); b.Read != before+promptSteps*promptStreams {
			t.Fatalf("step %d reads %d symbols, want %d of %d prompts", step, b.Read-before, promptSteps, promptStreams)
		}
	}
}

// TestPromptIsReadOnce: rows that join together read a prompt that they share once.
func TestPromptIsReadOnce(t *testing.T) {
	g := New(untrained(t, corpus.Chars, verse))
	b := g.NewBatch(20)
	all, _ := rows(t, g, 20, 3, verse)
	for _, r := range all {
		b.Join(r)
	}
	for b.Step() > 0 {
	}
	if want := int64(len(verse) + 1); b.Read != want || b.Written != 20*3 {
		t.Errorf("20 rows read %d symbols, want %d; they write %d", b.Read, want, b.Written)
	}
}

// TestStepAllocatesNothing while rows write.
func TestStepAllocatesNothing(t *testing.T) {
	g := New(untrained(t, corpus.Chars, verse))
	b := g.NewBatch(5)
	all, _ := rows(t, g, 5, 1<<30, "")
	for _, r := range all {
		b.Join(r)
	}
	for range 10 {
		b.Step()
	}
	if n := testing.AllocsPerRun(100, func() { b.Step() }); n > 0 {
		t.Errorf("a step of rows that write allocates %v times", n)
	}
}

func TestRowErrors(t *testing.T) {
	m := untrained(t, corpus.Chars, verse)
	g := New(m)
	for want, change := range map[string]func(*RowOptions){
		"length is -1":                 func(o *RowOptions) { o.Length = -1 },
		"logprobs is -2":               func(o *RowOptions) { o.Logprobs = -2 },
		"sample is -1":                 func(o *RowOptions) { o.Sample = -1 },
		"temperature is NaN":           func(o *RowOptions) { o.Temperature = math.NaN() },
		"top_p is 0":                   func(o *RowOptions) { o.TopP = 0 },
		`stop is "\xff", which is not`: func(o *RowOptions) { o.Stops = []string{"a", "\xff"} },
	} {
		o := RowDefaults()
		change(&o)
		if _, err := g.NewRow(o, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %s", err, want)
		}
	}
	for _, id := range []int32{-1, int32(m.Alphabet.Size()), math.MinInt32, math.MaxInt32} {
		want := fmt.Sprintf("prompt has symbol %d (number 2 of it); the alphabet has %d symbols", id, m.Alphabet.Size())
		if _, err := g.NewPromptOf(nil, []int32{0, id}); fmt.Sprint(err) != want {
			t.Errorf("error %v, want %s", err, want)
		}
	}
	bytes := New(untrained(t, corpus.Bytes, "naïve"))
	p, err := bytes.NewPromptOf(nil, []int32{0, int32(bytes.m.Alphabet.Size() - 1)}) // a byte that begins a character, at most
	if err != nil {
		t.Fatal(err)
	}
	o := RowDefaults()
	o.Prompt, o.UTF8 = p, true
	if _, err := bytes.NewRow(o, nil); err == nil || !strings.Contains(err.Error(), "not valid UTF-8") {
		t.Errorf("a prompt that ends within a character: error %v", err)
	}
	defer func() {
		if recover() == nil {
			t.Error("a batch of 1 took 2 rows")
		}
	}()
	all, _ := rows(t, g, 2, 1, "")
	b := g.NewBatch(1)
	b.Join(all[0])
	b.Join(all[1])
}

// TestPromptOfNumbers: numbers are read as the text that they stand for, with the start of a text or without.
func TestPromptOfNumbers(t *testing.T) {
	for _, v := range variety() {
		g, a := New(v.m), v.m.Alphabet
		ids, err := a.Encode("the eye\n\nof heaven")
		if err != nil {
			t.Fatal(err)
		}
		o := RowDefaults()
		o.Logprobs, o.Length = 2, 20
		if o.Prompt, err = g.NewPrompt(nil, "the eye\n\nof heaven"); err != nil {
			t.Fatal(err)
		}
		want := alone(t, g, o)
		for _, ids := range [][]int32{ids, slices.Insert(slices.Clone(ids), 0, a.Start())} {
			if o.Prompt, err = g.NewPromptOf(nil, ids); err != nil {
				t.Fatal(err)
			}
			if got := alone(t, g, o); !sameTokens(got.tokens, want.tokens) || o.Prompt.Len() != len(ids) {
				t.Errorf("%s: %v of %d symbols, want %v", v.name, got.tokens, o.Prompt.Len(), want.tokens)
			}
		}
	}
}
