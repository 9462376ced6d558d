package pairs

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Options name the columns of a table and the fields of JSON lines. An empty name stands for the usual ones.
type Options struct {
	Good  string // the acceptable sentence: good or sentence_good
	Bad   string // the other: bad or sentence_bad
	Set   string // the set of the pair: set or UID; without it a file is one set
	Field string // of linguistics: field
}

// names returns the columns or fields to look for: the one that was given, or the usual ones.
func names(given string, usual ...string) []string {
	if given != "" {
		return []string{given}
	}
	return usual
}

func (o Options) good() []string  { return names(o.Good, good, "sentence_good") }
func (o Options) bad() []string   { return names(o.Bad, bad, "sentence_bad") }
func (o Options) set() []string   { return names(o.Set, "set", "UID") }
func (o Options) field() []string { return names(o.Field, "field") }

// itemNames are the columns and fields that may name a pair.
var itemNames = []string{"item", "id", "pairID"}

// ErrNothing is the error of a file without items.
var ErrNothing = errors.New("is empty, want pairs or a suite")

// Read reads the sets of a file, whose layout it finds by the content and the ending of the name:
//
//   - JSON lines with sentence_good and sentence_bad, and maybe UID, field, pairID: BLiMP's
//   - a table with columns good and bad, and maybe set, field, item: CSV with commas or semicolons, or with tabs
//   - a suite of SyntaxGym, one JSON object
//
// A part that cannot be read is an item with an error if the rest is of use; otherwise Read fails.
func Read(file string, data []byte, o Options) ([]*Set, error) {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	content := bytes.TrimSpace(data)
	for _, name := range o.good() {
		if slices.Contains(o.bad(), name) {
			return nil, fmt.Errorf("would have both sentences of a pair in %q; name two columns", name)
		}
	}
	switch {
	case len(content) == 0:
		return nil, ErrNothing
	case isSuite(file, content):
		set, err := readSuite(file, data)
		return []*Set{set}, err
	case content[0] == '{' || isJSONLines(file):
		return readJSONLines(file, data, o)
	}
	return readTable(file, data, o)
}

func isJSONLines(file string) bool {
	return slices.Contains([]string{".jsonl", ".ndjson", ".jsonlines"}, strings.ToLower(filepath.Ext(file)))
}

// isSuite reports whether JSON is one object with items, or is meant to be one: its first line is no object by itself.
func isSuite(file string, content []byte) bool {
	if content[0] != '{' || isJSONLines(file) {
		return false
	}
	var suite struct {
		Items, Predictions json.RawMessage
	}
	if json.Unmarshal(content, &suite) == nil {
		return suite.Items != nil || suite.Predictions != nil
	}
	lines := bytes.SplitN(content, []byte("\n"), 3)
	for _, line := range lines[:min(2, len(lines))] { // two, as one may be damaged
		if json.Valid(line) && bytes.HasPrefix(bytes.TrimSpace(line), []byte("{")) {
			return false
		}
	}
	return true
}

// A rowsReader makes sets of the pairs of a file, one a row.
type rowsReader struct {
	file  string
	o     Options
	sets  []*Set
	named map[string]*Set

	last             *Set // of the row before
	hasSet, hasField bool // in any row
}

func newRowsReader(file string, o Options) *rowsReader {
	return &rowsReader{file: file, o: o, named: map[string]*Set{}}
}

// setOf returns the set of a name, a new one if there is none.
func (r *rowsReader) setOf(name, field string) *Set {
	s, ok := r.named[name]
	if !ok {
		s = &Set{Name: name, File: r.file, Field: field, Paired: true, Predictions: []*Formula{pairFormula}}
		r.named[name], r.sets = s, append(r.sets, s)
	}
	return s
}

// base is the name of a set that the file does not name.
func (r *rowsReader) base() string {
	if r.file == "-" {
		return "standard input"
	}
	name := filepath.Base(r.file)
	return strings.TrimSuffix(name, filepath.Ext(name))
}

// add adds the pair of a row; get returns the cell of the first of these columns that the row has.
func (r *rowsReader) add(where string, get func(columns []string) (string, bool)) {
	set, ok := get(r.o.set())
	r.hasSet = r.hasSet || ok
	if set = strings.TrimSpace(set); !ok || set == "" {
		set = r.base()
	}
	field, ok := get(r.o.field())
	r.hasField = r.hasField || ok
	s := r.setOf(set, strings.TrimSpace(field))
	r.last = s
	item, err := r.pair(get)
	if err != nil {
		item = &Item{Err: err}
	}
	item.Where, item.Name = where, strconv.Itoa(len(s.Items)+1)
	if name, ok := get(itemNames); ok && name != "" {
		item.Name = name
	}
	s.Items = append(s.Items, item)
}

