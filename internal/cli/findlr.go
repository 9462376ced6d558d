package cli

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/internal/atomicfile"
	"github.com/seed-f4dd853e/elman/internal/chart"
	"github.com/seed-f4dd853e/elman/internal/term"
	"github.com/seed-f4dd853e/elman/train"
)

// findRate is train --find-lr.
func (e *env) findRate(ctx context.Context, f *trainFlags, data *corpus.Corpus, name string, o train.Options) error {
	var shown *term.Status
	if !f.quiet {
		shown = term.NewStatus(e.screen)
	}
	defer shown.End()
	test, err := train.FindRate(ctx, data, f.choice(), o, func(done float64) {
		shown.Tell("trying learning rates", done)
	})
	shown.End()
	switch {
	case errors.Is(err, train.ErrInterrupted):
		return interruptedf(" while learning rates were tried")
	case err != nil:
		return err
	}
	if f.out != "" {
		if err := drawRates(f.out, name, test); err != nil {
			return err
		}
	}
	if f.asJSON {
		return json.NewEncoder(e.stdout).Encode(test)
	}
	var b strings.Builder
	writeRates(&b, test, cmp.Or(e.width(), noBar+barWidth))
	_, err = io.WriteString(e.stdout, e.layOut(b.String()))
	return err
}

const (
	rateStep = 8  // rates to a line of the table
	barWidth = 40 // of the highest loss, where there is room
	leastBar = 10 // shorter ones say nothing
	noBar    = 43 // columns of a line besides its bar
)

// writeRates prints losses by rate, and the suggestion, for a terminal of this many columns.
func writeRates(w io.Writer, test *train.RateTest, columns int) {
	longest := min(barWidth, columns-noBar)
	if len(test.Points) == 0 {
		fmt.Fprintln(w, "no suggestion: the loss is not finite, whatever the learning rate")
		return
	}
	low, high := test.Points[0].Smooth, test.Points[0].Smooth
	for _, p := range test.Points {
		low, high = min(low, p.Smooth), max(high, p.Smooth)
	}
	fmt.Fprintf(w, "%8s  %9s  %10s\n", "rate", "loss/nats", "per decade")
	for i, p := range test.Points {
		mark := ""
		if p.Rate == test.Steepest {
			mark += " steepest"
		}
		if p.Rate == test.Suggested {
			mark += " suggested"
		}
		if p.Rate == test.Lowest {
			mark += " lowest"
		}
		if i%rateStep == 0 || mark != "" {
			bar := ""
			if longest >= leastBar {
				bar = "|"
			}
			if bar != "" && high > low {
				bar += strings.Repeat("#", int(float64(longest)*(p.Smooth-low)/(high-low)+0.5))
			}
			fmt.Fprintln(w, strings.TrimRight(fmt.Sprintf("%8.2g  %9.4f  %+10.4f  %s%s", p.Rate, p.Smooth, p.Slope, bar, mark), " "))
		}
	}
	switch {
	case !test.Highest:
		fmt.Fprintln(w, "beyond, the loss is too high to go on")
	case test.Lowest == test.Points[len(test.Points)-1].Rate:
		fmt.Fprintln(w, "the loss is lowest at the highest rate: a higher one may be better still")
	}
	if test.Suggested == 0 {
		fmt.Fprintln(w, "no suggestion: the loss did not fall")
		return
	}
	fmt.Fprintf(w, "suggested: --lr %.2g, halfway from the steepest fall of the loss to its lowest\n", test.Suggested)
}

// drawRates makes a picture of a test.
func drawRates(file, name string, test *train.RateTest) error {
	loss, smooth := chart.Line{Name: "loss", Thin: true}, chart.Line{Name: "smoothed"}
	for _, p := range test.Points {
		loss.X, loss.Y = append(loss.X, p.Rate), append(loss.Y, p.Loss)
		smooth.X, smooth.Y = append(smooth.X, p.Rate), append(smooth.Y, p.Smooth)
	}
	c := chart.Chart{Title: "Learning rates for " + name, X: "learning rate", Y: "loss in nats per symbol", LogX: true, LegendLow: true,
		Lines: []chart.Line{loss, smooth}}
	if test.Suggested > 0 {
		low, high := smooth.Y[0], smooth.Y[0]
		for _, y := range smooth.Y {
			low, high = min(low, y), max(high, y)
		}
		c.Lines = append(c.Lines, chart.Line{Name: fmt.Sprintf("suggested: %.2g", test.Suggested),
			X: []float64{test.Suggested, test.Suggested}, Y: []float64{low, high}})
	}
	return writePicture(file, c)
}

// writePicture draws charts into a file, whose name tells the format.
func writePicture(file string, charts ...chart.Chart) error {
	format, err := chart.Format(file)
	if err != nil {
		return err
	}
	var picture bytes.Buffer
	if err := chart.Write(&picture, format, charts...); err != nil {
		return err
	}
	return atomicfile.Write(file, func(w io.Writer) error {
		_, err := w.Write(picture.Bytes())
		return err
	})
}
