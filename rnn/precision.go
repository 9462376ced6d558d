package rnn

import (
	"fmt"
	"slices"

	"github.com/seed-f4dd853e/elman/internal/f32"
	"github.com/seed-f4dd853e/elman/internal/setting"
)

// A Precision says what the weight matrices of a network are rounded to: those of products, and embeddings. Biases, gains of
// norms, convolutions, initial states and codes stay float32, and so does all arithmetic but the sums of products in 8 bits.
// A network with rounded weights is another network, whose results are as exact as any: the same bits everywhere.
type Precision string

const (
	Float32 Precision = ""
	// BF16 rounds to bfloat16, half to even. Products are those of float32.
	BF16 Precision = "bf16"
	// Int8 rounds to whole numbers from -127 to 127 times a scale for each row of the matrix in a file: for each output, or each
	// symbol of an embedding. A product rounds the rows that it multiplies in the same way (see f32.MulInt8). There is no
	// gradient.
	Int8 Precision = "int8"
)

// Precisions lists all but float32.
func Precisions() []Precision { return []Precision{BF16, Int8} }

// Bits returns the size of a weight.
func (p Precision) Bits() int {
	switch p {
	case BF16:
		return 16
	case Int8:
		return 8
	}
	return 32
}

// String returns the name.
func (p Precision) String() string {
	if p == Float32 {
		return "float32"
	}
	return string(p)
}

func (c *Config) checkPrecision() error {
	if c.Precision != Float32 && !slices.Contains(Precisions(), c.Precision) {
		return setting.Errorf("%v is %.20q, must be left out, bf16 or int8", setting.Name("precision"), string(c.Precision))
	}
	return nil
}

// Round returns a network with weights rounded to a precision. It fails if they are rounded already, or too large to be.
func (n *Network) Round(p Precision) (*Network, error) {
	if n.cfg.Precision != Float32 {
		return nil, fmt.Errorf("the weights are rounded to %v already; take the model that they were rounded from", n.cfg.Precision)
	}
	c := n.cfg
	c.Precision = p
	r, err := New(c)
	if err != nil {
		return nil, err
	}
	for i, p := range r.params {
		if copy(p.Value, n.params[i].Value); p.Precision != Float32 && !f32.CanRound(p.Value) {
			return nil, fmt.Errorf("tensor %q: weights of 2^100 and more cannot be rounded to %v", p.Name, p.Precision)
		}
	}
	r.Updated()
	return r, nil
}

// setPrecision sets the precision of a weight in a network of precision p.
func (p *Param) setPrecision(of Precision) {
	if p.Rows > 0 && !p.depthwise && !p.Frozen {
		p.Precision = of
	}
}

// round rounds the values. Those that are rounded already stay as they are.
func (p *Param) round() {
	switch p.Precision {
	case BF16:
		for i, v := range p.Value {
			p.Value[i] = f32.FromBF16(f32.ToBF16(v))
		}
	case Int8:
		scales := p.Scales()
		for i := range p.Rows {
			row := p.matrix().Row(i)
			for j, v := range row {
				scale := scales[p.fileRow(i, j)]
				row[j] = float32(f32.ToInt8(v, scale)) * scale
			}
		}
	}
}

// fileRow returns the row in a file of what is in row i and column j in memory.
func (p *Param) fileRow(i, j int) int {
	if p.Transposed {
		return j
	}
	return i
}

// Scales returns the scale of each row of a file, where weights are rounded to 8 bits.
func (p *Param) Scales() []float32 {
	m := p.matrix()
	largest := make([]float32, p.Shape()[0])
	for i := range m.Rows {
		for j, v := range m.Row(i) {
			l := &largest[p.fileRow(i, j)]
			*l = max(*l, v, -v)
		}
	}
	for i, l := range largest {
		largest[i] = f32.Int8Scale(l)
	}
	return largest
}
