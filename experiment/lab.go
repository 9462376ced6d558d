package experiment

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/seed-f4dd853e/elman/internal/chart"
)

// A lab is an experiment at work: its options, and the result, which it prints as it grows. What its methods say goes to Out
// at once, and into the report, in the same order.
type lab struct {
	trial
	result  *Result
	failed  error // of writing to Out
	printed bool  // something is on Out already
}

func (l *lab) printf(format string, args ...any) {
	l.printed = true
	if _, err := fmt.Fprintf(l.Out, format, args...); err != nil && l.failed == nil {
		l.failed = err
	}
}

// append adds to the report. A block of the same kind as the one before may swallow it; most others begin after a blank line
// on Out.
func (l *lab) append(b block) {
	blocks := l.result.blocks
	if n := len(blocks); n > 0 && blocks[n-1].join(b) {
		return
	}
	if l.printed && !(prose(b) && prose(blocks[len(blocks)-1])) {
		l.printf("\n")
	}
	l.result.blocks = append(blocks, b)
}

// prose says whether a block needs no blank line beside another that needs none.
func prose(b block) bool {
	switch b.(type) {
	case *paragraph, *list:
		return true
	}
	return false
}

// pageWidth is where lines of words end.
const pageWidth = 120

// heading begins a part of the report.
func (l *lab) heading(text string) {
	l.append(&heading{text})
	l.printf("%s\n%s\n", text, strings.Repeat("-", utf8.RuneCountInString(text)))
}

// say adds sentences. What is said in one go is one or more lines on Out; in the report it all becomes one paragraph, up to
// the next thing that is none.
func (l *lab) say(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	l.append(&paragraph{[]string{text}})
	for _, line := range wrap(text, pageWidth) {
		l.printf("%s\n", line)
	}
}

// item adds a line to a list: what a name stands for.
func (l *lab) item(name, doc string) {
	l.append(&list{[]item{{name, doc}}})
	l.printf("  %-11s %s\n", name, doc)
}

const (
	firstWidth = 12 // columns of a first cell
	cellWidth  = 18 // of another
)

// table begins a new table, to which row adds. It is for work whose rows come one by one; whole is for the rest.
func (l *lab) table(names ...string) {
	t := &Table{Columns: names}
	l.result.Tables = append(l.result.Tables, t)
	l.append(t)
	widths := []int{firstWidth}
	for range names[1:] {
		widths = append(widths, cellWidth)
	}
	l.line(widths, names)
}

// row adds to the table that was begun last.
func (l *lab) row(cells ...any) {
	t := l.result.Tables[len(l.result.Tables)-1]
	t.Rows = append(t.Rows, finite(cells))
	widths := []int{firstWidth}
	for range cells[1:] {
		widths = append(widths, cellWidth)
	}
	l.line(widths, texts(cells))
}

// whole adds a table of which everything is known, its columns no wider than they need to be.
func (l *lab) whole(columns []string, rows [][]any) {
	t := &Table{Columns: columns}
	l.result.Tables = append(l.result.Tables, t)
	lines := [][]string{columns}
	for _, cells := range rows {
		t.Rows = append(t.Rows, finite(cells))
		lines = append(lines, texts(cells))
	}
	widths := make([]int, len(columns))
	for _, line := range lines {
		for i, cell := range line {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	l.append(t)
	for _, line := range lines {
		l.line(widths, line)
	}
}

// line prints the cells of a row.
func (l *lab) line(widths []int, cells []string) {
	for i, cell := range cells {
		if i == 0 {
			l.printf("%-*s", widths[i], cell)
		} else {
			l.printf("  %*s", widths[i], cell)
		}
	}
	l.printf("\n")
}

// finite puts the words for them in place of numbers that JSON does not know.
func finite(cells []any) []any {
	cells = slices.Clone(cells)
	for i, cell := range cells {
		if v, ok := cell.(float64); ok && v-v != 0 {
			cells[i] = word(cell)
		}
	}
	return cells
}

// texts returns cells as people read them.
func texts(cells []any) (text []string) {
	for _, cell := range cells {
		text = append(text, word(cell))
	}
	return text
}

func word(cell any) string {
	switch v := cell.(type) {
	case nil:
		return "-"
	case float64:
		return number(v)
	}
	return fmt.Sprint(cell)
}

// number writes a number with three decimals, or with two digits where that says more.
func number(v float64) string {
	if size := math.Abs(v); size != 0 && size < 0.01 || size >= 1e6 {
		return strconv.FormatFloat(v, 'g', 2, 64)
	}
	return fmt.Sprintf("%.3f", v)
}

// finding adds a finding.
func (l *lab) finding(name string, value float64, unit string) {
	f := Finding{name, value, unit}
	l.result.Findings = append(l.result.Findings, f)
	l.append(&findingList{[]Finding{f}})
	l.printf("%-60s %7.4f %s\n", name, value, unit)
}

// target adds a target, which each seed has met or not, in the order of Result.Seeds.
func (l *lab) target(what, wanted, source string, met []bool) {
	t := Target{What: what, Wanted: wanted, Source: source, Of: len(met), Missed: []uint64{}}
	for i, m := range met {
		if m {
			t.Met++
		} else {
			t.Missed = append(t.Missed, l.result.Seeds[i])
		}
	}
	l.result.Targets = append(l.result.Targets, t)
	l.append(&targetList{})
	l.printf("%s: %s, wanted %s (%s)\n", t, what, wanted, source)
}

// figure adds charts that are drawn one below the other. The name is that of files.
func (l *lab) figure(name, caption string, charts ...chart.Chart) {
	f := &Figure{name, caption, charts}
	l.result.Figures = append(l.result.Figures, f)
	l.result.blocks = append(l.result.blocks, f) // nothing of it is on Out
}

// sample adds a sample.
func (l *lab) sample(network, text string) {
	s := Sample{network, text}
	l.result.Samples = append(l.result.Samples, s)
	l.append(&s)
	l.printf("%s writes:\n    %s\n", network, strings.ReplaceAll(strings.TrimRight(text, "\n"), "\n", "\n    "))
}

// wrap divides a text into lines.
func wrap(text string, width int) (lines []string) {
	line := ""
	for _, word := range strings.Fields(text) {
		switch {
		case line == "":
			line = word
		case utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > width:
			lines, line = append(lines, line), word
		default:
			line += " " + word
		}
	}
	return append(lines, line)
}
