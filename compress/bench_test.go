package compress

import (
	"io"
	"strings"
	"testing"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/internal/f32"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/rnn"
)

// BenchmarkPack packs in one stream and in eight, with the weights of a network of 256 units, and while learning.
func BenchmarkPack(b *testing.B) {
	text := []byte(strings.Repeat(verse, 200))
	c, err := corpus.New(corpus.FromBytes("play", []byte(strings.Repeat(verse, 2)+printable)), corpus.Options{})
	if err != nil {
		b.Fatal(err)
	}
	n, err := rnn.New(rnn.Config{Cell: "lstm", Hidden: 256, Symbols: c.Alphabet.Size()})
	if err != nil {
		b.Fatal(err)
	}
	n.Init(rnn.Init{}, 1)
	m := &model.Model{Network: n, Alphabet: c.Alphabet}
	for _, bb := range []struct {
		name  string
		model *model.Model
		o     Options
	}{
		{"LSTM-256, one stream", m, Options{Streams: 1}},
		{"LSTM-256, eight streams", m, Options{Streams: 8}},
		{"learning from nothing", nil, Options{Learn: true}},
	} {
		b.Run(bb.name, func(b *testing.B) {
			for b.Loop() {
				w, err := NewWriter(io.Discard, bb.model, bb.o)
				if err != nil {
					b.Fatal(err)
				}
				w.Write(text)
				w.Close()
			}
			b.ReportMetric(float64(len(text))*float64(b.N)/b.Elapsed().Seconds(), "bytes/s")
		})
	}
}

const printable = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

// BenchmarkOdds is what a symbol costs beside the network: softmax, whole numbers, a choice.
func BenchmarkOdds(b *testing.B) {
	f32.Use("auto")
	o := newOdds(65, false)
	logits := make([]float32, 65)
	var e encoder
	e.begin(nil)
	for b.Loop() {
		o.set(logits, 0)
		e.choose(o.weights, o.total, 40)
		if len(e.out) > 1<<20 {
			e.begin(e.out[:0])
		}
	}
}
