// Package table reads tables of text, CSV and TSV, as people and programs write them. The first row names the columns.
//
// A row ends with LF or CR LF. A cell of CSV that begins with a quote ends with the next single one and may hold separators and
// line breaks; "" in it is a quote. Elsewhere a quote is a character as any other. In TSV a cell ends at its tab or line break;
// its quotes are taken off if it begins and ends with one. A row of nothing is passed over, unless the table has one column.
//
// Package encoding/csv writes such tables. It does not read them: it changes CR LF within a cell, passes over the empty cells of
// a single column, and takes the quote of a word that begins a quotation, in a TSV without quoting, for that of the cell.
package table

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"
)

// mostBytes is the largest row, so that a quote without an end does not read all of a large file.
const mostBytes = 64 << 20

var errTooLong = fmt.Errorf("it is longer than %d MiB; perhaps a quote has no end", mostBytes>>20)

// A Reader reads a table row by row.
type Reader struct {
	Columns   []string
	Separator rune // between cells: a comma, semicolon or tab

	in   *bufio.Reader
	row  int
	most int // bytes of a row

	line  []byte // at hand, with its line break
	cells []byte // of the row at hand, one after the other
	ends  []int  // of each in cells
}

// An Error says what is wrong with a row, counted from 1 for the names of the columns, as spreadsheets do.
type Error struct {
	Row int
	Err error
}

func (e *Error) Error() string { return fmt.Sprintf("row %d: %v", e.Row, e.Err) }

func (e *Error) Unwrap() error { return e.Err }

// NewReader returns a reader of a table, after its row of names. The name of its file tells CSV from TSV, or else that row does;
// and that row tells whether a CSV has commas or semicolons.
func NewReader(in io.Reader, name string) (*Reader, error) {
	r := &Reader{in: bufio.NewReaderSize(in, 1<<16), most: mostBytes}
	if err := r.skipBOM(); err != nil {
		return nil, err
	}
	if err := r.readLine(); err != nil {
		switch err {
		case io.EOF:
			err = errors.New("the table is empty; its first row must name its columns")
		case errTooLong:
			err = &Error{1, err}
		}
		return nil, err
	}
	r.Separator = separator(r.line, strings.ToLower(filepath.Ext(name)))
	var err error
	if r.Columns, err = r.record(); err != nil {
		return nil, err
	}
	if slices.ContainsFunc(r.Columns, func(s string) bool { return strings.ContainsAny(s, "\r\x00") }) {
		return nil, &Error{1, errors.New("a name of a column has a control character; save the table as UTF-8 with line breaks LF or CR LF")}
	}
	return r, nil
}

// skipBOM passes over a byte order mark.
func (r *Reader) skipBOM() error {
	begin, err := r.in.Peek(3)
	if err != nil && err != io.EOF {
		return err
	}
	switch {
	case bytes.HasPrefix(begin, []byte("\xff\xfe")), bytes.HasPrefix(begin, []byte("\xfe\xff")):
		return errors.New("the table is in UTF-16; save it as UTF-8")
	case string(begin) == "\ufeff":
		r.in.Discard(3)
	}
	return nil
}

// separator returns the separator of a table, given its first line and the extension of its name.
func separator(line []byte, extension string) rune {
	candidates := "\t,;"
	switch extension {
	case ".tsv", ".tab":
		return '\t'
	case ".csv":
		candidates = ",;"
	}
	best, most := rune(','), 0
	for _, c := range candidates {
		n, quoted := 0, false
		for _, b := range line {
			switch {
			case b == '"':
				quoted = !quoted
			case rune(b) == c && !quoted:
				n++
			}
		}
		if n > most {
			best, most = c, n
		}
	}
	return best
}

// Row returns the number of the row read last, 1 for the names of the columns.
func (r *Reader) Row() int { return r.row }

