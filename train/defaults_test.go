package train

import (
	"testing"

	"github.com/seed-f4dd853e/elman/optim"
	"github.com/seed-f4dd853e/elman/rnn"
)

// TestDefaults pins what is chosen for texts of several lengths, and that a choice once made stays as it is.
func TestDefaults(t *testing.T) {
	for _, tt := range []struct {
		length                int64
		window, batch, epochs int
	}{
		{2, 1, 1, 100}, // passes of two training steps, as many as there may be
		{50, 49, 1, 100},
		{2_000, 64, 1, 65}, // 31 training steps a pass, of which 65 make 2,000
		{41_000, 64, 10, 32},
		{1_000_000, 64, 32, 10},
	} {
		s, err := Settings{}.WithDefaults(60, tt.length)
		if err != nil {
			t.Fatalf("%d symbols: %v", tt.length, err)
		}
		if s.Window != tt.window || s.Batch != tt.batch || s.HowLong.Epochs != tt.epochs {
			t.Errorf("%d symbols: windows of %d in %d streams, %d passes; want %d, %d, %d",
				tt.length, s.Window, s.Batch, s.HowLong.Epochs, tt.window, tt.batch, tt.epochs)
		}
		if again, err := s.WithDefaults(60, tt.length); err != nil || again != s {
			t.Errorf("%d symbols: %+v becomes %+v, %v", tt.length, s, again, err)
		}
	}
	for _, tt := range []struct {
		name            string
		s               Settings
		cell, optimizer string
		rate, average   float64
	}{
		{"nothing chosen", Settings{}, "lstm", "adam", 0.004, 0.998},
		{"an activation", Settings{Network: rnn.Config{Activation: "relu"}}, "elman", "adam", 0.004, 0.998},
		{"no mean of the weights", Settings{Average: -1}, "lstm", "adam", 0.004, 0},
		{"an optimizer", Settings{Optimizer: optim.Settings{Optimizer: "adam"}}, "lstm", "adam", 0.002, 0},
		{"a rate alone", Settings{Optimizer: optim.Settings{LearningRate: 0.01}}, "lstm", "adam", 0.01, 0.998},
	} {
		s, err := tt.s.WithDefaults(60, 1e6)
		if err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		if s.Network.Cell != tt.cell || s.Optimizer.Optimizer != tt.optimizer || s.Optimizer.LearningRate != tt.rate || s.Average != tt.average {
			t.Errorf("%s: %s, %s at %v, mean of %v; want %s, %s at %v, %v", tt.name, s.Network.Cell, s.Optimizer.Optimizer,
				s.Optimizer.LearningRate, s.Average, tt.cell, tt.optimizer, tt.rate, tt.average)
		}
		if again, err := s.WithDefaults(60, 1e6); err != nil || again != s {
			t.Errorf("%s: %+v becomes %+v, %v", tt.name, s, again, err)
		}
	}
}
