package inspect

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/seed-f4dd853e/elman/internal/f32"
	"github.com/seed-f4dd853e/elman/internal/random"
	"github.com/seed-f4dd853e/elman/internal/report"
	"github.com/seed-f4dd853e/elman/rnn"
)

// Controls of a correlation: untrained networks, and a predictor without memory.

// test fills in AUC, Untrained, Z, Learned and R2 of the features that have these numbers.
func (p *Probe) test(ctx context.Context, all *ProbeResult, numbers []int) error {
	x, f := p.kept.x, p.kept.f.columns(numbers)
	p.separate(all, x, f)
	standard := table{f.cols, slices.Clone(f.data)}
	standard.standardise(0, f.rows())
	strongest := closest(x, standard)
	controls, err := p.controls(ctx, f, standard)
	if err != nil {
		return err
	}
	r2 := make([][]float64, 2)
	probes := []table{x.right(mostRegressors), p.lastThree()}
	if err := each(ctx, max(1, p.Workers), len(probes), func(_, i int) { r2[i] = ridge(probes[i], f) }); err != nil {
		return err
	}
	for i := range all.Features {
		own := &all.Features[i]
		own.Untrained = controlOf(controls, func(c control) float64 { return c.r[i] })
		own.R2 = R2{r2[0][i], controlOf(controls, func(c control) float64 { return c.r2[i] }), r2[1][i]}
		own.Kept = strongest[i]
		own.Z = (own.Kept - own.Untrained.Mean) / max(own.Untrained.SD, leastSD)
		own.Learned = own.Z > learnedFrom && own.Kept > own.Untrained.High
	}
	return nil
}

const (
	usualControls = 10
	// learnedFrom is the least Z of what counts as learned. If |r| of untrained networks is normal, one more of them has a larger Z
	// than this, which is reckoned from 10 others, in 1 case of 100.
	learnedFrom = 3
	leastSD     = 1e-3
	// mostSideBySide is how many untrained networks run side by side: the states of each take as much memory as those kept.
	mostSideBySide = 4
)

// A control is what an untrained network gives for each feature.
type control struct{ r, r2 []float64 }

func controlOf(controls []control, of func(control) float64) Control {
	var numbers []float64
	for _, c := range controls {
		numbers = append(numbers, of(c))
	}
	return Control(report.SpreadOf(numbers))
}

// controls runs untrained networks over the kept symbols, of which f are the features, and standard the same standardised.
func (p *Probe) controls(ctx context.Context, f, standard table) ([]control, error) {
	found := make([]control, cmp.Or(p.Controls, usualControls))
	errs := make([]error, len(found))
	if err := each(ctx, min(max(1, p.Workers), mostSideBySide), len(found), func(_, i int) {
		x, err := p.untrained(ctx, i)
		if err != nil {
			errs[i] = err
			return
		}
		found[i].r = closest(x, standard)
		found[i].r2 = ridge(x.right(mostRegressors), f)
	}); err != nil {
		return nil, err
	}
	return found, errors.Join(errs...)
}

// separate fills in AUC.
func (p *Probe) separate(all *ProbeResult, x, f table) {
	for i := range all.Features {
		own := &all.Features[i]
		if !own.YesNo {
			continue
		}
		best := own.Best[0]
		unit := slices.Index(p.units, best.Unit)
		var yes, no []float64
		for t := range x.rows() {
			value := float64(x.row(t)[unit])
			if best.R < 0 {
				value = -value
			}
			if f.row(t)[i] != 0 {
				yes = append(yes, value)
			} else {
				no = append(no, value)
			}
		}
		own.AUC = AUC(yes, no)
	}
}

// untrained returns the states of untrained network number i after the kept symbols.
func (p *Probe) untrained(ctx context.Context, number int) (table, error) {
	c := p.Model.Network.Config()
	n, err := rnn.New(c)
	if err != nil {
		return table{}, fmt.Errorf("an untrained network: %w", err)
	}
	for i, w := range p.Model.Network.Params() {
		values := n.Params()[i].Value
		if copy(values, w.Value); w.Rows > 0 {
			random.New(p.Seed, "inspect shuffle "+w.Name, uint64(number)).Shuffle(len(values), func(i, j int) { values[i], values[j] = values[j], values[i] })
		}
	}
	n.Updated()
	return p.states(ctx, n)
}

// states returns the states of a network after the kept symbols.
func (p *Probe) states(ctx context.Context, n *rnn.Network) (table, error) {
	const T = 128
	w := n.NewWindow(T, 1, nil)
	starts := w.Starts()
	first := p.Model.Alphabet.Start()
	w.Forward([]int32{first})
	x, H := newTable(len(p.kept.ids), len(p.units)), n.Config().Hidden
	var ids []int32
	room := make([]float32, T*H)
	for at := 0; at < x.rows(); at += T {
		if err := ctx.Err(); err != nil {
			return table{}, err
		}
		ids = append(ids[:0], p.kept.ids[at:min(at+T, x.rows())]...)
		for i := range ids {
			if starts[i] = p.kept.ends[at+i]; starts[i] {
				ids[i] = first
			}
		}
		w.Forward(ids)
		for lo := 0; lo < x.cols; lo += H {
			values := room[:len(ids)*H]
			w.Observe(values, p.units[lo].Layer, p.units[lo].Quantity)
			for i := range ids {
				copy(x.row(at + i)[lo:], values[i*H:][:H])
			}
		}
	}
	return x, nil
}