// Read returns the cells of the next row, one for each column, or io.EOF after the last. An *Error names a row that cannot be
// read.
func (r *Reader) Read() ([]string, error) {
	for {
		if err := r.readLine(); err == errTooLong {
			return nil, &Error{r.row + 1, err}
		} else if err != nil {
			return nil, err
		}
		if len(r.Columns) == 1 || len(withoutBreak(r.line)) > 0 {
			break
		}
		r.row++
	}
	cells, err := r.record()
	if err != nil {
		return nil, err
	}
	if len(cells) != len(r.Columns) {
		return nil, &Error{r.row, fmt.Errorf("it has %s, and there are %s; give it one for each", counted(len(cells), "cell"), counted(len(r.Columns), "column"))}
	}
	return cells, nil
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// readLine reads the next line.
func (r *Reader) readLine() error {
	r.line = r.line[:0]
	for {
		part, err := r.in.ReadSlice('\n')
		r.line = append(r.line, part...)
		switch {
		case len(r.line)+len(r.cells) > r.most:
			return errTooLong
		case err == bufio.ErrBufferFull:
			continue
		case err == io.EOF && len(r.line) > 0:
			return nil
		}
		return err
	}
}

func withoutBreak(line []byte) []byte {
	return bytes.TrimSuffix(bytes.TrimSuffix(line, []byte("\n")), []byte("\r"))
}

// record returns the cells of the row that begins with the line at hand.
func (r *Reader) record() ([]string, error) {
	r.row++
	r.cells, r.ends = r.cells[:0], r.ends[:0]
	for rest := withoutBreak(r.line); ; {
		var err error
		if len(rest) > 0 && rest[0] == '"' {
			rest, err = r.quoted(rest)
		} else {
			rest = r.plain(rest)
		}
		if err != nil {
			return nil, &Error{r.row, err}
		}
		r.ends = append(r.ends, len(r.cells))
		if len(rest) == 0 {
			break
		}
		rest = rest[utf8.RuneLen(r.Separator):]
	}
	all, cells, from := string(r.cells), make([]string, len(r.ends)), 0
	r.cells = r.cells[:0]
	for i, end := range r.ends {
		cells[i], from = all[from:end], end
	}
	return cells, nil
}

// plain reads a cell without quotes, and returns the rest of the line from its separator on.
func (r *Reader) plain(line []byte) []byte {
	end := bytes.IndexRune(line, r.Separator)
	if end < 0 {
		end = len(line)
	}
	r.cells = append(r.cells, line[:end]...)
	return line[end:]
}

// quoted reads a cell that begins with a quote, and returns the rest of its line from its separator on.
func (r *Reader) quoted(line []byte) ([]byte, error) {
	begin, whole := len(r.cells), line
	for line = line[1:]; ; {
		end := bytes.IndexByte(line, '"')
		switch {
		case end < 0 && r.Separator == '\t':
			r.cells = r.cells[:begin]
			return r.plain(whole), nil
		case end < 0:
			r.cells = append(append(r.cells, line...), r.line[len(withoutBreak(r.line)):]...)
			if err := r.readLine(); err == io.EOF {
				return nil, fmt.Errorf(`cell %d begins with a quote that has no end; close it, and write a quote within as ""`, len(r.ends)+1)
			} else if err != nil {
				return nil, err
			}
			line = withoutBreak(r.line)
			continue
		}
		r.cells = append(r.cells, line[:end]...)
		line = line[end+1:]
		next, _ := utf8.DecodeRune(line)
		switch {
		case next == '"' && len(line) > 0:
			r.cells = append(r.cells, '"')
			line = line[1:]
		case len(line) == 0 || next == r.Separator:
			return line, nil
		case r.Separator == '\t':
			r.cells = r.cells[:begin]
			return r.plain(whole), nil
		default:
			return nil, fmt.Errorf(`cell %d goes on after its closing quote; write a quote within as ""`, len(r.ends)+1)
		}
	}
}
