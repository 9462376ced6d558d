package findings

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/seed-f4dd853e/elman/internal/report"
)

// A Test compares the means of two conditions by Welch's t-test (Welch 1947), which does not suppose equal variances.
type Test struct {
	A, B       int     // of the conditions
	Difference float64 // mean of A less that of B
	T, Freedom float64 // the statistic, and its degrees of freedom by Welch and Satterthwaite
	P          float64 // two-sided: of a difference at least as large if there were none
	Adjusted   float64 // P by Holm's method (1979) for all tests of the study together
}

// welch tests two samples. It returns false if one has less than two values, or both have no spread.
func welch(a, b []float64) (t Test, ok bool) {
	if len(a) < 2 || len(b) < 2 {
		return t, false
	}
	x, y := report.SpreadOf(a), report.SpreadOf(b)
	u, v := x.SD*x.SD/float64(len(a)), y.SD*y.SD/float64(len(b))
	t.Difference = x.Mean - y.Mean
	if u+v == 0 {
		return t, false
	}
	t.T = t.Difference / math.Sqrt(u+v)
	t.Freedom = (u + v) * (u + v) / (u*u/float64(len(a)-1) + v*v/float64(len(b)-1))
	t.P = min(1, 2*distuv.StudentsT{Sigma: 1, Nu: t.Freedom}.CDF(-math.Abs(t.T)))
	return t, true
}

// holm sets the adjusted probabilities: the smallest times the number of tests, the next times one less, and never falling.
func holm(tests []Test) {
	order := make([]int, len(tests))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int {
		switch a, b := tests[i].P, tests[j].P; {
		case a < b:
			return -1
		case a > b:
			return 1
		}
		return 0
	})
	least := 0.0
	for rank, i := range order {
		least = max(least, min(1, tests[i].P*float64(len(tests)-rank)))
		tests[i].Adjusted = least
	}
}

// allPairs is the largest number of conditions that are all compared with each other. Of more each is compared with the best.
const allPairs = 6

// tests compares conditions by a value. It returns false if not all pairs were compared, but each with the best condition.
func (f *Findings) tests(name string) (tests []Test, all bool) {
	all = len(f.Conditions) <= allPairs
	best, least := -1, math.Inf(1)
	for i, c := range f.Conditions {
		if values := c.values(name); len(values) > 0 {
			if mean := report.SpreadOf(values).Mean; mean < least {
				best, least = i, mean
			}
		}
	}
	for i := range f.Conditions {
		for j := i + 1; j < len(f.Conditions); j++ {
			if !all && i != best && j != best {
				continue
			}
			if t, ok := welch(f.Conditions[i].values(name), f.Conditions[j].values(name)); ok {
				t.A, t.B = i, j
				tests = append(tests, t)
			}
		}
	}
	holm(tests)
	return tests, all
}
