package experiment

import (
	"fmt"
	"strings"
)

// markdown returns the report as Markdown, with the figures as files beside it.
func (r *Result) markdown() []byte {
	m := &markdown{}
	fmt.Fprintf(m, "# %s\n", escapeMarkdown(r.Experiment))
	m.paragraph(sentence(r.doc))
	r.onto(m)
	return []byte(m.String())
}

// sentence makes one of the line that describes an experiment.
func sentence(line string) string {
	if line == "" {
		return ""
	}
	return strings.ToUpper(line[:1]) + line[1:] + "."
}

// markdown is a page of GitHub's kind of Markdown.
type markdown struct{ strings.Builder }

func (m *markdown) heading(text string) { fmt.Fprintf(m, "\n## %s\n", escapeMarkdown(text)) }

func (m *markdown) paragraph(text string) {
	fmt.Fprintf(m, "\n%s\n", strings.Join(wrap(escapeMarkdown(text), pageWidth), "\n"))
}

func (m *markdown) list(items []item) {
	m.WriteByte('\n')
	for _, i := range items {
		fmt.Fprintf(m, "- **%s**: %s\n", escapeMarkdown(i.name), escapeMarkdown(i.doc))
	}
}

func (m *markdown) table(columns []string, rows [][]string, left map[int]bool) {
	m.WriteByte('\n')
	m.row(columns)
	for i := range columns {
		if left[i] {
			m.WriteString("| :-- ")
		} else {
			m.WriteString("| --: ")
		}
	}
	m.WriteString("|\n")
	for _, cells := range rows {
		m.row(cells)
	}
}

func (m *markdown) row(cells []string) {
	for _, cell := range cells {
		fmt.Fprintf(m, "| %s ", escapeMarkdown(cell))
	}
	m.WriteString("|\n")
}

func (m *markdown) figure(f *Figure) {
	caption := escapeMarkdown(f.Caption)
	fmt.Fprintf(m, "\n![%s](%s.svg)\n\n*%s*\n", caption, f.Name, caption)
}

// quote puts fences around a text, longer than any in it.
func (m *markdown) quote(text string) {
	fence := "```"
	for strings.Contains(text, fence) {
		fence += "`"
	}
	fmt.Fprintf(m, "\n%s\n%s\n%s\n", fence, strings.TrimRight(text, "\n"), fence)
}

// escapeMarkdown keeps what Markdown and HTML would read as more than text from being read so; no line breaks are left.
func escapeMarkdown(text string) string {
	var out strings.Builder
	for _, r := range strings.Join(strings.Fields(text), " ") {
		if strings.ContainsRune("\\`*_{}[]<>#|~&$", r) {
			out.WriteByte('\\')
		}
		out.WriteRune(r)
	}
	return out.String()
}
