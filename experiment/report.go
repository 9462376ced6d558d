package experiment

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"

	"github.com/seed-f4dd853e/elman/internal/atomicfile"
	"github.com/seed-f4dd853e/elman/internal/chart"
)

// The files of a report, beside a PNG and an SVG for each figure.
const (
	ReportName   = "report.html" // the figures are inside: this file is all that a reader needs
	markdownName = "report.md"
	jsonName     = "result.json"
)

// Write writes a report of the result into a folder, which it makes if there is none: report.md, report.html, result.json,
// and for each figure NAME.png and NAME.svg. Each file is replaced as a whole, the report last. The same result gives the
// same bytes. It fails on figures that cannot be drawn, and if writing does.
func (r *Result) Write(folder string) error {
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return err
	}
	drawings := map[*Figure][]byte{}
	for _, f := range r.Figures {
		for _, format := range chart.Formats() {
			var picture bytes.Buffer
			if err := chart.Write(&picture, format, f.charts...); err != nil {
				return fmt.Errorf("figure %s: %w", f.Name, err)
			}
			if err := save(folder, f.Name+"."+format, picture.Bytes()); err != nil {
				return err
			}
			if format == "svg" {
				drawings[f] = picture.Bytes()
			}
		}
	}
	var numbers bytes.Buffer
	out := json.NewEncoder(&numbers)
	out.SetIndent("", "  ")
	if err := out.Encode(r); err != nil {
		return err
	}
	if err := save(folder, jsonName, numbers.Bytes()); err != nil {
		return err
	}
	if err := save(folder, markdownName, r.markdown()); err != nil {
		return err
	}
	return save(folder, ReportName, r.html(drawings))
}

func save(folder, name string, content []byte) error {
	return atomicfile.Write(filepath.Join(folder, name), func(w io.Writer) error {
		_, err := w.Write(content)
		return err
	})
}

// onto writes the report on a page: what was to be met, what was found, how to repeat it.
func (r *Result) onto(p page) {
	if len(r.Targets) > 0 {
		p.heading("Targets")
		var rows [][]string
		for _, t := range r.Targets {
			rows = append(rows, []string{t.What, t.Wanted, t.Source, t.String()})
		}
		p.table([]string{"what", "wanted", "source", "here"}, rows, map[int]bool{0: true, 1: true, 2: true, 3: true})
		p.heading("Findings")
	}
	for _, b := range r.blocks {
		b.write(p)
	}
	p.heading("Repeat it")
	p.paragraph(r.repeat())
	p.quote(r.Command)
}

// repeat tells what one gets again.
func (r *Result) repeat() string {
	text := "This command gives the same report, byte for byte, with any number of threads and any kernel set. "
	switch n := len(r.Seeds); n {
	case 1:
		text += "The seed is " + strconv.FormatUint(r.Seeds[0], 10)
	default:
		text += fmt.Sprintf("The seeds are %d to %d", r.Seeds[0], r.Seeds[n-1])
	}
	if r.text != "" {
		text += "; " + r.text
	}
	return text + "."
}
