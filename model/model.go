// Package model joins a network and its alphabet to a language model that lives in one file.
//
// The file is a safetensors file. Its tensors carry the names and layouts of a PyTorch module with the members rnn (RNN,
// LSTM, GRU) and decoder (Linear), whose load_state_dict takes them as they are. Where the settings ask for more, there is
// more; E is the embedding's width, M the MLP's, K the convolution's:
//
//	embedding.weight        Embedding(V, E); with tied weights decoder.weight is left out, since it is the same
//	codes.weight            [V, E] rnn.Config.Codes, bits that are read in place of an embedding and, by a decoder of E outputs
//	                        with sigmoids behind it, predicted
//	conv.L.weight, bias     Conv1d(C, C, K, groups=C) in front of layer L, the stream padded with K-1 zeros on the left; with
//	                        it each layer of rnn is a module of its own
//	rnn.h0_lL, rnn.c0_lL    [H] a learned initial state of layer L, c0 for the LSTM; PyTorch's modules take it as an input
//	rnn.gain_ih_lL, gain_hh_lL, gain_c_lL, bias_c_lL
//	                        layer normalisation in the cell, rnn.Config.LayerNorm, which PyTorch's modules lack; the first
//	                        two [G*H], the others [H] and for the LSTM alone
//
// A stack of blocks has no rnn, but for each block L:
//
//	blocks.L.conv.weight, bias                  as above
//	blocks.L.cell.weight_ih_l0, and so on       RNN, LSTM or GRU (H, H)
//	blocks.L.mlp.0.weight, bias                 Linear(H, M)
//	blocks.L.mlp.2.weight, bias                 Linear(M, H)
//
// from which x = embedding(s), in each block x = x + cell(conv(norm(x))) and x = x + mlp(norm(x)) with mlp =
// Sequential(Linear, ReLU, Linear), and decoder(norm(x)) make logits; norm(x) = x / sqrt(mean(x^2) + 1e-5) has no weights.
//
// The alphabet is in two tensors more, which load_state_dict does not take:
//
//	alphabet.symbols        U8, the symbols in their order, each in UTF-8 or of one byte, joined; the escape left out
//	alphabet.lengths        I32, the bytes of each symbol (PyTorch knew no unsigned numbers of 32 bits for long)
//
// The metadata entry "elman" is a JSON object:
//
//	format      version of the file, 2
//	network     rnn.Config: cell, activation, sizes, shape of the stack
//	alphabet    kind, a corpus.Kind, and open: whether there is an escape
//	documents   corpus.Documents: which texts are texts of their own; may be missing, and is "whole" then
//	summary     how the model was trained, for people to read
//
// The entry "sha256" is the checksum of object and tensors: package safetensors says of which bytes. There is no other entry,
// no other tensor and no other field. Files of format 1, which had the alphabet in the object and a checksum of the weights
// alone, are read as well.
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
	"github.com/seed-f4dd853e/elman/internal/regular"
	"github.com/seed-f4dd853e/elman/rnn"
)

// FileName is the model's name within a run folder.
const FileName = "model.safetensors"

// ErrNotFinite says that a model gives logits which are no numbers: its training diverged, or its file is damaged.
var ErrNotFinite = errors.New("the model's logits are not finite")

// ErrCodes says that a model has no probabilities to score a text or draw a sample by: it predicts codes.
var ErrCodes = errors.New("the model predicts codes of symbols, not their probabilities; take one that was trained without codes")

// A Model predicts the next symbol of a text. Network has as many symbols as Alphabet.
type Model struct {
	Network   *rnn.Network
	Alphabet  *corpus.Alphabet
	Documents corpus.Documents // what it starts anew with; "" means corpus.Whole
	Summary   Summary
}

// OfDocuments says whether the model starts anew with each of several texts.
func (m *Model) OfDocuments() bool { return m.Documents != "" && m.Documents != corpus.Whole }

// CheckProbabilities returns ErrCodes unless the model gives each symbol a probability.
func (m *Model) CheckProbabilities() error {
	if m.Network.Config().Codes > 0 {
		return ErrCodes
	}
	return nil
}

// A Summary tells how a model was trained. Nothing depends on it; a field of 0 or "" is unknown.
type Summary struct {
	Steps     int64   `json:"steps,omitempty"`      // training steps
	Symbols   int64   `json:"symbols,omitempty"`    // seen in training, each time counted
	Loss      float64 `json:"loss,omitempty"`       // in training, nats per symbol
	ValidLoss float64 `json:"valid_loss,omitempty"` // on text held out, nats per symbol
	Seed      uint64  `json:"seed,omitempty"`
	Corpus    string  `json:"corpus,omitempty"` // SHA-256 of the text

	TrainSymbols int64  `json:"train_symbols,omitempty"` // of the text's beginning, that were learned from; the rest was held out
	Language     string `json:"language,omitempty"`      // the generated language that the text was generated of
}

// Load reads the model at path, which is a model file or a run folder.
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
	return Read(f, size)
}

// Save replaces the file at path by the model, as a whole or not at all.
func (m *Model) Save(path string) error {
	return atomicfile.Write(path, m.Write)
}

// Hash returns the SHA-256, in hexadecimal, of the weights alone, as the file has them: the same training gives the same hash,
// whatever the summary says. Of each tensor it takes name and shape, as in "decoder.weight [65 256]", a line feed, and the
// floats, little-endian.
func (m *Model) Hash() string {
	h, scratch := sha256.New(), newScratch(m.Network)
	for _, p := range m.Network.Params() {
		fmt.Fprintf(h, "%s %d\n", p.Name, p.Shape())
		scratch.write(h, p) // a hash takes everything
	}
	return hex.EncodeToString(h.Sum(nil))
}
