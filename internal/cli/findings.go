package cli

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/seed-f4dd853e/elman/internal/chart"
	"github.com/seed-f4dd853e/elman/internal/page"
	"github.com/seed-f4dd853e/elman/internal/termtext"
)

// A finding is what one analysis has to tell: in print, as a picture, as a table of its own, and as a section of a page.
type finding struct {
	name   string // of --of
	title  string
	says   []string // paragraphs
	tables []table
	charts []drawing
	texts  []page.Text
}

// A drawing is a chart, and what it shows in a sentence.
type drawing struct {
	caption string
	chart   chart.Chart
}

// A table has as many cells in each row as in its head.
type table struct {
	caption string
	head    []string
	rows    [][]cell
	printed int // rows that are printed; 0 means all
}

// A cell holds a word or a number.
type cell struct {
	text    string
	exact   string // the number with all its digits; "" where text is a word
	chooses *page.Choice
}

func word(format string, values ...any) cell { return cell{text: fmt.Sprintf(format, values...)} }

func figure(format string, x float64) cell {
	text := fmt.Sprintf(format, x)
	if strings.Trim(text, "-+0. %") == "" { // a zero has no sign
		text = strings.TrimLeft(text, "-+")
	}
	return cell{text: strings.Replace(text, "-", "−", 1), exact: number(x)}
}

// print writes what there is to read of a finding.
func (f *finding) print(w io.Writer) {
	fmt.Fprintf(w, "\n%s\n", f.title)
	for _, text := range f.says {
		fmt.Fprintln(w, termtext.Wrap(text, 100))
	}
	for _, t := range f.tables {
		fmt.Fprintln(w)
		if t.caption != "" {
			fmt.Fprintln(w, termtext.Wrap(t.caption, 100))
		}
		t.print(w)
	}
	for _, t := range f.texts {
		fmt.Fprintf(w, "\n%s\n%s\n", t.Caption, t.Body)
	}
}

func (t *table) print(w io.Writer) {
	widths := make([]int, len(t.head))
	for i, h := range t.head {
		widths[i] = ansi.StringWidth(h)
	}
	rows := t.rows
	if t.printed > 0 && len(rows) > t.printed {
		rows = rows[:t.printed]
	}
	for _, row := range rows {
		for i, c := range row {
			widths[i] = max(widths[i], ansi.StringWidth(termtext.Cells(c.text)))
		}
	}
	line := func(text func(i int) (string, bool)) {
		var b strings.Builder
		for i, width := range widths {
			s, right := text(i)
			gap := strings.Repeat(" ", width-ansi.StringWidth(s))
			if right {
				s = gap + s
			} else {
				s += gap
			}
			b.WriteString("  " + s)
		}
		fmt.Fprintln(w, strings.TrimRight(b.String(), " "))
	}
	right := func(i int) bool {
		return slices.ContainsFunc(rows, func(row []cell) bool { return row[i].exact != "" })
	}
	line(func(i int) (string, bool) { return t.head[i], right(i) })
	for _, row := range rows {
		line(func(i int) (string, bool) { return termtext.Cells(row[i].text), right(i) })
	}
	if more := len(t.rows) - len(rows); more > 0 {
		fmt.Fprintf(w, "  and %d more\n", more)
	}
}

// csv writes the tables of a finding, a blank line between two.
func (f *finding) csv(out io.Writer) error {
	for i, t := range f.tables {
		if i > 0 {
			if _, err := io.WriteString(out, "\n"); err != nil {
				return err
			}
		}
		w := csv.NewWriter(out)
		w.Write(t.head)
		for _, row := range t.rows {
			var values []string
			for _, c := range row {
				if c.exact != "" {
					values = append(values, c.exact)
				} else {
					values = append(values, c.text)
				}
			}
			w.Write(values)
		}
		if w.Flush(); w.Error() != nil {
			return w.Error()
		}
	}
	return nil
}

// section makes a finding part of a page.
func (f *finding) section() (page.Section, error) {
	s := page.Section{ID: f.name, Title: f.title}
	for _, text := range f.says {
		s.Blocks = append(s.Blocks, page.Block{Paragraph: text})
	}
	for _, d := range f.charts {
		var svg bytes.Buffer
		if err := chart.Write(&svg, "svg", d.chart); err != nil {
			return s, err
		}
		s.Blocks = append(s.Blocks, page.Block{Figure: &page.Figure{Caption: d.caption, SVG: svg.Bytes()}})
	}
	for _, t := range f.tables {
		shown := &page.Table{Caption: t.caption, Head: t.head}
		for _, row := range t.rows {
			var line []page.Cell
			for _, c := range row {
				line = append(line, page.Cell{Text: c.text, Number: c.exact != "", Chooses: c.chooses})
			}
			shown.Rows = append(shown.Rows, line)
		}
		s.Blocks = append(s.Blocks, page.Block{Table: shown})
	}
	for _, t := range f.texts {
		s.Blocks = append(s.Blocks, page.Block{Text: &t})
	}
	return s, nil
}
