package f32

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestSoftmaxAndItsLossAgainstFloat64(t *testing.T) {
	eachSet(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(7, 8))
		for _, n := range []int{1, 2, 16, 27, 65, 128, 1000, piece + 100} {
			x := ordinary(rng, n)
			target := rng.IntN(n)
			var sum float64
			for _, v := range x {
				sum += math.Exp(float64(v))
			}
			logSum := math.Log(sum)

			p, dx := make([]float32, n), append([]float32(nil), x...)
			Softmax(p, x)
			loss := SoftmaxCrossEntropy(dx, target, 0.5)
			for i, v := range x {
				want := math.Exp(float64(v) - logSum)
				// The exponents are rounded to 2^-20 (the logits reach 24 apart), the sums to some 2^-22.
				if math.Abs(float64(p[i])-want) > 4e-6*want {
					t.Errorf("n=%d: softmax[%d] = %g, want %g", n, i, p[i], want)
				}
				want *= 0.5
				if i == target {
					want -= 0.5
				}
				if math.Abs(float64(dx[i])-want) > 4e-6*math.Abs(want)+1e-7 {
					t.Errorf("n=%d: gradient[%d] = %g, want %g", n, i, dx[i], want)
				}
			}
			if want := logSum - float64(x[target]); math.Abs(float64(loss)-want) > 2e-6*(1+want) {
				t.Errorf("n=%d: loss %g, want %g", n, loss, want)
			}
			if got := CrossEntropy(x, target); !sameBits(got, loss) {
				t.Errorf("n=%d: CrossEntropy = %v, SoftmaxCrossEntropy %v", n, got, loss)
			}
		}
	})
}

func TestSoftmaxFollowsItsFormula(t *testing.T) {
	eachSet(t, func(t *testing.T) {
		x := ordinary(rand.New(rand.NewPCG(9, 10)), 65)
		m := Max(x)
		want := make([]float32, len(x))
		for i, v := range x {
			want[i] = exp1(v - m)
		}
		sum := inSixteenLanes(want, 0, func(a, v float32) float32 { return a + v }, func(a, v float32) float32 { return a + v })
		loss := log1Generic(sum) - (x[7] - m)
		factor := 0.3 / sum
		for i := range want {
			want[i] *= factor
		}
		want[7] -= 0.3
		if got := SoftmaxCrossEntropy(x, 7, 0.3); !sameBits(got, loss) || firstDifference(x, want) >= 0 {
			t.Errorf("SoftmaxCrossEntropy = %v, leaves %v; want %v, %v", got, x, loss, want)
		}
	})
}

func TestSoftmaxOfSpecialLogits(t *testing.T) {
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	eachSet(t, func(t *testing.T) {
		for _, tt := range []struct {
			name string
			x    []float32
			want []float32
			loss float32 // at 0
		}{
			{"one symbol is certain", []float32{7}, []float32{1}, 0},
			{"no preference", []float32{5, 5}, []float32{0.5, 0.5}, log1Generic(2)},
			{"-Inf is impossible", []float32{-inf, 0, -inf, 0}, []float32{0, 0.5, 0, 0.5}, inf},
			{"large logits do not overflow", []float32{3e38, -3e38}, []float32{1, 0}, 0},
			{"NaN spoils the row", []float32{1, nan, 2}, []float32{nan, nan, nan}, nan},
			{"so does +Inf", []float32{1, inf}, []float32{nan, nan}, nan},
			{"and nothing but -Inf", []float32{-inf, -inf}, []float32{nan, nan}, nan},
		} {
			got := make([]float32, len(tt.x))
			if Softmax(got, tt.x); firstDifference(got, tt.want) >= 0 {
				t.Errorf("%s: Softmax(%v) = %v, want %v", tt.name, tt.x, got, tt.want)
			}
			if got := CrossEntropy(tt.x, 0); !sameBits(got, tt.loss) {
				t.Errorf("%s: CrossEntropy(%v, 0) = %v, want %v", tt.name, tt.x, got, tt.loss)
			}
		}
	})
}
