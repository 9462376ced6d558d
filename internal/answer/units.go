package answer

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/seed-f4dd853e/elman/internal/f32"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/rnn"
	"github.com/seed-f4dd853e/elman/score"
)

// MostUnits is the most symbols of a text whose units are told.
const MostUnits = 4000

// finest is the highest level of a quantity.
const finest = 254

// States returns what every unit of a layer did over a text, at its last symbols if it is long: all quantities of the cell, or h alone.
// It fails on a layer that there is not, and as score.Scorer.Text does.
func States(ctx context.Context, m *model.Model, r TextRequest, all bool) (Units, error) {
	c := m.Network.Config()
	if r.Layer < 0 || r.Layer >= c.Layers {
		return Units{}, fmt.Errorf("layer is %d, must be 0 to %d", r.Layer, c.Layers-1)
	}
	quantities := c.Quantities()
	if !all {
		quantities = quantities[:1]
	}
	rows := make([][]float32, len(quantities)) // [quantity][time steps x H], the last of them
	s := score.New(m, score.Extras{})
	s.Watch = func(w *rnn.Window) error {
		n := w.Rows() * c.Hidden
		for i, q := range quantities {
			from := len(rows[i])
			rows[i] = append(rows[i], make([]float32, n)...)
			w.Observe(rows[i][from:], r.Layer, q.Name)
			if extra := len(rows[i])/c.Hidden - 2*MostUnits; extra > 0 { // of a long text the last ones are enough
				rows[i] = slices.Delete(rows[i], 0, (MostUnits+extra)*c.Hidden)
			}
		}
		return nil
	}
	symbols := 0
	if err := s.Text(ctx, []byte(r.Text), func(score.Symbol) error { symbols++; return nil }); err != nil {
		return Units{}, err
	}
	if err := s.End(); err != nil {
		return Units{}, err
	}
	told := min(symbols, MostUnits)
	u := Units{First: symbols - told, Symbols: told, Layer: r.Layer, Layers: c.Layers, Hidden: c.Hidden}
	for i, q := range quantities {
		u.Quantities = append(u.Quantities, newQuantity(q, rows[i][len(rows[i])-told*c.Hidden:]))
	}
	return u, nil
}

// newQuantity makes levels of values. Of a memory it shows the tanh; other values without bounds are as wide as they come.
func newQuantity(q rnn.Quantity, values []float32) Quantity {
	out := Quantity{Name: q.Name, Meaning: rnn.Meaning(q.Name), Low: -1, High: 1, Levels: make([]byte, len(values))}
	switch {
	case q.Name == "c":
		out.Name = "tanh c"
		f32.Tanh(values, values)
	case q.Activation == "sigmoid":
		out.Low = 0
	case q.Activation == "":
		for _, x := range values {
			if size := math.Abs(float64(x)); size <= math.MaxFloat32 {
				out.High = max(out.High, size)
			}
		}
		out.Low = -out.High
	}
	for i, x := range values {
		at := math.Round((float64(x) - out.Low) / (out.High - out.Low) * finest)
		if at != at {
			at = finest / 2
		}
		out.Levels[i] = byte(min(max(at, 0), finest))
	}
	return out
}

// keep leaves the first n units.
func (u *Units) keep(n int) {
	if u.Hidden <= n {
		return
	}
	for i := range u.Quantities {
		q := &u.Quantities[i]
		some := make([]byte, 0, u.Symbols*n)
		for row := range slices.Chunk(q.Levels, u.Hidden) {
			some = append(some, row[:n]...)
		}
		q.Levels = some
	}
	u.Hidden = n
}
