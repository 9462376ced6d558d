package language

import (
	"bytes"
	"fmt"
	"math"

	"github.com/seed-f4dd853e/elman/internal/random"
)

// The notebook's second text. A chapter starts as lettersWords words ae; lettersDraws draws with replacement turn words into
// buu, then as many draws turn words into ciii, whatever they were. A longer text has more chapters.
const (
	lettersWords = 10000
	lettersDraws = 3000
)

var letters = Language{
	Name:    "letters",
	Doc:     "the notebook's words ae, buu, ciii in random order",
	entropy: lettersEntropy,
	chapter: func(out *bytes.Buffer, seed, i uint64) {
		rng := random.New(seed, "letters", i)
		var text [lettersWords]string
		for j := range text {
			text[j] = "ae"
		}
		for _, word := range []string{"buu", "ciii"} {
			for range lettersDraws {
				text[rng.IntN(lettersWords)] = word
			}
		}
		for _, word := range text {
			out.WriteString(word)
		}
	},
}

// lettersEntropy treats the words as independent, which gives an upper bound. A chapter's nearly constant counts make its
// words dependent by 0.000027 nats per character (a whole chapter has 0.367487, see TestLettersBound).
func lettersEntropy() EntropyRate {
	q := math.Pow(1-1.0/lettersWords, lettersDraws) // the probability that all draws miss a word
	ae, buu, ciii := q*q, q*(1-q), 1-q
	nats := entropyOf(ae, buu, ciii)
	characters := 2*ae + 3*buu + 4*ciii
	derivation := fmt.Sprintf(`%d draws among %d words all miss a given word with probability q = %.6f. So a word is
ae with probability q*q = %.6f, buu with q*(1-q) = %.6f, ciii with 1-q = %.6f.
That is a choice of %.6f nats (the sum of -p ln p) in %.6f characters (2, 3 or 4);
the letters that follow the first of a word are certain. %.6f / %.6f = %.6f nats
per character. The words of a chapter depend on each other a little, as their counts hardly
vary: who counts them all could save some 0.00003 nats, so this is a bound from above.`,
		lettersDraws, lettersWords, q, ae, buu, ciii, nats, characters, nats, characters, nats/characters)
	return EntropyRate{nats / characters, false, derivation}
}
