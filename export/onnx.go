package export

import (
	"fmt"
	"io"
	"math"
	"slices"

	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/rnn"
)

// onnx is the Open Neural Network Exchange's format, https://onnx.ai. The file's function is
//
//	symbols [time, batch] int64, STATE ...  ->  logits [time, batch, V], STATE_out ...
//
// with whole numbers of time steps and texts (batch) that are known at run time. With Options.State there is a STATE for each
// thing that a layer carries on: h_lL and, of the LSTM, c_lL [batch, H], and conv_lL [K-1, batch, C], the inputs that a
// convolution has seen last. Where the initial state is learned there is one more, begun [batch]: 1 for texts that go on. A
// state of zeros begins a text, and so does a call without states. A network of codes (rnn.Config.Codes) has in place of logits
// its outputs, codes [time, batch, E].
//
// Layers are ONNX's RNN, LSTM and GRU; what these do not know, minGRU and layer normalisation within cells, is a Scan. Rounded
// weights are written as the float32 that they stand for.
var onnx = Format{Name: "onnx", Summary: "ONNX, for onnxruntime and other runtimes", Suffix: ".onnx", State: true, Write: writeONNX}

const (
	irVersion = 7  // of the file's format, and
	opset     = 14 // of the operators: those of ONNX 1.9, which is from 2021
)

// maxONNX is the largest message of Protocol Buffers, in bytes.
const maxONNX = math.MaxInt32

func writeONNX(w io.Writer, m *model.Model, o Options) error {
	file, err := encodeONNX(m, o, maxONNX)
	if err != nil {
		return err
	}
	return file.write(w)
}

// encodeONNX returns the file of a model, which may have this many bytes.
func encodeONNX(m *model.Model, o Options, most int64) (*message, error) {
	size := int64(0)
	for _, p := range m.Network.Params() { // before copies of them take memory
		size += 4 * int64(p.Len())
	}
	if size > most {
		return nil, tooLarge(size)
	}
	entries, err := metadata(m)
	if err != nil {
		return nil, err
	}
	file, operators := &message{}, &message{}
	file.int(1, irVersion)
	file.string(2, "elman")
	file.message(7, translate(m, o).message())
	operators.int(2, opset)
	file.message(8, operators)
	for _, e := range entries {
		pair := &message{}
		pair.string(1, e.key)
		pair.string(2, e.value)
		file.message(14, pair)
	}
	if size := int64(file.size); size > most { // where an identity stands for symbols
		return nil, tooLarge(size)
	}
	return file, nil
}

func tooLarge(bytes int64) error {
	return fmt.Errorf("the weights take %.1f GB, an ONNX file holds 2; export a smaller model", float64(bytes)/1e9)
}

// A translator makes a graph of a network.
type translator struct {
	*graph
	c       rnn.Config
	params  map[string]*rnn.Param
	state   bool // is input and output
	symbols string
	begun   string // whether texts go on, [batch, 1]; "" where it does not matter
	shape   string // that of states, once it is asked for
}

// translate returns the graph of a model.
func translate(m *model.Model, o Options) *graph {
	t := &translator{graph: newGraph("elman"), c: m.Network.Config(), params: map[string]*rnn.Param{}, state: o.State}
	for _, p := range m.Network.Params() {
		t.params[p.Name] = p
	}
	t.symbols = t.input("symbols", int64Type, "time", "batch")
	if t.state && t.c.LearnInitial {
		t.readBegun()
	}
	x := ""
	switch {
	case t.c.Codes > 0:
		x = t.op("Gather", in{t.weight("codes.weight"), t.symbols})
	case t.c.Embedding > 0:
		x = t.op("Gather", in{t.weight("embedding.weight"), t.symbols})
	}
	if t.c.Block {
		x = t.blocks(x)
	} else {
		for l := range t.c.Layers {
			x = t.layer(l, x)
		}
	}
	t.decode(x)
	last := len(t.outputs) - 1
	t.outputs = slices.Insert(t.outputs[:last], 0, t.outputs[last]) // what people want comes first
	return t.graph
}

