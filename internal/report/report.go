// Package report builds a report once, from headings, paragraphs, lists, tables and figures, and writes it in any form: on a
// terminal of any width, as Markdown, HTML, CSV or JSON. It knows no models. All formatting of numbers for people is here.
package report

import (
	"fmt"
	"slices"

	"github.com/seed-f4dd853e/elman/internal/chart"
)

// A Document is a whole report.
type Document struct {
	Title    string
	Summary  string // a paragraph under the title
	Sections []*Section
}

// A Section is a part of a document, or stands alone on a page.
type Section struct {
	Name   string // for links
	Title  string // "" before the first title
	Blocks []Block
}

// Add appends blocks.
func (s *Section) Add(blocks ...Block) { s.Blocks = append(s.Blocks, blocks...) }

// Say appends a paragraph.
func (s *Section) Say(format string, values ...any) { s.Add(Paragraph(fmt.Sprintf(format, values...))) }

// A Block is a Paragraph, a List, a *Table, a *Figure or a Quote.
type Block interface{ block() }

// Of returns the blocks of one type.
func Of[B Block](blocks []Block) (some []B) {
	for _, b := range blocks {
		if x, ok := b.(B); ok {
			some = append(some, x)
		}
	}
	return some
}

// A Paragraph is running text.
type Paragraph string

// A List explains names.
type List []Item

// An Item is a line of a list.
type Item struct{ Name, Text string }

// A Quote is text shown verbatim, line by line.
type Quote struct{ Caption, Text string }

// A Figure is a column of charts. A terminal does not show it.
type Figure struct {
	Name    string // of its file, without the ending; "" for no file
	Caption string // a sentence
	Charts  []chart.Chart
}

// A Table has as many cells in each row as it has columns.
type Table struct {
	Caption string
	Columns []string
	Rows    [][]Cell
	Shown   int // rows that a terminal shows; 0 means all
}

// Row appends a row. It panics unless the row has one cell for each column.
func (t *Table) Row(cells ...Cell) {
	if len(cells) != len(t.Columns) {
		panic(fmt.Sprintf("report: a row of %d cells in a table of %d columns", len(cells), len(t.Columns)))
	}
	t.Rows = append(t.Rows, cells)
}

// numeric reports whether a column has numbers, which are aligned right.
func (t *Table) numeric(column int) bool {
	return slices.ContainsFunc(t.Rows, func(row []Cell) bool { return row[column].numeric() })
}

func (Paragraph) block() {}
func (List) block()      {}
func (Quote) block()     {}
func (*Figure) block()   {}
func (*Table) block()    {}

// A Cell is a word, a number, or a Spread of numbers.
type Cell struct {
	Text  string // for people
	Value any    // exact: a string, int, int64, float64 or Spread; nil if there is no value
	Unit  *Unit  // the unit by which a page colours its text when the cell is clicked; nil means none
}

// A Unit is a row of numbers of a page: see page.Field.
type Unit struct {
	Group, Quantity string
	Number          int
}

// Word returns a cell with words.
func Word(format string, values ...any) Cell {
	text := fmt.Sprintf(format, values...)
	return Cell{Text: text, Value: text}
}

// Missing is the cell of an unknown value.
var Missing = Cell{Text: "–"}

// Number returns a cell with a formatted number.
func Number(x float64, f Format) Cell { return Cell{Text: f(x), Value: x} }

// Whole returns a cell with a whole number.
func Whole[N int | int64](n N) Cell { return Cell{Text: fmt.Sprint(n), Value: n} }

// numeric reports whether the cell holds a number.
func (c Cell) numeric() bool {
	_, word := c.Value.(string)
	return !word && c.Value != nil
}
