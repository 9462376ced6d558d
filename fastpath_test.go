package elman_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/generate"
	"github.com/seed-f4dd853e/elman/internal/f32"
	"github.com/seed-f4dd853e/elman/internal/fastpath"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/rnn"
	"github.com/seed-f4dd853e/elman/score"
	"github.com/seed-f4dd853e/elman/train"
)

// A pathCase is work, the fast paths that it must take and those that it must not.
type pathCase struct {
	name          string
	work          func(t *testing.T)
	takes, passes []fastpath.Path
	sets          []string // kernel sets of which that is true
}

var (
	every   = f32.Kernels()
	vectors = every[:len(every)-1]

	web    = slices.DeleteFunc(slices.Clone(vectors), func(set string) bool { return set != "simd" }) // WebAssembly, whose calls cost much
	native = slices.DeleteFunc(slices.Clone(vectors), func(set string) bool { return set == "simd" })
)

var pathCases = []pathCase{
	{"training: notebook-srn", trains("notebook-srn", nil),
		[]fastpath.Path{fastpath.OuterUpdate, fastpath.SparseRows, fastpath.PackOnDemand, fastpath.ShareAlone},
		[]fastpath.Path{fastpath.LongWindow, fastpath.ColumnPanels}, every},
	{"training: notebook-rnn", trains("notebook-rnn", nil),
		[]fastpath.Path{fastpath.SparseRows, fastpath.PackOnDemand, fastpath.ShareAlone},
		[]fastpath.Path{fastpath.OuterUpdate, fastpath.LongWindow}, every},
	{"training: momentum reaches every row", trains("notebook-srn", func(s *train.Settings) { s.Optimizer.Momentum = 0.9 }),
		nil, []fastpath.Path{fastpath.OuterUpdate, fastpath.SparseRows}, every},

	{"gradient: short windows of one stream", gradient(128, 15, 1, 1),
		[]fastpath.Path{fastpath.PackOnDemand, fastpath.PackAlone, fastpath.ShareAlone, fastpath.WideTiles},
		[]fastpath.Path{fastpath.PackedProduct, fastpath.LongWindow, fastpath.AlternatePanels}, vectors},
	{"gradient: short windows of several streams", gradient(128, 7, 8, 1),
		[]fastpath.Path{fastpath.PackAlone, fastpath.ShareAlone},
		[]fastpath.Path{fastpath.PackedProduct, fastpath.PackOnDemand, fastpath.LongWindow, fastpath.PrefetchAfter, fastpath.PrefetchBlock, fastpath.PackedGradient, fastpath.KeptCopies}, vectors},
	{"gradient: windows worth packing for", gradient(128, 8, 32, 1),
		[]fastpath.Path{fastpath.PackedProduct, fastpath.PrefetchAfter, fastpath.PrefetchBlock, fastpath.PackAlone, fastpath.ShareAlone},
		[]fastpath.Path{fastpath.LongWindow, fastpath.ColumnPanels, fastpath.PackOnDemand}, native},
	{"gradient: long windows", gradient(256, 9, 32, 1),
		[]fastpath.Path{fastpath.PackedProduct, fastpath.LongWindow, fastpath.ColumnPanels, fastpath.PrefetchRows, fastpath.PackedGradient},
		[]fastpath.Path{fastpath.PackOnDemand}, vectors},
	{"gradient: long windows of narrow layers", gradient(32, 9, 32, 1),
		[]fastpath.Path{fastpath.PackedProduct, fastpath.LongWindow},
		[]fastpath.Path{fastpath.ColumnPanels}, vectors},
	{"gradient: long windows of gates that see inputs alone", gradientOf("mingru", 32, 9, 32, 1),
		[]fastpath.Path{fastpath.SymbolGates, fastpath.LongWindow}, nil, every},
	{"gradient: symbols that do not repeat", gradientOf("mingru", 32, 8, 32, 1),
		nil, []fastpath.Path{fastpath.SymbolGates}, every},
	{"gradient: two workers", gradient(32, 9, 32, 2),
		[]fastpath.Path{fastpath.LongWindow}, []fastpath.Path{fastpath.PackAlone, fastpath.ShareAlone}, every},

	{"products of few rows: weights in the second-level cache", packedProducts(1, 256, 256), []fastpath.Path{fastpath.PackedProduct}, []fastpath.Path{fastpath.AlternatePanels}, vectors},
	{"products of few rows: weights beyond it", packedProducts(8, 512, 1024), []fastpath.Path{fastpath.AlternatePanels, fastpath.PrefetchBlock}, []fastpath.Path{fastpath.PrefetchAfter, fastpath.ManyPanels}, native},
	{"products of many rows", packedProducts(64, 512, 1024), []fastpath.Path{fastpath.PrefetchBlock}, []fastpath.Path{fastpath.AlternatePanels, fastpath.PrefetchAfter, fastpath.ManyPanels, fastpath.PrefetchRows, fastpath.WideTiles}, native},
	{"products of few rows, in one call", packedProducts(1, 256, 1024), []fastpath.Path{fastpath.ManyPanels}, []fastpath.Path{fastpath.AlternatePanels}, web},
	{"products of many rows, in one call", packedProducts(64, 256, 1024), []fastpath.Path{fastpath.ManyPanels}, nil, web},
	{"products in 8 bits: three rows", int8Products(3), []fastpath.Path{fastpath.Int8Product}, []fastpath.Path{fastpath.Int8Rows}, every},
	{"products in 8 bits: four rows", int8Products(4), []fastpath.Path{fastpath.Int8Product, fastpath.Int8Rows}, nil, every},
	{"transposes of 3 rows", transposes(3), nil, []fastpath.Path{fastpath.TransposeSquares}, vectors},
	{"transposes of 16 rows", transposes(16), []fastpath.Path{fastpath.TransposeSquares}, nil, vectors},

	{"samples: one from a small network", samples(32, 1), []fastpath.Path{fastpath.KeptCopies}, []fastpath.Path{fastpath.PackedProduct}, every},
	{"samples: several", samples(32, 5), []fastpath.Path{fastpath.KeptCopies, fastpath.PackedProduct}, nil, every},
	{"samples: one from a large network", samples(300, 1), []fastpath.Path{fastpath.KeptCopies, fastpath.PackedProduct}, nil, vectors},
	{"samples: one from weights of 8 bits", roundedSamples(300, 1, rnn.Int8), []fastpath.Path{fastpath.KeptCopies, fastpath.Int8Product, fastpath.AlternatePanels}, []fastpath.Path{fastpath.PackedProduct, fastpath.PackOnDemand}, every},
	{"samples: one from weights of 16 bits", roundedSamples(32, 1, rnn.BF16), []fastpath.Path{fastpath.KeptCopies, fastpath.BF16Product, fastpath.AlternatePanels}, []fastpath.Path{fastpath.PackedProduct, fastpath.Int8Product}, every},
	{"samples: several from weights of 16 bits", roundedSamples(32, 5, rnn.BF16), []fastpath.Path{fastpath.KeptCopies, fastpath.PackedProduct}, []fastpath.Path{fastpath.BF16Product, fastpath.Int8Product}, every},
	{"scores: a text", scores, []fastpath.Path{fastpath.KeptCopies, fastpath.PackedProduct}, []fastpath.Path{fastpath.PackOnDemand, fastpath.SideBySide}, every},
	{"scores: documents side by side", scoresOfDocuments, []fastpath.Path{fastpath.PackedProduct, fastpath.SideBySide}, []fastpath.Path{fastpath.PackOnDemand}, every},
	{"scores: lines side by side", scoresOfLines, []fastpath.Path{fastpath.KeptCopies, fastpath.PackedProduct, fastpath.SideBySide}, []fastpath.Path{fastpath.PackOnDemand}, every},
}

