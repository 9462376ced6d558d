package inspect

import (
	"math"
	"math/cmplx"
	"strings"

	"gonum.org/v1/gonum/mat"

	"github.com/seed-f4dd853e/elman/rnn"
)

// A Spectrum says how much the recurrent weights can lengthen a state from one time step to the next, or a gradient on its
// way back. Activations shorten both, so it does not say what happens in fact; GradientReachOf does. Let gamma be the
// steepest slope of the activation, 1 for tanh and 1/4 for the sigmoid. A gradient certainly vanishes if gamma*Norm is below
// 1, and can explode only if it is above 1 (Pascanu, Mikolov and Bengio 2013, section 2.1).
type Spectrum struct {
	Layer  int     `json:"layer"`          // from 0
	Gate   string  `json:"gate,omitempty"` // of the weights, by its name in rnn.Config.Quantities; "" for cells without gates
	Radius float64 `json:"radius"`         // spectral radius: the largest absolute value of an eigenvalue
	Norm   float64 `json:"norm"`           // the largest singular value
}

// SpectraOf returns the spectra of all recurrent matrices of a network, layer by layer and gate by gate; none if its cells
// have no recurrent weights. The work grows with the cube of the hidden size: the largest networks take minutes. The last
// digits may differ between processors.
func SpectraOf(n *rnn.Network) (all []Spectrum) {
	var gates []string
	H := n.Config().Hidden
	for _, q := range n.Config().Quantities() {
		if q.Name != "h" && q.Name != "c" {
			gates = append(gates, q.Name)
		}
	}
	if len(gates) == 0 {
		gates = []string{""}
	}
	layer := 0
	for _, p := range n.Params() {
		if !strings.Contains(p.Name, "weight_hh") {
			continue
		}
		for i, gate := range gates {
			u := mat.NewDense(H, H, nil)
			for r := range H {
				for c := range H {
					u.Set(r, c, float64(p.Value[r*p.Cols+i*H+c]))
				}
			}
			s := Spectrum{Layer: layer, Gate: gate}
			s.Radius, s.Norm = lengths(u)
			all = append(all, s)
		}
		layer++
	}
	return all
}

// lengths returns the largest absolute eigenvalue and the largest singular value of a matrix, NaN if it is not finite.
func lengths(u *mat.Dense) (radius, norm float64) {
	var eigen mat.Eigen
	var singular mat.SVD
	if sum := mat.Sum(u); sum-sum != 0 || !eigen.Factorize(u, mat.EigenNone) || !singular.Factorize(u, mat.SVDNone) {
		return math.NaN(), math.NaN()
	}
	for _, v := range eigen.Values(nil) {
		radius = max(radius, cmplx.Abs(v))
	}
	return radius, singular.Values(nil)[0]
}
