package chart

import (
	"image/color"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// styles tell lines and points apart: by colour, and without colours by brightness, dashes and shapes. The colours are Okabe
// and Ito's, which most people with colour blindness can tell apart.
var styles = []struct {
	colour color.RGBA
	dashes []vg.Length
	shape  draw.GlyphDrawer
}{
	{color.RGBA{0, 0, 0, 255}, nil, draw.CircleGlyph{}},
	{color.RGBA{0, 114, 178, 255}, []vg.Length{6, 3}, draw.SquareGlyph{}},
	{color.RGBA{213, 94, 0, 255}, []vg.Length{2, 2}, draw.TriangleGlyph{}},
	{color.RGBA{0, 158, 115, 255}, []vg.Length{8, 2, 2, 2}, draw.RingGlyph{}},
	{color.RGBA{230, 159, 0, 255}, []vg.Length{12, 3}, draw.CrossGlyph{}},
	{color.RGBA{86, 180, 233, 255}, []vg.Length{3, 5}, draw.PlusGlyph{}},
}

// fills tell bars apart, by brightness above all.
var fills = []color.RGBA{
	{0, 73, 120, 255},
	{230, 159, 0, 255},
	{200, 225, 245, 255},
	{213, 94, 0, 255},
	{60, 60, 60, 255},
	{0, 158, 115, 255},
}

// grey is for what explains and is no data.
var grey = color.RGBA{90, 90, 90, 255}

// translucent returns a colour that lets what is behind it show through.
func translucent(c color.RGBA, opacity uint8) color.NRGBA { return color.NRGBA{c.R, c.G, c.B, opacity} }
