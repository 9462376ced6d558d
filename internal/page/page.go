// Package page writes a text, with measures of each symbol, as one HTML file: coloured by surprisal, by rank, by the influence of
// earlier symbols, by the units of a network, or by any other values. It knows no model.
//
// The file is complete and loads nothing, which its Content-Security-Policy enforces. The text is plain
// HTML, so that it can be read, searched and printed where no script runs. What units do is packed (quantised, deflated,
// in base64) and unpacked by the page's script when somebody wants to see it. All that comes from outside is escaped, and
// what nobody could see, control characters or bytes that are no text, is shown by its name.
package page

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"html/template"
	"io"

	"github.com/seed-f4dd853e/elman/internal/report"
)

// A Page is the content of a file. The same page gives the same bytes.
type Page struct {
	Title   string
	About   string // a line below the title
	Facts   []Fact // the summary
	Notes   []string
	Symbols []Symbol
	Size    int      // symbols of the alphabet, to which ranks go; 0 if it is not known
	Fields  []*Field // by which the text can be coloured, besides surprisal
	// Influence colours the symbols before the one pointed at; nil if there is none.
	Influence *Influence
	// On and Threshold are the units of whose spans the page tells first, as inspect.Condition writes them, with commas between.
	On        string
	Threshold float64
	Sections  []*report.Section // below the text

	limit int // bytes that the file may have; 0 means usualLimit, or more for a long text
}

// usualLimit is a size that mail and browsers accept. Half of it is for Fields, however long the text.
const usualLimit = 7_500_000

// A Fact is a number that matters, or a few words.
type Fact struct{ Name, Value string }

// A Symbol is one symbol of the text.
type Symbol struct {
	Begins string // the name of the text that begins here, if there are several
	Text   string // any bytes
	Bits   float64
	Rank   int     // 1 for the likeliest symbol; 0 if it is not known
	Top    []Guess // the likeliest first
}

// A Guess is a symbol that the model considered in its place.
type Guess struct {
	Text  string // as Symbol.Text would be
	Other bool   // it stands for all symbols outside the alphabet, and has no Text
	Bits  float64
}

//go:embed page.html
var skeleton string

//go:embed page.css
var styles string

//go:embed parts.css
var parts string

// Style is the style of texts with their colours, of legends and of what is told of a symbol, for other pages. It follows
// report.Style.
func Style() string { return parts + paletteCSS() }

// Legends are the scales of those colours, in HTML: legend-s for bits is shown, legend-r, legend-q and legend-d are hidden.
func Legends() template.HTML { return (&Page{}).legends(Surprise) }

// Script is what such pages share of their scripts.
func Script() string { return part("shared") }

//go:embed script
var scripts embed.FS

// script is all of them, in one block, so that nothing becomes a property of the window.
var script = func() string {
	all := "\"use strict\";\n{\n"
	for _, name := range []string{"shared", "fields", "colours", "influence", "details", "spans", "pictures", "events"} {
		all += part(name)
	}
	return all + "}\n"
}()

var pageTemplate = template.Must(template.New("page").Parse(skeleton))

func part(name string) string {
	text, err := scripts.ReadFile("script/" + name + ".js")
	if err != nil {
		panic(err) // they are part of the program
	}
	return string(text)
}

// A view is what the template draws.
type view struct {
	*Page
	HasUnits bool // there are states to look for spans in
	Policy   string
	Style    template.CSS
	Script   template.JS
	Text     template.HTML
	Legends  template.HTML
	Drawn    []drawnSection
	Data     template.JS
	Packed   []blob
}

type drawnSection struct {
	*report.Section
	HTML template.HTML
}

// Write writes the file. It fails on a figure that cannot be drawn, and if writing does.
func Write(w io.Writer, p *Page) error {
	css := report.Style + parts + styles + paletteCSS()
	surprise := p.surprise()
	v := view{
		Page: p, Style: template.CSS(css), Script: template.JS(script), Text: p.text(surprise), Legends: p.legends(surprise),
		Policy: fmt.Sprintf("default-src 'none'; style-src '%s'; script-src '%s'; base-uri 'none'; form-action 'none'", report.Digest(css), report.Digest(script)),
	}
	for _, f := range p.Fields {
		v.HasUnits = v.HasUnits || f.Rank == State
	}
	for _, s := range p.Sections {
		content, err := report.SectionHTML(s)
		if err != nil {
			return err
		}
		v.Drawn = append(v.Drawn, drawnSection{s, template.HTML(content)})
	}
	columns := p.columns()
	v.Packed = columns.blobs()
	v.list(columns, nil)
	var file bytes.Buffer
	if err := pageTemplate.Execute(&file, v); err != nil {
		return err
	}
	room := p.limit - file.Len()
	if p.limit == 0 {
		room = max(usualLimit-file.Len(), usualLimit/2)
	}
	fields := pack(p.Fields, room)
	for _, f := range fields {
		v.Packed = append(v.Packed, f.blob)
	}
	v.list(columns, fields)
	file.Reset()
	if err := pageTemplate.Execute(&file, v); err != nil {
		return err
	}
	_, err := w.Write(visible(file.Bytes()))
	return err
}

// list writes the table of contents for the page's script.
func (v *view) list(c *columns, fields []packed) {
	if fields == nil {
		fields = []packed{} // null would be no list
	}
	text, err := json.Marshal(struct {
		*columns
		Fields    []packed `json:"fields"`
		On        string   `json:"on"`
		Threshold float64  `json:"threshold"`
	}{c, fields, v.On, v.Threshold})
	if err != nil {
		panic(err) // numbers are finite
	}
	v.Data = template.JS(text) // in which Go writes no "<"
}
