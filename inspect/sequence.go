package inspect

import (
	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/model"
)

// A Sequence is the input and target of a network, time step by time step.
type Sequence struct {
	X, Y   []int32 // the symbol read, the symbol to predict
	Starts []bool  // where the state restarts before X is read; nil means only at the beginning
}

// Len returns the number of time steps.
func (s Sequence) Len() int { return len(s.X) }

// SequenceOf returns the sequence of a text with these symbols; the first is not predicted.
func SequenceOf(ids []int32) Sequence {
	if len(ids) == 0 {
		return Sequence{}
	}
	return Sequence{X: ids[:len(ids)-1], Y: ids[1:]}
}

// Encode returns the sequence of the first symbols of a text, up to a limit, as score.Scorer reads it. It fails with a
// *corpus.UnknownSymbolError on a symbol that a closed alphabet lacks, and if the text cannot be read.
func Encode(m *model.Model, text *corpus.Text, most int) (Sequence, error) {
	var s corpus.Steps
	err := m.Alphabet.Feed(text, m.Documents).Read(&s, most)
	return Sequence{X: s.X, Y: s.Y, Starts: s.Starts}, err
}
