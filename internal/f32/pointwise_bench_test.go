package f32

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// BenchmarkVectors times every case on rows of a small vocabulary, chunks of one layer, and what fills the caches L1 and
// L2. Values stay ordinary: the update rules get a gradient of zero, Scale and the clips leave their fixed points alone.
func BenchmarkVectors(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, c := range vectorCases {
		for _, n := range []int{65, 128, 2048, 1 << 15} {
			for _, set := range Kernels() {
				b.Run(fmt.Sprintf("%s/n=%d/%s", c.name, n, set), func(b *testing.B) {
					if err := Use(set); err != nil {
						b.Fatal(err)
					}
					defer Use("auto")
					v := make([][]float32, c.slices)
					for i := range v {
						v[i] = ordinary(rng, n)
					}
					for b.Loop() {
						c.call(v)
					}
					b.ReportMetric(float64(n)*float64(b.N)/float64(b.Elapsed().Nanoseconds()), "elements/ns")
				})
			}
		}
	}
}
