package elman

import (
	"context"
	"io"
	"sync"

	"github.com/seed-f4dd853e/elman/generate"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/score"
)

// A Model predicts the next symbol of a text. Several goroutines may use it at a time: the memory that its network needs to
// work is made for the first calls and used again by later ones.
type Model struct {
	*model.Model // network and alphabet; Save and Hash

	generator *generate.Generator
	scorers   sync.Pool
}

// New makes a Model of one that another package loaded or trained.
func New(m *model.Model) *Model { return &Model{Model: m, generator: generate.New(m)} }

// Load reads a model file, or that of a run folder.
func Load(path string) (*Model, error) {
	m, err := model.Load(path)
	if err != nil {
		return nil, err
	}
	return New(m), nil
}

// Read reads a model file of the given size from memory, or from anywhere else, such as a file that a program embeds.
func Read(r io.ReaderAt, size int64) (*Model, error) {
	m, err := model.Read(r, size)
	if err != nil {
		return nil, err
	}
	return New(m), nil
}

// Generate writes texts; generate.Defaults makes options. It fails on options out of range, on a prompt that a closed alphabet
// cannot read, and when ctx is cancelled.
func (m *Model) Generate(ctx context.Context, o generate.Options) ([]string, error) {
	return m.generator.Strings(ctx, o)
}

// Stream writes texts as Generate does and hands them to emit piece by piece, as they are drawn: see
// generate.Generator.Text. An error of emit ends it.
func (m *Model) Stream(ctx context.Context, o generate.Options, emit func(generate.Piece) error) error {
	return m.generator.Text(ctx, o, emit)
}

// Score returns how many bits the model needs for a text. It fails on what a closed alphabet cannot read, and when ctx is
// cancelled.
func (m *Model) Score(ctx context.Context, text string) (sum score.Sum, err error) {
	s := m.scorer()
	defer m.scorers.Put(s)
	err = s.Text(ctx, []byte(text), func(x score.Symbol) error {
		sum.Add(x)
		return nil
	})
	return sum, err
}

// ScoreEach is Score for many texts, which are measured side by side. A score.Reference made of the sums of usual
// texts tells how unusual others are.
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

// Next returns what the model expects after a text: of none, what it expects at the beginning of one.
func (m *Model) Next(ctx context.Context, prefix string) (score.Distribution, error) {
	s := m.Session()
	if err := s.Read(ctx, prefix); err != nil {
		return score.Distribution{}, err
	}
	return s.Next(ctx)
}

// scorer takes one from the pool, reset to the beginning of a text.
func (m *Model) scorer() *score.Scorer {
	s, ok := m.scorers.Get().(*score.Scorer)
	if !ok {
		s = score.New(m.Model, 0)
		s.Excess = true
	}
	s.Reset()
	return s
}
