package rnn

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/seed-f4dd853e/elman/internal/f32"
)

// roundedTo returns the network of the tests, rounded.
func roundedTo(t *testing.T, c Config, p Precision) (original, rounded *Network) {
	t.Helper()
	original = network(t, c)
	rounded, err := original.Round(p)
	if err != nil {
		t.Fatal(err)
	}
	return original, rounded
}

// forward returns the logits of two windows in succession, and the state after them.
func forward(v variant, n *Network, T, B int, pool *f32.Pool) (out []float32) {
	w := n.NewWindow(T, B, pool)
	for i := range 2 {
		w.Forward(symbols(uint64(i), v.Symbols, T*B))
		out = append(out, w.Logits()...)
	}
	state := make([]float32, w.StateLen())
	w.State(state)
	return append(out, state...)
}

// TestRoundedIsNear compares a rounded network with its original: of the same shape, and not far away. Two wrong weights
// would move logits by more.
func TestRoundedIsNear(t *testing.T) {
	eachVariant(t, func(t *testing.T, v variant) {
		for p, tolerance := range map[Precision]float64{BF16: 0.05, Int8: 0.2} {
			v := v.sized(12, 30, 2)
			original, rounded := roundedTo(t, v.Config, p)
			want, got := forward(v, original, 6, 3, nil), forward(v, rounded, 6, 3, nil)
			if slices.Equal(got, want) {
				t.Errorf("%v: nothing changed", p)
			}
			for i := range got {
				if d := math.Abs(float64(got[i] - want[i])); !(d < tolerance) {
					t.Fatalf("%v: number %d of %d is %v, in float32 %v", p, i, len(got), got[i], want[i])
				}
			}
		}
	})
}

// TestRoundedWeights says which weights are rounded, and to what.
func TestRoundedWeights(t *testing.T) {
	eachVariant(t, func(t *testing.T, v variant) {
		for _, p := range Precisions() {
			original, rounded := roundedTo(t, v.sized(12, 30, 2).Config, p)
			for i, w := range rounded.Params() {
				whole := len(w.Shape()) == 1 || strings.Contains(w.Name, "conv.") || strings.HasPrefix(w.Name, "codes.")
				if changed := !slices.Equal(w.Value, original.Params()[i].Value); changed == whole || (w.Precision == p) == whole {
					t.Errorf("%v: %s %v has precision %v, changed: %v", p, w.Name, w.Shape(), w.Precision, changed)
				}
				before := slices.Clone(w.Value)
				w.round()
				compare(t, w.Name+" rounded again", w.Value, before)
				if w.Precision != Int8 {
					continue
				}
				scales := w.Scales()
				for r := range w.Rows {
					for c, x := range w.matrix().Row(r) {
						row := r
						if w.Transposed {
							row = c
						}
						if q := float64(x) / float64(scales[row]); q != math.Trunc(q) || math.Abs(q) > 127 {
							t.Fatalf("%s: row %d has the weight %v, %v times its scale", w.Name, row, x, q)
						}
					}
				}
			}
		}
	})
}

// TestRoundedSameBits runs rounded networks on every kernel set with 1, 2 and 7 workers, and streams alone.
func TestRoundedSameBits(t *testing.T) {
	eachVariant(t, func(t *testing.T, v variant) {
		for _, p := range Precisions() {
			v := v.sized(21, 33, 2)
			_, n := roundedTo(t, v.Config, p)
			const T, B = 7, 9
			var want []float32
			eachExecution(t, func(name string, pool *f32.Pool) {
				got := forward(v, n, T, B, pool)
				if want == nil {
					want = got
				}
				compare(t, fmt.Sprint(p, " ", name), got, want)
			})
			if p == BF16 { // the products of float32, on the same numbers
				c := v.Config
				same := network(t, c)
				for i, w := range same.Params() {
					copy(w.Value, n.Params()[i].Value)
				}
				same.Updated()
				compare(t, "float32 of the same numbers", forward(v, same, T, B, nil), want)
			}
			x := symbols(0, v.Symbols, T*B)
			for b := range B {
				for _, window := range []*Window{n.NewWindow(T, 1, nil), n.NewInferenceWindow(1, 1, nil)} {
					for at := 0; at < T; at += window.T {
						mine := make([]int32, window.T)
						for s := range mine {
							mine[s] = x[(at+s)*B+b]
						}
						window.Forward(mine)
						for s := range mine {
							compare(t, fmt.Sprintf("%v: stream %d alone, time step %d", p, b, at+s), window.Logits()[s*v.outputs():][:v.outputs()],
								want[((at+s)*B+b)*v.outputs():][:v.outputs()])
						}
					}
				}
			}
		}
	})
}

