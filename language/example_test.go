package language_test

import (
	"fmt"

	"github.com/seed-f4dd853e/elman/language"
)

func ExampleLanguage_Generate() {
	play, err := language.Find("play")
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
	xor, err := language.Find("xor")
	if err != nil {
		panic(err)
	}
	rate := xor.Entropy()
	fmt.Printf("%.4f nats, %.4f bits, exact: %v\n%s\n", rate.Nats, rate.Bits(), rate.Exact, rate.Derivation)
	// Output:
	// 0.4621 nats, 0.6667 bits, exact: true
	// Of every three bits two are random, each a choice of ln 2 = 0.693147 nats, and the third follows
	// from them. 1.386294 / 3 = 0.462098 nats per character, once it is known where triples begin, which
	// a long text shows.
}

// The words behind a text without boundaries.
func ExampleElmanWords() {
	fmt.Println(language.ElmanWords(1, 0)[:7])
	// Output: [a girl played happily the king played]
}

// What may be said, and how often.
func ExampleLanguage_Sentences() {
	for _, name := range []string{"elman-words", "sentences"} {
		l, err := language.Find(name)
		if err != nil {
			panic(err)
		}
		all := l.Sentences()
		fmt.Printf("%d sentences; %s: %.4f\n", len(all), all[0].Text, all[0].P)
	}
	// Output:
	// 372 sentences; many years ago they lived happily by the sea: 0.0155
	// 646 sentences; book break: 0.0039
}
