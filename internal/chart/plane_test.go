package chart

import (
	"errors"
	"io"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/plot/vg"
)

// plane has one of everything that stands over axes.
var plane = Chart{
	Title: "a plane", X: "distance", Y: "norm", LogY: true, LegendBelow: true,
	Lines: []Line{
		{Name: "one", X: []float64{0, 1, 2, 3}, Y: []float64{1, 1e-4, 0, 1e-12}, Low: []float64{1, 1e-5, 1e-9, 1e-13}, High: []float64{2, 1e-3, 1e-7, 1e-11}},
		{Name: "two", X: []float64{0, 1}, Y: []float64{1, 0.1}, Dots: true},
	},
	Points: []Points{{Name: "three", X: []float64{1, 2}, Y: []float64{1e-3, 1e-4}, Labels: []string{"here", "日"}}},
}

// TestPlane: each part changes the picture, and each name is in it.
func TestPlane(t *testing.T) {
	svg := string(draw1(t, plane, "svg"))
	for _, text := range []string{">one<", ">two<", ">three<", ">here<", ">U+65E5<", ">0.0001<", ">1e-12<"} {
		if strings.Count(svg, text) != 1 {
			t.Errorf("%q is there %d times", text, strings.Count(svg, text))
		}
	}
	for name, change := range map[string]func(*Chart){
		"no band":      func(c *Chart) { c.Lines[0].Low, c.Lines[0].High = nil, nil },
		"no dots":      func(c *Chart) { c.Lines[1].Dots = false },
		"no points":    func(c *Chart) { c.Points = nil },
		"no labels":    func(c *Chart) { c.Points[0].Labels = nil },
		"linear":       func(c *Chart) { c.LogY = false },
		"legend above": func(c *Chart) { c.LegendBelow = false },
		"names":        func(c *Chart) { c.XNames = []string{"x", "y"} },
	} {
		c := plane
		c.Lines, c.Points = slices.Clone(plane.Lines), slices.Clone(plane.Points)
		if change(&c); string(draw1(t, c, "svg")) == svg {
			t.Errorf("%s: the same picture", name)
		}
	}
	large := Chart{LogY: true, Lines: []Line{{X: []float64{0, 1}, Y: []float64{1e20, 1e25}}}}
	if svg := string(draw1(t, large, "svg")); !strings.Contains(svg, ">1e+20<") {
		t.Error("a logarithmic axis does not tell its own numbers")
	}
	single := Chart{Lines: []Line{{X: []float64{0, 2}, Y: []float64{0, 2}}, {X: []float64{1}, Y: []float64{1}}}}
	dotted := single
	dotted.Lines = slices.Clone(single.Lines)
	if dotted.Lines[1].Dots = true; string(draw1(t, single, "svg")) != string(draw1(t, dotted, "svg")) {
		t.Error("a line of one point is not marked")
	}
	named := Chart{XNames: []string{"first", "second", "third"}, FromZero: true, Lines: []Line{{X: []float64{0, 1}, Y: []float64{3, 4}}}}
	if svg := string(draw1(t, named, "svg")); !strings.Contains(svg, ">first<") || !strings.Contains(svg, ">second<") || strings.Contains(svg, ">third<") || !strings.Contains(svg, ">0.0<") {
		t.Errorf("names along X, from zero: %s", svg)
	}
}

var bars = Chart{
	X: "share, %", LegendBelow: true, Rows: []string{"a network with a long name", "LSTM"},
	Bars: []Bars{{Name: "short", Values: []float64{-10, 99}}, {Name: "long", Values: []float64{50, math.NaN()}}},
}

