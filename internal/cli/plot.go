package cli

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/charmbracelet/x/ansi"
	"github.com/spf13/cobra"

	"github.com/seed-f4dd853e/elman/internal/chart"
	"github.com/seed-f4dd853e/elman/internal/report"
	"github.com/seed-f4dd853e/elman/internal/setting"
	"github.com/seed-f4dd853e/elman/internal/termtext"
	"github.com/seed-f4dd853e/elman/train/run"
)

// A quantity is a number in each report of a run.
type quantity struct {
	name, label string
	of          func(r run.Metrics) float64
}

// quantities can be drawn over others.
var quantities = []quantity{
	{"loss", "loss in nats per symbol", func(r run.Metrics) float64 { return r.Loss }},
	{"rate", "learning rate", func(r run.Metrics) float64 { return r.LearningRate }},
	{"gradient", "norm of the gradient", func(r run.Metrics) float64 { return r.GradNorm }},
	{"speed", "symbols per second", func(r run.Metrics) float64 { return r.SymbolsPerSecond }},
}

// xAxes are the horizontal axes.
var xAxes = []quantity{
	{"step", "training steps", func(r run.Metrics) float64 { return float64(r.Step) }},
	{"epoch", "passes over the text", func(r run.Metrics) float64 { return r.Epoch }},
	{"symbols", "symbols read", func(r run.Metrics) float64 { return float64(r.Symbols) }},
	{"time", "seconds of training", func(r run.Metrics) float64 { return r.Seconds }},
}

// find returns the quantity with this name.
func find(flag, name string, all []quantity) (quantity, error) {
	i := slices.IndexFunc(all, func(q quantity) bool { return q.name == name })
	if i < 0 {
		var names []string
		for _, q := range all {
			names = append(names, q.name)
		}
		return quantity{}, usagef("--%s is %q, must be %s", flag, name, setting.Alternatives(names))
	}
	return all[i], nil
}

func plotCommand(e *env) *cobra.Command {
	var what []string
	var over, out string
	c := &cobra.Command{
		Use:   "plot RUN...",
		Short: "Draw the learning curves of one or more runs",
		Long: `Draw the losses of one or more runs from metrics.jsonl in their folders, or the learning rate, the
gradient norm (of the last training step before each report, before clipping) or the speed. The
table below the graph shows the state of each run.

For one run the graph has training and validation loss; for several it has the validation loss, or
the training loss of a run without validation. --out writes a picture instead.`,
		Example: `  elman plot novel
  elman plot novel other --of loss,gradient --over time
  elman plot novel --of loss,rate,gradient,speed --out novel.png`,
		Args: arguments(1, math.MaxInt, "the folder of a run, or several"),
		RunE: func(_ *cobra.Command, folders []string) error {
			xAxis, err := find("over", over, xAxes)
			if err != nil {
				return err
			}
			var drawn []quantity
			for _, name := range what {
				q, err := find("of", name, quantities)
				if err != nil {
					return err
				}
				drawn = append(drawn, q)
			}
			if out != "" {
				if _, err := chart.Format(out); err != nil {
					return usagef("--out %w", err)
				}
				if err := e.guard(folders, out); err != nil {
					return err
				}
			}
			runs, err := readRuns(folders)
			if err != nil {
				return err
			}
			if out != "" {
				return drawRuns(out, runs, drawn, xAxis)
			}
			e.printRuns(runs, drawn, xAxis)
			return nil
		},
	}
	fl := c.Flags()
	fl.StringSliceVar(&what, "of", []string{"loss"}, "curves, separated by commas: loss, rate, gradient, speed")
	fl.StringVar(&over, "over", "step", "horizontal axis: step, epoch, symbols or time")
	fl.StringVar(&out, "out", "", "picture to write, ending in .png or .svg")
	return c
}

// A history is the reports of a run.
type history struct {
	name    string
	reports []run.Metrics
}

func readRuns(folders []string) ([]history, error) {
	var runs []history
	for _, folder := range folders {
		if info, err := os.Stat(folder); err != nil {
			return nil, err
		} else if !info.IsDir() {
			return nil, fmt.Errorf("%s is not a run folder; name one that elman train made", folder)
		}
		reports, err := run.ReadMetrics(folder)
		if err != nil {
			return nil, err
		}
		if len(reports) == 0 {
			if _, err := os.Stat(filepath.Join(folder, run.InfoName)); err != nil {
				return nil, fmt.Errorf("%s is not a run folder; name one that elman train made", folder)
			}
			return nil, fmt.Errorf("%s has no reports yet; wait for the first report or name another run", folder)
		}
		runs = append(runs, history{filepath.Clean(folder), reports})
	}
	return runs, nil
}

