package rnn

import (
	"math"
	"testing"

	"github.com/seed-f4dd853e/elman/internal/f32"
)

// TestStateGradNorms compares the norms with those of central differences of a float64 forward pass whose states are moved
// one by one, in streams that go on from an earlier window and of which some restart within this one.
func TestStateGradNorms(t *testing.T) {
	eachVariant(t, func(t *testing.T, v variant) {
		const T, B, H = 6, 3, 5
		v = v.sized(8, H, 2)
		n := network(t, v.Config)
		w := v.window(n, T+2, B, nil)
		starts := w.Starts()
		w.Forward(symbols(1, 8, T*B))
		state := make([]float32, w.StateLen())
		w.State(state)
		starts[3*B+1] = true
		x, y := symbols(2, 8, T*B), symbols(3, 8, B)
		got := w.StateGradNorms(x, y)

		ref := newReference(n, state, B)
		ref.starts, ref.from = starts, (T-1)*B
		targets := append(make([]int32, (T-1)*B), y...)
		shape := n.cfg.cell()
		for layer := range n.cfg.Layers {
			for row := range T * B {
				if !full && row%3 != layer && row != 3*B+1 { // streams and time steps in turn
					continue
				}
				norms := []float64{0, 0}
				for j := range H * shape.stateSize() {
					const e = 1e-5
					moved := func(by float64) float64 {
						ref.see = func(l, r int, cell []float64) {
							if l == layer && r == row {
								cell[j] += by
							}
						}
						return ref.loss(x, targets)
					}
					d := (moved(e) - moved(-e)) / (2 * e)
					norms[j/H] += d * d
				}
				for i, values := range [][]float64{got[layer].H, got[layer].C} {
					if i >= shape.stateSize() {
						if values != nil {
							t.Fatalf("layer %d has norms of a memory", layer)
						}
						continue
					}
					if want := math.Sqrt(norms[i]); math.Abs(values[row]-want) > 2e-5*(1+want) {
						t.Errorf("layer %d, time step %d, stream %d: |dL/d%c| = %g, central differences %g", layer, row/B, row%B, "hc"[i], values[row], want)
					}
				}
			}
		}
		if got[0].H[2*B+1] != 0 || got[0].H[3*B+1] == 0 {
			t.Errorf("at a start %v, before it %v", got[0].H[3*B+1], got[0].H[2*B+1])
		}
	})
}

// TestStateGradNormsDisturbNothing shows that gradients before and after are the same bits, and norms the same with 1, 2 and 7
// workers on every kernel set.
func TestStateGradNormsDisturbNothing(t *testing.T) {
	eachVariant(t, func(t *testing.T, v variant) {
		const T, B = 7, 4
		v = v.sized(9, 12, 2)
		x, y := symbols(1, 9, T*B), symbols(2, 9, T*B)
		gradients := func(pool *f32.Pool, slopes bool) (weights, norms []float32) {
			n := network(t, v.Config)
			w := v.window(n, T, B, pool)
			for range 2 {
				w.Dropout.Step++
				w.Reset()
				w.Gradient(x, y, 1, nil)
				for _, p := range n.Params() {
					weights = append(weights, p.Grad...)
				}
				if !slopes {
					continue
				}
				for _, s := range w.StateGradNorms(x, y[:B]) {
					for _, values := range [][]float64{s.H, s.C} {
						for _, x := range values {
							norms = append(norms, float32(x))
						}
					}
				}
			}
			return weights, norms
		}
		want, _ := gradients(nil, false)
		var wantNorms []float32
		eachExecution(t, func(name string, pool *f32.Pool) {
			got, norms := gradients(pool, true)
			compare(t, "gradients "+name, got, want)
			if wantNorms == nil {
				wantNorms = norms
			}
			compare(t, "norms "+name, norms, wantNorms)
		})
	})
}