// TestFastPaths counts how often each fast path is taken, on every kernel set.
func TestFastPaths(t *testing.T) {
	defer f32.Use("auto")
	for _, set := range f32.Kernels() {
		if err := f32.Use(set); err != nil {
			t.Fatal(err)
		}
		for _, tt := range pathCases {
			if !slices.Contains(tt.sets, set) {
				continue
			}
			t.Run(set+"/"+tt.name, func(t *testing.T) {
				taken := fastpath.Count(func() { tt.work(t) })
				for _, p := range tt.takes {
					if taken[p] == 0 {
						t.Errorf("%v is not taken", p)
					}
				}
				for _, p := range tt.passes {
					if taken[p] > 0 {
						t.Errorf("%v is taken %d times", p, taken[p])
					}
				}
			})
		}
	}
}

// TestFastPathsAreAllTried makes sure that a new path comes with its cases.
func TestFastPathsAreAllTried(t *testing.T) {
	for p := range fastpath.Paths {
		if !slices.ContainsFunc(pathCases, func(c pathCase) bool { return slices.Contains(c.takes, p) }) {
			t.Errorf("no case takes %v", p)
		}
		if !slices.ContainsFunc(pathCases, func(c pathCase) bool { return slices.Contains(c.passes, p) }) {
			t.Errorf("no case must pass %v by", p)
		}
	}
}

