package model

import "github.com/seed-f4dd853e/elman/corpus"

// A Place is where a model stands in a text: all that its predictions of what follows depend on. It belongs to the model that
// read the text.
type Place struct {
	State []float32    // of the network, in front of the symbol that Feed.Ahead tells; nil means that of a beginning
	Feed  *corpus.Feed // has read the text
	Last  int32        // the symbol read last, or -1 at the beginning
}

// Beginning returns the place in front of a text, where nothing has been read.
func (m *Model) Beginning() *Place {
	return &Place{Feed: m.Alphabet.Feed(nil, m.Documents), Last: -1}
}
