package report

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"html"
	"io"
	"slices"
	"strings"
)

// What a figure may consist of. Everything else is left out: scripts and links above all, and fonts, which the page chooses.
var (
	figureElements   = []string{"svg", "g", "path", "text", "title", "rect", "circle", "line", "polyline", "polygon"}
	figureAttributes = []string{"viewBox", "transform", "d", "x", "y", "x1", "y1", "x2", "y2", "r", "cx", "cy", "points", "fill", "fill-opacity",
		"stroke", "stroke-width", "stroke-opacity", "stroke-dasharray", "font-size", "font-weight", "opacity", "text-anchor"}
	figureColours = map[string]string{"#000000": "currentColor", "#FFFFFF": "none"} // of a ground that may be dark
)

// inline returns an SVG file as an element of the page. Its styles become attributes, which the page's policy allows where
// it forbids styles; black becomes the colour of the page's letters, and white none.
func inline(svg []byte, name string) (string, error) {
	var b bytes.Buffer
	d := xml.NewDecoder(bytes.NewReader(svg))
	skipped := 0 // depth within what is left out
	var open []string
	for {
		token, err := d.Token()
		if err == io.EOF && len(open) == 0 && b.Len() > 0 {
			return b.String(), nil
		}
		if err == io.EOF {
			err = errors.New("it ends too early")
		}
		if err != nil {
			return "", fmt.Errorf("figure %q: %w", name, err)
		}
		switch x := token.(type) {
		case xml.StartElement:
			if skipped > 0 || !slices.Contains(figureElements, x.Name.Local) {
				skipped++
				continue
			}
			open = append(open, x.Name.Local)
			b.WriteString("<" + x.Name.Local)
			if len(open) == 1 {
				fmt.Fprintf(&b, ` role="img" aria-label="%s"`, html.EscapeString(name))
				for _, a := range x.Attr {
					if points, ok := strings.CutSuffix(a.Value, "pt"); ok && a.Name.Local == "width" {
						fmt.Fprintf(&b, ` width="%spt"`, html.EscapeString(points))
					}
				}
			}
			for _, a := range attributes(x.Attr) {
				fmt.Fprintf(&b, ` %s="%s"`, a.Name.Local, html.EscapeString(a.Value))
			}
			b.WriteString(">")
		case xml.EndElement:
			if skipped > 0 {
				skipped--
				continue
			}
			b.WriteString("</" + x.Name.Local + ">")
			open = open[:len(open)-1]
		case xml.CharData:
			if skipped == 0 && len(open) > 0 {
				b.WriteString(html.EscapeString(string(x)))
			}
		}
	}
}

// attributes returns those that a figure may have, with what a style says among them.
func attributes(all []xml.Attr) []xml.Attr {
	var kept []xml.Attr
	keep := func(name, value string) {
		if slices.Contains(figureAttributes, name) {
			if plain, ok := figureColours[value]; ok {
				value = plain
			}
			kept = append(kept, xml.Attr{Name: xml.Name{Local: name}, Value: value})
		}
	}
	for _, a := range all {
		if a.Name.Local != "style" {
			keep(a.Name.Local, a.Value)
			continue
		}
		for rule := range strings.SplitSeq(a.Value, ";") {
			name, value, _ := strings.Cut(rule, ":")
			keep(strings.TrimSpace(name), strings.TrimSpace(value))
		}
	}
	return kept
}
