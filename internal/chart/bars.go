package chart

import (
	"errors"
	"fmt"
	"image/color"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Bars are a number for each row of a chart. They lie, so that the rows' names are legible however long they are.
type Bars struct {
	Name   string // in the legend; "" leaves them out of it
	Values []float64
}

const (
	barHeight = 9
	rowGap    = 8
)

// addBars adds all bars.
func (c Chart) addBars(s *sheet) error {
	if len(c.Lines)+len(c.Points) > 0 || c.LogX || c.LogY {
		return errors.New("bars stand alone, on a linear axis")
	}
	rows := float64(len(c.Rows))
	grid := plotter.NewGrid()
	grid.Horizontal.Color = nil
	s.Add(grid)
	drawn := 0
	for i, b := range c.Bars {
		if len(b.Values) != len(c.Rows) {
			return fmt.Errorf("bars %q have %d values, %d rows", b.Name, len(b.Values), len(c.Rows))
		}
		d := &drawnBars{Bars: b, index: i, of: len(c.Bars), colour: fills[i%len(fills)]}
		s.Add(d)
		s.name(b.Name, d)
		for _, v := range b.Values {
			if v-v == 0 {
				drawn++
			}
		}
	}
	if drawn == 0 {
		return ErrEmpty
	}
	if s.X.Max == s.X.Min {
		s.X.Max = 1
	}
	s.Y.Min, s.Y.Max = 0.5-rows, 0.5
	s.height = vg.Length(rows)*(barHeight*vg.Length(len(c.Bars))+rowGap) + 2.2*vg.Centimeter
	var ticks []plot.Tick
	for i, name := range c.Rows {
		ticks = append(ticks, plot.Tick{Value: -float64(i), Label: legible(name)})
	}
	s.Y.Tick.Marker, s.Y.Tick.Length, s.Y.LineStyle.Width = plot.ConstantTicks(ticks), 0, 0
	return nil
}

// drawnBars are bars that know the others.
type drawnBars struct {
	Bars
	index, of int
	colour    color.RGBA
}

func (b *drawnBars) DataRange() (xmin, xmax, ymin, ymax float64) {
	for _, v := range b.Values {
		if v-v == 0 {
			xmin, xmax = min(xmin, v), max(xmax, v)
		}
	}
	return xmin, xmax, math.Inf(1), math.Inf(-1)
}

func (b *drawnBars) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	each := y(0) - y(-1) // a row
	thick := each * barHeight / (barHeight*vg.Length(b.of) + rowGap)
	for i, v := range b.Values {
		if v-v != 0 {
			continue
		}
		middle := y(-float64(i)) + thick*(vg.Length(b.of-1)/2-vg.Length(b.index))
		from, to := x(0), x(v)
		bar := []vg.Point{{X: from, Y: middle - thick/2}, {X: to, Y: middle - thick/2}, {X: to, Y: middle + thick/2}, {X: from, Y: middle + thick/2}}
		c.FillPolygon(b.colour, bar)
		c.StrokeLines(draw.LineStyle{Color: color.Black, Width: 0.4}, append(bar, bar[0]))
	}
}

// Thumbnail draws a small bar for the legend.
func (b *drawnBars) Thumbnail(c *draw.Canvas) {
	box := []vg.Point{{X: c.Min.X, Y: c.Min.Y + 2}, {X: c.Max.X, Y: c.Min.Y + 2}, {X: c.Max.X, Y: c.Max.Y - 2}, {X: c.Min.X, Y: c.Max.Y - 2}}
	c.FillPolygon(b.colour, box)
	c.StrokeLines(draw.LineStyle{Color: color.Black, Width: 0.4}, append(box, box[0]))
}