// readBegun reads and writes whether texts go on.
func (t *translator) readBegun() {
	begun := t.input("begun", float32Type, "batch")
	t.begun = t.op("Cast", in{t.op("Unsqueeze", in{begun, t.integers(1)})}, number("to", boolType))
	t.output("begun_out", t.op("Expand", in{t.constant("one", []float32{1}, 1), t.op("Shape", in{begun})}), "batch")
}

// layer is a cell, after a convolution if there is one.
func (t *translator) layer(l int, x string) string {
	if t.c.Conv > 0 {
		x = t.convolution(l, x)
	}
	return t.cell(l, x)
}

// blocks is a stack of residual blocks and the norm after them.
func (t *translator) blocks(x string) string {
	for l := range t.c.Layers {
		x = t.op("Add", in{x, t.layer(l, t.norm(x))})
		mlp := fmt.Sprintf("blocks.%d.mlp.", l)
		up := t.op("Relu", in{t.linear(t.norm(x), mlp+"0.weight", mlp+"0.bias")})
		x = t.op("Add", in{x, t.linear(up, mlp+"2.weight", mlp+"2.bias")})
	}
	return t.norm(x)
}

// norm is x / sqrt(mean(x^2) + 1e-5).
func (t *translator) norm(x string) string { return t.op("Div", in{x, t.rms(x)}) }

// rms is sqrt(mean(x^2) + 1e-5).
func (t *translator) rms(x string) string {
	return t.op("Sqrt", in{t.op("Add", in{t.mean(t.op("Mul", in{x, x})), t.constant("epsilon", []float32{1e-5})})})
}

// mean is that of the last axis.
func (t *translator) mean(x string) string {
	return t.op("ReduceMean", in{x}, numbers("axes", -1), number("keepdims", 1))
}

// convolution reads the K-1 inputs before, or as many zeros.
func (t *translator) convolution(l int, x string) string {
	name, past := fmt.Sprintf("conv.%d.", l), t.c.Conv-1
	if t.c.Block {
		name = fmt.Sprintf("blocks.%d.conv.", l)
	}
	weight, padding := t.params[name+"weight"], past
	channels := weight.Cols
	if t.state {
		state := fmt.Sprintf("conv_l%d", l)
		x = t.op("Concat", in{t.input(state, float32Type, past, "batch", channels), x}, number("axis", 0))
		last := t.op("Slice", in{x, t.integers(-int64(past)), t.integers(math.MaxInt64), t.integers(0)})
		t.output(state+"_out", last, past, "batch", channels)
		padding = 0
	}
	x = t.op("Transpose", in{x}, numbers("perm", 1, 2, 0)) // to [batch, C, time]
	kernel := t.constant(weight.Name, transpose(weight), weight.Shape()...)
	x = t.op("Conv", in{x, kernel, t.weight(name + "bias")}, number("group", channels), numbers("kernel_shape", t.c.Conv), numbers("pads", padding, 0))
	return t.op("Transpose", in{x}, numbers("perm", 2, 0, 1))
}

// decode makes the outputs.
func (t *translator) decode(x string) {
	z := t.op("Add", in{t.op("MatMul", in{x, t.op("Transpose", in{t.weight("decoder.weight")})}), t.weight("decoder.bias")})
	if t.c.Codes > 0 {
		t.output("codes", t.op("Sigmoid", in{z}), "time", "batch", t.c.Codes)
		return
	}
	t.output("logits", z, "time", "batch", t.c.Symbols)
}

// linear is x W + b.
func (t *translator) linear(x, weight, bias string) string {
	return t.op("Add", in{t.op("MatMul", in{x, t.transposed(weight)}), t.weight(bias)})
}

// weight returns weights that are in memory as in a model's file, and have the same name.
func (t *translator) weight(name string) string {
	if t.c.Tie && name == "decoder.weight" {
		name = "embedding.weight"
	}
	p := t.params[name]
	return t.constant(name, p.Value, p.Shape()...)
}

// transposed returns the transpose of a matrix of a model's file, as it is in memory: [inputs, outputs].
func (t *translator) transposed(name string) string {
	p := t.params[name]
	return t.constant(name+".T", p.Value, p.Rows, p.Cols)
}
