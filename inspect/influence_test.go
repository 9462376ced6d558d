package inspect

import (
	"context"
	"errors"
	"math"
	"reflect"
	"testing"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/internal/f32"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/rnn"
)

// TestInfluenceOfAll compares the influence on every symbol of a text, in which a document starts, with gradients of a single
// stream that reads the text from its beginning to that symbol.
func TestInfluenceOfAll(t *testing.T) {
	const V, n, span = 5, 45, 8
	for _, c := range []rnn.Config{{Cell: "lstm", Layers: 2}, {Cell: "gru", LearnInitial: true}, {Cell: "mingru", Block: true, Conv: 3}, {Activation: "relu", Embedding: 4}} {
		c.Symbols, c.Hidden = V, 6
		net := network(t, c)
		text := SequenceOf(symbols(1, V, n+1))
		text.Starts = make([]bool, n)
		text.Starts[0], text.Starts[21] = true, true
		got, err := InfluenceOf(t.Context(), net, text, 0, n, InfluenceSettings{Span: span})
		if err != nil {
			t.Fatal(err)
		}
		for i := range n {
			w := net.NewWindow(i+1, 1, nil)
			copy(w.Starts(), text.Starts)
			want := w.InputGrad(text.X[:i+1], text.Y[i:i+1])
			if loss := float64(w.Losses()[i]); got.Bits[i] != loss*math.Log2E {
				t.Errorf("%s: symbol %d takes %v bits, want %v", c.Cell, i, got.Bits[i], loss*math.Log2E)
			}
			for k := 1; k <= span; k++ {
				step := i + 1 - k // which reads symbol i-k
				wantProduct, wantNorm := 0.0, 0.0
				if step > 0 && !(i >= 21 && step <= 21) {
					wantProduct, wantNorm = -want.Dot[step]*math.Log2E, want.Norm[step]*math.Log2E
				}
				if product, norm := got.At(i, k); product != float64(float32(wantProduct)) || norm != float64(float32(wantNorm)) {
					t.Errorf("%s: symbol %d moved %d by %v and %v, want %v and %v", c.Cell, i-k, i, product, norm, wantProduct, wantNorm)
				}
			}
			if reach := min(span, i, map[bool]int{true: i - 21, false: n}[i >= 21]); got.Reach[i] != reach {
				t.Errorf("%s: symbol %d has %d symbols before it, want %d", c.Cell, i, got.Reach[i], reach)
			}
		}
		some, err := InfluenceOf(t.Context(), net, text, 33, 40, InfluenceSettings{Span: span})
		if err != nil || !reflect.DeepEqual(some.Product, got.Product[33*span:40*span]) {
			t.Errorf("%s: another influence on symbols 33 to 39, error %v", c.Cell, err)
		}
	}
}

// TestInfluenceReachesAsTheGradient: where a network of relu units has none at 0, the gradient of what a symbol adds to the
// pre-activations is that of the state, which GradientReachOf measures.
func TestInfluenceReachesAsTheGradient(t *testing.T) {
	const K, n = 6, 40
	net := network(t, rnn.Config{Activation: "relu", Symbols: 4, Hidden: 5})
	for _, p := range net.Params() {
		for i, v := range p.Value {
			if p.Name != "decoder.weight" {
				p.Value[i] = float32(math.Abs(float64(v))) + 0.01
			}
		}
	}
	net.Updated()
	text := SequenceOf(symbols(1, 4, n))
	last := text.Len() - 1
	influence, err := InfluenceOf(t.Context(), net, text, last, last+1, InfluenceSettings{Span: K})
	if err != nil {
		t.Fatal(err)
	}
	reach, err := GradientReachOf(t.Context(), net, text, GradientReachSettings{Reach: K, Positions: 1, WarmUp: last - K})
	if err != nil {
		t.Fatal(err)
	}
	for k := range K {
		_, got := influence.At(last, k+1)
		if want := reach.Layers[0].H.Mean[k] * math.Log2E; math.Abs(got-want) > 1e-6*want || want == 0 {
			t.Errorf("%d back: the gradient of the symbol is %v, of the state %v", k+1, got, want)
		}
	}
}