// mostRegressors is the most columns of a ridge regression, whose time grows with their cube.
const mostRegressors = 1024

// right returns the last columns, at most this many: t itself, or a copy.
func (t table) right(most int) table {
	if t.cols <= most {
		return t
	}
	var which []int
	for j := t.cols - most; j < t.cols; j++ {
		which = append(which, j)
	}
	return t.columns(which)
}

// lastThree returns a one-hot row for each of the last three symbols, side by side. The most frequent symbols have their own
// columns; all others share one.
func (p *Probe) lastThree() table {
	V := p.Model.Network.Config().Symbols
	count := make([]int, V)
	for _, id := range p.kept.ids {
		count[id]++
	}
	var seen []int
	for id, n := range count {
		if n > 0 {
			seen = append(seen, id)
		}
	}
	slices.SortStableFunc(seen, func(a, b int) int { return count[b] - count[a] })
	cols := min(len(seen), mostRegressors/3)
	place := make([]int, V)
	for i, id := range seen {
		place[id] = min(i, cols-1)
	}
	t := newTable(len(p.kept.ids), 3*cols)
	for i := range t.rows() {
		for back := range min(3, i+1) {
			t.row(i)[back*cols+place[p.kept.ids[i-back]]] = 1
		}
	}
	return t
}

// ridge regresses each column of y on x over the first half of the rows, x standardised and with a penalty of 1 on squared
// weights (Hoerl and Kennard 1970), and returns R2 = 1 - sum (y - guess)^2 / sum (y - mean of y)^2 over the second half. It
// overwrites x.
func ridge(x, y table) []float64 {
	half, n := x.rows()/2, x.rows()
	x.standardise(0, half)
	means := y.means(0, half)
	y = table{y.cols, slices.Clone(y.data)}
	for i := range n {
		f32.AddScaled(y.row(i), -1, means)
	}
	weights := solve(products(x, x, half), products(x, y, half), x.cols, 1)
	guess := newTable(n-half, y.cols)
	f32.Mul(guess.matrix(), x.part(half, n).matrix(), weights.matrix(), false)
	actual := y.part(half, n)
	all := actual.sums(0, actual.rows(), actual.means(0, actual.rows()))
	for i := range guess.rows() {
		f32.AddScaled(guess.row(i), -1, actual.row(i))
	}
	left := guess.sums(0, guess.rows(), make([]float32, y.cols)) // squares of the errors themselves: their mean is an error too
	r2 := make([]float64, y.cols)
	for j := range r2 {
		if all[j] > 0 {
			r2[j] = 1 - left[j]/all[j]
		}
	}
	return r2
}

// products returns x^T y over the first rows, [columns of x x columns of y]. In one sum of float32 rounding would be more than
// the penalty.
func products(x, y table, rows int) []float64 {
	const some = 128
	sum, part := make([]float64, x.cols*y.cols), make([]float32, x.cols*y.cols)
	scratch := f32.NewPacked(128, 48)
	for lo := 0; lo < rows; lo += some {
		f32.MulTransA(f32.Mat(part, x.cols, y.cols), x.matrix(), y.matrix(), lo, min(lo+some, rows), false, scratch)
		widen(sum, part)
	}
	return sum
}

// solve returns w, [D x columns], in (gram + penalty) w = right by Cholesky's decomposition. It overwrites both.
func solve(gram, right []float64, D int, penalty float64) table {
	l := func(i int) []float64 { return gram[i*D:][:D] } // of which the lower triangle counts
	for i := range D {
		for j := range i {
			l(i)[j] = (l(i)[j] - dot(l(i)[:j], l(j))) / l(j)[j]
		}
		l(i)[i] = math.Sqrt(max(l(i)[i]+penalty-dot(l(i)[:i], l(i)), penalty/2)) // less can only be rounding
	}
	cols := len(right) / D
	weights := newTable(D, cols)
	z := make([]float64, D)
	for c := range cols {
		for i := range z {
			z[i] = (right[i*cols+c] - dot(z[:i], l(i))) / l(i)[i]
		}
		for i := D - 1; i >= 0; i-- {
			z[i] /= l(i)[i]
			weights.row(i)[c] = float32(z[i])
			for j := range i {
				z[j] -= float64(z[i] * l(i)[j])
			}
		}
	}
	return weights
}

// dot returns the sum of a[i]*b[i]; b may be longer.
func dot(a, b []float64) float64 {
	sum := 0.0
	for i, v := range a {
		sum += float64(v * b[i])
	}
	return sum
}
