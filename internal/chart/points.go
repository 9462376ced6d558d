package chart

import (
	"fmt"
	"image/color"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Points are places in the plane that nothing joins.
type Points struct {
	Name   string // in the legend; "" leaves them out of it
	X, Y   []float64
	Labels []string // one beside each point, where that is not ""; nil means none
}

const (
	dotRadius = 2.5
	labelSize = 9
	margin    = 0.04 // of the range of points, around them
)

// addPoints adds all points and returns how many there are.
func (c Chart) addPoints(s *sheet) (int, error) {
	all := &labels{}
	drawn := 0
	for i, group := range c.Points {
		if group.Labels != nil && len(group.Labels) != len(group.X) {
			return 0, fmt.Errorf("points %q: %d labels of %d points", group.Name, len(group.Labels), len(group.X))
		}
		points, err := c.points(group.Name, group.X, group.Y)
		if err != nil {
			return 0, err
		}
		if drawn += len(points); len(points) == 0 {
			continue
		}
		style := styles[(len(c.Lines)+i)%len(styles)]
		dots := &plotter.Scatter{XYs: points, GlyphStyle: draw.GlyphStyle{Color: style.colour, Radius: dotRadius, Shape: style.shape}}
		s.Add(dots)
		s.name(group.Name, dots)
		all.add(c, group)
	}
	if drawn > 0 {
		width, height := s.X.Max-s.X.Min, s.Y.Max-s.Y.Min
		s.X.Min, s.X.Max = s.X.Min-float64(margin*width), s.X.Max+float64(margin*width)
		s.Y.Min, s.Y.Max = s.Y.Min-float64(margin*height), s.Y.Max+float64(margin*height)
	}
	s.Add(all)
	return drawn, nil
}

// labels are those of all points of a chart: none may lie on another, or on a point.
type labels struct {
	points plotter.XYs
	texts  []string
}

func (l *labels) add(c Chart, group Points) {
	for i, x := range group.X {
		if c.drawn(x, group.Y[i]) {
			l.points = append(l.points, c.at(x, group.Y[i]))
			if group.Labels != nil {
				l.texts = append(l.texts, legible(group.Labels[i]))
			} else {
				l.texts = append(l.texts, "")
			}
		}
	}
}

// Plot writes each label where placeLabels says, and from further away than right beside its point a thin line leads to it.
func (l *labels) Plot(c draw.Canvas, p *plot.Plot) {
	toX, toY := p.Transforms(&c)
	style := text.Style{Color: color.Black, Font: p.X.Tick.Label.Font, Handler: p.TextHandler}
	style.Font.Size = labelSize
	var points, sizes []vg.Point
	for i, xy := range l.points {
		points = append(points, vg.Point{X: toX(xy.X), Y: toY(xy.Y)})
		sizes = append(sizes, vg.Point{X: style.Width(l.texts[i]), Y: labelSize})
	}
	for i, box := range placeLabels(points, sizes, c.Rectangle) {
		at := points[i]
		if box.Size().X == 0 {
			continue
		}
		end := vg.Point{X: min(max(at.X, box.Min.X), box.Max.X), Y: min(max(at.Y, box.Min.Y), box.Max.Y)}
		if math.Hypot(float64(end.X-at.X), float64(end.Y-at.Y)) > 1.5*float64(distances[0]) {
			c.StrokeLine2(draw.LineStyle{Color: grey, Width: 0.4}, at.X, at.Y, end.X, end.Y)
		}
		c.FillText(style, vg.Point{X: box.Min.X, Y: box.Min.Y + 2}, l.texts[i])
	}
}

// placeLabels returns where labels of the given sizes go: each beside its point, where it covers no point and no label before it
// and stays inside the room, nearer places first. Where there is no such place it goes where it covers the least. A label
// without a width goes nowhere.
func placeLabels(points, sizes []vg.Point, room vg.Rectangle) []vg.Rectangle {
	var taken []vg.Rectangle
	for _, at := range points {
		taken = append(taken, vg.Rectangle{Min: vg.Point{X: at.X - dotRadius, Y: at.Y - dotRadius}, Max: vg.Point{X: at.X + dotRadius, Y: at.Y + dotRadius}})
	}
	places := make([]vg.Rectangle, len(points))
	for i, at := range points {
		if sizes[i].X == 0 {
			continue
		}
		least := vg.Length(math.Inf(1))
	search:
		for _, distance := range distances {
			for _, d := range directions {
				box := beside(at, sizes[i], distance, d)
				if covered := covers(box, taken) + outside(box, room); covered < least {
					if places[i], least = box, covered; covered == 0 {
						break search
					}
				}
			}
		}
		taken = append(taken, places[i])
	}
	return places
}

// distances are how far a label may be from its point.
var distances = []vg.Length{4, 9, 15, 22, 30, 40}

// directions are where a label may be from its point, the best first.
var directions = []vg.Point{{X: 1}, {X: -1}, {Y: 1}, {Y: -1}, {X: 1, Y: 1}, {X: 1, Y: -1}, {X: -1, Y: 1}, {X: -1, Y: -1}}

// beside returns the place of a label that far from its point.
func beside(at, size vg.Point, distance vg.Length, d vg.Point) vg.Rectangle {
	middle := vg.Point{X: at.X + d.X*(distance+size.X/2), Y: at.Y + d.Y*(distance+size.Y/2)}
	return vg.Rectangle{
		Min: vg.Point{X: middle.X - size.X/2, Y: middle.Y - size.Y/2},
		Max: vg.Point{X: middle.X + size.X/2, Y: middle.Y + size.Y/2},
	}
}

// covers returns the area of others that a box covers.
func covers(box vg.Rectangle, others []vg.Rectangle) (area vg.Length) {
	for _, o := range others {
		width, height := min(box.Max.X, o.Max.X)-max(box.Min.X, o.Min.X), min(box.Max.Y, o.Max.Y)-max(box.Min.Y, o.Min.Y)
		if width > 0 && height > 0 {
			area += width * height
		}
	}
	return area
}

// outside returns the area of a box that lies outside another.
func outside(box, of vg.Rectangle) vg.Length {
	size := box.Size()
	return size.X*size.Y - covers(box, []vg.Rectangle{of})
}
