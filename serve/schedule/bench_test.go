package schedule

import (
	"fmt"
	"testing"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/generate"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/rnn"
)

// BenchmarkEngine writes rows of 500 symbols with an LSTM of 256 units: with generate.Text, and with an engine of one worker, each row
// a request of its own, read whole and read along. On a shared machine compare the processor time of the program, in turns:
//
//	go test -c ./serve/schedule && time ./schedule.test -test.run '^$' -test.bench 'Engine/whole/64$' -test.benchtime 5x
func BenchmarkEngine(b *testing.B) {
	text := make([]byte, 65)
	for i := range text {
		text[i] = byte('0' + i)
	}
	c, err := corpus.New(corpus.FromBytes("bench", text), corpus.Options{Closed: true})
	if err != nil {
		b.Fatal(err)
	}
	network, err := rnn.New(rnn.Config{Cell: "lstm", Hidden: 256, Symbols: c.Alphabet.Size()})
	if err != nil {
		b.Fatal(err)
	}
	network.Init(rnn.Init{}, 1)
	m := &model.Model{Network: network, Alphabet: c.Alphabet}
	const length = 500
	for _, rows := range []int{1, 8, 64, 256} {
		b.Run(fmt.Sprintf("text/%d", rows), func(b *testing.B) {
			g := generate.New(m)
			o := generate.Defaults()
			o.Length, o.Count = length, rows
			for b.Loop() {
				if err := g.Text(b.Context(), o, func(generate.Piece) error { return nil }); err != nil {
					b.Fatal(err)
				}
			}
		})
		for _, whole := range []bool{true, false} {
			name := map[bool]string{true: "whole", false: "along"}[whole]
			b.Run(fmt.Sprintf("%s/%d", name, rows), func(b *testing.B) {
				e := New(m, DefaultLimits(), Observer{})
				defer e.Close(b.Context())
				for b.Loop() {
					done := make(chan error, rows)
					for i := range rows {
						o := options(length, uint64(i))
						go func() {
							r, err := e.Do(b.Context(), Request{Rows: []generate.RowOptions{o}, Whole: whole})
							if err == nil {
								_, err = read(r, 1)
							}
							done <- err
						}()
					}
					for range rows {
						if err := <-done; err != nil {
							b.Fatal(err)
						}
					}
				}
			})
		}
	}
}
