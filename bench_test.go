package elman_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/seed-f4dd853e/elman"
	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/generate"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/rnn"
)

// service returns an untrained model of the size that programs ask again and again.
func service(b *testing.B) *elman.Model {
	text := strings.Repeat("The quick brown fox jumps over the lazy dog: 0123456789.\n", 2)
	c, err := corpus.New(corpus.FromBytes("bench", []byte(text)), corpus.Options{})
	if err != nil {
		b.Fatal(err)
	}
	network, err := rnn.New(rnn.Config{Cell: "lstm", Symbols: c.Alphabet.Size(), Hidden: 256, Layers: 2})
	if err != nil {
		b.Fatal(err)
	}
	network.Init(rnn.Init{Normal: 0.1}, 1)
	var file bytes.Buffer
	if err := (&model.Model{Network: network, Alphabet: c.Alphabet}).Write(&file); err != nil {
		b.Fatal(err)
	}
	m, err := elman.Read(bytes.NewReader(file.Bytes()), int64(file.Len()))
	if err != nil {
		b.Fatal(err)
	}
	return m
}

// BenchmarkModel asks a model for little, as services do.
func BenchmarkModel(b *testing.B) {
	m := service(b)
	line := "The lazy dog jumps 42.\n"
	for name, ask := range map[string]func() error{
		"Score": func() error { _, err := m.Score(b.Context(), line); return err },
		"Generate": func() error {
			o := generate.Defaults()
			o.Prompt, o.Length = line, 20
			_, err := m.Generate(b.Context(), o)
			return err
		},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := ask(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
