package rnn

import (
	"testing"

	"github.com/seed-f4dd853e/elman/internal/f32"
)

// TestSymbolGates compares a layer that reads symbols with one that multiplies unit vectors, whose products add zeros alone:
// outputs, gates and gradients are the same to the bit, wherever streams restart.
func TestSymbolGates(t *testing.T) {
	const V, H, T, B = 30, 70, 16, 20
	for _, workers := range []int{1, 2, 7} {
		pool := f32.NewPool(workers)
		defer pool.Close()
		direct := network(t, Config{Cell: "mingru", Symbols: V, Hidden: H, LearnInitial: workers == 2})
		units := network(t, Config{Cell: "mingru", Symbols: V, Hidden: H, LearnInitial: workers == 2, Embedding: V})
		named := map[string]*Param{}
		for _, p := range units.Params() {
			named[p.Name] = p
		}
		unit := named["embedding.weight"].Value
		clear(unit)
		for i := range V {
			unit[i*V+i] = 1
		}
		for _, p := range direct.Params() {
			copy(named[p.Name].Value, p.Value)
		}
		a, b := direct.NewWindow(T, B, pool), units.NewWindow(T, B, pool)
		if a.cells[0].buffers.fwd.symbols == nil || b.cells[0].buffers.fwd.symbols != nil {
			t.Fatal("the first window has gates of symbols, the second has not")
		}
		for _, w := range []*Window{a, b} {
			w.Starts()[5*B+3], w.Starts()[0] = true, true
		}
		x, y := symbols(1, V-1, T*B), symbols(2, V, T*B)
		for range 2 {
			a.Forward(x)
			b.Forward(x)
			compare(t, "logits", a.Logits(), b.Logits())
			for _, q := range direct.Config().Quantities() {
				got, want := make([]float32, T*B*H), make([]float32, T*B*H)
				a.Observe(got, 0, q.Name)
				b.Observe(want, 0, q.Name)
				compare(t, q.Name, got, want)
			}
			a.Gradient(x, y, 1, nil)
			b.Gradient(x, y, 1, nil)
			for _, p := range direct.Params() {
				if !p.Frozen {
					compare(t, "gradient of "+p.Name, p.Grad, named[p.Name].Grad)
				}
			}
		}
	}
}
