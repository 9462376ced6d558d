// Package bundle appends a model to a program and finds it there. The result is a program still: systems load what the
// headers of an executable speak of, and ignore what follows. After the program come the model file and a trailer of 52
// bytes:
//
//	offset  bytes
//	     0     16  "<elman bundle 1>"
//	    16      8  length of the program, little-endian as all numbers
//	    24      8  length of the model file
//	    32      4  CRC-32C of everything before it
//	    36     16  "</elman bundle>" and a line feed
//
// A CRC finds any flipped bit, of the program too, at several gigabytes a second, so that it can be checked at each start.
// The model file has a SHA-256 of its own.
package bundle

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash"
	"hash/crc32"
	"io"
)

const (
	trailerSize = 52
	sumOffset   = 32
	tailOffset  = 36
)

// Both ends of the trailer. Variables, so that each program that reads bundles has head in its data: see Reads.
var (
	head = "<elman bundle 1>"
	tail = "</elman bundle>\n"
)

// ErrDamaged is the error for a bundle that is not as it was written.
var ErrDamaged = errors.New("this program with a model is damaged; get another copy of it")

// ErrNotElman is the error for a program that would not find a model in itself.
var ErrNotElman = errors.New("is no elman that can have a model inside")

// A Bundle is a program with a model.
type Bundle struct {
	Program, Model *io.SectionReader

	size int64 // of all
	sum  uint32
	file io.ReaderAt
}

// Find returns the bundle that a file of the given size is, or nil if it is none. It looks at the trailer alone, whose damage
// it reports as ErrDamaged.
func Find(file io.ReaderAt, size int64) (*Bundle, error) {
	var trailer [trailerSize]byte
	start := size - trailerSize
	if start < 0 {
		return nil, nil
	}
	if _, err := file.ReadAt(trailer[:], start); err != nil && err != io.EOF {
		return nil, err
	}
	begins, ends := string(trailer[:len(head)]) == head, string(trailer[tailOffset:]) == tail
	if !begins && !ends {
		return nil, nil
	}
	program := binary.LittleEndian.Uint64(trailer[16:])
	model := binary.LittleEndian.Uint64(trailer[24:])
	if !begins || !ends || program > uint64(start) || model != uint64(start)-program {
		return nil, ErrDamaged
	}
	return &Bundle{
		Program: io.NewSectionReader(file, 0, int64(program)),
		Model:   io.NewSectionReader(file, int64(program), int64(model)),
		size:    size,
		sum:     binary.LittleEndian.Uint32(trailer[sumOffset:]),
		file:    file,
	}, nil
}

// Verify reads all of the bundle and returns ErrDamaged if it differs from its checksum.
func (b *Bundle) Verify() error {
	sum := newSum()
	whole := io.NewSectionReader(b.file, 0, b.size-trailerSize+sumOffset)
	if _, err := io.CopyBuffer(plainWriter{sum}, plainReader{whole}, make([]byte, 1<<18)); err != nil {
		return err
	}
	if sum.Sum32() != b.sum {
		return ErrDamaged
	}
	return nil
}

func newSum() hash.Hash32 { return crc32.New(crc32.MakeTable(crc32.Castagnoli)) }

// They hide methods with which io.CopyBuffer would do without the buffer.
type (
	plainWriter struct{ io.Writer }
	plainReader struct{ io.Reader }
)

// Write writes a bundle of a program, which should be no bundle itself, and a model file.
func Write(w io.Writer, program io.Reader, model []byte) error {
	sum := newSum()
	both := io.MultiWriter(w, sum)
	n, err := io.Copy(both, program)
	if err != nil {
		return err
	}
	trailer := append(bytes.Clone(model), head...)
	trailer = binary.LittleEndian.AppendUint64(trailer, uint64(n))
	trailer = binary.LittleEndian.AppendUint64(trailer, uint64(len(model)))
	if _, err := both.Write(trailer); err != nil {
		return err
	}
	_, err = w.Write(append(binary.LittleEndian.AppendUint32(nil, sum.Sum32()), tail...))
	return err
}

// Reads returns ErrNotElman unless this package is part of a program, so that it can read a bundle that is made of it.
func Reads(program io.Reader) error {
	buffer := make([]byte, 1<<18)
	kept := 0
	for {
		n, err := io.ReadFull(program, buffer[kept:])
		n += kept
		if bytes.Contains(buffer[:n], []byte(head)) {
			return nil
		}
		switch {
		case err == io.EOF || err == io.ErrUnexpectedEOF:
			return ErrNotElman
		case err != nil:
			return err
		}
		kept = copy(buffer, buffer[n-len(head)+1:n]) // the mark may lie across two pieces
	}
}
