package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/seed-f4dd853e/elman/internal/termtext"
)

// textWidth is the widest running text: longer lines are hard to read.
const textWidth = 100

// A Terminal writes a report as plain text, block by block, within a width. It breaks lines between words only; a word wider
// than a line has its own line. All text except quotes is reduced to characters whose width terminals agree on. After an
// error it writes nothing more.
type Terminal struct {
	out   io.Writer
	width int
	last  Block // the last block written
	begun bool
	open  *columns // of the table that rows are added to
	err   error
}

// NewTerminal returns a Terminal of this many columns, limited to termtext.MinWidth and MaxWidth. 0 is for files and pipes:
// tables are as wide as necessary, up to MaxWidth.
func NewTerminal(out io.Writer, width int) *Terminal {
	if width == 0 {
		width = termtext.MaxWidth
	}
	return &Terminal{out: out, width: min(max(width, termtext.MinWidth), termtext.MaxWidth)}
}

// Err returns the first error of writing.
func (t *Terminal) Err() error { return t.err }

// Section writes a section.
func (t *Terminal) Section(s *Section) {
	if s.Title != "" {
		t.title(s.Title)
	}
	for _, b := range s.Blocks {
		t.Block(b)
	}
}

func (t *Terminal) title(text string) {
	t.gap(nil)
	lines := wrap(clean(text), t.width)
	longest := 0
	for _, line := range lines {
		longest = max(longest, termtext.Width(line))
		t.line(line)
	}
	t.line(strings.Repeat("-", longest))
}

// Block writes a block after a blank line; consecutive paragraphs have none between them.
func (t *Terminal) Block(b Block) {
	if _, ok := b.(*Figure); ok {
		return
	}
	t.gap(b)
	switch b := b.(type) {
	case Paragraph:
		t.paragraph(string(b), "")
	case List:
		t.list(b)
	case *Table:
		t.table(b)
	case Quote:
		if b.Caption != "" {
			t.paragraph(b.Caption, "")
		}
		for line := range strings.SplitSeq(strings.TrimRight(b.Text, "\n"), "\n") {
			t.line("    " + line)
		}
	}
}

// gap writes the blank line before a block; nil is a title.
func (t *Terminal) gap(b Block) {
	if t.begun && t.last != nil && !(prose(t.last) && prose(b)) || t.begun && b == nil {
		t.line("")
	}
	t.begun, t.last = true, b
}

// prose reports whether a block needs no blank line between it and another such block.
func prose(b Block) bool {
	switch b.(type) {
	case Paragraph, List:
		return true
	}
	return false
}

func (t *Terminal) paragraph(text, indent string) {
	for _, line := range wrap(clean(text), min(t.width, textWidth)-len(indent)) {
		t.line(indent + line)
	}
}

// list writes names and texts side by side, or the texts below if the names leave too little room.
func (t *Terminal) list(items List) {
	name := 0
	for _, i := range items {
		name = max(name, termtext.Width(clean(i.Name)))
	}
	room := min(t.width, textWidth) - name - 4
	for _, i := range items {
		if room < termtext.MinWidth/2 {
			t.line("  " + clean(i.Name))
			t.paragraph(i.Text, "    ")
			continue
		}
		for k, line := range wrap(clean(i.Text), room) {
			head := ""
			if k == 0 {
				head = clean(i.Name)
			}
			t.line("  " + pad(head, name, false) + "  " + line)
		}
	}
}

// clean returns text in one line.
func clean(text string) string { return termtext.Cells(strings.Join(strings.Fields(text), " ")) }

func (t *Terminal) line(text string) {
	if t.err == nil {
		_, t.err = fmt.Fprintln(t.out, strings.TrimRight(text, " "))
	}
}

// wrap divides a text into lines of at most this many columns, except for longer words.
func wrap(text string, width int) (lines []string) {
	line, used := "", 0
	for word := range strings.FieldsSeq(text) {
		size := termtext.Width(word)
		switch {
		case line == "":
			line, used = word, size
		case used+1+size > width:
			lines, line, used = append(lines, line), word, size
		default:
			line, used = line+" "+word, used+1+size
		}
	}
	return append(lines, line)
}

// pad pads a text with spaces, on the left if it is aligned right.
func pad(text string, width int, right bool) string {
	gap := strings.Repeat(" ", max(0, width-termtext.Width(text)))
	if right {
		return gap + text
	}
	return text + gap
}

// table writes a complete table.
func (t *Terminal) table(x *Table) {
	if x.Caption != "" {
		t.paragraph(x.Caption, "")
	}
	rows := x.Rows
	if x.Shown > 0 && len(rows) > x.Shown {
		rows = rows[:x.Shown]
	}
	lines := make([][]string, len(rows))
	for i, row := range rows {
		lines[i] = texts(row)
	}
	c := newColumns(named(x.Columns), lines, t.width)
	for i := range c.right {
		c.right[i] = x.numeric(i)
	}
	t.head(c)
	for _, line := range lines {
		t.row(c, line)
	}
	if more := len(x.Rows) - len(rows); more > 0 {
		t.line(fmt.Sprintf("and %d more", more))
	}
}

