package chart

import (
	"fmt"
	"math"
	"strconv"

	"gonum.org/v1/plot"
)

// roundTicks are at multiples of 1, 2 or 5 times a power of ten, three to nine of them.
type roundTicks struct{}

func (roundTicks) Ticks(low, high float64) []plot.Tick {
	width := (high - low) / 8
	step := math.Pow(10, math.Floor(math.Log10(width)))
	for _, times := range []float64{1, 2, 5, 10} {
		if step*times >= width {
			step *= times
			break
		}
	}
	if !(step > 0) || math.IsInf(step, 0) || max(-low, high) > 1e15*step { // they could not be counted
		return []plot.Tick{{Value: low, Label: fmt.Sprint(low)}}
	}
	digits := max(0, int(-math.Floor(math.Log10(step)+1e-9)))
	var ticks []plot.Tick
	for i := math.Ceil(low/step - 1e-9); i*step <= high+step*1e-9; i++ {
		at := i*step + 0 // not -0
		ticks = append(ticks, plot.Tick{Value: at, Label: strconv.FormatFloat(at, 'f', digits, 64)})
	}
	return ticks
}
