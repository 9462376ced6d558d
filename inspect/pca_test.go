package inspect

import (
	"context"
	"math"
	"reflect"
	"testing"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/internal/f32"
	"github.com/seed-f4dd853e/elman/rnn"
	"github.com/seed-f4dd853e/elman/score"
)

// TestComponentsByDefinition checks what makes principal components, from a trace: coordinates along different axes are not
// correlated, their variances are those told and fall, all together are the whole, and axes are at right angles.
func TestComponentsByDefinition(t *testing.T) {
	const H = 7
	text := []byte(someText(60))
	m := verseModel(t, corpus.Options{}, rnn.Config{Cell: "lstm", Hidden: H, Layers: 2})
	for _, quantity := range []string{"", "c"} {
		p := &PCA{Model: m, Layer: 1, Quantity: quantity}
		trace := &Trace{Quantities: p.Needs()}
		if _, err := Read(context.Background(), m, corpus.FromBytes("text", text), score.Extras{}, p, trace); err != nil {
			t.Fatal(err)
		}
		c, err := p.Components(100)
		if err != nil {
			t.Fatal(err)
		}
		if len(c.Axes) != H || len(c.Share) != H || c.Quantity != p.Needs()[0] || c.Layer != 1 {
			t.Fatalf("%d axes, %d shares of %s of layer %d", len(c.Axes), len(c.Share), c.Quantity, c.Layer)
		}
		n := float64(len(trace.Symbols))
		means, products := make([]float64, H), make([][]float64, H)
		for i := range products {
			products[i] = make([]float64, H)
		}
		states := map[int32][]float64{}
		state := make([]float64, H)
		for i, symbol := range trace.Symbols {
			for j := range state {
				state[j] = float64(trace.Values(1, c.Quantity)[i*H+j])
			}
			at := c.At(state)
			if states[symbol.ID] == nil {
				states[symbol.ID] = make([]float64, H+1)
			}
			states[symbol.ID][H]++
			for j, a := range at {
				states[symbol.ID][j] += a
				means[j] += a / n
				for k, b := range at {
					products[j][k] += a * b / n
				}
			}
		}
		shares := 0.0
		for j := range H {
			shares += c.Share[j]
			if math.Abs(means[j]) > 1e-6 || j > 0 && c.Variance[j] > c.Variance[j-1] {
				t.Errorf("axis %d: mean %v, variances %v", j, means[j], c.Variance)
			}
			for k := range H {
				want, length := 0.0, 0.0
				if j == k {
					want, length = c.Variance[j], 1
				}
				if math.Abs(products[j][k]-want) > 1e-6 || math.Abs(dot(c.Axes[j], c.Axes[k])-length) > 1e-9 {
					t.Errorf("axes %d and %d: covariance %v, want %v; product %v", j, k, products[j][k], want, dot(c.Axes[j], c.Axes[k]))
				}
			}
		}
		if math.Abs(shares-1) > 1e-9 {
			t.Errorf("shares %v", c.Share)
		}
		if len(c.Symbols) != len(states) {
			t.Errorf("%d symbols, want %d", len(c.Symbols), len(states))
		}
		for _, s := range c.Symbols {
			own := states[s.ID]
			for j, at := range s.At {
				if float64(s.Count) != own[H] || math.Abs(at-own[j]/own[H]) > 1e-6 {
					t.Errorf("symbol %d, %d times: at %v, want %v", s.ID, s.Count, s.At, own)
				}
			}
		}
	}
}

// TestComponentsAnywhere finds the same on every kernel set.
func TestComponentsAnywhere(t *testing.T) {
	defer f32.Use(f32.Active())
	m := verseModel(t, corpus.Options{}, rnn.Config{Cell: "gru", Hidden: 9})
	var want *Components
	for _, set := range f32.Kernels() {
		if err := f32.Use(set); err != nil {
			t.Fatal(err)
		}
		p := &PCA{Model: m}
		if _, err := Read(context.Background(), m, corpus.FromBytes("text", []byte(verse)), score.Extras{}, p); err != nil {
			t.Fatal(err)
		}
		got, err := p.Components(3)
		if err != nil {
			t.Fatal(err)
		}
		if want == nil {
			want = got
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: other components", set)
		}
	}
}

func TestComponentsOfLittle(t *testing.T) {
	m := verseModel(t, corpus.Options{}, rnn.Config{Hidden: 4})
	p := &PCA{Model: m}
	if _, err := p.Components(2); err == nil {
		t.Error("no text has components")
	}
	if _, err := Read(context.Background(), m, corpus.FromBytes("text", []byte("S")), score.Extras{}, p); err != nil {
		t.Fatal(err)
	}
	c, err := p.Components(2)
	if err != nil || len(c.Axes) != 2 || c.Share[0] != 0 || len(c.Symbols) != 1 {
		t.Errorf("of one symbol: %+v, %v", c, err)
	}
}
