// Package chart draws charts as a picture, PNG or SVG: lines over an axis, points in a plane, bars, trees. The same chart
// gives the same bytes.
package chart

import (
	"bytes"
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

// A Chart is some lines, points, bars or a tree, and what they mean. What is not finite is left out, and where an axis is
// logarithmic what is 0 or below; but an X like that is an error. Numbers may be of any size: those of a linear axis that are
// huge or tiny are divided by a power of ten, which stands beside the axis.
type Chart struct {
	Title      string
	X, Y       string   // what is on the axes, with the unit
	LogX, LogY bool     // drawn by logarithms
	FromZero   bool     // Y has 0 on it, unless it is logarithmic
	XNames     []string // in place of numbers: what 0, 1, 2 and so on are
	Lines      []Line
	Points     []Points
	Bars       []Bars   // in place of lines and points. They lie: X is what they measure
	Rows       []string // what the bars are for, from the top
	Tree       *Tree    // in place of everything else. X is its height

	// LegendLow puts the legend at the lower left instead of the upper right, LegendBelow in a strip of its own below the
	// chart, where nothing can be behind it.
	LegendLow, LegendBelow bool
}

// Formats are the kinds of picture.
func Formats() []string { return []string{"png", "svg"} }

// Format returns the format of a file by the end of its name.
func Format(file string) (string, error) {
	switch end := strings.ToLower(filepath.Ext(file)); end {
	case ".png", ".svg":
		return end[1:], nil
	}
	return "", fmt.Errorf("%q must end in .png or .svg", file)
}

const (
	width, height = 16 * vg.Centimeter, 10 * vg.Centimeter // of a chart, without the border
	border        = 2 * vg.Millimeter                      // around a picture: titles and lines at the end of an axis keep clear of its edge
	resolution    = 150                                    // dots per inch of a PNG
)

// ErrEmpty says that a chart has no point, bar or leaf that can be drawn.
var ErrEmpty = errors.New("there is no number to draw")

// Write draws charts, one below the other, in a format from Formats. It fails with ErrEmpty if there is nothing to draw in one
// of them, and if writing does.
func Write(w io.Writer, format string, charts ...Chart) error {
	var sheets []*sheet
	for _, c := range charts {
		s, err := c.layOut()
		if err != nil {
			return err
		}
		sheets = append(sheets, s)
	}
	if len(sheets) == 0 {
		return ErrEmpty
	}
	return write(w, sheets, format)
}

// A sheet is a chart that is laid out.
type sheet struct {
	*plot.Plot
	height vg.Length
	legend legend // that belongs below
	below  bool
}

// name adds to the legend.
func (s *sheet) name(name string, thumb plot.Thumbnailer) {
	switch {
	case name == "":
	case s.below:
		s.legend = append(s.legend, entry{legible(name), thumb})
	default:
		s.Legend.Add(legible(name), thumb)
	}
}

// layOut decides where everything is.
func (c Chart) layOut() (*sheet, error) {
	s := &sheet{Plot: newPlot(), height: height, below: c.LegendBelow}
	c = c.scaled()
	s.Title.Text, s.X.Label.Text, s.Y.Label.Text = legible(c.Title), legible(c.X), legible(c.Y)
	s.X.Tick.Marker, s.Y.Tick.Marker = roundTicks{}, roundTicks{}
	s.Legend.Top, s.Legend.Left = !c.LegendLow, c.LegendLow
	s.Legend.Padding = 2
	var err error
	switch {
	case c.Tree != nil:
		err = c.addTree(s)
	case c.Bars != nil:
		err = c.addBars(s)
	default:
		err = c.addPlane(s)
	}
	if err != nil {
		if c.Title != "" {
			err = fmt.Errorf("the chart %q: %w", c.Title, err)
		}
		return nil, err
	}
	s.height += s.legend.height()
	return s, nil
}

// addPlane adds lines and points.
func (c Chart) addPlane(s *sheet) error {
	s.Add(plotter.NewGrid())
	drawn := 0
	for i, l := range c.Lines {
		if err := c.addBand(s, l, i); err != nil {
			return err
		}
	}
	for i, l := range c.Lines {
		n, err := c.addLine(s, l, i)
		if err != nil {
			return err
		}
		drawn += n
	}
	n, err := c.addPoints(s)
	if err != nil {
		return err
	}
	if drawn+n == 0 {
		return ErrEmpty
	}
	if c.FromZero && !c.LogY {
		s.Y.Min, s.Y.Max = min(s.Y.Min, 0), max(s.Y.Max, 0)
	}
	if c.LogX {
		s.X.Tick.Marker = decadeTicks{}
	}
	if c.LogY {
		s.Y.Tick.Marker = decadeTicks{}
	}
	if c.XNames != nil {
		s.X.Tick.Marker = named(c.XNames)
	}
	return nil
}

// points returns what can be drawn of some points.
func (c Chart) points(name string, x, y []float64) (plotter.XYs, error) {
	if len(x) != len(y) {
		return nil, fmt.Errorf("line %q has %d x and %d y", name, len(x), len(y))
	}
	var points plotter.XYs
	for i := range x {
		switch {
		case c.LogX && x[i] <= 0:
			return nil, fmt.Errorf("line %q: point %d is at %v, which has no logarithm", name, i, x[i])
		case c.drawn(x[i], y[i]):
			points = append(points, c.at(x[i], y[i]))
		}
	}
	return points, nil
}

// drawn says whether there is a place for a point.
func (c Chart) drawn(x, y float64) bool {
	return x-x == 0 && y-y == 0 && !(c.LogX && x <= 0) && !(c.LogY && y <= 0)
}

// at returns where a point is on the axes: at its logarithms, where these are drawn. (Gonum's own logarithmic axis makes room
// for its label as if it stood near the upper end, and never ends if a number is tiny.)
func (c Chart) at(x, y float64) plotter.XY {
	if c.LogX {
		x = math.Log10(x)
	}
	if c.LogY {
		y = math.Log10(y)
	}
	return plotter.XY{X: x, Y: y}
}

func write(w io.Writer, sheets []*sheet, format string) error {
	width, height := width+2*border, 2*border
	for _, s := range sheets {
		height += s.height
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
	picture := draw.New(canvas)
	picture.SetColor(color.White) // the border too: an SVG has no ground of its own
	picture.Fill(picture.Path())
	all := draw.Crop(picture, border, -border-3*vg.Millimeter, border, -border) // 3 mm are for the last number of the axis
	for i, room := range column(all, sheets) {
		strip := sheets[i].legend.height()
		sheets[i].Draw(draw.Crop(room, 0, 0, strip, 0))
		sheets[i].legend.draw(room)
	}
	var written bytes.Buffer
	if _, err := canvas.WriteTo(&written); err != nil {
		return err
	}
	b := written.Bytes()
	if format == "svg" { // where the font is missing, one with the same widths will do
		b = bytes.ReplaceAll(b, []byte("font-family:Liberation Sans;"), []byte("font-family:Liberation Sans,Arial,Helvetica,sans-serif;"))
	}
	_, err := w.Write(b)
	return err
}

// gap is between two charts.
const gap = 4 * vg.Millimeter

// column divides a canvas among sheets, one below the other. Those of one height have their axes below each other too.
func column(all draw.Canvas, sheets []*sheet) (rooms []draw.Canvas) {
	if !slices.ContainsFunc(sheets, func(s *sheet) bool { return s.height != sheets[0].height }) {
		var rows [][]*plot.Plot
		for _, s := range sheets {
			rows = append(rows, []*plot.Plot{s.Plot})
		}
		for _, row := range plot.Align(rows, draw.Tiles{Rows: len(sheets), Cols: 1, PadY: gap}, all) {
			rooms = append(rooms, row[0])
		}
		return rooms
	}
	for i, s := range sheets {
		room := all
		room.Min.Y = all.Max.Y - s.height
		all.Max.Y = room.Min.Y
		if i > 0 {
			room.Max.Y -= gap
		}
		rooms = append(rooms, room)
	}
	return rooms
}
