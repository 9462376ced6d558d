package optim

import "github.com/seed-f4dd853e/elman/internal/f32"

// An Average is a running mean of weights, which keeps the share Keep of itself in each training step (Polyak and Juditsky
// 1992; with the correction of Kingma and Ba 2015, section 7.2). After training step n, with the weights w_i after step i,
//
//	mean = (1-keep) sum over i of keep^(n-i) w_i / (1 - keep^n)    which is    mean = mean + share_n (w_n - mean)
//
// with share_n = (1-keep)/(1-keep^n). The weights that training begins with do not count.
type Average struct {
	Keep float64 // at least 0, and as a float32 below 1
}

// Share returns share_n, n counted from 1.
func (a Average) Share(n int64) float32 { return float32((1 - a.Keep) / (1 - power(a.Keep, n))) }

// Follow moves a mean on, given the share.
func (Average) Follow(mean, w []float32, share float32) { f32.Average(mean, w, share) }
