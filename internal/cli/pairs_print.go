package cli

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/seed-f4dd853e/elman/internal/report"
	"github.com/seed-f4dd853e/elman/internal/termtext"
	"github.com/seed-f4dd853e/elman/pairs"
)

// print prints what was judged. The buffer keeps a failure for Flush.
func (j *judging) print() {
	switch {
	case j.f.per == "set":
		j.printSets()
	case j.f.per == "item":
		j.printItems()
	default:
		j.printRegions()
	}
}

func (j *judging) row(cells ...string) { writeCSVLine(j.out, cells) }

func (j *judging) printSets() {
	if j.f.format == "text" {
		j.printTables()
		return
	}
	if j.f.format == "csv" {
		j.row("scope", "set", "field", "model", "source", "items", "right", "ties", "unreadable", "accuracy", "low", "high", "sd")
	}
	for _, r := range j.records() {
		if j.f.format == "json" {
			writeJSONLine(j.out, r)
			continue
		}
		j.row(r.Scope, r.Set, r.Field, r.Model, r.Source, count(r.Items), count(r.Right), count(r.Ties), count(r.Unreadable),
			report.Exact(r.Accuracy), exact(r.Low), exact(r.High), exact(r.SD))
	}
}

// count writes a whole number, "" for nil.
func count(n *int) string {
	if n == nil {
		return ""
	}
	return strconv.Itoa(*n)
}

// exact writes a number for programs, "" for nil.
func exact(x *float64) string {
	if x == nil {
		return ""
	}
	return report.Exact(*x)
}

// percent formats accuracies for people.
var percent = report.Percent(1)

// printTables prints the accuracies, then those that are published.
func (j *judging) printTables() {
	t := report.NewTerminal(j.out, j.width)
	if len(j.judges) == 1 {
		t.Block(j.table())
	} else {
		j.printLegend()
		t.Block(j.comparison())
		if ties := j.ties(); ties != "" {
			t.Block(report.Paragraph(ties))
		}
	}
	for _, source := range pairs.Sources() {
		if table := j.published(source); table != nil {
			t.Block(table)
		}
	}
}

// table is that of one judge.
func (j *judging) table() *report.Table {
	t := &report.Table{Columns: []string{"set", "items", "right", "95 % interval", "ties", "unreadable"}}
	for _, r := range j.rows() {
		tally := j.tally(0, r)
		interval := report.Cell{}
		if r.scope != "sets" {
			low, high := tally.Interval()
			interval = report.Word("%s to %s", report.Fixed(1)(100*low), percent(high))
		}
		t.Row(report.Word("%s", r.name), report.Whole(tally.Items), report.Number(j.accuracy(0, r), percent), interval,
			report.Whole(tally.Ties), report.Whole(tally.Unreadable))
	}
	return t
}

// printLegend numbers the judges.
func (j *judging) printLegend() {
	if len(j.judges) == 1 {
		return
	}
	for i, judge := range j.judges {
		fmt.Fprintf(j.out, "%d: %s\n", i+1, termtext.Sanitize(judge.Name))
	}
}

// comparison is the table of several judges.
func (j *judging) comparison() *report.Table {
	t := &report.Table{Columns: []string{"set", "items"}}
	for i := range j.judges {
		t.Columns = append(t.Columns, strconv.Itoa(i+1))
	}
	if j.models > 1 {
		t.Columns = append(t.Columns, "mean", "sd")
	}
	for _, r := range j.rows() {
		cells := []report.Cell{report.Word("%s", r.name), report.Whole(j.tally(0, r).Items)}
		for i := range j.judges {
			x := j.accuracy(i, r)
			text := percent(x)
			if r.scope != "sets" {
				low, high := j.tally(i, r).Interval()
				text = fmt.Sprintf("%s (%.0f–%.0f)", report.Fixed(1)(100*x), 100*low, 100*high)
			}
			cells = append(cells, report.Cell{Text: text, Value: x})
		}
		if j.models > 1 {
			s := j.spread(r)
			cells = append(cells, report.Number(s.Mean, percent), report.Number(s.SD, percent))
		}
		t.Row(cells...)
	}
	return t
}

// ties tells of ties and unreadable items of several judges.
func (j *judging) ties() string {
	all := pairsRow{}
	for i := range j.sets {
		all.sets = append(all.sets, i)
	}
	var parts []string
	for i := range j.judges {
		t := j.tally(i, all)
		if t.Ties > 0 {
			parts = append(parts, fmt.Sprintf("%d ties of %d", t.Ties, i+1))
		}
		if t.Unreadable > 0 {
			parts = append(parts, fmt.Sprintf("%d items that %d cannot read", t.Unreadable, i+1))
		}
	}
	if parts == nil {
		return ""
	}
	return "Counted as wrong: " + strings.Join(parts, ", ") + "."
}

// published is the table of published figures beside ours, nil if it knows none of the sets.
func (j *judging) published(source pairs.Source) *report.Table {
	t := &report.Table{Caption: "Published by " + source.Name + ":", Columns: []string{"set"}}
	for i := range j.judges {
		name := "this model"
		if len(j.judges) > 1 {
			name = strconv.Itoa(i + 1)
		}
		t.Columns = append(t.Columns, name)
	}
	t.Columns = append(t.Columns, source.Models...)
	sums := make([]float64, len(t.Columns)-1)
	add := func(name string, share float64, values []float64) {
		cells := []report.Cell{report.Word("%s", name)}
		for _, x := range values {
			cells = append(cells, report.Number(share*x, percent))
		}
		t.Row(cells...)
	}
	for _, r := range j.rows() {
		known := source.Accuracy[r.name]
		if r.scope != "set" || known == nil {
			continue
		}
		var values []float64
		for i := range j.judges {
			values = append(values, j.accuracy(i, r))
		}
		values = append(values, known...)
		for k, x := range values {
			sums[k] += x
		}
		add(r.name, 1, values)
	}
	switch n := len(t.Rows); {
	case n == 0:
		return nil
	case n > 1:
		add(fmt.Sprintf("mean of these %d", n), 1/float64(n), sums)
	}
	return t
}
