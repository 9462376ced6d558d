package torch

import (
	"slices"
	"strings"

	"github.com/seed-f4dd853e/elman/internal/setting"
)

// An end is a choice of what stands before and after the recurrent layers: an embedding or none, a Linear or the embedding again.
type end struct {
	embedding, decoder, bias *tensor
	left                     []*tensor // of the same dict, which are none of the network
}

// ends finds embedding and decoder: by what a Mapping says, by shape, and where shapes leave a choice, by name.
func (c *checkpoint) ends(l *layout, recurrent []*tensor) error {
	folder := recurrent[0].folder
	inside := func(t *tensor) bool { return t.folder == folder }
	best := c.candidates(l, recurrent, inside)
	if len(best) == 0 { // modules that were saved apart
		best = c.candidates(l, recurrent, func(*tensor) bool { return true })
	}
	if len(best) == 0 {
		return c.noEnds(l, recurrent, inside)
	}
	if len(best) > 1 && best[0].matrix() == best[1].matrix() { // V is E and H
		return setting.Errorf("%s can be an embedding tied to the output layer, or the output layer after one-hot inputs; name it: %v embedding=%s, or decoder", quote(best[0].name()), mapName, module(best[0].name()))
	}
	if len(best) > 1 {
		return setting.Errorf("by its shape, each of %s and %s can be the output layer; name it: %v decoder=%s", quote(best[0].name()), quote(best[1].name()), mapName, module(best[0].name()))
	}
	e := best[0]
	if len(e.left) > 0 {
		return tooMany(e.left)
	}
	l.embedding, l.decoder, l.bias = e.embedding, e.decoder, e.bias
	l.symbols = e.matrix().shape[0]
	return nil
}

func (e *end) matrix() *tensor {
	if e.decoder != nil {
		return e.decoder
	}
	return e.embedding
}

func (e *end) name() string { return e.matrix().name }

// tried bounds the matrices among which pairs are tried; a network has two.
const tried = 16

// candidates returns the choices that fit and leave the least over; of those, the ones whose names fit best.
func (c *checkpoint) candidates(l *layout, recurrent []*tensor, inside func(*tensor) bool) (best []*end) {
	var free, embeddings, decoders []*tensor
	for _, t := range c.tensors {
		if t.ours == "" && inside(t) && !slices.Contains(recurrent, t) {
			free = append(free, t)
		}
	}
	embeddings, decoders = []*tensor{nil}, []*tensor{nil}
	for _, t := range free {
		if len(t.shape) != 2 || !strings.HasSuffix(t.name, "weight") {
			continue
		}
		if t.shape[1] == l.inputs && biasOf(t, free) == nil && len(embeddings) < tried {
			embeddings = append(embeddings, t)
		}
		if t.shape[1] == l.hidden && len(decoders) < tried {
			decoders = append(decoders, t)
		}
	}
	if t := c.mapped("embedding.weight", "embedding"); t != nil {
		embeddings = []*tensor{t}
	}
	if t := c.mapped("decoder.weight", "decoder"); t != nil {
		decoders = []*tensor{t}
	}
	least, rank := 0, 0
	for _, embedding := range embeddings {
		for _, decoder := range decoders {
			e := &end{embedding: embedding, decoder: decoder}
			if !e.fits(l) {
				continue
			}
			e.finish(c, free, recurrent[0].folder)
			names := likeEmbedding(embedding) + likeDecoder(decoder)
			switch better := len(best) == 0 || len(e.left) < least || len(e.left) == least && names > rank; {
			case better:
				best, least, rank = []*end{e}, len(e.left), names
			case len(e.left) == least && names == rank:
				best = append(best, e)
			}
		}
	}
	return best
}

// mapped returns the tensor that a Mapping calls so.
func (c *checkpoint) mapped(names ...string) *tensor {
	for _, t := range c.tensors {
		if t.ours != "" && slices.Contains(names, t.ours) {
			return t
		}
	}
	return nil
}

// fits compares shapes.
func (e *end) fits(l *layout) bool {
	matrix := func(t *tensor, columns int) bool { return len(t.shape) == 2 && t.shape[1] == columns && t.shape[0] > 0 }
	switch {
	case e.embedding == nil && e.decoder == nil, e.embedding == e.decoder:
		return false
	case e.embedding != nil && !matrix(e.embedding, l.inputs), e.decoder != nil && !matrix(e.decoder, l.hidden):
		return false
	case e.embedding == nil:
		return e.decoder.shape[0] == l.inputs
	case e.decoder == nil:
		return l.inputs == l.hidden
	}
	return e.embedding.shape[0] == e.decoder.shape[0]
}

