package page

import (
	"math"
	"slices"
)

// A Field is a quantity of several units over the text, by which the text can be coloured.
type Field struct {
	Group    string // what the units belong to, "layer 1"
	Quantity string // "h"
	Meaning  string // "output"; may be ""
	Units    int
	// Low and High are the lowest and highest value. If both are 0 they are computed: High exceeds the magnitude of all but
	// one in 200 values, and Low is -High if any value is below 0.
	Low, High float64
	Rank      Rank
	Whole     []int // units to keep for the whole text, even if others are not

	levels []byte    // [symbols x Units], of finest
	raw    []float32 // likewise, as long as the range is not known
}

// A Rank says what a field may lose if the file would grow too large.
type Rank int

const (
	Always Rank = iota // nothing: it is small
	State              // some precision, and then the end of the text
	Gate               // precision and the end of the text, before any State does
)

const finest = 255 // levels; odd, so that the one in the middle is 0

// mostValues is the most values of a field. Even a third of that does not fit into a file.
const mostValues = 16 << 20

// Add adds the values of the units at the next symbol. It panics if their number is wrong.
func (f *Field) Add(values []float32) {
	if len(values) != f.Units {
		panic("page: values of other units than the field's")
	}
	if len(f.levels)+len(f.raw) > mostValues {
		return
	}
	if f.Low == f.High {
		f.raw = append(f.raw, values...)
		return
	}
	for _, x := range values {
		f.levels = append(f.levels, f.level(x))
	}
}

func (f *Field) level(x float32) byte {
	if x != x {
		x = 0
	}
	at := math.Round((float64(x) - f.Low) / (f.High - f.Low) * (finest - 1))
	return byte(min(max(at, 0), finest-1))
}

// settle computes the range if it is not given.
func (f *Field) settle() {
	if len(f.raw) == 0 {
		return
	}
	sizes, below := []float64{0}, false
	for _, x := range f.raw {
		if x-x == 0 {
			sizes = append(sizes, math.Abs(float64(x)))
		}
		below = below || x < 0
	}
	slices.Sort(sizes)
	if f.High = sizes[(len(sizes)-1)*199/200]; f.High == 0 {
		f.High = 1
	}
	if below {
		f.Low = -f.High
	}
	for _, x := range f.raw {
		f.levels = append(f.levels, f.level(x))
	}
	f.raw = nil
}

// symbols returns how many the field has values of.
func (f *Field) symbols() int { return len(f.levels) / f.Units }

// coarse returns the values of some units at the first symbols in this many levels, unit after unit. With 16 levels or fewer
// two values share a byte, the first in its low half.
func (f *Field) coarse(units []int, symbols, levels int) []byte {
	var out []byte
	for _, u := range units {
		row := make([]byte, symbols)
		for t := range row {
			b := int(f.levels[t*f.Units+u])
			row[t] = byte((2*b*(levels-1) + finest - 1) / (2 * (finest - 1))) // rounded
		}
		if levels <= 16 {
			row = halve(row)
		}
		out = append(out, row...)
	}
	return out
}

func halve(row []byte) []byte {
	half := row[:(len(row)+1)/2]
	for i := range half {
		low, high := row[2*i], byte(0)
		if 2*i+1 < len(row) {
			high = row[2*i+1]
		}
		half[i] = low | high<<4
	}
	return half
}
