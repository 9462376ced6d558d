package random

import "testing"

// TestPermutation makes sure that every number comes once, that the order is stable, and that it is no obvious one: of n
// numbers about one stays in place, and neighbours are seldom neighbours still.
func TestPermutation(t *testing.T) {
	for _, n := range []uint64{1, 2, 3, 4, 5, 16, 17, 1000, 65537} {
		p := NewPermutation(New(1, "permutation", n), n)
		seen := make([]bool, n)
		fixed, beside := 0, 0
		for i := range n {
			at := p.At(i)
			if at >= n || seen[at] {
				t.Fatalf("%d numbers: At(%d) = %d, out of range or for the second time", n, i, at)
			}
			seen[at] = true
			if at == i {
				fixed++
			}
			if i > 0 && p.At(i-1)+1 == at {
				beside++
			}
		}
		if n > 100 && (fixed > 8 || beside > 8) {
			t.Errorf("%d numbers: %d stay in place, %d follow their neighbour", n, fixed, beside)
		}
	}
	p := NewPermutation(New(1, "permutation", 0), 1_000_000)
	if got := [3]uint64{p.At(0), p.At(1), p.At(999_999)}; got != [3]uint64{563739, 273755, 366784} {
		t.Errorf("a million numbers: the order is %d, and every run with documents would change", got)
	}
}

// TestPermutationIsEven draws many orders of four numbers: each of the 24 should come about equally often.
func TestPermutationIsEven(t *testing.T) {
	const draws = 24_000
	count := map[[4]uint64]int{}
	for i := range uint64(draws) {
		p := NewPermutation(New(i, "permutation", 1), 4)
		count[[4]uint64{p.At(0), p.At(1), p.At(2), p.At(3)}]++
	}
	chi := 0.0
	for _, n := range count {
		d := float64(n) - draws/24
		chi += d * d / (draws / 24)
	}
	if len(count) != 24 || chi > 60 { // 23 degrees of freedom: above 60 once in 30,000 seeds
		t.Errorf("%d orders of 24, chi square %.1f", len(count), chi)
	}
}
