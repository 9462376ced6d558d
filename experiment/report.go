package experiment

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/seed-f4dd853e/elman/internal/atomicfile"
	"github.com/seed-f4dd853e/elman/internal/chart"
	"github.com/seed-f4dd853e/elman/internal/report"
)

// The files of a report, besides a PNG and an SVG of each figure.
const (
	ReportName   = "report.html" // complete, with the figures inside
	markdownName = "report.md"
	jsonName     = "result.json"
	tablesName   = "tables.csv"
)

// Write writes a report into a folder, which it makes if necessary: report.md, report.html, result.json, tables.csv, and for
// each figure NAME.png and NAME.svg. Each file is replaced atomically, the report last. The same result gives the same
// bytes. It fails on figures that cannot be drawn, and if writing fails.
func (r *Result) Write(folder string) error {
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return err
	}
	for _, f := range r.Figures {
		for _, format := range chart.Formats() {
			var picture bytes.Buffer
			if err := chart.Write(&picture, format, f.Charts...); err != nil {
				return fmt.Errorf("figure %s: %w", f.Name, err)
			}
			if err := save(folder, f.Name+"."+format, picture.Bytes()); err != nil {
				return err
			}
		}
	}
	var numbers bytes.Buffer
	if err := report.WriteJSON(&numbers, r); err != nil {
		return err
	}
	document := r.document()
	page, err := report.HTML(document)
	if err != nil {
		return err
	}
	for _, file := range []struct {
		name    string
		content []byte
	}{{jsonName, numbers.Bytes()}, {tablesName, report.CSV(r.Tables...)}, {markdownName, report.Markdown(document)}, {ReportName, page}} {
		if err := save(folder, file.name, file.content); err != nil {
			return err
		}
	}
	return nil
}

func save(folder, name string, content []byte) error {
	return atomicfile.Write(filepath.Join(folder, name), func(w io.Writer) error {
		_, err := w.Write(content)
		return err
	})
}

// document returns the report: targets, results, how to repeat them.
func (r *Result) document() *report.Document {
	d := &report.Document{Title: r.Experiment, Summary: sentence(r.doc)}
	if t := r.targets(); t != nil {
		d.Sections = append(d.Sections, t)
		r.sections[0].Title = "Findings"
	}
	d.Sections = append(d.Sections, r.sections...)
	repeat := &report.Section{Title: "Repeat it"}
	repeat.Add(report.Paragraph(r.repeat()), report.Quote{Text: r.Command})
	d.Sections = append(d.Sections, repeat)
	return d
}

// targets returns the section on targets, nil if there are none.
func (r *Result) targets() *report.Section {
	if len(r.Targets) == 0 {
		return nil
	}
	s := &report.Section{Title: "Targets"}
	if len(r.Seeds) > 1 {
		s.Say("A target is reached if at least %d %% of the seeds meet it.", reachedPercent)
	}
	t := &report.Table{Columns: []string{"what", "wanted", "source", "here"}}
	for _, x := range r.Targets {
		t.Row(report.Word("%s", x.What), report.Word("%s", x.Wanted), report.Word("%s", x.Source), report.Word("%s", x))
	}
	s.Add(t)
	return s
}

// sentence makes a sentence of an experiment's one-line description.
func sentence(line string) string {
	if line == "" {
		return ""
	}
	return strings.ToUpper(line[:1]) + line[1:] + "."
}

// repeat says how to repeat the experiment.
func (r *Result) repeat() string {
	text := "This command gives the same report, byte for byte, with any number of threads and any kernel set. "
	switch n := len(r.Seeds); n {
	case 1:
		text += fmt.Sprintf("The seed is %d", r.Seeds[0])
	default:
		text += fmt.Sprintf("The seeds are %d to %d", r.Seeds[0], r.Seeds[n-1])
	}
	if r.text != "" {
		text += "; " + r.text
	}
	return text + "."
}
