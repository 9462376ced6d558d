package termtext

import (
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// Prose is wrapped at the terminal's width within these limits: a narrower terminal breaks it by itself, and longer lines are
// hard to read. DefaultWidth is for files and pipes.
const (
	MinWidth     = 40
	MaxWidth     = 200
	DefaultWidth = 80
)

// Width returns the number of columns that text takes. Escape sequences take none.
func Width(text string) int { return ansi.StringWidthWc(text) }

// Clip returns one line of text in Cells, cut to a width, with … where something is missing.
func Clip(line string, width int) string { return ansi.TruncateWc(Cells(line), width, "…") }

// Wrap breaks the lines of text that are wider than width, which is limited to MinWidth and MaxWidth. It breaks at spaces
// alone: a longer word, path or number stays whole. The rest of a line is indented as its beginning.
func Wrap(text string, width int) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		body := strings.TrimLeft(line, " ")
		lines[i] = Hang(line[:len(line)-len(body)], body, width)
	}
	return strings.Join(lines, "\n")
}

// Hang returns a line of text behind a prefix, wrapped as Wrap does, its rest below its own beginning.
func Hang(prefix, text string, width int) string {
	width = min(max(width, MinWidth), MaxWidth)
	column := Width(prefix)
	if column+Width(text) <= width {
		return prefix + text
	}
	indent := strings.Repeat(" ", column)
	if column >= width/2 { // too little would be left
		indent = ""
	}
	var b strings.Builder
	b.WriteString(prefix)
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
