// Package chart draws lines over an axis as a picture, PNG or SVG. The same chart gives the same bytes.
package chart

import (
	"errors"
	"fmt"
	"image/color"
	"io"
	"math"
	"path/filepath"
	"slices"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"
)

// A Chart is some lines and what they mean.
type Chart struct {
	Title string
	X, Y  string // what is on the axes, with the unit
	LogX  bool   // X is drawn by its logarithm, and must be above 0
	Lines []Line
	Tree  *Tree // in place of lines; it has a height along X

	// LegendLow puts the legend at the lower left instead of the upper right.
	LegendLow bool
}

// A Line is points joined in their order. Points that are not finite are left out.
type Line struct {
	Name string // in the legend; "" leaves the line out of it
	X, Y []float64
	Thin bool // it stands back behind others
}

// Formats are the kinds of picture.
func Formats() []string { return []string{"png", "svg"} }

// Format returns the format of a file by the end of its name.
func Format(file string) (string, error) {
	switch end := strings.ToLower(filepath.Ext(file)); end {
	case ".png", ".svg":
		return end[1:], nil
	}
	return "", fmt.Errorf("%q is none that can be drawn: end the name in .png or .svg", file)
}

const (
	width, height = 16 * vg.Centimeter, 10 * vg.Centimeter
	resolution    = 150 // dots per inch of a PNG
)

// styles tell lines apart: by colour, and without colours by brightness and dashes. The colours are Okabe and Ito's, which
// most people with colour blindness can tell apart.
var styles = []struct {
	colour color.RGBA
	dashes []vg.Length
}{
	{color.RGBA{0, 0, 0, 255}, nil},
	{color.RGBA{0, 114, 178, 255}, []vg.Length{6, 3}},
	{color.RGBA{213, 94, 0, 255}, []vg.Length{2, 2}},
	{color.RGBA{0, 158, 115, 255}, []vg.Length{8, 2, 2, 2}},
	{color.RGBA{230, 159, 0, 255}, []vg.Length{12, 3}},
	{color.RGBA{86, 180, 233, 255}, []vg.Length{3, 5}},
}

// Write draws charts, one below the other, in a format from Formats. It fails if there is nothing to draw in one of them, or
// if writing does.
func Write(w io.Writer, format string, charts ...Chart) error {
	var plots []*plot.Plot
	var heights []vg.Length
	for _, c := range charts {
		p, err := c.plot()
		if err != nil {
			return err
		}
		plots, heights = append(plots, p), append(heights, c.height())
	}
	if len(plots) == 0 {
		return errors.New("no chart to draw")
	}
	return write(w, plots, heights, format)
}

// plot lays the chart out.
func (c Chart) plot() (*plot.Plot, error) {
	if c.Tree != nil {
		return c.Tree.plot(c)
	}
	p := plot.New()
	p.Title.Text, p.X.Label.Text, p.Y.Label.Text = legible(c.Title), legible(c.X), legible(c.Y)
	p.X.Tick.Marker, p.Y.Tick.Marker = roundTicks{}, roundTicks{}
	p.Add(plotter.NewGrid())
	p.Legend.Top, p.Legend.Left = !c.LegendLow, c.LegendLow
	p.Legend.Padding = 2
	drawn := 0
	for i, l := range c.Lines {
		points, err := l.points(c.LogX)
		if err != nil {
			return nil, err
		}
		if drawn += len(points); len(points) == 0 {
			continue
		}
		line, err := plotter.NewLine(points)
		if err != nil {
			return nil, err
		}
		style := styles[i%len(styles)]
		line.Color, line.Dashes, line.Width = style.colour, style.dashes, 1.5
		if l.Thin {
			line.Width = 0.5
		}
		if p.Add(line); l.Name != "" {
			p.Legend.Add(legible(l.Name), line)
		}
	}
	if drawn == 0 {
		return nil, fmt.Errorf("the chart %q has no points", c.Title)
	}
	if c.LogX && p.X.Max > p.X.Min {
		p.X.Scale = plot.LogScale{}
		if math.Floor(math.Log10(p.X.Max)) > math.Ceil(math.Log10(p.X.Min)) { // else it labels none of its ticks
			p.X.Tick.Marker = plot.LogTicks{Prec: 4}
		}
	}
	return p, nil
}

// points returns what can be drawn of a line.
func (l Line) points(logX bool) (plotter.XYs, error) {
	if len(l.X) != len(l.Y) {
		return nil, fmt.Errorf("line %q has %d x and %d y", l.Name, len(l.X), len(l.Y))
	}
	var points plotter.XYs
	for i, x := range l.X {
		switch y := l.Y[i]; {
		case logX && x <= 0:
			return nil, fmt.Errorf("line %q: point %d is at %v, which has no logarithm", l.Name, i, x)
		case x-x == 0 && y-y == 0:
			points = append(points, plotter.XY{X: x, Y: y})
		}
	}
	return points, nil
}

// height returns that of the picture of a chart.
func (c Chart) height() vg.Length {
	if c.Tree != nil {
		return c.Tree.height()
	}
	return height
}

func write(w io.Writer, plots []*plot.Plot, heights []vg.Length, format string) error {
	var height vg.Length
	for _, h := range heights {
		height += h
	}
	var canvas interface {
		vg.CanvasSizer
		io.WriterTo
	}
	switch format {
	case "png":
		canvas = vgimg.PngCanvas{Canvas: vgimg.NewWith(vgimg.UseWH(width, height), vgimg.UseDPI(resolution))}
	case "svg":
		canvas = vgsvg.New(width, height)
	default:
		return fmt.Errorf("format %q: there are %s", format, strings.Join(Formats(), ", "))
	}
	all := draw.Crop(draw.New(canvas), 0, -3*vg.Millimeter, 0, 0) // room for the last number of the axis
	for i, room := range column(all, plots, heights) {
		plots[i].Draw(room)
	}
	_, err := canvas.WriteTo(w)
	return err
}

// gap is between two charts.
const gap = 4 * vg.Millimeter

// column divides a canvas among plots, one below the other. Those of one height have their axes below each other too.
func column(all draw.Canvas, plots []*plot.Plot, heights []vg.Length) (rooms []draw.Canvas) {
	if slices.Min(heights) == slices.Max(heights) {
		var rows [][]*plot.Plot
		for _, p := range plots {
			rows = append(rows, []*plot.Plot{p})
		}
		for _, row := range plot.Align(rows, draw.Tiles{Rows: len(plots), Cols: 1, PadY: gap}, all) {
			rooms = append(rooms, row[0])
		}
		return rooms
	}
	for i, h := range heights {
		room := all
		room.Min.Y = all.Max.Y - h
		all.Max.Y = room.Min.Y
		if i > 0 {
			room.Max.Y -= gap
		}
		rooms = append(rooms, room)
	}
	return rooms
}