func (r *rowsReader) pair(get func(columns []string) (string, bool)) (*Item, error) {
	a, ok := get(r.o.good())
	if !ok {
		return nil, fmt.Errorf("has no %s", strings.Join(r.o.good(), " or "))
	}
	b, ok := get(r.o.bad())
	if !ok {
		return nil, fmt.Errorf("has no %s", strings.Join(r.o.bad(), " or "))
	}
	if !utf8.ValidString(a) || !utf8.ValidString(b) {
		return nil, errNotUTF8
	}
	return newPair(a, b)
}

var errNotUTF8 = errors.New("is not valid UTF-8")

// unreadable adds a row that is no pair. It counts in the set of the row before, or of the file's first pair.
func (r *rowsReader) unreadable(where string, err error) {
	item := &Item{Where: where, Err: err}
	s := r.lastSet()
	item.Name = strconv.Itoa(len(s.Items) + 1)
	s.Items = append(s.Items, item)
}

// lastSet returns the set of the row before.
func (r *rowsReader) lastSet() *Set {
	if r.last == nil {
		r.last = r.setOf(unnamed, "")
	}
	return r.last
}

// unnamed holds rows that come before the first pair until it names their set. No file can name it.
const unnamed = "\x00"

// layouts is what Read reads.
const layouts = "JSON lines with sentence_good and sentence_bad, a table with columns good and bad, or a suite of SyntaxGym"

// end returns the sets. It fails if there are no pairs at all, with the first row's error, or none has what Options name.
func (r *rowsReader) end() ([]*Set, error) {
	pairs := 0
	var first *Item
	for _, s := range r.sets {
		for _, item := range s.Items {
			if item.Err == nil {
				pairs++
			} else if first == nil {
				first = item
			}
		}
	}
	switch {
	case first == nil && pairs == 0:
		return nil, ErrNothing
	case pairs == 0:
		return nil, fmt.Errorf("%s: %w; want "+layouts, first.Where, first.Err)
	case r.o.Set != "" && !r.hasSet:
		return nil, fmt.Errorf("has no %q in any row, the name of the set; name another", r.o.Set)
	case r.o.Field != "" && !r.hasField:
		return nil, fmt.Errorf("has no %q in any row, the field; name another", r.o.Field)
	}
	if s := r.sets[0]; s.Name == unnamed {
		next := r.sets[1]
		next.Items = append(s.Items, next.Items...)
		r.sets = r.sets[1:]
	}
	return r.sets, nil
}

// readJSONLines reads BLiMP's layout.
func readJSONLines(file string, data []byte, o Options) ([]*Set, error) {
	r := newRowsReader(file, o)
	number := 0
	for line := range bytes.SplitSeq(data, []byte("\n")) {
		number++
		where := "line " + strconv.Itoa(number)
		if line = bytes.TrimSpace(line); len(line) == 0 {
			continue
		}
		var fields map[string]json.RawMessage
		switch err := json.Unmarshal(line, &fields); {
		case !utf8.Valid(line): // which package json would mend silently
			r.unreadable(where, errNotUTF8)
			continue
		case err != nil || fields == nil:
			r.unreadable(where, fmt.Errorf("is not a JSON object%s", reason(err)))
			continue
		}
		r.add(where, func(columns []string) (string, bool) {
			for _, name := range columns {
				if text, ok := cell(fields[name]); ok {
					return text, true
				}
			}
			return "", false
		})
	}
	return r.end()
}

// reason returns an error of package json behind a colon, "" without one. What has another type than wanted is told without
// the names of this program.
func reason(err error) string {
	if err == nil {
		return ""
	}
	kind := (*json.UnmarshalTypeError)(nil)
	if !errors.As(err, &kind) {
		return ": " + strings.TrimPrefix(err.Error(), "json: ")
	}
	what, article := strings.ToLower(kind.Field), "a"
	if what == "" {
		what = "it"
	}
	value, _, _ := strings.Cut(kind.Value, " ") // "number 1.5"
	if strings.IndexByte("ao", value[0]) >= 0 {
		article = "an"
	}
	return fmt.Sprintf(": %s is %s %s", what, article, value)
}

// cell returns the text of a JSON value, which must be a string or a number.
func cell(value json.RawMessage) (string, bool) {
	var text string
	if json.Unmarshal(value, &text) == nil && string(value) != "null" {
		return text, true
	}
	var number json.Number
	if json.Unmarshal(value, &number) == nil && number != "" {
		return number.String(), true
	}
	return "", false
}
