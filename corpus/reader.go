package corpus

import (
	"fmt"
	"hash/maphash"
	"io"
)

// blockSize is how many bytes of a file are read and checked together.
const blockSize = 1 << 10

// mostBlocks is how many blocks a sequential reader reads at once.
const mostBlocks = 32

// blockSeed is random in each process, so that no two blocks can be made to collide.
var blockSeed = maphash.MakeSeed()

// A reader has some bytes of a text in sight: all of a part in memory, or some blocks of a file. Each block must be what it
// was at the first reading.
type reader struct {
	text   *Text // nil for bytes without a text
	part   int
	rest   []byte // in sight, and not yet read
	ahead  int64  // offset in the part of the first byte that is not in sight
	blocks int    // to be read next
	buffer []byte
	err    error   // that ended the reading
	survey *survey // sees every block, if this is the first reading
}

// goTo moves to an offset in the text.
func (r *reader) goTo(offset int64) {
	r.part = r.text.partAt(offset)
	r.rest, r.ahead, r.blocks = nil, offset-r.text.parts[r.part].start, 1
}

// offset returns how many bytes of the text have been read.
func (r *reader) offset() int64 {
	return r.text.parts[r.part].start + r.ahead - int64(len(r.rest))
}

// nextPart moves to the beginning of the next part. It returns false if there is none, and after an error.
func (r *reader) nextPart() bool {
	if r.err != nil || r.text == nil || r.part+1 >= len(r.text.parts) {
		return false
	}
	r.part++
	r.rest, r.ahead, r.blocks = nil, 0, 1
	return true
}

// ended returns why nothing is in sight.
func (r *reader) ended() error {
	if r.err != nil {
		return r.err
	}
	return io.EOF
}

// more brings more bytes of the part in sight, after rest. It returns false if there are none, and after an error.
func (r *reader) more() bool {
	if r.err != nil || r.text == nil {
		return false
	}
	p := &r.text.parts[r.part]
	if r.ahead >= p.size {
		return false
	}
	if p.file == nil {
		if r.survey != nil {
			r.survey.add(r.part, 0, p.bytes)
		}
		r.rest, r.ahead = p.bytes[r.ahead-int64(len(r.rest)):], p.size
		return true
	}
	// A block begins after rest, unless goTo has moved into the middle of one; then rest is empty.
	skip := r.ahead % blockSize
	from := r.ahead - skip
	r.blocks = max(r.blocks, 1)
	n := min(int64(r.blocks)*blockSize, p.size-from)
	r.blocks = max(min(2*r.blocks, mostBlocks), len(r.rest)/blockSize) // a symbol of any length is read in linear time
	room := len(r.rest) + int(n)
	old := r.rest
	if cap(r.buffer) < room {
		r.buffer = make([]byte, room+blockSize/8)
	}
	r.buffer = r.buffer[:room]
	copy(r.buffer, old)
	fresh := r.buffer[len(old):]
	if m, err := p.file.ReadAt(fresh, from); err != nil && m < len(fresh) {
		r.err = readError(p.name, from+n, err)
	} else if r.survey != nil {
		r.survey.add(r.part, from, fresh)
	} else {
		r.err = p.check(fresh, from)
	}
	if r.err != nil {
		return false
	}
	r.rest, r.ahead = r.buffer[skip:], from+n
	return true
}

// check compares blocks with what they were.
func (p *part) check(b []byte, offset int64) error {
	for i := offset / blockSize; len(b) > 0; i++ {
		n := min(blockSize, len(b))
		if maphash.Bytes(blockSeed, b[:n]) != p.sums[i] {
			return fmt.Errorf("%s %w (at byte %d or soon after)", p.name, ErrChanged, i*blockSize)
		}
		b = b[n:]
	}
	return nil
}

// skip moves to the end of the document that begins at the reader's position.
func (r *reader) skip(kind Documents) {
	for s := (DocumentSplitter{Kind: kind}); len(r.rest) > 0 || r.more(); {
		if n := s.find(r.rest); n >= 0 {
			r.rest = r.rest[n:]
			return
		}
		r.rest = r.rest[len(r.rest):]
	}
}
