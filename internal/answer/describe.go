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

// Languages returns the generated languages. Their entropies are computed first, which takes a tab two seconds.
func Languages() (all []Language) {
	for _, x := range language.All() {
		rate := x.Entropy()
		all = append(all, Language{x.Name, x.Doc, rate.Nats, rate.Exact})
	}
	return all
}

// Trainings returns what can be trained.
func Trainings(l Limits, save bool) *Training { return TrainingsOf(Languages(), l, save) }

// TrainingsOf is Trainings where the languages are known already.
func TrainingsOf(languages []Language, l Limits, save bool) *Training {
	t := &Training{Languages: languages, Limits: l, Save: save}
	for _, c := range rnn.Cells() {
		t.Cells = append(t.Cells, c.Name)
	}
	return t
}
