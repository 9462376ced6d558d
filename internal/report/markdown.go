package report

import (
	"fmt"
	"strings"
)

// Markdown returns a document in GitHub Flavored Markdown. Figures are files beside it, NAME.svg.
func Markdown(d *Document) []byte {
	m := &markdown{}
	fmt.Fprintf(m, "# %s\n", escape(d.Title))
	if d.Summary != "" {
		m.block(Paragraph(d.Summary))
	}
	for _, s := range d.Sections {
		if s.Title != "" {
			fmt.Fprintf(m, "\n## %s\n", escape(s.Title))
		}
		for _, b := range s.Blocks {
			m.block(b)
		}
	}
	return []byte(m.String())
}

type markdown struct{ strings.Builder }

func (m *markdown) block(b Block) {
	switch b := b.(type) {
	case Paragraph:
		fmt.Fprintf(m, "\n%s\n", strings.Join(wrap(escape(string(b)), textWidth), "\n"))
	case List:
		m.WriteByte('\n')
		for _, i := range b {
			fmt.Fprintf(m, "- **%s**: %s\n", escape(i.Name), escape(i.Text))
		}
	case *Table:
		m.table(b)
	case *Figure:
		caption := escape(b.Caption)
		fmt.Fprintf(m, "\n![%s](%s.svg)\n\n*%s*\n", caption, b.Name, caption)
	case Quote:
		m.quote(b)
	}
}

func (m *markdown) table(t *Table) {
	if t.Caption != "" {
		m.block(Paragraph(t.Caption))
	}
	m.WriteByte('\n')
	m.row(t.Columns)
	for i := range t.Columns {
		if t.numeric(i) {
			m.WriteString("| --: ")
		} else {
			m.WriteString("| :-- ")
		}
	}
	m.WriteString("|\n")
	for _, cells := range t.Rows {
		var texts []string
		for _, c := range cells {
			texts = append(texts, c.Text)
		}
		m.row(texts)
	}
}

func (m *markdown) row(cells []string) {
	for _, cell := range cells {
		fmt.Fprintf(m, "| %s ", escape(cell))
	}
	m.WriteString("|\n")
}

// quote encloses a text in fences longer than any in it.
func (m *markdown) quote(q Quote) {
	if q.Caption != "" {
		m.block(Paragraph(q.Caption))
	}
	fence := "```"
	for strings.Contains(q.Text, fence) {
		fence += "`"
	}
	fmt.Fprintf(m, "\n%s\n%s\n%s\n", fence, strings.TrimRight(q.Text, "\n"), fence)
}

// escape keeps what Markdown and HTML would read as more than text from being read so; no line breaks are left.
func escape(text string) string {
	var out strings.Builder
	for _, r := range strings.Join(strings.Fields(text), " ") {
		if strings.ContainsRune("\\`*_{}[]<>#|~&$", r) {
			out.WriteByte('\\')
		}
		out.WriteRune(r)
	}
	return out.String()
}
