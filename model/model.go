// Package model holds a language model, a network with its alphabet, and reads and writes its file.
//
// The file is a safetensors file. Its tensors carry the names and layouts of a PyTorch module with the members rnn (RNN,
// LSTM, GRU) and decoder (Linear), so load_state_dict takes them as they are. Some settings add tensors; E is the width of the
// embedding, M of the MLP, K of the convolution:
//
//	embedding.weight        Embedding(V, E); with tied weights it is decoder.weight too, which is left out
//	codes.weight            [V, E] rnn.Config.Codes: bits that replace the embedding, and that a decoder of E sigmoid outputs
//	                        predicts
//	conv.L.weight, bias     Conv1d(C, C, K, groups=C) before layer L, the stream padded with K-1 zeros on the left; each layer of
//	                        rnn is then its own module
//	rnn.h0_lL, rnn.c0_lL    [H] a learned initial state of layer L, c0 for the LSTM; PyTorch's modules take it as an input
//	rnn.gain_ih_lL, gain_hh_lL, gain_c_lL, bias_c_lL
//	                        layer normalisation in the cell (rnn.Config.LayerNorm), which PyTorch's modules lack; the first
//	                        two are [G*H], the others [H] and of the LSTM only
//
// Weight matrices that are rounded (rnn.Precision) are of type BF16 or I8 in place of F32. Those in 8 bits come with their
// scales, one for each row of the matrix:
//
//	NAME_scale              F32, the weights are the numbers in NAME times this; the largest number of a row is 127 or -127,
//	                        and the scale has 16 significant bits, so that their product is exact
//
// A stack of blocks has no rnn; each block L has
//
//	blocks.L.conv.weight, bias                  as above
//	blocks.L.cell.weight_ih_l0, and so on       RNN, LSTM or GRU (H, H)
//	blocks.L.mlp.0.weight, bias                 Linear(H, M)
//	blocks.L.mlp.2.weight, bias                 Linear(M, H)
//
// from which x = embedding(s), in each block x = x + cell(conv(norm(x))) and x = x + mlp(norm(x)) with mlp =
// Sequential(Linear, ReLU, Linear), and decoder(norm(x)) make logits; norm(x) = x / sqrt(mean(x^2) + 1e-5) has no weights.
//
// The alphabet has tensors of its own; load_state_dict does not take them:
//
//	alphabet.symbols        U8, the symbols in order, each one byte or UTF-8, joined, without the escape
//	alphabet.lengths        I32, the length of each symbol in bytes (PyTorch had no U32 for long)
//	alphabet.merges         I32, of subwords only: for each symbol from number 256 on the two that it is made of. Bytes are merged in
//	                        the order of the symbols; package corpus says where none are
//
// The metadata entry "elman" is a JSON object:
//
//	format      version of the file, 2
//	network     rnn.Config: cell, activation, sizes, shape of the stack
//	alphabet    corpus.Form: the kind of the symbols, whether there is an escape, whether texts are read in lower case
//	documents   corpus.Documents: where the state restarts; if missing, "whole"
//	summary     how the model was trained, for people to read
//
// The entry "sha256" is the checksum of the object and the tensors; package safetensors says of which bytes. Other entries,
// tensors and fields are errors. Format 1, which had the alphabet in the object and a checksum of the weights alone, is
// still read.
package model

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/internal/atomicfile"
	"github.com/seed-f4dd853e/elman/internal/bundle"
	"github.com/seed-f4dd853e/elman/internal/regular"
	"github.com/seed-f4dd853e/elman/rnn"
)

// FileName is the name of the model file in a run folder.
const FileName = "model.safetensors"

// ErrNotFinite is the error for a model whose logits are NaN or infinite: its training diverged, or its file is damaged.
var ErrNotFinite = errors.New("the model's logits are not finite")

// ErrCodes is the error for a model that predicts codes (rnn.Config.Codes), which gives no probabilities to score or sample
// with.
var ErrCodes = errors.New("the model predicts codes of symbols, not their probabilities; take one that was trained without codes")

// A Model predicts the next symbol of a text. Network and Alphabet have the same number of symbols.
type Model struct {
	Network   *rnn.Network
	Alphabet  *corpus.Alphabet
	Documents corpus.Documents // where the state restarts; "" means corpus.Whole
	Summary   Summary
}

// OfDocuments reports whether the state restarts at documents.
func (m *Model) OfDocuments() bool { return m.Documents != "" && m.Documents != corpus.Whole }

// CheckProbabilities returns ErrCodes unless the model gives each symbol a probability.
func (m *Model) CheckProbabilities() error {
	if m.Network.Config().Codes > 0 {
		return ErrCodes
	}
	return nil
}

// A Summary says how a model was trained, for people to read. 0 and "" mean unknown.
type Summary struct {
	Steps     int64   `json:"steps,omitempty"`      // training steps
	Symbols   int64   `json:"symbols,omitempty"`    // seen in training, each time counted
	Loss      float64 `json:"loss,omitempty"`       // in training, nats per symbol
	PassLoss  float64 `json:"pass_loss,omitempty"`  // in training, over the last pass, or the last quarter of the first
	ValidLoss float64 `json:"valid_loss,omitempty"` // on text held out, nats per symbol
	Seed      uint64  `json:"seed,omitempty"`
	Corpus    string  `json:"corpus,omitempty"` // SHA-256 of the text

	TrainSymbols int64  `json:"train_symbols,omitempty"` // of the text's beginning, that were learned from; the rest was held out
	Language     string `json:"language,omitempty"`      // the generated language that the text was generated of
}

// Round returns a model with the weights rounded to a precision: another model, with a hash of its own. Its errors are those
// of rnn.Network.Round.
func (m *Model) Round(p rnn.Precision) (*Model, error) {
	n, err := m.Network.Round(p)
	if err != nil {
		return nil, err
	}
	r := *m
	r.Network = n
	return &r, nil
}

// Load reads a model file, the model in a run folder, or the one in a program that elman bundle wrote.
func Load(path string) (*Model, error) {
	m, err := load(path)
	if err != nil {
		return nil, fmt.Errorf("model %s: %w", path, err)
	}
	return m, nil
}

func load(path string) (*Model, error) {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		path = filepath.Join(path, FileName)
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			return nil, errors.New("the folder holds no " + FileName)
		}
	}
	f, size, err := regular.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	inside, err := bundle.Find(f, size)
	if err != nil {
		return nil, err
	}
	if inside == nil {
		return Read(f, size)
	}
	if err := inside.Verify(); err != nil {
		return nil, err
	}
	return Read(inside.Model, inside.Model.Size())
}

// Save replaces the file at path by the model, atomically.
func (m *Model) Save(path string) error {
	return atomicfile.Write(path, m.Write)
}

// Hash returns the SHA-256, in hexadecimal, of the weights alone: the same training gives the same hash. It covers, for each
// tensor in file order, its name and shape as in "decoder.weight [65 256]", a line feed, and the float32 values,
// little-endian. Of a tensor of another type the type follows the name, and the values are as in the file.
func (m *Model) Hash() string {
	h := sha256.New()
	for _, t := range m.weights() {
		name := t.Name
		if t.Type != "F32" {
			name += " " + t.Type
		}
		fmt.Fprintf(h, "%s %d\n", name, t.Shape)
		t.Write(h) // a hash never fails
	}
	return hex.EncodeToString(h.Sum(nil))
}
