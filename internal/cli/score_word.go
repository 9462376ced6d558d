package cli

import (
	"strings"
	"unicode/utf8"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/score"
	"github.com/seed-f4dd853e/elman/score/units"
)

// A wordView prints a row for each word of a file. No word goes on in the next line, so that each line is split on its own.
// White space at the beginning of a line follows the last word before it.
type wordView struct {
	*scoring
	words    *wordSheet
	groupers [][]*units.Grouper // by line of the chunk and model

	path     string
	splitter corpus.DocumentSplitter
	fresh    bool  // no word of the document has been read
	last     *word // not yet printed: white space may follow
	line     int   // of the last word
	key      any   // of the line, with --key; nil before the first
	begins   bool  // the last word is the first of its document
}

func newWordView(s *scoring) *wordView {
	v := &wordView{scoring: s, fresh: true}
	var columns []column
	v.words, columns = s.newWordSheet("word")
	first := []column{{"file", s.files == 1}, {name: "line"}}
	if s.keyOf != nil {
		first = append(first, column{name: "key"})
	}
	columns = append(first, columns...)
	v.words.sheet = newSheet(s.out, s.f.format, append(columns, column{"hex", true}))
	return v
}

func (v *wordView) begin(c *chunk) {
	if c.number == 0 || v.path == "" { // the first file may go on where an interrupted call has left it
		v.splitter = corpus.DocumentSplitter{Kind: v.models[0].scorer.Documents}
	}
	v.path = c.path
	v.groupers = make([][]*units.Grouper, len(c.lines))
	for i, line := range c.lines {
		spans := v.words.spans(line)
		for range v.models {
			v.groupers[i] = append(v.groupers[i], units.New(spans, v.words.rule))
		}
	}
}

func (v *wordView) symbol(c *chunk, i, j int, x score.Symbol) {
	v.groupers[i][j].Add(x) // it fails only if units must be apart
}

func (v *wordView) scored(c *chunk) {
	offset, chars := int(c.offset), int(c.chars)
	for i, line := range c.lines {
		v.enter(c.path, line)
		v.words.lead(v.groupers[i], &v.last)
		for _, w := range v.words.group(line, v.groupers[i]) {
			v.print(c.path)
			w.Start, w.End, w.chars = w.Start+offset, w.End+offset, w.chars+chars
			v.last, v.line, v.begins, v.fresh = &w, c.number+i+1, v.fresh, false
		}
		offset, chars = offset+len(line), chars+utf8.RuneCount(line)
		v.fresh = v.splitter.Add(string(line)) || v.fresh
	}
	v.words.flush()
}

// enter begins a line. White space before its first word follows a word of its own key only.
func (v *wordView) enter(path string, line []byte) {
	if v.keyOf == nil {
		return
	}
	if key := strings.ToValidUTF8(v.keyOf(line), "\ufffd"); key != v.key {
		v.print(path)
		v.last, v.line, v.key = nil, 0, key
	}
}

func (v *wordView) end(path string, sums []score.Sum) {
	v.print(path)
	v.last, v.line, v.fresh, v.key = nil, 0, true, nil
	v.words.flush()
}

// print prints the last word.
func (v *wordView) print(path string) {
	if v.last == nil {
		return
	}
	if v.begins {
		v.words.begin()
	}
	text := v.last.text
	v.last.text = strings.ToValidUTF8(text, "\ufffd")
	var line any
	if v.line > 0 {
		line = v.line
	}
	cells := []any{path, line}
	if v.keyOf != nil {
		cells = append(cells, v.key)
	}
	cells = append(cells, v.words.cells(*v.last)...)
	v.words.row(append(cells, invalidBytes(text)))
}
