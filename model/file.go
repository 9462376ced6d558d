package model

import (
	"cmp"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"slices"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/internal/safetensors"
	"github.com/seed-f4dd853e/elman/rnn"
)

// format is the version that Write writes. Read reads version 1 too.
const format = 2

// The tensors of the alphabet.
const (
	symbolsName = "alphabet.symbols"
	lengthsName = "alphabet.lengths"
	mergesName  = "alphabet.merges" // of subwords only
)

// A header is the JSON object in the metadata.
type header struct {
	Format    int              `json:"format"`
	Network   rnn.Config       `json:"network"`
	Alphabet  corpus.Form      `json:"alphabet"`
	Documents corpus.Documents `json:"documents,omitempty"`
	Summary   Summary          `json:"summary"`
}

// Write writes the model file. The same model gives the same bytes.
func (m *Model) Write(w io.Writer) error {
	a := m.Alphabet
	object, err := json.Marshal(header{format, m.Network.Config(), a.Form(), m.Documents, m.Summary})
	if err != nil {
		return err
	}
	text, lengths := a.Symbols()
	return safetensors.Write(w, object, m.tensors([]byte(text), toBytes(lengths), toBytes(a.Merges())))
}

// tensors returns the tensors of the file, the alphabet's from their bytes.
func (m *Model) tensors(symbols, lengths, merges []byte) []safetensors.Source {
	all := m.weights()
	if m.Alphabet.Kind() == corpus.Subwords {
		all = append(all, safetensors.Bytes(mergesName, "I32", merges))
	}
	return append(all, safetensors.Bytes(lengthsName, "I32", lengths), safetensors.Bytes(symbolsName, "U8", symbols))
}

func toBytes(numbers []int32) (b []byte) {
	for _, n := range numbers {
		b = binary.LittleEndian.AppendUint32(b, uint32(n))
	}
	return b
}

func fromBytes(b []byte) []int32 {
	numbers := make([]int32, len(b)/4)
	for i := range numbers {
		numbers[i] = int32(binary.LittleEndian.Uint32(b[4*i:]))
	}
	return numbers
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
	var h header
	wrong := file.Decode(&h)
	if wrong == nil { // before the checksum: another program may have written float16 weights
		if err := checkTypes(file, h.Network.Precision); err != nil {
			return nil, err
		}
	}
	if err := file.Verify(); err != nil {
		return nil, err
	}
	if wrong != nil {
		return nil, wrong
	}
	m := &Model{Documents: h.Documents, Summary: h.Summary}
	own := []string{symbolsName, lengthsName}
	if h.Alphabet.Kind == corpus.Subwords {
		own = append(own, mergesName)
	}
	if err := m.readNetwork(file, h.Network, own...); err != nil {
		return nil, err
	}
	text, err := file.ReadVector(symbolsName, "U8")
	if err != nil {
		return nil, err
	}
	lengths, err := file.ReadVector(lengthsName, "I32")
	if err != nil {
		return nil, err
	}
	var merges []byte
	if h.Alphabet.Kind == corpus.Subwords {
		if merges, err = file.ReadVector(mergesName, "I32"); err != nil {
			return nil, err
		}
	}
	if m.Alphabet, err = corpus.RestoreAlphabet(h.Alphabet, string(text), fromBytes(lengths), fromBytes(merges)); err != nil {
		return nil, err
	}
	if err := m.checkAlphabet(); err != nil {
		return nil, err
	}
	if err := file.VerifyRead(m.tensors(text, lengths, merges)); err != nil {
		return nil, err
	}
	return m, nil
}

// checkTypes fails if weights are neither F32 nor what a network of this precision has in its place.
func checkTypes(file *safetensors.File, p rnn.Precision) error {
	for _, t := range file.Tensors() {
		if t.Type != "F32" && t.Type != typeOf(p) && t.Name != symbolsName && t.Name != lengthsName && t.Name != mergesName {
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
		if err := file.Check(p.Name, typeOf(p.Precision), p.Shape()...); err != nil {
			return err
		}
		others = append(others, p.Name)
		if p.Precision == rnn.Int8 {
			others = append(others, scaleName(p))
		}
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
	if want, have := c.Weights()*int64(c.Precision.Bits())/8, file.Size(); want > have {
		return fmt.Errorf("metadata: network: hidden %d, layers %d and %d symbols make %d bytes of weights, the file has %d", c.Hidden, c.Layers, c.Symbols, want, have)
	}
	for l := range c.Layers {
		if name := c.InputWeightName(l); !file.Has(name) {
			return fmt.Errorf("tensor %q is missing", name)
		}
	}
	return nil
}
