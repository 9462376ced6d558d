package rnn

import (
	"math"
	"slices"
	"testing"
)

// TestCodeOutputs shows what a network with codes gives: sigmoids of its logits, and half their squared distance from the
// code as its loss, the same bits with and without a gradient.
func TestCodeOutputs(t *testing.T) {
	const T, B, E = 5, 3, 4
	n := network(t, Config{Symbols: 7, Hidden: 9, Codes: E})
	x, y := symbols(1, 7, T*B), symbols(2, 7, T*B)
	w := n.NewWindow(T, B, nil)
	w.Loss(x, y)
	losses, answers := slices.Clone(w.Losses()), slices.Clone(w.CodeOutputs())
	if len(answers) != T*B*E {
		t.Fatalf("%d answers, want %d", len(answers), T*B*E)
	}
	for r := range T * B {
		want := 0.0
		for i, z := range w.Logits()[r*E:][:E] {
			if got, want := float64(answers[r*E+i]), sigmoid64(float64(z)); math.Abs(got-want) > 1e-6 {
				t.Errorf("row %d, bit %d: answer %v to the logit %v, want %v", r, i, got, z, want)
			}
			d := float64(answers[r*E+i] - n.Params()[0].Value[int(y[r])*E+i])
			want += d * d / 2
		}
		if got := float64(losses[r]); math.Abs(got-want) > 1e-6*want {
			t.Errorf("row %d: loss %v, want %v", r, got, want)
		}
	}
	w.Reset()
	w.Gradient(x, y, 0.5, nil)
	compare(t, "losses of Gradient", w.Losses(), losses)
	compare(t, "answers of Gradient", w.CodeOutputs(), answers)
	w.Reset()
	w.Forward(x)
	compare(t, "answers of Forward", w.CodeOutputs(), answers)
}

// TestUniform looks at the numbers that Init.Uniform draws, and shows that Init leaves codes alone.
func TestUniform(t *testing.T) {
	n := network(t, Config{Symbols: 7, Hidden: 40, Layers: 2, Codes: 4})
	codes := slices.Clone(n.Params()[0].Value)
	n.Init(Init{Uniform: 0.25}, 1)
	compare(t, "codes", n.Params()[0].Value, codes)
	for _, p := range n.Params()[1:] {
		switch low, high := slices.Min(p.Value), slices.Max(p.Value); {
		case p.Frozen && (low != 0 || high != 0):
			t.Errorf("%s: from %v to %v, want zeros", p.Name, low, high)
		case len(p.Value) >= 40 && !p.Frozen && (low < -0.25 || low > -0.2 || high > 0.25 || high < 0.2):
			t.Errorf("%s: from %v to %v, want nearly all from -0.25 to 0.25", p.Name, low, high)
		}
	}
}

func TestSetCodesOfAnotherShape(t *testing.T) {
	for _, c := range []Config{{Symbols: 3, Hidden: 2, Codes: 2}, {Symbols: 3, Hidden: 2}} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%+v takes 5 numbers as codes", c)
				}
			}()
			network(t, c).SetCodes(make([]float32, 5))
		}()
	}
}
