package cli

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/seed-f4dd853e/elman/internal/report"
	"github.com/seed-f4dd853e/elman/internal/termtext"
	"github.com/seed-f4dd853e/elman/score"
)

// A column of a sheet.
type column struct {
	name   string
	detail bool // left out of a table for people
}

// A sheet writes rows of cells: strings, whole numbers, float64, score.Bits, or nil where there is no value, which NaN
// is too.
type sheet interface {
	row(cells []any)
	flush() // after some rows
}

// newSheet returns a sheet in a format, and writes the names of its columns.
func newSheet(out *bufio.Writer, format string, columns []column) sheet {
	switch format {
	case "json":
		return jsonSheet{out, columnNames(columns)}
	case "tsv":
		return newCSVSheet(out, '\t', columns)
	case "csv":
		return newCSVSheet(out, ',', columns)
	}
	return newTextSheet(out, columns)
}

func columnNames(columns []column) (names []string) {
	for _, c := range columns {
		names = append(names, c.name)
	}
	return names
}

// value returns a cell as a float64 if it is a number with a fraction, and else as it is; nil for NaN.
func value(cell any) any {
	if b, ok := cell.(score.Bits); ok {
		return b.Float()
	}
	if x, ok := cell.(float64); ok && math.IsNaN(x) {
		return nil
	}
	return cell
}

type csvSheet struct{ w *csv.Writer }

func newCSVSheet(out *bufio.Writer, separator rune, columns []column) csvSheet {
	w := csv.NewWriter(out)
	w.Comma = separator
	w.Write(columnNames(columns))
	return csvSheet{w}
}

func (s csvSheet) row(cells []any) {
	texts := make([]string, len(cells))
	for i, cell := range cells {
		switch x := value(cell).(type) {
		case nil:
		case float64:
			texts[i] = report.Exact(x)
		default:
			texts[i] = fmt.Sprint(x)
		}
	}
	s.w.Write(texts)
}

func (s csvSheet) flush() { s.w.Flush() }

type jsonSheet struct {
	out   *bufio.Writer
	names []string
}

func (s jsonSheet) row(cells []any) {
	for i, cell := range cells {
		s.out.WriteByte("{,"[min(i, 1)])
		for k, x := range []any{s.names[i], value(cell)} {
			text, err := json.Marshal(x)
			if err != nil {
				panic(err) // numbers are finite
			}
			if k == 1 {
				s.out.WriteByte(':')
			}
			s.out.Write(text)
		}
	}
	s.out.WriteString("}\n")
}

func (s jsonSheet) flush() {}

// A textSheet aligns columns. Those of a flush are as wide as the ones before, or wider.
type textSheet struct {
	out    *bufio.Writer
	shown  []int // columns
	widths []int
	left   []bool // columns of words
	rows   [][]string
}

func newTextSheet(out *bufio.Writer, columns []column) *textSheet {
	s := &textSheet{out: out}
	var names []string
	for i, c := range columns {
		if !c.detail {
			s.shown = append(s.shown, i)
			names = append(names, strings.ReplaceAll(c.name, "_", " "))
		}
	}
	s.widths, s.left = make([]int, len(s.shown)), make([]bool, len(s.shown))
	s.add(names)
	return s
}

func (s *textSheet) row(cells []any) {
	texts := make([]string, len(s.shown))
	for k, i := range s.shown {
		switch x := value(cells[i]).(type) {
		case nil:
		case float64:
			texts[k] = strconv.FormatFloat(x, 'f', 3, 64)
			if cells[i] == score.MaxBits {
				texts[k] = ">=" + texts[k]
			}
		case string:
			s.left[k] = true
			texts[k] = termtext.Cells(x)
		default:
			texts[k] = fmt.Sprint(x)
		}
	}
	s.add(texts)
}

func (s *textSheet) add(texts []string) {
	for k, text := range texts {
		s.widths[k] = max(s.widths[k], termtext.Width(text))
	}
	s.rows = append(s.rows, texts)
}

func (s *textSheet) flush() {
	for _, texts := range s.rows {
		var line strings.Builder
		for k, text := range texts {
			if k > 0 {
				line.WriteString("  ")
			}
			pad := strings.Repeat(" ", s.widths[k]-termtext.Width(text))
			if s.left[k] {
				line.WriteString(text + pad)
			} else {
				line.WriteString(pad + text)
			}
		}
		s.out.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
	s.rows = s.rows[:0]
}
