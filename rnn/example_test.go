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
		loss := window.Gradient(x, y, 1/float32(len(x)), func(_ int, g *rnn.GradientPiece) {
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

// What the units of an LSTM do while it reads three symbols.
func ExampleWindow_Observe() {
	network, err := rnn.New(rnn.Config{Cell: "lstm", Symbols: 2, Hidden: 2})
	if err != nil {
		log.Fatal(err)
	}
	for _, p := range network.Params() { // hand-made: unit 1's forget gate is open
		if p.Name == "rnn.bias_ih_l0" {
			p.Value[3] = 2 // of i, i, f, f, g, g, o, o
		}
	}
	network.Updated()
	window := network.NewWindow(3, 1, nil)
	window.Forward([]int32{0, 1, 0})
	values := make([]float32, 3*2)
	for _, q := range network.Config().Quantities() {
		window.Observe(values, 0, q.Name)
		fmt.Printf("%s %7s %.2f\n", q.Name, q.Activation, values[4:]) // after the last symbol
	}
	// Output:
	// h         [0.00 0.00]
	// c         [0.00 0.00]
	// i sigmoid [0.50 0.50]
	// f sigmoid [0.50 0.88]
	// g    tanh [0.00 0.00]
	// o sigmoid [0.50 0.50]
}

// The gradient on its way back through a unit that halves what it hears of itself.
func ExampleWindow_StateGradNorms() {
	network, err := rnn.New(rnn.Config{Activation: "relu", Symbols: 2, Hidden: 1})
	if err != nil {
		log.Fatal(err)
	}
	for _, p := range network.Params() {
		switch p.Name {
		case "rnn.weight_ih_l0":
			copy(p.Value, []float32{1, 1})
		case "rnn.weight_hh_l0":
			p.Value[0] = 0.5
		case "decoder.weight":
			copy(p.Value, []float32{1, -1})
		}
	}
	network.Updated()
	slope := network.NewWindow(5, 1, nil).StateGradNorms([]int32{0, 1, 1, 0, 1}, []int32{0})[0]
	for t, norm := range slope.H {
		fmt.Printf("%d time steps before the loss: %.4f\n", len(slope.H)-1-t, norm/slope.H[4])
	}
	// Output:
	// 4 time steps before the loss: 0.0625
	// 3 time steps before the loss: 0.1250
	// 2 time steps before the loss: 0.2500
	// 1 time steps before the loss: 0.5000
	// 0 time steps before the loss: 1.0000
}

// A network of Elman's: two symbols with the codes 0 and 1, which take turns. It answers with what it expects next.
func ExampleNetwork_SetCodes() {
	network, err := rnn.New(rnn.Config{Symbols: 2, Hidden: 2, Activation: "sigmoid", Codes: 1})
	if err != nil {
		log.Fatal(err)
	}
	network.SetCodes([]float32{0, 1})
	network.Init(rnn.Init{Uniform: 0.5}, 1)
	window := network.NewWindow(1, 1, nil)
	x := []int32{0, 1, 0}
	for step := range 10000 {
		window.Gradient(x[step%2:][:1], x[step%2+1:][:1], 1, func(_ int, g *rnn.GradientPiece) {
			for i, d := range g.Values() {
				g.Param.Value[g.Lo+i] -= d
			}
		})
		network.Updated()
	}
	window.Forward([]int32{0})
	fmt.Printf("after 0: %.1f\n", window.CodeOutputs()[0])
	window.Forward([]int32{1})
	fmt.Printf("after 1: %.1f\n", window.CodeOutputs()[0])
	// Output:
	// after 0: 1.0
	// after 1: 0.0
}
