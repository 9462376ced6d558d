package export

import (
	"maps"
	"slices"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"
)

// A parsed message has its fields by number: whole numbers, and what has a length.
type parsed struct {
	ints  map[protowire.Number][]uint64
	bytes map[protowire.Number][][]byte
}

func parse(t *testing.T, b []byte) parsed {
	t.Helper()
	p := parsed{map[protowire.Number][]uint64{}, map[protowire.Number][][]byte{}}
	for len(b) > 0 {
		field, kind, n := protowire.ConsumeTag(b)
		if n < 0 {
			t.Fatal(protowire.ParseError(n))
		}
		b = b[n:]
		switch kind {
		case protowire.VarintType:
			var x uint64
			x, n = protowire.ConsumeVarint(b)
			p.ints[field] = append(p.ints[field], x)
		case protowire.BytesType:
			var x []byte
			x, n = protowire.ConsumeBytes(b)
			p.bytes[field] = append(p.bytes[field], x)
		default:
			n = protowire.ConsumeFieldValue(field, kind, b)
		}
		if n < 0 {
			t.Fatal(protowire.ParseError(n))
		}
		b = b[n:]
	}
	return p
}

// strings returns a field of strings.
func (p parsed) strings(field protowire.Number) (all []string) {
	for _, b := range p.bytes[field] {
		all = append(all, string(b))
	}
	return all
}

// operators are those of opset 14 that files may have.
var operators = []string{"Add", "Cast", "Concat", "Conv", "Div", "Expand", "GRU", "Gather", "Identity", "LSTM",
	"MatMul", "Mul", "OneHot", "RNN", "ReduceMean", "Relu", "Scan", "Shape", "Sigmoid", "Slice", "Split", "Sqrt", "Squeeze", "Sub", "Tanh", "Transpose",
	"Unsqueeze", "Where"}

// checkFile checks what a runtime checks first: that values exist before they are used, under one name each, and that tensors
// have the bytes that their shapes ask for; and that no tensor lies there for nothing. It returns the names of inputs and
// outputs, and the metadata.
func checkFile(t *testing.T, file []byte) (inputs, outputs []string, metadata map[string]string) {
	t.Helper()
	m := parse(t, file)
	if m.ints[1][0] != irVersion || parse(t, m.bytes[8][0]).ints[2][0] != opset {
		t.Errorf("version %v of the format, %v of the operators", m.ints[1], parse(t, m.bytes[8][0]).ints[2])
	}
	used := map[string]bool{}
	inputs, outputs = checkGraph(t, m.bytes[7][0], map[string]bool{}, used)
	for _, b := range parse(t, m.bytes[7][0]).bytes[5] {
		if name := parse(t, b).strings(8)[0]; !used[name] {
			t.Errorf("nobody reads the tensor %s", name)
		}
	}
	metadata = map[string]string{}
	for _, b := range m.bytes[14] {
		e := parse(t, b)
		metadata[e.strings(1)[0]] = e.strings(2)[0]
	}
	return inputs, outputs, metadata
}

// checkGraph checks a graph that may read the values known around it, and notes what it uses.
func checkGraph(t *testing.T, b []byte, known, used map[string]bool) (inputs, outputs []string) {
	t.Helper()
	g, known := parse(t, b), maps.Clone(known)
	define := func(name string) {
		if known[name] || name == "" {
			t.Errorf("there are two values %q", name)
		}
		known[name] = true
	}
	use := func(name, by string) {
		if used[name] = true; !known[name] {
			t.Errorf("%s reads %q, which is not there", by, name)
		}
	}
	for _, b := range g.bytes[5] {
		define(checkTensor(t, parse(t, b)))
	}
	for _, b := range g.bytes[11] {
		inputs = append(inputs, parse(t, b).strings(1)[0])
		define(inputs[len(inputs)-1])
	}
	for _, b := range g.bytes[1] {
		n := parse(t, b)
		operator := n.strings(4)[0]
		if !slices.Contains(operators, operator) {
			t.Errorf("the operator %s", operator)
		}
		for _, name := range n.strings(1) {
			if name != "" {
				use(name, operator)
			}
		}
		for _, b := range n.bytes[5] {
			for _, inner := range parse(t, b).bytes[6] {
				checkGraph(t, inner, known, used)
			}
		}
		for _, name := range n.strings(2) {
			define(name)
		}
	}
	for _, b := range g.bytes[12] {
		outputs = append(outputs, parse(t, b).strings(1)[0])
		use(outputs[len(outputs)-1], "the graph's output")
	}
	return inputs, outputs
}

// checkTensor checks the size of a tensor and returns its name.
func checkTensor(t *testing.T, p parsed) string {
	t.Helper()
	name, size := p.strings(8)[0], map[uint64]int{float32Type: 4, int64Type: 8}[p.ints[2][0]]
	for _, n := range p.ints[1] {
		size *= int(n)
	}
	if got := len(p.bytes[9][0]); got != size || size == 0 {
		t.Errorf("tensor %s has %d bytes, want %d", name, got, size)
	}
	return name
}
