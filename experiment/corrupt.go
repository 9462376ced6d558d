package experiment

import (
	"math/rand/v2"
	"slices"
	"unicode"
	"unicode/utf8"
)

// The ways to corrupt a line. A field is a run of letters and digits; a word is a run of three letters or more.
const (
	exchanged  = "exchanged"
	borrowed   = "borrowed"
	fitting    = "fitting"
	misspelled = "misspelled"
	misplaced  = "misplaced"
	foreign    = "foreign"
)

var corruptions = []struct{ name, doc string }{
	{exchanged, "two fields are swapped"},
	{borrowed, "a field is replaced by the one at its position in another line"},
	{fitting, "the same, and in the other line it stands between the same two fields"},
	{misspelled, "a letter of a word is replaced, missing, doubled, or swapped with the next"},
	{misplaced, "a character is replaced by another that occurs in logs"},
	{foreign, "a character is replaced by one that occurs in no training line"},
}

// foreigners are characters that never occur in an English log.
var foreigners = []rune("éñøßλж§¤†日")

// A corrupter plants a mistake in a line, such that the language cannot write the result.
type corrupter struct {
	rng   *rand.Rand
	lines []string          // correct lines, from which fields are borrowed
	chars []rune            // all characters of the text
	right func(string) bool // reports whether the language can write a line
}

// newCorrupter returns a corrupter for correct lines.
func newCorrupter(rng *rand.Rand, lines []string, right func(string) bool) *corrupter {
	c := &corrupter{rng: rng, lines: lines, right: right}
	for _, line := range lines {
		for _, r := range line {
			if i, found := slices.BinarySearch(c.chars, r); !found {
				c.chars = slices.Insert(c.chars, i, r)
			}
		}
	}
	return c
}

// corrupt returns the line with a mistake. It draws positions and replacements until the line is wrong, and gives up after ten
// thousand draws.
func (c *corrupter) corrupt(line, how string) (string, bool) {
	for range 10000 {
		var corrupted string
		switch how {
		case exchanged:
			corrupted = c.exchange(line)
		case borrowed:
			corrupted = c.borrow(line, false)
		case fitting:
			corrupted = c.borrow(line, true)
		case misspelled:
			corrupted = c.misspell(line)
		case misplaced:
			corrupted = c.replace(line, c.chars)
		case foreign:
			corrupted = c.replace(line, foreigners)
		}
		if corrupted != line && !c.right(corrupted) {
			return corrupted, true
		}
	}
	return "", false
}

// A span is a range of bytes in a line.
type span struct{ lo, hi int }

// spans returns the maximal runs of characters for which belongs is true.
func spans(line string, belongs func(rune) bool) (all []span) {
	lo := -1
	for i, r := range line {
		switch in := belongs(r); {
		case in && lo < 0:
			lo = i
		case !in && lo >= 0:
			all = append(all, span{lo, i})
			lo = -1
		}
	}
	if lo >= 0 {
		all = append(all, span{lo, len(line)})
	}
	return all
}

func fields(line string) []span {
	return spans(line, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) })
}

func draw[T any](rng *rand.Rand, from []T) T { return from[rng.IntN(len(from))] }

// exchange swaps two fields.
func (c *corrupter) exchange(line string) string {
	all := fields(line)
	a, b := draw(c.rng, all), draw(c.rng, all)
	if a.lo > b.lo {
		a, b = b, a
	}
	if a == b {
		return line
	}
	return line[:a.lo] + line[b.lo:b.hi] + line[a.hi:b.lo] + line[a.lo:a.hi] + line[b.hi:]
}

// borrow replaces a field by the field of the same number, from the left, in another line; if fit is set, one between the
// same two fields.
func (c *corrupter) borrow(line string, fit bool) string {
	all, other := fields(line), draw(c.rng, c.lines)
	from := fields(other)
	i := c.rng.IntN(min(len(all), len(from)))
	if fit && (around(line, all, i) != around(other, from, i)) {
		return line
	}
	return line[:all[i].lo] + other[from[i].lo:from[i].hi] + line[all[i].hi:]
}

// around returns the fields on either side of field i, "" at the ends of the line.
func around(line string, all []span, i int) (pair [2]string) {
	if i > 0 {
		pair[0] = line[all[i-1].lo:all[i-1].hi]
	}
	if i+1 < len(all) {
		pair[1] = line[all[i+1].lo:all[i+1].hi]
	}
	return pair
}

// misspell makes a typing error in a word: a wrong letter, a missing, a doubled or a swapped one.
func (c *corrupter) misspell(line string) string {
	words := spans(line, unicode.IsLetter)
	words = slices.DeleteFunc(words, func(w span) bool { return utf8.RuneCountInString(line[w.lo:w.hi]) < 3 })
	if len(words) == 0 {
		return line
	}
	w := draw(c.rng, words)
	letters := []rune(line[w.lo:w.hi])
	i := c.rng.IntN(len(letters))
	switch c.rng.IntN(4) {
	case 0:
		first := 'a'
		if unicode.IsUpper(letters[i]) {
			first = 'A'
		}
		letters[i] = first + rune(c.rng.IntN(26))
	case 1:
		letters = slices.Delete(letters, i, i+1)
	case 2:
		letters = slices.Insert(letters, i, letters[i])
	case 3:
		i = min(i, len(letters)-2)
		letters[i], letters[i+1] = letters[i+1], letters[i]
	}
	return line[:w.lo] + string(letters) + line[w.hi:]
}

// replace replaces a random character by one of by.
func (c *corrupter) replace(line string, by []rune) string {
	chars := []rune(line)
	chars[c.rng.IntN(len(chars))] = draw(c.rng, by)
	return string(chars)
}
