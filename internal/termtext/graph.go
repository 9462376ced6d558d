package termtext

import (
	"fmt"
	"math"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// A GraphLine is a line of a graph: points in order of x. A NaN in Y is a missing point.
type GraphLine struct {
	Name string
	X, Y []float64
}

// Add adds a point.
func (l *GraphLine) Add(x, y float64) { l.X, l.Y = append(l.X, x), append(l.Y, y) }

const (
	graphFrame = 3 // lines about a graph: its head, the axis, its numbers
	// LeastGraph is the height of the smallest graph, in lines.
	LeastGraph  = graphFrame + 3
	widestGraph = 160
)

// strokes tell lines apart, with colours and without. Up and down are the corners of a line that rises or falls to the next
// column.
var strokes = []struct {
	colour                     ansi.BasicColor
	dash, upright              string
	fromUp, toUp, fromDn, toDn string
}{
	{ansi.Cyan, "─", "│", "╯", "╭", "╮", "╰"},
	{ansi.Yellow, "╌", "┊", "╌", "╌", "╌", "╌"},
	{ansi.Magenta, "═", "┊", "═", "═", "═", "═"},
	{ansi.Green, "┈", "┊", "┈", "┈", "┈", "┈"},
	{ansi.Red, "━", "┊", "━", "━", "━", "━"},
	{ansi.Blue, "┅", "┊", "┅", "┅", "┅", "┅"},
}

func colourOf(line int) ansi.Style {
	return ansi.NewStyle().ForegroundColor(strokes[line%len(strokes)].colour)
}

// Graph draws lines over one axis, in at most this many lines of a terminal, legend and caption first. It returns nil if there
// are too few points or too little room.
func Graph(lines []GraphLine, caption string, width, rows int) []string {
	left, right := extent(lines, func(l GraphLine) []float64 { return l.X })
	low, high := extent(lines, func(l GraphLine) []float64 { return l.Y })
	drawn := graphHead(lines, caption, width)
	rows -= len(drawn) + graphFrame - 1
	if !(right > left) || rows < LeastGraph-graphFrame || !(high >= low) || high-high != 0 || low-low != 0 {
		return nil
	}
	label := graphLabel(low, high)
	const axis, margin = 3, 4 // columns left of the graph beside the labels; right of it, for the half of the last number
	labels := max(len(label(low)), len(label(high)))
	columns := min(width, widestGraph) - labels - axis - margin
	if columns < 2 {
		return nil
	}
	g := newGrid(columns, rows)
	for i, l := range lines {
		g.draw(i, columnMeans(l, columns, left, right), func(y float64) int {
			return rows - 1 - int(math.Round(share(y, low, high)*float64(rows-1)))
		})
	}
	for row := range rows {
		text := label(interpolate(float64(rows-1-row)/float64(rows-1), low, high))
		drawn = append(drawn, fmt.Sprintf(" %*s ┤", labels, text)+g.row(row))
	}
	return append(drawn, graphAxis(labels+axis-1, columns, left, right)...)
}

// A grid is what lines are drawn on.
type grid struct {
	columns int
	signs   [][]string
	line    [][]int // whose sign it is
}

func newGrid(columns, rows int) *grid {
	g := &grid{columns: columns, signs: make([][]string, rows), line: make([][]int, rows)}
	for i := range rows {
		g.signs[i], g.line[i] = make([]string, columns), make([]int, columns)
	}
	return g
}

func (g *grid) put(row, column, line int, sign string) {
	g.signs[row][column], g.line[row][column] = sign, line
}

// draw draws one line, y by column.
func (g *grid) draw(line int, ys []float64, rowOf func(y float64) int) {
	s := strokes[line%len(strokes)]
	for x, y := range ys {
		if math.IsNaN(y) {
			continue
		}
		to := rowOf(y)
		from := to
		if x > 0 && !math.IsNaN(ys[x-1]) {
			from = rowOf(ys[x-1])
		}
		for row := min(from, to) + 1; row < max(from, to); row++ {
			g.put(row, x, line, s.upright)
		}
		switch {
		case from < to:
			g.put(from, x, line, s.fromDn)
			g.put(to, x, line, s.toDn)
		case from > to:
			g.put(from, x, line, s.fromUp)
			g.put(to, x, line, s.toUp)
		default:
			g.put(to, x, line, s.dash)
		}
	}
}

// row returns one row, signs of one line in one colour.
func (g *grid) row(row int) string {
	var b strings.Builder
	for x := 0; x < g.columns; {
		end, run := x, ""
		for ; end < g.columns && (g.signs[row][end] == "") == (g.signs[row][x] == "") && g.line[row][end] == g.line[row][x]; end++ {
			run += g.signs[row][end]
		}
		if run == "" {
			b.WriteString(strings.Repeat(" ", end-x))
		} else {
			b.WriteString(colourOf(g.line[row][x]).Styled(run))
		}
		x = end
	}
	return strings.TrimRight(b.String(), " ")
}

// graphAxis returns the horizontal axis, which begins at a column, and the numbers under its marks.
func graphAxis(at, columns int, left, right float64) []string {
	marks := max(2, columns/16)
	axis, numbers := []rune("└"+strings.Repeat("─", columns)), strings.Repeat(" ", at)
	for i := range marks {
		column := i * (columns - 1) / (marks - 1)
		axis[1+column] = '┬'
		number := shortNumber(interpolate(float64(column)/float64(columns-1), left, right))
		if gap := at + 1 + column - len(number)/2 - len(numbers); gap > 0 || i == 0 {
			numbers += strings.Repeat(" ", max(0, gap)) + number
		}
	}
	return []string{strings.Repeat(" ", at) + string(axis), numbers}
}

// graphHead returns legend and caption, in one line if they fit, else in one for each name.
func graphHead(lines []GraphLine, caption string, width int) []string {
	var names []string
	for i, l := range lines {
		dash := strokes[i%len(strokes)].dash
		names = append(names, colourOf(i).Styled(Clip(dash+dash+" "+l.Name, width)))
	}
	if one := strings.Join(append(names, caption), "  "); Width(one) <= width {
		return []string{one}
	}
	return append(names, Clip(caption, width))
}

// graphLabel returns a format that distinguishes values between low and high.
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

// share returns the position of a number between two others, from 0 to 1; 0 if these are equal. It avoids overflow of the
// differences of large numbers, and underflow of small ones.
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

// interpolate returns the number at this share of the way from low to high.
func interpolate(share, low, high float64) float64 {
	if way := high - low; way-way == 0 {
		return low + way*share
	}
	return low*(1-share) + high*share
}

// extent returns the lowest and highest of the lines' numbers.
func extent(lines []GraphLine, numbers func(GraphLine) []float64) (low, high float64) {
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

// columnMeans resamples a line over columns: the mean of the points in a column, or if there are none, a straight line
// between the neighbours; NaN if there is nothing on one side.
func columnMeans(l GraphLine, columns int, left, right float64) []float64 {
	means, counts := make([]float64, columns), make([]int, columns)
	for i, y := range l.Y {
		if !math.IsNaN(y) {
			column := int(math.Round(share(l.X[i], left, right) * float64(columns-1)))
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
