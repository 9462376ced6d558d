package rnn

import "testing"

// TestInitialStateBeginsAtZero shows that a network whose initial state is yet to be learned gives the bits of one without.
func TestInitialStateBeginsAtZero(t *testing.T) {
	const T, B = 7, 3
	for _, cell := range cellNames() {
		for _, init := range []Init{{}, {Normal: 0.1}} {
			logits := func(learn bool) []float32 {
				n := network(t, Config{Cell: cell, Symbols: 8, Hidden: 11, Layers: 2, LearnInitial: learn})
				n.Init(init, 1)
				w := n.NewWindow(T, B, nil)
				w.Starts()[3*B+1] = true
				w.Forward(symbols(1, 8, T*B))
				return w.Logits()
			}
			compare(t, cell, logits(true), logits(false))
		}
	}
}
