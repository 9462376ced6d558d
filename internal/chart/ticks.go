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
	write := func(at float64) string { return strconv.FormatFloat(at, 'f', digits, 64) }
	if digits > 9 { // zeros that nobody counts
		write = func(at float64) string { return strconv.FormatFloat(at, 'g', 6, 64) }
	}
	var ticks []plot.Tick
	for i := math.Ceil(low/step - 1e-9); i*step <= high+step*1e-9; i++ {
		at := i*step + 0 // not -0
		ticks = append(ticks, plot.Tick{Value: at, Label: write(at)})
	}
	return ticks
}

// decadeTicks are those of an axis of decimal logarithms: at powers of ten, where there are many of them at every second,
// fifth or tenth one and so on; where there are few, at twice and five times them too; and where there is hardly one, at round
// numbers.
type decadeTicks struct{}

func (decadeTicks) Ticks(low, high float64) (ticks []plot.Tick) {
	first, last := int(math.Ceil(low-1e-9)), int(math.Floor(high+1e-9))
	if last <= first {
		if high > 308 { // the numbers themselves may be too large
			return []plot.Tick{{Value: low, Label: fmt.Sprintf("1e%.2f", low)}}
		}
		for _, t := range (roundTicks{}).Ticks(math.Pow(10, low), math.Pow(10, high)) {
			if at := math.Log10(t.Value); at-at == 0 { // which that of 0 is not
				ticks = append(ticks, plot.Tick{Value: at, Label: t.Label})
			}
		}
		return ticks
	}
	if last-first <= 2 {
		for k := first - 1; k <= last; k++ {
			for _, times := range []float64{1, 2, 5} {
				if at := float64(k) + math.Log10(times); at >= low-1e-9 && at <= high+1e-9 {
					ticks = append(ticks, plot.Tick{Value: at, Label: fmt.Sprintf("%.6ge%d", times, k)})
					if -300 < k && k < 300 {
						ticks[len(ticks)-1].Label = strconv.FormatFloat(times*math.Pow10(k), 'g', 6, 64)
					}
				}
			}
		}
		return ticks
	}
	step := 1
	for i := 0; (last-first)/step > 8; i++ {
		step = []int{2, 5, 10}[i%3] * int(math.Pow10(i/3))
	}
	for k := first; k <= last; k++ {
		tick := plot.Tick{Value: float64(k)}
		if k%step == 0 {
			if tick.Label = fmt.Sprintf("1e%d", k); -300 < k && k < 300 {
				tick.Label = strconv.FormatFloat(math.Pow10(k), 'g', 6, 64)
			}
		}
		ticks = append(ticks, tick)
	}
	return ticks
}

// named are ticks with names instead of numbers, at 0, 1, 2 and so on.
type named []string

func (n named) Ticks(low, high float64) (ticks []plot.Tick) {
	for i, name := range n {
		if at := float64(i); at >= low && at <= high {
			ticks = append(ticks, plot.Tick{Value: at, Label: legible(name)})
		}
	}
	return ticks
}
