package experiment

import (
	"cmp"
	"slices"
)

// How well prediction errors show where words begin: an error above a threshold counts as the beginning of a word.

// A segmentation compares the beginnings found with the real ones.
type segmentation struct {
	precision, recall, f float64 // of beginnings
	words                float64 // F of whole words: both ends right, nothing in between
}

// segment compares two lists, both of letters from number 1 on; letter 0 begins a word, and the last letter ends one.
func segment(found, begins []bool) segmentation {
	var hits, some, all float64 // beginnings
	var words, foundWords, realWords float64
	right := true // found and real agree since the last real word began
	for i := range begins {
		if found[i] {
			some++
			foundWords++
		}
		if begins[i] {
			all++
			realWords++
		}
		switch {
		case found[i] && begins[i]:
			hits++
			if right {
				words++
			}
			right = true
		case found[i] || begins[i]:
			right = false
		}
	}
	if right {
		words++
	}
	s := segmentation{words: 2 * words / (foundWords + realWords + 2)} // each list has one word more than beginnings
	if hits > 0 {
		s.precision, s.recall = hits/some, hits/all
		s.f = harmonic(s.precision, s.recall)
	}
	return s
}

// harmonic is the F measure.
func harmonic(precision, recall float64) float64 {
	return 2 * float64(precision*recall) / (precision + recall)
}

// above reports which numbers exceed a threshold.
func above(errors []float64, threshold float64) []bool {
	return each(errors, func(e float64) bool { return e > threshold })
}

// bestThreshold returns the threshold with the highest F of beginnings, halfway between two errors.
func bestThreshold(errors []float64, begins []bool) float64 {
	order := make([]int, len(errors)) // the largest error first
	all := 0.0
	for i := range order {
		order[i] = i
		if begins[i] {
			all++
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(errors[b], errors[a]) })
	hits, best, threshold := 0.0, -1.0, 0.0
	for n, i := range order[:len(order)-1] {
		if begins[i] {
			hits++
		}
		next := errors[order[n+1]]
		if next == errors[i] || hits == 0 {
			continue
		}
		if f := harmonic(hits/float64(n+1), hits/all); f > best {
			best, threshold = f, (errors[i]+next)/2
		}
	}
	return threshold
}

// rising reports which numbers exceed the one before; the first does not.
func rising(errors []float64) []bool {
	up := make([]bool, len(errors))
	for i := 1; i < len(errors); i++ {
		up[i] = errors[i] > errors[i-1]
	}
	return up
}
