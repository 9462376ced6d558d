package inspect

import (
	"context"
	"math"
	"testing"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/rnn"
	"github.com/seed-f4dd853e/elman/score"
)

// TestSaturationByDefinition counts once more from a trace.
func TestSaturationByDefinition(t *testing.T) {
	text := []byte(someText(30))
	for _, c := range []rnn.Config{
		{Cell: "lstm"}, {Cell: "gru"}, {Cell: "mingru"}, {Activation: "sigmoid"}, {Activation: "tanh"}, {Activation: "relu"},
	} {
		c.Hidden, c.Layers = 5, 2
		m := verseModel(t, corpus.Options{}, c)
		for _, p := range m.Network.Params() { // far out, but where that explodes
			for i := range p.Value {
				if c.Activation != "relu" {
					p.Value[i] *= 4
				}
			}
		}
		m.Network.Updated()
		s := &Saturation{Model: m}
		trace := &Trace{Quantities: s.Needs()}
		if _, err := Read(context.Background(), m, corpus.FromBytes("text", text), score.Extras{}, s, trace); err != nil {
			t.Fatal(err)
		}
		all := s.Shares()
		if want := 2 * len(s.Needs()); len(all) != want || (want == 0) != (c.Activation == "relu") {
			t.Fatalf("%+v: %d gates, want %d", c, len(all), want)
		}
		n := float64(len(trace.Symbols))
		for _, g := range all {
			limit := map[string]float32{"sigmoid": 0.1, "tanh": -0.9}[g.Activation]
			low, high := make([]float64, 5), make([]float64, 5)
			var lows, highs float64
			for i, v := range trace.Values(g.Layer, g.Quantity) {
				if v < limit {
					low[i%5] += 1 / n
					lows += 1 / n / 5
				}
				if v > 0.9 {
					high[i%5] += 1 / n
					highs += 1 / n / 5
				}
			}
			if math.Abs(g.Low-lows) > 1e-9 || math.Abs(g.High-highs) > 1e-9 || lows+highs == 0 {
				t.Errorf("%+v, %s of layer %d: %v, want %v and %v", c, g.Quantity, g.Layer, g.Ends, lows, highs)
			}
			for j, u := range g.Units {
				if math.Abs(u.Low-low[j]) > 1e-9 || math.Abs(u.High-high[j]) > 1e-9 {
					t.Errorf("%+v, %s %d of layer %d: %v, want %v and %v", c, g.Quantity, j, g.Layer, u, low[j], high[j])
				}
			}
		}
	}
}
