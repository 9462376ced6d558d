package inspect

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// A Linkage defines the distance of two clusters.
type Linkage string

// The linkages, by their names in scipy.cluster.hierarchy.
const (
	Single   Linkage = "single"   // the smallest distance between their leaves
	Complete Linkage = "complete" // the largest
	Average  Linkage = "average"  // the mean
	Ward     Linkage = "ward"     // the growth of the sum of squares about the mean; for Euclidean distances only
)

// A Merge is one row of scipy's linkage matrix: clusters A < B are joined at a height. Clusters 0 to n-1 are the leaves;
// merge i makes cluster n+i.
type Merge struct {
	A      int     `json:"a"`
	B      int     `json:"b"`
	Height float64 `json:"height"` // the distance of A and B
	Size   int     `json:"size"`   // leaves of the new cluster
}

// A Tree is a hierarchical clustering of n leaves: n-1 merges, the lowest first.
type Tree []Merge

// Cluster clusters points by agglomeration with Euclidean distances. It panics if there are no points, they differ in length
// or there is no such linkage. Memory and time grow with the square of the number of points.
func Cluster(points [][]float64, linkage Linkage) Tree {
	return ClusterBy(len(points), func(i, j int) float64 { return euclidean(points[i], points[j]) }, linkage)
}

func euclidean(a, b []float64) float64 {
	if len(a) != len(b) {
		panic(fmt.Sprintf("inspect: the distance of points in %d and %d dimensions", len(a), len(b)))
	}
	sum := 0.0
	for i := range a {
		d := a[i] - b[i]
		sum += float64(d * d)
	}
	return math.Sqrt(sum)
}

// ClusterBy clusters n leaves, at least one, by any distance, which it calls once for each i < j.
func ClusterBy(n int, distance func(i, j int) float64, linkage Linkage) Tree {
	c := newClusters(n, distance, linkage)
	tree := make(Tree, 0, n-1)
	for range n - 1 {
		tree = append(tree, c.merge())
	}
	// With these linkages a merge never lies below those that it is made of; of merges of one height the order is that of the
	// search, which has each after its parts.
	slices.SortStableFunc(tree, func(a, b Merge) int { return cmp.Compare(a.Height, b.Height) })
	tree.number()
	return tree
}

// Clusters are the current clusters of n leaves. The greatest leaf of each stands for it.
type clusters struct {
	linkage  Linkage
	n        int
	distance []float64 // [n x n]
	size     []int     // 0 for a leaf that no longer stands for a cluster
	chain    []int     // each except the first is the nearest neighbour of the one before
}

func newClusters(n int, distance func(i, j int) float64, linkage Linkage) *clusters {
	if !slices.Contains([]Linkage{Single, Complete, Average, Ward}, linkage) {
		panic(fmt.Sprintf("inspect: linkage %q", linkage))
	}
	c := &clusters{linkage: linkage, n: n, distance: make([]float64, n*n), size: make([]int, n)}
	for i := range n {
		c.size[i] = 1
		for j := i + 1; j < n; j++ {
			c.set(i, j, distance(i, j))
		}
	}
	return c
}

func (c *clusters) at(i, j int) float64 { return c.distance[i*c.n+j] }

func (c *clusters) set(i, j int, d float64) { c.distance[i*c.n+j], c.distance[j*c.n+i] = d, d }

// merge finds two clusters that are each other's nearest neighbours, along a chain of nearest neighbours, and joins them
// (Murtagh 1983; Müllner 2011, "Modern hierarchical, agglomerative clustering algorithms", figure 3). With these linkages
// nearest neighbours along the chain stay so, and the rest of the chain serves the next merge.
func (c *clusters) merge() Merge {
	if len(c.chain) == 0 {
		c.chain = append(c.chain, slices.IndexFunc(c.size, func(size int) bool { return size > 0 }))
	}
	for {
		last := c.chain[len(c.chain)-1]
		before := -1
		if n := len(c.chain); n > 1 {
			before = c.chain[n-2]
		}
		next := c.nearest(last, before)
		if next != before {
			c.chain = append(c.chain, next)
			continue
		}
		c.chain = c.chain[:len(c.chain)-2]
		return c.join(min(last, next), max(last, next))
	}
}

// nearest returns the nearest neighbour of i. Among equals it takes preferred, so that the chain ends.
func (c *clusters) nearest(i, preferred int) int {
	best, least := preferred, math.Inf(1)
	if preferred >= 0 {
		least = c.at(i, preferred)
	}
	for j, size := range c.size {
		if size > 0 && j != i && (best < 0 || c.at(i, j) < least) {
			best, least = j, c.at(i, j)
		}
	}
	return best
}

// join makes cluster b of a and b, and sets its distance to every other by the rule of Lance and Williams (1967).
func (c *clusters) join(a, b int) Merge {
	d, na, nb := c.at(a, b), float64(c.size[a]), float64(c.size[b])
	for k, size := range c.size {
		if size == 0 || k == a || k == b {
			continue
		}
		da, db, nk := c.at(a, k), c.at(b, k), float64(size)
		switch c.linkage {
		case Single:
			c.set(b, k, min(da, db))
		case Complete:
			c.set(b, k, max(da, db))
		case Average:
			c.set(b, k, (float64(na*da)+float64(nb*db))/(na+nb))
		case Ward:
			squares := float64((na+nk)*float64(da*da)) + float64((nb+nk)*float64(db*db)) - float64(nk*float64(d*d))
			c.set(b, k, math.Sqrt(max(0, squares/(na+nb+nk))))
		}
	}
	c.size[a], c.size[b] = 0, c.size[a]+c.size[b]
	return Merge{A: a, B: b, Height: d}
}

// number replaces the leaves that stand for clusters by the clusters' numbers, and counts leaves.
func (t Tree) number() {
	n := len(t) + 1
	size := make([]int, n+len(t))
	above := make([]int, n+len(t)) // the cluster that holds another, itself if there is none
	for i := range above {
		above[i] = i
	}
	top := func(i int) int {
		for above[i] != i {
			above[i] = above[above[i]]
			i = above[i]
		}
		return i
	}
	for i := range t {
		a, b := top(t[i].A), top(t[i].B)
		t[i].A, t[i].B = min(a, b), max(a, b)
		above[a], above[b] = n+i, n+i
		t[i].Size = max(1, size[a]) + max(1, size[b])
		size[n+i] = t[i].Size
	}
}

// Cut undoes the highest merges until there are k clusters, and returns the cluster of each leaf. Clusters are numbered from
// 0 in the order of their first leaves. It panics unless k is from 1 to the number of leaves.
func (t Tree) Cut(k int) []int {
	n := len(t) + 1
	if k < 1 || k > n {
		panic(fmt.Sprintf("inspect: %d leaves cut into %d clusters", n, k))
	}
	member := make([]int, n+len(t)) // the cluster that holds each, from the top down
	for i := range member {
		member[i] = i
	}
	for i := n - k - 1; i >= 0; i-- {
		member[t[i].A], member[t[i].B] = member[n+i], member[n+i]
	}
	numbers := map[int]int{}
	labels := make([]int, n)
	for leaf := range labels {
		label, ok := numbers[member[leaf]]
		if !ok {
			label = len(numbers)
			numbers[member[leaf]] = label
		}
		labels[leaf] = label
	}
	return labels
}
