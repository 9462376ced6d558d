package inspect

import (
	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/model"
)

// A Sequence is what a network reads, and is to predict, time step after time step.
type Sequence struct {
	X, Y   []int32 // the symbol read and the next one
	Starts []bool  // where the network starts anew before it reads; nil means nowhere but at the beginning
}

// Len returns the number of time steps.
func (s Sequence) Len() int { return len(s.X) }

// SequenceOf returns the sequence of a text whose symbols are these, of which the first is not predicted.
func SequenceOf(ids []int32) Sequence {
	if len(ids) == 0 {
		return Sequence{}
	}
	return Sequence{X: ids[:len(ids)-1], Y: ids[1:]}
}

// Encode returns the sequence of the first symbols of a text, up to a limit, as score.Scorer reads it. It fails with a
// *corpus.UnknownSymbolError on what a closed alphabet lacks, and if the text cannot be read.
func Encode(m *model.Model, text *corpus.Text, most int) (Sequence, error) {
	var s corpus.Steps
	err := m.Alphabet.Feed(text, m.Documents).Read(&s, most)
	return Sequence{X: s.X, Y: s.Y, Starts: s.Starts}, err
}