// Begin writes the head of a table whose rows come one by one, by Row. widest has the widest expected cell of each column.
func (t *Terminal) Begin(columns []string, widest ...Cell) {
	t.gap(&Table{})
	t.open = newColumns(named(columns), [][]string{texts(widest)}, t.width)
	for i, c := range widest {
		t.open.right[i] = c.numeric()
	}
	t.head(t.open)
}

// Row writes a row of the last table begun.
func (t *Terminal) Row(cells ...Cell) { t.row(t.open, texts(cells)) }

// named returns the names of columns as they are shown.
func named(columns []string) []string {
	all := make([]string, len(columns))
	for i, name := range columns {
		all[i] = clean(name)
	}
	return all
}

// texts returns what is shown of cells.
func texts(row []Cell) []string {
	all := make([]string, len(row))
	for i, c := range row {
		all[i] = clean(c.Text)
	}
	return all
}

func (t *Terminal) head(c *columns) {
	if !c.stacked {
		t.row(c, c.names)
	}
}

// row writes a row, in as many lines as its highest cell needs; in a stacked table, a line for each cell.
func (t *Terminal) row(c *columns, cells []string) {
	if c.stacked {
		t.stack(c, cells)
		return
	}
	wrapped, high := make([][]string, len(cells)), 0
	for i, text := range cells {
		wrapped[i] = wrap(text, c.widths[i])
		high = max(high, len(wrapped[i]))
	}
	for k := range high {
		var line strings.Builder
		for i, lines := range wrapped {
			part := ""
			if k < len(lines) {
				part = lines[k]
			}
			if i > 0 {
				line.WriteString(strings.Repeat(" ", c.gap))
			}
			line.WriteString(pad(part, c.widths[i], c.right[i]))
		}
		t.line(line.String())
	}
}

// stack writes a row as a list: the first cell, and below it name and text of the others.
func (t *Terminal) stack(c *columns, cells []string) {
	name := 0
	for _, n := range c.names[1:] {
		name = max(name, termtext.Width(n))
	}
	name = min(name, t.width/2)
	t.paragraph(strings.TrimLeft(c.names[0]+": ", ": ")+cells[0], "")
	for i, text := range cells {
		if i == 0 || text == "" {
			continue
		}
		heads, lines := wrap(c.names[i], name), wrap(text, t.width-name-4)
		for k := range max(len(heads), len(lines)) {
			head, part := "", ""
			if k < len(heads) {
				head = heads[k]
			}
			if k < len(lines) {
				part = lines[k]
			}
			t.line("  " + pad(head, name, false) + "  " + part)
		}
	}
}

// columns is the layout of a table.
type columns struct {
	names   []string
	widths  []int
	right   []bool
	gap     int
	stacked bool // the columns do not fit side by side
}

// shortCell is the width up to which a cell stays in one line.
const shortCell = 8

// highest is how many lines a row may take before the table is stacked.
const highest = 5

// newColumns lays out a table within a width: each column as wide as its widest cell; if that does not fit, with the widest
// columns narrowed and their cells wrapped; if that does not fit either, stacked.
func newColumns(names []string, rows [][]string, room int) *columns {
	c := &columns{names: names, widths: make([]int, len(names)), right: make([]bool, len(names)), gap: 2}
	least := make([]int, len(names))
	all := append([][]string{names}, rows...)
	for k, row := range all {
		for i, text := range row {
			width := termtext.Width(text)
			c.widths[i] = max(c.widths[i], width)
			if k > 0 && width <= shortCell {
				least[i] = max(least[i], width)
			}
			for word := range strings.FieldsSeq(text) {
				least[i] = max(least[i], termtext.Width(word))
			}
		}
	}
	room -= c.gap * (len(names) - 1)
	if sum(c.widths) <= room {
		return c
	}
	if sum(least) > room {
		room += len(names) - 1
		c.gap = 1
	}
	if sum(least) > room {
		c.stacked = true
		return c
	}
	squeeze(c.widths, least, room)
	for _, row := range rows {
		for i, text := range row {
			c.stacked = c.stacked || len(wrap(text, c.widths[i])) > highest
		}
	}
	return c
}

// squeeze narrows the widest columns, none below its least width, until all fit.
func squeeze(widths, least []int, room int) {
	natural := slices.Clone(widths)
	for most := slices.Max(natural); sum(widths) > room; most-- {
		for i := range widths {
			widths[i] = max(least[i], min(natural[i], most))
		}
	}
}

func sum(numbers []int) (all int) {
	for _, n := range numbers {
		all += n
	}
	return all
}
