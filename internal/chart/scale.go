package chart

import (
	"fmt"
	"math"
	"slices"
)

// Numbers are drawn as they are between these sizes. Beyond, differences overflow or vanish on their way to a place on paper.
const (
	largest  = 1e15
	smallest = 1e-15
)

// scaled returns the chart with the numbers of each linear axis divided by a power of ten where they are huge or tiny. Axes say
// which.
func (c Chart) scaled() Chart {
	c.Lines, c.Points, c.Bars = slices.Clone(c.Lines), slices.Clone(c.Points), slices.Clone(c.Bars)
	var x, y []*[]float64
	for i := range c.Lines {
		l := &c.Lines[i]
		x, y = append(x, &l.X), append(y, &l.Y, &l.Low, &l.High)
	}
	for i := range c.Points {
		p := &c.Points[i]
		x, y = append(x, &p.X), append(y, &p.Y)
	}
	for i := range c.Bars {
		x = append(x, &c.Bars[i].Values)
	}
	if c.Tree != nil {
		t := *c.Tree
		heights := make([]float64, len(t.Merges))
		for i, m := range t.Merges {
			heights[i] = m.Height
		}
		x = append(x, &heights)
		defer func() {
			t.Merges = slices.Clone(t.Merges)
			for i := range t.Merges {
				t.Merges[i].Height = heights[i]
			}
		}()
		c.Tree = &t
	}
	if !c.LogX {
		c.X += scale(x)
	}
	if !c.LogY {
		c.Y += scale(y)
	}
	return c
}

// scale divides all numbers by one power of ten, and returns what the axis is to say of it.
func scale(lists []*[]float64) string {
	most := 0.0
	for _, l := range lists {
		for _, v := range *l {
			if v-v == 0 {
				most = max(most, math.Abs(v))
			}
		}
	}
	if most == 0 || smallest <= most && most < largest {
		return ""
	}
	exponent := int(math.Floor(math.Log10(most)))
	for _, l := range lists {
		copied := slices.Clone(*l)
		for i, v := range copied { // in two steps: the power itself may be out of range
			copied[i] = v * math.Pow10(-exponent/2) * math.Pow10(-exponent+exponent/2)
		}
		*l = copied
	}
	return fmt.Sprintf(", × 1e%d", exponent)
}
