package inspect

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/seed-f4dd853e/elman/internal/f32"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/rnn"
)

// A Unit is one unit of a model's state.
type Unit struct {
	Layer    int    `json:"layer"`    // from 0
	Quantity string `json:"quantity"` // h, or c for the memory of an LSTM
	Unit     int    `json:"unit"`     // from 0
}

func (u Unit) String() string { return fmt.Sprintf("%s %d of layer %d", u.Quantity, u.Unit, u.Layer) }

// A Probe is an Observer that finds the units that follow a feature of the text, by Pearson's correlation over the whole text:
// what Karpathy, Johnson and Fei-Fei 2015 found by eye. Model is the model that reads the text; the other fields may be 0.
type Probe struct {
	Model    *model.Model
	Seed     uint64 // of shuffles
	Keep     int    // first symbols of the text, used for controls; 0 means 20000, or fewer if there are over 838 units
	Controls int    // untrained networks; 0 means 10
	Workers  int    // 0 means 1; never changes the result

	units    []Unit
	features FeatureReader
	x        []float32 // [symbols x units] of a chunk
	f        []float32 // [symbols x features]
	sums     sums
	kept     kept
}

// Kept is the text's beginning: states, features and symbols.
type kept struct {
	x, f table
	ids  []int32
	ends []bool
}

// Needs implements Observer.
func (p *Probe) Needs() []string { return states(p.Model.Network.Config()) }

// states lists what a layer carries from one time step to the next.
func states(c rnn.Config) []string {
	if slices.ContainsFunc(c.Quantities(), func(q rnn.Quantity) bool { return q.Name == "c" }) {
		return []string{"h", "c"}
	}
	return []string{"h"}
}

// begin prepares for the first chunk.
func (p *Probe) begin() {
	c := p.Model.Network.Config()
	for layer := range c.Layers {
		for _, q := range states(c) {
			for unit := range c.Hidden {
				p.units = append(p.units, Unit{layer, q, unit})
			}
		}
	}
	if p.Keep == 0 {
		p.Keep = max(2000, min(20000, 1<<24/len(p.units)))
	}
	p.sums = newSums(len(p.units), len(features))
	p.kept.x, p.kept.f = table{cols: len(p.units)}, table{cols: len(features)}
}

// Observe implements Observer.
func (p *Probe) Observe(s *Chunk) error {
	if p.units == nil {
		p.begin()
	}
	n := len(s.Symbols)
	p.readUnits(s)
	p.f = p.features.Read(s)
	if more := min(n, p.Keep-len(p.kept.ids)); more > 0 {
		p.kept.x.data = append(p.kept.x.data, p.x[:more*len(p.units)]...)
		p.kept.f.data = append(p.kept.f.data, p.f[:more*len(features)]...)
		p.kept.ends = append(p.kept.ends, s.Ends[:more]...)
		for _, x := range s.Symbols[:more] {
			p.kept.ids = append(p.kept.ids, x.ID)
		}
	}
	p.sums.add(table{len(p.units), p.x}, table{len(features), p.f})
	return nil
}

// readUnits copies the states of all layers side by side.
func (p *Probe) readUnits(s *Chunk) {
	U, H := len(p.units), p.Model.Network.Config().Hidden
	p.x = slices.Grow(p.x[:0], len(s.Symbols)*U)[:len(s.Symbols)*U]
	for lo := 0; lo < U; lo += H {
		values := s.Values(p.units[lo].Layer, p.units[lo].Quantity)
		for i := range s.Symbols {
			copy(p.x[i*U+lo:][:H], values[i*H:])
		}
	}
}

// Sums are the running sums from which correlations are computed.
type sums struct {
	n        float64
	origin   []float32 // [units] mean of the first chunk, subtracted so that a unit which hardly varies keeps its digits
	x, xx    []float64 // [units] sums and squares
	f, ff    []float64 // [features] likewise
	products []float64 // [features x units]

	moved      []float32
	sum, sq    []float32
	products32 []float32
}

func newSums(units, features int) sums {
	return sums{
		x: make([]float64, units), xx: make([]float64, units), f: make([]float64, features), ff: make([]float64, features),
		products: make([]float64, features*units), sum: make([]float32, units), sq: make([]float32, units), products32: make([]float32, features*units),
	}
}

// add adds the rows of a chunk: sums within it in float32, since it is short, and sums over chunks in float64.
func (s *sums) add(x, f table) {
	if s.origin == nil {
		s.origin = x.means(0, x.rows())
	}
	s.n += float64(x.rows())
	s.moved = append(s.moved[:0], x.data...)
	clear(s.sum)
	clear(s.sq)
	moved := table{x.cols, s.moved}
	for i := range moved.rows() {
		row := moved.row(i)
		f32.AddScaled(row, -1, s.origin)
		f32.Add(s.sum, s.sum, row)
		f32.MulAdd(s.sq, row, row)
		for j, v := range f.row(i) {
			s.f[j] += float64(v)
			s.ff[j] += float64(v) * float64(v) // exact
		}
	}
	f32.MulTransA(f32.Mat(s.products32, f.cols, x.cols), f.matrix(), moved.matrix(), 0, x.rows(), false, nil)
	widen(s.x, s.sum)
	widen(s.xx, s.sq)
	widen(s.products, s.products32)
}

// widen adds float32 values to float64 sums.
func widen(sum []float64, x []float32) {
	for i, v := range x {
		sum[i] += float64(v)
	}
}

