package f32

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

// The benchmarks of products report the speed and its share of Peak. The peak is measured again and again between short
// runs, since the clock of a shared machine changes within a second, and the best of each counts. On a busy machine:
//
//	taskset -c 1 go test ./internal/f32 -run '^$' -bench MulPacked -benchtime 200x

type sizes struct{ m, n, k int }

func (s sizes) String() string { return fmt.Sprintf("%dx%dx%d", s.m, s.n, s.k) }

func randomMatrix(rows, cols int) Matrix {
	m := Mat(Aligned(rows*cols), rows, cols)
	rng := rand.New(rand.NewPCG(uint64(rows), uint64(cols)))
	for i := range m.Data {
		m.Data[i] = rng.Float32()
	}
	return m
}

// onEverySet runs f as a benchmark on each set of assembly.
func onEverySet(b *testing.B, name string, f func(b *testing.B)) {
	for _, set := range Kernels() {
		if set == "go" && len(Kernels()) > 1 {
			continue
		}
		b.Run(name+"/"+set, func(b *testing.B) {
			if err := Use(set); err != nil {
				b.Fatal(err)
			}
			defer Use("auto")
			f(b)
		})
	}
}

// report times a product of the given sizes, many in a row if it is small.
func report(b *testing.B, s sizes, f func()) {
	operations := 2 * float64(s.m*s.n*s.k)
	times := max(1, int(3e6/operations))
	speed, peak := 0.0, 0.0
	for b.Loop() {
		start := time.Now()
		for range times {
			f()
		}
		speed = max(speed, operations*float64(times)/time.Since(start).Seconds())
		start = time.Now()
		most := multiplyAdds()
		peak = max(peak, most/time.Since(start).Seconds())
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(operations/speed*1e9, "ns/product")
	b.ReportMetric(speed/1e9, "GFLOP/s")
	b.ReportMetric(100*speed/peak, "%peak")
}

func BenchmarkMulPacked(b *testing.B) {
	for _, n := range []int{128, 256, 512, 1024} {
		for _, k := range []int{128, 256, 512, 1024} {
			for _, m := range []int{1, 8, 16, 32, 64, 128} {
				s := sizes{m, n, k}
				onEverySet(b, s.String(), func(b *testing.B) {
					c, a, w := randomMatrix(m, n), randomMatrix(m, k), randomMatrix(k, n)
					p := NewPacked(k, n)
					p.Pack(w)
					report(b, s, func() { MulPacked(c, a, p, false) })
				})
			}
		}
	}
}

func BenchmarkMul(b *testing.B) {
	for _, s := range []sizes{
		{1, 64, 64}, {1, 128, 128}, {1, 65, 128}, {1, 256, 256}, {1, 512, 512}, {1, 2048, 512},
		{2, 128, 128}, {4, 128, 128}, {8, 128, 128}, {15, 65, 128}, {15, 128, 128}, {32, 256, 256}, {64, 1024, 1024},
	} {
		onEverySet(b, s.String(), func(b *testing.B) {
			c, a, w := randomMatrix(s.m, s.n), randomMatrix(s.m, s.k), randomMatrix(s.k, s.n)
			report(b, s, func() { Mul(c, a, w, false) })
		})
	}
}

func BenchmarkMulTransA(b *testing.B) {
	for _, s := range []sizes{
		{128, 128, 15}, {128, 65, 15}, {128, 512, 800}, {64, 256, 2048}, {256, 256, 2048}, {256, 1024, 2048}, {512, 512, 4096}, {64, 1024, 2048},
	} {
		onEverySet(b, s.String(), func(b *testing.B) {
			c, a, w := randomMatrix(s.m, s.n), randomMatrix(s.k, s.m), randomMatrix(s.k, s.n)
			scratch := NewPacked(128, 48)
			report(b, s, func() { MulTransA(c, a, w, 0, s.k, true, scratch) })
		})
		onEverySet(b, s.String()+"/in_place", func(b *testing.B) {
			c, a, w := randomMatrix(s.m, s.n), randomMatrix(s.k, s.m), randomMatrix(s.k, s.n)
			report(b, s, func() { MulTransA(c, a, w, 0, s.k, true, nil) })
		})
	}
}

func BenchmarkPack(b *testing.B) {
	for _, s := range []sizes{{0, 128, 128}, {0, 65, 128}, {0, 256, 1024}, {0, 2048, 512}} {
		w, t := randomMatrix(s.k, s.n), randomMatrix(s.n, s.k)
		p := NewPacked(s.k, s.n)
		for _, c := range []struct {
			name string
			run  func()
		}{
			{"Pack", func() { p.Pack(w) }},
			{"PackTransposed", func() { packTransposed(p, t) }},
			{"Transpose", func() { Transpose(t, w) }},
		} {
			onEverySet(b, fmt.Sprintf("%s/%dx%d", c.name, s.k, s.n), func(b *testing.B) {
				best := time.Hour
				for b.Loop() {
					start := time.Now()
					c.run()
					best = min(best, time.Since(start))
				}
				b.ReportMetric(0, "ns/op")
				b.ReportMetric(float64(best.Nanoseconds())/1e3, "us")
			})
		}
	}
}
