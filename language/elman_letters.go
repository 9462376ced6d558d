package language

import (
	"bytes"
	"fmt"

	"github.com/seed-f4dd853e/elman/internal/random"
)

// The consonants of Elman 1990 ("Finding structure in time", Cognitive Science 14, simulation 2), each with the vowels that
// follow it. The consonant is unpredictable; which vowels follow, and how many, is certain.
var syllables = [...]string{"ba", "dii", "guuu"}

// elmanLetters repeats the paper's text: each chapter has 1000 random consonants.
var elmanLetters = Language{
	Name:    "elman-letters",
	Doc:     "Elman's consonants b, d, g in random order, each with its vowels: ba, dii, guuu",
	entropy: elmanLettersEntropy,
	chapter: func(out *bytes.Buffer, seed, i uint64) {
		rng := random.New(seed, "elman-letters", i)
		for range 1000 {
			out.WriteString(syllables[rng.IntN(len(syllables))])
		}
	},
}

func elmanLettersEntropy() EntropyRate {
	characters := 0.0
	for _, s := range syllables {
		characters += float64(len(s)) / float64(len(syllables))
	}
	nats := entropyOf(1, 1, 1)
	derivation := fmt.Sprintf(`A syllable is ba, dii or guuu, with probability 1/3 each. Its consonant is a choice of ln 3 =
%.6f nats; its vowels are certain. A syllable has (2+3+4)/3 = %.0f characters in the mean.
%.6f / %.0f = %.6f nats per character.`, nats, characters, nats, characters, nats/characters)
	return EntropyRate{nats / characters, true, derivation}
}
