// Package torch makes models of networks that PyTorch trained: of the weights in a state_dict, in a file of torch.save (.pt) or in a
// .safetensors file.
//
// It takes an nn.RNN (tanh or relu), nn.LSTM or nn.GRU of any number of layers, or cells (nn.LSTMCell ...) that are numbered, between
// an nn.Embedding or one-hot inputs and an nn.Linear that gives the logits; the embedding may share the weights of the Linear. It
// finds them by shape, whatever they are called, and names what else it meets. Weights of 16 or 64 bits become float32.
//
// What a state_dict does not hold, nobody can find in it: that the nonlinearity of an nn.RNN is relu (Options.Activation), that
// embeddings are scaled, that something without weights stands between the modules. Dropout does nothing to a trained network.
//
// A .pt file is read as data: no code in it is run. Memory is in proportion to the size of the file, whatever it holds, and
// package pickle bounds what its pickle takes.
package torch

import (
	"cmp"
	"fmt"
	"io"
	"slices"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/internal/regular"
	"github.com/seed-f4dd853e/elman/internal/setting"
	"github.com/seed-f4dd853e/elman/model"
)

// Options say what a file does not.
type Options struct {
	// Alphabet is the content of a file that says which symbol each row of the output layer is: JSON, a list of symbols or an object
	// from symbols to numbers or from numbers to symbols, also within other objects ({"stoi": {...}}); or text, one symbol a line,
	// or all characters in a row. nil means the alphabet that the file itself holds.
	Alphabet []byte
	// Symbols is the kind of the symbols. "" means chars, or words if there are longer symbols. With bytes, 256 rows need no
	// alphabet: row i is byte i.
	Symbols corpus.Kind
	// Map names parts that cannot be found by shape.
	Map []Mapping
	// Activation is that of an nn.RNN, tanh or relu. "" means what the file says beside the weights, or tanh.
	Activation string
	// Documents is where the state restarts; "" means corpus.Whole.
	Documents corpus.Documents
}

// A Mapping says what a part is called in a file.
type Mapping struct {
	Ours   string `json:"ours"`   // embedding, rnn, decoder, a tensor of them such as rnn.weight_ih_l1, or "-" for what is left out
	Theirs string `json:"theirs"` // a tensor, or the module before the dot: encoder.lstm
}

// An Import is a model with what it was made of.
type Import struct {
	*model.Model
	Parts    []Mapping // what embedding, rnn and decoder are called in the file
	Alphabet string    // the name of the alphabet in the file, "" if it is not from there
}

// Load reads the file at path.
func Load(path string, o Options) (*Import, error) {
	f, size, err := regular.Open(path)
	if err == nil {
		defer f.Close()
		var made *Import
		if made, err = Read(f, size, o); err == nil {
			return made, nil
		}
	}
	return nil, fmt.Errorf("%s: %w", path, err)
}

// Read reads a file of the given size. On a file that is damaged, or holds another network than Elman has, it fails with one line that
// names what is wrong. The memory it takes is in proportion to the size.
func Read(r io.ReaderAt, size int64, o Options) (*Import, error) {
	if documents := cmp.Or(o.Documents, corpus.Whole); !slices.Contains(corpus.DocumentKinds(), documents) {
		return nil, setting.Errorf("%v is %.20q, must be whole, line or paragraph", setting.Name("documents"), string(documents))
	}
	c, err := open(r, size)
	if err != nil {
		return nil, err
	}
	if err := c.rename(o.Map); err != nil {
		return nil, err
	}
	l, err := c.layout()
	if err != nil {
		return nil, err
	}
	symbols, where, err := c.alphabet(l, o)
	if err != nil {
		return nil, err
	}
	a, rows, err := newAlphabet(symbols, o.Symbols)
	if err != nil {
		return nil, err
	}
	n, err := l.network(c, rows, o.Activation)
	if err != nil {
		return nil, err
	}
	return &Import{&model.Model{Network: n, Alphabet: a, Documents: o.Documents}, l.parts(), where}, nil
}
