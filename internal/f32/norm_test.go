package f32

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestRMSNorm compares both directions with float64: 16 lanes of float32 are good to about 1e-6 here.
func TestRMSNorm(t *testing.T) {
	eachSet(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(1, 2))
		for _, n := range []int{1, 2, 16, 67, 300} {
			x, y, dy, dx := make([]float32, n), make([]float32, n), make([]float32, n), make([]float32, n)
			for i := range x {
				x[i], dy[i], dx[i] = rng.Float32()*4-2, rng.Float32()-0.5, 1
			}
			sum, dot := 0.0, 0.0
			for i := range x {
				sum += float64(x[i]) * float64(x[i])
				dot += float64(dy[i]) * float64(x[i])
			}
			want := 1 / math.Sqrt(sum/float64(n)+1e-5)
			wantDX := make([]float64, n)
			for i := range x {
				wantDX[i] = 1 + want*(float64(dy[i])-float64(x[i])*want*want*dot/float64(n))
			}
			h, inv, dh := make([]float32, n), make([]float32, 1), make([]float32, n)
			for i := range x {
				h[i] = x[i] / 2
				x[i] /= 2
			}
			RMSNorm(y, inv, x, h, n)
			RMSNormGrad(dx, dh, dy, y, inv, n)
			for i := range x {
				if dh[i] != dx[i] || math.Abs(float64(y[i])-want*float64(x[i])) > 1e-5 || math.Abs(float64(dx[i])-wantDX[i]) > 1e-5*(1+math.Abs(wantDX[i])) {
					t.Errorf("%d elements: y[%d] = %v, dx %v; want %v, %v", n, i, y[i], dx[i], want*float64(x[i]), wantDX[i])
				}
			}
		}
		zeros, inv := make([]float32, 5), make([]float32, 1)
		if RMSNorm(zeros, inv, zeros, nil, 5); zeros[0] != 0 || math.Abs(float64(inv[0])-316.2278) > 0.001 {
			t.Errorf("of zeros: %v, inv %v", zeros, inv)
		}
	})
}

// TestLayerNorm compares both directions with float64, as TestRMSNorm does, and all kernel sets bit for bit.
func TestLayerNorm(t *testing.T) {
	want := map[int][]float32{}
	eachSet(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(1, 2))
		for _, n := range []int{1, 2, 16, 67, 300} {
			y, d := make([]float32, n), make([]float32, n)
			x64, d64 := make([]float64, n), make([]float64, n)
			mean := 0.0
			for i := range y {
				y[i], d[i] = rng.Float32()*4-1, rng.Float32()-0.5
				x64[i], d64[i] = float64(y[i]), float64(d[i])
				mean += x64[i] / float64(n)
			}
			variance, sum, dot := 0.0, 0.0, 0.0
			for i := range x64 {
				x64[i] -= mean
				variance += x64[i] * x64[i] / float64(n)
				sum += d64[i] / float64(n)
				dot += d64[i] * x64[i] / float64(n)
			}
			inv64 := 1 / math.Sqrt(variance+1e-5)
			inv := LayerNorm(y)
			LayerNormGrad(d, y, inv)
			for i := range y {
				wantD := inv64 * (d64[i] - sum - x64[i]*inv64*inv64*dot)
				if math.Abs(float64(y[i])-inv64*x64[i]) > 1e-5 || math.Abs(float64(d[i])-wantD) > 1e-5*(1+math.Abs(wantD)) {
					t.Errorf("%d elements: y[%d] = %v, gradient %v; want %v, %v", n, i, y[i], d[i], inv64*x64[i], wantD)
				}
			}
			got := append(y, d...)
			if want[n] == nil {
				want[n] = got
			}
			for i := range got {
				if math.Float32bits(got[i]) != math.Float32bits(want[n][i]) {
					t.Fatalf("%d elements: number %d is %v, on another set %v", n, i, got[i], want[n][i])
				}
			}
		}
	})
}
