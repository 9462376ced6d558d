package model

import (
	"cmp"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"slices"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/internal/f32"
	"github.com/seed-f4dd853e/elman/internal/safetensors"
	"github.com/seed-f4dd853e/elman/rnn"
)

// format is the version that Write writes. Read reads version 1 too.
const format = 2

// The tensors of the alphabet.
const (
	symbolsName = "alphabet.symbols"
	lengthsName = "alphabet.lengths"
)

// A header is the JSON object in the metadata.
type header struct {
	Format    int              `json:"format"`
	Network   rnn.Config       `json:"network"`
	Alphabet  alphabetHeader   `json:"alphabet"`
	Documents corpus.Documents `json:"documents,omitempty"`
	Summary   Summary          `json:"summary"`
}

type alphabetHeader struct {
	Kind corpus.Kind `json:"kind"`
	Open bool        `json:"open,omitempty"`
}

// Write writes the model file. The same model gives the same bytes.
func (m *Model) Write(w io.Writer) error {
	a := m.Alphabet
	object, err := json.Marshal(header{format, m.Network.Config(), alphabetHeader{a.Kind(), a.Escape() >= 0}, m.Documents, m.Summary})
	if err != nil {
		return err
	}
	text, lengths := a.Symbols()
	var words []byte
	for _, n := range lengths {
		words = binary.LittleEndian.AppendUint32(words, uint32(n))
	}
	return safetensors.Write(w, object, m.tensors([]byte(text), words))
}

// tensors returns the tensors of the file, the alphabet's from their bytes.
func (m *Model) tensors(symbols, lengths []byte) []safetensors.Source {
	scratch := newScratch(m.Network)
	var tensors []safetensors.Source
	for _, p := range m.Network.Params() {
		tensors = append(tensors, safetensors.Source{
			Tensor: safetensors.Tensor{Name: p.Name, Type: "F32", Shape: p.Shape()},
			Write:  func(w io.Writer) error { return scratch.write(w, p) },
		})
	}
	return append(tensors, safetensors.Bytes(lengthsName, "I32", lengths), safetensors.Bytes(symbolsName, "U8", symbols))
}

// Read reads a model file of the given size. It takes memory in proportion to the size, whatever the file holds. On a file
// that breaks the format it fails with one line that names what is wrong.
func Read(r io.ReaderAt, size int64) (*Model, error) {
	file, err := safetensors.Open(r, size)
	if err != nil {
		return nil, err
	}
	version, err := file.Format()
	if err != nil {
		return nil, err
	}
	switch version {
	case 1:
		return read1(file)
	case format:
		return read2(file)
	}
	return nil, fmt.Errorf("metadata: format is %d, this program reads 1 and %d", version, format)
}

// Verify reads a model file of the given size in small pieces, compares it with its checksum, and returns settings and
// summary. It believes a file of format 1, whose checksum needs the whole network, and returns nothing of it.
func Verify(r io.ReaderAt, size int64) (c rnn.Config, s Summary, err error) {
	file, err := safetensors.Open(r, size)
	if err != nil {
		return c, s, err
	}
	if version, err := file.Format(); err != nil || version < format {
		return c, s, err
	}
	if err := file.Verify(); err != nil {
		return c, s, err
	}
	var h header
	err = file.Decode(&h)
	return h.Network, h.Summary, err
}

func read2(file *safetensors.File) (*Model, error) {
	if err := checkTypes(file); err != nil { // before the checksum: another program may have written float16 weights
		return nil, err
	}
	if err := file.Verify(); err != nil {
		return nil, err
	}
	var h header
	if err := file.Decode(&h); err != nil {
		return nil, err
	}
	m := &Model{Documents: h.Documents, Summary: h.Summary}
	if err := m.readNetwork(file, h.Network, symbolsName, lengthsName); err != nil {
		return nil, err
	}
	text, err := file.ReadVector(symbolsName, "U8")
	if err != nil {
		return nil, err
	}
	words, err := file.ReadVector(lengthsName, "I32")
	if err != nil {
		return nil, err
	}
	lengths := make([]int32, len(words)/4)
	for i := range lengths {
		lengths[i] = int32(binary.LittleEndian.Uint32(words[4*i:]))
	}
	if m.Alphabet, err = corpus.RestoreAlphabet(h.Alphabet.Kind, h.Alphabet.Open, string(text), lengths); err != nil {
		return nil, err
	}
	if err := m.checkAlphabet(); err != nil {
		return nil, err
	}
	if err := file.VerifyRead(m.tensors(text, words)); err != nil {
		return nil, err
	}
	return m, nil
}

// checkTypes fails if weights are not F32.
func checkTypes(file *safetensors.File) error {
	for _, t := range file.Tensors() {
		if t.Type != "F32" && t.Name != symbolsName && t.Name != lengthsName {
			return fmt.Errorf("tensor %q: dtype %s, want F32: convert the weights to float32", t.Name, t.Type)
		}
	}
	return nil
}

