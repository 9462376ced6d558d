// Package pairs asks whether a model finds the better of several sentences likelier: minimal pairs, such as those of BLiMP
// (Warstadt et al. 2020), and suites of sentences in regions with formulas over the regions' surprisals, those of SyntaxGym
// (Gauthier et al. 2020). A pair is a suite's item of two conditions, good and bad, of one region each, with the prediction
// that the good sentence takes fewer bits; so one rule judges both.
//
// Each sentence is a text of its own, read from the initial state. The bits of a region are those of package score/units: of its
// symbols and of the event that it ends, where white space follows. Otherwise "fear" could never cost more than "fears" in a
// model of characters. The white space between regions is charged what is left, to the region after it; an empty region
// takes 0 bits. A sentence of a pair includes its end: the line break that follows, if the alphabet has one. A suite has
// no end, as no region holds it.
package pairs

import (
	"fmt"
	"strings"

	"github.com/seed-f4dd853e/elman/score/units"
)

// The conditions of a pair.
const (
	good = "good"
	bad  = "bad"
)

// A Set is a set of items on which the same predictions are tried: a paradigm of BLiMP, a suite of SyntaxGym, a table.
type Set struct {
	Name        string
	File        string
	Field       string // of linguistics; "" if unknown
	Paired      bool   // the items are pairs
	Predictions []*Formula
	Items       []*Item
}

// An Item is a group of sentences that are compared.
type Item struct {
	Name  string // its number or name in the file
	Where string // "line 3", "row 3" or "item 3"
	Texts []Text // none if Err is set
	Err   error  // why it cannot be judged by any model
}

// A Text is a sentence of an item.
type Text struct {
	Condition string
	Regions   []Region
}

// A Region is a part of a sentence.
type Region struct {
	Number int
	Text   string // without the space that joins it to the region before
}

// bytes returns the sentence with the span of each region; the line break that ends a sentence belongs to the last region.
func (t *Text) bytes(end bool) (text []byte, spans []units.Span) {
	for _, r := range t.Regions {
		if r.Text != "" && len(text) > 0 {
			text = append(text, ' ')
		}
		spans = append(spans, units.Span{Start: len(text), End: len(text) + len(r.Text)})
		text = append(text, r.Text...)
	}
	if end {
		text = append(text, '\n')
		spans[len(spans)-1].End++
	}
	return text, spans
}

// String returns the sentence.
func (t *Text) String() string {
	text, _ := t.bytes(false)
	return string(text)
}

// pairFormula is the prediction on pairs.
var pairFormula = mustParse("(*;%good%) < (*;%bad%)")

func mustParse(text string) *Formula {
	f, err := ParseFormula(text)
	if err != nil {
		panic(err)
	}
	return f
}

// newPair returns the item of two sentences.
func newPair(a, b string) (*Item, error) {
	for _, x := range [][2]string{{good, a}, {bad, b}} {
		if strings.TrimSpace(x[1]) == "" {
			return nil, fmt.Errorf("the %s sentence is empty", x[0])
		}
	}
	return &Item{Texts: []Text{{good, []Region{{1, a}}}, {bad, []Region{{1, b}}}}}, nil
}
