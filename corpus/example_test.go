package corpus_test

import (
	"fmt"

	"github.com/seed-f4dd853e/elman/corpus"
)

// Two streams of a text of nine characters have four pairs each; the window takes three, and the rest is shorter.
func ExampleStreams() {
	c, err := corpus.New(corpus.FromBytes("note", []byte("abcdefghi")), corpus.Options{})
	if err != nil {
		panic(err)
	}
	streams, err := c.Train().Streams(2)
	if err != nil {
		panic(err)
	}
	x, y := make([]int32, 6), make([]int32, 6)
	for {
		steps, err := streams.Next(x, y)
		if err != nil {
			panic(err)
		}
		if steps == 0 {
			break
		}
		fmt.Printf("%q is followed by %q\n", c.Alphabet.Decode(x[:2*steps]), c.Alphabet.Decode(y[:2*steps]))
	}
	// Output:
	// "aebfcg" is followed by "bfcgdh"
	// "dh" is followed by "ei"
}

func ExampleAlphabet_Piece() {
	text := "Aye, he's here."
	c, err := corpus.New(corpus.FromBytes("note", []byte(text)), corpus.Options{Kind: corpus.Words})
	if err != nil {
		panic(err)
	}
	ids, err := c.Alphabet.Encode(text)
	if err != nil {
		panic(err)
	}
	previous := int32(-1)
	for _, id := range ids {
		fmt.Printf("%q ", c.Alphabet.Piece(previous, id))
		previous = id
	}
	// Output: "Aye" "," " he's" " here" "."
}
