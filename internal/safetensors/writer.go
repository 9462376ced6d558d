package safetensors

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"unicode/utf8"
)

// A Writer writes a file whose tensors are all F32. The same metadata, tensors and values give the same bytes.
type Writer struct {
	w       io.Writer
	tensors []Tensor // still to come
	sizes   []int64  // theirs, in bytes
	buffer  []byte
}

// NewWriter writes the header for these tensors, of which it takes name and shape. Their values follow, one
// [Writer.WriteFloat32] each, in the same order; then [Writer.Close].
func NewWriter(w io.Writer, metadata map[string]string, tensors []Tensor) (*Writer, error) {
	header, sizes, err := encodeHeader(metadata, tensors)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(binary.LittleEndian.AppendUint64(nil, uint64(len(header)))); err != nil {
		return nil, err
	}
	if _, err := w.Write(header); err != nil {
		return nil, err
	}
	return &Writer{w: w, tensors: slices.Clone(tensors), sizes: sizes}, nil
}

// encodeHeader also returns the sizes of the tensors in bytes.
func encodeHeader(metadata map[string]string, tensors []Tensor) (header []byte, sizes []int64, err error) {
	e := encoder{b: []byte("{")}
	if len(metadata) > 0 {
		e.string(metadataKey)
		e.b = append(e.b, ":{"...)
		for i, key := range slices.Sorted(maps.Keys(metadata)) {
			if i > 0 {
				e.b = append(e.b, ',')
			}
			e.string(key)
			e.b = append(e.b, ':')
			e.string(metadata[key])
		}
		e.b = append(e.b, '}')
	}
	seen := map[string]bool{metadataKey: true}
	var end int64
	for _, t := range tensors {
		if seen[t.Name] {
			return nil, nil, fmt.Errorf("tensor name %s is taken", quote(t.Name))
		}
		seen[t.Name] = true
		size, err := float32Bytes(t.Shape)
		if err != nil {
			return nil, nil, fmt.Errorf("tensor %s: %w", quote(t.Name), err)
		}
		sizes = append(sizes, size)
		if len(e.b) > 1 {
			e.b = append(e.b, ',')
		}
		e.string(t.Name)
		e.b = append(e.b, `:{"dtype":"F32","shape":[`...)
		for j, d := range t.Shape {
			if j > 0 {
				e.b = append(e.b, ',')
			}
			e.b = fmt.Append(e.b, d)
		}
		e.b = fmt.Appendf(e.b, `],"data_offsets":[%d,%d]}`, end, end+size)
		end += size
	}
	e.b = append(e.b, '}')
	for len(e.b)%8 != 0 {
		e.b = append(e.b, ' ')
	}
	if e.err == nil && len(e.b) > MaxHeader {
		e.err = fmt.Errorf("header of %d bytes is above the limit of %d", len(e.b), MaxHeader)
	}
	return e.b, sizes, e.err
}

func float32Bytes(shape []int) (int64, error) {
	total := int64(4)
	for _, n := range shape {
		if n < 0 || n > 0 && total > math.MaxInt64/int64(n) {
			return 0, fmt.Errorf("shape %v is too large", shape)
		}
		total *= int64(n)
	}
	return total, nil
}

type encoder struct {
	b   []byte
	err error // the first
}

func (e *encoder) string(s string) {
	if !utf8.ValidString(s) && e.err == nil { // JSON would change it
		e.err = fmt.Errorf("%s is not valid UTF-8", quote(s))
	}
	quoted, _ := json.Marshal(s) // cannot fail for a string
	e.b = append(e.b, quoted...)
}

// WriteFloat32 writes the values of the next tensor, bit for bit. A number of them that does not fit its shape panics, and
// so does a tensor too many.
func (w *Writer) WriteFloat32(values []float32) error {
	if len(w.tensors) == 0 {
		panic("safetensors: more values than tensors")
	}
	t, size := w.tensors[0], w.sizes[0]
	w.tensors, w.sizes = w.tensors[1:], w.sizes[1:]
	if int64(len(values)) != size/4 {
		panic(fmt.Sprintf("safetensors: %d floats for tensor %s of shape %v", len(values), quote(t.Name), t.Shape))
	}
	for part := range slices.Chunk(values, chunk/4) {
		w.buffer = w.buffer[:0]
		for _, x := range part {
			w.buffer = binary.LittleEndian.AppendUint32(w.buffer, math.Float32bits(x))
		}
		if _, err := w.w.Write(w.buffer); err != nil {
			return err
		}
	}
	return nil
}

// Close returns an error if values of some tensor have not been written. It does not close the underlying writer.
func (w *Writer) Close() error {
	if len(w.tensors) > 0 {
		return fmt.Errorf("tensor %s has not been written", quote(w.tensors[0].Name))
	}
	return nil
}
