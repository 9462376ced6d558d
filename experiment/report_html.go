package experiment

import (
	"bytes"
	"fmt"
	"html"
	"strings"
)

// html returns the report as one HTML file, given the drawing of each figure as SVG.
func (r *Result) html(drawings map[*Figure][]byte) []byte {
	p := &htmlPage{drawings: drawings}
	fmt.Fprintf(p, htmlHead, html.EscapeString(r.Experiment), html.EscapeString(r.Experiment))
	p.paragraph(sentence(r.doc))
	r.onto(p)
	p.WriteString("</main>\n")
	return []byte(p.String())
}

// htmlHead begins a file that loads nothing and runs nothing.
const htmlHead = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>%s</title>
<style>
body { margin: 0; color: #1a1a1a; background: #fff; font: 1rem/1.5 "Liberation Serif", "Times New Roman", serif }
main { max-width: 50rem; margin: 0 auto; padding: 1rem }
h1, h2 { line-height: 1.2; font-weight: normal }
h2 { margin: 2em 0 0.5em; border-bottom: 1px solid #bbb }
.wide { overflow-x: auto }
table { border-collapse: collapse; margin: 1rem 0; font-size: 0.9rem; font-variant-numeric: tabular-nums }
th, td { padding: 0.15rem 0.7rem 0.15rem 0; vertical-align: top; text-align: right }
th { border-bottom: 1px solid #1a1a1a; font-weight: bold; vertical-align: bottom }
.left { text-align: left }
dt { font-weight: bold }
dd { margin: 0 0 0.3rem 2rem }
figure { margin: 1.5rem 0 }
figure svg { display: block; max-width: 100%%; height: auto }
figcaption { margin-top: 0.5rem; font-style: italic }
pre { padding: 0.7rem; background: #f3f3f3; white-space: pre-wrap; overflow-wrap: anywhere; font-size: 0.85rem }
</style>
<main>
<h1>%s</h1>
`

// htmlPage is a page of HTML.
type htmlPage struct {
	strings.Builder
	drawings map[*Figure][]byte
}

func (p *htmlPage) heading(text string) { fmt.Fprintf(p, "<h2>%s</h2>\n", html.EscapeString(text)) }

func (p *htmlPage) paragraph(text string) { fmt.Fprintf(p, "<p>%s</p>\n", html.EscapeString(text)) }

func (p *htmlPage) list(items []item) {
	p.WriteString("<dl>\n")
	for _, i := range items {
		fmt.Fprintf(p, "<dt>%s</dt><dd>%s</dd>\n", html.EscapeString(i.name), html.EscapeString(i.doc))
	}
	p.WriteString("</dl>\n")
}

func (p *htmlPage) table(columns []string, rows [][]string, left map[int]bool) {
	p.WriteString("<div class=\"wide\"><table>\n<thead>")
	p.row("th scope=\"col\"", columns, left)
	p.WriteString("</thead>\n<tbody>\n")
	for _, cells := range rows {
		p.row("td", cells, left)
	}
	p.WriteString("</tbody>\n</table></div>\n")
}

func (p *htmlPage) row(tag string, cells []string, left map[int]bool) {
	p.WriteString("<tr>")
	for i, cell := range cells {
		class := ""
		if left[i] {
			class = ` class="left"`
		}
		fmt.Fprintf(p, "<%s%s>%s</%s>", tag, class, html.EscapeString(cell), tag[:2])
	}
	p.WriteString("</tr>\n")
}

func (p *htmlPage) figure(f *Figure) {
	drawing := p.drawings[f]
	drawing = drawing[bytes.Index(drawing, []byte("<svg")):] // what stands before belongs to a file of its own
	caption := html.EscapeString(f.Caption)
	fmt.Fprintf(p, "<figure id=\"%s\">\n<div role=\"img\" aria-label=\"%s\">%s</div>\n<figcaption>%s</figcaption>\n</figure>\n",
		html.EscapeString(f.Name), caption, bytes.TrimSpace(drawing), caption)
}

func (p *htmlPage) quote(text string) {
	fmt.Fprintf(p, "<pre>%s</pre>\n", html.EscapeString(strings.TrimRight(text, "\n")))
}
