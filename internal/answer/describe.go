package answer

import (
	"fmt"
	"strings"

	"github.com/seed-f4dd853e/elman/language"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/rnn"
)

// Describe describes a model.
func Describe(id string, m *model.Model) Model {
	c := m.Network.Config()
	d := Model{ID: id, Kind: string(m.Alphabet.Kind()), Symbols: m.Alphabet.Size(), Documents: "whole", Hash: m.Hash(),
		About: network(c)}
	if m.Documents != "" {
		d.Documents = string(m.Documents)
	}
	return d
}

// network describes one in a few words.
func network(c rnn.Config) string {
	layer := "layer"
	if c.Block {
		layer = "block"
	}
	if c.Layers > 1 {
		layer += "s"
	}
	return strings.TrimSpace(fmt.Sprintf("%s %s", c.Cell, c.Activation)) + fmt.Sprintf(", %d %s of %d units", c.Layers, layer, c.Hidden)
}

// Trainings returns what can be trained.
func Trainings(l Limits, save bool) *Training {
	t := &Training{Limits: l, Save: save}
	for _, x := range language.All() {
		rate := x.Entropy()
		t.Languages = append(t.Languages, Language{x.Name, x.Doc, rate.Nats, rate.Exact})
	}
	for _, c := range rnn.Cells() {
		t.Cells = append(t.Cells, c.Name)
	}
	return t
}
