package model

import "github.com/seed-f4dd853e/elman/corpus"

// A Place is a position of a model in a text: everything on which the predictions after it depend. It belongs to the model
// that read the text.
type Place struct {
	State []float32    // of the network, before the symbol of Feed.Ahead is read; nil means the initial state
	Feed  *corpus.Feed // has read the text
	Last  int32        // the last symbol read, or -1 at the beginning
}

// Beginning returns the place at the beginning of a text.
func (m *Model) Beginning() *Place {
	return &Place{Feed: m.Alphabet.Feed(nil, m.Documents), Last: -1}
}
