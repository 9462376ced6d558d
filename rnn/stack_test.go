package rnn

import (
	"fmt"
	"math"
	"slices"
	"testing"
)

// TestWeightsAreCounted compares what settings say of a network's size with the network: matrices are counted, biases not.
func TestWeightsAreCounted(t *testing.T) {
	eachVariant(t, func(t *testing.T, v variant) {
		for layers := 1; layers <= 3; layers++ {
			v := v.sized(9, 7, layers)
			n := network(t, v.Config)
			c := n.Config()
			sum, products := int64(0), int64(0)
			for _, p := range n.Params() {
				if p.Rows == 0 {
					continue
				}
				size := int64(len(p.Value))
				sum += size
				gathered := p.Name == "embedding.weight" && !c.Tie || p.Name == "codes.weight" || c.width() == 0 && p.Name == c.InputWeightName(0)
				if !p.depthwise && !gathered {
					products += size
				}
			}
			if c.Weights() != sum {
				t.Errorf("%+v: Weights() = %d, want %d", c, c.Weights(), sum)
			}
			if got, _ := c.MultiplyAdds(); got != products {
				t.Errorf("%+v: MultiplyAdds() = %d, want %d", c, got, products)
			}
			if want := n.Params()[len(n.Params())-1].Name; want != "decoder.bias" {
				t.Errorf("%+v: the last tensor is %s", c, want)
			}
		}
	})
}

// TestOperations counts by hand, for V=3 symbols, H=2 hidden units, one layer unless it says otherwise.
func TestOperations(t *testing.T) {
	for _, tt := range []struct {
		name   string
		cell   string
		layers int
		T      int
		codes  int
		want   float64 // for each character
	}{
		// Logits, their gradient and dD: 6 multiply-adds each. U h and dU: 4 each. No way back through time.
		{"one time step", "elman", 1, 1, 0, 2 * (3*6 + 2*4)},
		{"two: one of them passes its gradient back", "elman", 1, 2, 0, 2 * (3*6 + 2*4 + 4.0/2)},
		{"no product through time", "mingru", 1, 2, 0, 2 * 3 * 6},
		{"four gates", "lstm", 1, 2, 0, 2 * (3*6 + 2*16 + 16.0/2)},
		{"two bits, coded", "elman", 1, 1, 2, 2 * (3*4 + 2*4 + 2*4)}, // logits, inputs without a way back
		{"a second layer, whose inputs take 12 thrice", "gru", 2, 1, 0, 2 * (3*6 + 2*2*12 + 3*12)},
	} {
		n, err := Config{Cell: tt.cell, Symbols: 3, Hidden: 2, Layers: tt.layers, Codes: tt.codes}.WithDefaults()
		if err != nil {
			t.Fatal(err)
		}
		if got := n.FLOPs(tt.T); got != tt.want {
			t.Errorf("%s: %+v.Operations(%d) = %v, want %v", tt.name, n, tt.T, got, tt.want)
		}
	}
}

// TestDropout looks at the masks themselves: their share of zeros, what they multiply the rest by, and that they differ
// between training steps, seeds, stages and rows.
func TestDropout(t *testing.T) {
	const T, B, H = 20, 7, 100
	n := network(t, Config{Symbols: 9, Hidden: H, Layers: 2})
	w := n.NewWindow(T, B, nil)
	w.Dropout = Dropout{Rate: 0.3, Seed: 1}
	x := symbols(1, 9, T*B)
	plain := w.Loss(x, x)
	masks := map[string][]float32{}
	ones := make([]float32, T*B*H)
	for i := range ones {
		ones[i] = 1
	}
	draw := func(name string, seed, step uint64, stage int) {
		w.Dropout.Seed, w.Dropout.Step = seed, step
		w.Reset()
		if w.Gradient(x, x, 1, nil) == plain {
			t.Errorf("%s: dropout changes nothing", name)
		}
		mask := make([]float32, len(ones))
		w.dropouts[stage].mask(mask, ones, 0, T*B)
		masks[name] = mask
	}
	draw("", 1, 1, 0)
	draw("again", 1, 1, 0)
	draw("step", 1, 2, 0)
	draw("seed", 2, 1, 0)
	draw("stage", 1, 1, 1)
	compare(t, "the same key", masks["again"], masks[""])
	delete(masks, "again")
	masks["row"] = append(masks[""][H:], masks[""][:H]...)
	const p = 77. / 256 // 0.3 rounded
	for name, mask := range masks {
		zeros, same := 0, 0
		for i, m := range mask {
			if m == 0 {
				zeros++
			} else if m != float32(256)/(256-77) {
				t.Fatalf("%q: a factor of %v", name, m)
			}
			if m == masks[""][i] {
				same++
			}
		}
		size := float64(len(mask)) // of 14000 draws, the share varies by 0.004
		if share := float64(zeros) / size; math.Abs(share-p) > 0.016 {
			t.Errorf("%q: %.3f are zero, want %.3f", name, share, p)
		}
		if share := float64(same) / size; name != "" && math.Abs(share-(p*p+(1-p)*(1-p))) > 0.02 {
			t.Errorf("%q: %.3f are as with another key", name, share)
		}
	}
	w.Reset()
	if loss := w.Loss(x, x); loss != plain {
		t.Errorf("Loss drops something: %v, before %v", loss, plain)
	}
}

