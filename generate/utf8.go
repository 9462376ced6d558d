package generate

import (
	"errors"
	"math"
	"unicode/utf8"

	"github.com/seed-f4dd853e/elman/corpus"
)

// A spelling is the position of a sample of bytes within a character: it says which bytes may follow in UTF-8 (The Unicode
// Standard, table 3-7).
type spelling struct {
	lo, hi byte // of the next byte, if more > 0
	more   int  // bytes missing from the character
}

// after returns the spelling after a byte that may follow.
func (s spelling) after(b byte) spelling {
	switch {
	case s.more > 0:
		return spelling{0x80, 0xBF, s.more - 1}
	case b < 0xC2:
		return spelling{}
	case b < 0xE0:
		return spelling{0x80, 0xBF, 1}
	case b == 0xE0:
		return spelling{0xA0, 0xBF, 2}
	case b == 0xED: // no surrogates
		return spelling{0x80, 0x9F, 2}
	case b < 0xF0:
		return spelling{0x80, 0xBF, 2}
	case b == 0xF0:
		return spelling{0x90, 0xBF, 3}
	case b == 0xF4:
		return spelling{0x80, 0x8F, 3}
	}
	return spelling{0x80, 0xBF, 3}
}

// A utf8Mask keeps samples of bytes valid UTF-8.
type utf8Mask struct {
	symbols []byte // by number
	has     [256]bool
}

// newUTF8Mask returns nil for alphabets of characters or words. It fails if an alphabet of bytes can write no character.
func newUTF8Mask(a *corpus.Alphabet) (*utf8Mask, error) {
	if a.Kind() != corpus.Bytes {
		return nil, nil
	}
	s := &utf8Mask{}
	for id := range int32(a.Size()) {
		if id != a.Escape() {
			b := a.Symbol(id)[0]
			s.symbols = append(s.symbols, b)
			s.has[b] = true
		}
	}
	for _, b := range s.symbols {
		if s.may(spelling{}, b, utf8.UTFMax) {
			return s, nil
		}
	}
	return nil, errors.New("the alphabet has no bytes that make a whole character")
}

// may reports whether a byte may follow when left bytes remain, itself included: the character must still fit.
func (s *utf8Mask) may(at spelling, b byte, left int) bool {
	if at.more > 0 {
		return at.lo <= b && b <= at.hi
	}
	if b < utf8.RuneSelf {
		return true
	}
	if b < 0xC2 || b > 0xF4 {
		return false
	}
	next := at.after(b)
	return next.more < left && s.any(next.lo, next.hi) && (next.more == 1 || s.any(0x80, 0xBF))
}

func (s *utf8Mask) any(lo, hi byte) bool {
	for b := int(lo); b <= int(hi); b++ {
		if s.has[b] {
			return true
		}
	}
	return false
}

// mask rules out the symbols that must not follow. It reports whether any is left: an alphabet without ASCII may have no
// character short enough for the last bytes.
func (s *utf8Mask) mask(logits []float32, at spelling, left int) (any bool) {
	for id, b := range s.symbols {
		if s.may(at, b, left) {
			any = true
		} else {
			logits[id] = float32(math.Inf(-1))
		}
	}
	return any
}
