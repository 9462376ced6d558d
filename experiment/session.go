package experiment

import (
	"fmt"

	"github.com/seed-f4dd853e/elman/internal/chart"
	"github.com/seed-f4dd853e/elman/internal/report"
)

// A session is an experiment at work: its options, and the result, which it prints as it grows. What its methods tell goes to
// Out at once, and into the report, in the same order.
type session struct {
	seedRun
	result *Result
	out    *report.Terminal
	items  report.List   // that are not printed yet
	found  *report.Table // of findings that are not printed yet, nil if there are none
}

// section is the one that is being written.
func (s *session) section() *report.Section { return s.result.sections[len(s.result.sections)-1] }

// add adds to the report. Sentences join those before them.
func (s *session) add(b report.Block) {
	s.flush()
	s.out.Block(b)
	section := s.section()
	if n := len(section.Blocks); n > 0 {
		last, ok := section.Blocks[n-1].(report.Paragraph)
		if more, also := b.(report.Paragraph); ok && also {
			section.Blocks[n-1] = last + " " + more
			return
		}
	}
	section.Add(b)
}

// flush prints items and findings, which are printed together.
func (s *session) flush() {
	if s.items != nil {
		s.out.Block(s.items)
		s.section().Add(s.items)
		s.items = nil
	}
	if s.found != nil {
		s.out.Block(s.found)
		s.found = nil
	}
}

// heading begins a part of the report.
func (s *session) heading(text string) {
	s.flush()
	section := &report.Section{Title: text}
	s.result.sections = append(s.result.sections, section)
	s.out.Section(section)
}

// say adds sentences.
func (s *session) say(format string, values ...any) {
	s.add(report.Paragraph(fmt.Sprintf(format, values...)))
}

// item adds a line to a list: what a name stands for.
func (s *session) item(name, doc string) {
	s.items = append(s.items, report.Item{Name: name, Text: doc})
}

// cells returns what is in a row: words, whole numbers, losses, spreads of them, or nil where nothing is known.
func cells(values []any) (row []report.Cell) {
	for _, v := range values {
		switch v := v.(type) {
		case nil:
			row = append(row, report.Missing)
		case int:
			row = append(row, report.Whole(v))
		case float64:
			row = append(row, report.Number(v, report.Plain))
		case report.Spread:
			row = append(row, v.Cell())
		default:
			row = append(row, report.Word("%v", v))
		}
	}
	return row
}

// table begins a new table, to which row adds. It is for work whose rows come one by one; whole is for the rest.
func (s *session) table(columns ...string) {
	s.flush()
	widest := []report.Cell{report.Word("%s", "10:100000")}
	for range columns[1:] {
		widest = append(widest, report.Number(-10, report.Plain))
	}
	s.out.Begin(columns, widest...)
	s.keep(&report.Table{Columns: columns})
}

// keep makes a table part of the result.
func (s *session) keep(t *report.Table) {
	s.result.Tables = append(s.result.Tables, t)
	s.section().Add(t)
}

// row adds to the table that was begun last.
func (s *session) row(values ...any) {
	row := cells(values)
	s.result.Tables[len(s.result.Tables)-1].Row(row...)
	s.out.Row(row...)
}

// whole adds a table of which everything is known.
func (s *session) whole(columns []string, rows [][]any) {
	t := &report.Table{Columns: columns}
	for _, values := range rows {
		t.Row(cells(values)...)
	}
	s.flush()
	s.out.Block(t)
	s.keep(t)
}

// finding adds a finding.
func (s *session) finding(name string, value float64, unit string) {
	s.result.Findings = append(s.result.Findings, Finding{name, value, unit})
	if s.found == nil {
		s.flush()
		s.found = &report.Table{Columns: []string{"finding", "value", "unit"}}
		s.section().Add(s.found)
	}
	s.found.Row(report.Word("%s", name), report.Number(value, report.Fixed(4)), report.Word("%s", unit))
}

// target adds a target, which each seed has met or not, in the order of Result.Seeds.
func (s *session) target(what, wanted, source string, met []bool) {
	t := Target{What: what, Wanted: wanted, Source: source, Of: len(met), Missed: []uint64{}}
	for i, m := range met {
		if m {
			t.Met++
		} else {
			t.Missed = append(t.Missed, s.result.Seeds[i])
		}
	}
	s.result.Targets = append(s.result.Targets, t)
}

// figure adds charts that are drawn one below the other. The name is that of files.
func (s *session) figure(name, caption string, charts ...chart.Chart) {
	f := &report.Figure{Name: name, Caption: caption, Charts: charts}
	s.result.Figures = append(s.result.Figures, f)
	s.add(f)
}

// sample adds text that a network wrote.
func (s *session) sample(network, text string) {
	s.result.Samples = append(s.result.Samples, Sample{network, text})
	s.add(report.Quote{Caption: network + " writes:", Text: text})
}

// end prints what is left: findings, and how the targets were met.
func (s *session) end() error {
	s.flush()
	if t := s.result.targets(); t != nil {
		s.out.Section(t)
	}
	return s.out.Err()
}
