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
// Offsets count from the start of the data. The tensors cover the data exactly: no gap, no overlap, nothing after the last.
// The reader trusts no header: it checks every length against the size of the file before it allocates, so memory is
// proportional to the size of the file, whatever the file holds.
//
// Elman's files have two entries in the metadata: "elman", a small JSON object, and "sha256", a checksum of everything that
// has meaning: see [File.Verify].
package safetensors

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
)

// MaxHeader is the longest header read or written, in bytes; the reference implementation has the same limit. In model files
// of format 1 the header includes the alphabet: a million words take about 15 MB.
const MaxHeader = 100_000_000

// A Tensor is an entry of the header.
type Tensor struct {
	Name  string
	Type  string // "F32", "I32", "U8", ...
	Shape []int  // empty for a single number
}

// sizes are the bytes of an element, for the types of the format whose elements are whole bytes.
var sizes = map[string]int64{
	"F32": 4, "F64": 8, "F16": 2, "BF16": 2, "F8_E5M2": 1, "F8_E4M3": 1, "F8_E8M0": 1, "C64": 8,
	"I8": 1, "I16": 2, "I32": 4, "I64": 8, "U8": 1, "U16": 2, "U32": 4, "U64": 8, "BOOL": 1,
}

// A File gives access to the tensors of a file whose header has been checked. One goroutine may use it at a time.
type File struct {
	metadata map[string]string
	entries  []entry // by name
	data     *io.SectionReader
	buffer   []byte
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
		return nil, fmt.Errorf("not a safetensors file: header length %d is above the limit of %d", length, MaxHeader)
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

// Size returns the length of the data in bytes.
func (f *File) Size() int64 { return f.data.Size() }

// Len returns the number of tensors.
func (f *File) Len() int { return len(f.entries) }

// Tensors lists the tensors by name. The caller must not change their shapes.
func (f *File) Tensors() []Tensor {
	all := make([]Tensor, len(f.entries))
	for i, e := range f.entries {
		all[i] = e.Tensor
	}
	return all
}

// Has reports whether there is a tensor of this name.
func (f *File) Has(name string) bool {
	_, ok := f.find(name)
	return ok
}

func (f *File) find(name string) (int, bool) {
	return slices.BinarySearchFunc(f.entries, name, func(e entry, name string) int { return cmp.Compare(e.Name, name) })
}

// Check returns an error unless the named tensor is there and has this type and shape.
func (f *File) Check(name, dtype string, shape ...int) error {
	_, err := f.checked(name, dtype, shape)
	return err
}

func (f *File) checked(name, dtype string, shape []int) (*entry, error) {
	i, ok := f.find(name)
	if !ok {
		return nil, fmt.Errorf("tensor %s is missing", quote(name))
	}
	switch e := &f.entries[i]; {
	case e.Type != dtype:
		return nil, fmt.Errorf("tensor %s: dtype %s, want %s", quote(name), e.Type, dtype)
	case !slices.Equal(e.Shape, shape):
		return nil, fmt.Errorf("tensor %s: shape %v, want %v", quote(name), e.Shape, slices.Clone(shape))
	default:
		return e, nil
	}
}

// ReadElements fills dst with the bytes of elements of the named tensor from number first on. The tensor must be there and have
// this type and shape. It panics if the shape has fewer elements.
func (f *File) ReadElements(dst []byte, first int, name, dtype string, shape ...int) error {
	e, err := f.checked(name, dtype, shape)
	if err != nil {
		return err
	}
	at := e.begin + sizes[dtype]*int64(first)
	if first < 0 || int64(len(dst)) > e.end-at {
		panic(fmt.Sprintf("safetensors: %d bytes from element %d of tensor %s of shape %v", len(dst), first, quote(name), slices.Clone(shape)))
	}
	if err := readAt(f.data, dst, at); err != nil {
		return fmt.Errorf("tensor %s: %w", quote(name), err)
	}
	return nil
}

// ReadFloat32 fills dst with values of the named tensor from number first on. The tensor must be there, be of type F32 and
// have this shape. It panics if the shape has fewer values.
func (f *File) ReadFloat32(dst []float32, first int, name string, shape ...int) error {
	e, err := f.checked(name, "F32", shape)
	if err != nil {
		return err
	}
	at := e.begin + 4*int64(first)
	if first < 0 || int64(len(dst)) > (e.end-at)/4 {
		panic(fmt.Sprintf("safetensors: %d floats from number %d of tensor %s of shape %v", len(dst), first, quote(name), slices.Clone(shape)))
	}
	f.makeBuffer()
	for len(dst) > 0 {
		part := dst[:min(len(dst), len(f.buffer)/4)]
		b := f.buffer[:4*len(part)]
		if err := readAt(f.data, b, at); err != nil {
			return fmt.Errorf("tensor %s: %w", quote(name), err)
		}
		for i := range part {
			part[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
		}
		dst = dst[len(part):]
		at += int64(len(b))
	}
	return nil
}

// Copy writes the bytes of the named tensor, which must be there.
func (f *File) Copy(w io.Writer, name string) error {
	i, ok := f.find(name)
	if !ok {
		return fmt.Errorf("tensor %s is missing", quote(name))
	}
	f.makeBuffer()
	for at, end := f.entries[i].begin, f.entries[i].end; at < end; {
		b := f.buffer[:min(int64(len(f.buffer)), end-at)]
		if err := readAt(f.data, b, at); err != nil {
			return fmt.Errorf("tensor %s: %w", quote(name), err)
		}
		if _, err := w.Write(b); err != nil {
			return err
		}
		at += int64(len(b))
	}
	return nil
}

// ReadVector returns the bytes of the named tensor, which must be there, be of this type and have one dimension.
func (f *File) ReadVector(name, dtype string) ([]byte, error) {
	var shape []int
	if i, ok := f.find(name); ok {
		shape = f.entries[i].Shape
	}
	e, err := f.checked(name, dtype, shape)
	if err != nil {
		return nil, err
	}
	if len(shape) != 1 {
		return nil, fmt.Errorf("tensor %s: shape %v, want one dimension", quote(name), shape)
	}
	b := make([]byte, e.end-e.begin)
	if err := readAt(f.data, b, e.begin); err != nil {
		return nil, fmt.Errorf("tensor %s: %w", quote(name), err)
	}
	return b, nil
}

const chunk = 1 << 14 // bytes read or written at a time; a multiple of 4

func (f *File) makeBuffer() {
	if f.buffer == nil {
		f.buffer = make([]byte, max(4, min(f.Size(), chunk)))
	}
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