// finish finds the decoder's bias, and what is left over.
func (e *end) finish(c *checkpoint, free []*tensor, folder string) {
	switch e.bias = c.mapped("decoder.bias"); {
	case e.bias != nil:
	case e.decoder != nil:
		e.bias = biasOf(e.decoder, free)
	default: // that of a Linear whose weights are the embedding's: alone
		i := slices.IndexFunc(free, func(t *tensor) bool {
			weight := strings.TrimSuffix(t.name, "bias") + "weight"
			return strings.HasSuffix(t.name, "bias") && slices.Equal(t.shape, e.embedding.shape[:1]) &&
				!slices.ContainsFunc(free, func(o *tensor) bool { return o.name == weight })
		})
		if i >= 0 {
			e.bias = free[i]
		}
	}
	folders := []string{folder, e.matrix().folder}
	if e.embedding != nil {
		folders = append(folders, e.embedding.folder)
	}
	for _, t := range free {
		if t != e.embedding && t != e.decoder && t != e.bias && slices.Contains(folders, t.folder) {
			e.left = append(e.left, t)
		}
	}
}

// biasOf returns the bias beside a weight, or nil.
func biasOf(weight *tensor, among []*tensor) *tensor {
	name := strings.TrimSuffix(weight.name, "weight") + "bias"
	i := slices.IndexFunc(among, func(t *tensor) bool { return t.name == name && slices.Equal(t.shape, weight.shape[:1]) })
	if i < 0 {
		return nil
	}
	return among[i]
}

// likeEmbedding and likeDecoder return 1 if a tensor is called as such a module usually is. Only where shapes leave a choice do names
// decide.
func likeEmbedding(t *tensor) int { return called(t, "emb", "enc", "wte", "lookup", "input") }
func likeDecoder(t *tensor) int   { return called(t, "dec", "out", "fc", "lin", "head", "logit", "h2o") }

func called(t *tensor, words ...string) int {
	if t == nil {
		return 0
	}
	parts := strings.Split(t.name, ".")
	module := strings.ToLower(parts[max(0, len(parts)-2)])
	if slices.ContainsFunc(words, func(w string) bool { return strings.Contains(module, w) }) {
		return 1
	}
	return 0
}

// noEnds says which matrices are missing.
func (c *checkpoint) noEnds(l *layout, recurrent []*tensor, inside func(*tensor) bool) error {
	var others []*tensor
	for _, t := range c.tensors {
		if inside(t) && !slices.Contains(recurrent, t) && !strings.HasPrefix(t.ours, "-") {
			others = append(others, t)
		}
	}
	return setting.Errorf("no output layer: it needs a matrix [V %d], with an embedding [V %d], or without one if V is %d; beside the recurrent layers there are %s; if one of them is it, %v decoder=NAME",
		l.hidden, l.inputs, l.inputs, names(others), mapName)
}

// tooMany says what the first of the tensors that are left over belongs to.
func tooMany(left []*tensor) error {
	t := left[0]
	return setting.Errorf("%s: %s beside embedding, recurrent layers and output layer, which Elman's networks lack; if the logits do not depend on it, leave it out: %v -=%s",
		names(left), kind(t, left), mapName, module(t.name))
}

// module returns the name of the module that a tensor is of.
func module(name string) string {
	if i := strings.LastIndexByte(name, '.'); i >= 0 {
		return name[:i]
	}
	return name
}

// kind guesses the module that a tensor is of.
func kind(t *tensor, left []*tensor) string {
	has := func(name string) bool {
		return slices.ContainsFunc(left, func(o *tensor) bool { return o.name == module(t.name)+"."+name })
	}
	switch {
	case has("running_mean"):
		return "a BatchNorm"
	case has("in_proj_weight"):
		return "a MultiheadAttention"
	case strings.HasSuffix(t.name, ".weight") && len(t.shape) == 1, has("weight") && has("bias") && len(t.shape) == 1:
		return "a LayerNorm or another norm"
	case strings.HasSuffix(t.name, ".weight") && len(t.shape) > 2:
		return "a convolution"
	case strings.HasSuffix(t.name, ".weight") && len(t.shape) == 2:
		return "another Linear or Embedding"
	}
	return "another module"
}
