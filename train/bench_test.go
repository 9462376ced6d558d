package train

import (
	"testing"

	"github.com/seed-f4dd853e/elman/internal/f32"
	"github.com/seed-f4dd853e/elman/optim"
	"github.com/seed-f4dd853e/elman/rnn"
)

// BenchmarkStep takes whole training steps, streams and update included.
func BenchmarkStep(b *testing.B) {
	workloads := []struct {
		name   string
		change func(*Settings)
	}{
		{"tanh H=256 B=32 T=64", with(Settings{Network: rnn.Config{Hidden: 256}, Batch: 32, Window: 64})},
		{"lstm H=256 B=32 T=64", with(Settings{Network: rnn.Config{Cell: "lstm", Hidden: 256}, Batch: 32, Window: 64})},
		{"gru, 2 blocks, H=256 B=32 T=64", with(Settings{
			Network: rnn.Config{Cell: "gru", Hidden: 256, Layers: 2, Block: true, Tie: true, Conv: 4}, Dropout: 0.25,
			Optimizer: optim.Settings{Optimizer: "adamw"}, ClipNorm: 1, Batch: 32, Window: 64,
		})},
	}
	for _, r := range Recipes() {
		workloads = append(workloads, struct {
			name   string
			change func(*Settings)
		}{r.Name, r.Change})
	}
	c := chars(b, babble(200000))
	for _, w := range workloads {
		b.Run(w.name, func(b *testing.B) {
			s, err := Defaults(FactsOf(c), w.change)
			if err != nil {
				b.Fatal(err)
			}
			t, err := newTrainer(c, s, Options{}, f32.NewPool(1))
			if err != nil {
				b.Fatal(err)
			}
			symbols := 0
			for b.Loop() {
				n, err := t.streams.Next(t.x, t.y)
				if err != nil {
					b.Fatal(err)
				}
				if n == 0 {
					if err := t.streams.SetPosition(0); err != nil {
						b.Fatal(err)
					}
					continue
				}
				if err := t.step(n*s.Batch, false); err != nil {
					b.Fatal(err)
				}
				symbols += n * s.Batch
			}
			b.ReportMetric(float64(symbols)/b.Elapsed().Seconds(), "symbols/s")
		})
	}
}
