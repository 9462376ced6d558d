package torch

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/seed-f4dd853e/elman/internal/setting"
)

// A layout is which tensor of a checkpoint is what: V symbols, E numbers of an embedding, H hidden units, G gates.
type layout struct {
	prefix    string // what the names of the recurrent tensors begin with
	layers    []layer
	embedding *tensor // [V x E]; nil for one-hot inputs
	decoder   *tensor // [V x H]; nil if the embedding is the decoder too
	bias      *tensor // [V], or nil

	gates, hidden, inputs, symbols int
}

// A layer is a recurrent layer: two matrices, [G*H x inputs] and [G*H x H], and biases [G*H], which may be missing.
type layer struct {
	inputs, hiddens         *tensor
	inputsBias, hiddensBias *tensor
}

// layout finds out what the tensors are.
func (c *checkpoint) layout() (*layout, error) {
	l := &layout{}
	recurrent, err := c.recurrent(l)
	if err != nil {
		return nil, err
	}
	if err := l.checkLayers(); err != nil {
		return nil, err
	}
	if err := c.ends(l, recurrent); err != nil {
		return nil, err
	}
	for _, t := range c.tensors {
		if t.ours != "" && t.ours[0] != '-' && !slices.Contains(l.used(), t) {
			return nil, setting.Errorf("%v: %s is no %s of the network", mapName, t, t.ours)
		}
	}
	return l, c.checkSize(l)
}

// recurrentName matches the tensors of nn.RNN, nn.LSTM and nn.GRU, and of cells, which have no layers.
var recurrentName = regexp.MustCompile(`^((?:.*\.)?)(weight|bias)_(ih|hh|hr)(?:_l([0-9]{1,3}))?(_reverse)?$`)

// A group is the tensors of a recurrent module, by layer and kind, as in "weight_ih".
type group struct {
	prefix string
	layers map[int]map[string]*tensor
	all    []*tensor
}

// recurrent finds the recurrent layers.
func (c *checkpoint) recurrent(l *layout) ([]*tensor, error) {
	groups, err := c.groups(true)
	if err == nil && len(groups) == 0 {
		groups, err = c.groups(false)
	}
	if err != nil {
		return nil, err
	}
	g, err := c.chosen(groups)
	if err != nil {
		return nil, err
	}
	l.prefix = g.prefix
	for number := range len(g.layers) {
		of := g.layers[number]
		if of["weight_ih"] == nil || of["weight_hh"] == nil {
			return nil, fmt.Errorf("layer %d of %s lacks weight_ih or weight_hh; it has %s", number, quote(strings.TrimSuffix(g.prefix, ".")), names(g.all))
		}
		l.layers = append(l.layers, layer{of["weight_ih"], of["weight_hh"], of["bias_ih"], of["bias_hh"]})
	}
	return g.all, nil
}

// groups returns the recurrent modules that are mapped, or those that are not.
func (c *checkpoint) groups(mapped bool) (groups []*group, err error) {
	for _, t := range c.tensors {
		name := t.name
		if mapped {
			name = t.ours
		} else if t.ours != "" {
			continue
		}
		m := recurrentName.FindStringSubmatch(name)
		if m == nil || mapped && firstName(name) != "rnn" {
			continue
		}
		switch {
		case m[5] != "":
			return nil, lacks(t, "a bidirectional network, which reads what it should predict")
		case m[3] == "hr":
			return nil, lacks(t, "an LSTM with proj_size")
		}
		i := slices.IndexFunc(groups, func(g *group) bool { return g.prefix == m[1] })
		if i < 0 {
			i = len(groups)
			groups = append(groups, &group{prefix: m[1], layers: map[int]map[string]*tensor{}})
		}
		number, _ := strconv.Atoi(m[4]) // a cell is layer 0
		if err := groups[i].add(number, m[2]+"_"+m[3], t); err != nil {
			return nil, err
		}
	}
	return groups, nil
}

func lacks(t *tensor, what string) error { return fmt.Errorf("%s is of %s; Elman has none", t, what) }

func (g *group) add(layer int, kind string, t *tensor) error {
	if g.layers[layer] == nil {
		g.layers[layer] = map[string]*tensor{}
	}
	if other := g.layers[layer][kind]; other != nil {
		return fmt.Errorf("%s and %s are both %s of layer %d", other, t, kind, layer)
	}
	g.layers[layer][kind] = t
	g.all = append(g.all, t)
	return nil
}

