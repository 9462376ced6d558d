package generate

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/rnn"
)

// BenchmarkText writes samples with models of 65 symbols, as many as tinyshakespeare has, alone and many together. It
// reports the symbols of all per second in the best run. On a shared machine:
//
//	taskset -c 1 go test ./generate -run '^$' -bench Text
func BenchmarkText(b *testing.B) {
	text := make([]byte, 65)
	for i := range text {
		text[i] = byte('0' + i)
	}
	c, err := corpus.New(corpus.FromBytes("bench", text), corpus.Options{Closed: true})
	if err != nil {
		b.Fatal(err)
	}
	for _, cfg := range []rnn.Config{
		{Cell: "lstm", Hidden: 128}, {Cell: "lstm", Hidden: 256}, {Cell: "lstm", Hidden: 512}, {Cell: "lstm", Hidden: 1024},
		{Cell: "gru", Hidden: 512}, {Cell: "gru", Hidden: 256, Layers: 2, Block: true, Tie: true, Conv: 4},
	} {
		cfg.Symbols = c.Alphabet.Size()
		network, err := rnn.New(cfg)
		if err != nil {
			b.Fatal(err)
		}
		network.Init(rnn.Init{}, 1)
		m := &model.Model{Network: network, Alphabet: c.Alphabet}
		name := fmt.Sprintf("%s-%d", cfg.Cell, cfg.Hidden)
		if cfg.Block {
			name += "-block"
		}
		for _, count := range []int{1, 8, 64} {
			o := Defaults()
			o.Length, o.Count = 500, count
			if count > 1 {
				o.Length = 100 // a run that is short finds a quiet moment
			}
			b.Run(fmt.Sprintf("%s/%d", name, count), func(b *testing.B) {
				best := time.Hour
				for b.Loop() {
					o.Seed++
					start := time.Now()
					if err := New(m).Text(context.Background(), o, func(Piece) error { return nil }); err != nil {
						b.Fatal(err)
					}
					best = min(best, time.Since(start))
				}
				b.ReportMetric(0, "ns/op")
				b.ReportMetric(float64(o.Length*count)/best.Seconds(), "symbols/s")
			})
		}
	}
}
