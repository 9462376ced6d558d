package model

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
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

// An unreadHeader is a header whose alphabet is still text, which may be large.
type unreadHeader struct {
	Format    int              `json:"format"`
	Network   rnn.Config       `json:"network"`
	Alphabet  struct{}         `json:"alphabet"`
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
		tensors = append(tensors, safetensors.Tensor{Name: p.Name, Shape: p.Shape()})
	}
	file, err := safetensors.NewWriter(w, map[string]string{metadataKey: string(text), safetensors.ChecksumKey: m.Hash()}, tensors)
	if err != nil {
		return err
	}
	var scratch []float32
	for _, p := range m.Network.Params() {
		scratch = slices.Grow(scratch[:0], len(p.Value))[:len(p.Value)]
		toFile(scratch, p, 0)
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
		if err := file.Check(p.Name, p.Shape()...); err != nil {
			return nil, err
		}
	}
	if file.Len() > len(params) {
		return nil, fmt.Errorf("%d tensors, want the %d of the network", file.Len(), len(params))
	}
	scratch, sum := scratchFor(network), safetensors.NewChecksum()
	for _, p := range params {
		if err := readParam(file, p, scratch, sum); err != nil {
			return nil, err
		}
		if p.Frozen && p.Rows == 0 && slices.ContainsFunc(p.Value, func(x float32) bool { return x != 0 }) {
			return nil, fmt.Errorf("tensor %q: must be zero, the %s cell has no use for a second bias", p.Name, h.Network.Cell)
		}
	}
	if err := file.Verify(sum); err != nil {
		return nil, err
	}
	network.Updated()
	return &Model{network, h.Alphabet, h.Documents, h.Summary}, nil
}

// readParam reads the values of p, in pieces that fit scratch: another copy of a matrix would be half of all the memory. It
// adds them to the checksum.
func readParam(file *safetensors.File, p *rnn.Param, scratch []float32, sum *safetensors.Checksum) error {
	sum.Begin(p.Name, p.Shape()...)
	for at, part := range pieces(p, scratch) {
		if err := file.ReadFloat32(part, at, p.Name, p.Shape()...); err != nil {
			return err
		}
		if i := slices.IndexFunc(part, notFinite); i >= 0 { // no training saves one: it comes from damage
			return fmt.Errorf("tensor %q: weight %d is %v", p.Name, at+i, part[i])
		}
		sum.Add(part)
		fromFile(p, at, part)
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
		if name := c.InputWeightName(l); !file.Has(name) {
			return fmt.Errorf("tensor %q is missing", name)
		}
	}
	return nil
}

// scratchFor returns room for the pieces in which weights are read.
func scratchFor(n *rnn.Network) []float32 { return make([]float32, min(1<<12, n.Config().Weights())) }

// pieces cuts the values of p, in the order of a file, into pieces that fit scratch: whole rows of a matrix that lies
// transposed in memory, or parts of one. It yields where each begins, and as much of scratch as it takes.
func pieces(p *rnn.Param, scratch []float32) iter.Seq2[int, []float32] {
	return func(yield func(int, []float32) bool) {
		for at := 0; at < len(p.Value); {
			n := min(len(scratch), len(p.Value)-at)
			if p.Transposed && p.Rows <= n {
				n = n / p.Rows * p.Rows
			} else if p.Transposed {
				n = min(n, p.Rows-at%p.Rows)
			}
			if !yield(at, scratch[:n]) {
				return
			}
			at += n
		}
	}
}

// toFile sets values to a piece of p, from number at on in the order of a file.
func toFile(values []float32, p *rnn.Param, at int) {
	if p.Transposed {
		inFile, inMemory := blocks(p, at, values)
		f32.Transpose(inFile, inMemory)
	} else {
		copy(values, p.Value[at:])
	}
}

// fromFile sets a piece of p to values in the order of a file.
func fromFile(p *rnn.Param, at int, values []float32) {
	if p.Transposed {
		inFile, inMemory := blocks(p, at, values)
		f32.Transpose(inMemory, inFile)
	} else {
		copy(p.Value[at:], values)
	}
}

// blocks returns a piece of a transposed matrix as it lies in a file, rows or a part of one, and where it lies in memory.
func blocks(p *rnn.Param, at int, values []float32) (inFile, inMemory f32.Matrix) {
	rows := max(1, len(values)/p.Rows)
	columns := len(values) / rows
	row, column := at/p.Rows, at%p.Rows
	return f32.Mat(values, rows, columns), f32.Matrix{Data: p.Value[column*p.Cols+row:], Rows: columns, Cols: rows, Stride: p.Cols}
}

func notFinite(x float32) bool { return x-x != 0 }
