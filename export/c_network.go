package export

import (
	"fmt"
	"strings"

	"github.com/seed-f4dd853e/elman/internal/f32"
	"github.com/seed-f4dd853e/elman/rnn"
)

// cCells has how C computes each cell of rnn.Cells from its pre-activations s->z and the state s->hL, and s->cL if it has a memory.
// Those whose recurrence must be known apart have that in s->u.
var cCells = map[string]struct {
	memory, apart bool
	step          func(t *cTranslator, l *cLayer)
}{
	"elman": {step: func(t *cTranslator, l *cLayer) { t.call("%s(s->%s, s->z, %d)", t.c.Activation, l.h, t.c.Hidden) }},
	"lstm":  {memory: true, step: (*cTranslator).lstm},
	"gru": {apart: true, step: func(t *cTranslator, l *cLayer) {
		bias := l.param("bias_hh").Value[2*t.c.Hidden:]
		t.call("gru(s->z, s->u, name_%s, s->%s, %d)", t.floats(l.weight("bias_hh_n"), "of the gate n", bias), l.h, t.c.Hidden)
	}},
	"mingru": {step: func(t *cTranslator, l *cLayer) { t.call("mingru(s->z, s->%s, %d)", l.h, t.c.Hidden) }},
}

// A cTranslator makes statements of C of a network.
type cTranslator struct {
	c      rnn.Config
	params map[string]*rnn.Param
	arrays []cArray

	state, start, step strings.Builder
	output             string // what a step makes
	fields             map[string]int
}

func translateC(n *rnn.Network) *cTranslator {
	t := &cTranslator{c: n.Config(), params: map[string]*rnn.Param{}, output: "logits", fields: map[string]int{}}
	if t.c.Codes > 0 {
		t.output = "outputs"
	}
	for _, p := range n.Params() {
		t.params[p.Name] = p
	}
	x := t.read()
	if t.c.Block {
		x = t.blocks()
	} else {
		for l := range t.c.Layers {
			x = t.layer(l, x)
		}
	}
	decoder := t.params["decoder.weight"]
	if t.c.Tie {
		decoder = t.params["embedding.weight"]
	}
	t.linear(t.output, x, decoder, t.params["decoder.bias"])
	if t.c.Codes > 0 {
		t.call("sigmoid(outputs, outputs, %d)", t.c.Codes)
	}
	t.finish()
	return t
}

func (t *cTranslator) outputs() int { return t.params["decoder.bias"].Cols }

// call adds a call of a function of the runtime.
func (t *cTranslator) call(format string, args ...any) {
	fmt.Fprintf(&t.step, "\tname_"+format+";\n", args...)
}

// room makes room for so many numbers in the state.
func (t *cTranslator) room(field string, n int) { t.fields[field] = max(n, t.fields[field]) }

// finish writes the fields of the state that are room to work in.
func (t *cTranslator) finish() {
	for _, f := range []struct{ name, kind, comment string }{
		{"r", "float", "the residual stream"}, {"x", "float", "what a layer reads"}, {"z", "float", "pre-activations, then gates"},
		{"u", "float", "what is normalised or known apart"}, {"m", "float", "within an MLP"}, {"q", "int16_t", "what is rounded to 8 bits"},
	} {
		if n := t.fields[f.name]; n > 0 {
			fmt.Fprintf(&t.state, "\t%s %s[%d]; /* %s */\n", f.kind, f.name, n, f.comment)
		}
	}
}

// floats adds an array of weights and returns its name.
func (t *cTranslator) floats(name, comment string, values []float32) string {
	t.arrays = append(t.arrays, cArray{name: name, comment: comment, floats: values})
	return name
}

// vector adds weights that are a vector.
func (t *cTranslator) vector(p *rnn.Param) string {
	return t.floats(cIdentifier(p.Name), p.Name, p.Value)
}

// cIdentifier makes an identifier of the name of weights.
func cIdentifier(name string) string { return strings.ReplaceAll(name, ".", "_") }

// inputs returns what a matrix multiplies, and outputs. In memory the decoder's, and an embedding's, is the other way round.
func sizes(p *rnn.Param) (inputs, outputs int) {
	if p.Transposed {
		return p.Rows, p.Cols
	}
	return p.Cols, p.Rows
}

// product adds y = y + x w.
func (t *cTranslator) product(y, x string, p *rnn.Param) {
	inputs, outputs := sizes(p)
	if p.Precision == rnn.Int8 {
		w, scale := t.bytes(p)
		t.room("q", inputs)
		t.call("product8(%s, %s, name_%s, name_%s, s->q, %d, %d)", y, x, w, scale, inputs, outputs)
		return
	}
	values := p.Value
	if !p.Transposed {
		values = transpose(p)
	}
	w := t.floats(cIdentifier(p.Name), fmt.Sprintf("%s, [%d][%d]", p.Name, inputs, outputs), values)
	t.call("product(%s, %s, name_%s, %d, %d)", y, x, w, inputs, outputs)
}

