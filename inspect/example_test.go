package inspect_test

import (
	"context"
	"fmt"
	"log"
	"math"
	"strings"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/inspect"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/rnn"
	"github.com/seed-f4dd853e/elman/score"
)

// counting returns a model that was not trained but built: unit 0 counts the characters of a line, and the longer it is the
// likelier is a line break.
func counting() *model.Model {
	c, err := corpus.New(corpus.FromBytes("letters", []byte("\nab")), corpus.Options{Closed: true})
	if err != nil {
		log.Fatal(err)
	}
	network, err := rnn.New(rnn.Config{Activation: "relu", Symbols: 3, Hidden: 2})
	if err != nil {
		log.Fatal(err)
	}
	for _, p := range network.Params() {
		switch p.Name {
		case "rnn.weight_ih_l0": // a row for each of "\n", a, b
			copy(p.Value, []float32{-100, 0, 1, 0, 1, 0})
		case "rnn.weight_hh_l0":
			p.Value[0] = 1
		case "decoder.weight":
			p.Value[0] = 1
		case "decoder.bias":
			p.Value[0] = -4
		}
	}
	network.Updated()
	return &model.Model{Network: network, Alphabet: c.Alphabet}
}

func ExampleRead() {
	trace := &inspect.Trace{Quantities: []string{"h"}}
	sum, err := inspect.Read(context.Background(), counting(), corpus.FromBytes("text", []byte("abbaba\n")), score.Extras{Top: 1}, trace)
	if err != nil {
		log.Fatal(err)
	}
	h := trace.Values(0, "h")
	for i, x := range trace.Symbols {
		fmt.Printf("%-4q %.2f bits, unit 0 at %v\n", x.Text, x.Bits.Float(), h[2*i])
	}
	fmt.Printf("%.2f bits per character\n", sum.PerChar())
	// Output:
	// "a"  1.01 bits, unit 0 at 1
	// "b"  1.04 bits, unit 0 at 2
	// "b"  1.09 bits, unit 0 at 3
	// "a"  1.24 bits, unit 0 at 4
	// "b"  1.58 bits, unit 0 at 5
	// "a"  2.24 bits, unit 0 at 6
	// "\n" 0.35 bits, unit 0 at 0
	// 1.22 bits per character
}

func ExampleEncode() {
	m := counting() // of "\n", a, b
	m.Documents = corpus.Lines
	s, err := inspect.Encode(m, corpus.FromBytes("text", []byte("ab\nb")), 100)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("reads", s.X, "to predict", s.Y)
	fmt.Println("starts", s.Starts)
	// Output:
	// reads [0 1 2 0] to predict [1 2 0 2]
	// starts [true false false true]
}

func ExampleCluster() {
	points := [][]float64{{0, 0}, {5, 5}, {0, 1}, {5, 7}}
	tree := inspect.Cluster(points, inspect.Average)
	for _, m := range tree {
		fmt.Printf("%d and %d at %.2f: %d leaves\n", m.A, m.B, m.Height, m.Size)
	}
	fmt.Println("two clusters:", tree.Cut(2))
	// Output:
	// 0 and 2 at 1.00: 2 leaves
	// 1 and 3 at 2.00: 2 leaves
	// 4 and 5 at 7.47: 4 leaves
	// two clusters: [0 1 0 1]
}

func ExampleClusterBy() {
	words := []string{"cat", "dragon", "dog", "dinosaur"}
	tree := inspect.ClusterBy(len(words), func(i, j int) float64 {
		return math.Abs(float64(len(words[i]) - len(words[j]))) // words of one length are alike
	}, inspect.Single)
	fmt.Println(tree.Cut(2))
	// Output: [0 1 0 1]
}