// checkAlphabet checks that the parts of a model fit together.
func (m *Model) checkAlphabet() error {
	if !slices.Contains(corpus.DocumentKinds(), cmp.Or(m.Documents, corpus.Whole)) {
		return fmt.Errorf("metadata: documents is %.20q: there are whole, line, paragraph", m.Documents)
	}
	if have, want := m.Alphabet.Size(), m.Network.Config().Symbols; have != want {
		return fmt.Errorf("alphabet: %d symbols, the network has %d", have, want)
	}
	return nil
}

// readNetwork reads the weights of a network. The file must hold all of them and nothing else but the tensors named in others.
func (m *Model) readNetwork(file *safetensors.File, c rnn.Config, others ...string) error {
	c, err := c.WithDefaults()
	if err != nil {
		return fmt.Errorf("metadata: network: %w", err)
	}
	if err := checkSizes(file, c); err != nil {
		return err
	}
	if err := c.CheckMemory(rnn.WindowUse{T: 1, B: 1, Inference: true}); err != nil { // the least that any use takes
		return err
	}
	network, err := rnn.New(c)
	if err != nil {
		return fmt.Errorf("metadata: network: %w", err)
	}
	for _, p := range network.Params() {
		if err := file.Check(p.Name, "F32", p.Shape()...); err != nil {
			return err
		}
		others = append(others, p.Name)
	}
	for _, t := range file.Tensors() {
		if !slices.Contains(others, t.Name) {
			return fmt.Errorf("tensor %.60q does not belong to the network", t.Name)
		}
	}
	scratch := newScratch(network)
	for _, p := range network.Params() {
		if err := scratch.read(file, p); err != nil {
			return err
		}
		if p.Frozen && p.Rows == 0 && slices.ContainsFunc(p.Value, func(x float32) bool { return x != 0 }) {
			return fmt.Errorf("tensor %q: must be zero, the %s cell has no use for a second bias", p.Name, c.Cell)
		}
	}
	network.Updated()
	m.Network = network
	return nil
}

// checkSizes checks that the file holds the weights and layers of a network of these sizes, so that the network takes no more
// memory than the file. Names and shapes are compared later, once there is a network.
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

// A scratch is a buffer through which weights are read and written in pieces; a copy of a whole matrix could double the
// memory.
type scratch struct {
	values []float32
	bytes  []byte
}

func newScratch(n *rnn.Network) *scratch {
	return &scratch{values: make([]float32, min(1<<12, n.Config().Weights()))}
}

// read reads the values of p.
func (s *scratch) read(file *safetensors.File, p *rnn.Param) error {
	for at, part := range pieces(p, s.values) {
		if err := file.ReadFloat32(part, at, p.Name, p.Shape()...); err != nil {
			return err
		}
		if i := slices.IndexFunc(part, notFinite); i >= 0 { // training never saves one
			return fmt.Errorf("tensor %q: weight %d is %v", p.Name, at+i, part[i])
		}
		fromFile(p, at, part)
	}
	return nil
}

// write writes the values of p.
func (s *scratch) write(w io.Writer, p *rnn.Param) error {
	for at, part := range pieces(p, s.values) {
		toFile(part, p, at)
		s.bytes = safetensors.AppendFloat32(s.bytes[:0], part)
		if _, err := w.Write(s.bytes); err != nil {
			return err
		}
	}
	return nil
}

// pieces cuts the values of p, in file order, into pieces that fit scratch: of a matrix that is transposed in memory, whole
// rows or parts of one. It yields the beginning of each piece, and as much of scratch as it takes.
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

// toFile sets values to a piece of p, which begins at number at in file order.
func toFile(values []float32, p *rnn.Param, at int) {
	if p.Transposed {
		inFile, inMemory := blocks(p, at, values)
		f32.Transpose(inFile, inMemory)
	} else {
		copy(values, p.Value[at:])
	}
}

// fromFile sets a piece of p, which begins at number at in file order, to values.
func fromFile(p *rnn.Param, at int, values []float32) {
	if p.Transposed {
		inFile, inMemory := blocks(p, at, values)
		f32.Transpose(inMemory, inFile)
	} else {
		copy(p.Value[at:], values)
	}
}

// blocks returns a piece of a transposed matrix, rows or a part of one, as it is in a file, and its position in memory.
func blocks(p *rnn.Param, at int, values []float32) (inFile, inMemory f32.Matrix) {
	rows := max(1, len(values)/p.Rows)
	columns := len(values) / rows
	row, column := at/p.Rows, at%p.Rows
	return f32.Mat(values, rows, columns), f32.Matrix{Data: p.Value[column*p.Cols+row:], Rows: columns, Cols: rows, Stride: p.Cols}
}

func notFinite(x float32) bool { return x-x != 0 }
