package inspect

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// A Feature is a number for each symbol of a text, which a unit may follow.
type Feature struct {
	Name  string `json:"name"`
	Doc   string `json:"-"`
	YesNo bool   `json:"yes_no"` // it is 0 or 1
}

// Features returns all features.
func Features() []Feature {
	var all []Feature
	for _, r := range features {
		all = append(all, r.Feature)
	}
	return all
}

// features is the registry: each feature is a line. Unbounded numbers are clipped, so that one long line does not outweigh all
// others.
var features = []registration{
	number("column", "characters since the line break, up to 80", func(p *position) int { return min(p.column, 80) }),
	number("line", "lines since a blank one, up to 20", func(p *position) int { return min(p.line, 20) }),
	number("indent", "blanks that the line begins with, up to 40", func(p *position) int { return min(p.indent, 40) }),
	number("since space", "characters since white space, up to 30", func(p *position) int { return min(p.word, 30) }),
	number("since sentence", "characters since . ? or !, up to 120", func(p *position) int { return min(p.sentence, 120) }),
	yesNo("in quotes", "between double quotes, until a blank line", func(p *position) bool { return p.quoted }),
	number("bracket depth", "round, square and curly brackets open, up to 10", func(p *position) int { return min(p.depth, 10) }),
	yesNo("in brackets", "at least one bracket is open", func(p *position) bool { return p.depth > 0 }),
	yesNo("in name", "after a blank line, until a colon or the line's end: who speaks in a play", func(p *position) bool { return p.name }),
	yesNo("in comment", "after // or #, until the line's end", func(p *position) bool { return p.comment }),
	yesNo("after newline", "the last character is a line break", func(p *position) bool { return p.last == '\n' }),
	yesNo("space", "the last character is a blank", func(p *position) bool { return p.last != '\n' && unicode.IsSpace(p.last) }),
	yesNo("letter", "the last character is a letter", func(p *position) bool { return isLetter(p.last) }),
	yesNo("word start", "the last character is the first letter of a word", func(p *position) bool { return isLetter(p.last) && !isLetter(p.before) }),
	yesNo("upper case", "the last character is a capital letter", func(p *position) bool { return unicode.IsUpper(p.last) }),
	yesNo("vowel", "the last character is a, e, i, o or u", func(p *position) bool { return strings.ContainsRune("aeiouAEIOU", p.last) }),
	yesNo("digit", "the last character is a digit", func(p *position) bool { return unicode.IsDigit(p.last) }),
	yesNo("punctuation", "the last character is punctuation", func(p *position) bool { return unicode.IsPunct(p.last) }),
	yesNo("next is space", "the next character is a blank", func(p *position) bool { return p.next != '\n' && unicode.IsSpace(p.next) }),
	yesNo("next is newline", "the next character is a line break", func(p *position) bool { return p.next == '\n' }),
}

// A FeatureReader computes the features of a text for an Observer. Its zero value is at the beginning of a text.
type FeatureReader struct {
	begun  bool
	at     position
	values []float32
}

// Read returns the features after each symbol of the next chunk, [symbols x Features]. They are valid until the next call.
func (r *FeatureReader) Read(s *Chunk) []float32 {
	if !r.begun {
		r.begun, r.at = true, start()
	}
	r.values = r.values[:0]
	for i, x := range s.Symbols {
		next := s.Next
		if i+1 < len(s.Symbols) {
			next = s.Symbols[i+1].Text
		}
		r.at.read(x.Text, next)
		if s.Ends[i] {
			next := r.at.next
			r.at = start()
			r.at.next = next
		}
		for _, f := range features {
			r.values = append(r.values, float32(f.value(&r.at)))
		}
	}
	return r.values
}

type registration struct {
	Feature
	value func(*position) float64
}

func number(name, doc string, value func(*position) int) registration {
	return registration{Feature{name, doc, false}, func(p *position) float64 { return float64(value(p)) }}
}

func yesNo(name, doc string, value func(*position) bool) registration {
	return registration{Feature{name, doc, true}, func(p *position) float64 {
		if value(p) {
			return 1
		}
		return 0
	}}
}

// isLetter treats bytes that are no character by themselves as letters: in a text of byte symbols most of them are parts of
// letters.
func isLetter(r rune) bool { return unicode.IsLetter(r) || r == utf8.RuneError }

// A position is the state of the features after a character.
type position struct {
	before, last, next rune // next is -1 at the end of the text
	column             int  // characters of the line
	line               int  // lines since a blank line
	indent             int
	word, sentence     int // characters since white space, since the end of a sentence
	depth              int // of brackets
	quoted             bool
	name, comment      bool
}

// start returns the position at the beginning of a text, the same as after a blank line.
func start() position { return position{before: '\n', last: '\n', next: -1, name: true} }

// read reads a symbol, given the symbol after it.
func (p *position) read(symbol, next []byte) {
	for rest := symbol; len(rest) > 0; {
		r, size := utf8.DecodeRune(rest)
		rest = rest[size:]
		p.add(r)
	}
	if p.next = -1; len(next) > 0 {
		p.next, _ = utf8.DecodeRune(next)
	}
}

// add reads a character.
func (p *position) add(r rune) {
	if r == '\n' {
		p.newline()
	} else {
		p.column++
		if unicode.IsSpace(r) && p.indent == p.column-1 {
			p.indent++
		}
	}
	if p.word++; unicode.IsSpace(r) {
		p.word = 0
	}
	if p.sentence++; strings.ContainsRune(".?!", r) {
		p.sentence = 0
	}
	switch {
	case strings.ContainsRune("([{", r):
		p.depth++
	case strings.ContainsRune(")]}", r):
		p.depth = max(0, p.depth-1)
	case r == '"' || r == '“': // which opens in English and closes in German
		p.quoted = !p.quoted
	case r == '„' || r == '«':
		p.quoted = true
	case r == '”' || r == '»':
		p.quoted = false
	case r == ':':
		p.name = false
	case r == '#' || r == '/' && p.last == '/':
		p.comment = true
	}
	p.before, p.last = p.last, r
}

// newline ends a line.
func (p *position) newline() {
	if p.comment, p.name = false, false; p.column == p.indent { // it was blank
		p.line, p.name, p.quoted = 0, true, false
	} else {
		p.line++
	}
	p.column, p.indent = 0, 0
}
