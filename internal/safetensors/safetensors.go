// Package safetensors reads and writes the safetensors format, in which models are exchanged between frameworks
// (github.com/huggingface/safetensors):
//
//	8 bytes    N, the length of the header, little-endian
//	N bytes    the header: a JSON object, padded with spaces so that the data begin at a multiple of 8
//	the rest   the data: every tensor's elements, little-endian, last index fastest
//
//	{"__metadata__": {"KEY": "VALUE", ...},
//	 "NAME": {"dtype": "F32", "shape": [ROWS, COLUMNS], "data_offsets": [BEGIN, END]}, ...}
//
// Offsets count from the start of the data. The tensors together cover the data exactly: no hole, no overlap, nothing
// behind the last. The reader takes no header on trust: every length is checked against the size of the file before
// memory is set aside for it, so that a bad file costs an error and a small multiple of its own size.
package safetensors

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
)

// MaxHeader is the longest header that is read or written, in bytes; the reference implementation has the same bound.
const MaxHeader = 100_000_000

// A Tensor is an entry of the header.
type Tensor struct {
	Name  string
	Type  string // "F32", "I64", ...
	Shape []int  // empty for a single number

	begin, end int64 // within the data
}

// sizes gives the bytes per element of every type of the format whose elements are whole bytes.
var sizes = map[string]int64{
	"BOOL": 1, "U8": 1, "I8": 1, "F8_E5M2": 1, "F8_E4M3": 1, "F8_E8M0": 1,
	"U16": 2, "I16": 2, "F16": 2, "BF16": 2,
	"U32": 4, "I32": 4, "F32": 4,
	"U64": 8, "I64": 8, "F64": 8, "C64": 8,
}

// bytes returns the size that type and shape ask for.
func (t *Tensor) bytes() (int64, error) {
	n, ok := sizes[t.Type]
	if !ok {
		return 0, fmt.Errorf("dtype %s is unknown", quote(t.Type))
	}
	for _, d := range t.Shape {
		if d < 0 || d > 0 && n > math.MaxInt64/int64(d) {
			return 0, fmt.Errorf("shape %v is too large", t.Shape)
		}
		n *= int64(d)
	}
	return n, nil
}

// A File is the header of a file, found consistent with itself and with the file's size, and the way to its data.
type File struct {
	Metadata map[string]string
	Tensors  []Tensor // in the order of their data

	data *io.SectionReader
}

// Open reads and checks the header of a file of the given size. The data are read later, from r.
func Open(r io.ReaderAt, size int64) (*File, error) {
	var prefix [8]byte
	if size < int64(len(prefix)) {
		return nil, fmt.Errorf("%d bytes are too few for a safetensors file", size)
	}
	if err := readAt(r, prefix[:], 0); err != nil {
		return nil, err
	}
	length := binary.LittleEndian.Uint64(prefix[:])
	if length > MaxHeader {
		return nil, fmt.Errorf("header length %d is above the limit of %d: no safetensors file", length, MaxHeader)
	}
	start := int64(len(prefix)) + int64(length)
	if start > size {
		return nil, fmt.Errorf("header length %d goes beyond the file of %d bytes", length, size)
	}
	header := make([]byte, length)
	if err := readAt(r, header, int64(len(prefix))); err != nil {
		return nil, err
	}
	f := &File{data: io.NewSectionReader(r, start, size-start)}
	if err := f.parse(header); err != nil {
		return nil, fmt.Errorf("header: %w", err)
	}
	if err := f.checkCover(); err != nil {
		return nil, err
	}
	return f, nil
}

// checkCover sorts the tensors by offset and checks that each is as long as its type and shape say, and that together
// they cover the data.
func (f *File) checkCover() error {
	slices.SortStableFunc(f.Tensors, func(a, b Tensor) int { // by end too: empty tensors first where both begin
		return cmp.Or(cmp.Compare(a.begin, b.begin), cmp.Compare(a.end, b.end))
	})
	var end int64
	for i := range f.Tensors {
		t := &f.Tensors[i]
		want, err := t.bytes()
		switch {
		case err != nil:
			return fmt.Errorf("tensor %s: %w", quote(t.Name), err)
		case t.begin > t.end || t.end-t.begin != want:
			return fmt.Errorf("tensor %s: data_offsets [%d, %d], want %d bytes for %s %v", quote(t.Name), t.begin, t.end, want, t.Type, t.Shape)
		case t.begin > end:
			return fmt.Errorf("tensor %s: data_offsets [%d, %d] leave a hole behind byte %d", quote(t.Name), t.begin, t.end, end)
		case t.begin < end:
			return fmt.Errorf("tensor %s: data_offsets [%d, %d] overlap the tensor before, which ends at %d", quote(t.Name), t.begin, t.end, end)
		}
		end = t.end
	}
	if size := f.data.Size(); end != size {
		return fmt.Errorf("tensors take %d bytes, the file holds %d", end, size)
	}
	return nil
}

// Find returns the entry of the named tensor.
func (f *File) Find(name string) (t Tensor, ok bool) {
	i := slices.IndexFunc(f.Tensors, func(t Tensor) bool { return t.Name == name })
	if i < 0 {
		return Tensor{}, false
	}
	return f.Tensors[i], true
}

// Check returns an error unless the named tensor is there, is of type F32 and has this shape.
func (f *File) Check(name string, shape ...int) error {
	_, err := f.float32s(name, shape)
	return err
}

// ReadFloat32 fills dst with the named tensor, which must be there, be of type F32 and have this shape. A dst that does not
// fit the shape panics.
func (f *File) ReadFloat32(dst []float32, name string, shape ...int) error {
	t, err := f.float32s(name, shape)
	if err != nil {
		return err
	}
	if int64(len(dst)) != (t.end-t.begin)/4 {
		panic(fmt.Sprintf("safetensors: %d floats for tensor %s of shape %v", len(dst), quote(name), shape))
	}
	buffer := make([]byte, min(t.end-t.begin, chunk))
	for at := t.begin; at < t.end; at += int64(len(buffer)) {
		buffer = buffer[:min(t.end-at, chunk)]
		if err := readAt(f.data, buffer, at); err != nil {
			return fmt.Errorf("tensor %s: %w", quote(name), err)
		}
		for i := 0; i < len(buffer); i += 4 {
			dst[i/4] = math.Float32frombits(binary.LittleEndian.Uint32(buffer[i:]))
		}
		dst = dst[len(buffer)/4:]
	}
	return nil
}

const chunk = 1 << 16 // bytes read or written at a time; a multiple of 4

func (f *File) float32s(name string, shape []int) (Tensor, error) {
	t, ok := f.Find(name)
	switch {
	case !ok:
		return t, fmt.Errorf("tensor %s is missing", quote(name))
	case t.Type != "F32":
		return t, fmt.Errorf("tensor %s: dtype %s, want F32", quote(name), t.Type)
	case !slices.Equal(t.Shape, shape):
		return t, fmt.Errorf("tensor %s: shape %v, want %v", quote(name), t.Shape, shape)
	}
	return t, nil
}

func readAt(r io.ReaderAt, p []byte, at int64) error {
	n, err := r.ReadAt(p, at)
	if n == len(p) {
		return nil
	}
	if err == nil || errors.Is(err, io.EOF) {
		return errors.New("the file ended while it was read")
	}
	return err
}

// quote makes a name from a file fit for an error of one line.
func quote(name string) string {
	if len(name) > 80 {
		return strconv.Quote(name[:80]) + "..."
	}
	return strconv.Quote(name)
}
