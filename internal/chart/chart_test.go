package chart

import (
	"bytes"
	"encoding/xml"
	"image"
	"image/color"
	"image/png"
	"io"
	"math"
	"regexp"
	"strings"
	"testing"
)

var sample = Chart{
	Title: "a test", X: "learning rate", Y: "loss in nats", LogX: true,
	Lines: []Line{
		{Name: "loss", X: []float64{1e-6, 1e-3, 0.1, 1}, Y: []float64{4, 3, math.NaN(), 5}},
		{Name: "smooth", X: []float64{1e-6, 1}, Y: []float64{4, math.Inf(1)}, Thin: true},
	},
}

func draw1(t *testing.T, c Chart, format string) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, format, c); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestPictures: each format is what it says, and the same twice.
func TestPictures(t *testing.T) {
	for _, format := range Formats() {
		b := draw1(t, sample, format)
		if !bytes.Equal(b, draw1(t, sample, format)) {
			t.Errorf("%s: two pictures of one chart differ", format)
		}
		other := sample
		other.Lines = sample.Lines[:1]
		if bytes.Equal(b, draw1(t, other, format)) {
			t.Errorf("%s: a line less makes no difference", format)
		}
		other = sample
		other.LegendLow = true
		if bytes.Equal(b, draw1(t, other, format)) {
			t.Errorf("%s: the legend does not move", format)
		}
	}
	if m, err := png.Decode(bytes.NewReader(draw1(t, sample, "png"))); err != nil || m.Bounds().Dx() != 969 || m.Bounds().Dy() != 614 {
		t.Errorf("png: %v, error %v", m.Bounds(), err)
	}
	svg := draw1(t, sample, "svg")
	for d := xml.NewDecoder(bytes.NewReader(svg)); ; {
		if _, err := d.Token(); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	if n := strings.Count(string(svg), "font-family"); n == 0 || n != strings.Count(string(svg), "font-family:Liberation Sans,Arial,Helvetica,sans-serif;") {
		t.Error("svg: text in other fonts than sans")
	}
	if strings.Contains(string(svg), ">9.99") {
		t.Error("svg: a power of ten is not labelled as one")
	}
	for _, text := range []string{"a test", "learning rate", "loss in nats", ">loss<", ">smooth<", ">0.001<", ">1e-05<"} {
		if !strings.Contains(string(svg), text) {
			t.Errorf("svg: no %q", text)
		}
	}
	if strings.Contains(string(svg), "NaN") || strings.Contains(string(svg), "Inf") {
		t.Error("svg: a point that is none")
	}
}

// TestAxes draws what axes are easily wrong about.
func TestAxes(t *testing.T) {
	for name, x := range map[string][]float64{"a single point": {2, 2}, "less than a decade": {2, 3}, "one power of ten": {5, 20}} {
		c := Chart{LogX: true, Lines: []Line{{X: x, Y: []float64{1, 1}}}}
		if svg := string(draw1(t, c, "svg")); strings.Count(svg, "<text") < 2 {
			t.Errorf("%s: %d labels", name, strings.Count(svg, "<text"))
		}
	}
}

func TestRefusals(t *testing.T) {
	for want, c := range map[string]Chart{
		"there is no number to draw":               {Lines: []Line{{X: []float64{1}, Y: []float64{math.NaN()}}}},
		"line \"a\" has 1 x and 0 y":               {Lines: []Line{{Name: "a", X: []float64{1}}}},
		"point 0 is at -1, which has no logarithm": {LogX: true, Lines: []Line{{X: []float64{-1}, Y: []float64{1}}}},
	} {
		if err := Write(io.Discard, "svg", c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %s", err, want)
		}
	}
	if err := Write(io.Discard, "gif", sample); err == nil {
		t.Error("a gif")
	}
	for file, want := range map[string]string{"a.png": "png", "b/c.SVG": "svg", "png": "", "a.gif": "", "": ""} {
		if got, err := Format(file); got != want || (err == nil) != (want != "") {
			t.Errorf("Format(%q) = %q, %v", file, got, err)
		}
	}
}

// TestTicks pins where axes are labelled, and how.
func TestTicks(t *testing.T) {
	for _, tt := range []struct {
		low, high float64
		want      string
	}{
		{1.1, 1.89, "1.1 1.2 1.3 1.4 1.5 1.6 1.7 1.8"},
		{-1e-12, 0.003, "0.0000 0.0005 0.0010 0.0015 0.0020 0.0025 0.0030"},
		{-3, 4, "-3 -2 -1 0 1 2 3 4"},
		{300, 8986, "2000 4000 6000 8000"},
		{0, 1e-7, "0.00000000 0.00000002 0.00000004 0.00000006 0.00000008 0.00000010"},
		{5, 5, "5"},
		{1 << 53, 1<<53 + 8, "9.007199254740992e+15"},
		{-1 << 53, 8 - 1<<53, "-9.007199254740992e+15"},
		{0, math.Inf(1), "0"},
	} {
		var got []string
		for _, tick := range (roundTicks{}).Ticks(tt.low, tt.high) {
			got = append(got, tick.Label)
		}
		if strings.Join(got, " ") != tt.want {
			t.Errorf("from %v to %v: %s, want %s", tt.low, tt.high, strings.Join(got, " "), tt.want)
		}
	}
}

// TestColumn: charts stand one below the other, as many times as high.
func TestColumn(t *testing.T) {
	var b bytes.Buffer
	if err := Write(&b, "png", sample, sample, sample); err != nil {
		t.Fatal(err)
	}
	if m, err := png.Decode(&b); err != nil || m.Bounds().Dx() != 969 || m.Bounds().Dy() != 1795 {
		t.Errorf("png of three charts: %v, error %v", m.Bounds(), err)
	}
}

// TestBorder: nothing touches the edge of a picture, be it a title, the label of an axis, its last number, a legend or a line at
// the end of an axis; and the ground of an SVG goes as far as the edge.
func TestBorder(t *testing.T) {
	titled := sample
	titled.Title = "Quality of jumping (gj)"
	topped := Chart{
		X: "bit", Y: "error", FromZero: true, XNames: []string{"x", "y", "x xor y"}, LegendBelow: true,
		Lines: []Line{{Name: "at the top", X: []float64{0, 1, 2}, Y: []float64{1, 1, 1}}},
	}
	for name, c := range map[string]Chart{"a title": titled, "a line at the top": topped, "a tree": someTree} {
		m, err := png.Decode(bytes.NewReader(draw1(t, c, "png")))
		if err != nil {
			t.Fatal(err)
		}
		inner := m.Bounds().Inset(8) // of the 12 pixels of the border
		for y := range m.Bounds().Dy() {
			for x := range m.Bounds().Dx() {
				if !image.Pt(x, y).In(inner) && color.GrayModel.Convert(m.At(x, y)) != (color.Gray{255}) {
					t.Fatalf("%s: ink at %d, %d of %v", name, x, y, m.Bounds().Max)
				}
			}
		}
	}
	svg := string(draw1(t, topped, "svg"))
	var width, height string
	if m := regexp.MustCompile(`viewBox="0 0 ([0-9.]+) ([0-9.]+)"`).FindStringSubmatch(svg); m != nil {
		width, height = m[1], m[2]
	}
	if ground := `<path d="M0,0L` + width + `,0L` + width + `,` + height + `L0,` + height + `Z" style="fill:#FFFFFF" />`; !strings.Contains(svg, ground) {
		t.Errorf("svg: no %s", ground)
	}
}
