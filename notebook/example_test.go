package notebook_test

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/seed-f4dd853e/elman/notebook"
)

// The network learns that u follows b and again u, and writes on.
func Example() {
	symbols, text := notebook.Encode(strings.Repeat("buu", 400))
	net := notebook.NewSRN(len(symbols), 8, 0.5, 1)
	for range 10 {
		net.Epoch(text, len(text), nil)
	}
	fmt.Printf("%.1f nats per symbol\n", net.Evaluate(text))
	for _, id := range net.Predict(nil, text[:1], 11, rand.New(rand.NewPCG(1, 1))) {
		fmt.Print(string(symbols[id]))
	}
	// Output:
	// 0.0 nats per symbol
	// buubuubuubuu
}
