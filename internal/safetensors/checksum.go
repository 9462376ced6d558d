package safetensors

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"hash"
	"math"
	"slices"
	"strconv"
)

// ChecksumKey is the entry of the metadata that holds a Checksum of all tensors. Files may lack it.
const ChecksumKey = "sha256"

// A Checksum is the SHA-256 of names, shapes and bits of tensors, in an order that is for the caller to choose.
type Checksum struct {
	hash   hash.Hash
	buffer []byte
}

// NewChecksum returns that of no tensors.
func NewChecksum() *Checksum { return &Checksum{sha256.New(), make([]byte, 0, 1<<12)} }

// Begin adds the name and shape of a tensor, as in "decoder.weight [65 256]". Its values follow.
func (c *Checksum) Begin(name string, shape ...int) {
	b := append(c.buffer[:0], name...)
	b = append(b, " ["...)
	for i, d := range shape {
		if i > 0 {
			b = append(b, ' ')
		}
		b = strconv.AppendInt(b, int64(d), 10)
	}
	c.hash.Write(append(b, "]\n"...))
}

// Add adds values, the next of the tensor.
func (c *Checksum) Add(values []float32) {
	for part := range slices.Chunk(values, cap(c.buffer)/4) {
		b := c.buffer[:4*len(part)]
		for i, x := range part {
			binary.LittleEndian.PutUint32(b[4*i:], math.Float32bits(x))
		}
		c.hash.Write(b)
	}
}

// String returns the sum of all so far in hexadecimal.
func (c *Checksum) String() string { return hex.EncodeToString(c.hash.Sum(nil)) }

// Verify compares the checksum of the tensors, as they were read, with the one in the metadata, if there is any.
func (f *File) Verify(read *Checksum) error {
	if i := f.find([]byte(ChecksumKey)); i >= 0 && string(f.metadata[i].value) != read.String() {
		return errors.New("tensors differ from their checksum (sha256 in the metadata): the file is damaged, copy it again; or a program changed them and kept the entry")
	}
	return nil
}