// A unit that halves what it hears of itself: the gradient halves with each time step.
func ExampleGradientReachOf() {
	network, err := rnn.New(rnn.Config{Activation: "relu", Symbols: 2, Hidden: 1})
	if err != nil {
		log.Fatal(err)
	}
	for _, p := range network.Params() {
		switch p.Name {
		case "rnn.weight_ih_l0", "decoder.weight":
			copy(p.Value, []float32{1, 2})
		case "rnn.weight_hh_l0":
			p.Value[0] = 0.5
		}
	}
	network.Updated()
	text := inspect.SequenceOf([]int32{0, 1, 1, 0, 1, 0, 0, 1, 0, 1, 1, 1})
	reach, err := inspect.GradientReachOf(context.Background(), network, text, inspect.GradientReachSettings{Reach: 6})
	if err != nil {
		log.Fatal(err)
	}
	h := reach.Layers[0].H
	for k := range 3 {
		fmt.Printf("%d time steps back: %.4f\n", k, h.Mean[k]/h.Mean[0])
	}
	mean, geometric := h.PerStep(1, 6)
	fmt.Printf("times %.3f, %.3f with each\n", mean, geometric)
	// Output:
	// 0 time steps back: 1.0000
	// 1 time steps back: 0.5000
	// 2 time steps back: 0.2500
	// times 0.500, 0.500 with each
}

// The model counts characters, so each moves the prediction of a line break alike.
func ExampleInfluenceOf() {
	m := counting()
	text, err := inspect.Encode(m, corpus.FromBytes("text", []byte("abba\n")), 100)
	if err != nil {
		log.Fatal(err)
	}
	last := text.Len() - 1
	influence, err := inspect.InfluenceOf(context.Background(), m.Network, text, last, last+1, inspect.InfluenceSettings{Span: 4})
	if err != nil {
		log.Fatal(err)
	}
	for back := 1; back <= influence.Reach[0]; back++ {
		product, norm := influence.At(last, back)
		fmt.Printf("%d back: %+.3f, %.3f\n", back, product, norm)
	}
	// Output:
	// 1 back: +0.962, 0.962
	// 2 back: +0.962, 0.962
	// 3 back: +0.962, 0.962
	// 4 back: +0.962, 0.962
}

func ExampleSpans() {
	spans := &inspect.Spans{Units: []inspect.Condition{{Unit: inspect.Unit{Unit: 0}}}, Threshold: 2} // that counts
	if _, err := inspect.Read(context.Background(), counting(), corpus.FromBytes("text", []byte("abba\nab\nababb\n")), score.Extras{}, spans); err != nil {
		log.Fatal(err)
	}
	for _, x := range spans.Result().Longest {
		fmt.Printf("byte %d: %q\n", x.Offset, x.Text)
	}
	// Output:
	// byte 10: "abb"
	// byte 2: "ba"
}

func ExampleMeanStates() {
	states := &inspect.MeanStates{Model: counting(), Chosen: []string{"ab", "b"}}
	if _, err := inspect.Read(context.Background(), counting(), corpus.FromBytes("text", []byte("ab\nb\nab\naa")), score.Extras{}, states); err != nil {
		log.Fatal(err)
	}
	leaves, means := states.States(2)
	for i, l := range leaves {
		fmt.Printf("%s: %d times, mean %v\n", l.Text, l.Count, means[i])
	}
	// Output:
	// ab: 2 times, mean [2 0]
	// b: 1 times, mean [1 0]
}

