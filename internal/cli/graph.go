package cli

import (
	"fmt"
	"math"
	"strings"

	"github.com/charmbracelet/x/ansi"
	"github.com/guptarohit/asciigraph"

	"github.com/seed-f4dd853e/elman/internal/termtext"
)

// A graphLine is a line of a graph on a terminal: points in order of x. A y that is NaN is none.
type graphLine struct {
	name string
	x, y []float64
}

func (l *graphLine) add(x, y float64) { l.x, l.y = append(l.x, x), append(l.y, y) }

const (
	graphFrame  = 4              // lines about a graph: legend, axis, its numbers, and one that asciigraph draws more than it is told
	leastGraph  = graphFrame + 2 // lines of a graph that shows anything
	widestGraph = 160
)

// strokes tell lines apart, with colours and without.
var strokes = []struct {
	colour asciigraph.AnsiColor
	legend ansi.Color
	dash   string
}{
	{asciigraph.Teal, ansi.Cyan, "─"},
	{asciigraph.Olive, ansi.Yellow, "╌"},
	{asciigraph.Purple, ansi.Magenta, "═"},
	{asciigraph.Green, ansi.Green, "┈"},
	{asciigraph.Maroon, ansi.Red, "━"},
	{asciigraph.Navy, ansi.Blue, "┅"},
}

// stroke returns the characters of line i.
func stroke(i int) asciigraph.CharSet {
	dash := strokes[i%len(strokes)].dash
	if dash == "─" {
		return asciigraph.DefaultCharSet
	}
	return asciigraph.CharSet{Horizontal: dash, VerticalLine: "┊", EndCap: dash, StartCap: dash}
}

// drawGraph draws lines over one axis, in at most so many lines of a terminal, legend and caption first. It returns nil if there
// are too few points, or there is too little room.
func drawGraph(lines []graphLine, caption string, width, rows int) []string {
	left, right := extent(lines, func(l graphLine) []float64 { return l.x })
	low, high := extent(lines, func(l graphLine) []float64 { return l.y })
	head := graphHead(lines, caption, width)
	if rows -= len(head) - 1; !(right > left) || rows < leastGraph || !(high >= low) || high-high != 0 || low-low != 0 {
		return nil
	}
	label := graphLabel(low, high)
	const axis, margin = 3, 4 // columns left of the graph beside the labels; right of it, for the half of the last number
	columns := min(width, widestGraph) - len(label(high)) - axis - margin
	if columns < 2 {
		return nil
	}
	// asciigraph multiplies values and turns them into whole numbers, which does not go well with all of them. It gets rows.
	height := float64(rows - graphFrame)
	var series [][]float64
	var colours []asciigraph.AnsiColor
	var characters []asciigraph.CharSet
	for i, l := range lines {
		means := columnMeans(l, columns, left, right)
		for j := range means {
			means[j] = height * share(means[j], low, high)
		}
		series, colours = append(series, means), append(colours, strokes[i%len(strokes)].colour)
		characters = append(characters, stroke(i))
	}
	drawn := asciigraph.PlotMany(series, asciigraph.Height(rows-graphFrame), asciigraph.LowerBound(0), asciigraph.UpperBound(height),
		asciigraph.SeriesColors(colours...), asciigraph.SeriesChars(characters...),
		asciigraph.YAxisValueFormatter(func(row float64) string { return label(interpolate(row/height, low, high)) }),
		asciigraph.XAxisRange(0, 1), asciigraph.XAxisTickCount(max(2, columns/16)),
		asciigraph.XAxisValueFormatter(func(x float64) string { return shortNumber(interpolate(x, left, right)) }))
	return append(head, strings.Split(drawn, "\n")...)
}

// graphHead returns legend and caption, in one line if they fit, else in one for each name.
func graphHead(lines []graphLine, caption string, width int) []string {
	var names []string
	for i, l := range lines {
		s := strokes[i%len(strokes)]
		names = append(names, ansi.NewStyle().ForegroundColor(s.legend).Styled(termtext.Clip(s.dash+s.dash+" "+l.name, width)))
	}
	if one := strings.Join(append(names, caption), "  "); ansi.StringWidth(one) <= width {
		return []string{one}
	}
	return append(names, termtext.Clip(caption, width))
}

// graphLabel returns what writes values between low and high so that they can be told apart.
func graphLabel(low, high float64) func(float64) string {
	switch {
	case max(-low, high) >= 1e4:
		return shortNumber
	case high-low < 1e-3:
		return func(v float64) string { return fmt.Sprintf("%.6f", v) }
	case high-low < 0.1:
		return func(v float64) string { return fmt.Sprintf("%.4f", v) }
	}
	return func(v float64) string { return fmt.Sprintf("%.2f", v) }
}

// share returns where a number lies between two others, as a share of the way; 0 if these are the same. Numbers of any size
// keep their place: differences of the largest would overflow, and of the smallest vanish.
func share(x, low, high float64) float64 {
	unit := 1.0
	switch size := max(-low, high); {
	case size > 1e300:
		unit = 0x1p-10
	case size < 1e-290:
		unit = 0x1p200
	}
	if way := high*unit - low*unit; way > 0 {
		return (x*unit - low*unit) / way
	}
	return 0
}

// interpolate returns what lies so far on the way from low to high.
func interpolate(share, low, high float64) float64 {
	if way := high - low; way-way == 0 {
		return low + way*share
	}
	return low*(1-share) + high*share
}

// extent returns the lowest and highest of the lines' numbers.
func extent(lines []graphLine, numbers func(graphLine) []float64) (low, high float64) {
	low, high = math.Inf(1), math.Inf(-1)
	for _, l := range lines {
		for _, v := range numbers(l) {
			if !math.IsNaN(v) {
				low, high = min(low, v), max(high, v)
			}
		}
	}
	return low, high
}

// columnMeans spreads a line evenly over columns: the mean of the points that fall into a column, or where there are
// none the line between the two beside it; NaN where there is nothing on one side.
func columnMeans(l graphLine, columns int, left, right float64) []float64 {
	means, counts := make([]float64, columns), make([]int, columns)
	for i, y := range l.y {
		if !math.IsNaN(y) {
			column := int(math.Round(share(l.x[i], left, right) * float64(columns-1)))
			counts[column]++
			n := float64(counts[column])
			means[column] = means[column]*((n-1)/n) + y/n // a sum could overflow
		}
	}
	before := -1
	for i, n := range counts {
		if n == 0 {
			means[i] = math.NaN()
			continue
		}
		for j := before + 1; before >= 0 && j < i; j++ {
			means[j] = interpolate(float64(j-before)/float64(i-before), means[before], means[i])
		}
		before = i
	}
	return means
}

// shortNumber writes a number for an axis: 1500, 12.5k, 3.25M.
func shortNumber(x float64) string {
	switch {
	case math.Abs(x) >= 1e10:
		return fmt.Sprintf("%.4g", x)
	case math.Abs(x) >= 1e6:
		return fmt.Sprintf("%.4gM", x/1e6)
	case math.Abs(x) >= 1e4:
		return fmt.Sprintf("%.4gk", x/1e3)
	case math.Abs(x) < 100 && x != math.Trunc(x):
		return fmt.Sprintf("%.1f", x)
	}
	return fmt.Sprintf("%.0f", x)
}
