package rnn

import (
	"math"
	"testing"

	"github.com/seed-f4dd853e/elman/internal/f32"
)

// TestInputGrad compares gradients of symbols with central differences of a float64 forward pass whose inputs are moved one
// element at a time, in streams that go on from an earlier window and of which one restarts within this one.
func TestInputGrad(t *testing.T) {
	eachVariant(t, func(t *testing.T, v variant) {
		if v.Codes > 0 {
			return
		}
		const V, T, B, H = 8, 6, 3, 5
		v = v.sized(V, H, 2)
		n := network(t, v.Config)
		w := v.window(n, T+2, B, nil)
		starts := w.Starts()
		w.Forward(symbols(1, V, T*B))
		state := make([]float32, w.StateLen())
		w.State(state)
		starts[3*B+1] = true
		x, y := symbols(2, V, T*B), symbols(3, V, B)
		got := w.InputGrad(x, y)
		checkInputGrad(t, n, state, starts, x, y, got)
		if got.Norm[2*B+1] != 0 || got.Dot[2*B+1] != 0 || got.Norm[3*B+1] == 0 {
			t.Errorf("at a start %v, before it %v", got.Norm[3*B+1], got.Norm[2*B+1])
		}
	})
}

func checkInputGrad(t *testing.T, n *Network, state []float32, starts []bool, x, y []int32, got InputGrad) {
	t.Helper()
	B := len(y)
	ref := newReference(n, state, B)
	ref.starts, ref.from = starts, len(x)-B
	targets := append(make([]int32, len(x)-B), y...)
	for row := range x {
		if !full && row%4 != 0 && row != 3*B+1 { // streams and time steps in turn
			continue
		}
		width := 0
		difference := func(move func(x []float64, e float64)) float64 {
			moved := func(e float64) float64 {
				ref.input = func(r int, x []float64) {
					if width = len(x); r == row {
						move(x, e)
					}
				}
				return ref.loss(x, targets)
			}
			const e = 1e-5
			return (moved(e) - moved(-e)) / (2 * e)
		}
		dot := difference(func(x []float64, e float64) {
			for i := range x {
				x[i] *= 1 + e
			}
		})
		squares := 0.0
		for i := range width {
			d := difference(func(x []float64, e float64) { x[i] += e })
			squares += d * d
		}
		if want := math.Sqrt(squares); math.Abs(got.Norm[row]-want) > 2e-5*(1+want) || math.Abs(got.Dot[row]-dot) > 2e-5*(1+math.Abs(dot)) {
			t.Errorf("row %d: gradient times input %g and norm %g, central differences %g and %g", row, got.Dot[row], got.Norm[row], dot, want)
		}
	}
}

// TestInputGradOfSymbolGates: in a long window a minGRU keeps no gradient of pre-activations, and it is computed anew.
func TestInputGradOfSymbolGates(t *testing.T) {
	const V, T, B = 3, 24, 12
	n := network(t, Config{Cell: "mingru", Symbols: V, Hidden: 4})
	w := n.NewWindow(T, B, nil)
	if w.cells[0].buffers.fwd.symbols == nil {
		t.Fatal("the window has no gates by symbol")
	}
	starts := w.Starts()
	starts[20*B+3] = true
	x, y := symbols(2, V, T*B), symbols(3, V, B)
	checkInputGrad(t, n, make([]float32, w.StateLen()), starts, x, y, w.InputGrad(x, y))
}

// TestInputGradDisturbsNothing shows that gradients before and after are the same bits, and those of symbols the same with 1, 2
// and 7 workers on every kernel set.
func TestInputGradDisturbsNothing(t *testing.T) {
	for _, v := range []variant{{Config: Config{Cell: "lstm"}}, {Config: Config{Cell: "gru", Block: true, Tie: true, Conv: 4}}} {
		const T, B = 7, 4
		v = v.sized(9, 12, 2)
		x, y := symbols(1, 9, T*B), symbols(2, 9, T*B)
		gradients := func(pool *f32.Pool, inputs bool) (weights, found []float32) {
			n := network(t, v.Config)
			w := v.window(n, T, B, pool)
			for range 2 {
				w.Reset()
				w.Gradient(x, y, 1, nil)
				for _, p := range n.Params() {
					weights = append(weights, p.Grad...)
				}
				if inputs {
					g := w.InputGrad(x, y[:B])
					for i := range g.Dot {
						found = append(found, float32(g.Dot[i]), float32(g.Norm[i]))
					}
				}
			}
			return weights, found
		}
		want, _ := gradients(nil, false)
		var wantInputs []float32
		eachExecution(t, func(name string, pool *f32.Pool) {
			got, found := gradients(pool, true)
			compare(t, "gradients "+name, got, want)
			if wantInputs == nil {
				wantInputs = found
			}
			compare(t, "of symbols "+name, found, wantInputs)
		})
	}
}
