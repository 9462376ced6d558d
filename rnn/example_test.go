package rnn_test

import (
	"fmt"
	"log"

	"github.com/seed-f4dd853e/elman/rnn"
)

// A network learns to count to three: symbol 0 comes again after two of symbol 1.
func Example() {
	network, err := rnn.New(rnn.Config{Symbols: 2, Hidden: 8})
	if err != nil {
		log.Fatal(err)
	}
	network.Init(rnn.Init{}, 1)
	x := []int32{0, 1, 1, 0, 1, 1, 0, 1, 1}
	y := []int32{1, 1, 0, 1, 1, 0, 1, 1, 0}
	window := network.NewWindow(len(x), 1, nil)
	for step := range 201 {
		window.Reset()
		loss := window.Gradient(x, y, 1/float32(len(x)), func(_ int, g *rnn.Piece) {
			for i, d := range g.Values() {
				g.Param.Value[g.Lo+i] -= d / 2 // gradient descent at a rate of 1/2
			}
		})
		network.Updated()
		if step%50 == 0 {
			fmt.Printf("%.4f nats a symbol\n", loss/float64(len(x)))
		}
	}
	// Output:
	// 0.6545 nats a symbol
	// 0.0106 nats a symbol
	// 0.0041 nats a symbol
	// 0.0025 nats a symbol
	// 0.0018 nats a symbol
}
