package score

import (
	"compress/flate"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/internal/ngram"
)

// Limits on what a verdict reads, which bound its memory and time on any text.
const (
	maxLearned  = 1 << 22 // symbols that the n-grams learn from: of ordinary text 200 MB while they count, at most 700
	maxMeasured = 1 << 19 // symbols held out: the standard error is then about 0.2 % of the mean
	pieces      = 16      // of the training section, if it is longer than is learned
	dictionary  = 1 << 15 // bytes that DEFLATE can look back
)

// A Baseline is a simple predictor with which models are compared.
type Baseline struct {
	Name string  `json:"name"` // uniform, unigram, 2-gram to 8-gram, or gzip
	Loss float64 `json:"loss"` // nats per symbol on text held out
}

// gzipName is the Name of the Baseline that is no n-gram.
const gzipName = "gzip"

// A passage is symbols lo to hi-1 of a corpus.
type passage struct {
	c      *corpus.Corpus
	lo, hi int64
}

// read reads the passage symbol by symbol. Contexts begin at its first symbol, and in a corpus of documents at the first
// symbol of each: begin receives the symbol before it, as a model would see it. next receives every time step.
func (p passage) read(ctx context.Context, begin func(symbol int32), next func(corpus.Step)) error {
	feed, err := p.c.Section(p.lo, p.hi).Feed()
	if err != nil {
		return err
	}
	return feed.Each(ctx, begin, func(s corpus.Step) error { next(s); return nil })
}

// A split says which symbols of a corpus the baselines learn from, and on which all are measured.
type split struct {
	c       *corpus.Corpus
	learned []passage
	held    passage // held out, and measured

	spelling *losses // of the symbols held out that the alphabet lacks; 0 for the others
	unknown  int64   // how many those are
}

func newSplit(c *corpus.Corpus, learn, measure int64) (*split, error) {
	n, held := c.Train().Len(), c.Valid().Len()
	switch {
	case held == 0:
		return nil, ErrNothingHeldOut
	case n < 2:
		return nil, errors.New("fewer than 2 symbols are too few to learn from")
	}
	m := min(measure, held)
	t := &split{c: c, learned: evenly(c, n, learn), held: passage{c, n, n + m}}
	if other := c.Valid().Corpus(); other != c {
		t.held = passage{other, 0, m}
	}
	return t, nil
}

// evenly returns the passages that the baselines learn from, at most learn of the first n symbols: all of them, or evenly
// spaced pieces, the last of which ends at n.
func evenly(c *corpus.Corpus, n, learn int64) []passage {
	if n <= learn {
		return []passage{{c, 0, n}}
	}
	var all []passage
	length := learn / pieces
	for i := int64(1); i < pieces; i++ {
		lo := (n - length) / (pieces - 1) * (i - 1)
		all = append(all, passage{c, lo, lo + length})
	}
	return append(all, passage{c, n - length, n})
}

// symbols returns how many symbols the baselines learn from.
func (t *split) symbols() (n int64) {
	for _, p := range t.learned {
		n += p.hi - p.lo
	}
	return n
}

// spell measures what all predictors pay alike for symbols that became the escape: after its probability, their spelling.
// gzip pays for them as for the rest of the text.
func (t *split) spell(ctx context.Context) error {
	t.spelling = newLosses(t.held.hi - t.held.lo)
	i, a := int64(0), t.c.Alphabet
	return t.held.read(ctx, func(int32) {}, func(s corpus.Step) {
		if s.Y == a.Escape() {
			t.unknown++
			t.spelling.add(i, float64(a.SpellingBits(string(s.Text))*math.Ln2))
		}
		i++
	})
}

// baselines measures them all, and returns the name of the best n-gram and its losses.
func (t *split) baselines(ctx context.Context) (all []Baseline, name string, best *losses, err error) {
	l := ngram.NewLearner(t.c.Alphabet.Size(), ngram.MaxOrder)
	for _, p := range t.learned {
		if err := p.read(ctx, l.Begin, func(s corpus.Step) { l.Learn(s.Y) }); err != nil {
			return nil, "", nil, err
		}
	}
	orders, err := t.ngrams(ctx, l.Model())
	if err != nil {
		return nil, "", nil, err
	}
	for k, x := range orders {
		x.join(t.spelling)
		all = append(all, Baseline{orderName(k), x.mean()})
		if k == 0 || x.mean() < best.mean() {
			name, best = orderName(k), x
		}
	}
	packed, err := t.gzip()
	return append(all, Baseline{gzipName, packed}), name, best, err
}

// orderName names the n-gram of order k; of order 0 it is a uniform guess.
func orderName(k int) string {
	switch k {
	case 0:
		return "uniform"
	case 1:
		return "unigram"
	}
	return fmt.Sprintf("%d-gram", k)
}

// ngrams returns the losses of all orders, without spelling. Their first contexts are the symbols
// before the section held out.
func (t *split) ngrams(ctx context.Context, m *ngram.Model) ([]*losses, error) {
	r, p, orders := m.Reader(), make([]float64, ngram.MaxOrder+1), make([]*losses, ngram.MaxOrder+1)
	for k := range orders {
		orders[k] = newLosses(t.held.hi - t.held.lo)
	}
	before := passage{t.held.c, max(0, t.held.lo-ngram.MaxOrder), t.held.hi}
	i := before.lo - t.held.lo
	err := before.read(ctx, r.Begin, func(s corpus.Step) {
		r.Read(s.Y, p)
		if i >= 0 {
			for k, x := range orders {
				x.add(i, -math.Log(p[k]))
			}
		}
		i++
	})
	return orders, err
}

// gzip returns the nats per symbol of gzip at its best: DEFLATE, level 9, after reading the last 32 KiB of the training
// section, which is as far as it can look back. It reads on from one document to the next.
func (t *split) gzip() (float64, error) {
	lo, hi, err := t.held.c.Section(t.held.lo, t.held.hi).Bytes()
	if err != nil {
		return 0, err
	}
	_, end, err := t.c.Train().Bytes()
	if err != nil {
		return 0, err
	}
	before := make([]byte, min(dictionary, end))
	if _, err := t.c.Text().ReadAt(before, end-int64(len(before))); err != nil {
		return 0, err
	}
	var text io.Reader = io.NewSectionReader(t.held.c.Text(), lo, hi-lo)
	if a := t.c.Alphabet; a.Lowercase() { // gzip packs what the others predict
		held, err := io.ReadAll(text)
		if err != nil {
			return 0, err
		}
		before, text = []byte(a.Lower(string(before))), strings.NewReader(a.Lower(string(held)))
	}
	var packed counter
	w, err := flate.NewWriterDict(&packed, flate.BestCompression, before)
	if err != nil {
		return 0, err
	}
	if _, err := io.Copy(w, text); err != nil {
		return 0, err
	}
	if err := w.Close(); err != nil {
		return 0, err
	}
	return float64(packed) * 8 * math.Ln2 / float64(t.held.hi-t.held.lo), nil
}

// A counter counts the bytes written to it.
type counter int64

func (c *counter) Write(b []byte) (int, error) {
	*c += counter(len(b))
	return len(b), nil
}
