package model

import (
	"encoding/binary"
	"fmt"
	"io"
	"iter"
	"math"
	"slices"

	"github.com/seed-f4dd853e/elman/internal/f32"
	"github.com/seed-f4dd853e/elman/internal/safetensors"
	"github.com/seed-f4dd853e/elman/rnn"
)

// typeOf returns the type of tensors of a precision.
func typeOf(p rnn.Precision) string {
	switch p {
	case rnn.BF16:
		return "BF16"
	case rnn.Int8:
		return "I8"
	}
	return "F32"
}

// scaleName returns the name of the scales of weights in 8 bits.
func scaleName(p *rnn.Param) string { return p.Name + "_scale" }

// weights returns the tensors of the network.
func (m *Model) weights() []safetensors.Source {
	scratch := newScratch(m.Network)
	var tensors []safetensors.Source
	for _, p := range m.Network.Params() {
		tensors = append(tensors, safetensors.Source{
			Tensor: safetensors.Tensor{Name: p.Name, Type: typeOf(p.Precision), Shape: p.Shape()},
			Write:  func(w io.Writer) error { return scratch.write(w, p) },
		})
		if p.Precision == rnn.Int8 {
			tensors = append(tensors, safetensors.Float32(scaleName(p), p.Scales(), p.Shape()[0]))
		}
	}
	return tensors
}

// A scratch is a buffer through which weights are read and written in pieces; a copy of a whole matrix could double the
// memory. A piece should have 16 rows in file order, which fill the cache lines that they are transposed to: with 4 rows a
// matrix of 1024 x 4096 takes twice as long to load.
type scratch struct {
	values []float32
	bytes  []byte
}

func newScratch(n *rnn.Network) *scratch {
	weights := n.Config().Weights()
	return &scratch{values: make([]float32, min(weights, max(1<<12, min(1<<14, weights/16))))}
}

// read reads the values of p.
func (s *scratch) read(file *safetensors.File, p *rnn.Param) error {
	var scales []float32
	if p.Precision == rnn.Int8 {
		scales = make([]float32, p.Shape()[0])
		if err := file.ReadFloat32(scales, 0, scaleName(p), len(scales)); err != nil {
			return err
		}
	}
	for at, part := range pieces(p, s.values) {
		if err := s.readPiece(file, p, at, part, scales); err != nil {
			return err
		}
		if i := slices.IndexFunc(part, notFinite); i >= 0 { // training never saves one
			return fmt.Errorf("tensor %q: weight %d is %v", p.Name, at+i, part[i])
		}
		fromFile(p, at, part)
	}
	if p.Precision == rnn.Int8 {
		for i, want := range p.Scales() { // others would give other weights when they are rounded anew
			if math.Float32bits(scales[i]) != math.Float32bits(want) {
				return fmt.Errorf("tensor %q: scale %d is %v, which does not make the largest weight of row %d 127 times it", scaleName(p), i, scales[i], i)
			}
		}
	}
	return nil
}

// readPiece reads some values of p, from number at in file order on.
func (s *scratch) readPiece(file *safetensors.File, p *rnn.Param, at int, values, scales []float32) error {
	switch p.Precision {
	case rnn.BF16:
		s.bytes = slices.Grow(s.bytes[:0], 2*len(values))[:2*len(values)]
		if err := file.ReadElements(s.bytes, at, p.Name, "BF16", p.Shape()...); err != nil {
			return err
		}
		for i := range values {
			values[i] = f32.FromBF16(binary.LittleEndian.Uint16(s.bytes[2*i:]))
		}
	case rnn.Int8:
		s.bytes = slices.Grow(s.bytes[:0], len(values))[:len(values)]
		if err := file.ReadElements(s.bytes, at, p.Name, "I8", p.Shape()...); err != nil {
			return err
		}
		columns := p.Len() / len(scales)
		for i, q := range s.bytes {
			scale := scales[(at+i)/columns]
			if values[i] = float32(int8(q)) * scale; scale == 0 && q != 0 {
				return fmt.Errorf("tensor %q: weight %d is not 0, its scale is", p.Name, at+i)
			}
		}
	default:
		return file.ReadFloat32(values, at, p.Name, p.Shape()...)
	}
	return nil
}

// write writes the values of p.
func (s *scratch) write(w io.Writer, p *rnn.Param) error {
	var scales []float32
	if p.Precision == rnn.Int8 {
		scales = p.Scales()
	}
	for at, part := range pieces(p, s.values) {
		toFile(part, p, at)
		s.bytes = appendValues(s.bytes[:0], p, at, part, scales)
		if _, err := w.Write(s.bytes); err != nil {
			return err
		}
	}
	return nil
}

// appendValues appends values of p, from number at in file order on, in the form of a file.
func appendValues(b []byte, p *rnn.Param, at int, values, scales []float32) []byte {
	switch p.Precision {
	case rnn.BF16:
		for _, v := range values {
			b = binary.LittleEndian.AppendUint16(b, f32.ToBF16(v))
		}
		return b
	case rnn.Int8:
		columns := p.Len() / len(scales)
		for i, v := range values {
			b = append(b, byte(f32.ToInt8(v, scales[(at+i)/columns])))
		}
		return b
	}
	return safetensors.AppendFloat32(b, values)
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
