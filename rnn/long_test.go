package rnn

import (
	"slices"
	"sync"
	"testing"

	"github.com/seed-f4dd853e/elman/internal/f32"
)

// TestGradientsOfLongWindows is TestGradients where the gradient is summed block by block.
func TestGradientsOfLongWindows(t *testing.T) {
	for _, c := range []Config{{Symbols: 9, Hidden: 16}, {Symbols: 9, Hidden: 5, Layers: 2, Activation: "sigmoid"},
		{Symbols: 9, Hidden: 16, Cell: "mingru"},
		{Symbols: 9, Hidden: 5, Layers: 2, Cell: "gru", Block: true, Tie: true, Conv: 4}} {
		checkGradient(t, variant{Config: c}, 40, 9, false)
		checkGradient(t, variant{Config: c}, 40, 9, true)
	}
}

// TestLongGradients compares what workers sum block by block, after an earlier window, with each gradient summed at once.
func TestLongGradients(t *testing.T) {
	eachVariant(t, func(t *testing.T, v variant) {
		v = v.sized(50, 37, 2)
		for _, T := range []int{29, 40} { // 261 rows, three blocks, the last of 5; 360 rows
			for i, workers := range []int{1, 2, 7} {
				for _, dense := range []bool{false, true} {
					if full || (T == 29) == (workers == 2) && dense == (i > 0) {
						checkLongGradient(t, v, T, workers, dense)
					}
				}
			}
		}
	})
}

// TestLongGradientsOfStripes is TestLongGradients for rows of 600 columns, which make two stripes, and of 1200, three.
func TestLongGradientsOfStripes(t *testing.T) {
	for _, H := range []int{150, 300} {
		c := Config{Cell: "lstm", Symbols: 50, Hidden: H}
		checkLongGradient(t, variant{Config: c}, 29, 1, false)
		checkLongGradient(t, variant{Config: c}, 30, 2, false)
	}
}

// TestKeepGradient hands out the gradient of short and long windows, once, and keeps it: the same as without a sink.
func TestKeepGradient(t *testing.T) {
	for _, T := range []int{1, 5, 40} {
		for _, workers := range []int{1, 2} {
			const B, V = 9, 20
			pool := f32.NewPool(workers)
			defer pool.Close()
			n := network(t, Config{Cell: "gru", Symbols: V, Hidden: 130})
			w := n.NewWindow(T, B, pool)
			x, y := symbols(1, V, T*B), symbols(2, V, T*B)
			w.Gradient(x, y, 1, nil)
			want, got, seen := map[*Param][]float32{}, map[*Param][]float32{}, map[*Param][]bool{}
			for _, p := range n.Params() {
				want[p], got[p] = slices.Clone(p.Grad), make([]float32, len(p.Grad))
				seen[p] = make([]bool, len(p.Grad))
				clear(p.Grad)
			}
			w.Reset()
			w.KeepGradient = true
			var mutex sync.Mutex
			w.Gradient(x, y, 1, func(_ int, g *GradientPiece) {
				mutex.Lock()
				defer mutex.Unlock()
				if slices.Contains(seen[g.Param][g.Lo:g.Hi], true) {
					t.Errorf("%d steps, %d workers: numbers %d to %d of %s are handed out twice", T, workers, g.Lo, g.Hi-1, g.Param.Name)
				}
				for i := g.Lo; i < g.Hi; i++ {
					seen[g.Param][i] = true
				}
				copy(got[g.Param][g.Lo:g.Hi], g.Values())
			})
			for _, p := range n.Params() {
				compare(t, p.Name+" handed out", got[p], want[p])
				compare(t, p.Name+" kept", p.Grad, want[p])
			}
		}
	}
}

// rows returns the gradient of the pre-activations of the first rows of a window.
func (g *symbolGates) rows(n int) []float32 {
	s := g.stage
	dz, bias := make([]float32, n*s.GH), make([]float32, s.GH)
	for r := range n {
		s.cell.(inputCell).sumGradient(bias, dz[r*s.GH:][:s.GH], 0, s.H, g.of(r), s.buffers.grad.dy[r*s.H:][:s.H], s.buffers.fwd.prev[r*s.H:][:s.H])
	}
	return dz
}

func checkLongGradient(t *testing.T, v variant, T, workers int, dense bool) {
	t.Helper()
	const B = 9
	pool := f32.NewPool(workers)
	defer pool.Close()
	n := network(t, v.Config)
	w := v.window(n, T, B, pool)
	w.DenseGradient = dense
	if !w.sumsInBlocks() {
		t.Fatal("the window is not long")
	}
	w.Gradient(symbols(1, 20, T*B), symbols(2, v.Symbols, T*B), 1, nil)
	x := symbols(3, 30, T*B)
	w.Gradient(x, symbols(4, v.Symbols, T*B), 1, nil)
	for _, p := range w.gradients() {
		want := make([]float32, len(p.param.Value))
		if p.later != nil {
			p.dz.data = p.later.rows(len(x))
		}
		dz := p.dz.rows(len(x))
		switch p.kind {
		case matrixPart:
			p.sum(want, 0, len(x), len(x), nil)
			w.addEmbedded(&p, f32.Mat(want, p.hi-p.lo, p.param.Cols), 0, w.whole())
		case accumulatedPart:
			p.accumulator.sum(want, w.whole(), 0, len(x))
		case biasPart:
			f32.AddRows(want, dz)
		case inputPart:
			if !dense { // rows of symbols that do not occur are left as they were
				copy(want, p.param.Grad)
			}
			for _, symbol := range w.back.occurrences.symbols {
				w.back.occurrences.sum(want[int(symbol)*p.param.Cols:][:p.param.Cols], dz, symbol)
			}
		}
		compare(t, p.param.Name, p.param.Grad, want)
	}
}
