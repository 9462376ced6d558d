package findings

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/seed-f4dd853e/elman/internal/atomicfile"
	"github.com/seed-f4dd853e/elman/internal/chart"
	"github.com/seed-f4dd853e/elman/internal/report"
)

// The files of a report, besides a PNG and an SVG of each figure.
const (
	ReportName   = "report.html" // complete, with the figures inside
	markdownName = "report.md"
	runsName     = "runs.csv" // a row a run
	tablesName   = "tables.csv"
)

// Write writes the report into a folder.
func (f *Findings) Write(folder string) error {
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return err
	}
	document, err := f.Document()
	if err != nil {
		return err
	}
	var tables []*report.Table
	for _, s := range document.Sections {
		tables = append(tables, report.Of[*report.Table](s.Blocks)...)
		for _, figure := range report.Of[*report.Figure](s.Blocks) {
			for _, format := range chart.Formats() {
				var picture bytes.Buffer
				if err := chart.Write(&picture, format, figure.Charts...); err != nil {
					return fmt.Errorf("figure %s: %w", figure.Name, err)
				}
				if err := save(folder, figure.Name+"."+format, picture.Bytes()); err != nil {
					return err
				}
			}
		}
	}
	page, err := report.HTML(document)
	if err != nil {
		return err
	}
	return errors.Join(
		save(folder, runsName, report.CSV(f.runsTable())),
		save(folder, tablesName, report.CSV(tables...)),
		save(folder, markdownName, report.Markdown(document)),
		save(folder, ReportName, page))
}

func save(folder, name string, content []byte) error {
	return atomicfile.Write(filepath.Join(folder, name), func(w io.Writer) error {
		_, err := w.Write(content)
		return err
	})
}
