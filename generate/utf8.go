package generate

import (
	"math"
	"unicode/utf8"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/internal/setting"
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

// A utf8Mask keeps samples of bytes and subwords valid UTF-8.
type utf8Mask struct {
	symbols []string // by number, without the escape
	has     [256]bool
	fresh   []spelling // after each symbol where a character begins
	valid   []bool     // whether the symbol may follow there
}

// newUTF8Mask returns nil for alphabets of characters or words. It fails if an alphabet of bytes can write no character.
func newUTF8Mask(a *corpus.Alphabet) (*utf8Mask, error) {
	if !a.Kind().OfBytes() {
		return nil, nil
	}
	s := &utf8Mask{}
	for id := range int32(a.Size()) {
		if id == a.Escape() {
			continue
		}
		symbol := a.Symbol(id)
		s.symbols = append(s.symbols, symbol)
		if len(symbol) == 1 {
			s.has[symbol[0]] = true
		}
		end, ok := spelling{}.read(symbol)
		s.fresh, s.valid = append(s.fresh, end), append(s.valid, ok)
	}
	for id := range s.symbols {
		if s.may(spelling{}, id, utf8.UTFMax) {
			return s, nil
		}
	}
	return nil, setting.Errorf("%v cannot be: the alphabet has no bytes that make a whole character", setting.Name("utf8"))
}

// read returns the spelling after bytes, and whether they may follow.
func (s spelling) read(bytes string) (end spelling, ok bool) {
	for i := range len(bytes) {
		if b := bytes[i]; !s.allows(b) {
			return s, false
		} else {
			s = s.after(b)
		}
	}
	return s, true
}

// allows reports whether a byte may follow in UTF-8.
func (s spelling) allows(b byte) bool {
	if s.more > 0 {
		return s.lo <= b && b <= s.hi
	}
	return b < utf8.RuneSelf || 0xC2 <= b && b <= 0xF4
}

// after returns the spelling after a symbol that may follow.
func (s *utf8Mask) after(at spelling, id int32) spelling {
	end, _ := at.read(s.symbols[id])
	return end
}

// may reports whether a symbol may follow when left symbols remain, itself included: the character that it begins must still
// fit, byte by byte.
func (s *utf8Mask) may(at spelling, id, left int) bool {
	end, ok := s.fresh[id], s.valid[id]
	if at.more > 0 {
		end, ok = at.read(s.symbols[id])
	}
	if !ok || at.more > 0 && end.more == at.more-1 && len(s.symbols[id]) == 1 {
		return ok // a byte of a character that was begun: there was room for all of it
	}
	return end.more == 0 || end.more < left && s.any(end.lo, end.hi) && (end.more == 1 || s.any(0x80, 0xBF))
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
	for id := range s.symbols {
		if s.may(at, id, left) {
			any = true
		} else {
			logits[id] = float32(math.Inf(-1))
		}
	}
	return any
}
