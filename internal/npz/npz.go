// Package npz writes arrays for numpy: a zip file of .npy files, as numpy.savez makes it and numpy.load reads it.
//
// An .npy file is the bytes 93 "NUMPY" 1 0, the length of a header in two bytes, the header (a Python dictionary of type,
// order and shape, filled up with spaces so that the data begin at a multiple of 64), and the data in little-endian order.
package npz

import (
	"archive/zip"
	"encoding/binary"
	"fmt"
	"io"
	"strings"
)

// An Array is an array of numbers, the last index fastest.
type Array struct {
	Name  string // as in numpy.load(...)[name]
	Shape []int
	Data  any // []float32, []float64, []int32, []int64 or []uint8
}

// Strings returns strings, of any bytes and lengths, as two arrays: all bytes one after the other, and the offset of the first
// byte of each, with the length of all at the end. String i is text[offsets[i]:offsets[i+1]]. (numpy's own strings have one
// length, lose zeros at the end and, as Unicode, bytes that are no text; strings of different lengths need pickle.)
func Strings[S ~string | ~[]byte](texts []S) (text, offsets Array) {
	bytes, at := []uint8{}, make([]int64, 1, len(texts)+1)
	for _, s := range texts {
		bytes = append(bytes, s...)
		at = append(at, int64(len(bytes)))
	}
	return Array{"text", []int{len(bytes)}, bytes}, Array{"offsets", []int{len(at)}, at}
}

// Write writes arrays. The same arrays give the same bytes. It fails if writing fails, and on data of the wrong type or
// length.
func Write(w io.Writer, arrays ...Array) error {
	z := zip.NewWriter(w)
	for _, a := range arrays {
		kind, n := a.kind()
		if want := a.size(); kind == "" || n != want {
			return fmt.Errorf("npz: array %s of shape %v has %d values in %T", a.Name, a.Shape, n, a.Data)
		}
		file, err := z.CreateHeader(&zip.FileHeader{Name: a.Name + ".npy", Method: zip.Store})
		if err != nil {
			return err
		}
		if _, err := file.Write(a.header(kind)); err != nil {
			return err
		}
		if err := binary.Write(file, binary.LittleEndian, a.Data); err != nil {
			return err
		}
	}
	return z.Close()
}

// kind returns numpy's name of the type, "" for an unsupported one, and the number of values.
func (a Array) kind() (name string, values int) {
	switch x := a.Data.(type) {
	case []float32:
		return "<f4", len(x)
	case []float64:
		return "<f8", len(x)
	case []int32:
		return "<i4", len(x)
	case []int64:
		return "<i8", len(x)
	case []uint8:
		return "|u1", len(x)
	}
	return "", 0
}

func (a Array) size() int {
	n := 1
	for _, s := range a.Shape {
		n *= s
	}
	return n
}

const magic = "\x93NUMPY\x01\x00"

func (a Array) header(kind string) []byte {
	var shape strings.Builder
	for _, s := range a.Shape {
		fmt.Fprintf(&shape, "%d, ", s) // Python's tuple of one needs the comma, and of more may have it
	}
	text := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': (%s), }", kind, strings.TrimSuffix(shape.String(), " "))
	all := len(magic) + 2 + len(text) + 1
	text += strings.Repeat(" ", (64-all%64)%64) + "\n"
	return append(binary.LittleEndian.AppendUint16([]byte(magic), uint16(len(text))), text...)
}