// trains takes some training steps of a recipe, changed or not, with one worker.
func trains(recipe string, change func(*train.Settings)) func(t *testing.T) {
	return func(t *testing.T) {
		r, err := train.FindRecipe(recipe)
		if err != nil {
			t.Fatal(err)
		}
		c := colourCorpus(t)
		s, err := train.Defaults(train.FactsOf(c), func(s *train.Settings) {
			r.Change(s)
			if change != nil {
				change(s)
			}
			s.Budget = train.Budget{Steps: 30}
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := train.Run(t.Context(), c, s, train.Options{Threads: 1}); err != nil {
			t.Fatal(err)
		}
	}
}

// gradient computes one of an LSTM of H units in a window of T time steps of B streams.
func gradient(H, T, B, workers int) func(t *testing.T) { return gradientOf("lstm", H, T, B, workers) }

func gradientOf(cell string, H, T, B, workers int) func(t *testing.T) {
	return func(t *testing.T) {
		pool := f32.NewPool(workers)
		defer pool.Close()
		w := network(t, cell, 65, H).NewWindow(T, B, pool)
		x := make([]int32, T*B)
		w.Gradient(x, x, 1, nil)
	}
}

// int8Products multiplies so many rows by weights of 8 bits.
func int8Products(rows int) func(t *testing.T) {
	return func(t *testing.T) {
		a, c := f32.Mat(make([]float32, rows*32), rows, 32), f32.Mat(make([]float32, rows*64), rows, 64)
		f32.MulInt8(c, a, f32.NewInt8(32, 64), false)
	}
}

// packedProducts multiplies M rows by a packed K x N twice.
func packedProducts(M, K, N int) func(t *testing.T) {
	return func(t *testing.T) {
		c, a := f32.Mat(make([]float32, M*N), M, N), f32.Mat(make([]float32, M*K), M, K)
		b := f32.NewPacked(K, N)
		for range 2 {
			f32.MulPacked(c, a, b, false)
		}
	}
}

func transposes(rows int) func(t *testing.T) {
	return func(t *testing.T) {
		f32.Transpose(f32.Mat(make([]float32, rows*64), 64, rows), f32.Mat(make([]float32, rows*64), rows, 64))
	}
}

func samples(H, count int) func(t *testing.T) { return roundedSamples(H, count, rnn.Float32) }

func roundedSamples(H, count int, p rnn.Precision) func(t *testing.T) {
	return func(t *testing.T) {
		m, err := untrained(t, H).Round(p)
		if err != nil {
			t.Fatal(err)
		}
		o := generate.Defaults()
		o.Length, o.Count = 4, count
		if _, err := generate.New(m).Strings(t.Context(), o); err != nil {
			t.Fatal(err)
		}
	}
}

func scores(t *testing.T) {
	err := score.New(untrained(t, 32), score.Extras{}).Text(t.Context(), []byte(colours), func(score.Symbol) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
}

func scoresOfDocuments(t *testing.T) {
	s := score.New(untrained(t, 32), score.Extras{})
	s.Documents = corpus.Lines
	if err := s.Text(t.Context(), []byte(colours), func(score.Symbol) error { return nil }); err != nil {
		t.Fatal(err)
	}
}

func scoresOfLines(t *testing.T) {
	var lines [][]byte
	for line := range strings.Lines(colours) {
		lines = append(lines, []byte(line))
	}
	err := score.New(untrained(t, 32), score.Extras{}).Lines(t.Context(), lines, func(int, score.Symbol) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
}

func colourCorpus(t *testing.T) *corpus.Corpus {
	c, err := corpus.New(corpus.FromBytes("colours", []byte(colours)), corpus.Options{Closed: true})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func lstm(t *testing.T, symbols, H int) *rnn.Network { return network(t, "lstm", symbols, H) }

func network(t *testing.T, cell string, symbols, H int) *rnn.Network {
	n, err := rnn.New(rnn.Config{Symbols: symbols, Cell: cell, Hidden: H})
	if err != nil {
		t.Fatal(err)
	}
	n.Init(rnn.Init{}, 1)
	return n
}

func untrained(t *testing.T, H int) *model.Model {
	a := colourCorpus(t).Alphabet
	return &model.Model{Network: lstm(t, a.Size(), H), Alphabet: a}
}
