package export

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seed-f4dd853e/elman/internal/f32"
	"github.com/seed-f4dd853e/elman/rnn"
)

// An onnxCell is how ONNX has a cell of package rnn: as an operator, unless there is none or normalisation within the cell,
// else as a loop over time steps.
type onnxCell struct {
	operator string // "" if there is none
	gates    []int  // the operator's gates, in its order, as numbers in the cell's order
	memory   bool   // it carries c beside h
	// step is the body of the loop: from the pre-activations of the inputs, those of the recurrence ("" if there are none)
	// and the state before, to the state after.
	step func(s *cellLayer, in, rec, h, c string) (hOut, cOut string)
}

// onnxCells has each cell of rnn.Cells.
var onnxCells = map[string]onnxCell{
	"elman":  {"RNN", []int{0}, false, (*cellLayer).elman},
	"lstm":   {"LSTM", []int{0, 3, 1, 2}, true, (*cellLayer).lstm}, // i, o, f, c
	"gru":    {"GRU", []int{1, 0, 2}, false, (*cellLayer).gru},     // z, r, h
	"mingru": {"", nil, false, (*cellLayer).minGRU},
}

// activations are ONNX's names of those of the Elman cell.
var activations = map[string]string{"tanh": "Tanh", "sigmoid": "Sigmoid", "relu": "Relu"}

// A cellLayer is a recurrent layer.
type cellLayer struct {
	*translator
	onnxCell
	name           string   // of the layer in those of states
	states         []string // [batch, H] before the first time step: h and, if there is a memory, c; "" is zeros
	prefix, suffix string   // of the names of its weights
}

// cell adds layer l, which reads x, or symbols if x is "". It returns the outputs.
func (t *translator) cell(l int, x string) (y string) {
	s := &cellLayer{translator: t, onnxCell: onnxCells[t.c.Cell], name: fmt.Sprintf("_l%d", l)}
	s.prefix, s.suffix, _ = strings.Cut(t.c.InputWeightName(l), "weight_ih")
	kinds := []string{"h"}
	if s.memory {
		kinds = append(kinds, "c")
	}
	for _, kind := range kinds {
		s.states = append(s.states, s.initial(kind))
	}
	var after []string
	if s.operator != "" && !t.c.LayerNorm {
		y, after = s.operate(x)
	} else {
		y, after = s.loop(x)
	}
	if t.state {
		for i, kind := range kinds {
			t.output(kind+s.name+"_out", after[i], "batch", t.c.Hidden)
		}
	}
	return y
}

// initial returns what the layer starts from of this kind, [batch, H], or "" for zeros.
func (s *cellLayer) initial(kind string) string {
	if s.state {
		state := s.input(kind+s.name, float32Type, "batch", s.c.Hidden)
		if s.c.LearnInitial {
			return s.op("Where", in{s.begun, state, s.own(kind + "0")})
		}
		return state
	}
	if s.c.LearnInitial {
		return s.op("Expand", in{s.own(kind + "0"), s.stateShape()})
	}
	return ""
}

// stateShape returns [batch, H].
func (t *translator) stateShape() string {
	if t.shape == "" {
		batch := t.op("Slice", in{t.op("Shape", in{t.symbols}), t.integers(1), t.integers(2)})
		t.shape = t.op("Concat", in{batch, t.integers(int64(t.c.Hidden))}, number("axis", 0))
	}
	return t.shape
}

// param returns the layer's weights of this kind, such as bias_ih.
func (s *cellLayer) param(kind string) *rnn.Param { return s.params[s.prefix+kind+s.suffix] }

// own adds weights that are vectors.
func (s *cellLayer) own(kind string) string { return s.weight(s.param(kind).Name) }

// operate adds the layer as an operator of ONNX, whose sequences have a direction more: y is [time, 1, batch, H].
func (s *cellLayer) operate(x string) (y string, after []string) {
	ih, H, GH := s.param("weight_ih"), s.c.Hidden, len(s.gates)*s.c.Hidden
	weight, inputs := []float32(nil), ih.Rows
	if x == "" {
		x, weight, inputs = s.readSymbols(ih)
	} else {
		weight = transpose(ih)
	}
	reads := in{x,
		s.byGate("weight_ih", []int{1, GH, inputs}, weight),
		s.byGate("weight_hh", []int{1, GH, H}, transpose(s.param("weight_hh"))),
		s.byGate("bias", []int{1, 2 * GH}, s.param("bias_ih").Value, s.param("bias_hh").Value),
		"", // lengths of the texts: all alike
	}
	for _, state := range s.states {
		if state != "" {
			reads = append(reads, s.op("Unsqueeze", in{state, s.integers(0)}))
		}
	}
	attributes := []*message{number("hidden_size", H)}
	switch s.operator {
	case "RNN":
		attributes = append(attributes, words("activations", activations[s.c.Activation]))
	case "GRU": // the reset gate follows the product
		attributes = append(attributes, number("linear_before_reset", 1))
	}
	out := s.ops(s.operator, reads, 1+len(s.states), attributes...)
	for _, state := range out[1:] {
		after = append(after, s.op("Squeeze", in{state, s.integers(0)}))
	}
	return s.op("Squeeze", in{out[0], s.integers(1)}), after
}

// byGate adds weights of an operator: of each of the values its gates, in the operator's order.
func (s *cellLayer) byGate(kind string, shape []int, values ...[]float32) string {
	var all []float32
	for _, v := range values {
		n := len(v) / len(s.gates)
		for _, gate := range s.gates {
			all = append(all, v[gate*n:][:n]...)
		}
	}
	return s.constant(s.prefix+kind+s.suffix+"."+s.operator, all, shape...)
}

