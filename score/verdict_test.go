package score

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/internal/ngram"
	"github.com/seed-f4dd853e/elman/language"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/rnn"
)

// known returns a model, its alphabet and documents those of a corpus of text, and that.
func known(t testing.TB, text string, o corpus.Options) (*model.Model, *corpus.Corpus) {
	t.Helper()
	c, err := corpus.New(corpus.FromBytes("test", []byte(text)), o)
	if err != nil {
		t.Fatal(err)
	}
	network, err := rnn.New(rnn.Config{Symbols: c.Alphabet.Size(), Hidden: 13, Layers: 2})
	if err != nil {
		t.Fatal(err)
	}
	network.Init(rnn.Init{Normal: 0.6}, 1)
	return &model.Model{Network: network, Alphabet: c.Alphabet, Documents: o.Documents}, c
}

func judge(t testing.TB, m *model.Model, c *corpus.Corpus, o VerdictOptions) Verdict {
	t.Helper()
	v, err := Evaluate(context.Background(), []Candidate{{Name: "model", Model: m}}, c, o)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// lossOf returns the mean loss of symbols by Scorer, in nats.
func lossOf(t testing.TB, m *model.Model, text string, lo, hi int64) float64 {
	t.Helper()
	var sum float64
	i := int64(0)
	if err := New(m, Extras{}).Text(context.Background(), []byte(text), func(x Symbol) error {
		if lo <= i && i < hi {
			sum += x.Bits.Float()
		}
		i++
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return sum * math.Ln2 / float64(hi-lo)
}

// A verdict's losses are those of Scorer, which reads from the start of the text and pays for spelling.
func TestVerdictLosses(t *testing.T) {
	text := strings.Repeat(verse+"\nzebra naïve\n\n", 9)
	for _, kind := range corpus.Kinds() {
		for _, documents := range corpus.DocumentKinds() {
			for _, valid := range []float64{0.01, 0.3, 0.6} { // the last has less to learn from than to measure
				m, c := known(t, text, corpus.Options{Kind: kind, Documents: documents, Valid: valid, MinCount: 10})
				n, held := c.Train().Len(), c.Valid().Len()
				got := judge(t, m, c, VerdictOptions{}).Models[0]
				want := lossOf(t, m, text, n, n+held)
				if math.Abs(got.Loss-want) > 1e-6 { // bits are rounded to 2^-24
					t.Errorf("%s, %s, %d held out: loss %v, want %v", kind, documents, held, got.Loss, want)
				}
			}
		}
	}
}

// All predictors pay for the spelling of symbols that the alphabet lacks, whether they are rare or new.
func TestVerdictSpelling(t *testing.T) {
	text := strings.Repeat("abab", 100) + "abéabxyab"
	for _, tt := range []struct {
		name     string
		known    string // of which the alphabet is
		min      int
		unknown  int64
		spelling float64 // bits
	}{
		{"nothing unknown", text, 1, 0, 0},
		{"rare", text, 2, 3, 8 * 4},
		{"new: é, x, y", "ab", 1, 3, 8 * 4},
		{"almost all: b is unknown too", "a", 1, 205, 8 * 206},
	} {
		_, c := known(t, tt.known, corpus.Options{MinCount: tt.min})
		c, err := corpus.WithAlphabet(corpus.FromBytes("test", []byte(text)), c.Alphabet, corpus.Options{Valid: 0.5})
		if err != nil {
			t.Fatal(err)
		}
		if err := c.SplitAt(2); err != nil {
			t.Fatal(err)
		}
		v, err := Evaluate(context.Background(), nil, c, VerdictOptions{})
		if err != nil {
			t.Fatal(err)
		}
		spelling := tt.spelling * math.Ln2 / float64(len([]rune(text))-2)
		if v.Unknown != tt.unknown || math.Abs(v.Spelling-spelling) > 1e-12 {
			t.Errorf("%s: %d unknown symbols, %v nats to spell them; want %d, %v", tt.name, v.Unknown, v.Spelling, tt.unknown, spelling)
		}
		if got, want := v.Baselines[0].Loss, math.Log(float64(c.Alphabet.Size()))+spelling; math.Abs(got-want) > 1e-12 {
			t.Errorf("%s: a uniform guess takes %v, want %v", tt.name, got, want)
		}
	}
}

// What is known of a training comes from the model's summary.
func TestVerdictOfRun(t *testing.T) {
	m, c := known(t, strings.Repeat(verse, 9), corpus.Options{Valid: 0.2})
	m.Summary = model.Summary{Steps: 30, Symbols: 5000, TrainSymbols: 2000, PassLoss: 1.5}
	for _, tt := range []struct {
		name string
		c    Candidate
		want [3]float64 // passes, kept, online
	}{
		{"at its end", Candidate{Model: m, Steps: 30}, [3]float64{2.5, 1, 1.5}},
		{"earlier", Candidate{Model: m, Steps: 120}, [3]float64{2.5, 0.25, 1.5}},
		{"a file alone", Candidate{Model: m}, [3]float64{2.5, 0, 1.5}},
		{"another text", Candidate{Model: m, Steps: 30, OtherText: true}, [3]float64{}},
	} {
		v, err := Evaluate(context.Background(), []Candidate{tt.c}, c, VerdictOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if r := v.Models[0]; [3]float64{r.Passes, r.Kept, r.Online} != tt.want {
			t.Errorf("%s: %+v, want %v", tt.name, r, tt.want)
		}
	}
}

// Of a long text a model reads some before it is measured, and baselines learn a sample.
func TestVerdictOfLongText(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	var b strings.Builder
	for b.Len() < 100_000 {
		b.WriteByte("abc\n"[rng.IntN(4)])
	}
	m, c := known(t, b.String(), corpus.Options{Valid: 0.5})
	n := c.Train().Len()
	for _, measure := range []int64{3000, 50_000} { // read in one lane, and in three
		v := judge(t, m, c, VerdictOptions{Learn: 16_010, Measure: measure})
		if v.Learned != 16_000 || v.LearnedOf != 50_000 || v.Measured != measure || v.MeasuredOf != c.Valid().Len() {
			t.Errorf("%d of %d learned, %d of %d measured", v.Learned, v.LearnedOf, v.Measured, v.MeasuredOf)
		}
		got, want := v.Models[0].Loss, lossOf(t, m, b.String(), n, n+measure)
		if math.Abs(got-want) > 1e-6 { // the state has forgotten what lies 4096 symbols back
			t.Errorf("%d symbols: loss %v, that of the whole text %v", measure, got, want)
		}
	}
	for _, n := range []int64{16_011, 17_000, 1 << 40} {
		tr := splitOf(t, c, n)
		for i, p := range tr.learned {
			if p.hi-p.lo != 1000 || i > 0 && p.lo < tr.learned[i-1].hi || p.lo < 0 {
				t.Errorf("%d symbols: stretch %d is %d to %d", n, i, p.lo, p.hi)
			}
			if want := (n - 1000) * int64(i) / 15; p.lo < want-15 || p.lo > want {
				t.Errorf("%d symbols: stretch %d begins at %d, evenly would be %d", n, i, p.lo, want)
			}
		}
		if tr.learned[0].lo != 0 || tr.learned[15].hi != n {
			t.Errorf("%d symbols: passages from %d to %d", n, tr.learned[0].lo, tr.learned[15].hi)
		}
	}
}

// splitOf returns the passages of a training section of 16,010 symbols.
func splitOf(t *testing.T, c *corpus.Corpus, n int64) *split {
	t.Helper()
	return &split{c: c, learned: evenly(c, n, 16_010)}
}

// TestBaselines compares with the n-grams themselves.
func TestBaselines(t *testing.T) {
	text := strings.Repeat(verse, 9)
	m, c := known(t, text, corpus.Options{Valid: 0.2})
	v := judge(t, m, c, VerdictOptions{})
	ids, err := c.Alphabet.Encode(text)
	if err != nil {
		t.Fatal(err)
	}
	n := c.Train().Len()
	l := ngram.NewLearner(c.Alphabet.Size(), 8)
	l.Begin(c.Alphabet.Start())
	for _, w := range ids[:n] {
		l.Learn(w)
	}
	r, p, want := l.Model().Reader(), make([]float64, 9), make([]float64, 9)
	r.Begin(c.Alphabet.Start())
	for i, w := range ids {
		r.Read(w, p)
		for k := range p {
			if int64(i) >= n {
				want[k] -= math.Log(p[k]) / float64(c.Valid().Len())
			}
		}
	}
	for k, name := range []string{"uniform", "unigram", "2-gram", "3-gram", "4-gram", "5-gram", "6-gram", "7-gram", "8-gram", "gzip"} {
		got := v.Baselines[k]
		if got.Name != name || k < 9 && math.Abs(got.Loss-want[k]) > 1e-9 {
			t.Errorf("baseline %d is %+v, want %s %v", k, got, name, want[min(k, 8)])
		}
	}
	best := slices.Index(want, slices.Min(want))
	if name := fmt.Sprintf("%d-gram", best); v.Best != name {
		t.Errorf("the best is the %s, want the %s", v.Best, name)
	}
	if r := v.Models[0]; math.Abs(r.Ahead.Nats-(want[best]-r.Loss)) > 1e-9 || r.Ahead.Error <= 0 {
		t.Errorf("the model takes %v nats, the best n-gram %v: ahead %+v", r.Loss, want[best], r.Ahead)
	}
	// The text held out has occurred before: in a few references to that, 3 bytes each at most. Without them it takes more
	// than 4 bits a byte.
	if packed := v.Baselines[9].Loss / math.Ln2; packed > 0.5 || packed <= 0 {
		t.Errorf("gzip takes %v bits for a byte that it has seen before", packed)
	}
}

// Documents are texts of their own: their order in the part held out changes nothing, as it does without documents.
func TestVerdictOfDocuments(t *testing.T) {
	lines := strings.SplitAfter(strings.Repeat(verse, 3), "\n")[:12]
	turned := slices.Clone(lines)
	slices.Reverse(turned[8:])
	for _, documents := range []corpus.Documents{corpus.Lines, corpus.Whole} {
		var losses [2][]float64
		for i, lines := range [][]string{lines, turned} {
			m, c := known(t, strings.Join(lines, ""), corpus.Options{Documents: documents, Valid: 0.5})
			if err := c.SplitAt(int64(len(strings.Join(lines[:8], "")))); err != nil {
				t.Fatal(err)
			}
			v := judge(t, m, c, VerdictOptions{})
			losses[i] = []float64{v.Models[0].Loss}
			for _, b := range v.Baselines[3:9] { // pairs are the same in both
				losses[i] = append(losses[i], b.Loss)
			}
		}
		for k := range losses[0] {
			if same := math.Abs(losses[0][k]-losses[1][k]) < 1e-9; same != (documents == corpus.Lines) {
				t.Errorf("%s: loss %d is %v, with lines in another order %v", documents, k, losses[0][k], losses[1][k])
			}
		}
	}
}

// TestVerdictOfOwnFile: lines are measured alike in a file of their own and at the end of the text, since each begins anew.
func TestVerdictOfOwnFile(t *testing.T) {
	text := strings.Repeat("the cat sat\non the mat\nand that\n", 30)
	cut := strings.LastIndex(text[:len(text)*3/4], "\n") + 1
	m, c := known(t, text, corpus.Options{Documents: corpus.Lines})
	if err := c.SplitAt(int64(cut)); err != nil {
		t.Fatal(err)
	}
	own, err := corpus.WithAlphabet(corpus.FromBytes("test", []byte(text[:cut])), m.Alphabet,
		corpus.Options{Documents: corpus.Lines, ValidText: corpus.FromBytes("own", []byte(text[cut:]))})
	if err != nil {
		t.Fatal(err)
	}
	want, got := judge(t, m, c, VerdictOptions{}), judge(t, m, own, VerdictOptions{})
	if !got.OwnFile || want.OwnFile {
		t.Errorf("own file %v, and at the end of the text %v", got.OwnFile, want.OwnFile)
	}
	got.OwnFile = false
	if a, b := fmt.Sprintf("%+v", got), fmt.Sprintf("%+v", want); a != b {
		t.Errorf("in a file of its own %s\nat the end of the text %s", a, b)
	}
}

func TestVerdictErrors(t *testing.T) {
	m, c := known(t, strings.Repeat(verse, 9), corpus.Options{Valid: 0.2})
	one := []Candidate{{Name: "model", Model: m}}
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Evaluate(cancelled, one, c, VerdictOptions{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: error %v", err)
	}
	if _, err := Evaluate(cancelled, nil, c, VerdictOptions{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled, no models: error %v", err)
	}
	_, whole := known(t, verse, corpus.Options{})
	if _, err := Evaluate(context.Background(), one, whole, VerdictOptions{}); !errors.Is(err, ErrNothingHeldOut) {
		t.Errorf("nothing held out: error %v", err)
	}
	_, small := known(t, "abc", corpus.Options{Valid: 0.7})
	if _, err := Evaluate(context.Background(), one, small, VerdictOptions{}); err == nil {
		t.Error("1 symbol to learn from: no error")
	}
	_, other := known(t, "abcabcabc", corpus.Options{Valid: 0.5})
	if _, err := Evaluate(context.Background(), one, other, VerdictOptions{}); err == nil {
		t.Error("another alphabet: no error")
	}
	network, err := rnn.New(rnn.Config{Symbols: m.Alphabet.Size(), Hidden: 2, Codes: 3})
	if err != nil {
		t.Fatal(err)
	}
	coded := *m
	coded.Network = network
	if _, err := Evaluate(context.Background(), []Candidate{{Name: "codes", Model: &coded}}, c, VerdictOptions{}); !errors.Is(err, model.ErrCodes) {
		t.Errorf("codes: error %v", err)
	}
	m.Network.Params()[0].Value[0] = float32(math.NaN())
	m.Network.Updated()
	if _, err := Evaluate(context.Background(), one, c, VerdictOptions{}); !errors.Is(err, model.ErrNotFinite) {
		t.Errorf("a weight that is no number: error %v", err)
	}
}

func TestVerdictProgress(t *testing.T) {
	m, c := known(t, strings.Repeat(verse, 9), corpus.Options{Valid: 0.2})
	last, total := int64(0), int64(0)
	o := VerdictOptions{Progress: func(done, of int64) {
		if done <= last || total != 0 && of != total {
			t.Errorf("%d of %d after %d of %d", done, of, last, total)
		}
		last, total = done, of
	}}
	if _, err := Evaluate(context.Background(), []Candidate{{Name: "a", Model: m}, {Name: "b", Model: m}}, c, o); err != nil || last != total || total == 0 {
		t.Errorf("%d of %d symbols read, %v", last, total, err)
	}
}

// TestFloor knows the entropy of languages per character, which is per byte too as long as they are ASCII.
func TestFloor(t *testing.T) {
	for _, l := range language.All() {
		for _, kind := range []corpus.Kind{corpus.Chars, corpus.Bytes} {
			f, err := FloorOf(l.Name, kind)
			if err != nil || f.Nats != l.Entropy().Nats || f.Exact != l.Entropy().Exact || f.Language != l.Name {
				t.Errorf("%s of %s: %+v, %v", kind, l.Name, f, err)
			}
		}
		if f, err := FloorOf(l.Name, corpus.Words); f != nil || err != nil {
			t.Errorf("words of %s: %+v, %v", l.Name, f, err)
		}
		if i := slices.IndexFunc(l.Generate(1, 1<<16), func(b byte) bool { return b >= 0x80 }); i >= 0 {
			t.Errorf("%s: byte %d is not ASCII", l.Name, i)
		}
	}
	if _, err := FloorOf("klingon", corpus.Chars); err == nil {
		t.Error("an unknown language: no error")
	}
}

// Baselines know a text of three words that take turns; the network has not learned it.
func ExampleEvaluate() {
	c, _ := corpus.New(corpus.FromBytes("text", []byte(strings.Repeat("to and fro ", 2000))), corpus.Options{Valid: 0.1})
	network, _ := rnn.New(rnn.Config{Symbols: c.Alphabet.Size(), Hidden: 4})
	network.Init(rnn.Init{}, 1)
	m := &model.Model{Network: network, Alphabet: c.Alphabet}
	v, err := Evaluate(context.Background(), []Candidate{{Name: "untrained", Model: m}}, c, VerdictOptions{})
	fmt.Println(v.About(v.Models[0])[0], err)
	// Output: untrained is worse than all baselines, 0.27 nats above the worst, the uniform guess. <nil>
}

// TestGzipOfLowerCase: gzip packs the text that a model of lower case predicts.
func TestGzipOfLowerCase(t *testing.T) {
	gzip := func(text string, lower bool) float64 {
		c, err := corpus.New(corpus.FromBytes("text", []byte(text)), corpus.Options{Valid: 0.3, Lowercase: lower})
		if err != nil {
			t.Fatal(err)
		}
		s, err := newSplit(c, maxLearned, maxMeasured)
		if err != nil {
			t.Fatal(err)
		}
		nats, err := s.gzip()
		if err != nil {
			t.Fatal(err)
		}
		return nats
	}
	text := verse + strings.ToUpper(verse)
	if got, want := gzip(text, true), gzip(strings.ToLower(text), false); got != want || got >= gzip(text, false) {
		t.Errorf("%v nats in lower case, want %v; %v as it is", got, want, gzip(text, false))
	}
}
