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
	"github.com/seed-f4dd853e/elman/internal/term"
	"github.com/seed-f4dd853e/elman/internal/termtext"
	"github.com/seed-f4dd853e/elman/score"
)

// A fileView prints a row for each file that was read to its end.
type fileView struct{ *scoring }

func newFileView(s *scoring) fileView {
	s.header()
	return fileView{s}
}

func (v fileView) begin(c *chunk)                            {}
func (v fileView) symbol(c *chunk, i, j int, x score.Symbol) {}
func (v fileView) scored(c *chunk)                           {}

func (v fileView) end(path string, sums []score.Sum) {
	if sums != nil {
		v.unit(unit{file: path, sums: sums})
	}
}

// A lineView prints a row for each line.
type lineView struct {
	*scoring
	marks [][]mark // the symbols of the lines, if they are coloured
}

func newLineView(s *scoring) *lineView {
	s.legend()
	s.header()
	if s.f.format == "text" && len(s.models) > 1 {
		for i, m := range s.models {
			fmt.Fprintf(s.out, "%d: %s\n", i+1, termtext.Sanitize(m.name))
		}
	}
	return &lineView{scoring: s}
}

func (v *lineView) begin(c *chunk) { v.marks = make([][]mark, len(c.lines)) }

func (v *lineView) symbol(c *chunk, i, j int, x score.Symbol) {
	if j == 0 && v.paint != nil {
		v.marks[i] = append(v.marks[i], newMark(v.models[0].model.Alphabet, x))
	}
}

func (v *lineView) scored(c *chunk) {
	for i, line := range c.lines {
		if v.f.alarms.only && !v.alarm(c.sums[i]) {
			continue
		}
		v.unit(unit{file: c.path, line: c.number + i + 1, text: line, marks: v.marks[i], sums: c.sums[i]})
	}
}

func (v *lineView) end(path string, sums []score.Sum) {}

// legend explains the colours.
func (s *scoring) legend() {
	if s.paint != nil {
		fmt.Fprintln(s.out, s.paint.Legend())
	}
}

// header names the columns of files and lines.
func (s *scoring) header() {
	if s.f.format == "csv" {
		names := []string{"file", "line", "model", "best", "symbols", "chars", "bytes", "bits", "at_least", "bits_per_char", "bits_per_byte", "perplexity", "excess", "z", "rank", "text", "hex",
			"oov", "oov_bits", "spelling_bits", "perplexity_known"}
		if s.f.alarms.rate > 0 {
			names = append(names, "alarm")
		}
		if s.keyOf != nil {
			names = append(names, "key")
		}
		s.row(names...)
	}
}

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
	File  string `json:"file"`
	Line  int    `json:"line,omitempty"`
	Model string `json:"model"`
	Best  bool   `json:"best"` // no other model takes fewer bits
	score.Figures

	Excess *float64 `json:"excess,omitempty"` // bits of the most surprising symbol above those expected
	Z      *float64 `json:"z,omitempty"`      // of the excess, beside the reference's lines
	Rank   *float64 `json:"rank,omitempty"`   // share of the reference's lines whose excess is less
	Alarm  *bool    `json:"alarm,omitempty"`  // with --alarms: the excess is above the threshold
	Text   *string  `json:"text,omitempty"`   // of a line
	Hex    string   `json:"hex,omitempty"`    // of a text that is not valid UTF-8
	Key    *string  `json:"key,omitempty"`    // of a line, with --key
}

func (s *scoring) record(u *unit, i int) record {
	sum := u.sums[i]
	r := record{File: u.file, Line: u.line, Model: s.models[i].name, Best: i == u.best(), Figures: sum.Figures()}
	if u.line > 0 {
		text := strings.TrimSuffix(string(u.text), "\n")
		r.Text, r.Hex = &text, invalidBytes(text)
		if s.keyOf != nil {
			key := strings.ToValidUTF8(s.keyOf(u.text), "\ufffd")
			r.Key = &key
		}
	}
	if s.f.referred != "" {
		reference := s.models[i].reference
		most, z, rank := sum.Excess.Float(), reference.Z(sum), reference.Rank(sum)
		r.Excess, r.Z, r.Rank = &most, &z, &rank
		if t := s.models[i].threshold; t != nil {
			alarm := t.Alarm(sum)
			r.Alarm = &alarm
		}
	}
	return r
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
		cells := []string{r.File, line, r.Model, strconv.FormatBool(r.Best), strconv.FormatInt(r.Symbols, 10), strconv.FormatInt(r.Chars, 10),
			strconv.FormatInt(r.Bytes, 10), report.Exact(r.Bits), strconv.FormatBool(r.AtLeast), report.Exact(r.BitsPerChar), report.Exact(r.BitsPerByte), report.Exact(r.Perplexity), most, z, rank, text, r.Hex,
			strconv.FormatInt(r.Unknown, 10), report.Exact(r.UnknownBits), report.Exact(r.Spelling), report.Exact(r.KnownPerplexity)}
		if r.Alarm != nil {
			cells = append(cells, strconv.FormatBool(*r.Alarm))
		}
		switch {
		case r.Key != nil:
			cells = append(cells, *r.Key)
		case s.keyOf != nil: // of a file
			cells = append(cells, "")
		}
		s.row(cells...)
	}
}

func (s *scoring) unitText(u *unit) {
	if u.line == 0 {
		for i, m := range s.models {
			r := s.record(u, i)
			s.prose("", fmt.Sprintf("%s by %s: %s, %s%.2f bits; %.4f bits per character, %.4f per byte, perplexity %s%s%s",
				textName(r.File), m.name, term.Counted(int(r.Symbols), "symbol"), atLeast(r.AtLeast), r.Bits, r.BitsPerChar, r.BitsPerByte, perplexity(r.Perplexity), unknown(r), s.mark(r.Best)))
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
		switch {
		case r.Alarm == nil:
		case *r.Alarm:
			figures.WriteString(" !")
		default:
			figures.WriteString("  ")
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

func (s *scoring) prose(prefix, text string) { writeProse(s.out, prefix, text, s.width) }

// writeProse writes text behind a prefix, wrapped if there is a width.
func writeProse(w io.Writer, prefix, text string, width int) {
	if width > 0 {
		text = termtext.Hang(prefix, termtext.Sanitize(text), width)
	} else {
		text = prefix + text
	}
	fmt.Fprintln(w, text)
}

// mark points out the best of several.
func (s *scoring) mark(best bool) string {
	if best && len(s.models) > 1 {
		return " (best)"
	}
	return ""
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

func (s *scoring) row(cells ...string) { writeCSVLine(s.out, cells) }

// writeCSVLine writes a row of CSV.
func writeCSVLine(w io.Writer, cells []string) {
	out := csv.NewWriter(w)
	out.Write(cells)
	out.Flush()
}

// unknown says what symbols that the alphabet lacks cost.
func unknown(r record) string {
	if r.Unknown == 0 {
		return ""
	}
	return fmt.Sprintf(", %s without the %d not in the alphabet, which take %.2f bits, %.2f of them to spell", perplexity(r.KnownPerplexity), r.Unknown, r.UnknownBits, r.Spelling)
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