// TestInfluenceAnywhere runs the same on every kernel set with 1, 2 and 7 workers.
func TestInfluenceAnywhere(t *testing.T) {
	defer f32.Use(f32.Active())
	net := network(t, rnn.Config{Cell: "lstm", Symbols: 5, Hidden: 7, Layers: 2})
	text := SequenceOf(symbols(1, 5, 90))
	var want *Influence
	for _, set := range f32.Kernels() {
		if err := f32.Use(set); err != nil {
			t.Fatal(err)
		}
		for _, workers := range []int{1, 2, 7} {
			got, err := InfluenceOf(t.Context(), net, text, 0, 89, InfluenceSettings{Span: 10, Workers: workers})
			if err != nil {
				t.Fatal(err)
			}
			if want == nil {
				want = got
			}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("%s, %d workers: another influence", set, workers)
			}
		}
	}
}

func TestInfluenceOfNone(t *testing.T) {
	net := network(t, rnn.Config{Symbols: 5, Hidden: 7})
	text := SequenceOf(symbols(1, 5, 90))
	eight, err := net.Round(rnn.Int8)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := InfluenceOf(t.Context(), eight, text, 0, 9, InfluenceSettings{}); err != errNoGradient {
		t.Errorf("of 8 bits: error %v", err)
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := InfluenceOf(cancelled, net, text, 80, 89, InfluenceSettings{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: error %v", err)
	}
	net.Params()[0].Value[0] = float32(math.NaN())
	net.Updated()
	if _, err := InfluenceOf(t.Context(), net, text, 0, 89, InfluenceSettings{}); !errors.Is(err, model.ErrNotFinite) {
		t.Errorf("not finite: error %v", err)
	}
}

// TestInfluenceOnTargets: the probabilities of all symbols that could come at one place add up to 1, so that the gradients of
// their logarithms, each times its probability, add up to 0. The symbol that came has the influence that it has without a target.
func TestInfluenceOnTargets(t *testing.T) {
	m := verseModel(t, corpus.Options{}, rnn.Config{Cell: "lstm", Hidden: 4})
	offset, text := int64(60), someText(20)
	influenced := func(target *int32) *InfluencedAt {
		a := &Analysis{Model: m, Text: corpus.FromBytes("text", []byte(text)), Of: []string{"influence"}, Shown: 50, Span: 6, At: &offset, Target: target}
		r, err := a.Run(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return Numbers[*InfluenceResult](r).At
	}
	came := influenced(nil)
	if came.Target != nil || len(came.Earlier) != 6 {
		t.Fatalf("without a target: target %v, %d earlier symbols", came.Target, len(came.Earlier))
	}
	p, sum := 0.0, make([]float64, 6)
	for id := range int32(m.Alphabet.Size()) {
		at := influenced(&id)
		name := m.Alphabet.Symbol(id)
		if at.Target == nil || *at.Target != name || at.Symbol != came.Symbol {
			t.Errorf("target %q: told of %v, where %q came", name, at.Target, at.Symbol)
		}
		if name == came.Symbol && (at.Bits != came.Bits || !reflect.DeepEqual(at.Earlier, came.Earlier)) {
			t.Errorf("the symbol that came takes %v bits as a target, and %v else", at.Bits, came.Bits)
		}
		share := math.Exp2(-at.Bits)
		p += share
		for k, e := range at.Earlier {
			sum[k] += share * e.Product
		}
	}
	if math.Abs(p-1) > 1e-5 {
		t.Errorf("probabilities add up to %v", p)
	}
	for k, s := range sum {
		if math.Abs(s) > 1e-6 || came.Earlier[k].Product == 0 {
			t.Errorf("%d back: gradients add up to %v, that of the symbol that came is %v", k+1, s, came.Earlier[k].Product)
		}
	}
}
