package report

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
)

// CSV returns tables with exact values, a blank line between two. A column with a Spread takes four: mean, sd, low, high.
func CSV(tables ...*Table) []byte {
	var b bytes.Buffer
	for i, t := range tables {
		if i > 0 {
			b.WriteByte('\n')
		}
		w := csv.NewWriter(&b)
		spread := make([]bool, len(t.Columns))
		var head []string
		for k, name := range t.Columns {
			for _, row := range t.Rows {
				if _, ok := row[k].Value.(Spread); ok {
					spread[k] = true
				}
			}
			if head = append(head, name); spread[k] {
				head = append(head, name+" sd", name+" low", name+" high")
			}
		}
		w.Write(head)
		for _, row := range t.Rows {
			var line []string
			for k, c := range row {
				line = append(line, c.exact(spread[k])...)
			}
			w.Write(line)
		}
		w.Flush() // a buffer never fails
	}
	return b.Bytes()
}

// exact returns the value as programs read it, in one column or as a Spread in four.
func (c Cell) exact(spread bool) []string {
	text := ""
	switch v := c.Value.(type) {
	case nil:
	case Spread:
		return []string{Exact(v.Mean), Exact(v.SD), Exact(v.Low), Exact(v.High)}
	case float64:
		text = Exact(v)
	default:
		text = fmt.Sprint(v)
	}
	if spread {
		return []string{text, "", "", ""}
	}
	return []string{text}
}

// MarshalJSON writes the cell's exact value: null where there is none, and a word for a number that JSON does not know.
func (c Cell) MarshalJSON() ([]byte, error) {
	if x, ok := c.Value.(float64); ok && x-x != 0 {
		return json.Marshal(Exact(x))
	}
	return json.Marshal(c.Value)
}

// MarshalJSON writes columns and rows, and the caption if there is one.
func (t *Table) MarshalJSON() ([]byte, error) {
	rows := t.Rows
	if rows == nil {
		rows = [][]Cell{}
	}
	return json.Marshal(struct {
		Caption string   `json:"caption,omitempty"`
		Columns []string `json:"columns"`
		Rows    [][]Cell `json:"rows"`
	}{t.Caption, t.Columns, rows})
}

// MarshalJSON writes the figure's name and caption.
func (f *Figure) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Name    string `json:"name"`
		Caption string `json:"caption"`
	}{f.Name, f.Caption})
}

// WriteJSON writes a value as indented JSON in which text stands as it is.
func WriteJSON(w io.Writer, value any) error {
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	out.SetIndent("", "  ")
	return out.Encode(value)
}
