package rnn

import (
	"math"
	"math/rand/v2"

	"github.com/seed-f4dd853e/elman/internal/f32"
	"github.com/seed-f4dd853e/elman/internal/random"
)

// A Param is a weight matrix or bias.
//
// In memory a matrix has a row for each input, [inputs x outputs], so that a product reads them in order. PyTorch, and so
// a model file, has the transpose. The exception is the decoder's, [V x H] in both: a symbol's weights lie together there
// too, and a part of its gradient has H columns, which vectors divide better than V.
type Param struct {
	Index      int    // place in Network.Params
	Name       string // PyTorch's, such as rnn.weight_ih_l0
	Rows, Cols int    // a bias has no rows: it is a vector of Cols
	Transposed bool   // a file holds it as [Cols x Rows]
	depthwise  bool   // a file holds it as [Cols x 1 x Rows]: PyTorch's convolution of single channels
	Frozen     bool   // not trained: keeps the value it has
	Precision  Precision
	Value      []float32
	Grad       []float32 // dL/dValue where a Window was asked to leave it here; nil until then

	bound  float32 // values start uniform between -bound and bound
	normal bool    // or normally distributed
	start  float32 // or where bound is 0, in a vector, at this
}

// matrix returns the value as a matrix; a bias is one row.
func (p *Param) matrix() f32.Matrix { return f32.Mat(p.Value, max(p.Rows, 1), p.Cols) }

// Len returns the number of weights.
func (p *Param) Len() int { return max(p.Rows, 1) * p.Cols }

// Shape returns the shape of p in a file.
func (p *Param) Shape() []int {
	switch {
	case p.Rows == 0:
		return []int{p.Cols}
	case p.depthwise:
		return []int{p.Cols, 1, p.Rows}
	case p.Transposed:
		return []int{p.Cols, p.Rows}
	}
	return []int{p.Rows, p.Cols}
}

// perRoot returns 1/sqrt(fan), of operations that are exact to the bit everywhere.
func perRoot(fan int) float32 { return float32(1 / math.Sqrt(float64(fan))) }

// unitBound is that of a uniform distribution with deviation 1.
var unitBound = float32(math.Sqrt(3))

// An Init describes the distribution of initial weights.
type Init struct {
	// Normal is the standard deviation of normally distributed weights, with biases of zero: the notebook's is 0.01.
	// 0 means PyTorch's start instead: weights and biases of layers and decoder uniform between -1/sqrt(H) and 1/sqrt(H),
	// of other linear layers and convolutions by their own number of inputs, and embeddings normal with deviation 1, unless
	// they are the decoder's too. But the weights of a layer that reads symbols have deviation 1, as LeCun and others 1998
	// would have it (section 4.6), since one input of theirs is not zero: with PyTorch's, what was read is hardly seen among
	// H units, and on tiny Shakespeare three passes of an LSTM of 256 units end at 1.71 nats instead of 1.56.
	Normal float64 `json:"normal,omitempty"`
	// ForgetBias is added to the biases of forget gates, where the cell has any (Config.HasForgetGate), so that it remembers
	// from the start (Gers and others 2000).
	ForgetBias float64 `json:"forget_bias,omitempty"`
	// Orthogonal is the gain of a recurrence whose weights are, gate by gate, an orthogonal matrix times that (Saxe,
	// McClelland and Ganguli 2014). 0 means that they start as the others do. A cell without such weights
	// (Config.HasRecurrence) has no use for it.
	Orthogonal float64 `json:"orthogonal,omitempty"`
	// Uniform makes all weights and biases uniform between -Uniform and Uniform, as nets of the time of Elman 1990 began. 0
	// means that Normal decides. It does not go with Normal.
	Uniform float64 `json:"uniform,omitempty"`
}

// Init draws new initial weights from the seed, each matrix from its own random numbers. Frozen biases become zero. Codes do
// not change.
func (n *Network) Init(init Init, seed uint64) {
	for _, p := range n.params {
		p.init(init, random.New(seed, "init "+p.Name, 0))
	}
	if init.Orthogonal != 0 {
		n.orthogonalize(init.Orthogonal, seed)
	}
	n.startCells(init)
	n.Updated()
}

// init draws the values of one parameter.
func (p *Param) init(init Init, r *rand.Rand) {
	switch {
	case p.Frozen && p.Rows > 0: // codes
	case p.bound == 0 && p.Rows == 0:
		for i := range p.Value {
			p.Value[i] = p.start
		}
	case p.Frozen || init.Normal != 0 && p.Rows == 0:
		clear(p.Value)
	case init.Normal != 0:
		p.drawNormal(r, float32(init.Normal))
	case init.Uniform != 0:
		p.drawUniform(r, float32(init.Uniform))
	case p.normal:
		p.drawNormal(r, 1)
	default:
		p.drawUniform(r, p.bound)
	}
}

func (p *Param) drawNormal(r *rand.Rand, deviation float32) {
	for i := range p.Value {
		p.Value[i] = random.Normal(r) * deviation
	}
}

func (p *Param) drawUniform(r *rand.Rand, bound float32) {
	for i := range p.Value {
		p.Value[i] = (r.Float32()*2 - 1) * bound
	}
}

// startCells sets what cells begin with beside random numbers: weights of the recurrence, and biases of forget gates.
func (n *Network) startCells(init Init) {
	H, cell := n.cfg.Hidden, n.cfg.cell()
	for _, m := range n.modules {
		l, ok := m.(*layer)
		if !ok {
			continue
		}
		if cell.start != nil && init.Orthogonal == 0 {
			cell.start(l.rec.weight.Value, H)
		}
		if cell.ForgetGate != "" {
			gate := cell.gate(cell.ForgetGate)
			for i := gate * H; i < (gate+1)*H; i++ {
				l.in.bias.Value[i] += float32(init.ForgetBias)
			}
		}
	}
}
