package corpus

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// Merges returns, for each subword after the bytes, the two symbols that it is made of; nothing for other kinds.
func (a *Alphabet) Merges() []int32 { return a.sub.pairs() }

// Symbols returns the symbols of the alphabet without the escape, joined to one text, and the length of each in bytes. See
// [RestoreAlphabet].
func (a *Alphabet) Symbols() (text string, lengths []int32) {
	lengths = make([]int32, a.symbols.len())
	for i := range lengths {
		lengths[i] = int32(len(a.symbols.at(i)))
	}
	return a.symbols.text, lengths
}

// with returns the symbols of the alphabet and others, both ascending, in order. a may be nil.
func (a *Alphabet) with(others []string) []string {
	if a == nil {
		return others
	}
	all := slices.Clone(others)
	for i := range a.symbols.len() {
		all = append(all, a.symbols.at(i))
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// Without returns the symbols of the alphabet that another one lacks, without the escape.
func (a *Alphabet) Without(b *Alphabet) (symbols []string) {
	if a.Equal(b) { // also of subwords, which are not ascending
		return nil
	}
	j := 0
	for i := range a.symbols.len() {
		s := a.symbols.at(i)
		for j < b.symbols.len() && b.symbols.at(j) < s {
			j++
		}
		if j == b.symbols.len() || b.symbols.at(j) != s {
			symbols = append(symbols, s)
		}
	}
	return symbols
}

// RestoreAlphabet makes an alphabet from its form, its symbols, joined to one text, the length of each in bytes, and its merges
// (Alphabet.Merges). It fails on symbols that are out of order, repeated, or not of the kind. It takes memory in proportion to
// the text.
func RestoreAlphabet(f Form, text string, lengths, merges []int32) (*Alphabet, error) {
	a, err := restoreAlphabet(f, text, lengths, merges)
	if err != nil {
		return nil, fmt.Errorf("alphabet: %w", err)
	}
	return a, nil
}

func restoreAlphabet(f Form, text string, lengths, merges []int32) (*Alphabet, error) {
	switch {
	case f.Kind == "":
		return nil, errors.New("kind is missing")
	case !slices.Contains(Kinds(), f.Kind):
		return nil, fmt.Errorf("kind is %.20q: there are bytes, chars, words, subwords", f.Kind)
	case f.Kind == Subwords && f.Open:
		return nil, errors.New("open is true, and subwords need no escape")
	case f.Kind != Subwords && len(merges) > 0:
		return nil, fmt.Errorf("kind is %s, and there are merges", f.Kind)
	case uint64(len(text)) > math.MaxUint32:
		return nil, fmt.Errorf("the symbols take %d bytes, more than 4 GiB", len(text))
	}
	n := names{text, make([]uint32, len(lengths))}
	end := int64(0)
	for i, length := range lengths {
		if end += int64(length); length < 0 || end > int64(len(text)) {
			return nil, fmt.Errorf("symbol %d of %d bytes goes beyond the %d bytes of all", i, length, len(text))
		}
		n.ends[i] = uint32(end)
	}
	if end < int64(len(text)) {
		return nil, fmt.Errorf("the symbols take %d of the %d bytes", end, len(text))
	}
	if f.Kind == Subwords {
		return n.subwords(f.Lowercase, merges)
	}
	return n.alphabet(f)
}
