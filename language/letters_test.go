package language

import (
	"math"
	"testing"
)

// TestLettersBound computes the entropy of a whole chapter of letters, to know how much the bound gives away: that of the
// counts of ciii and buu, and that of the order of words, which is any with equal probability.
func TestLettersBound(t *testing.T) {
	const n, m = lettersWords, lettersDraws
	hit := make([]float64, m+1) // the probability that the draws hit this many words
	hit[0] = 1
	for range m {
		for k := m; k > 0; k-- {
			hit[k] = hit[k]*float64(k)/n + hit[k-1]*float64(n-k+1)/n
		}
		hit[0] = 0
	}
	factorial := make([]float64, n+1) // its logarithm
	for k := 2; k <= n; k++ {
		factorial[k] = factorial[k-1] + math.Log(float64(k))
	}
	choose := func(n, k int) float64 { return factorial[n] - factorial[k] - factorial[n-k] }
	const negligible = 1e-12
	nats, characters, total := 0.0, 0.0, 0.0
	for ciii, p := range hit {
		if p < negligible {
			continue
		}
		buus := make([]float64, m+1)
		for drawn, q := range hit {
			if q < negligible {
				continue
			}
			middle := drawn * ciii / n // of the words that become buu and then ciii
			for both := middle - 150; both <= min(middle+150, drawn, ciii); both++ {
				buus[drawn-both] += q * math.Exp(choose(ciii, both)+choose(n-ciii, drawn-both)-choose(n, drawn))
			}
		}
		for buu, q := range buus {
			if w := p * q; w > 0 {
				orders := factorial[n] - factorial[ciii] - factorial[buu] - factorial[n-ciii-buu]
				nats += w * (orders - math.Log(w))
				characters += w * float64(2*n+buu+2*ciii)
				total += w
			}
		}
	}
	if got := nats / characters; math.Abs(got-0.367487) > 5e-7 || math.Abs(total-1) > 1e-7 {
		t.Errorf("a chapter has %.7f nats per character, want 0.367487; all probabilities make %v", got, total)
	}
}
