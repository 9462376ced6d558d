package inspect_test

import (
	"context"
	"fmt"
	"log"
	"math"

	"github.com/seed-f4dd853e/elman/inspect"
	"github.com/seed-f4dd853e/elman/rnn"
)

func ExampleCluster() {
	points := [][]float64{{0, 0}, {5, 5}, {0, 1}, {5, 7}}
	tree := inspect.Cluster(points, inspect.Average)
	for _, m := range tree {
		fmt.Printf("%d and %d at %.2f: %d leaves\n", m.A, m.B, m.Height, m.Size)
	}
	fmt.Println("in order:", tree.Leaves())
	fmt.Println("two clusters:", tree.Cut(2))
	// Output:
	// 0 and 2 at 1.00: 2 leaves
	// 1 and 3 at 2.00: 2 leaves
	// 4 and 5 at 7.47: 4 leaves
	// in order: [0 2 1 3]
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
func ExampleHorizonOf() {
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
	text := inspect.Running([]int32{0, 1, 1, 0, 1, 0, 0, 1, 0, 1, 1, 1})
	horizon, err := inspect.HorizonOf(context.Background(), network, text, inspect.HorizonSettings{Reach: 6})
	if err != nil {
		log.Fatal(err)
	}
	h := horizon.Layers[0].H
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
