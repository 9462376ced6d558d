package score_test

import (
	"context"
	"fmt"
	"log"
	"strings"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/rnn"
	"github.com/seed-f4dd853e/elman/score"
)

// tidy returns a model of a, b, c and d that was not trained but built: whatever it reads, a has a probability of 1/2, b of
// 1/4, c and d of 1/8 each.
func tidy() *model.Model {
	c, err := corpus.New(corpus.FromBytes("letters", []byte("abcd")), corpus.Options{Closed: true})
	if err != nil {
		log.Fatal(err)
	}
	network, err := rnn.New(rnn.Config{Symbols: 4, Hidden: 1})
	if err != nil {
		log.Fatal(err)
	}
	for _, p := range network.Params() {
		if p.Name == "decoder.bias" {
			copy(p.Value, []float32{1.3862944, 0.6931472, 0, 0}) // ln 4, ln 2, ln 1, ln 1
		}
	}
	network.Updated()
	return &model.Model{Network: network, Alphabet: c.Alphabet}
}

// The surprisal of each symbol of a text, and their sum.
func ExampleScorer_Text() {
	var sum score.Sum
	err := score.New(tidy(), score.Extras{}).Text(context.Background(), []byte("abad"), func(x score.Symbol) error {
		fmt.Printf("%s %.3f\n", x.Text, x.Bits.Float())
		sum.Add(x)
		return nil
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.3f bits per character, perplexity %.3f\n", sum.PerChar(), sum.Perplexity())
	// Output:
	// a 1.000
	// b 2.000
	// a 1.000
	// d 3.000
	// 1.750 bits per character, perplexity 3.364
}

// Lines measured side by side.
func ExampleScorer_Lines() {
	lines := [][]byte{[]byte("aaa"), []byte("bad")}
	sums := make([]score.Sum, len(lines))
	err := score.New(tidy(), score.Extras{}).Lines(context.Background(), lines, func(line int, x score.Symbol) error {
		sums[line].Add(x)
		return nil
	})
	if err != nil {
		log.Fatal(err)
	}
	for i, s := range sums {
		fmt.Printf("%s %.3f bits\n", lines[i], s.Bits.Float())
	}
	// Output:
	// aaa 3.000 bits
	// bad 6.000 bits
}

// What is expected after a text.
func ExampleScorer_Next() {
	next, err := score.New(tidy(), score.Extras{}).Next(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	for _, p := range next.Top(3) {
		fmt.Printf("%s %.3f\n", p.Text, p.P)
	}
	// Output:
	// a 0.500
	// b 0.250
	// c 0.125
}

// A model that goes on learning from the text that it scores. It held a for the likeliest letter; the text says d.
func ExampleScorer_Adapt() {
	trained := tidy()
	s := score.New(trained, score.Extras{})
	if err := s.Adapt(score.DefaultAdaptation()); err != nil {
		log.Fatal(err)
	}
	text := []byte(strings.Repeat("d", 1000))
	for range 3 {
		var sum score.Sum
		if err := s.Text(context.Background(), text, func(x score.Symbol) error { sum.Add(x); return nil }); err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%.2f bits per character\n", sum.PerChar())
	}
	fmt.Println("another model:", s.Adapted().Hash() != trained.Hash())
	// Output:
	// 2.45 bits per character
	// 1.94 bits per character
	// 1.67 bits per character
	// another model: true
}
