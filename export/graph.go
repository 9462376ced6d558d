package export

import (
	"encoding/binary"
	"fmt"

	"github.com/seed-f4dd853e/elman/internal/safetensors"
)

// The messages of ONNX and the numbers of their fields are in onnx.proto (github.com/onnx/onnx). A value is known by its name;
// an operator reads values and makes new ones.

// Types of elements.
const (
	float32Type = 1
	int64Type   = 7
	boolType    = 9
)

// A graph is a function of its inputs. The body of a loop is one within another, whose values it may read too.
type graph struct {
	name                                 string
	nodes, initializers, inputs, outputs []*message
	weights                              map[string]bool // the names of initializers
	around                               *graph          // which has the initializers; or nil
}

func newGraph(name string) *graph { return &graph{name: name, weights: map[string]bool{}} }

// within returns an empty graph within this one.
func (g *graph) within(name string) *graph { return &graph{name: name, around: g} }

// in are the values that an operator reads. "" is an input that may be left out.
type in []string

// op adds an operator of one output and returns that.
func (g *graph) op(operator string, inputs in, attributes ...*message) string {
	return g.ops(operator, inputs, 1, attributes...)[0]
}

// ops adds an operator and returns its outputs.
func (g *graph) ops(operator string, inputs in, n int, attributes ...*message) []string {
	outputs := make([]string, n)
	for i := range outputs {
		outputs[i] = fmt.Sprintf("%s.%s%d", g.name, operator, len(g.nodes))
		if n > 1 {
			outputs[i] += fmt.Sprintf(".%d", i)
		}
	}
	g.node(operator, inputs, outputs, attributes...)
	return outputs
}

// node adds an operator whose outputs have names already. Operators come in the order in which they can run.
func (g *graph) node(operator string, inputs in, outputs []string, attributes ...*message) {
	m := &message{}
	for _, name := range inputs {
		m.string(1, name)
	}
	for _, name := range outputs {
		m.string(2, name)
	}
	m.string(3, fmt.Sprintf("%s.%s%d", g.name, operator, len(g.nodes)))
	m.string(4, operator)
	for _, a := range attributes {
		m.message(5, a)
	}
	g.nodes = append(g.nodes, m)
}

// attribute begins an attribute of an operator; kind is the number of what follows.
func attribute(name string, kind int) *message {
	m := &message{}
	m.string(1, name)
	m.int(20, kind)
	return m
}

// number is an attribute of one whole number.
func number(name string, x int) *message {
	m := attribute(name, 2)
	m.int(3, x)
	return m
}

// numbers is an attribute of whole numbers.
func numbers(name string, all ...int) *message {
	m := attribute(name, 7)
	for _, x := range all {
		m.int(8, x)
	}
	return m
}

// words is an attribute of strings.
func words(name string, all ...string) *message {
	m := attribute(name, 8)
	for _, s := range all {
		m.string(9, s)
	}
	return m
}

// body is an attribute that is a graph.
func body(name string, g *graph) *message {
	m := attribute(name, 5)
	m.message(6, g.message())
	return m
}

// constant adds a tensor of numbers of its own, and returns name. A second one of the same name is the same.
func (g *graph) constant(name string, values []float32, shape ...int) string {
	return g.initializer(name, float32Type, shape, func() []byte { return safetensors.AppendFloat32(nil, values) })
}

// integers is a constant of whole numbers, a vector.
func (g *graph) integers(values ...int64) string {
	name := "integers"
	for _, x := range values {
		name += fmt.Sprintf(".%d", x)
	}
	return g.initializer(name, int64Type, []int{len(values)}, func() (b []byte) {
		for _, x := range values {
			b = binary.LittleEndian.AppendUint64(b, uint64(x))
		}
		return b
	})
}

func (g *graph) initializer(name string, kind int, shape []int, values func() []byte) string {
	switch {
	case g.around != nil:
		return g.around.initializer(name, kind, shape, values)
	case g.weights[name]:
		return name
	}
	g.weights[name] = true
	m := &message{}
	for _, n := range shape {
		m.int(1, n)
	}
	m.int(2, kind)
	m.string(8, name)
	m.bytes(9, values())
	g.initializers = append(g.initializers, m)
	return name
}

// input adds an input of the graph, and returns name. A dimension is a number or the name of what is known at run time.
func (g *graph) input(name string, kind int, shape ...any) string {
	g.inputs = append(g.inputs, valueInfo(name, kind, shape))
	return name
}

// output makes a value of float32 an output of the graph, under a name of its own.
func (g *graph) output(name, value string, shape ...any) {
	g.node("Identity", in{value}, []string{name})
	g.outputs = append(g.outputs, valueInfo(name, float32Type, shape))
}

// valueInfo says what a value is.
func valueInfo(name string, kind int, shape []any) *message {
	var dimensions, tensor, of, m message
	for _, d := range shape {
		var dimension message
		switch d := d.(type) {
		case int:
			dimension.int(1, d)
		case string:
			dimension.string(2, d)
		}
		dimensions.message(1, &dimension)
	}
	tensor.int(1, kind)
	tensor.message(2, &dimensions)
	of.message(1, &tensor)
	m.string(1, name)
	m.message(2, &of)
	return &m
}

// message returns the graph as it is in a file.
func (g *graph) message() *message {
	m := &message{}
	for _, n := range g.nodes {
		m.message(1, n)
	}
	m.string(2, g.name)
	for _, t := range g.initializers {
		m.message(5, t)
	}
	for _, v := range g.inputs {
		m.message(11, v)
	}
	for _, v := range g.outputs {
		m.message(12, v)
	}
	return m
}
