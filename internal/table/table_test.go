package table

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// readAll reads a table, names of columns and all.
func readAll(text, name string) (rows [][]string, separator rune, err error) {
	r, err := NewReader(strings.NewReader(text), name)
	if err != nil {
		return nil, 0, err
	}
	rows = append(rows, r.Columns)
	for {
		row, err := r.Read()
		if err == io.EOF {
			return rows, r.Separator, nil
		}
		if err != nil {
			return rows, r.Separator, err
		}
		rows = append(rows, row)
	}
}

func TestRead(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, file, text string
		separator        rune
		want             [][]string
	}{
		{"plain", "a.csv", "x,y\n1,2\n", ',', [][]string{{"x", "y"}, {"1", "2"}}},
		{"no last line break", "a.csv", "x,y\n1,2", ',', [][]string{{"x", "y"}, {"1", "2"}}},
		{"byte order mark and CR LF", "a.csv", "\ufeffx,y\r\n1,2\r\n", ',', [][]string{{"x", "y"}, {"1", "2"}}},
		{"quotes", "a.csv", `x,y` + "\n" + `"a,b","say ""hi"""` + "\n", ',', [][]string{{"x", "y"}, {"a,b", `say "hi"`}}},
		{"a line break in a cell stays as it is", "a.csv", "x,y\n\"a\r\nb\nc\",2\r\n", ',', [][]string{{"x", "y"}, {"a\r\nb\nc", "2"}}},
		{"a quote within a cell", "a.csv", "x,y\n5\" nail,it's\n", ',', [][]string{{"x", "y"}, {`5" nail`, "it's"}}},
		{"empty cells", "a.csv", "x,y,z\n,,\n\"\",,3\n", ',', [][]string{{"x", "y", "z"}, {"", "", ""}, {"", "", "3"}}},
		{"blank lines are no rows", "a.csv", "x,y\n\n1,2\n\r\n", ',', [][]string{{"x", "y"}, {"1", "2"}}},
		{"in one column they are empty cells", "a.csv", "x\n\n1\n\n", ',', [][]string{{"x"}, {""}, {"1"}, {""}}},
		{"a last row of one character", "a.csv", "x\n1\n2", ',', [][]string{{"x"}, {"1"}, {"2"}}},
		{"only names", "a.csv", "x,y", ',', [][]string{{"x", "y"}}},
		{"semicolons", "a.csv", "x;y\n1,5;2\n", ';', [][]string{{"x", "y"}, {"1,5", "2"}}},
		{"a comma within a quoted name", "a.csv", "\"x, y\";z\n1;2\n", ';', [][]string{{"x, y", "z"}, {"1", "2"}}},
		{"tabs", "a.tsv", "x\ty\n1,5\t2\n", '\t', [][]string{{"x", "y"}, {"1,5", "2"}}},
		{"tabs in a file of any name", "stories.tok", "word\tzone\nIf\t1\n", '\t', [][]string{{"word", "zone"}, {"If", "1"}}},
		{"tabs by the name of the file", "a.TAB", "x,y\n1,2\n", '\t', [][]string{{"x,y"}, {"1,2"}}},
		{"quotes of a TSV", "a.tsv", "x\ty\n\"a\"\"b\"\t\"\"\n", '\t', [][]string{{"x", "y"}, {`a"b`, ""}}},
		{"a quotation begins in a TSV", "a.tsv", "x\ty\n\"Hello\t1\nhe\"\t2\n\"a\"b\t3\n\"\"a\t4\n\"b\"\"\t5\n\"c\"\"d\"e\t6\n", '\t',
			[][]string{{"x", "y"}, {`"Hello`, "1"}, {`he"`, "2"}, {`"a"b`, "3"}, {`""a`, "4"}, {`"b""`, "5"}, {`"c""d"e`, "6"}}},
		{"bytes that are not UTF-8", "a.csv", "x,y\n\xff,2\n", ',', [][]string{{"x", "y"}, {"\xff", "2"}}},
		{"a large cell", "a.csv", "x,y\n" + strings.Repeat("long ", 50000) + ",2\n", ',', [][]string{{"x", "y"}, {strings.Repeat("long ", 50000), "2"}}},
	} {
		got, separator, err := readAll(tt.text, tt.file)
		if err != nil || separator != tt.separator || !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s: %.200q, separator %q, error %v; want %.200q, %q", tt.name, got, separator, err, tt.want, tt.separator)
		}
	}
}

