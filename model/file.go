package model

import (
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
	Format   int              `json:"format"`
	Network  rnn.Config       `json:"network"`
	Alphabet *corpus.Alphabet `json:"alphabet"`
	Summary  Summary          `json:"summary"`
}

// An unreadHeader is a header whose alphabet is still text, which may be large.
type unreadHeader struct {
	Format   int        `json:"format"`
	Network  rnn.Config `json:"network"`
	Alphabet struct{}   `json:"alphabet"`
	Summary  Summary    `json:"summary"`
}

// Write writes the model as a file. The same model gives the same bytes.
func (m *Model) Write(w io.Writer) error {
	text, err := json.Marshal(header{formatVersion, m.Network.Config(), m.Alphabet, m.Summary})
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
	if file.Len() > len(params) {
		return nil, fmt.Errorf("%d tensors, want the %d of the network", file.Len(), len(params))
	}
	scratch := make([]float32, min(chunk, h.Network.Weights()))
	for _, p := range params {
		if err := readParam(file, p, scratch); err != nil {
			return nil, err
		}
		if p.Frozen && slices.ContainsFunc(p.Value, func(x float32) bool { return x != 0 }) {
			return nil, fmt.Errorf("tensor %q: must be zero, the %s cell has no use for a second bias", p.Name, h.Network.Cell)
		}
	}
	network.Updated()
	return &Model{network, h.Alphabet, h.Summary}, nil
}

// readParam reads the values of p, in pieces that fit scratch: another copy of a matrix would be half of all the memory.
func readParam(file *safetensors.File, p *rnn.Param, scratch []float32) error {
	for at := 0; at < len(p.Value); {
		part := scratch[:pieceOf(p, at, len(scratch))]
		if err := file.ReadFloat32(part, at, p.Name, shape(p)...); err != nil {
			return err
		}
		if i := slices.IndexFunc(part, notFinite); i >= 0 { // no training saves one: it comes from damage
			return fmt.Errorf("tensor %q: weight %d is %v", p.Name, at+i, part[i])
		}
		fromFile(p, at, part)
		at += len(part)
	}
	return nil
}

func readHeader(file *safetensors.File) (h header, err error) {
	if !file.HasMetadata(metadataKey) {
		return h, errors.New(`no entry "elman" in the metadata: not a model of elman's`)
	}
	object, err := file.Object(metadataKey, "alphabet")
	if err != nil {
		return h, err
	}
	var version struct {
		Format int `json:"format"`
	}
	// Before the rest, which another version may write differently. If it is no number, Decode says so.
	if json.Unmarshal(object.Text, &version) == nil && version.Format != formatVersion {
		return h, fmt.Errorf("metadata: format is %d, this program reads %d", version.Format, formatVersion)
	}
	var unread unreadHeader
	if err := object.Decode(&unread); err != nil {
		return h, err
	}
	if len(object.Large) == 0 || string(object.Large) == "null" {
		return h, errors.New("metadata: alphabet is missing")
	}
	h.Format, h.Summary = unread.Format, unread.Summary
	if h.Network, err = unread.Network.WithDefaults(); err != nil {
		return h, fmt.Errorf("metadata: network: %w", err)
	}
	if err := checkSizes(file, h.Network); err != nil {
		return h, err
	}
	if h.Alphabet, err = corpus.ReadAlphabet(object.Large, h.Network.Symbols); err != nil {
		return h, fmt.Errorf("metadata: %w", err)
	}
	return h, nil
}

// checkSizes makes sure that the file holds as many weights and layers as a network of these sizes, so that the network
// takes no more memory than the file. Read compares names and shapes once there is one.
func checkSizes(file *safetensors.File, c rnn.Config) error {
	if want, have := 4*c.Weights(), file.Size(); want > have {
		return fmt.Errorf("metadata: network: hidden %d, layers %d and %d symbols make %d bytes of weights, the file has %d", c.Hidden, c.Layers, c.Symbols, want, have)
	}
	for l := range c.Layers {
		if name := fmt.Sprintf("rnn.weight_ih_l%d", l); !file.Has(name) {
			return fmt.Errorf("tensor %q is missing", name)
		}
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

// chunk is the number of values that are read at a time.
const chunk = 1 << 12

// pieceOf returns how many values of a file from number at on are read together, at most so many: whole rows of a matrix
// that is transposed, or a part of one.
func pieceOf(p *rnn.Param, at, most int) int {
	left := len(p.Value) - at
	switch {
	case !p.Transposed:
		return min(left, most)
	case p.Rows <= most:
		return min(left, most/p.Rows*p.Rows)
	}
	return min(most, p.Rows-at%p.Rows)
}

// fromFile sets a piece of p to values in the order of a file.
func fromFile(p *rnn.Param, at int, values []float32) {
	if !p.Transposed {
		copy(p.Value[at:], values)
		return
	}
	row, column := at/p.Rows, at%p.Rows // of the file
	rows := max(1, len(values)/p.Rows)
	columns := len(values) / rows
	to := f32.Matrix{Data: p.Value[column*p.Cols+row:], Rows: columns, Cols: rows, Stride: p.Cols}
	f32.Transpose(to, f32.Mat(values, rows, columns))
}

func notFinite(x float32) bool { return x-x != 0 }

func grow(scratch []float32, n int) []float32 {
	if cap(scratch) < n {
		return make([]float32, n)
	}
	return scratch[:n]
}
