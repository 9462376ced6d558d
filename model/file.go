package model

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/internal/f32"
	"github.com/seed-f4dd853e/elman/internal/safetensors"
	"github.com/seed-f4dd853e/elman/rnn"
)

const (
	metadataKey   = "elman"
	formatVersion = 1
)

// header is the JSON object in the metadata.
type header struct {
	Format    int              `json:"format"`
	Network   rnn.Config       `json:"network"`
	Alphabet  *corpus.Alphabet `json:"alphabet"`
	Documents corpus.Documents `json:"documents,omitempty"`
	Summary   Summary          `json:"summary"`
}

// An unreadHeader is a header whose alphabet is still text: symbols take many times the memory that their names do.
type unreadHeader struct {
	Format    int              `json:"format"`
	Network   rnn.Config       `json:"network"`
	Alphabet  json.RawMessage  `json:"alphabet"`
	Documents corpus.Documents `json:"documents"`
	Summary   Summary          `json:"summary"`
}

// Write writes the model as a file. The same model gives the same bytes.
func (m *Model) Write(w io.Writer) error {
	text, err := json.Marshal(header{formatVersion, m.Network.Config(), m.Alphabet, m.Documents, m.Summary})
	if err != nil {
		return err
	}
	var tensors []safetensors.Tensor
	for _, p := range m.Network.Params() {
		tensors = append(tensors, safetensors.Tensor{Name: p.Name, Shape: shape(p)})
	}
	file, err := safetensors.NewWriter(w, map[string]string{metadataKey: string(text)}, tensors)
	if err != nil {
		return err
	}
	var scratch []float32
	for _, p := range m.Network.Params() {
		scratch = toFile(scratch, p)
		if err := file.WriteFloat32(scratch); err != nil {
			return err
		}
	}
	return file.Close()
}

// Read reads a model from a file of the given size.
func Read(r io.ReaderAt, size int64) (*Model, error) {
	file, err := safetensors.Open(r, size)
	if err != nil {
		return nil, err
	}
	h, err := readHeader(file)
	if err != nil {
		return nil, err
	}
	network, err := rnn.New(h.Network)
	if err != nil {
		return nil, fmt.Errorf("metadata: network: %w", err)
	}
	params := network.Params()
	for _, p := range params {
		if err := file.Check(p.Name, shape(p)...); err != nil {
			return nil, err
		}
	}
	if len(file.Tensors) > len(params) {
		return nil, fmt.Errorf("%d tensors, want the %d of the network", len(file.Tensors), len(params))
	}
	var scratch []float32
	for _, p := range params {
		scratch = grow(scratch, len(p.Value))
		if err := file.ReadFloat32(scratch, p.Name, shape(p)...); err != nil {
			return nil, err
		}
		if i := slices.IndexFunc(scratch, notFinite); i >= 0 { // no training saves one: it comes from damage
			return nil, fmt.Errorf("tensor %q: weight %d is %v", p.Name, i, scratch[i])
		}
		fromFile(p, scratch)
		if p.Frozen && slices.ContainsFunc(p.Value, func(x float32) bool { return x != 0 }) {
			return nil, fmt.Errorf("tensor %q: must be zero, the %s cell has no use for a second bias", p.Name, h.Network.Cell)
		}
	}
	network.Updated()
	return &Model{network, h.Alphabet, h.Documents, h.Summary}, nil
}