// TestFixedDropout looks at masks that hold for all time steps: one for each stream.
func TestFixedDropout(t *testing.T) {
	const T, B, H = 20, 7, 400
	w := network(t, Config{Symbols: 9, Hidden: H, Layers: 2, Cell: "lstm"}).NewWindow(T, B, nil)
	w.Dropout = Dropout{Rate: 0.3, Variational: true, Recurrent: 0.6}
	x := symbols(1, 9, T*B)
	plain := w.Loss(x, x)
	draw := func(step uint64) (outputs, recurrence []float32) {
		w.Dropout.Step = step
		w.Gradient(x, x, 1, nil)
		outputs = make([]float32, T*B*H)
		for i := range outputs {
			outputs[i] = 1
		}
		w.dropouts[0].mask(outputs, outputs, 0, T*B)
		return outputs, slices.Clone(w.cells[0].buffers.drop.mask)
	}
	outputs, recurrence := draw(5)
	for s := range T {
		compare(t, fmt.Sprint("time step ", s), outputs[s*B*H:][:B*H], outputs[:B*H])
	}
	other, otherRecurrence := draw(6)
	for _, tt := range []struct {
		name      string
		mask, not []float32
		zeros     int
	}{
		{"outputs", outputs[:B*H], other, 77}, {"streams", outputs[:H], outputs[H:], 77},
		{"recurrence", recurrence, otherRecurrence, 154}, {"recurrence of streams", recurrence[:H], recurrence[H:], 154},
		{"recurrence of layers", recurrence, w.cells[1].buffers.drop.mask, 154}, {"recurrence beside outputs", recurrence, outputs, 154},
	} {
		zeros, same := 0, 0
		for i, m := range tt.mask {
			if m == 0 {
				zeros++
			} else if m != float32(256)/float32(256-tt.zeros) {
				t.Fatalf("%s: a factor of %v", tt.name, m)
			}
			if (m == 0) == (tt.not[i] == 0) {
				same++
			}
		}
		size := float64(len(tt.mask)) // at least 400 draws, whose share varies by 0.025
		if share, want := float64(zeros)/size, float64(tt.zeros)/256; math.Abs(share-want) > 0.1 {
			t.Errorf("%s: %.3f are zero, want %.3f", tt.name, share, want)
		}
		if share := float64(same) / size; share > 0.7 {
			t.Errorf("%s: %.3f are as with another key", tt.name, share)
		}
	}
	w.Reset()
	if loss := w.Loss(x, x); loss != plain {
		t.Errorf("Loss drops something: %v, before %v", loss, plain)
	}
}

// TestDropoutTooLate: the memory is made by the first Gradient.
func TestDropoutTooLate(t *testing.T) {
	for _, late := range []Dropout{{Rate: 0.5}, {Recurrent: 0.5}} {
		w := network(t, Config{Symbols: 3, Hidden: 4}).NewWindow(2, 1, nil)
		x := symbols(1, 3, 2)
		w.Gradient(x, x, 1, nil)
		w.Dropout = late
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%+v: no panic", late)
				}
			}()
			w.Gradient(x, x, 1, nil)
		}()
	}
}

// TestSetStreamState gives the states of single streams to those of a window, of which the others go on.
func TestSetStreamState(t *testing.T) {
	eachVariant(t, func(t *testing.T, v variant) {
		v = v.sized(7, 6, 2)
		n := network(t, v.Config)
		const T, B = 5, 3
		before, after := symbols(1, 7, T*B), symbols(2, 7, T*B)
		stream := func(x []int32, b int) (own []int32) {
			for t := range T {
				own = append(own, x[t*B+b])
			}
			return own
		}
		all := n.NewWindow(T, B, nil)
		all.Forward(before)
		single := n.NewWindow(T, 1, nil)
		state := make([]float32, single.StateLen())
		single.Forward(stream(after, 0))
		single.State(state)
		all.SetStreamState(1, state)
		all.Forward(after)
		for b := range B {
			single.Reset()
			if b == 1 {
				single.SetState(state)
			} else {
				single.Forward(stream(before, b))
			}
			single.Forward(stream(after, b))
			cols := len(single.Logits()) / T
			for t0 := range T {
				compare(t, "logits", all.Logits()[(t0*B+b)*cols:][:cols], single.Logits()[t0*cols:][:cols])
			}
		}
	})
}

// TestBroadcastState gives the state of one stream to three, which then go on as it does.
func TestBroadcastState(t *testing.T) {
	eachVariant(t, func(t *testing.T, v variant) {
		n := network(t, v.sized(8, 13, 2).Config)
		one, all := n.NewWindow(6, 1, nil), n.NewWindow(1, 3, nil)
		one.Forward(symbols(1, 8, 6))
		state := make([]float32, one.StateLen())
		one.State(state)
		all.BroadcastState(state)
		all.Forward([]int32{5, 5, 5})
		one.Forward([]int32{5})
		for b := range 3 {
			compare(t, fmt.Sprint("stream ", b), all.Logits()[b*v.sized(8, 13, 2).outputs():][:len(one.Logits())], one.Logits())
		}
	})
}
