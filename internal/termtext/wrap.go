package termtext

import (
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// Limits of the width at which prose is wrapped: a narrower terminal breaks lines by itself, and longer lines are hard to
// read. DefaultWidth is for files and pipes.
const (
	MinWidth     = 40
	MaxWidth     = 200
	DefaultWidth = 80
)

// Width returns the number of columns of text. Escape sequences count 0.
func Width(text string) int { return ansi.StringWidthWc(text) }

// Clip returns one line of text in Cells, cut to a width, with … at the cut.
func Clip(line string, width int) string { return ansi.TruncateWc(Cells(line), width, "…") }

// Wrap breaks lines of text that are wider than width, which is limited to MinWidth and MaxWidth. It breaks at spaces only: a
// longer word, path or number stays whole. Continuation lines keep the indentation.
func Wrap(text string, width int) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		body := strings.TrimLeft(line, " ")
		lines[i] = Hang(line[:len(line)-len(body)], body, width)
	}
	return strings.Join(lines, "\n")
}

// WrapColumns is Wrap for lists and tables: the rest of a line stands below the line's last column, which begins after a gap
// of two spaces or more.
func WrapColumns(text string, width int) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		body := strings.TrimLeft(line, " ")
		start := len(line) - len(body)
		indent := line[:start] + "    "
		if gap := strings.LastIndex(line, "  "); gap >= start && Width(line[:gap+2]) <= width {
			start = gap + 2
		}
		lines[i] = hang(line[:start], line[start:], indent, width)
	}
	return strings.Join(lines, "\n")
}

// Join makes one line of each paragraph of text, to be wrapped anew. Lines that begin with a space stay as they are.
func Join(text string) string {
	var b strings.Builder
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if i > 0 {
			if last := lines[i-1]; last == "" || line == "" || last[0] == ' ' || line[0] == ' ' {
				b.WriteByte('\n')
			} else {
				b.WriteByte(' ')
			}
		}
		b.WriteString(line)
	}
	return b.String()
}

// Hang returns a prefix and a line of text, wrapped as by Wrap, with continuation lines aligned below the text.
func Hang(prefix, text string, width int) string { return hang(prefix, text, "", width) }

// hang is Hang. Where a prefix leaves too little room, it indents the rest by narrow.
func hang(prefix, text, narrow string, width int) string {
	width = min(max(width, MinWidth), MaxWidth)
	column := Width(prefix)
	if column+Width(text) <= width {
		return prefix + text
	}
	indent := strings.Repeat(" ", column)
	if column >= width/2 {
		indent = narrow
	}
	var b strings.Builder
	if first, _, _ := strings.Cut(text, " "); column+Width(first) > width && len(indent) < column {
		b.WriteString(strings.TrimRight(prefix, " ") + "\n" + indent)
		column = len(indent)
	} else {
		b.WriteString(prefix)
	}
	for gap := ""; text != ""; {
		end := strings.IndexByte(text, ' ')
		if end < 0 {
			end = len(text)
		}
		word := text[:end]
		if n := Width(gap) + Width(word); gap != "" && column+n > width {
			b.WriteString("\n" + indent + word)
			column = len(indent) + Width(word)
		} else {
			b.WriteString(gap + word)
			column += n
		}
		rest := strings.TrimLeft(text[end:], " ")
		gap, text = text[end:len(text)-len(rest)], rest
	}
	return b.String()
}
