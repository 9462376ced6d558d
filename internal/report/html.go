package report

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"errors"
	"fmt"
	"html"
	"strings"

	"github.com/seed-f4dd853e/elman/internal/chart"
)

// Style is the style sheet of all pages.
//
//go:embed report.css
var Style string

// HTML returns a document as one file that loads nothing and runs nothing. It fails on figures that cannot be drawn; one that
// has nothing to draw says so.
func HTML(d *Document) ([]byte, error) {
	h := &hypertext{}
	title := html.EscapeString(d.Title)
	fmt.Fprintf(h, `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src '%s'">
<title>%s</title>
<style>%s</style>
</head>
<body>
<header>
<h1>%s</h1>
</header>
<main>
`, Digest(Style), title, Style, title)
	if d.Summary != "" {
		fmt.Fprintf(h, "<p>%s</p>\n", html.EscapeString(d.Summary))
	}
	for _, s := range d.Sections {
		if err := h.section(s); err != nil {
			return nil, err
		}
	}
	h.WriteString("</main>\n</body>\n</html>\n")
	return h.Bytes(), nil
}

// SectionHTML returns a section as an element of a page. It fails as HTML does.
func SectionHTML(s *Section) ([]byte, error) {
	h := &hypertext{}
	err := h.section(s)
	return h.Bytes(), err
}

// Digest is how a page's policy names a script or a style sheet.
func Digest(source string) string {
	sum := sha256.Sum256([]byte(source))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

type hypertext struct{ bytes.Buffer }

func (h *hypertext) section(s *Section) error {
	h.WriteString("<section")
	if s.Name != "" {
		fmt.Fprintf(h, ` id="%s"`, html.EscapeString(s.Name))
	}
	h.WriteString(">\n")
	if s.Title != "" {
		fmt.Fprintf(h, "<h2>%s</h2>\n", html.EscapeString(s.Title))
	}
	beside := false // tables, figures and quotes stand beside each other where there is room
	for _, b := range s.Blocks {
		if prose(b) == beside {
			if beside = !beside; beside {
				h.WriteString("<div class=\"beside\">\n")
			} else {
				h.WriteString("</div>\n")
			}
		}
		if err := h.block(b); err != nil {
			return err
		}
	}
	if beside {
		h.WriteString("</div>\n")
	}
	h.WriteString("</section>\n")
	return nil
}

func (h *hypertext) block(b Block) error {
	switch b := b.(type) {
	case Paragraph:
		fmt.Fprintf(h, "<p>%s</p>\n", html.EscapeString(string(b)))
	case List:
		h.WriteString("<dl>\n")
		for _, i := range b {
			fmt.Fprintf(h, "<dt>%s</dt><dd>%s</dd>\n", html.EscapeString(i.Name), html.EscapeString(i.Text))
		}
		h.WriteString("</dl>\n")
	case *Table:
		h.table(b)
	case *Figure:
		return h.figure(b)
	case Quote:
		h.WriteString("<figure class=\"plain\">")
		h.caption(b.Caption)
		fmt.Fprintf(h, "<pre>%s</pre></figure>\n", html.EscapeString(strings.TrimRight(b.Text, "\n")))
	}
	return nil
}

func (h *hypertext) caption(text string) {
	if text != "" {
		fmt.Fprintf(h, "<figcaption>%s</figcaption>", html.EscapeString(text))
	}
}

// figure draws it as an element of the page.
func (h *hypertext) figure(f *Figure) error {
	var svg bytes.Buffer
	err := chart.Write(&svg, "svg", f.Charts...)
	if errors.Is(err, chart.ErrEmpty) {
		fmt.Fprintf(h, "<p class=\"note\">%s Not drawn: %s.</p>\n", html.EscapeString(f.Caption), html.EscapeString(err.Error()))
		return nil
	}
	if err != nil {
		return fmt.Errorf("figure %s: %w", f.Name, err)
	}
	drawing, err := inline(bytes.TrimSpace(svg.Bytes()), f.Caption)
	if err != nil {
		return err
	}
	h.WriteString("<figure")
	if f.Name != "" {
		fmt.Fprintf(h, ` id="figure-%s"`, html.EscapeString(f.Name))
	}
	h.WriteString(">" + drawing)
	h.caption(f.Caption)
	h.WriteString("</figure>\n")
	return nil
}

func (h *hypertext) table(t *Table) {
	h.WriteString("<div class=\"scroll\"><table>\n")
	if t.Caption != "" {
		fmt.Fprintf(h, "<caption>%s</caption>\n", html.EscapeString(t.Caption))
	}
	h.WriteString("<thead><tr>")
	for i, name := range t.Columns {
		fmt.Fprintf(h, "<th scope=\"col\"%s>%s</th>", class(t.numeric(i)), html.EscapeString(name))
	}
	h.WriteString("</tr></thead>\n<tbody>\n")
	for _, row := range t.Rows {
		h.WriteString("<tr>")
		for _, c := range row {
			if len(c.Text) <= unbroken {
				c.Text = strings.ReplaceAll(c.Text, " ", "\u00a0")
			}
			fmt.Fprintf(h, "<td%s>", class(c.numeric()))
			if u := c.Unit; u != nil {
				fmt.Fprintf(h, `<button type="button" data-group="%s" data-quantity="%s" data-unit="%d">%s</button>`,
					html.EscapeString(u.Group), html.EscapeString(u.Quantity), u.Number, html.EscapeString(c.Text))
			} else {
				h.WriteString(html.EscapeString(c.Text))
			}
			h.WriteString("</td>")
		}
		h.WriteString("</tr>\n")
	}
	h.WriteString("</tbody>\n</table></div>\n")
}

// unbroken is the longest text of a cell that stays in one line on a narrow page: "1:148 c", "2 of 10".
const unbroken = 8

func class(number bool) string {
	if number {
		return ` class="number"`
	}
	return ""
}
