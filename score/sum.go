package score

import (
	"encoding/json"
	"math"
	"strconv"
	"unicode/utf8"
)

// Bits is a surprisal, -log2 p, in units of 2^-24 bits. It is an integer so that sums are exact and parts add up to the
// whole; the unit is about the precision of a float32 probability.
type Bits int64

const bitUnit = 1 << 24

// MaxBits is the largest value, 2^39 bits. Larger sums stop there, and it means "at least this many". Only a model whose
// training exploded gets there.
const MaxBits Bits = math.MaxInt64

// Float returns the number of bits.
func (b Bits) Float() float64 { return float64(b) / bitUnit }

// String returns the number of bits with three decimals.
func (b Bits) String() string { return strconv.FormatFloat(b.Float(), 'f', 3, 64) }

// MarshalJSON returns the number of bits.
func (b Bits) MarshalJSON() ([]byte, error) { return json.Marshal(b.Float()) }

// UnmarshalJSON reads a number of bits.
func (b *Bits) UnmarshalJSON(text []byte) error {
	var bits float64
	if err := json.Unmarshal(text, &bits); err != nil {
		return err
	}
	*b = RoundBits(bits)
	return nil
}

// RoundBits returns the nearest surprisal to a number of bits, which is not NaN.
func RoundBits(bits float64) Bits {
	switch units := math.Round(bits * bitUnit); {
	case units >= math.MaxInt64: // as a float64, the next number above
		return MaxBits
	case units <= -math.MaxInt64:
		return -MaxBits
	default:
		return Bits(units)
	}
}

// natsToBits converts a surprisal in nats, which is not NaN.
func natsToBits(nats float32) Bits { return RoundBits(float64(nats) * math.Log2E) }

// Plus returns b + c, limited to the range of Bits.
func (b Bits) Plus(c Bits) Bits {
	switch {
	case c > 0 && b > MaxBits-c:
		return MaxBits
	case c < 0 && b < -MaxBits-c:
		return -MaxBits
	}
	return b + c
}

// A Sum is the total surprisal of a text, with its length.
type Sum struct {
	Symbols int64 `json:"symbols"`
	Chars   int64 `json:"chars"` // code points, whatever the symbols are; a byte of invalid UTF-8 counts as one
	Bytes   int64 `json:"bytes"`
	Bits    Bits  `json:"bits"` // MaxBits means at least that many

	// Symbols outside the alphabet, their bits, and the part of these that spells them. The rest is that of the escape.
	Unknown     int64 `json:"oov"`
	UnknownBits Bits  `json:"oov_bits"`
	Spelling    Bits  `json:"spelling_bits"`

	Excess Bits `json:"excess"` // the largest Symbol.Excess, at least 0: how unusual the text is

	begun [utf8.UTFMax - 1]byte // the beginning of a character; its bytes count as one each until it is complete
	n     int                   // its length
}

// Add adds the next symbol of the text.
func (s *Sum) Add(x Symbol) {
	s.Symbols++
	s.addChars(x.Text)
	s.Bytes += int64(len(x.Text))
	s.Bits = s.Bits.Plus(x.Bits)
	if x.Spelling > 0 {
		s.Unknown++
		s.UnknownBits, s.Spelling = s.UnknownBits.Plus(x.Bits), s.Spelling.Plus(x.Spelling)
	}
	s.Excess = max(s.Excess, x.Excess)
}

// addChars keeps Chars equal to utf8.RuneCount of the text so far, also if symbols are bytes.
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

// Join adds the sum of another text, or of the next part of this one; the parts must not share a character.
func (s *Sum) Join(t Sum) {
	s.Symbols, s.Chars, s.Bytes, s.Bits = s.Symbols+t.Symbols, s.Chars+t.Chars, s.Bytes+t.Bytes, s.Bits.Plus(t.Bits)
	s.Unknown, s.UnknownBits, s.Spelling = s.Unknown+t.Unknown, s.UnknownBits.Plus(t.UnknownBits), s.Spelling.Plus(t.Spelling)
	s.Excess = max(s.Excess, t.Excess)
	s.begun, s.n = t.begun, t.n
}

// PerSymbol, PerChar and PerByte return the mean bits per symbol, character and byte; 0 for an empty text.
func (s Sum) PerSymbol() float64 { return mean(s.Bits, s.Symbols) }
func (s Sum) PerChar() float64   { return mean(s.Bits, s.Chars) }
func (s Sum) PerByte() float64   { return mean(s.Bits, s.Bytes) }

// Perplexity returns 2 to the power of PerSymbol, at most the largest float64.
func (s Sum) Perplexity() float64 { return min(math.Exp2(s.PerSymbol()), math.MaxFloat64) }

// KnownPerplexity is Perplexity without the symbols outside the alphabet; 1 if there are no others. (If the escape were one
// more symbol, not spelled, the perplexity would be 2 to the power of (Bits - Spelling) / Symbols.)
func (s Sum) KnownPerplexity() float64 {
	return Sum{Symbols: s.Symbols - s.Unknown, Bits: s.Bits.Plus(-s.UnknownBits)}.Perplexity()
}

func mean(b Bits, n int64) float64 {
	if n == 0 {
		return 0
	}
	return b.Float() / float64(n)
}
