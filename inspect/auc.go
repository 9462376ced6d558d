package inspect

import "slices"

// AUC returns the area under the ROC curve: the probability that a number drawn from high is greater than one drawn from low,
// where a tie counts half (Hanley and McNeil 1982). Without one or the other it is 0.
func AUC(high, low []float64) float64 {
	if len(high) == 0 || len(low) == 0 {
		return 0
	}
	low = slices.Sorted(slices.Values(low))
	wins := 0.0
	for _, x := range high {
		less, found := slices.BinarySearch(low, x)
		ties := 0
		if found {
			more, _ := slices.BinarySearchFunc(low[less:], x, func(y, x float64) int {
				if y <= x {
					return -1
				}
				return 1
			})
			ties = more
		}
		wins += float64(less) + float64(ties)/2
	}
	return wins / (float64(len(high)) * float64(len(low)))
}
