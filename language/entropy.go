package language

import "math"

// A EntropyRate is the entropy of a language per character: the loss of the predictor that knows the rules by which the text is
// written. On a long text no model's mean loss stays below it, unless the rate is a bound.
type EntropyRate struct {
	Nats       float64 // per character
	Exact      bool    // else the text's entropy is at most Nats, and may be less
	Derivation string  // a few lines that say where the number comes from
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
