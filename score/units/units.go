// Package units groups the symbols of a scored text into units: words between white space, words by Unicode's rules, or the
// words and regions that somebody has marked.
//
// A unit has the bits of its symbols and, where white space ends it, those of that event. With w the word of the symbols
// x_1 ... x_n and S all symbols that begin with white space,
//
//	bits(w) = sum_i -log2 p(x_i | before)  -  log2 sum_(s in S) p(s | before, w)
//
// The white space after it is a symbol s of S, and is charged what is left, -log2 p(s | before, w, S): the bits of s less
// those of the event. So nothing is charged twice, and units and white space add up to the text, to the last unit of
// score.Bits. A word at the end of a text has no event: nothing says that it ended. (Pimentel and Meister 2024; Oh and Schuler
// 2024.)
//
// A symbol that begins with white space and goes on into a word, as in alphabets of words and subwords, belongs to the word, the
// event to the word before.
package units

import (
	"fmt"

	"github.com/seed-f4dd853e/elman/score"
)

// A Span is where a unit stands in a text: its first byte, and the byte after its last.
type Span struct{ Start, End int }

// A Unit is a scored unit. One of no text has no symbols.
type Unit struct {
	Span
	Bits     score.Bits // of its symbols, and of its end if the Rule counts ends
	Space    score.Bits // of the white space after it, less its end
	Spelling score.Bits // the part of Bits that spells symbols outside the alphabet
	Entropy  score.Bits // of the prediction of its first symbol
	Rank     int        // of its first symbol
	Symbols  int        // that belong to it, white space after it not counted
	Unknown  int        // those of them that the alphabet lacks

	// Joined says that a symbol goes on from the unit before into this one, so that only their sum is known (Fold).
	Joined bool
}

// add adds a later part of the unit.
func (u *Unit) add(part Unit) {
	u.End = part.End
	u.Bits = u.Bits.Plus(u.Space).Plus(part.Bits) // the space between them lies within
	u.Space = part.Space
	u.Spelling = u.Spelling.Plus(part.Spelling)
	u.Symbols += part.Symbols
	u.Unknown += part.Unknown
}

// A Rule says what counts where units end.
type Rule struct {
	Ends  bool // white space after a unit ends it, and the unit is charged for that event
	ASCII bool // white space is that of ASCII, see Words
	Apart bool // a symbol that belongs to two units is an error; else the second is Joined
}

// A Grouper groups the symbols of one text.
type Grouper struct {
	Lead score.Bits // of white space before the first unit

	rule  Rule
	units []Unit
	live  []int // the units of some text
	k     int   // index in live of the first unit that ends after the symbols so far
	at    int   // bytes of the symbols so far
}

// New returns a grouper for a text with units at spans, which are ascending and do not overlap.
func New(spans []Span, rule Rule) *Grouper {
	g := &Grouper{rule: rule, units: make([]Unit, len(spans))}
	for i, s := range spans {
		g.units[i].Span = s
		if s.Start < s.End {
			g.live = append(g.live, i)
		}
	}
	return g
}

// A SharedError reports a symbol that belongs to two units.
type SharedError struct {
	Symbol string
	Unit   int // the first of them
}

func (e *SharedError) Error() string {
	return fmt.Sprintf("the symbol %q goes on beyond unit %d", e.Symbol, e.Unit)
}

// Add takes in the next symbol of the text, scored with Extras.End if the Rule counts ends. It fails with a *SharedError if the
// Rule wants units apart.
func (g *Grouper) Add(x score.Symbol) error {
	start, end := g.at, g.at+len(x.Text)
	g.at = end
	for g.k < len(g.live) && g.unit(g.k).End <= start {
		g.k++
	}
	u, bits := g.unit(g.k), x.Bits
	if u == nil || start < u.Start { // it begins between two units
		before := g.unit(g.k - 1)
		if g.rule.Ends && before != nil && before.End == start && spaceAt(x.Text, g.rule.ASCII) > 0 {
			// Of white space that the alphabet lacks the event may cost more than the escape that stands for it.
			ending := min(x.End, bits)
			before.Bits = before.Bits.Plus(ending)
			bits = bits.Plus(-ending)
		}
		if u == nil || end <= u.Start {
			if before == nil {
				g.Lead = g.Lead.Plus(bits)
			} else {
				before.Space = before.Space.Plus(bits)
			}
			return nil
		}
	}
	if u.Symbols == 0 {
		u.Entropy, u.Rank = x.Entropy, x.Rank
	}
	u.Bits = u.Bits.Plus(bits)
	u.Symbols++
	if x.Spelling > 0 {
		u.Unknown++
		u.Spelling = u.Spelling.Plus(x.Spelling)
	}
	for k := g.k + 1; k < len(g.live) && g.unit(k).Start < end; k++ {
		if g.rule.Apart {
			return &SharedError{string(x.Text), g.live[k-1]}
		}
		g.unit(k).Joined = true
	}
	return nil
}

// unit returns the unit with index k among those of some text, nil if there is none.
func (g *Grouper) unit(k int) *Unit {
	if k < 0 || k >= len(g.live) {
		return nil
	}
	return &g.units[g.live[k]]
}

// Units returns the units of the text so far, one for each span.
func (g *Grouper) Units() []Unit { return g.units }

// Fold makes one unit of each with those that are joined to it, by any of several models that scored the same units. It
// overwrites the units, and returns those of each model, which are again the same.
func Fold(models [][]Unit) [][]Unit {
	joined := func(i int) bool {
		for _, units := range models {
			if units[i].Joined {
				return true
			}
		}
		return false
	}
	n := 0
	for i := range models[0] {
		fold := n > 0 && joined(i)
		for _, units := range models {
			if fold {
				units[n-1].add(units[i])
			} else {
				units[n] = units[i]
			}
		}
		if !fold {
			n++
		}
	}
	folded := make([][]Unit, len(models))
	for j, units := range models {
		folded[j] = units[:n]
	}
	return folded
}
