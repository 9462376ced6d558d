package language

import "math"

// An EntropyRate is the entropy of a language per character: the loss of a predictor that knows the rules of the language.
// If it is exact, no model's mean loss on a long text stays below it.
type EntropyRate struct {
	Nats       float64 // per character
	Exact      bool    // if false, Nats is an upper bound: the entropy may be lower
	Derivation string  // how Nats is computed, a few lines
}

// Bits returns the rate in bits per character.
func (r EntropyRate) Bits() float64 { return r.Nats / math.Ln2 }

// entropyOf returns the entropy in nats of a choice with these weights, which need not sum to 1; zeros add nothing.
func entropyOf(weights ...float64) float64 {
	total, sum := 0.0, 0.0
	for _, w := range weights {
		total += w
	}
	for _, w := range weights {
		if w > 0 {
			sum -= w / total * math.Log(w/total)
		}
	}
	return sum
}