// bytes adds a matrix in 8 bits, [outputs][inputs], once, and returns the names of it and its scales.
func (t *cTranslator) bytes(p *rnn.Param) (w, scale string) {
	w = cIdentifier(p.Name)
	scale = w + "_scale"
	for _, a := range t.arrays {
		if a.name == w { // tied: the embedding is the decoder too
			return w, scale
		}
	}
	values, scales := p.Value, p.Scales()
	if p.Transposed {
		values = transpose(p)
	}
	inputs, outputs := sizes(p)
	q := make([]int8, len(values))
	for i, v := range values {
		q[i] = f32.ToInt8(v, scales[i/inputs])
	}
	t.arrays = append(t.arrays, cArray{name: w, comment: fmt.Sprintf("%s, [%d][%d]", p.Name, outputs, inputs), bytes: q},
		cArray{name: scale, comment: "of each row", floats: scales})
	return w, scale
}

// linear adds y = x w + bias.
func (t *cTranslator) linear(y, x string, weight, bias *rnn.Param) {
	t.call("copy(%s, name_%s, %d)", y, t.vector(bias), bias.Cols)
	t.product(y, x, weight)
}

// read adds what stands for a symbol, if that is not read by the first layer, and returns where it is.
func (t *cTranslator) read() string {
	switch p := t.params["embedding.weight"]; {
	case t.c.Codes > 0:
		p = t.params["codes.weight"]
		t.room("x", p.Cols)
		t.call("copy(s->x, name_%s + (ptrdiff_t)symbol * %d, %d)", t.vector(p), p.Cols, p.Cols)
	case p == nil:
		return ""
	case p.Precision == rnn.Int8:
		w, scale := t.bytes(p)
		t.room("x", p.Cols)
		t.statement("for (int i = 0; i < %d; i++) s->x[i] = (float)name_%s[(ptrdiff_t)symbol * %d + i] * name_%s[symbol]", p.Cols, w, p.Cols, scale)
	case t.c.Tie: // the decoder has it, transposed
		t.room("x", p.Cols)
		t.statement("for (int i = 0; i < %d; i++) s->x[i] = name_%s[i * (ptrdiff_t)%d + symbol]", p.Cols, cIdentifier(p.Name), p.Rows)
	default:
		t.room("x", p.Cols)
		t.call("copy(s->x, name_%s + (ptrdiff_t)symbol * %d, %d)", t.vector(p), p.Cols, p.Cols)
	}
	return "s->x"
}

func (t *cTranslator) statement(format string, args ...any) {
	fmt.Fprintf(&t.step, "\t"+format+";\n", args...)
}

// blocks adds a stack of residual blocks, whose stream begins with what is in s->x.
func (t *cTranslator) blocks() string {
	H := t.c.Hidden
	t.room("r", H)
	t.room("m", t.c.MLP)
	t.call("copy(s->r, s->x, %d)", H)
	for l := range t.c.Layers {
		t.call("rmsnorm(s->x, s->r, %d)", H)
		h := t.layer(l, "s->x")
		t.call("add(s->r, s->r, %s, %d)", h, H)
		t.call("rmsnorm(s->x, s->r, %d)", H)
		mlp := func(name string) *rnn.Param { return t.params[fmt.Sprintf("blocks.%d.mlp.%s", l, name)] }
		t.linear("s->m", "s->x", mlp("0.weight"), mlp("0.bias"))
		t.call("relu(s->m, s->m, %d)", t.c.MLP)
		t.linear("s->x", "s->m", mlp("2.weight"), mlp("2.bias"))
		t.call("add(s->r, s->r, s->x, %d)", H)
	}
	t.call("rmsnorm(s->x, s->r, %d)", H)
	return "s->x"
}

// A cLayer is a recurrent layer.
type cLayer struct {
	*cTranslator
	prefix, suffix string // of the names of its weights
	h, c           string // fields of the state
}

// param returns the layer's weights of this kind, such as bias_ih, nil if it has none.
func (l *cLayer) param(kind string) *rnn.Param { return l.params[l.prefix+kind+l.suffix] }

// weight returns the identifier of weights of this kind.
func (l *cLayer) weight(kind string) string { return cIdentifier(l.prefix + kind + l.suffix) }

// layer adds a cell, after a convolution if there is one, which reads x, or the symbol if that is "". It returns where the outputs
// are.
func (t *cTranslator) layer(number int, x string) string {
	if t.c.Conv > 0 {
		x = t.conv(number, x)
	}
	l := &cLayer{cTranslator: t, h: fmt.Sprintf("h%d", number), c: fmt.Sprintf("c%d", number)}
	l.prefix, l.suffix, _ = strings.Cut(t.c.InputWeightName(number), "weight_ih")
	cell := cCells[t.c.Cell]
	l.carry(l.h, "h0")
	if cell.memory {
		l.carry(l.c, "c0")
	}
	l.inputs(x)
	if rec := l.param("weight_hh"); rec != nil {
		l.recurrence(rec, cell.apart)
	}
	cell.step(t, l)
	return "s->" + l.h
}

