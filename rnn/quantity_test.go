package rnn

import (
	"math"
	"slices"
	"strings"
	"testing"
)

// TestObserve compares every quantity of every layer with the float64 forward pass. Streams go on from an earlier window, and
// some restart within this one.
func TestObserve(t *testing.T) {
	eachVariant(t, func(t *testing.T, v variant) {
		const T, B = 9, 3
		v = v.sized(8, 11, 2)
		n := network(t, v.Config)
		w := n.NewWindow(T, B, nil)
		starts := w.Starts()
		w.Forward(symbols(1, 8, T*B))
		state := make([]float32, w.StateLen())
		w.State(state)
		for i := range starts {
			starts[i] = i%7 == 3
		}
		x := symbols(2, 8, (T-1)*B)
		w.Forward(x)

		H, c := 11, n.Config()
		want := map[string][][]float64{} // [quantity][layer][rows*H]
		for _, q := range c.Quantities() {
			for range c.Layers {
				want[q.Name] = append(want[q.Name], make([]float64, len(x)*H))
			}
		}
		ref := newReference(n, state, B)
		ref.starts = starts
		ref.see = func(layer, row int, cell []float64) {
			copy(want["h"][layer][row*H:][:H], cell)
			if len(cell) > H {
				copy(want["c"][layer][row*H:], cell[H:])
			}
			for name, values := range ref.gates {
				copy(want[name][layer][row*H:], values)
			}
		}
		ref.loss(x, x)
		got := make([]float32, len(x)*H)
		for layer := range c.Layers {
			for _, q := range c.Quantities() {
				w.Observe(got, layer, q.Name)
				for i := range got {
					if want := want[q.Name][layer][i]; math.Abs(float64(got[i])-want) > 2e-6*(1+math.Abs(want)) {
						t.Fatalf("%s of layer %d, row %d, unit %d: %v, float64 forward pass %v", q.Name, layer, i/H, i%H, got[i], want)
					}
					low, high := -1.0, 1.0
					if q.Activation == "sigmoid" {
						low = 0
					}
					if x := float64(got[i]); q.Activation != "" && (x < low || x > high) {
						t.Fatalf("%s of layer %d is %v, no value of %s", q.Name, layer, x, q.Activation)
					}
				}
			}
		}
	})
}

// TestQuantities lists what there is to observe.
func TestQuantities(t *testing.T) {
	want := map[string]string{ // of the cells that users know already
		"elman": "h tanh", "lstm": "h, c, i sigmoid, f sigmoid, g tanh, o sigmoid", "gru": "h, r sigmoid, z sigmoid, n tanh", "mingru": "h, z sigmoid, n",
	}
	for cell, want := range want {
		var names []string
		for _, q := range (variant{Config: Config{Cell: cell, Symbols: 2, Hidden: 2}}).cfg().Quantities() {
			names = append(names, strings.TrimSpace(q.Name+" "+q.Activation))
		}
		if got := strings.Join(names, ", "); got != want {
			t.Errorf("%s has %s, want %s", cell, got, want)
		}
	}
}

// TestObserveRefuses shows what is a mistake: nothing may be mistaken for an activation.
func TestObserveRefuses(t *testing.T) {
	n := network(t, Config{Cell: "lstm", Symbols: 3, Hidden: 4})
	w := n.NewWindow(2, 1, nil)
	x := []int32{0, 1}
	w.Forward(x)
	room := make([]float32, 8)
	for _, tt := range []struct {
		what string
		do   func()
	}{
		{"no quantity", func() { w.Observe(room, 0, "r") }},
		{"no layer", func() { w.Observe(room, 1, "h") }},
		{"too little room", func() { w.Observe(room[1:], 0, "h") }},
		{"after a gradient", func() { w.Gradient(x, x, 1, nil); w.Observe(room, 0, "f") }},
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", tt.what)
				}
			}()
			tt.do()
		}()
	}
	w.Forward(x)
	w.Observe(room, 0, "f")
	if slices.Contains(room, 0) {
		t.Errorf("forget gates are %v", room)
	}
}
