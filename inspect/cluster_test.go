package inspect

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// scipys are what scipy 1.10.1 makes of the points that somePoints returns: linkage, and fcluster into 3 and 5,
// numbered as Cut does.
var scipys = []struct {
	linkage     Linkage
	tree        Tree
	three, five []int
}{
	{Single, Tree{
		{6, 7, 0.812403840464, 2}, {2, 4, 1.2124355653, 2}, {8, 12, 1.3416407865, 3},
		{9, 11, 2.08566536146, 2}, {0, 1, 2.29128784748, 2}, {5, 15, 2.55147016443, 3},
		{13, 16, 4.01746188532, 4}, {10, 18, 4.0249223595, 5}, {17, 19, 5.31130868996, 8},
		{3, 20, 5.68682688325, 9}, {14, 21, 6.65507325279, 12},
	},
		[]int{0, 0, 0, 1, 0, 0, 2, 2, 2, 0, 0, 0}, []int{0, 0, 0, 1, 0, 2, 3, 3, 3, 2, 4, 2}},
	{Complete, Tree{
		{6, 7, 0.812403840464, 2}, {2, 4, 1.2124355653, 2}, {8, 12, 1.78325545001, 3},
		{9, 11, 2.08566536146, 2}, {0, 1, 2.29128784748, 2}, {5, 15, 2.683281573, 3},
		{10, 13, 4.07308237088, 3}, {3, 18, 7.97872170213, 4}, {14, 17, 9.14931691439, 6},
		{19, 20, 10.7503488315, 10}, {16, 21, 14.0872282582, 12},
	},
		[]int{0, 0, 1, 1, 1, 2, 2, 2, 2, 2, 1, 2}, []int{0, 0, 1, 2, 1, 3, 4, 4, 4, 3, 1, 3}},
	{Average, Tree{
		{6, 7, 0.812403840464, 2}, {2, 4, 1.2124355653, 2}, {8, 12, 1.56244811826, 3},
		{9, 11, 2.08566536146, 2}, {0, 1, 2.29128784748, 2}, {5, 15, 2.61737586872, 3},
		{10, 13, 4.04900236519, 3}, {16, 18, 6.66867125861, 5}, {17, 19, 7.785220208, 8},
		{3, 14, 8.39445419341, 4}, {20, 21, 8.94731765919, 12},
	},
		[]int{0, 0, 0, 1, 0, 0, 2, 2, 2, 0, 0, 0}, []int{0, 0, 1, 2, 1, 3, 4, 4, 4, 3, 1, 3}},
	{Ward, Tree{
		{6, 7, 0.812403840464, 2}, {2, 4, 1.2124355653, 2}, {8, 12, 1.76068168617, 3},
		{9, 11, 2.08566536146, 2}, {0, 1, 2.29128784748, 2}, {5, 15, 2.77308492477, 3},
		{10, 13, 4.62276973253, 3}, {3, 18, 8.22161784566, 4}, {16, 17, 12.7080289581, 5},
		{19, 20, 13.6149794956, 9}, {14, 21, 15.2952062207, 12},
	},
		[]int{0, 0, 1, 1, 1, 0, 2, 2, 2, 0, 1, 0}, []int{0, 0, 1, 2, 1, 3, 4, 4, 4, 3, 1, 3}},
}

// somePoints have distances no two of which are equal.
func somePoints() (points [][]float64) {
	for i := range 12 {
		var p []float64
		for j := 1; j <= 3; j++ {
			p = append(p, float64((7*i*i+3*i*j+j)%101)/10)
		}
		points = append(points, p)
	}
	return points
}

func TestClusterAsScipyDoes(t *testing.T) {
	for _, tt := range scipys {
		tree := Cluster(somePoints(), tt.linkage)
		if len(tree) != len(tt.tree) {
			t.Fatalf("%s: %d merges, want %d", tt.linkage, len(tree), len(tt.tree))
		}
		for i, want := range tt.tree {
			got := tree[i]
			if got.A != want.A || got.B != want.B || got.Size != want.Size || math.Abs(got.Height-want.Height) > 1e-11*want.Height {
				t.Errorf("%s: merge %d is %v, want %v", tt.linkage, i, got, want)
			}
		}
		if got := tree.Cut(3); !slices.Equal(got, tt.three) {
			t.Errorf("%s: cut into 3: %v, want %v", tt.linkage, got, tt.three)
		}
		if got := tree.Cut(5); !slices.Equal(got, tt.five) {
			t.Errorf("%s: cut into 5: %v, want %v", tt.linkage, got, tt.five)
		}
	}
}

// TestClusterByDefinition compares heights with a search of all pairs of clusters whose distances are computed from their
// leaves, by what each linkage is defined as. Some points coincide.
func TestClusterByDefinition(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for n := 1; n < 30; n += 7 {
		points := make([][]float64, n)
		for i := range points {
			if points[i] = []float64{r.NormFloat64(), r.NormFloat64()}; i%5 == 4 {
				points[i] = points[i-2]
			}
		}
		for _, linkage := range []Linkage{Single, Complete, Average, Ward} {
			tree := Cluster(points, linkage)
			want := slowHeights(points, linkage)
			for i, m := range tree {
				if math.Abs(m.Height-want[i]) > 1e-7 { // a root of a difference of squares that cancel
					t.Errorf("%d points, %s: merge %d at %v, want %v", n, linkage, i, m.Height, want[i])
				}
			}
			for k := 1; k <= n; k++ {
				if got := 1 + slices.Max(tree.Cut(k)); got != k {
					t.Errorf("%d points, %s: cut into %d gives %d", n, linkage, k, got)
				}
			}
		}
	}
}

func slowHeights(points [][]float64, linkage Linkage) (heights []float64) {
	var all [][]int
	for i := range points {
		all = append(all, []int{i})
	}
	for len(all) > 1 {
		least, a, b := math.Inf(1), 0, 0
		for i := range all {
			for j := range i {
				if d := slowDistance(points, all[i], all[j], linkage); d < least {
					least, a, b = d, i, j
				}
			}
		}
		heights = append(heights, least)
		all[b] = append(all[b], all[a]...)
		all = slices.Delete(all, a, a+1)
	}
	return heights
}

func slowDistance(points [][]float64, a, b []int, linkage Linkage) float64 {
	var distances []float64
	for _, i := range a {
		for _, j := range b {
			distances = append(distances, euclidean(points[i], points[j]))
		}
	}
	mean := func(of []int) []float64 {
		m := make([]float64, len(points[0]))
		for _, i := range of {
			for d, x := range points[i] {
				m[d] += x / float64(len(of))
			}
		}
		return m
	}
	switch linkage {
	case Single:
		return slices.Min(distances)
	case Complete:
		return slices.Max(distances)
	case Average:
		sum := 0.0
		for _, d := range distances {
			sum += d
		}
		return sum / float64(len(distances))
	}
	na, nb := float64(len(a)), float64(len(b))
	return euclidean(mean(a), mean(b)) * math.Sqrt(2*na*nb/(na+nb))
}
