package elman

import (
	"context"
	"io"
	"sync"

	"github.com/seed-f4dd853e/elman/generate"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/score"
)

// A Model is a trained language model: it generates text, scores it, and predicts the next symbol. Any number of goroutines
// may use one; its methods reuse working memory from a pool.
type Model struct {
	*model.Model // network and alphabet; Save and Hash

	generator *generate.Generator
	scorers   sync.Pool
}

// New wraps a model that another package loaded or trained.
func New(m *model.Model) *Model { return &Model{Model: m, generator: generate.New(m)} }

// Load reads a model file, the model in a run folder, or the one in a program that elman bundle wrote.
func Load(path string) (*Model, error) {
	m, err := model.Load(path)
	if err != nil {
		return nil, err
	}
	return New(m), nil
}

// Read reads a model file of the given size from r: from memory, an embedded file, or an archive.
func Read(r io.ReaderAt, size int64) (*Model, error) {
	m, err := model.Read(r, size)
	if err != nil {
		return nil, err
	}
	return New(m), nil
}

// Generate returns o.Count samples; start from generate.Defaults. It fails on options out of range, on a prompt that a closed
// alphabet cannot read, and when ctx is cancelled.
func (m *Model) Generate(ctx context.Context, o generate.Options) ([]string, error) {
	return m.generator.Strings(ctx, o)
}

// Stream generates the same samples as Generate and passes them to emit piece by piece, as they are drawn: see
// generate.Generator.Text. An error from emit ends it.
func (m *Model) Stream(ctx context.Context, o generate.Options, emit func(generate.Piece) error) error {
	return m.generator.Text(ctx, o, emit)
}

// Score returns the surprisal of a text, summed over its symbols. It fails on symbols that a closed alphabet lacks, and when
// ctx is cancelled.
func (m *Model) Score(ctx context.Context, text string) (sum score.Sum, err error) {
	s := m.scorer()
	defer m.scorers.Put(s)
	err = s.Text(ctx, []byte(text), func(x score.Symbol) error {
		sum.Add(x)
		return nil
	})
	return sum, err
}

// ScoreEach scores many texts side by side: the same sums as Score, faster. A score.Reference made from the sums of usual
// texts tells how unusual other texts are.
func (m *Model) ScoreEach(ctx context.Context, texts []string) ([]score.Sum, error) {
	pieces := make([][]byte, len(texts))
	for i, text := range texts {
		pieces[i] = []byte(text)
	}
	sums := make([]score.Sum, len(texts))
	s := m.scorer()
	defer m.scorers.Put(s)
	err := s.Lines(ctx, pieces, func(i int, x score.Symbol) error {
		sums[i].Add(x)
		return nil
	})
	return sums, err
}

// Next returns the probabilities of the symbol that follows prefix. With an empty prefix that is the first symbol of a text.
func (m *Model) Next(ctx context.Context, prefix string) (score.Distribution, error) {
	s := m.Session()
	if err := s.Read(ctx, prefix); err != nil {
		return score.Distribution{}, err
	}
	return s.Next(ctx)
}

// scorer takes a scorer from the pool and resets it to the beginning of a text.
func (m *Model) scorer() *score.Scorer {
	s, ok := m.scorers.Get().(*score.Scorer)
	if !ok {
		s = score.New(m.Model, score.Extras{Entropy: true})
	}
	s.Reset()
	return s
}