func ExampleProbe() {
	var text []byte
	for i := range 200 { // lines of very different lengths
		text = append(append(text, strings.Repeat("ab", i*i*i%1009%10)...), '\n')
	}
	m := counting()
	probe := &inspect.Probe{Model: m}
	if _, err := inspect.Read(context.Background(), m, corpus.FromBytes("text", text), score.Extras{}, probe); err != nil {
		log.Fatal(err)
	}
	found, err := probe.Follow(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	for _, u := range found.Units {
		fmt.Printf("%v follows %s, r = %.3f\n", u.Unit, u.Feature, u.R)
	}
	column := found.Features[0]
	fmt.Printf("untrained, |r| = %.3f, deviation %.3f; learned: %v\n", column.Untrained.Mean, column.Untrained.SD, column.Learned)
	// Output:
	// h 0 of layer 0 follows column, r = 1.000
	// untrained, |r| = 0.286, deviation 0.132; learned: true
}

func ExampleFeatures() {
	for _, f := range inspect.Features()[:3] {
		fmt.Printf("%s: %s\n", f.Name, f.Doc)
	}
	// Output:
	// column: characters since the line break, up to 80
	// line: lines since a blank one, up to 20
	// indent: blanks that the line begins with, up to 40
}

// columns is an Observer that prints the first feature of each symbol.
type columns struct{ features inspect.FeatureReader }

func (c *columns) Needs() []string { return nil }

func (c *columns) Observe(s *inspect.Chunk) error {
	values := c.features.Read(s)
	for i, x := range s.Symbols {
		fmt.Printf("%q is followed by column %g\n", x.Text, values[i*len(inspect.Features())])
	}
	return nil
}

func ExampleFeatureReader() {
	if _, err := inspect.Read(context.Background(), counting(), corpus.FromBytes("text", []byte("ab\na")), score.Extras{}, &columns{}); err != nil {
		log.Fatal(err)
	}
	// Output:
	// "a" is followed by column 1
	// "b" is followed by column 2
	// "\n" is followed by column 0
	// "a" is followed by column 1
}

func ExampleAblate() {
	text := []byte("ababab\nbbaaba\nabba\n")
	a, err := inspect.Ablate(context.Background(), counting(), text, inspect.AblationSettings{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("whole: %.3f bits per character\n", a.Whole.PerChar())
	for _, u := range a.Units {
		fmt.Printf("without %v %+.3f\n", u.Unit, u.Change)
	}
	// Output:
	// whole: 1.215 bits per character
	// without h 0 of layer 0 +0.709
	// without h 1 of layer 0 +0.000
}

func ExampleWithout() {
	m := counting()
	for _, m := range []*model.Model{m, inspect.Without(m, inspect.Unit{Unit: 0})} {
		sum, err := inspect.Read(context.Background(), m, corpus.FromBytes("text", []byte("bababa\n")), score.Extras{})
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%.3f\n", sum.PerChar())
	}
	// Output:
	// 1.222
	// 1.838
}

// An LSTM's unit 1 remembers: its forget gate is open all the time.
func ExampleSaturation() {
	m := counting()
	network, err := rnn.New(rnn.Config{Cell: "lstm", Symbols: 3, Hidden: 2})
	if err != nil {
		log.Fatal(err)
	}
	for _, p := range network.Params() {
		if p.Name == "rnn.bias_ih_l0" {
			p.Value[1*2+1] = 5 // gate f of i, f, g, o
		}
	}
	network.Updated()
	m.Network = network
	saturation := &inspect.Saturation{Model: m}
	if _, err := inspect.Read(context.Background(), m, corpus.FromBytes("text", []byte("abba\nab\n")), score.Extras{}, saturation); err != nil {
		log.Fatal(err)
	}
	for _, g := range saturation.Shares() {
		fmt.Printf("%s: %.2f low, %.2f high; by unit %v\n", g.Quantity, g.Low, g.High, g.Units)
	}
	// Output:
	// i: 0.00 low, 0.00 high; by unit [{0 0} {0 0}]
	// f: 0.00 low, 0.50 high; by unit [{0 0} {0 1}]
	// g: 0.00 low, 0.00 high; by unit [{0 0} {0 0}]
	// o: 0.00 low, 0.00 high; by unit [{0 0} {0 0}]
}

func ExamplePCA() {
	m := counting()
	pca := &inspect.PCA{Model: m}
	if _, err := inspect.Read(context.Background(), m, corpus.FromBytes("text", []byte("abba\nab\nbaab\n")), score.Extras{}, pca); err != nil {
		log.Fatal(err)
	}
	c, err := pca.Components(2)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("of all variance %.2f lies along %.2f\n", c.Share[0], c.Axes[0])
	for _, s := range c.Symbols {
		fmt.Printf("behind %-4q the state is at %+.2f\n", m.Alphabet.Symbol(s.ID), s.At[0])
	}
	// Output:
	// of all variance 1.00 lies along [1.00 0.00]
	// behind "\n" the state is at -1.77
	// behind "a"  the state is at +0.43
	// behind "b"  the state is at +0.63
}

func ExampleSpectraOf() { // weights of a recurrence that starts orthogonal, at half the length
	network, err := rnn.New(rnn.Config{Symbols: 10, Hidden: 16})
	if err != nil {
		log.Fatal(err)
	}
	network.Init(rnn.Init{Orthogonal: 0.5}, 1)
	for _, s := range inspect.SpectraOf(network) {
		fmt.Printf("layer %d: spectral radius %.3f, largest singular value %.3f\n", s.Layer, s.Radius, s.Norm)
	}
	// Output:
	// layer 0: spectral radius 0.500, largest singular value 0.500
}
