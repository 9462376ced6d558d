package cli

import (
	"bufio"
	"io"

	"github.com/seed-f4dd853e/elman/corpus"
)

// A lineReader reads a text line by line, line breaks included, many lines at a time.
type lineReader struct {
	r     *bufio.Reader
	bytes int // after which no more lines are read together
}

func newLineReader(text *corpus.Text) lineReader { return linesFrom(text, 0, bytesAtOnce) }

// linesFrom reads the lines from an offset on.
func linesFrom(text *corpus.Text, offset int64, bytes int) lineReader {
	return lineReader{bufio.NewReaderSize(io.NewSectionReader(text, offset, text.Size()-offset), 1<<16), bytes}
}

const (
	linesAtOnce = 1 << 14 // read before any is printed
	bytesAtOnce = 1 << 20
)

// next returns the next lines, none at the end of the text.
func (l lineReader) next() (lines [][]byte, err error) {
	for n := 0; len(lines) < linesAtOnce && n < l.bytes; {
		line, err := l.r.ReadBytes('\n')
		if len(line) > 0 {
			lines, n = append(lines, line), n+len(line)
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
	}
	return lines, nil
}
