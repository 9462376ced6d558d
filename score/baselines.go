package score

import (
	"compress/flate"
	"context"
	"fmt"
	"io"
	"math"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/internal/ngram"
)

// Limits on what a verdict reads, which bound its memory and time on any text.
const (
	maxLearned  = 1 << 21 // symbols that the n-grams learn from: at most 180 MB while they count, of ordinary text a third
	maxMeasured = 1 << 19 // symbols held out: the standard error is then about 0.2 % of the mean
	pieces      = 16      // of the training section, if it is longer than maxLearned
	warmUp      = 1 << 12 // symbols that a model reads before it is measured, more than states remember
	maxOrder    = 6       // of the n-grams; on tiny Shakespeare the 7-gram is worse: 1.565 nats, not 1.558
	dictionary  = 1 << 15 // bytes that DEFLATE can look back
)

// A Baseline is a simple predictor with which models are compared.
type Baseline struct {
	Name string  `json:"name"` // uniform, unigram, 2-gram to 6-gram, or gzip
	Loss float64 `json:"loss"` // nats per symbol on text held out
}

// A passage is symbols lo to hi-1 of a corpus.
type passage struct {
	c      *corpus.Corpus
	lo, hi int64
}

// read reads the passage symbol by symbol. Contexts begin at its first symbol, and in a corpus of documents at the first
// symbol of each: begin receives the symbol before it, as a model would see it. next receives every symbol.
func (p passage) read(ctx context.Context, begin, next func(symbol int32)) error {
	feed, err := p.c.Section(p.lo, p.hi).Feed()
	if err != nil {
		return err
	}
	for n := 0; ; n++ {
		if n%(1<<12) == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		step, err := feed.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if step.Starts {
			begin(step.X)
		}
		next(step.Y)
	}
}

// A split says which symbols of a corpus the baselines learn from, and on which all are measured.
type split struct {
	c       *corpus.Corpus
	learned []passage
	held    passage // held out, and measured
	known   passage // equally long, from the end of the training section: gives the training loss
}

func newSplit(c *corpus.Corpus, learn, measure int64) (*split, error) {
	n, held := c.Train().Len(), c.Valid().Len()
	switch {
	case held == 0:
		return nil, ErrNothingHeldOut
	case n < 2:
		return nil, fmt.Errorf("%d symbols are too few to learn from", n)
	}
	m := min(measure, held)
	t := &split{c: c, learned: evenly(c, n, learn), held: passage{c, n, n + m}, known: passage{c, max(0, n-m), n}}
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

// baselines measures them all.
func (t *split) baselines(ctx context.Context) ([]Baseline, error) {
	l := ngram.NewLearner(t.c.Alphabet.Size(), maxOrder)
	for _, p := range t.learned {
		if err := p.read(ctx, l.Begin, l.Learn); err != nil {
			return nil, err
		}
	}
	losses, err := t.ngrams(ctx, l.Model())
	if err != nil {
		return nil, err
	}
	all := []Baseline{{"uniform", losses[0]}, {"unigram", losses[1]}}
	for k := 2; k <= maxOrder; k++ {
		all = append(all, Baseline{fmt.Sprintf("%d-gram", k), losses[k]})
	}
	packed, err := t.gzip()
	return append(all, Baseline{"gzip", packed}), err
}

// ngrams returns the losses of all orders. Their first contexts are the symbols before the section held out.
func (t *split) ngrams(ctx context.Context, m *ngram.Model) ([]float64, error) {
	r, p, sums := m.Reader(), make([]float64, maxOrder+1), make([]float64, maxOrder+1)
	before := passage{t.held.c, max(0, t.held.lo-maxOrder), t.held.hi}
	i := before.lo
	err := before.read(ctx, r.Begin, func(w int32) {
		r.Read(w, p)
		if i++; i <= t.held.lo {
			return
		}
		for k := range sums {
			sums[k] -= math.Log(p[k])
		}
	})
	for k := range sums {
		sums[k] /= float64(t.held.hi - t.held.lo)
	}
	return sums, err
}

// gzip returns the nats per symbol of gzip at its best: DEFLATE, level 9, after reading the last 32 KiB of the training
// section, which is as far as it can look back. It alone spells out symbols that an open alphabet lacks.
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
	text := t.held.c.Text()
	var packed counter
	w, err := flate.NewWriterDict(&packed, flate.BestCompression, before)
	if err != nil {
		return 0, err
	}
	if _, err := io.Copy(w, io.NewSectionReader(text, lo, hi-lo)); err != nil {
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
