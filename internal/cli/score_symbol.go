package cli

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/seed-f4dd853e/elman/internal/report"
	"github.com/seed-f4dd853e/elman/score"
)

// A symbolView prints each symbol.
type symbolView struct {
	*scoring
	offset int64 // in the file
}

func newSymbolView(s *scoring) *symbolView {
	s.legend()
	if s.f.format == "csv" {
		s.row("file", "offset", "symbol", "bits", "at_least", "top", "hex", "oov", "spelling_bits")
	}
	return &symbolView{scoring: s}
}

func (v *symbolView) begin(c *chunk)                    { v.offset = c.offset }
func (v *symbolView) scored(c *chunk)                   {}
func (v *symbolView) end(path string, sums []score.Sum) {}

func (v *symbolView) symbol(c *chunk, i, j int, x score.Symbol) {
	s, offset := v.scoring, v.offset
	v.offset += int64(len(x.Text))
	switch s.f.format {
	case "json":
		type alternative struct {
			Symbol string  `json:"symbol"`
			Hex    string  `json:"hex,omitempty"`    // of what is not valid UTF-8
			Escape bool    `json:"escape,omitempty"` // stands for all that the alphabet lacks
			Bits   float64 `json:"bits"`
		}
		var top []alternative
		for _, a := range x.Top[:min(s.f.top, len(x.Top))] {
			symbol := s.alphabet.Piece(x.Previous, a.ID)
			top = append(top, alternative{symbol, invalidBytes(symbol), a.ID == s.alphabet.Escape(), a.Bits.Float()})
		}
		s.object(struct {
			File   string        `json:"file"`
			Offset int64         `json:"offset"` // bytes
			Symbol string        `json:"symbol"`
			Hex    string        `json:"hex,omitempty"`
			Bits   float64       `json:"bits"`
			More   bool          `json:"at_least,omitempty"`
			Top    []alternative `json:"top,omitempty"`

			Unknown  bool    `json:"oov,omitempty"`
			Spelling float64 `json:"spelling_bits,omitempty"` // of Bits
		}{c.path, offset, string(x.Text), invalidBytes(string(x.Text)), x.Bits.Float(), x.Bits == score.MaxBits, top, x.Spelling > 0, x.Spelling.Float()})
	case "csv":
		s.row(c.path, strconv.FormatInt(offset, 10), strings.ToValidUTF8(string(x.Text), "\ufffd"), report.Exact(x.Bits.Float()), strconv.FormatBool(x.Bits == score.MaxBits), s.top(x), invalidBytes(string(x.Text)),
			strconv.FormatBool(x.Spelling > 0), report.Exact(x.Spelling.Float()))
	default:
		figure := fmt.Sprintf("%.3f", x.Bits.Float())
		if x.Bits == score.MaxBits {
			figure = ">=" + figure
		}
		more := s.top(x)
		if x.Spelling > 0 {
			more = strings.TrimSuffix(fmt.Sprintf("(not in the alphabet: %.0f bits of spelling) %s", x.Spelling.Float(), more), " ")
		}
		fmt.Fprintf(s.out, "%9s  %s %s\n", figure, s.paint.Cell(fmt.Sprintf("%-8q", x.Text), x.Bits.Float()), more)
	}
}

// top lists the alternatives.
func (s *scoring) top(x score.Symbol) string {
	var list []string
	for _, a := range x.Top[:min(s.f.top, len(x.Top))] {
		symbol := fmt.Sprintf("%q", s.alphabet.Piece(x.Previous, a.ID))
		if a.ID == s.alphabet.Escape() {
			symbol = "(not in the alphabet)"
		}
		list = append(list, fmt.Sprintf("%s %.3f", symbol, a.Bits.Float()))
	}
	return strings.Join(list, " ")
}
