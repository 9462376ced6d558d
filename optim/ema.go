package optim

import "github.com/seed-f4dd853e/elman/internal/f32"

// An EMA is an exponential moving average of the weights (Polyak and Juditsky 1992) with the bias correction of Kingma and Ba
// 2015, section 7.2. After training step n, with the weights w_i after step i and d the decay,
//
//	mean = (1-d) sum over i of d^(n-i) w_i / (1 - d^n)    which is    mean = mean + weight_n (w_n - mean)
//
// with weight_n = (1-d)/(1-d^n). The initial weights do not count.
type EMA struct {
	Decay float64 // at least 0, and as a float32 below 1
}

// Weight returns weight_n, for training step n counted from 1.
func (a EMA) Weight(n int64) float32 { return float32((1 - a.Decay) / (1 - power(a.Decay, n))) }

// Update moves mean towards w by the given weight: mean += weight (w - mean).
func (EMA) Update(mean, w []float32, weight float32) { f32.Average(mean, w, weight) }
