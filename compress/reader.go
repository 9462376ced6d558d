package compress

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/internal/f32"
	"github.com/seed-f4dd853e/elman/model"
)

// A ModelError says that a text was packed with a model that the reader was not given.
type ModelError struct {
	Want string // first 16 digits of its model.Model.Hash
	Have string // of the model that was given, "" if none
}

func (e *ModelError) Error() string {
	switch e.Have {
	case "":
		return fmt.Sprintf("packed with a model, whose hash begins with %s; name it", e.Want)
	case e.Want:
		return fmt.Sprintf("packed with a model of the same weights, %s, and another alphabet or other settings; name that one", e.Want)
	}
	return fmt.Sprintf("packed with another model: its hash begins with %s, that of the model given with %s", e.Want, e.Have)
}

// A Reader unpacks what a Writer packed. Each block is passed on when it is unpacked; only the end tells that the text is whole.
type Reader struct {
	in       *summed
	h        header
	alphabet *corpus.Alphabet
	pool     *f32.Pool
	machine  *machine
	unreader *corpus.Unreader
	tokens   []token
	code     []byte
	text     []byte // of the block at hand
	rest     []byte // of it, not yet passed on
	blocks   int

	sum    hash.Hash
	length uint64
	err    error // that ended the text
}

// NewReader reads the header of a packed text. m is the model that packed it; nil, or any other, if it was packed without one.
// Of the options Threads and Progress count. It fails with ErrFormat, ErrTruncated, a *DamageError, a *ModelError and the errors
// of r. A Reader that is not read to its end must be closed.
func NewReader(r io.Reader, m *model.Model, o Options) (*Reader, error) {
	if err := o.Check(); err != nil {
		return nil, err
	}
	in := newSummed(r)
	h, err := in.readHeader()
	if err != nil {
		return nil, err
	}
	if !h.needsModel() {
		m = newborn()
	} else if err := h.checkModel(m); err != nil {
		return nil, err
	}
	d := &Reader{in: in, h: h, alphabet: m.Alphabet, pool: f32.NewPool(o.workers(int(h.streams))), sum: sha256.New()}
	d.unreader = m.Alphabet.Unreader()
	if d.machine, err = newMachine(m, int(h.streams), h.learning(), d.pool, o.Progress); err != nil {
		d.pool.Close()
		return nil, err
	}
	return d, nil
}

// checkModel fails unless m is the model that the header names.
func (h *header) checkModel(m *model.Model) error {
	missing := &ModelError{Want: hex.EncodeToString(h.model[:8])}
	if m == nil {
		return missing
	}
	id := idOf(m)
	if id == h.model {
		return checkModel(m, h.learns())
	}
	missing.Have = hex.EncodeToString(id[:8])
	return missing
}

// Read unpacks the next bytes. Beside the errors of NewReader it returns io.EOF after the whole text, when that was seen to be the
// one packed.
func (d *Reader) Read(p []byte) (n int, err error) {
	for len(d.rest) == 0 {
		if d.err == nil {
			if d.err = d.block(); d.err != nil {
				d.pool.Close()
			}
		}
		if d.err != nil {
			return 0, d.err
		}
	}
	n = copy(p, d.rest)
	d.rest = d.rest[n:]
	return n, nil
}

// Close gives back the threads of a reader. One that was read to its end or to an error needs none.
func (d *Reader) Close() error {
	if d.err == nil {
		d.err = errClosed
	}
	d.rest = nil
	d.pool.Close()
	return nil
}

// block reads the next block, or the end, which is io.EOF.
func (d *Reader) block() error {
	from := d.in.at
	d.blocks++
	part := fmt.Sprintf("block %d", d.blocks)
	n, err := binary.ReadVarint(d.in)
	if err != nil {
		return d.broken(err, part, from)
	}
	if n == 0 {
		return d.end(from)
	}
	size, err := binary.ReadUvarint(d.in)
	if err != nil {
		return d.broken(err, part, from)
	}
	if n > blockSymbols || n < -blockSymbols || size > mostCode || n < 0 && size > mostText+1 {
		return &DamageError{part, from, d.in.at}
	}
	if cap(d.code) < int(size) {
		d.code = make([]byte, size)
	}
	d.code = d.code[:size]
	if err := d.in.read(d.code); err != nil {
		return err
	}
	if ok, err := d.in.check(); err != nil {
		return err
	} else if !ok {
		return &DamageError{part, from, d.in.at}
	}
	d.text = d.text[:0]
	if n < 0 {
		err = d.stored()
	} else {
		err = d.unpack(int(n))
	}
	d.rest = d.text
	d.sum.Write(d.text)
	d.length += uint64(len(d.text))
	return err
}

// broken says what the failure to read a varint means: one that is too long is damage.
func (d *Reader) broken(err error, part string, from int64) error {
	if d.in.failed != nil {
		return d.in.failed
	}
	return &DamageError{part, from, d.in.at}
}

// stored passes on a block that was not packed.
func (d *Reader) stored() error {
	if len(d.code) < 1 || d.h.learns() {
		return errText
	}
	d.unreader.Spaced = d.code[0] == 1
	d.text = append(d.text, d.code[1:]...)
	return nil
}

// unpack unpacks the code of n symbols.
func (d *Reader) unpack(n int) error {
	if cap(d.tokens) < n {
		d.tokens = make([]token, n)
	}
	d.tokens = d.tokens[:n]
	clear(d.tokens)
	var c decoder
	c.begin(d.code)
	if err := d.machine.code(&c, d.tokens); err != nil {
		return err
	}
	if c.failed() {
		return errText
	}
	for _, t := range d.tokens {
		if d.text = d.unreader.Append(d.text, d.machine.text(t)); len(d.text) > mostText {
			return errText
		}
	}
	return nil
}

// end reads what follows the last block.
func (d *Reader) end(from int64) error {
	length, err := binary.ReadUvarint(d.in)
	if err != nil {
		return d.broken(err, "the end", from)
	}
	var sum [textSum]byte
	if err := d.in.read(sum[:]); err != nil {
		return err
	}
	switch ok, err := d.in.check(); {
	case err != nil:
		return err
	case !ok:
		return &DamageError{"the end", from, d.in.at}
	case length != d.length || !bytes.Equal(sum[:], d.sum.Sum(nil)[:textSum]):
		return errText
	}
	switch _, err := d.in.r.ReadByte(); {
	case err == nil:
		return errors.New("more bytes follow the end of the packed text; cut them off, or copy the file again")
	case err != io.EOF:
		return err
	}
	return io.EOF
}
