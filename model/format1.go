package model

import (
	"errors"
	"fmt"
	"strings"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/internal/safetensors"
	"github.com/seed-f4dd853e/elman/rnn"
)

// Format 1 has the alphabet in the JSON object, and a checksum of the weights alone, which may be missing.

type header1 struct {
	Format    int              `json:"format"`
	Network   rnn.Config       `json:"network"`
	Alphabet  *alphabet1       `json:"alphabet"`
	Documents corpus.Documents `json:"documents"`
	Summary   Summary          `json:"summary"`
}

type alphabet1 struct {
	Kind    corpus.Kind `json:"kind"`
	Open    bool        `json:"open"`
	Symbols []string    `json:"symbols"` // of chars and words
	Bytes   []int       `json:"bytes"`   // since JSON has no strings of bytes
}

func read1(file *safetensors.File) (*Model, error) {
	if err := checkTypes(file, rnn.Float32); err != nil {
		return nil, err
	}
	var h header1
	if err := file.Decode(&h); err != nil {
		return nil, err
	}
	if h.Alphabet == nil {
		return nil, errors.New("metadata: alphabet is missing")
	}
	m := &Model{Documents: h.Documents, Summary: h.Summary}
	if err := m.readNetwork(file, h.Network); err != nil {
		return nil, err
	}
	var err error
	if m.Alphabet, err = h.Alphabet.restore(); err != nil {
		return nil, fmt.Errorf("metadata: %w", err)
	}
	if sum, ok := file.Metadata("sha256"); ok && sum != m.Hash() {
		return nil, errors.New("tensors differ from their checksum (sha256 in the metadata): the file is damaged, or a program changed them and kept the entry")
	}
	return m, m.checkAlphabet()
}

func (a *alphabet1) restore() (*corpus.Alphabet, error) {
	symbols := a.Symbols
	switch {
	case a.Kind == corpus.Bytes && a.Symbols != nil:
		return nil, errors.New("alphabet: kind is bytes, and there are symbols")
	case a.Kind != corpus.Bytes && a.Bytes != nil:
		return nil, fmt.Errorf("alphabet: kind is %.20q, and there are bytes", a.Kind)
	}
	for _, b := range a.Bytes {
		if b < 0 || b > 255 {
			return nil, fmt.Errorf("alphabet: bytes: %d is no byte", b)
		}
		symbols = append(symbols, string([]byte{byte(b)}))
	}
	lengths := make([]int32, len(symbols))
	for i, s := range symbols {
		lengths[i] = int32(len(s))
	}
	return corpus.RestoreAlphabet(corpus.Form{Kind: a.Kind, Open: a.Open}, strings.Join(symbols, ""), lengths, nil)
}
