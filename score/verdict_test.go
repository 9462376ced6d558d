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

// lossOf returns the mean loss of symbols by Scorer, without spelling, in nats.
func lossOf(t testing.TB, m *model.Model, text string, lo, hi int64) float64 {
	t.Helper()
	var sum float64
	i := int64(0)
	if err := New(m, Extras{}).Text(context.Background(), []byte(text), func(x Symbol) error {
		if lo <= i && i < hi {
			sum += x.Bits.Float()
			if x.ID == m.Alphabet.Escape() {
				sum -= m.Alphabet.SpellingBits(string(x.Text))
			}
		}
		i++
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return sum * math.Ln2 / float64(hi-lo)
}

// A verdict's losses are those of Scorer, which reads from the start of the text.
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
				if want = lossOf(t, m, text, max(0, n-held), n); math.Abs(got.Train-want) > 1e-6 {
					t.Errorf("%s, %s, %d held out: training loss %v, want %v", kind, documents, held, got.Train, want)
				}
			}
		}
	}
}

// Of a long text a model reads some before it is measured, and baselines learn a sample.
func TestVerdictOfLongText(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	var b strings.Builder
	for b.Len() < 60_000 {
		b.WriteByte("abc\n"[rng.IntN(4)])
	}
	m, c := known(t, b.String(), corpus.Options{Valid: 0.5})
	v := judge(t, m, c, VerdictOptions{Learn: 16_010, Measure: 3000})
	if v.Learned != 16_000 || v.LearnedOf != 30_000 || v.Measured != 3000 || v.MeasuredOf != c.Valid().Len() {
		t.Errorf("%d of %d learned, %d of %d measured", v.Learned, v.LearnedOf, v.Measured, v.MeasuredOf)
	}
	n := c.Train().Len()
	got, want := v.Models[0].Loss, lossOf(t, m, b.String(), n, n+3000)
	if math.Abs(got-want) > 1e-6 { // the state has forgotten what lies 4096 symbols back
		t.Errorf("loss %v, that of the whole text %v", got, want)
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
	l := ngram.NewLearner(c.Alphabet.Size(), 6)
	l.Begin(c.Alphabet.Start())
	for _, w := range ids[:n] {
		l.Learn(w)
	}
	r, p, want := l.Model().Reader(), make([]float64, 7), make([]float64, 7)
	r.Begin(c.Alphabet.Start())
	for i, w := range ids {
		r.Read(w, p)
		for k := range p {
			if int64(i) >= n {
				want[k] -= math.Log(p[k]) / float64(c.Valid().Len())
			}
		}
	}
	for k, name := range []string{"uniform", "unigram", "2-gram", "3-gram", "4-gram", "5-gram", "6-gram", "gzip"} {
		got := v.Baselines[k]
		if got.Name != name || k < 7 && math.Abs(got.Loss-want[k]) > 1e-9 {
			t.Errorf("baseline %d is %+v, want %s %v", k, got, name, want[min(k, 6)])
		}
	}
	// The text held out has occurred before: in a few references to that, 3 bytes each at most. Without them it takes more
	// than 4 bits a byte.
	if packed := v.Baselines[7].Loss / math.Ln2; packed > 0.5 || packed <= 0 {
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
			for _, b := range v.Baselines[3:7] { // pairs are the same in both
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
