package main

import (
	"fmt"
	"image/color"
	"path/filepath"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// looks are those of the curves in their order, told apart in grey too: by their darkness, their dashes and their marks.
var looks = []struct {
	color  color.Color
	dashes []vg.Length
	mark   draw.GlyphDrawer
}{
	{color.RGBA{0, 70, 150, 255}, nil, draw.CircleGlyph{}},
	{color.RGBA{230, 130, 0, 255}, []vg.Length{vg.Points(6), vg.Points(3)}, draw.SquareGlyph{}},
}

// checkPicture says whether a file's name ends as a picture's does.
func checkPicture(file string) error {
	if !slices.Contains([]string{".png", ".svg", ".pdf"}, filepath.Ext(file)) {
		return fmt.Errorf("picture %q: must end in .png, .svg or .pdf", file)
	}
	return nil
}

// paint draws the curves into a file.
func paint(file, title string, curves []curve) error {
	p := plot.New()
	p.Title.Text = title
	p.Title.Padding = vg.Points(8)
	p.X.Label.Text = "training time (s)"
	p.Y.Label.Text = "loss on the text held out (nats per character)"
	p.Legend.Top = true
	p.Legend.Padding = vg.Points(4)
	p.Legend.XOffs, p.Legend.YOffs = -vg.Points(8), -vg.Points(8)
	p.Add(plotter.NewGrid())
	for i, c := range curves {
		points := make(plotter.XYs, len(c.points))
		for i, at := range c.points {
			points[i] = plotter.XY{X: at.seconds, Y: at.loss}
		}
		line, marks, err := plotter.NewLinePoints(points)
		if err != nil {
			return fmt.Errorf("picture %s: %s: %w", file, c.name, err)
		}
		look := looks[i%len(looks)]
		line.Color, line.Width, line.Dashes = look.color, vg.Points(2), look.dashes
		marks.Color, marks.Shape, marks.Radius = look.color, look.mark, vg.Points(3)
		p.Add(line, marks)
		p.Legend.Add(c.name, line, marks)
	}
	p.X.Min, p.X.Max = 0, 1.03*p.X.Max // room for the last mark
	if err := p.Save(7*vg.Inch, 4.5*vg.Inch, file); err != nil {
		return fmt.Errorf("picture: %w", err)
	}
	return nil
}
