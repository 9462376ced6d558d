package units_test

import (
	"fmt"

	"github.com/seed-f4dd853e/elman/score"
	"github.com/seed-f4dd853e/elman/score/units"
)

// The symbols of "hi you" cost a bit each. That white space follows "hi" costs half a bit, so that half a bit is left for the
// space itself. (A Scorer says so of each symbol, if New is given Extras{End: true}.)
func ExampleGrouper() {
	text := "hi you"
	const bit = 1 << 24
	g := units.New(units.Words([]byte(text), false), units.Rule{Ends: true})
	for i := range text {
		g.Add(score.Symbol{Text: []byte(text[i : i+1]), Bits: bit, End: bit / 2})
	}
	for _, u := range g.Units() {
		fmt.Printf("%s: %v bits, and %v for the space after it\n", text[u.Start:u.End], u.Bits, u.Space)
	}
	// Output:
	// hi: 2.500 bits, and 0.500 for the space after it
	// you: 3.000 bits, and 0.000 for the space after it
}
