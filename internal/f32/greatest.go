package f32

import (
	"cmp"
	"math"
	"slices"
)

const (
	// manyGreatest is from how many greatest on all are sorted.
	manyGreatest = 64
	// greatestBlock is how many elements are passed by at once where the greatest of them is too small.
	greatestBlock = 128
)

// Greatest appends the indices of the n greatest elements of x to order, which is empty, the greatest first; ties go to the lower
// index.
func Greatest(order []int32, x []float32, n int) []int32 {
	if n <= 0 {
		return order
	}
	if n >= manyGreatest {
		for i := range x {
			order = append(order, int32(i))
		}
		slices.SortStableFunc(order, func(a, b int32) int { return cmp.Compare(x[b], x[a]) })
		return order[:min(n, len(order))]
	}
	least := float32(math.Inf(-1)) // of those in order
	for from := 0; from < len(x); from += greatestBlock {
		block := x[from:min(from+greatestBlock, len(x))]
		if len(order) == n && Max(block) <= least {
			continue
		}
		for i, v := range block {
			if len(order) == n {
				if v <= least {
					continue
				}
				order = order[:n-1]
			}
			at := len(order)
			order = append(order, 0)
			for ; at > 0 && x[order[at-1]] < v; at-- {
				order[at] = order[at-1]
			}
			order[at] = int32(from + i)
			least = x[order[len(order)-1]]
		}
	}
	return order
}