func TestBars(t *testing.T) {
	svg := string(draw1(t, bars, "svg"))
	for _, text := range []string{">a network with a long name<", ">LSTM<", ">short<", ">long<", ">0<", ">80<"} {
		if strings.Count(svg, text) != 1 {
			t.Errorf("%q is there %d times", text, strings.Count(svg, text))
		}
	}
	if strings.Contains(svg, "NaN") {
		t.Error("a bar that is none")
	}
	if err := Write(io.Discard, "svg", Chart{Bars: []Bars{{Values: []float64{math.NaN()}}}, Rows: []string{"a"}}); !errors.Is(err, ErrEmpty) {
		t.Errorf("no bar: error %v", err)
	}
	draw1(t, Chart{Rows: []string{"a"}, Bars: []Bars{{Values: []float64{0}}}}, "svg")
}

// TestNoPlane: what does not go together is told.
func TestNoPlane(t *testing.T) {
	for want, c := range map[string]Chart{
		"a band of 1 and 0 y":           {Lines: []Line{{X: []float64{1}, Y: []float64{1}, Low: []float64{1}}}},
		"there is no number to draw":    {LogY: true, Lines: []Line{{X: []float64{1}, Y: []float64{0}}}},
		"1 labels of 2 points":          {Points: []Points{{X: []float64{1, 2}, Y: []float64{1, 2}, Labels: []string{"a"}}}},
		"bars stand alone":              {Bars: bars.Bars, Rows: bars.Rows, Lines: sample.Lines},
		`bars "short" have 2 values, 1`: {Bars: bars.Bars, Rows: []string{"a"}},
		"a tree stands alone":           {Tree: someTree.Tree, Bars: bars.Bars},
	} {
		if err := Write(io.Discard, "svg", c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %s", err, want)
		}
	}
}

// TestPlace: labels among a hundred points, as many as there is room for, lie on nothing; and where there is room for none
// they still have a place.
func TestPlace(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	room := vg.Rectangle{Max: vg.Point{X: 400, Y: 250}}
	var points, sizes []vg.Point
	for range 100 {
		points = append(points, vg.Point{X: vg.Length(400 * rng.Float64()), Y: vg.Length(250 * rng.Float64())})
		sizes = append(sizes, vg.Point{X: vg.Length(5 + rng.IntN(20)), Y: labelSize})
	}
	sizes[7] = vg.Point{}
	places := placeLabels(points, sizes, room)
	for i, box := range places {
		if area := covers(box, places[:i]) + outside(box, room); area > 0 {
			t.Errorf("label %d at %v covers %v", i, box, area)
		}
		for k, p := range points {
			if sizes[i].X > 0 && p.X > box.Min.X && p.X < box.Max.X && p.Y > box.Min.Y && p.Y < box.Max.Y {
				t.Errorf("label %d at %v lies on point %d at %v", i, box, k, p)
			}
		}
	}
	if places[7] != (vg.Rectangle{}) {
		t.Errorf("no label has a place, %v", places[7])
	}
	if box := placeLabels(points[:1], sizes[:1], vg.Rectangle{})[0]; box.Size() != sizes[0] {
		t.Errorf("no room: %v, want a place for %v", box, sizes[0])
	}
}

func TestDecades(t *testing.T) {
	for _, tt := range []struct {
		low, high float64
		want      string
	}{
		{-2, 1, "0.01 0.1 1 10"},
		{0, 1.7, "1 2 5 10 20 50"},
		{-5.5, -4, "5e-06 1e-05 2e-05 5e-05 0.0001"},
		{-12.5, 0.3, "1e-12 - 1e-10 - 1e-08 - 1e-06 - 0.0001 - 0.01 - 1"},
		{-40, -1, "1e-40 - - - - 1e-35 - - - - 1e-30 - - - - 1e-25 - - - - 1e-20 - - - - 1e-15 - - - - 1e-10 - - - - 1e-05 - - - -"},
		{math.Log10(20), math.Log10(50), "20 25 30 35 40 45 50"},
	} {
		var got []string
		for _, tick := range (decadeTicks{}).Ticks(tt.low, tt.high) {
			if tick.Label == "" {
				tick.Label = "-"
			}
			got = append(got, tick.Label)
		}
		if strings.Join(got, " ") != tt.want {
			t.Errorf("from %v to %v: %s, want %s", tt.low, tt.high, strings.Join(got, " "), tt.want)
		}
	}
}
