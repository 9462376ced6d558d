package chart

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
)

// hard are numbers that axes are easily wrong about.
var hard = []float64{
	0, math.Copysign(0, -1), 1, -1, 1 + 0x1p-52, 5e-324, -5e-324, 2.2e-308, 1e-300, 1e-16, 1e15, 1e16, 1e300, 1e308, -1e308,
	math.MaxFloat64, -math.MaxFloat64, math.Inf(1), math.Inf(-1), math.NaN(),
}

// chartOf makes charts of each kind of some numbers.
func chartsOf(numbers []float64, flags uint8) []Chart {
	half := len(numbers) / 2
	x, y := numbers[:half], numbers[half:2*half]
	c := Chart{LogX: flags&1 != 0, LogY: flags&2 != 0, FromZero: flags&4 != 0, LegendBelow: flags&8 != 0}
	band, points, bars, tree := c, c, Chart{}, Chart{}
	c.Lines = []Line{{Name: "a", X: x, Y: y, Dots: true}}
	band.Lines = []Line{{X: x, Y: y, Low: y, High: x}}
	points.Points = []Points{{X: x, Y: y, Labels: make([]string, half)}}
	if flags&16 != 0 {
		c.XNames = []string{"first", "second"}
	}
	if half > 0 {
		points.Points[0].Labels[0] = "label"
	}
	for range numbers {
		bars.Rows = append(bars.Rows, "row")
	}
	bars.Bars = []Bars{{Values: numbers}}
	t := &Tree{Labels: []string{"leaf"}}
	for i, v := range numbers {
		t.Labels = append(t.Labels, "leaf")
		below := len(numbers) + i // the merge before
		if i == 0 {
			below = len(numbers)
		}
		t.Merges = append(t.Merges, Merge{A: i, B: below, Height: math.Abs(v)})
	}
	tree.Tree = t
	return []Chart{c, band, points, bars, tree}
}

// drawable draws charts: no numbers make it panic, or come out as something that is no number.
func drawable(t *testing.T, numbers []float64, flags uint8) {
	t.Helper()
	for i, c := range chartsOf(numbers, flags) {
		var svg bytes.Buffer
		err := Write(&svg, "svg", c)
		if err != nil && !errors.Is(err, ErrEmpty) && !strings.Contains(err.Error(), "no logarithm") && !strings.Contains(err.Error(), "height") {
			t.Errorf("chart %d of %v, flags %d: error %v", i, numbers, flags, err)
		}
		for _, bad := range []string{"NaN", "Inf"} {
			if strings.Contains(svg.String(), bad) {
				t.Errorf("chart %d of %v, flags %d: %s in the SVG", i, numbers, flags, bad)
			}
		}
	}
}

// TestHardNumbers draws every pair of hard numbers.
func TestHardNumbers(t *testing.T) {
	for i, a := range hard {
		for j, b := range hard {
			flags := uint8(7*i + j)
			drawable(t, []float64{a, b, b, a}, flags)
		}
		drawable(t, []float64{a, a}, uint8(i)) // a single point
	}
}

func FuzzCharts(f *testing.F) {
	for i := range hard {
		var b []byte
		for k := range 6 {
			b = binary.LittleEndian.AppendUint64(b, math.Float64bits(hard[(i+3*k)%len(hard)]))
		}
		f.Add(b, uint8(i))
	}
	f.Fuzz(func(t *testing.T, b []byte, flags uint8) {
		var numbers []float64
		for ; len(b) >= 8 && len(numbers) < 12; b = b[8:] {
			numbers = append(numbers, math.Float64frombits(binary.LittleEndian.Uint64(b)))
		}
		drawable(t, numbers, flags)
	})
}

// TestScale: axes say by which power of ten their numbers are divided.
func TestScale(t *testing.T) {
	c := Chart{X: "passes", Y: "loss", Lines: []Line{{X: []float64{1e308, -1e308}, Y: []float64{3e-20, 5e-20}}}}
	svg := string(draw1(t, c, "svg"))
	for _, text := range []string{">passes, × 1e308<", ">loss, × 1e-20<", ">-1.0<", ">3.0<"} {
		if !strings.Contains(svg, text) {
			t.Errorf("no %s in %s", text, fmt.Sprint(len(svg)))
		}
	}
	if c.Lines[0].X[0] != 1e308 {
		t.Error("the chart itself was changed")
	}
}
