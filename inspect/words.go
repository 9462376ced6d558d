package inspect

import (
	"cmp"
	"slices"
	"unicode"
	"unicode/utf8"

	"github.com/seed-f4dd853e/elman/corpus"
)

// A wordScanner finds words in a text that comes in pieces: runs of letters and marks, with apostrophes between letters. Where
// bytes that are no text stand alone they count as letters, as in isLetter.
type wordScanner struct {
	word    []byte // the word at hand
	letters int    // bytes of it up to its last letter: an apostrophe behind may be a quotation mark
	part    []byte // of a character
	piece   int    // number of the piece at hand
	last    int    // piece that had the word's last letter
}

// read takes in the next piece. It calls ended with each word that ends, and the number of the piece that had its last letter;
// pieces count from 0.
func (s *wordScanner) read(piece []byte, ended func(word []byte, last int)) {
	for _, b := range piece {
		s.part = append(s.part, b)
		for len(s.part) > 0 && utf8.FullRune(s.part) {
			r, size := utf8.DecodeRune(s.part)
			s.add(r, s.part[:size], ended)
			s.part = s.part[:copy(s.part, s.part[size:])]
		}
	}
	s.piece++
}

func (s *wordScanner) add(r rune, text []byte, ended func(word []byte, last int)) {
	switch {
	case isLetter(r) || unicode.IsMark(r):
		s.word = append(s.word, text...)
		s.letters, s.last = len(s.word), s.piece
	case (r == '\'' || r == '’') && len(s.word) > 0 && s.letters == len(s.word):
		s.word = append(s.word, text...)
	default:
		s.end(ended)
	}
}

// end ends the text, or a document.
func (s *wordScanner) end(ended func(word []byte, last int)) {
	if s.letters > 0 {
		ended(s.word[:s.letters], s.last)
	}
	s.word, s.letters = s.word[:0], 0
}

// mostCounted is how many bytes of a text are read to find its most frequent words.
const mostCounted = 1 << 24

// frequentWords returns the most frequent words of a text's beginning, the most frequent first.
func frequentWords(text *corpus.Text, most int) ([]string, error) {
	counts := map[string]int{}
	count := func(word []byte, _ int) { counts[string(word)]++ }
	var s wordScanner
	block := make([]byte, 1<<16)
	for at := int64(0); at < min(text.Size(), mostCounted); {
		n, err := text.ReadAt(block[:min(int64(len(block)), text.Size()-at)], at)
		if n == 0 && err != nil {
			return nil, err
		}
		s.read(block[:n], count)
		at += int64(n)
	}
	s.end(count)
	words := make([]string, 0, len(counts))
	for word := range counts {
		words = append(words, word)
	}
	slices.SortFunc(words, func(a, b string) int { return cmp.Or(counts[b]-counts[a], cmp.Compare(a, b)) })
	return words[:min(most, len(words))], nil
}