func TestReadMistakes(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, text, want string }{
		{"empty", "", "the table is empty; its first row must name its columns"},
		{"a byte order mark alone", "\ufeff", "the table is empty; its first row must name its columns"},
		{"UTF-16", "\xff\xfex\x00,\x00", "the table is in UTF-16; save it as UTF-8"},
		{"line breaks of CR alone", "x,y\r1,2\r", "row 1: a name of a column has a control character; save the table as UTF-8 with line breaks LF or CR LF"},
		{"a cell too few", "x,y\n1,2\n3\n", "row 3: it has 1 cell, and there are 2 columns; give it one for each"},
		{"a cell too many", "x,y\n\n1,2,3\n", "row 3: it has 3 cells, and there are 2 columns; give it one for each"},
		{"a quote without end", "x,y\n1,\"a\nb,c\n", "row 2: cell 2 begins with a quote that has no end; close it, and write a quote within as \"\""},
		{"text after a quote", "x,y\n1,\"a\" b\n", "row 2: cell 2 goes on after its closing quote; write a quote within as \"\""},
	} {
		if _, _, err := readAll(tt.text, "a.csv"); err == nil || err.Error() != tt.want {
			t.Errorf("%s: error %v, want %s", tt.name, err, tt.want)
		}
	}
}

// TestReadBounded reads a quote that takes in the rest of a file without end.
func TestReadBounded(t *testing.T) {
	t.Parallel()
	in := io.MultiReader(strings.NewReader("x,y\n1,\""), endless{})
	r, err := NewReader(in, "a.csv")
	if err != nil {
		t.Fatal(err)
	}
	if r.most != mostBytes {
		t.Errorf("rows of up to %d bytes are read, want %d", r.most, mostBytes)
	}
	r.most = 1 << 20
	if _, err = r.Read(); !errors.Is(err, errTooLong) || !strings.HasPrefix(err.Error(), "row 2: ") {
		t.Errorf("error %v, want one of row 2 that is too long", err)
	}
}

// TestRowsBounded reads many rows, each of which is short enough, and then one that is not.
func TestRowsBounded(t *testing.T) {
	t.Parallel()
	r, err := NewReader(strings.NewReader("x,y\n1,2\n3,\"4\"\n"+strings.Repeat("5", 9)), "a.csv")
	if err != nil {
		t.Fatal(err)
	}
	r.most = 7
	for range 2 {
		if _, err := r.Read(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err = r.Read(); !errors.Is(err, errTooLong) || !strings.HasPrefix(err.Error(), "row 4: ") {
		t.Errorf("error %v, want one of row 4 that is too long", err)
	}
}

type endless struct{}

func (endless) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = "abcdefghijklmno\n"[i%16]
	}
	return len(b), nil
}

// FuzzRead compares with encoding/csv where both read the same: without CR, and without rows of nothing in a single column.
func FuzzRead(f *testing.F) {
	for _, seed := range []string{"x,y\n1,2\n", "x\n\n", "a,\"b\nc\"\n\n,\n", "\"\"\"\",\"\"\n1,2", "\ufeffx,y\r\n\"1\r\n\",2\r\n", "x;y\n;\n", "x,y\n\"", "a\tb\n\"c\t\"d\"\n"} {
		f.Add(seed, byte(0))
		f.Add(seed, byte(1))
	}
	f.Fuzz(func(t *testing.T, text string, kind byte) {
		name := []string{"a.csv", "a.tsv", "a"}[kind%3]
		got, separator, err := readAll(text, name)
		for _, row := range got {
			if len(row) != len(got[0]) {
				t.Fatalf("a row of %d cells among %d columns", len(row), len(got[0]))
			}
		}
		if err != nil || strings.ContainsRune(text, '\r') || strings.HasPrefix(text, "\ufeff") || len(got[0]) == 1 {
			return
		}
		theirs := csv.NewReader(strings.NewReader(text))
		theirs.Comma, theirs.FieldsPerRecord = separator, len(got[0])
		want, err := theirs.ReadAll()
		if err == nil && name != "a.tsv" && separator != '\t' && !strings.HasPrefix(text, "\n") && !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %q, encoding/csv %q", text, got, want)
		}
	})
}

// FuzzWritten reads what encoding/csv has written.
func FuzzWritten(f *testing.F) {
	f.Add("x", "", "a\r\nb", "\"", false)
	f.Add("x", "y", "a\tb", " c,", true)
	f.Fuzz(func(t *testing.T, a, b, c, d string, tabs bool) {
		rows := [][]string{{"x", "y"}, {a, b}, {c, d}}
		if a == "" && b == "" || c == "" && d == "" {
			rows = append(rows, []string{"", ""})
		}
		name := "a.csv"
		var out bytes.Buffer
		w := csv.NewWriter(&out)
		if tabs {
			if strings.ContainsAny(a+b+c+d, "\r\n") { // a cell of TSV has none
				return
			}
			name, w.Comma = "a.tsv", '\t'
		}
		if err := w.WriteAll(rows); err != nil {
			t.Fatal(err)
		}
		got, _, err := readAll(out.String(), name)
		if err != nil || !slices.EqualFunc(got, rows, slices.Equal) {
			t.Errorf("%q: %q, %v", rows, got, err)
		}
	})
}
