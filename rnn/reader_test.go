package rnn

import (
	"fmt"
	"testing"
)

// TestReader compares a reader with a window, whose weights lie otherwise: near ones and far ones, which are read from
// either end in turn, of one stream and of several. It starts where a window of one stream ended.
func TestReader(t *testing.T) {
	check := func(t *testing.T, v variant, B int) {
		t.Helper()
		n := network(t, v.Config)
		if B == 1 && n.NewInferenceWindow(1, B, nil).packs() != (v.cfg().Weights() > nearWeights) {
			t.Errorf("%v, %d weights: a reader of one stream packs or does not", v, v.cfg().Weights())
		}
		one := n.NewWindow(5, 1, nil)
		one.Forward(symbols(2, v.Symbols, 5))
		state := make([]float32, one.StateLen())
		one.State(state)
		reader, window := n.NewInferenceWindow(1, B, nil), n.NewWindow(7, B, nil)
		reader.BroadcastState(state)
		window.BroadcastState(state)
		x := symbols(1, v.Symbols, 7*B)
		window.Forward(x)
		for at := 0; at < 7*B; at += B {
			reader.Forward(x[at : at+B])
			compare(t, fmt.Sprintf("time step %d of %d streams", at/B, B), reader.Logits(), window.Logits()[at*v.outputs():][:B*v.outputs()])
		}
		n.Params()[0].Value[0]++
		n.Updated()
		window.Reset()
		reader.Reset()
		window.Forward(make([]int32, B))
		reader.Forward(make([]int32, B))
		compare(t, "after a change of the weights", reader.Logits(), window.Logits())
	}
	eachVariant(t, func(t *testing.T, v variant) {
		for _, B := range []int{1, 2, 9} {
			check(t, v.sized(8, 19, 2), B)
		}
	})
	for _, B := range []int{1, 5} {
		check(t, variant{Config: Config{Cell: "lstm", Symbols: 65, Hidden: 270}}, B)
	}
}

// cfg returns the settings, defaults filled in.
func (v variant) cfg() Config {
	c, err := v.WithDefaults()
	if err != nil {
		panic(err)
	}
	return c
}