// readSymbols returns what an operator that multiplies its inputs can read in place of symbols, with the weights for it,
// [outputs, inputs]: one-hot vectors, or the rows that symbols would gather, with the identity, whichever is narrower.
func (s *cellLayer) readSymbols(ih *rnn.Param) (x string, weight []float32, inputs int) {
	if ih.Rows <= ih.Cols {
		values := s.constant("zero.one", []float32{0, 1}, 2)
		return s.op("OneHot", in{s.symbols, s.integers(int64(ih.Rows)), values}), transpose(ih), ih.Rows
	}
	identity := make([]float32, ih.Cols*ih.Cols)
	for i := range ih.Cols {
		identity[i*ih.Cols+i] = 1
	}
	return s.op("Gather", in{s.transposed(ih.Name), s.symbols}), identity, ih.Cols
}

// loop adds the layer as a Scan of its time steps.
func (s *cellLayer) loop(x string) (y string, after []string) {
	H, ih := s.c.Hidden, s.param("weight_ih")
	product := s.transposed(ih.Name)
	if x == "" {
		product = s.op("Gather", in{product, s.symbols})
	} else {
		product = s.op("MatMul", in{x, product})
	}
	inputs := slices.Clone(s.states)
	for i, state := range s.states {
		if state == "" {
			inputs[i] = s.op("Expand", in{s.constant("zero", []float32{0}, 1), s.stateShape()})
		}
	}
	inputs = append(inputs, s.contribution(product, "ih"))

	inside, step := *s.translator, *s
	inside.graph = s.within("step" + s.name)
	step.translator = &inside
	before := []string{step.input("h"+s.name+"_before", float32Type, "batch", H), ""}
	if s.memory {
		before[1] = step.input("c"+s.name+"_before", float32Type, "batch", H)
	}
	z, rec := step.input("z"+s.name, float32Type, "batch", ih.Cols), ""
	if s.c.HasRecurrence() {
		rec = step.contribution(step.op("MatMul", in{before[0], s.transposed(s.param("weight_hh").Name)}), "hh")
	}
	h, c := s.step(&step, z, rec, before[0], before[1])
	step.output("h"+s.name+"_after", h, "batch", H)
	if s.memory {
		step.output("c"+s.name+"_after", c, "batch", H)
	}
	step.output("y"+s.name, h, "batch", H)

	n := len(s.states)
	out := s.ops("Scan", inputs, n+1, body("body", step.graph), number("num_scan_inputs", 1))
	return out[n], out[:n]
}

// contribution returns what inputs ("ih") or recurrence ("hh") contribute to pre-activations, from their product.
func (s *cellLayer) contribution(product, of string) string {
	bias := ""
	if !s.param("bias_" + of).Frozen { // else it is zero
		bias = s.own("bias_" + of)
	}
	switch {
	case s.c.LayerNorm:
		return s.layerNorm(product, s.own("gain_"+of), bias)
	case bias != "":
		return s.op("Add", in{product, bias})
	}
	return product
}

// layerNorm is gain (x - mean(x)) / sqrt(var(x) + 1e-5) + bias, over the last axis; a bias of "" is none. (An operator for it
// came with opset 17.)
func (t *translator) layerNorm(x, gain, bias string) string {
	x = t.op("Sub", in{x, t.mean(x)})
	x = t.op("Mul", in{gain, t.op("Div", in{x, t.rms(x)})})
	if bias != "" {
		x = t.op("Add", in{x, bias})
	}
	return x
}

// split divides pre-activations into those of n gates.
func (t *translator) split(z string, n int) []string {
	return t.ops("Split", in{z}, n, number("axis", -1))
}

func (s *cellLayer) elman(z, rec, _, _ string) (string, string) {
	return s.op(activations[s.c.Activation], in{s.op("Add", in{z, rec})}), ""
}

// lstm is the LSTM with layer normalisation; the other one is an operator.
func (s *cellLayer) lstm(z, rec, _, c string) (string, string) {
	gates := s.split(s.op("Add", in{z, rec}), 4)
	i, f, g, o := s.op("Sigmoid", in{gates[0]}), s.op("Sigmoid", in{gates[1]}), s.op("Tanh", in{gates[2]}), s.op("Sigmoid", in{gates[3]})
	c = s.op("Add", in{s.op("Mul", in{f, c}), s.op("Mul", in{i, g})})
	return s.op("Mul", in{o, s.op("Tanh", in{s.layerNorm(c, s.own("gain_c"), s.own("bias_c"))})}), c
}

func (s *cellLayer) gru(z, rec, h, _ string) (string, string) {
	a, u := s.split(z, 3), s.split(rec, 3)
	r := s.op("Sigmoid", in{s.op("Add", in{a[0], u[0]})})
	keep := s.op("Sigmoid", in{s.op("Add", in{a[1], u[1]})})
	n := s.op("Tanh", in{s.op("Add", in{a[2], s.op("Mul", in{r, u[2]})})})
	return s.op("Add", in{n, s.op("Mul", in{keep, s.op("Sub", in{h, n})})}), ""
}

func (s *cellLayer) minGRU(z, _, h, _ string) (string, string) {
	a := s.split(z, 2)
	return s.op("Add", in{h, s.op("Mul", in{s.op("Sigmoid", in{a[0]}), s.op("Sub", in{a[1], h})})}), ""
}

// transpose returns a matrix as it is in a model's file: [outputs, inputs].
func transpose(p *rnn.Param) []float32 {
	values := make([]float32, p.Len())
	f32.Transpose(f32.Mat(values, p.Cols, p.Rows), f32.Mat(p.Value, p.Rows, p.Cols))
	return values
}
