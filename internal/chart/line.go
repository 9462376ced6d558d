package chart

import (
	"fmt"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg/draw"
)

// A Line is points joined in their order.
type Line struct {
	Name      string // in the legend; "" leaves the line out of it
	X, Y      []float64
	Low, High []float64 // a band behind the line, such as the least and the most of several seeds; nil means none
	Thin      bool      // it stands back behind others
	Dots      bool      // each point is marked, as a single one always is
}

// addLine adds line number i and returns how many points it has.
func (c Chart) addLine(s *sheet, l Line, i int) (int, error) {
	points, err := c.points(l.Name, l.X, l.Y)
	if err != nil || len(points) == 0 {
		return 0, err
	}
	line, err := plotter.NewLine(points)
	if err != nil {
		return 0, err
	}
	style := styles[i%len(styles)]
	line.Color, line.Dashes, line.Width = style.colour, style.dashes, 1.5
	if l.Thin {
		line.Width = 0.5
	}
	s.Add(line)
	var thumb plot.Thumbnailer = line
	if l.Dots || len(points) == 1 { // which would not be seen
		dots := &plotter.Scatter{XYs: points, GlyphStyle: draw.GlyphStyle{Color: style.colour, Radius: dotRadius, Shape: style.shape}}
		s.Add(dots)
		thumb = both{line, dots}
	}
	s.name(l.Name, thumb)
	return len(points), nil
}

// both is a line with dots, in the legend.
type both struct{ line, dots plot.Thumbnailer }

func (b both) Thumbnail(c *draw.Canvas) {
	b.line.Thumbnail(c)
	b.dots.Thumbnail(c)
}

// bandOpacity lets lines and other bands show through.
const bandOpacity = 48

// addBand adds what is behind line number i.
func (c Chart) addBand(s *sheet, l Line, i int) error {
	if l.Low == nil && l.High == nil {
		return nil
	}
	if len(l.Low) != len(l.X) || len(l.High) != len(l.X) {
		return fmt.Errorf("line %q has %d x, and a band of %d and %d y", l.Name, len(l.X), len(l.Low), len(l.High))
	}
	var low, high plotter.XYs
	for k, x := range l.X {
		if c.drawn(x, l.Low[k]) && c.drawn(x, l.High[k]) {
			low, high = append(low, c.at(x, l.Low[k])), append(high, c.at(x, l.High[k]))
		}
	}
	if len(low) == 0 {
		return nil
	}
	for k := range low {
		high = append(high, low[len(low)-1-k]) // there along the top, back along the bottom
	}
	band, err := plotter.NewPolygon(high)
	if err != nil {
		return err
	}
	colour := styles[i%len(styles)].colour
	band.LineStyle.Width = 0
	band.Color = translucent(colour, bandOpacity)
	s.Add(band)
	return nil
}
