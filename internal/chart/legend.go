package chart

import (
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// A legend stands below a chart, in as many lines as it takes.
type legend []entry

type entry struct {
	name  string
	thumb plot.Thumbnailer
}

const (
	legendLine  = 16 // from one line to the next
	thumbWidth  = 26
	entryGap    = 18
	legendAbove = 6 // room between it and the chart
)

// legendStyle is that of its text.
func legendStyle() text.Style {
	style := newPlot().Legend.TextStyle
	style.YAlign = draw.YCenter
	return style
}

// lines divides the entries among lines.
func (l legend) lines() (lines []legend) {
	style, room := legendStyle(), vg.Length(0)
	for _, e := range l {
		needs := entryWidth(style, e)
		if len(lines) == 0 || needs > room {
			lines, room = append(lines, nil), width
		}
		lines[len(lines)-1] = append(lines[len(lines)-1], e)
		room -= needs + entryGap
	}
	return lines
}

func entryWidth(style text.Style, e entry) vg.Length {
	return thumbWidth + labelGap + style.Width(e.name)
}

// height returns the room that the legend takes.
func (l legend) height() vg.Length {
	if len(l) == 0 {
		return 0
	}
	return vg.Length(len(l.lines()))*legendLine + legendAbove
}

// draw draws the legend at the lower end of a canvas, each line in its middle.
func (l legend) draw(c draw.Canvas) {
	style := legendStyle()
	lines := l.lines()
	for i, line := range lines {
		all := vg.Length(len(line)-1) * entryGap
		for _, e := range line {
			all += entryWidth(style, e)
		}
		x, y := c.Center().X-all/2, c.Min.Y+vg.Length(len(lines)-1-i)*legendLine
		for _, e := range line {
			e.thumb.Thumbnail(&draw.Canvas{Canvas: c.Canvas, Rectangle: vg.Rectangle{
				Min: vg.Point{X: x, Y: y}, Max: vg.Point{X: x + thumbWidth, Y: y + legendLine},
			}})
			c.FillText(style, vg.Point{X: x + thumbWidth + labelGap, Y: y + legendLine/2}, e.name)
			x += entryWidth(style, e) + entryGap
		}
	}
}
