package optim_test

import (
	"fmt"
	"log"

	"github.com/seed-f4dd853e/elman/optim"
)

// Adagrad goes down a valley that is a hundred times steeper in one direction than in the other, equally fast in both.
func Example() {
	settings, err := optim.Defaults("adagrad")
	if err != nil {
		log.Fatal(err)
	}
	rule, err := optim.New(settings)
	if err != nil {
		log.Fatal(err)
	}
	w := []float32{1, 1}
	state := make([][]float32, len(rule.State()))
	for i := range state {
		state[i] = make([]float32, len(w))
	}
	for n := range int64(3) {
		g := []float32{100 * w[0], w[1]}
		if !rule.Update(rule.Step(n+1, 0.5), w, g, state) {
			log.Fatal("the gradient is not finite")
		}
	}
	fmt.Printf("%.4f %.4f\n", w[0], w[1])
	// Output:
	// 0.1564 0.1564
}
