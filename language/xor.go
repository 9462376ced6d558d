package language

import (
	"bytes"
	"fmt"
	"math"

	"github.com/seed-f4dd853e/elman/internal/random"
)

// xor repeats the text of Elman 1990 ("Finding structure in time", Cognitive Science 14, simulation 1): each chapter has 3000
// bits. Nothing marks where a triple begins.
var xor = Language{
	Name:    "xor",
	Doc:     "two random bits, then their exclusive or: 011 101 000 110 without the spaces",
	entropy: xorEntropy,
	chapter: func(out *bytes.Buffer, seed, i uint64) {
		rng := random.New(seed, "xor", i)
		for range 1000 {
			x, y := byte(rng.IntN(2)), byte(rng.IntN(2))
			out.Write([]byte{'0' + x, '0' + y, '0' + (x ^ y)})
		}
	},
}

func xorEntropy() EntropyRate {
	nats := 2 * math.Ln2
	derivation := fmt.Sprintf(`Of every three bits two are random, each a choice of ln 2 = %.6f nats, and the third follows
from them. %.6f / 3 = %.6f nats per character, once it is known where triples begin, which
a long text shows.`, math.Ln2, nats, nats/3)
	return EntropyRate{nats / 3, true, derivation}
}
