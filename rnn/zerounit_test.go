package rnn

import (
	"slices"
	"testing"
)

// TestZeroUnit shows that outputs of zeroed units are 0 to the bit wherever streams start, that others are not, that the
// network itself comes back, and that its clone never noticed.
func TestZeroUnit(t *testing.T) {
	eachVariant(t, func(t *testing.T, v variant) {
		const T, B, H = 9, 2, 7
		v = v.sized(8, H, 2)
		n := network(t, v.Config)
		clone := n.Clone()
		w, x := n.NewWindow(T, B, nil), symbols(1, 8, T*B)
		w.Starts()[3*B] = true
		logits := func() []float32 {
			w.Reset()
			w.Forward(x)
			return slices.Clone(w.Logits())
		}
		before := logits()
		first := n.ZeroUnit(1, 4)
		second := n.ZeroUnit(1, 0)
		if slices.Equal(logits(), before) {
			t.Error("nobody misses two units")
		}
		h := make([]float32, T*B*H)
		for layer := range 2 {
			w.Observe(h, layer, "h")
			others := 0 // that are not 0 throughout, as rectified units may be by themselves
			for unit := range H {
				silent := true
				for r := range T * B {
					silent = silent && h[r*H+unit] == 0
				}
				if zeroed := layer == 1 && (unit == 0 || unit == 4); zeroed && !silent {
					t.Errorf("layer %d, unit %d is not 0", layer, unit)
				} else if !zeroed && !silent {
					others++
				}
			}
			if others == 0 {
				t.Errorf("layer %d: every unit is 0", layer)
			}
		}
		second()
		first()
		compare(t, "afterwards", logits(), before)
		w = clone.NewWindow(T, B, nil)
		w.Starts()[3*B] = true
		compare(t, "the clone", logits(), before)
	})
}
