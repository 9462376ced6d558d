package cli

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/seed-f4dd853e/elman/internal/report"
	"github.com/seed-f4dd853e/elman/internal/termtext"
	"github.com/seed-f4dd853e/elman/score"
)

// A unit is a line or file that was scored, by each of the models.
type unit struct {
	file  string
	line  int    // its number, 0 for a file
	text  []byte // of a line
	marks []mark // its symbols, where it is coloured
	sums  []score.Sum
}

// best returns the model with the fewest bits, the first of equals.
func (u *unit) best() int {
	best := 0
	for i, s := range u.sums {
		if s.Bits < u.sums[best].Bits {
			best = i
		}
	}
	return best
}

// A record is what json and csv tell of a unit and a model.
type record struct {
	File        string   `json:"file"`
	Line        int      `json:"line,omitempty"`
	Model       string   `json:"model"`
	Best        bool     `json:"best"` // no other model takes fewer bits
	Symbols     int64    `json:"symbols"`
	Chars       int64    `json:"chars"`
	Bytes       int64    `json:"bytes"`
	Bits        float64  `json:"bits"`
	AtLeast     bool     `json:"at_least,omitempty"` // there are more than Bits, too many to add up
	BitsPerChar float64  `json:"bits_per_char"`
	BitsPerByte float64  `json:"bits_per_byte"`
	Perplexity  float64  `json:"perplexity"`       // of a symbol
	Excess      *float64 `json:"excess,omitempty"` // bits of the most surprising symbol above those expected
	Z           *float64 `json:"z,omitempty"`      // of the excess, beside the reference's lines
	Rank        *float64 `json:"rank,omitempty"`   // share of the reference's lines whose excess is less
	Text        *string  `json:"text,omitempty"`   // of a line
	Hex         string   `json:"hex,omitempty"`    // of a text that is not valid UTF-8
}

func (s *scoring) record(u *unit, i int) record {
	sum := u.sums[i]
	r := record{
		File: u.file, Line: u.line, Model: s.models[i].name, Best: i == u.best(),
		Symbols: sum.Symbols, Chars: sum.Chars, Bytes: sum.Bytes, Bits: sum.Bits.Float(), AtLeast: sum.Bits == score.MaxBits,
		BitsPerChar: sum.PerChar(), BitsPerByte: sum.PerByte(), Perplexity: sum.Perplexity(),
	}
	if u.line > 0 {
		text := strings.TrimSuffix(string(u.text), "\n")
		r.Text, r.Hex = &text, invalidBytes(text)
	}
	if s.f.referred != "" {
		reference := s.models[i].reference
		most, z, rank := sum.Excess.Float(), reference.Z(sum), reference.Rank(sum)
		r.Excess, r.Z, r.Rank = &most, &z, &rank
	}
	return r
}

// begin prints what stands above the first row.
func (s *scoring) begin() {
	if s.paint != nil {
		fmt.Fprintln(s.out, s.paint.Legend())
	}
	switch {
	case s.f.format == "csv" && s.f.per == "symbol":
		s.row("file", "offset", "symbol", "bits", "at_least", "top", "hex")
	case s.f.format == "csv":
		s.row("file", "line", "model", "best", "symbols", "chars", "bytes", "bits", "at_least", "bits_per_char", "bits_per_byte", "perplexity", "excess", "z", "rank", "text", "hex")
	case s.f.format == "text" && s.f.per == "line" && len(s.models) > 1:
		for i, m := range s.models {
			fmt.Fprintf(s.out, "%d: %s\n", i+1, termtext.Sanitize(m.name))
		}
	}
}

// unit prints one. The buffer keeps a failure for Flush.
func (s *scoring) unit(u unit) {
	if s.f.format == "text" {
		s.unitText(&u)
		return
	}
	for i := range s.models {
		r := s.record(&u, i)
		if s.f.format == "json" {
			s.object(r)
			continue
		}
		line, most, z, rank, text := "", "", "", "", ""
		if r.Text != nil {
			line = strconv.Itoa(r.Line)
			text = strings.ToValidUTF8(*r.Text, "\ufffd")
		}
		if r.Z != nil {
			most, z, rank = report.Exact(*r.Excess), report.Exact(*r.Z), report.Exact(*r.Rank)
		}
		s.row(r.File, line, r.Model, strconv.FormatBool(r.Best), strconv.FormatInt(r.Symbols, 10), strconv.FormatInt(r.Chars, 10),
			strconv.FormatInt(r.Bytes, 10), report.Exact(r.Bits), strconv.FormatBool(r.AtLeast), report.Exact(r.BitsPerChar), report.Exact(r.BitsPerByte), report.Exact(r.Perplexity), most, z, rank, text, r.Hex)
	}
}

