package experiment

import (
	"fmt"
	"strings"
)

// A block is a part of a report. It says what it is by means of a page, which writes it down in one format or another.
type block interface {
	write(p page)
	// join takes in what comes next, if that is more of the same.
	join(next block) bool
}

// A page is a report in one format. Text is as it should be read, and may hold any characters.
type page interface {
	heading(text string)
	paragraph(text string)
	list(items []item)
	table(columns []string, rows [][]string, left map[int]bool) // columns are flushed right, unless they are in left
	figure(f *Figure)
	quote(text string) // line by line, as it is
}

type heading struct{ text string }

func (b *heading) write(p page)    { p.heading(b.text) }
func (b *heading) join(block) bool { return false }

type paragraph struct{ sentences []string }

func (b *paragraph) write(p page) { p.paragraph(strings.Join(b.sentences, " ")) }

func (b *paragraph) join(next block) bool {
	n, ok := next.(*paragraph)
	if ok {
		b.sentences = append(b.sentences, n.sentences...)
	}
	return ok
}

// An item says what a name stands for.
type item struct{ name, doc string }

type list struct{ items []item }

func (b *list) write(p page) { p.list(b.items) }

func (b *list) join(next block) bool {
	n, ok := next.(*list)
	if ok {
		b.items = append(b.items, n.items...)
	}
	return ok
}

func (t *Table) write(p page) {
	var rows [][]string
	left := map[int]bool{0: true}
	for _, cells := range t.Rows {
		rows = append(rows, texts(cells))
	}
	for i := range t.Columns {
		left[i] = left[i] || t.ofWords(i)
	}
	p.table(t.Columns, rows, left)
}

// ofWords says whether a column has nothing but words.
func (t *Table) ofWords(column int) bool {
	for _, cells := range t.Rows {
		if _, ok := cells[column].(string); !ok {
			return false
		}
	}
	return true
}

func (t *Table) join(block) bool { return false }

type findingList struct{ of []Finding }

func (b *findingList) write(p page) {
	var rows [][]string
	for _, f := range b.of {
		rows = append(rows, []string{f.Name, fmt.Sprintf("%.4f", f.Value), f.Unit})
	}
	p.table([]string{"finding", "value", "unit"}, rows, map[int]bool{0: true, 2: true})
}

func (b *findingList) join(next block) bool {
	n, ok := next.(*findingList)
	if ok {
		b.of = append(b.of, n.of...)
	}
	return ok
}

// A targetList stands where targets are printed. The report has them all at its top.
type targetList struct{}

func (b *targetList) write(page) {}

func (b *targetList) join(next block) bool {
	_, ok := next.(*targetList)
	return ok
}

func (f *Figure) write(p page)    { p.figure(f) }
func (f *Figure) join(block) bool { return false }

func (s *Sample) write(p page) {
	p.paragraph(s.Network + " writes:")
	p.quote(s.Text)
}

func (s *Sample) join(block) bool { return false }
