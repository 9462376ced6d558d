package study

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"
)

// A table is a table of a TOML file. It keeps the order of its keys and their lines, for errors and for the order of axes.
type table struct {
	file string
	line int
	keys []string
	at   map[string]*entry
}

// An entry is a value: a string, int64, float64, bool, a []any of those, a *table or a []*table. Dates are strings.
type entry struct {
	value any
	line  int
}

// errorAt makes an error with its place.
func errorAt(file string, line int, format string, args ...any) error {
	return fmt.Errorf("%s:%d: %w", file, line, fmt.Errorf(format, args...))
}

func newTable(file string, line int) *table {
	return &table{file: file, line: line, at: map[string]*entry{}}
}

// parseTOML reads a file as ordered tables.
func parseTOML(file string, text []byte) (*table, error) {
	if err := toml.Unmarshal(text, &map[string]any{}); err != nil { // refuses keys and tables that come twice, too
		if wrong := (*toml.DecodeError)(nil); errors.As(err, &wrong) {
			line, _ := wrong.Position()
			return nil, errorAt(file, line, "%s", strings.TrimPrefix(wrong.Error(), "toml: "))
		}
		return nil, fmt.Errorf("%s: %s", file, strings.TrimPrefix(err.Error(), "toml: "))
	}
	root := newTable(file, 1)
	b := &builder{file: file}
	b.parser.Reset(text)
	within := root
	for b.parser.NextExpression() {
		n := b.parser.Expression()
		switch n.Kind {
		case unstable.Table, unstable.ArrayTable:
			path, line := b.key(n)
			above, err := root.descend(path[:len(path)-1], line)
			if err != nil {
				return nil, err
			}
			if within, err = above.open(path[len(path)-1], n.Kind == unstable.ArrayTable, line); err != nil {
				return nil, err
			}
		case unstable.KeyValue:
			if err := b.set(within, n); err != nil {
				return nil, err
			}
		}
	}
	return root, b.parser.Error()
}

// descend returns the table at a path, which it makes where it is missing; of an array of tables, the last.
func (t *table) descend(path []string, line int) (*table, error) {
	for _, key := range path {
		next, err := t.open(key, false, line)
		if err != nil {
			return nil, err
		}
		t = next
	}
	return t, nil
}

// open returns the table under a key. With another it appends one to an array of tables.
func (t *table) open(key string, another bool, line int) (*table, error) {
	e := t.at[key]
	if e == nil {
		made := newTable(t.file, line)
		if another {
			t.add(key, []*table{made}, line)
		} else {
			t.add(key, made, line)
		}
		return made, nil
	}
	switch v := e.value.(type) {
	case *table:
		if !another {
			return v, nil
		}
	case []*table:
		if another {
			v = append(v, newTable(t.file, line))
			e.value = v
		}
		return v[len(v)-1], nil
	}
	return nil, errorAt(t.file, line, "%s is no table in line %d", key, e.line)
}

func (t *table) add(key string, value any, line int) {
	t.keys = append(t.keys, key)
	t.at[key] = &entry{value, line}
}

// A builder makes tables of what the parser reads.
type builder struct {
	file   string
	parser unstable.Parser
}

// key returns the parts of a dotted key, and its line.
func (b *builder) key(n *unstable.Node) (path []string, line int) {
	for it := n.Key(); it.Next(); {
		path = append(path, string(it.Node().Data))
		line = b.line(it.Node())
	}
	return path, line
}

func (b *builder) line(n *unstable.Node) int { return b.parser.Shape(n.Raw).Start.Line }

// set adds a key and its value to a table.
func (b *builder) set(t *table, n *unstable.Node) error {
	path, line := b.key(n)
	to, err := t.descend(path[:len(path)-1], line)
	if err != nil {
		return err
	}
	value, err := b.value(n.Value(), line)
	if err != nil {
		return err
	}
	key := path[len(path)-1]
	if to.at[key] != nil {
		return errorAt(b.file, line, "%s is there already, in line %d", key, to.at[key].line)
	}
	to.add(key, value, line)
	return nil
}

// value converts a value; line is that of its key.
func (b *builder) value(n *unstable.Node, line int) (any, error) {
	text := string(n.Data)
	switch n.Kind {
	case unstable.Bool:
		return text == "true", nil
	case unstable.Integer:
		i, err := strconv.ParseInt(text, 0, 64)
		if err != nil { // a leading + or _ that Go does not know
			i, err = strconv.ParseInt(strings.ReplaceAll(strings.TrimPrefix(text, "+"), "_", ""), 0, 64)
		}
		if err != nil {
			return nil, errorAt(b.file, line, "%s is no whole number of 64 bits", text)
		}
		return i, nil
	case unstable.Float:
		f, err := strconv.ParseFloat(strings.ReplaceAll(text, "_", ""), 64)
		if err != nil || f-f != 0 {
			return nil, errorAt(b.file, line, "%s is no finite number", text)
		}
		return f, nil
	case unstable.Array:
		list := []any{}
		for it := n.Children(); it.Next(); {
			v, err := b.value(it.Node(), line)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		return list, nil
	case unstable.InlineTable:
		t := newTable(b.file, line)
		for it := n.Children(); it.Next(); {
			if err := b.set(t, it.Node()); err != nil {
				return nil, err
			}
		}
		return t, nil
	}
	return text, nil
}
