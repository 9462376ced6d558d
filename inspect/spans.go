package inspect

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/seed-f4dd853e/elman/internal/report"
)

// A Condition is a unit that is to be on: its output is above a threshold or, if it is Negative, below its negative.
type Condition struct {
	Unit
	Negative bool `json:"negative"`
}

// ID returns the condition as flags have it, the unit's ID, with a minus sign if it is negative.
func (c Condition) ID() string {
	if c.Negative {
		return "-" + c.Unit.ID()
	}
	return c.Unit.ID()
}

// on reports whether a unit is on.
func (c Condition) on(x, threshold float32) bool {
	if c.Negative {
		x = -x
	}
	return x > threshold
}

// Spans is an Observer that finds the parts of a text at which several units are on together (Strobelt and others 2018).
type Spans struct {
	Units     []Condition // at least one; their Quantity is h
	Threshold float64
	Most      int // the longest spans to keep; 0 means 1000

	found SpanResult
	open  Span
	text  []byte // of the open span
	at    int64  // bytes read
}

// A SpanResult says where units are on together.
type SpanResult struct {
	Units     []Condition `json:"units"`
	Threshold float64     `json:"threshold"`
	Symbols   int64       `json:"symbols"` // of the text
	On        int64       `json:"on"`      // symbols in spans
	Count     int64       `json:"count"`   // spans
	Longest   []Span      `json:"longest"` // the longest first; of equal ones the first
}

// A Span is a part of a text at all of whose symbols, once they are read, the units are on.
type Span struct {
	Offset  int64  `json:"offset"` // in bytes
	Size    int64  `json:"size"`   // in bytes
	Symbols int64  `json:"symbols"`
	Text    string `json:"text"`            // up to 1000 bytes
	Bytes   string `json:"bytes,omitempty"` // Text in hexadecimal where it is not UTF-8
}

const (
	usualSpans   = 1000
	mostSpanText = 1000 // bytes
)

// Needs implements Observer.
func (s *Spans) Needs() []string { return []string{"h"} }

// Observe implements Observer.
func (s *Spans) Observe(c *Chunk) error {
	var values [][]float32
	for _, u := range s.Units {
		values = append(values, c.Values(u.Layer, "h"))
	}
	for i, x := range c.Symbols {
		on := true
		for k, u := range s.Units {
			H := len(values[k]) / len(c.Symbols)
			on = on && u.on(values[k][i*H+u.Unit.Unit], float32(s.Threshold))
		}
		if on {
			s.extend(x.Text)
		}
		if !on || c.Ends[i] {
			s.end()
		}
		s.at += int64(len(x.Text))
		s.found.Symbols++
	}
	return nil
}

func (s *Spans) extend(text []byte) {
	if s.open.Symbols == 0 {
		s.open.Offset, s.text = s.at, s.text[:0]
	}
	s.open.Symbols++
	s.open.Size += int64(len(text))
	if len(s.text)+len(text) <= mostSpanText {
		s.text = append(s.text, text...)
	}
}

// end ends the open span, if there is one.
func (s *Spans) end() {
	if s.open.Symbols == 0 {
		return
	}
	s.found.Count++
	s.found.On += s.open.Symbols
	s.open.Text = string(s.text)
	s.open.Bytes = hexBytes(s.open.Text)
	s.found.Longest = append(s.found.Longest, s.open)
	s.open = Span{}
	if most := cmp.Or(s.Most, usualSpans); len(s.found.Longest) >= 2*most {
		s.cut(most)
	}
}

// cut keeps the longest spans.
func (s *Spans) cut(most int) {
	slices.SortStableFunc(s.found.Longest, func(a, b Span) int { return cmp.Or(cmp.Compare(b.Symbols, a.Symbols), cmp.Compare(a.Offset, b.Offset)) })
	s.found.Longest = s.found.Longest[:min(most, len(s.found.Longest))]
}

// Result ends the text and returns what was found.
func (s *Spans) Result() *SpanResult {
	s.end()
	s.cut(cmp.Or(s.Most, usualSpans))
	s.found.Units, s.found.Threshold = s.Units, s.Threshold
	if s.found.Longest == nil {
		s.found.Longest = []Span{}
	}
	return &s.found
}

// beginSpans finds the spans in which the units that the analysis names are on.
func beginSpans(a *Analysis) (Observer, conclusion) {
	if len(a.On) == 0 {
		return nil, nil
	}
	spans := &Spans{Units: a.On, Threshold: a.Threshold}
	return spans, func(_ context.Context, s *report.Section) (any, error) {
		r := spans.Result()
		r.tell(s)
		return r, nil
	}
}

// shownSpans is how many spans a terminal shows, and shownSpanText the characters of each.
const (
	shownSpans    = 20
	shownSpanText = 60
)

func (r *SpanResult) tell(s *report.Section) {
	var units []string
	for _, u := range r.Units {
		units = append(units, u.ID())
	}
	are := "are"
	if len(units) == 1 {
		are = "is"
	}
	s.Say("Where %s %s on together: outputs above %v, or below −%v with a minus sign (Strobelt and others 2018). There are %s such spans, with %s of the text's symbols.",
		strings.Join(units, ", "), are, r.Threshold, r.Threshold, report.Grouped(r.Count), report.Percent(1)(share64(float64(r.On), float64(r.Symbols))))
	t := &report.Table{Caption: "The longest first.", Columns: []string{"offset", "size", "symbols", "text"}, Shown: shownSpans}
	for _, x := range r.Longest {
		t.Row(report.Whole(x.Offset), report.Whole(x.Size), report.Whole(x.Symbols), report.Cell{Text: shortened(x.Text), Value: x.Text})
	}
	s.Add(t)
}

// shortened returns the beginning of a text in quotes, escaped, for a table.
func shortened(text string) string {
	runes := []rune(text)
	if len(runes) <= shownSpanText {
		return fmt.Sprintf("%q", text)
	}
	return fmt.Sprintf("%q…", string(runes[:shownSpanText]))
}
