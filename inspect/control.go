package inspect

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/seed-f4dd853e/elman/internal/f32"
	"github.com/seed-f4dd853e/elman/internal/random"
	"github.com/seed-f4dd853e/elman/rnn"
)

// Controls of a correlation: a permutation test against chance, an untrained network, and a predictor without memory.

// test fills in P, AUC, Untrained and R2 of the features that have these numbers.
func (p *Probe) test(ctx context.Context, all *ProbeResult, numbers []int) error {
	x, f := p.kept.x, p.kept.f.columns(numbers)
	n := x.rows()
	p.separate(all, x, f)
	x.standardise(0, n)
	standard := table{f.cols, slices.Clone(f.data)}
	standard.standardise(0, n)
	if err := p.shift(ctx, all, x, standard); err != nil {
		return err
	}
	untrained, err := p.untrained(ctx)
	if err != nil {
		return err
	}
	untrained.standardise(0, n)
	most := make([]float32, f.cols)
	largest(most, standard, untrained, make([]float32, f.cols*x.cols), nil)
	last := p.lastThree()
	r2 := make([][]float64, 3)
	probes := []table{x.right(mostRegressors), untrained.right(mostRegressors), last}
	if err := each(ctx, max(1, p.Workers), len(probes), func(_, i int) { r2[i] = ridge(probes[i], f) }); err != nil {
		return err
	}
	for i := range all.Features {
		own := &all.Features[i]
		own.Untrained = float64(most[i])
		own.R2 = R2{r2[0][i], r2[1][i], r2[2][i]}
	}
	return nil
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

// shift fills in P. Both tables are standardised.
func (p *Probe) shift(ctx context.Context, all *ProbeResult, x, f table) error {
	n, shifts, workers := x.rows(), cmp.Or(p.Shifts, 199), cmp.Or(p.Workers, 1)
	r := random.New(p.Seed, "inspect shifts", 0)
	by := []int{0}
	for range shifts { // never by so little that the feature still resembles itself
		by = append(by, n/10+r.IntN(n-n/5))
	}
	twice := table{f.cols, slices.Concat(f.data, f.data)}
	most := newTable(len(by), f.cols)
	rooms, scratch := make([][]float32, workers), make([]*f32.Packed, workers)
	if err := each(ctx, workers, len(by), func(worker, i int) {
		if rooms[worker] == nil {
			rooms[worker], scratch[worker] = f32.Aligned(f.cols*x.cols), f32.NewPacked(128, 48)
		}
		largest(most.row(i), twice.part(by[i], by[i]+n), x, rooms[worker], scratch[worker])
	}); err != nil {
		return err
	}
	for i := range all.Features {
		as := 0
		for s := range by {
			if most.row(s)[i] >= most.row(0)[i] {
				as++
			}
		}
		all.Features[i].P = float64(as) / float64(len(by))
	}
	return nil
}

// untrained returns the states of an untrained network after the kept symbols.
func (p *Probe) untrained(ctx context.Context) (table, error) {
	c := p.Model.Network.Config()
	n, err := rnn.New(c)
	if err != nil {
		return table{}, fmt.Errorf("an untrained network: %w", err)
	}
	for i, w := range p.Model.Network.Params() {
		values := n.Params()[i].Value
		if copy(values, w.Value); w.Rows > 0 {
			random.New(p.Seed, "inspect shuffle "+w.Name, 0).Shuffle(len(values), func(i, j int) { values[i], values[j] = values[j], values[i] })
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
// weights (Hoerl and Kennard 1970), and returns the share of y's variance that it explains on the second. It overwrites x.
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
		row := guess.row(i)
		f32.AddScaled(row, -1, actual.row(i))
	}
	left := guess.sums(0, guess.rows(), guess.means(0, guess.rows()))
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
