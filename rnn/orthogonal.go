package rnn

import (
	"math"

	"github.com/seed-f4dd853e/elman/internal/random"
)

// orthogonalize draws the weights of every recurrence anew: those of each gate are an orthogonal matrix, uniformly
// distributed among all, times a gain. So a state keeps its length from time step to time step, and a gradient on its way
// back, as far as only weights have a say (Saxe, McClelland and Ganguli 2014, section 3).
func (n *Network) orthogonalize(gain float64, seed uint64) {
	H := n.cfg.Hidden
	for _, m := range n.modules {
		l, ok := m.(*layer)
		if !ok || l.rec.weight == nil {
			continue
		}
		w := l.rec.weight
		for gate := range w.Cols / H {
			q := orthogonal(H, seed, w.Name, uint64(gate))
			for i := range H {
				for j := range H {
					w.Value[i*w.Cols+gate*H+j] = float32(gain * q[i*H+j])
				}
			}
		}
	}
}

// orthogonal returns an orthogonal matrix [H x H]: normal numbers, whose rows lose what they have of the rows above and are
// scaled to length 1. That is the modified Gram-Schmidt process; with the factors on the diagonal positive, as lengths are,
// the distribution is uniform (Mezzadri 2007, "How to generate random matrices from the classical compact groups"). Sums go
// from left to right and products are rounded before, so that it is the same on every processor.
func orthogonal(H int, seed uint64, name string, gate uint64) []float64 {
	r := random.New(seed, "orthogonal "+name, gate)
	q := make([]float64, H*H)
	for i := range q {
		q[i] = float64(random.Normal(r))
	}
	for i := range H {
		row := q[i*H:][:H]
		for k := range i {
			above := q[k*H:][:H]
			along := dot64(row, above)
			for j := range row {
				row[j] -= float64(along * above[j])
			}
		}
		length := math.Sqrt(dot64(row, row))
		for j := range row {
			row[j] /= length
		}
	}
	return q
}

func dot64(a, b []float64) (sum float64) {
	for i, x := range a {
		sum += float64(x * b[i])
	}
	return sum
}
