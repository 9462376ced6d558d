package score

import (
	"math"
	"unicode/utf8"
)

// Bits is surprisal, -log2 p, in units of 2^-24 bits, so that sums are exact and parts add up to the whole. That is as
// fine as probabilities are known.
type Bits int64

const bitUnit = 1 << 24

// MaxBits is the largest number of bits, 2^39. A sum that would be larger stays there and means "at least that much": no
// trained model needs that many, unless its training exploded.
const MaxBits Bits = math.MaxInt64

// Float returns the number of bits.
func (b Bits) Float() float64 { return float64(b) / bitUnit }

// toBits rounds a number of bits, which is not NaN.
func toBits(bits float64) Bits {
	switch units := math.Round(bits * bitUnit); {
	case units >= math.MaxInt64: // as a float64, the next number above
		return MaxBits
	case units <= -math.MaxInt64:
		return -MaxBits
	default:
		return Bits(units)
	}
}

// plus returns b + c, or the limit that it lies beyond.
func (b Bits) plus(c Bits) Bits {
	switch {
	case c > 0 && b > MaxBits-c:
		return MaxBits
	case c < 0 && b < -MaxBits-c:
		return -MaxBits
	}
	return b + c
}

// A Sum is what the symbols of a text take together.
type Sum struct {
	Symbols int64
	Chars   int64 // code points of the text, whatever its symbols are; a byte that belongs to none counts as one
	Bytes   int64
	Bits    Bits // MaxBits means at least that many
	Excess  Bits // the largest of a symbol, at least 0: how unusual the text is

	begun [utf8.UTFMax - 1]byte // the beginning of a character, whose bytes count as one each until it is whole
	n     int                   // its length
}

// Add takes in the next symbol of the text.
func (s *Sum) Add(x Symbol) {
	s.Symbols++
	s.addChars(x.Text)
	s.Bytes += int64(len(x.Text))
	s.Bits = s.Bits.plus(x.Bits)
	s.Excess = max(s.Excess, x.Excess)
}

// addChars makes Chars what utf8.RuneCount says of the text so far: symbols that are bytes are parts of characters.
func (s *Sum) addChars(text []byte) {
	if s.n > 0 {
		var whole [64]byte // mostly enough
		text = append(append(whole[:0], s.begun[:s.n]...), text...)
		s.Chars -= int64(s.n)
		s.begun, s.n = [utf8.UTFMax - 1]byte{}, 0
	}
	s.Chars += int64(utf8.RuneCount(text))
	for n := 1; n < utf8.UTFMax && n <= len(text); n++ {
		if end := text[len(text)-n:]; utf8.RuneStart(end[0]) {
			if !utf8.FullRune(end) {
				s.n = copy(s.begun[:], end)
			}
			return
		}
	}
}

// Join takes in the sum of another text, or of the next part of this one. A character must not lie across the edge.
func (s *Sum) Join(t Sum) {
	s.Symbols, s.Chars, s.Bytes, s.Bits = s.Symbols+t.Symbols, s.Chars+t.Chars, s.Bytes+t.Bytes, s.Bits.plus(t.Bits)
	s.Excess = max(s.Excess, t.Excess)
	s.begun, s.n = t.begun, t.n
}

// PerSymbol, PerChar and PerByte return means in bits; of nothing, 0.
func (s Sum) PerSymbol() float64 { return mean(s.Bits, s.Symbols) }
func (s Sum) PerChar() float64   { return mean(s.Bits, s.Chars) }
func (s Sum) PerByte() float64   { return mean(s.Bits, s.Bytes) }

// Perplexity returns 2 to the mean bits of a symbol: among how many equally likely ones it might as well be chosen. It is
// finite: at most the largest float64.
func (s Sum) Perplexity() float64 { return min(math.Exp2(s.PerSymbol()), math.MaxFloat64) }

func mean(b Bits, n int64) float64 {
	if n == 0 {
		return 0
	}
	return b.Float() / float64(n)
}