func (s *scoring) unitText(u *unit) {
	if u.line == 0 {
		for i, m := range s.models {
			r := s.record(u, i)
			s.prose("", fmt.Sprintf("%s by %s: %d symbols, %s%.2f bits; %.4f bits per character, %.4f per byte, perplexity %s%s",
				textName(r.File), m.name, r.Symbols, atLeast(r.AtLeast), r.Bits, r.BitsPerChar, r.BitsPerByte, perplexity(r.Perplexity), s.mark(r.Best)))
		}
		return
	}
	var figures strings.Builder
	for i := range s.models {
		r := s.record(u, i)
		bound := ""
		if r.AtLeast {
			bound = ">="
		}
		fmt.Fprintf(&figures, "%10s", fmt.Sprintf("%s%.2f", bound, r.Bits))
		if len(s.models) == 1 {
			fmt.Fprintf(&figures, " %8.3f", r.BitsPerChar)
		}
		if r.Z != nil {
			fmt.Fprintf(&figures, " %8.2f %6.1f%%", *r.Excess, 100**r.Rank)
		}
	}
	if len(s.models) > 1 {
		fmt.Fprintf(&figures, "  %d", u.best()+1)
	}
	figures.WriteString("  ")
	if s.paint != nil {
		fmt.Fprintln(s.out, s.paint.Line(figures.String(), bitsOf(u.marks), s.width))
		return
	}
	s.prose(figures.String(), strings.TrimSuffix(string(u.text), "\n"))
}

// prose prints text behind a prefix, on a terminal wrapped.
func (s *scoring) prose(prefix, text string) {
	if s.width > 0 {
		text = termtext.Hang(prefix, termtext.Sanitize(text), s.width)
	} else {
		text = prefix + text
	}
	fmt.Fprintln(s.out, text)
}

// mark points out the best of several.
func (s *scoring) mark(best bool) string {
	if best && len(s.models) > 1 {
		return " (best)"
	}
	return ""
}

// symbol prints one.
func (s *scoring) symbol(path string, offset int64, x score.Symbol) {
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
			symbol := s.alphabet.Symbol(a.ID)
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
		}{path, offset, string(x.Text), invalidBytes(string(x.Text)), x.Bits.Float(), x.Bits == score.MaxBits, top})
	case "csv":
		s.row(path, strconv.FormatInt(offset, 10), strings.ToValidUTF8(string(x.Text), "\ufffd"), report.Exact(x.Bits.Float()), strconv.FormatBool(x.Bits == score.MaxBits), s.top(x), invalidBytes(string(x.Text)))
	default:
		figure := fmt.Sprintf("%.3f", x.Bits.Float())
		if x.Bits == score.MaxBits {
			figure = ">=" + figure
		}
		fmt.Fprintf(s.out, "%9s  %s %s\n", figure, s.paint.Cell(fmt.Sprintf("%-8q", x.Text), x.Bits.Float()), s.top(x))
	}
}

// top lists the alternatives.
func (s *scoring) top(x score.Symbol) string {
	var list []string
	for _, a := range x.Top[:min(s.f.top, len(x.Top))] {
		symbol := fmt.Sprintf("%q", s.alphabet.Symbol(a.ID))
		if a.ID == s.alphabet.Escape() {
			symbol = "(not in the alphabet)"
		}
		list = append(list, fmt.Sprintf("%s %.3f", symbol, a.Bits.Float()))
	}
	return strings.Join(list, " ")
}

func (s *scoring) object(x any) { writeJSONLine(s.out, x) }

// writeJSONLine writes x as JSON, in a line of its own.
func writeJSONLine(w io.Writer, x any) {
	line, err := json.Marshal(x)
	if err != nil {
		panic(err) // numbers are finite
	}
	w.Write(append(line, '\n'))
}

func (s *scoring) row(cells ...string) {
	w := csv.NewWriter(s.out)
	w.Write(cells)
	w.Flush()
}

func atLeast(yes bool) string {
	if yes {
		return "at least "
	}
	return ""
}

// perplexity writes one for people.
func perplexity(p float64) string {
	switch {
	case p == math.MaxFloat64:
		return "above 1e+308"
	case p >= 1e9:
		return fmt.Sprintf("%.3g", p)
	}
	return fmt.Sprintf("%.2f", p)
}
