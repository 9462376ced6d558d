package inspect_test

import (
	"fmt"
	"math"

	"github.com/seed-f4dd853e/elman/inspect"
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