// TestRoundedGolden compares logits with those computed once, on amd64: no processor and no compiler changes a bit.
func TestRoundedGolden(t *testing.T) {
	for _, tt := range []struct {
		Config
		want string
	}{
		{Config{Cell: "lstm", Precision: BF16}, "3ab0f80b57e8f367"},
		{Config{Cell: "lstm", Precision: Int8}, "a746026f71a7b748"},
		{Config{Cell: "gru", Block: true, Precision: Int8}, "b80fc9c06cb61feb"},
		{Config{Cell: "elman", Embedding: 34, Tie: true, Precision: Int8}, "87555ffc3886f844"},
	} {
		tt.Symbols, tt.Hidden, tt.Layers = 21, 34, 2
		p := tt.Precision
		tt.Precision = Float32
		_, n := roundedTo(t, tt.Config, p)
		h := sha256.New()
		for _, x := range forward(variant{Config: tt.Config}, n, 7, 3, nil) {
			binary.Write(h, binary.LittleEndian, x)
		}
		if got := fmt.Sprintf("%x", h.Sum(nil))[:16]; got != tt.want {
			t.Errorf("%v %+v: hash %s, want %s", p, tt.Config, got, tt.want)
		}
	}
}

func TestRoundedDoesNotAllocate(t *testing.T) {
	for _, p := range Precisions() {
		_, n := roundedTo(t, Config{Cell: "lstm", Symbols: 65, Hidden: 40, Layers: 2}, p)
		w, x := n.NewInferenceWindow(1, 3, nil), symbols(1, 65, 3)
		if a := testing.AllocsPerRun(5, func() { w.Forward(x) }); a != 0 {
			t.Errorf("%v: a time step allocates %v times", p, a)
		}
	}
}

func TestRoundErrors(t *testing.T) {
	c := Config{Symbols: 5, Hidden: 4}
	_, rounded := roundedTo(t, c, BF16)
	if _, err := rounded.Round(Int8); err == nil || err.Error() != "the weights are rounded to bf16 already; take the model that they were rounded from" {
		t.Errorf("rounding twice: %v", err)
	}
	n := network(t, c)
	n.Params()[0].Value[3] = 0x1p100
	if _, err := n.Round(Int8); err == nil || err.Error() != `tensor "rnn.weight_ih_l0": weights of 2^100 and more cannot be rounded to int8` {
		t.Errorf("rounding a huge weight: %v", err)
	}
	if _, err := n.Round("int4"); err == nil || err.Error() != `precision is "int4", must be left out, bf16 or int8` {
		t.Errorf("rounding to int4: %v", err)
	}
}

// TestRoundedMemory compares what is counted with what is taken.
func TestRoundedMemory(t *testing.T) {
	for _, p := range Precisions() {
		_, n := roundedTo(t, Config{Cell: "gru", Symbols: 65, Hidden: 40, Layers: 2}, p)
		for _, use := range []WindowUse{{T: 5, B: 2, Starts: true}, {T: 1, B: 1, Inference: true}} {
			w := n.NewWindow(use.T, use.B, nil)
			if use.Inference {
				w = n.NewInferenceWindow(1, use.B, nil)
			} else {
				w.Starts()
			}
			if got, want := n.Config().WindowMemory(use), w.memory(); got.Total() != want.Total() {
				t.Errorf("%v %+v: %d bytes are counted, %d taken", p, use, got.Total(), want.Total())
			}
		}
	}
}
