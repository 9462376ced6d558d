package compress

import (
	"bufio"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"io"

	"github.com/seed-f4dd853e/elman/model"
)

// The container:
//
//	header    magic "\x89Elman\n", version 1, flags, number of streams (each one byte)
//	          if a model is needed: the first 8 bytes of model.Model.Hash, then 4 bytes of a hash of alphabet and settings
//	          CRC-32C of the header, 4 bytes
//	blocks    number of symbols, number of bytes that follow (both as varints of encoding/binary)
//	          code of the symbols
//	          CRC-32C of the block, 4 bytes
//	end       0 symbols, in one byte
//	          length of the text in bytes, as a varint
//	          first 8 bytes of the SHA-256 of the text
//	          CRC-32C of the end, 4 bytes
//
// A block whose text as it is takes fewer bytes than its code is stored: its number of symbols is negative (the numbers are signed
// varints), a byte follows that is 1 if a space is implied after it (of words), and then the text. The network does not read it.
// Numbers of more than one byte are little-endian. The checksums of blocks say where a file is damaged before
// its text is unpacked; the one at the end tells that the text is the one packed.

const (
	magic   = "\x89Elman\n"
	version = 1

	flagModel  = 1 << 0 // a model is needed
	flagLearns = 1 << 1 // the network goes on learning
)

const (
	blockSymbols = 1 << 16 // symbols of a full block
	blockBytes   = 1 << 20 // bytes of text with which a block ends before, give or take a symbol
	mostCode     = 1 << 22 // bytes of a block's code
	mostText     = blockBytes + maxSymbol
)

// MaxStreams is the most streams of a text.
const MaxStreams = 64

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// A header is what a container begins with.
type header struct {
	flags   byte
	streams byte
	model   [12]byte // what tells models apart
}

func (h *header) learns() bool     { return h.flags&flagLearns != 0 }
func (h *header) needsModel() bool { return h.flags&flagModel != 0 }

// learning says what the network learns.
func (h *header) learning() learning {
	switch {
	case !h.learns():
		return fixed
	case h.needsModel():
		return fromModel
	}
	return fromNothing
}

// idOf returns what tells a model from others: part of the hash that users see, and of one of everything else a prediction
// depends on.
func idOf(m *model.Model) (id [12]byte) {
	weights, err := hex.DecodeString(m.Hash())
	if err != nil {
		panic(err) // it is hexadecimal
	}
	rest := sha256.New()
	encoder := json.NewEncoder(rest) // a hash never fails
	encoder.Encode(m.Network.Config())
	encoder.Encode(m.Alphabet.Form())
	if m.OfDocuments() {
		encoder.Encode(m.Documents)
	}
	for i := range int32(m.Alphabet.Size()) {
		encoder.Encode([]byte(m.Alphabet.Symbol(i)))
	}
	copy(id[copy(id[:8], weights):], rest.Sum(nil))
	return id
}

func (h *header) append(b []byte) []byte {
	from := len(b)
	b = append(b, magic...)
	b = append(b, version, h.flags, h.streams)
	if h.needsModel() {
		b = append(b, h.model[:]...)
	}
	return appendSum(b, from)
}

// appendBlock appends a block.
func appendBlock(b []byte, n int64, code []byte) []byte {
	from := len(b)
	b = binary.AppendVarint(b, n)
	b = binary.AppendUvarint(b, uint64(len(code)))
	return appendSum(append(b, code...), from)
}

// appendSum appends the checksum of b[from:].
func appendSum(b []byte, from int) []byte {
	return binary.LittleEndian.AppendUint32(b, crc32.Checksum(b[from:], castagnoli))
}

// ErrFormat is the error for what is no packed text.
var ErrFormat = errors.New("not a packed text; elman compress makes them")

// ErrTruncated is the error for a packed text without its end.
var ErrTruncated = errors.New("the packed text ends too early; copy the file again")

// A DamageError says where a packed text is damaged.
type DamageError struct {
	Part     string // "the header", "block 3", "the end"
	From, To int64  // its bytes
}

func (e *DamageError) Error() string {
	return fmt.Sprintf("%s of the packed text, bytes %d to %d, is damaged; copy the file again", e.Part, e.From, e.To-1)
}

// errText is the error for a block that is whole and gives another text than was packed.
var errText = errors.New("the text is not the one that was packed: its checksum differs; packed by a faulty machine, or made to deceive")

// A summed reads bytes, counts them, and sums them up.
type summed struct {
	r      *bufio.Reader
	at     int64
	sum    hash.Hash32
	one    [1]byte
	failed error // of the input
}

func newSummed(r io.Reader) *summed {
	return &summed{r: bufio.NewReader(r), sum: crc32.New(castagnoli)}
}

// fail makes the end of the input ErrTruncated, and keeps what failed.
func (s *summed) fail(err error) error {
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		err = ErrTruncated
	}
	s.failed = err
	return err
}

func (s *summed) ReadByte() (byte, error) {
	b, err := s.r.ReadByte()
	if err != nil {
		return 0, s.fail(err)
	}
	s.at++
	s.one[0] = b
	s.sum.Write(s.one[:])
	return b, nil
}

// read fills p.
func (s *summed) read(p []byte) error {
	n, err := io.ReadFull(s.r, p)
	s.at += int64(n)
	s.sum.Write(p[:n])
	return s.fail(err)
}

// check reads the checksum of all since the one before, and reports whether it is right.
func (s *summed) check() (bool, error) {
	want := s.sum.Sum32()
	var b [4]byte
	err := s.read(b[:])
	s.sum.Reset()
	return binary.LittleEndian.Uint32(b[:]) == want, err
}

// readHeader reads the header.
func (s *summed) readHeader() (h header, err error) {
	var b [len(magic) + 3]byte
	if err := s.read(b[:len(magic)]); err == ErrTruncated && s.at == 0 {
		return h, fmt.Errorf("nothing at all: %w", ErrFormat)
	} else if err != nil && err != ErrTruncated {
		return h, err
	}
	if string(b[:len(magic)]) != magic {
		return h, ErrFormat
	}
	if err := s.read(b[len(magic):]); err != nil {
		return h, err
	}
	if v := b[len(magic)]; v != version {
		return h, fmt.Errorf("a packed text of version %d; this program reads version %d", v, version)
	}
	h.flags, h.streams = b[len(magic)+1], b[len(magic)+2]
	if h.needsModel() {
		if err := s.read(h.model[:]); err != nil {
			return h, err
		}
	}
	switch ok, err := s.check(); {
	case err != nil:
		return h, err
	case !ok:
		return h, &DamageError{"the header", 0, s.at}
	}
	if h.flags >= 1<<2 || h.flags == 0 || h.streams < 1 || h.streams > MaxStreams {
		return h, errors.New("a packed text with a header that is not known; a newer program may read it")
	}
	return h, nil
}