// validLoss returns the validation loss of a report, NaN if there is none.
func validLoss(r run.Metrics) float64 {
	if r.ValidLoss == nil {
		return math.NaN()
	}
	return *r.ValidLoss
}

// line returns a quantity of a run.
func (r history) line(name string, xAxis quantity, of func(run.Metrics) float64) termtext.GraphLine {
	l := termtext.GraphLine{Name: name}
	for _, report := range r.reports {
		l.Add(xAxis.of(report), of(report))
	}
	return l
}

// lines returns the lines of a quantity.
func lines(runs []history, q, xAxis quantity) []termtext.GraphLine {
	held := func(r history) bool {
		return slices.ContainsFunc(r.reports, func(r run.Metrics) bool { return r.ValidLoss != nil })
	}
	var all []termtext.GraphLine
	for _, r := range runs {
		switch {
		case q.name != "loss":
			all = append(all, r.line(r.name, xAxis, q.of))
		case len(runs) > 1 && held(r):
			all = append(all, r.line(r.name, xAxis, validLoss))
		case len(runs) > 1:
			all = append(all, r.line(r.name+", training", xAxis, q.of))
		default:
			if all = append(all, r.line("training", xAxis, q.of)); held(r) {
				all = append(all, r.line("validation", xAxis, validLoss))
			}
		}
	}
	return all
}

const graphRows = 20 // of a graph in a pipe, or a large window

// printRuns draws for a terminal, or for a pipe as if it were one of 80 columns without colours.
func (e *env) printRuns(runs []history, drawn []quantity, xAxis quantity) {
	width, rows := termtext.DefaultWidth, graphRows
	if e.page != nil {
		var height int
		width, height = e.page.Size()
		rows = max(termtext.LeastGraph, min(graphRows, height-len(runs)-4))
	}
	out := e.stdout
	if e.page.HasColours() {
		out = e.painted
	}
	for _, q := range drawn {
		graph := termtext.Graph(lines(runs, q, xAxis), q.label+", over "+xAxis.label, width, rows)
		if graph == nil {
			graph = []string{"no graph of " + q.label + ": it needs two reports of a run, and a wide enough window"}
		}
		for _, line := range graph {
			if !e.page.HasColours() {
				line = ansi.Strip(line)
			}
			fmt.Fprintln(out, strings.TrimRight(line, " "))
		}
		fmt.Fprintln(e.stdout)
	}
	report.NewTerminal(e.stdout, e.width()).Block(standing(runs))
}

// standing returns the table of the state of each run.
func standing(runs []history) *report.Table {
	t := &report.Table{Columns: []string{"run", "steps", "epochs", "loss", "best valid", "at step", "symbols/s", "time"}}
	for _, r := range runs {
		last, best, at := r.reports[len(r.reports)-1], math.Inf(1), int64(0)
		for _, x := range r.reports {
			if v := validLoss(x); v < best {
				best, at = v, x.Step
			}
		}
		lowest, step := report.Missing, report.Missing
		if at > 0 {
			lowest, step = report.Number(best, report.Fixed(4)), report.Whole(at)
		}
		speed := float64(last.Symbols) / max(last.Seconds, 1e-9)
		t.Row(report.Word("%s", r.name), report.Whole(last.Step), report.Number(last.Epoch, report.Fixed(2)), report.Number(last.Loss, report.Fixed(4)), lowest, step,
			report.Cell{Text: report.Short(speed), Value: speed}, report.Cell{Text: report.Seconds(last.Seconds), Value: last.Seconds})
	}
	return t
}

// drawRuns makes a picture, a chart for each quantity.
func drawRuns(file string, runs []history, drawn []quantity, xAxis quantity) error {
	var charts []chart.Chart
	for _, q := range drawn {
		c := chart.Chart{X: xAxis.label, Y: q.label}
		if len(runs) == 1 && len(charts) == 0 {
			c.Title = runs[0].name
		}
		for _, l := range lines(runs, q, xAxis) {
			c.Lines = append(c.Lines, chart.Line{Name: l.Name, X: l.X, Y: l.Y})
		}
		if len(c.Lines) == 1 {
			c.Lines[0].Name = "" // the title says it
		}
		charts = append(charts, c)
	}
	return writePicture(file, charts...)
}
