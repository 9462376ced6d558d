package export

import (
	"cmp"
	"encoding/json"
	"slices"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/model"
)

// An entry is a text about the model that a file carries.
type entry struct{ key, value string }

// metadata returns what a program must know of a model beside its network.
//
//	alphabet   an alphabet, in JSON
//	documents  where texts begin: corpus.Documents
//	network    rnn.Config, in JSON
//	hash       of the weights: model.Model.Hash
func metadata(m *model.Model) ([]entry, error) {
	a, err := json.Marshal(describe(m.Alphabet))
	if err != nil {
		return nil, err
	}
	network, err := json.Marshal(m.Network.Config())
	if err != nil {
		return nil, err
	}
	return []entry{
		{"alphabet", string(a)},
		{"documents", string(cmp.Or(m.Documents, corpus.Whole))},
		{"network", string(network)},
		{"hash", m.Hash()},
	}, nil
}

// An alphabet is a corpus.Alphabet for other programs.
type alphabet struct {
	Kind      corpus.Kind `json:"kind"`
	Lowercase bool        `json:"lowercase"` // texts are read in lower case
	// Symbols are the texts of all V symbols, the escape's too. Where Kind.OfBytes, each character of them is a byte: they are
	// Latin-1 for whoever joins them.
	Symbols   []string `json:"symbols"`
	Encoding  string   `json:"encoding"`  // utf8 or latin1: what makes bytes of symbols
	Start     int32    `json:"start"`     // the symbol that a model reads before a text
	Escape    *int32   `json:"escape"`    // what stands for symbols that are not in the alphabet, or null
	Unwritten []int32  `json:"unwritten"` // symbols that stand for no text, and are not sampled
	// A space lies between a symbol of SpaceAfter and one of SpaceBefore: words have it implied.
	SpaceAfter  []int32    `json:"space_after,omitempty"`
	SpaceBefore []int32    `json:"space_before,omitempty"`
	Merges      [][2]int32 `json:"merges,omitempty"` // of subwords: what symbols from 256 on are made of
}

func describe(a *corpus.Alphabet) alphabet {
	d := alphabet{Kind: a.Kind(), Lowercase: a.Lowercase(), Encoding: "utf8", Start: a.Start(), Unwritten: a.Unwritten()}
	if d.Unwritten == nil {
		d.Unwritten = []int32{}
	}
	if a.Kind().OfBytes() {
		d.Encoding = "latin1"
	}
	if escape := a.Escape(); escape >= 0 {
		d.Escape = &escape
	}
	for id := range int32(a.Size()) {
		s := a.Symbol(id)
		if a.Kind().OfBytes() {
			s = latin1(s)
		}
		d.Symbols = append(d.Symbols, s)
		if a.ImpliesSpace(id) {
			d.SpaceAfter = append(d.SpaceAfter, id)
			if a.Piece(id, id) != a.Symbol(id) {
				d.SpaceBefore = append(d.SpaceBefore, id)
			}
		}
	}
	for pair := range slices.Chunk(a.Merges(), 2) {
		d.Merges = append(d.Merges, [2]int32(pair))
	}
	return d
}

// latin1 makes a character of each byte.
func latin1(s string) string {
	r := make([]rune, len(s))
	for i := range len(s) {
		r[i] = rune(s[i])
	}
	return string(r)
}