func readHeader(file *safetensors.File) (h header, err error) {
	text, ok := file.Metadata[metadataKey]
	if !ok {
		return h, errors.New(`no entry "elman" in the metadata: not a model of elman's`)
	}
	var version struct {
		Format int `json:"format"`
	}
	// Before the rest, which another version may write differently. What is wrong with the text itself, ReadObject says.
	if json.Unmarshal([]byte(text), &version) == nil && version.Format != formatVersion {
		return h, fmt.Errorf("metadata: format is %d, this program reads %d", version.Format, formatVersion)
	}
	var unread unreadHeader
	if err := file.ReadObject(metadataKey, &unread); err != nil {
		return h, err
	}
	if len(unread.Alphabet) == 0 || string(unread.Alphabet) == "null" {
		return h, errors.New("metadata: alphabet is missing")
	}
	h.Format, h.Documents, h.Summary = unread.Format, unread.Documents, unread.Summary
	if !slices.Contains(corpus.DocumentKinds(), cmp.Or(h.Documents, corpus.Whole)) {
		return h, fmt.Errorf("metadata: documents is %.20q: there are whole, line, paragraph", h.Documents)
	}
	if h.Network, err = unread.Network.WithDefaults(); err != nil {
		return h, fmt.Errorf("metadata: network: %w", err)
	}
	if err := checkSizes(file, h.Network); err != nil {
		return h, err
	}
	if h.Alphabet, err = readAlphabet(unread.Alphabet); err != nil {
		return h, fmt.Errorf("metadata: %w", err)
	}
	if h.Alphabet.Size() != h.Network.Symbols {
		return h, fmt.Errorf("metadata: the alphabet has %d symbols, the network %d", h.Alphabet.Size(), h.Network.Symbols)
	}
	return h, nil
}

func readAlphabet(text []byte) (*corpus.Alphabet, error) {
	a := new(corpus.Alphabet)
	err := json.Unmarshal(text, a)
	if e, ok := errors.AsType[*json.UnmarshalTypeError](err); ok { // whose own words are about Go's structs
		return nil, fmt.Errorf("alphabet.%s: %.100s where %s should be", e.Field, e.Value, e.Type.Kind())
	}
	return a, err
}

// checkSizes makes sure that the file holds matrices of the sizes that c speaks of, so that a network of these sizes takes
// no more memory than the file, give or take the gates of its cell. Read compares the exact shapes once there is a network.
func checkSizes(file *safetensors.File, c rnn.Config) error {
	inputs := c.Symbols
	for l := range c.Layers {
		if err := checkColumns(file, fmt.Sprintf("rnn.weight_ih_l%d", l), c.Hidden, inputs); err != nil {
			return err
		}
		if err := checkColumns(file, fmt.Sprintf("rnn.weight_hh_l%d", l), c.Hidden, c.Hidden); err != nil {
			return err
		}
		inputs = c.Hidden
	}
	return checkColumns(file, "decoder.weight", c.Symbols, c.Hidden)
}

// checkColumns checks for a matrix of at least so many rows and exactly so many columns.
func checkColumns(file *safetensors.File, name string, rows, cols int) error {
	t, ok := file.Find(name)
	if !ok {
		return fmt.Errorf("tensor %q is missing", name)
	}
	if len(t.Shape) != 2 || t.Shape[0] < rows || t.Shape[1] != cols {
		return fmt.Errorf("tensor %q: shape %v, want at least %d rows and %d columns", name, t.Shape, rows, cols)
	}
	return nil
}

// shape returns the shape of p in a file.
func shape(p *rnn.Param) []int {
	switch {
	case p.Rows == 0:
		return []int{p.Cols}
	case p.Transposed:
		return []int{p.Cols, p.Rows}
	}
	return []int{p.Rows, p.Cols}
}

// toFile returns the values of p in the order of a file, in scratch, grown if need be.
func toFile(scratch []float32, p *rnn.Param) []float32 {
	scratch = grow(scratch, len(p.Value))
	if p.Transposed {
		f32.Transpose(f32.Mat(scratch, p.Cols, p.Rows), p.Matrix())
	} else {
		copy(scratch, p.Value)
	}
	return scratch
}

// fromFile sets p to values in the order of a file.
func fromFile(p *rnn.Param, values []float32) {
	if p.Transposed {
		f32.Transpose(p.Matrix(), f32.Mat(values, p.Cols, p.Rows))
	} else {
		copy(p.Value, values)
	}
}

func notFinite(x float32) bool { return x-x != 0 }

func grow(scratch []float32, n int) []float32 {
	if cap(scratch) < n {
		return make([]float32, n)
	}
	return scratch[:n]
}