// chosen returns the only group, or those that are numbered modules of one layer as one.
func (c *checkpoint) chosen(groups []*group) (*group, error) {
	switch len(groups) {
	case 0:
		beside := ""
		if len(c.calls) > 0 {
			beside = "; among its objects are " + strings.Join(c.calls, ", ")
		}
		return nil, fmt.Errorf("no nn.RNN, nn.LSTM or nn.GRU: no tensor is called ...weight_ih_l0; the file has %s%s", names(c.tensors), beside)
	case 1:
		return groups[0], nil
	}
	if whole := stacked(groups); whole != nil {
		return whole, nil
	}
	var all []string
	for _, g := range groups[:min(shown, len(groups))] {
		all = append(all, quote(strings.TrimSuffix(g.prefix, ".")))
	}
	return nil, setting.Errorf("%d recurrent modules: %s; Elman has one after the other: name the tensors of each layer, %v rnn.weight_ih_l1=NAME.weight_ih_l0 and so on, or leave one out, %v -=NAME",
		len(groups), strings.Join(all, ", "), mapName, mapName)
}

// numbered matches names such as cells.0. and lstm2.
var numbered = regexp.MustCompile(`^(.*?)([0-9]{1,3})\.$`)

// stacked joins modules of one layer each that are numbered from 0 or 1 on, nil if they are not.
func stacked(groups []*group) *group {
	whole := &group{layers: map[int]map[string]*tensor{}}
	numbers := map[*group]int{}
	for i, g := range groups {
		m := numbered.FindStringSubmatch(g.prefix)
		if m == nil || len(g.layers) != 1 || g.layers[0] == nil || i > 0 && m[1] != whole.prefix {
			return nil
		}
		whole.prefix = m[1]
		numbers[g], _ = strconv.Atoi(m[2])
	}
	slices.SortFunc(groups, func(a, b *group) int { return cmp.Compare(numbers[a], numbers[b]) })
	for i, g := range groups {
		if first := numbers[groups[0]]; first > 1 || numbers[g] != first+i {
			return nil
		}
		whole.layers[i] = g.layers[0]
		whole.all = append(whole.all, g.all...)
	}
	return whole
}

// checkLayers checks the shapes of the recurrent layers, and finds G, H and the inputs of the first.
func (l *layout) checkLayers() error {
	first := l.layers[0]
	if s := first.hiddens.shape; len(s) == 2 && s[1] > 0 {
		l.hidden, l.gates = s[1], s[0]/s[1]
	}
	if l.gates != 1 && l.gates != 3 && l.gates != 4 {
		return fmt.Errorf("%s is of no nn.RNN, nn.GRU or nn.LSTM, whose shape is [H H], [3H H] or [4H H]", first.hiddens)
	}
	if len(first.inputs.shape) == 2 {
		l.inputs = first.inputs.shape[1]
	}
	inputs, rows := l.inputs, l.gates*l.hidden
	for _, of := range l.layers {
		for _, want := range []struct {
			t     *tensor
			shape []int
		}{{of.inputs, []int{rows, inputs}}, {of.hiddens, []int{rows, l.hidden}}, {of.inputsBias, []int{rows}}, {of.hiddensBias, []int{rows}}} {
			if want.t != nil && !slices.Equal(want.t.shape, want.shape) {
				return fmt.Errorf("tensor %s, want %v", want.t, want.shape)
			}
		}
		inputs = l.hidden
	}
	return nil
}

// used lists the tensors of the network.
func (l *layout) used() (all []*tensor) {
	for _, of := range l.layers {
		all = append(all, of.inputs, of.hiddens, of.inputsBias, of.hiddensBias)
	}
	all = append(all, l.embedding, l.decoder, l.bias)
	return slices.DeleteFunc(all, func(t *tensor) bool { return t == nil })
}

// checkSize fails on numbers of a type that is not read, and on more numbers than the file can hold.
func (c *checkpoint) checkSize(l *layout) error {
	total := 0.0
	for _, t := range l.used() {
		if elementSizes[t.dtype] == 0 {
			return fmt.Errorf("tensor %s is of type %s; convert it to float32", quote(t.name), t.dtype)
		}
		total += t.bytes()
	}
	if total > 2*float64(c.size) { // twice for tied weights, which are equal
		return fmt.Errorf("its tensors take %.0f bytes, the file has %d", total, c.size)
	}
	return nil
}

// parts says what embedding, rnn and decoder are called in the file.
func (l *layout) parts() []Mapping {
	module := func(name string) string { return strings.TrimSuffix(strings.TrimSuffix(name, "weight"), ".") }
	var parts []Mapping
	if l.embedding != nil {
		parts = append(parts, Mapping{"embedding", module(l.embedding.name)})
	}
	parts = append(parts, Mapping{"rnn", cmp.Or(strings.TrimSuffix(l.prefix, "."), module(l.layers[0].inputs.folder))})
	if l.decoder != nil {
		parts = append(parts, Mapping{"decoder", module(l.decoder.name)})
	}
	return parts
}
