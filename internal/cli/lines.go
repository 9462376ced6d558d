package cli

import (
	"bufio"
	"io"

	"github.com/seed-f4dd853e/elman/corpus"
)

// A lineReader reads a text line by line, line breaks included, many lines at a time.
type lineReader struct{ r *bufio.Reader }

func newLineReader(text *corpus.Text) lineReader {
	return lineReader{bufio.NewReaderSize(io.NewSectionReader(text, 0, text.Size()), 1<<16)}
}

const (
	linesAtOnce = 1024 // read before any is printed
	bytesAtOnce = 1 << 20
)

// next returns the next lines, none at the end of the text.
func (l lineReader) next() (lines [][]byte, err error) {
	for n := 0; len(lines) < linesAtOnce && n < bytesAtOnce; {
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
