package experiment

import "slices"

// auc returns the area under the ROC curve: the probability that a number drawn from high is greater than one drawn from
// low, where a tie counts half (Hanley, McNeil 1982). Neither may be empty.
func auc(high, low []float64) float64 {
	low = slices.Sorted(slices.Values(low))
	wins := 0.0
	for _, x := range high {
		less, _ := slices.BinarySearch(low, x)
		ties := 0
		for less+ties < len(low) && low[less+ties] == x {
			ties++
		}
		wins += float64(less) + float64(ties)/2
	}
	return wins / float64(len(high)) / float64(len(low))
}
