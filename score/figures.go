package score

// Figures are the numbers of a Sum in JSON.
type Figures struct {
	Symbols     int64   `json:"symbols"`
	Chars       int64   `json:"chars"`
	Bytes       int64   `json:"bytes"`
	Bits        float64 `json:"bits"`
	AtLeast     bool    `json:"at_least,omitempty"` // there are more than Bits, too many to add up
	BitsPerChar float64 `json:"bits_per_char"`
	BitsPerByte float64 `json:"bits_per_byte"`
	Perplexity  float64 `json:"perplexity"` // of a symbol

	Unknown         int64   `json:"oov"`              // symbols that the alphabet lacks
	UnknownBits     float64 `json:"oov_bits"`         // of Bits
	Spelling        float64 `json:"spelling_bits"`    // of these
	KnownPerplexity float64 `json:"perplexity_known"` // of a symbol, without them
}

// Figures returns the numbers of a sum.
func (s Sum) Figures() Figures {
	return Figures{
		Symbols: s.Symbols, Chars: s.Chars, Bytes: s.Bytes, Bits: s.Bits.Float(), AtLeast: s.Bits == MaxBits,
		BitsPerChar: s.PerChar(), BitsPerByte: s.PerByte(), Perplexity: s.Perplexity(),
		Unknown: s.Unknown, UnknownBits: s.UnknownBits.Float(), Spelling: s.Spelling.Float(), KnownPerplexity: s.KnownPerplexity(),
	}
}