// carry adds a field that is carried from step to step, and what it starts from.
func (l *cLayer) carry(field, initial string) {
	fmt.Fprintf(&l.state, "\tfloat %s[%d];\n", field, l.cTranslator.c.Hidden)
	if p := l.param(initial); p != nil {
		fmt.Fprintf(&l.start, "\tname_copy(s->%s, name_%s, %d);\n", field, l.vector(p), p.Cols)
	}
}

// inputs adds what the inputs contribute to pre-activations.
func (l *cLayer) inputs(x string) {
	ih := l.param("weight_ih")
	GH := ih.Cols
	l.room("z", GH)
	bias := l.floats(l.weight("bias"), "what pre-activations begin with", l.bias())
	row := ""
	if x == "" {
		w := l.floats(cIdentifier(ih.Name), fmt.Sprintf("%s, [%d][%d]", ih.Name, ih.Rows, ih.Cols), ih.Value)
		row = fmt.Sprintf("name_%s + (ptrdiff_t)symbol * %d", w, GH)
	}
	gain := l.param("gain_ih")
	switch {
	case gain == nil && x == "":
		l.call("add(s->z, %s, name_%s, %d)", row, bias, GH)
		return
	case gain == nil:
		l.call("copy(s->z, name_%s, %d)", bias, GH)
		l.product("s->z", x, ih)
		return
	}
	l.room("u", GH)
	if x == "" {
		l.call("copy(s->u, %s, %d)", row, GH)
	} else {
		l.call("zero(s->u, %d)", GH)
		l.product("s->u", x, ih)
	}
	l.call("layernorm(s->u, %d)", GH)
	l.call("copy(s->z, name_%s, %d)", bias, GH)
	l.call("muladd(s->z, name_%s, s->u, %d)", l.vector(gain), GH)
}

// bias returns the sum of both biases, but of the gates whose recurrence must be known apart that of the inputs alone.
func (l *cLayer) bias() []float32 {
	bias := append([]float32(nil), l.param("bias_ih").Value...)
	if rec := l.param("bias_hh"); rec != nil {
		n := len(bias)
		if cCells[l.cTranslator.c.Cell].apart {
			n -= l.cTranslator.c.Hidden
		}
		f32.Add(bias[:n], bias[:n], rec.Value[:n])
	}
	return bias
}

// recurrence adds what the recurrence contributes.
func (l *cLayer) recurrence(w *rnn.Param, apart bool) {
	h, GH, gain := "s->"+l.h, w.Cols, l.param("gain_hh")
	if gain == nil && !apart {
		l.product("s->z", h, w)
		return
	}
	l.room("u", GH)
	l.call("zero(s->u, %d)", GH)
	l.product("s->u", h, w)
	if gain == nil {
		return
	}
	l.call("layernorm(s->u, %d)", GH)
	if name := l.vector(gain); apart {
		l.statement("for (int i = 0; i < %d; i++) s->u[i] = fmaf(name_%s[i], s->u[i], 0)", GH, name)
	} else {
		l.call("muladd(s->z, name_%s, s->u, %d)", name, GH)
	}
}

func (t *cTranslator) lstm(l *cLayer) {
	H := t.c.Hidden
	t.call("lstm(s->z, s->%s, s->%s, %d)", l.h, l.c, H)
	gain := l.param("gain_c")
	if gain == nil {
		return
	}
	t.call("copy(s->u, s->%s, %d)", l.c, H)
	t.call("layernorm(s->u, %d)", H)
	t.call("copy(s->%s, name_%s, %d)", l.h, t.vector(l.param("bias_c")), H)
	t.call("muladd(s->%s, name_%s, s->u, %d)", l.h, t.vector(gain), H)
	t.call("tanh(s->%s, s->%s, %d)", l.h, l.h, H)
	t.call("multiply(s->%s, s->z + %d, s->%s, %d)", l.h, 3*H, l.h, H)
}

// conv adds the convolution before a layer, into s->x.
func (t *cTranslator) conv(number int, x string) string {
	name := fmt.Sprintf("conv.%d.", number)
	if t.c.Block {
		name = "blocks." + fmt.Sprint(number) + ".conv."
	}
	w, bias := t.params[name+"weight"], t.params[name+"bias"]
	past := fmt.Sprintf("past%d", number)
	fmt.Fprintf(&t.state, "\tfloat %s[%d];\n", past, (w.Rows-1)*w.Cols)
	t.room("x", w.Cols)
	kernel := t.floats(cIdentifier(w.Name), fmt.Sprintf("%s, [%d][%d]", w.Name, w.Rows, w.Cols), w.Value)
	t.call("conv(s->x, %s, s->%s, name_%s, name_%s, %d, %d)", x, past, kernel, t.vector(bias), w.Rows, w.Cols)
	return "s->x"
}
