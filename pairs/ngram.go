package pairs

import (
	"context"
	"fmt"
	"math"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/internal/ngram"
	"github.com/seed-f4dd853e/elman/score"
)

// baselineOrder is that of the n-gram of BLiMP's paper.
const baselineOrder = 5

// NewBaseline returns a judge that asks a Kneser-Ney 5-gram of words (package ngram), learned from the lines of a text, each a
// text of its own with the line break as its end. It knows every word of the text, in the sense of corpus.Words. All words
// that the text lacks are one to it, the escape, which costs the least that smoothing leaves and no spelling: two sentences
// that differ in unknown words alone tie.
func NewBaseline(ctx context.Context, name string, t *corpus.Text) (*Judge, error) {
	c, err := corpus.New(t, corpus.Options{Kind: corpus.Words, MinCount: 1, Documents: corpus.Lines})
	if err != nil {
		return nil, err
	}
	if n := c.Train().Len(); n > mostWords {
		return nil, fmt.Errorf("%s has %d words, more than the %d that a baseline learns from; take a part of it", name, n, mostWords)
	}
	feed, err := c.Train().Feed()
	if err != nil {
		return nil, err
	}
	l := ngram.NewLearner(c.Alphabet.Size(), baselineOrder)
	if err := feed.Each(ctx, l.Begin, func(step corpus.Step) error { l.Learn(step.Y); return nil }); err != nil {
		return nil, err
	}
	b := &baseline{alphabet: c.Alphabet, reader: l.Model().Reader()}
	return newJudge(name, c.Alphabet, b.lines), nil
}

// mostWords is a number below 2^31, which counts of package ngram must stay below, with the beginnings of lines.
const mostWords = 1 << 30

type baseline struct {
	alphabet *corpus.Alphabet
	reader   *ngram.Reader
}

// lines does what score.Scorer.Lines does.
func (b *baseline) lines(ctx context.Context, texts [][]byte, emit func(text int, x score.Symbol) error) error {
	p := make([]float64, baselineOrder+1)
	feed := b.alphabet.Feed(nil, corpus.Whole)
	for i, text := range texts {
		feed.Reset()
		feed.Append(text)
		err := feed.Each(ctx, b.reader.Begin, func(step corpus.Step) error {
			b.reader.Read(step.Y, p)
			return emit(i, score.Symbol{ID: step.Y, Text: step.Text, Bits: score.RoundBits(-math.Log2(p[baselineOrder]))})
		})
		if err != nil {
			return fmt.Errorf("text %d: %w", i, err)
		}
	}
	return nil
}
