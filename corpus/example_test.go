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
	for steps := streams.Next(x, y); steps > 0; steps = streams.Next(x, y) {
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

func ExampleLanguage_Generate() {
	play, err := corpus.FindLanguage("play")
	if err != nil {
		panic(err)
	}
	fmt.Printf("%s\n", play.Generate(1, 300))
	// Output:
	// SCENE. Another part of the forest.
	// [Enter the QUEEN and FENELLA.]
	//
	// FENELLA:
	// Peace! One song that those honest tears kiss
	// Withers.
	//
	// QUEEN:
	// Fenella, thou hast lost an egg.
	// When that banner of every letter snores,
	// My hearts do not sell the melancholy year.
	//
	// FENELLA:
	// My queen! I have wounded this tooth
}

// A rate is computed from the rules of a language, and says how.
func ExampleLanguage_Entropy() {
	xor, err := corpus.FindLanguage("xor")
	if err != nil {
		panic(err)
	}
	rate := xor.Entropy()
	fmt.Printf("%.4f nats, %.4f bits, exact: %v\n%s\n", rate.Nats, rate.Bits(), rate.Exact, rate.Derivation)
	// Output:
	// 0.4621 nats, 0.6667 bits, exact: true
	// Of every three bits two are random, each a choice of ln 2 = 0.693147 nats, and the third follows
	// from them. 1.386294 / 3 = 0.462098 nats per character, for who has found out where triples begin;
	// a long text tells.
}

// The words behind a text without boundaries.
func ExampleElmanWords() {
	fmt.Println(corpus.ElmanWords(1, 0)[:7])
	// Output: [a girl played happily the king played]
}

// Sentences that follow each other without a boundary.
func ExampleElmanSentences() {
	all := corpus.ElmanSentences()
	fmt.Printf("%d sentences; %s: %.4f\n", len(all), all[0].Text, all[0].P)
	// Output: 372 sentences; many years ago they lived happily by the sea: 0.0155
}

// What may be said, and how often.
func ExampleSentences() {
	all := corpus.Sentences()
	fmt.Printf("%d sentences; %s: %.4f\n", len(all), all[0].Text, all[0].P)
	// Output: 646 sentences; book break: 0.0039
}
