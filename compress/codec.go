package compress

import (
	"errors"
	"fmt"
	"io"
	"math/bits"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/model"
)

// MaxString is the most bytes of a text that a Codec packs.
const MaxString = 1 << 20

// mostSymbols is more than the symbols of such a text: of words every other one may be a missing space, of no bytes.
const mostSymbols = 2 * MaxString

// ErrString is the error for bytes that are not a string which the codec's model packed. Other damage gives another text.
var ErrString = errors.New("not a string packed with this model")

// A Codec packs short texts, each for itself, with one model: keys, URLs, lines of a log. There is nothing around the code, no
// checksum either: whoever keeps the bytes knows how many they are, and with which model they were packed. One goroutine may use
// it at a time.
//
// A text ends with a line break, which is not part of it, so that a model of lines says where one is likely to end. After each line
// break that is part of the text a bit says that it goes on. With an alphabet that has no line break, the number of symbols comes
// first.
type Codec struct {
	machine *machine
	end     int32 // number of the line break, or -1
	feed    *corpus.Feed
	tokens  []token
}

// NewCodec returns a codec. It fails with model.ErrCodes.
func NewCodec(m *model.Model) (*Codec, error) {
	k, err := newMachine(m, 1, fixed, nil, nil)
	if err != nil {
		return nil, err
	}
	c := &Codec{machine: k, end: -1, feed: m.Alphabet.Feed(nil, corpus.Whole)}
	if c.feed.Unknown = true; m.Alphabet.Symbol(k.start) == "\n" {
		c.end = k.start
	}
	return c, nil
}

// goesOn is the probability, of flipTotal, that a text goes on after a line break.
const goesOn = flipTotal / 16

// AppendEncode appends the packed text src to dst. It fails if src is longer than MaxString, or has a word of more
// than 64 KiB, and with model.ErrNotFinite.
func (c *Codec) AppendEncode(dst, src []byte) ([]byte, error) {
	if len(src) > MaxString {
		return dst, fmt.Errorf("a text of %d bytes; a codec packs up to %d, a Writer any number", len(src), MaxString)
	}
	if err := c.split(src); err != nil {
		return dst, err
	}
	c.machine.reset()
	var e encoder
	e.begin(dst)
	if c.end < 0 {
		codeCount(&e, len(c.tokens))
	}
	for i := range c.tokens {
		t := &c.tokens[i]
		if err := c.machine.code(&e, c.tokens[i:i+1]); err != nil {
			return dst, err
		}
		if c.end >= 0 && t.id == c.end {
			e.flip(goesOn, 1)
		}
	}
	if c.end >= 0 {
		if err := c.machine.code(&e, []token{{c.end, []byte{'\n'}}}); err != nil {
			return dst, err
		}
		e.flip(goesOn, 0)
	}
	return e.end(), nil
}

// split makes tokens of a text.
func (c *Codec) split(text []byte) error {
	c.feed.Reset()
	c.feed.Append(append([]byte(nil), text...))
	for c.tokens = c.tokens[:0]; ; {
		step, err := c.feed.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if len(step.Text) > maxSymbol {
			return fmt.Errorf("a word of %d bytes; a codec packs words up to %d, a Writer any", len(step.Text), maxSymbol)
		}
		c.tokens = append(c.tokens, token{step.Y, c.machine.alphabet.AsSpelled(step.Text)})
	}
}

// codeCount codes a number below 2^32, small ones in few bits.
func codeCount(c coder, n int) int {
	size := c.number(32, uint64(bits.Len(uint(n))))
	if size < 2 {
		return int(size)
	}
	top := uint64(1) << (size - 1)
	return int(top + c.number(top, uint64(n)-top))
}

// AppendDecode appends the text that was packed as src to dst. It fails with ErrString and model.ErrNotFinite.
func (c *Codec) AppendDecode(dst, src []byte) ([]byte, error) {
	c.machine.reset()
	u := c.machine.alphabet.Unreader()
	var d decoder
	d.begin(src)
	left := -1
	if c.end < 0 {
		left = codeCount(&d, 0)
	}
	text := dst
	for n := 0; n != left; n++ {
		var one [1]token
		if err := c.machine.code(&d, one[:]); err != nil {
			return dst, err
		}
		if d.failed() || n > mostSymbols || len(text)-len(dst) > MaxString {
			return dst, ErrString
		}
		if one[0].id == c.end && c.end >= 0 && d.flip(goesOn, 0) == 0 {
			break
		}
		text = u.Append(text, c.machine.text(one[0]))
	}
	if d.failed() || len(d.in) > 0 || len(text)-len(dst) > MaxString {
		return dst, ErrString
	}
	return text, nil
}
