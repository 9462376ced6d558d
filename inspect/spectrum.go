package inspect

import (
	"math"
	"math/cmplx"
	"strings"

	"gonum.org/v1/gonum/mat"

	"github.com/seed-f4dd853e/elman/rnn"
)

// A Spectrum is how much the weights of a recurrence can lengthen a state from one time step to the next, or a gradient on
// its way back. Activations shorten both, so that this alone does not tell what becomes of them (GradientReachOf does). With
// gamma the steepest slope of the activation, 1 of tanh and 1/4 of a sigmoid, a gradient vanishes for sure if gamma*Norm
// is below 1, and can explode only if it is above (Pascanu, Mikolov and Bengio 2013, section 2.1).
type Spectrum struct {
	Layer  int     `json:"layer"`          // from 0
	Gate   string  `json:"gate,omitempty"` // whose weights, by its name in rnn.Config.Quantities; "" for cells without gates
	Radius float64 `json:"radius"`         // spectral radius: the largest absolute value among the eigenvalues
	Norm   float64 `json:"norm"`           // the largest singular value
}

// SpectraOf returns the spectra of all recurrences of a network, layer by layer and gate by gate, and none where its cells have
// no such weights. The largest networks take minutes: the work grows with the third power of the units. Other than what is
// learned, the last digits may differ between kinds of processors.
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

// lengths returns the largest absolute eigenvalue and the largest singular value of a matrix, NaN where it is not finite.
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
