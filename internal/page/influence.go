package page

import "math"

// An Influence is how much earlier symbols moved the prediction of each symbol, for the page to show where somebody points.
type Influence struct {
	Span int // the most symbols back
	// Values are [symbols x Span], for the first symbols of the text: element i*Span+k-1 is of the symbol k before symbol i.
	Values []float32
}

// middle is the level of 0 in a packed influence; levels go from 0 to twice that.
const middle = 127

// A packedInfluence is an Influence in the file. Values are levels from -127 to 127 of the largest at the same symbol, with 127
// added; all symbols at a distance of 1 come first, because those far back are mostly 0.
type packedInfluence struct {
	blob
	Span  int    `json:"span"`
	Shown int    `json:"shown"` // symbols, from the first
	Scale column `json:"scale"` // [Shown] the largest, in thousandths
}

func (in *Influence) pack() *packedInfluence {
	n := len(in.Values) / in.Span
	levels, scales := make([]byte, n*in.Span), make([]uint32, n)
	for i := range n {
		row := in.Values[i*in.Span:][:in.Span]
		most := 0.0
		for _, x := range row {
			most = max(most, math.Abs(float64(x)))
		}
		if most > 0 {
			scales[i] = max(1, fixed(most, 1000))
		}
		for k, x := range row {
			level := middle
			if most > 0 {
				level += int(math.Round(float64(x) / most * middle))
			}
			levels[k*n+i] = byte(level)
		}
	}
	return &packedInfluence{newBlob("column-moves", levels), in.Span, n, newColumn("column-influence", scales)}
}
