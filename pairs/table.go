package pairs

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/seed-f4dd853e/elman/internal/table"
)

// readTable reads a table whose first row names the columns.
func readTable(file string, data []byte, o Options) ([]*Set, error) {
	rows, err := table.NewReader(bytes.NewReader(data), file)
	if err != nil {
		return nil, fmt.Errorf("is no table of pairs: %w", err)
	}
	for _, wanted := range [][]string{o.good(), o.bad(), o.set(), o.field(), itemNames} {
		if name, twice := repeated(rows.Columns, wanted); twice {
			return nil, fmt.Errorf("has two columns %q; rename one", name)
		}
	}
	for _, wanted := range [][]string{o.good(), o.bad()} {
		if !slices.ContainsFunc(wanted, func(name string) bool { return slices.Contains(rows.Columns, name) }) {
			return nil, fmt.Errorf("has no column %s; its first row is %.100q; want "+layouts, strings.Join(wanted, " or "), strings.Join(rows.Columns, string(rows.Separator)))
		}
	}
	r := newRowsReader(file, o)
	for {
		cells, err := rows.Read()
		if err == io.EOF {
			return r.end()
		}
		if damaged := (*table.Error)(nil); errors.As(err, &damaged) {
			r.unreadable(fmt.Sprintf("row %d", damaged.Row), damaged.Err)
			continue
		}
		if err != nil {
			return nil, err
		}
		r.add(fmt.Sprintf("row %d", rows.Row()), func(columns []string) (string, bool) {
			for _, name := range columns {
				if i := slices.Index(rows.Columns, name); i >= 0 {
					return cells[i], true
				}
			}
			return "", false
		})
	}
}

// repeated returns the first of the names that is one of the columns, and whether there are two of it.
func repeated(columns, names []string) (string, bool) {
	for _, name := range names {
		if i := slices.Index(columns, name); i >= 0 {
			return name, slices.Contains(columns[i+1:], name)
		}
	}
	return "", false
}
