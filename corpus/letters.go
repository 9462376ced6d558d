package corpus

import (
	"bytes"

	"github.com/seed-f4dd853e/elman/internal/random"
)

// letters is the notebook's second text: 10,000 words ae, of which 3,000 draws with replacement become buu and then 3,000
// more become ciii, whatever they were. A longer text has more such chapters.
//
// With q = (1 - 1/10000)^3000 a word is ae with probability q^2 = 0.5488, buu with q(1-q) = 0.1920, ciii with 1-q = 0.2592:
// 0.99611 nats in 2.7104 characters. (The counts are nearly fixed, which ties the words of a chapter together by as little
// as 0.00003 nats per character.)
var letters = Language{
	Name:  "letters",
	Doc:   "the notebook's words ae, buu, ciii in random order, whose entropy is known",
	Floor: 0.367514,
	chapter: func(out *bytes.Buffer, seed, i uint64) {
		const words, draws = 10000, 3000
		rng := random.New(seed, "letters", i)
		var text [words]string
		for j := range text {
			text[j] = "ae"
		}
		for _, word := range []string{"buu", "ciii"} {
			for range draws {
				text[rng.IntN(words)] = word
			}
		}
		for _, word := range text {
			out.WriteString(word)
		}
	},
}
