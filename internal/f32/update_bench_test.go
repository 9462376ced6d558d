package f32

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// updateKernels are what touches every weight once in a training step, with the bytes that each weight takes to and from
// memory.
var updateKernels = []struct {
	name  string
	bytes int
	call  func(w, a, b, g []float32)
}{
	{"copy", 8, func(w, a, b, g []float32) { copy(w, g) }},
	{"SGD", 12, func(w, a, b, g []float32) { SGD(w, g, 0.1, 1, 5) }},
	{"Momentum", 20, func(w, a, b, g []float32) { Momentum(w, a, g, 0.1, 0.9, 1, 5) }},
	{"Nesterov", 20, func(w, a, b, g []float32) { Nesterov(w, a, g, 0.1, 0.9, 1, 5) }},
	{"Adagrad", 20, func(w, a, b, g []float32) { Adagrad(w, a, g, 0.1, 1e-8, 1, 5) }},
	{"RMSprop", 20, func(w, a, b, g []float32) { RMSprop(w, a, g, rmsStep, 1, 5) }},
	{"RMSpropMomentum", 28, func(w, a, b, g []float32) { RMSpropMomentum(w, a, b, g, rmsStep, 1, 5) }},
	{"Adam", 28, func(w, a, b, g []float32) { Adam(w, a, b, g, adamStep, 1, 5) }},
	{"Average", 12, func(w, a, b, g []float32) { Average(w, g, 0.001) }},
}

// BenchmarkUpdates times the update rules beside a copy on 64 K weights, which with a gradient and two vectors make 1 MB,
// and on 1 M weights.
func BenchmarkUpdates(b *testing.B) {
	defer Use("auto")
	for _, n := range []int{1 << 16, 1 << 20} {
		for _, k := range updateKernels {
			for _, set := range Kernels() {
				b.Run(fmt.Sprintf("%s/n=%d/%s", k.name, n, set), func(b *testing.B) {
					if err := Use(set); err != nil {
						b.Fatal(err)
					}
					rng := rand.New(rand.NewPCG(1, 2))
					v := [4][]float32{}
					for i := range v {
						v[i] = Aligned(n)
						for j := range v[i] {
							v[i][j] = rng.Float32() // positive, as the means of squares have to be
						}
					}
					b.SetBytes(int64(k.bytes * n))
					for b.Loop() {
						k.call(v[0], v[1], v[2], v[3])
					}
				})
			}
		}
	}
}