// correlation returns Pearson's r of a feature and a unit, 0 if one of them is constant.
func (s *sums) correlation(feature, unit int) float64 {
	mf, mx := s.f[feature]/s.n, s.x[unit]/s.n
	vf := s.ff[feature]/s.n - float64(mf*mf)
	vx := s.xx[unit]/s.n - float64(mx*mx)
	if vf <= 0 || vx < constant {
		return 0
	}
	r := (s.products[feature*len(s.x)+unit]/s.n - float64(mf*mx)) / math.Sqrt(float64(vf*vx))
	return max(-1, min(r, 1))
}

// constant is the variance below which a unit counts as constant: rounding alone makes less near 1.
const constant = 1e-12

// A ProbeResult is the result of a Probe.
type ProbeResult struct {
	Symbols  int64           `json:"symbols"`
	Kept     int             `json:"kept"`     // those used for controls
	Controls int             `json:"controls"` // untrained networks
	Features []FeatureResult `json:"features"`
	Units    []UnitResult    `json:"units"` // every unit that follows a feature, by falling |r|
}

// A Correlation is the correlation of a unit with a feature.
type Correlation struct {
	Unit
	R float64 `json:"r"`
}

// A UnitResult is a unit and the feature that it follows most closely.
type UnitResult struct {
	Correlation
	Feature string `json:"feature"`
}

// A FeatureResult says how closely units follow a feature.
type FeatureResult struct {
	Feature
	Mean      float64       `json:"mean"`      // of the feature; the share of 1 if it is 0 or 1
	Deviation float64       `json:"deviation"` // standard deviation, not 0: constant features are left out
	Best      []Correlation `json:"best"`      // the units with the largest |r|, up to 5
	// AUC says how well the best unit alone separates 1 from 0: the probability that it is higher (lower if r is negative)
	// at a symbol with 1 than at a symbol with 0. It is 0 for numbers, and if the kept symbols have only one of the two
	// values.
	AUC float64 `json:"auc,omitempty"`
	// Kept is the largest |r| of any unit over the kept symbols, 0 where the feature is constant there.
	Kept float64 `json:"kept"`
	// Untrained is the largest |r| of any unit of untrained networks over the kept symbols: the same network with the weights of
	// each matrix shuffled, each time in another way. They follow many features by themselves.
	Untrained Control `json:"untrained"`
	Z         float64 `json:"z"` // (Kept - Untrained.Mean) / Untrained.SD; an SD below 0.001 counts as that
	// Learned says that training has made the difference: Z is above 3, and Kept above that of every untrained network.
	Learned bool `json:"learned"`
	// R2 is the share of the feature's variance that ridge regressions, fitted on the first half of the kept symbols,
	// explain on the second: 1 is all; at 0 the mean does as well, and below 0 better.
	R2 R2 `json:"r2"`
}

// A Control is a number of several untrained networks.
type Control struct {
	Mean float64 `json:"mean"`
	SD   float64 `json:"sd"` // sample standard deviation
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}

// An R2 holds shares of variance explained from different inputs.
type R2 struct {
	Network   float64 `json:"network"`    // all units, or the last 1024, those of the uppermost layers
	Untrained Control `json:"untrained"`  // the same of untrained networks
	LastThree float64 `json:"last_three"` // the last three symbols, one-hot; rare symbols share a column
}

// leastSymbols is the length of the shortest text to probe.
const leastSymbols = 100

// best is how many units are reported for each feature.
const best = 5

// Follow ends the probe and returns what it found. It fails if the text had fewer than 100 symbols, and with ctx.Err().
func (p *Probe) Follow(ctx context.Context) (*ProbeResult, error) {
	if len(p.kept.ids) < leastSymbols {
		return nil, fmt.Errorf("a text of %d symbols is too short to probe; it takes %d", len(p.kept.ids), leastSymbols)
	}
	all := &ProbeResult{Symbols: int64(p.sums.n), Kept: len(p.kept.ids), Controls: cmp.Or(p.Controls, usualControls)}
	number := p.correlate(all)
	if err := p.test(ctx, all, number); err != nil {
		return nil, err
	}
	return all, nil
}

// correlate fills in correlations and returns the numbers of the features among all.
func (p *Probe) correlate(all *ProbeResult) (numbers []int) {
	closest := make([]UnitResult, len(p.units))
	for i, f := range features {
		mean := p.sums.f[i] / p.sums.n
		variance := p.sums.ff[i]/p.sums.n - float64(mean*mean)
		if variance <= 0 {
			continue
		}
		var found []Correlation
		for j, u := range p.units {
			c := Correlation{u, p.sums.correlation(i, j)}
			if found = append(found, c); math.Abs(c.R) > math.Abs(closest[j].R) {
				closest[j] = UnitResult{c, f.Name}
			}
		}
		slices.SortStableFunc(found, func(a, b Correlation) int { return cmp.Compare(math.Abs(b.R), math.Abs(a.R)) })
		all.Features = append(all.Features, FeatureResult{
			Feature: f.Feature, Mean: mean, Deviation: math.Sqrt(variance), Best: found[:min(best, len(found))],
		})
		numbers = append(numbers, i)
	}
	slices.SortStableFunc(closest, func(a, b UnitResult) int { return cmp.Compare(math.Abs(b.R), math.Abs(a.R)) })
	all.Units = slices.DeleteFunc(closest, func(u UnitResult) bool { return u.R == 0 })
	return numbers
}
