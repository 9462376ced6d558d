package cli

import (
	"fmt"
	"math"
	"strings"

	"github.com/charmbracelet/x/ansi"
	"github.com/guptarohit/asciigraph"

	"github.com/seed-f4dd853e/elman/train"
)

// report takes a report into the curve, if it is a later one than the last.
func (s *scene) report(r train.Report) {
	p := point{r.Step, r.Loss, math.NaN()}
	if r.ValidLoss != nil {
		p.valid = *r.ValidLoss
	}
	if n := len(s.curve); n > 0 && s.curve[n-1].step >= p.step {
		return
	}
	s.curve = append(s.curve, p)
	if s.sample = r.Sample; r.Sample != "" {
		s.sampleOf = r.Step
	}
	if s.best == nil && !math.IsNaN(p.valid) || s.best != nil && p.valid < s.best.valid {
		s.best = &p
	}
}

const (
	curveFrame  = 4              // lines about a curve: legend, axis, its numbers, and one that asciigraph draws more than it is told
	leastCurve  = curveFrame + 2 // lines of a curve that shows anything
	widestCurve = 160
)

// dashed draws the second series, so that it can be told from the first without colours.
var dashed = asciigraph.CharSet{Horizontal: "╌", VerticalLine: "┊", EndCap: "╌", StartCap: "╌"}

// drawCurve returns the losses over training steps in at most so many lines; nil if there are too few, or too little room.
func drawCurve(points []point, width, rows int) []string {
	low, high := span(points)
	if len(points) < 2 || !(high-low <= math.MaxFloat32) { // which NaN and infinities are not either
		return nil
	}
	label := func(loss float64) string { return fmt.Sprintf("%.2f", loss) }
	if high-low < 0.1 {
		label = func(loss float64) string { return fmt.Sprintf("%.4f", loss) }
	}
	const axis, margin = 3, 4 // columns left of the curve beside the labels; right of it, for the half of the last number
	columns := min(width, widestCurve) - len(label(high)) - axis - margin
	if columns < 2 {
		return nil
	}
	// asciigraph multiplies losses and turns them into whole numbers, which does not go well with all of them. It gets rows.
	height := float64(rows - curveFrame)
	unit := (high - low) / height
	if unit == 0 {
		unit = 1
	}
	series := [][]float64{columnMeans(points, columns, func(p point) float64 { return (p.loss - low) / unit })}
	legend := ansi.NewStyle().ForegroundColor(ansi.Cyan).Styled("── training")
	if !math.IsNaN(points[len(points)-1].valid) {
		series = append(series, columnMeans(points, columns, func(p point) float64 { return (p.valid - low) / unit }))
		legend += ansi.NewStyle().ForegroundColor(ansi.Yellow).Styled("  ╌╌ validation")
	}
	drawn := asciigraph.PlotMany(series, asciigraph.Height(rows-curveFrame), asciigraph.LowerBound(0), asciigraph.UpperBound(height),
		asciigraph.SeriesColors(asciigraph.Teal, asciigraph.Olive), asciigraph.SeriesChars(asciigraph.DefaultCharSet, dashed),
		asciigraph.YAxisValueFormatter(func(row float64) string { return label(low + row*unit) }),
		asciigraph.XAxisRange(float64(points[0].step), float64(points[len(points)-1].step)), asciigraph.XAxisTickCount(max(2, columns/16)),
		asciigraph.XAxisValueFormatter(func(step float64) string { return shortStep(step) }))
	return append([]string{legend + "  in nats per symbol"}, strings.Split(drawn, "\n")...)
}

// span returns the lowest and highest loss of a curve.
func span(points []point) (low, high float64) {
	low, high = math.Inf(1), math.Inf(-1)
	for _, p := range points {
		for _, loss := range []float64{p.loss, p.valid} {
			if !math.IsNaN(loss) {
				low, high = min(low, loss), max(high, loss)
			}
		}
	}
	return low, high
}

// columnMeans spreads a series evenly over columns: the mean of the points that fall into a column, or where there are
// none the line between the two beside it; NaN where there is nothing on one side.
func columnMeans(points []point, columns int, value func(point) float64) []float64 {
	first, last := float64(points[0].step), float64(points[len(points)-1].step)
	sums, counts := make([]float64, columns), make([]int, columns)
	for _, p := range points {
		if v := value(p); !math.IsNaN(v) {
			column := int(math.Round((float64(p.step) - first) / (last - first) * float64(columns-1)))
			sums[column] += v
			counts[column]++
		}
	}
	before := -1
	for i, n := range counts {
		if n == 0 {
			sums[i] = math.NaN()
			continue
		}
		sums[i] /= float64(n)
		for j := before + 1; before >= 0 && j < i; j++ {
			sums[j] = sums[before] + (sums[i]-sums[before])*float64(j-before)/float64(i-before)
		}
		before = i
	}
	return sums
}

// shortStep writes a training step for an axis: 1500, 12.5k, 3.25M.
func shortStep(step float64) string {
	switch {
	case step >= 1e6:
		return fmt.Sprintf("%.4gM", step/1e6)
	case step >= 1e4:
		return fmt.Sprintf("%.4gk", step/1e3)
	}
	return fmt.Sprintf("%.0f", step)
}
