package experiment

import "math"

// purity returns the share of items that are of the majority kind of their cluster. Clusters are numbered from 0.
func purity(clusters []int, kind []bool) float64 {
	var counts [][2]float64 // by cluster: items of the kind, and others
	for i, c := range clusters {
		for len(counts) <= c {
			counts = append(counts, [2]float64{})
		}
		if kind[i] {
			counts[c][0]++
		} else {
			counts[c][1]++
		}
	}
	right := 0.0
	for _, n := range counts {
		right += max(n[0], n[1])
	}
	return right / float64(len(clusters))
}

// nearestAgree returns the share of points whose nearest neighbour is of the same kind.
func nearestAgree(points [][]float64, kind []bool) float64 {
	agree := 0.0
	for i := range points {
		if kind[i] == kind[nearest(points, i)] {
			agree++
		}
	}
	return agree / float64(len(points))
}

// nearest returns the point nearest to point i by Euclidean distance, the first of several.
func nearest(points [][]float64, i int) int {
	best, least := -1, math.Inf(1)
	for j, q := range points {
		distance := 0.0
		for k := range q {
			d := points[i][k] - q[k]
			distance += float64(d * d)
		}
		if j != i && distance < least {
			best, least = j, distance
		}
	}
	return best
}
