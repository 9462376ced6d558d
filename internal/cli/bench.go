package cli

import (
	"encoding/json"
	"runtime"

	"github.com/spf13/cobra"

	"github.com/seed-f4dd853e/elman/internal/bench"
	"github.com/seed-f4dd853e/elman/internal/f32"
	"github.com/seed-f4dd853e/elman/internal/report"
)

func benchCommand(e *env) *cobra.Command {
	var threads, shards int
	var all, asJSON bool
	c := &cobra.Command{
		Use:   "bench [NAME...]",
		Short: "Measure this machine: kernels, training, sampling and scoring, against its peak",
		Long: `Measure this machine in about a minute: the peak rate of multiply-adds, and how near matrix
products, training, sampling and scoring come to it. Products [M x N] that sum K elements, as
training steps make them, run on every kernel set in turns; all else runs on the fastest. --kernels
measures one set alone, --all every set. A dash stands for a product that takes a set too long.
With names it runs the benchmarks whose line contains one of them.

Peak and kernels are measured on one core. A training step is a complete one: forward, backward,
clipping by norm, Adam. These and sampling and scoring count the multiply-adds of matrix products,
over all of the time. Per cycle are floating-point operations, a multiply-add counting two, of each
worker, or a kernel's results; the clock is measured beside each run. The peak is that of float32,
which weights of 8 bits may exceed. Each figure is the median of several short runs. On Linux one
worker's time is processor time, so that other work on the machine counts little.`,
		Example: `  elman bench
  elman bench "train lstm" sample
  elman bench product gradient
  elman bench "train lstm" --shards 8
  elman bench H=256 --kernels avx2 --json`,
		RunE: func(c *cobra.Command, names []string) error {
			if err := checkThreads(threads); err != nil {
				return err
			}
			if all && e.kernels != "auto" {
				return usagef("--all measures every kernel set, --kernels %s one", e.kernels)
			}
			products, others, err := bench.Select(names)
			if err != nil {
				return usageError{err}
			}
			if shards != 0 {
				if others, err = bench.Sharded(others, shards); err != nil {
					return usageError{err}
				}
			}
			sets, beside := []string{f32.Active()}, f32.Kernels()
			if all {
				sets = beside
			}
			if e.kernels != "auto" {
				beside = sets
			}
			emit, emitBeside := jsonFigures(e)
			if !asJSON {
				t := report.NewTerminal(e.stdout, e.width())
				emit, emitBeside = printFigures(t, others, threads), printProducts(t, products, beside)
			}
			if err := bench.Beside(c.Context(), products, beside, emitBeside); err != nil {
				return err
			}
			return bench.Run(c.Context(), others, sets, threads, emit)
		},
	}
	c.Flags().IntVar(&threads, "threads", runtime.NumCPU(), "workers of the training benchmarks that run in parallel")
	c.Flags().IntVar(&shards, "shards", 0, "train also in so many shards (S), as elman train --shards does")
	c.Flags().BoolVar(&all, "all", false, "measure everything on every kernel set")
	c.Flags().BoolVar(&asJSON, "json", false, "write one JSON object per figure and line")
	return c
}

// jsonFigures writes a line for each figure.
func jsonFigures(e *env) (emit func(bench.Figure), emitBeside func([]bench.Figure)) {
	write := json.NewEncoder(e.stdout)
	emit = func(f bench.Figure) { write.Encode(f) }
	return emit, func(figures []bench.Figure) {
		for _, f := range figures {
			if f.OfPeak > 0 {
				emit(f)
			}
		}
	}
}

// printProducts returns what writes a row of the table of products, the kernel sets side by side, and before the first the
// table's head.
func printProducts(t *report.Terminal, list []bench.Product, sets []string) func([]bench.Figure) {
	columns := []string{"share of the peak"}
	var widest []bench.Figure
	for _, set := range sets {
		columns = append(columns, set, "/cycle")
		widest = append(widest, bench.Figure{What: longest(list), OfPeak: 1, PerCycle: 100})
	}
	begun := false
	return func(figures []bench.Figure) {
		if !begun {
			t.Begin(columns, productRow(widest)...)
			begun = true
		}
		t.Row(productRow(figures)...)
	}
}

// productRow is a row of the table of products.
func productRow(figures []bench.Figure) []report.Cell {
	row := []report.Cell{report.Word("%s", figures[0].What)}
	for _, f := range figures {
		if f.OfPeak == 0 {
			row = append(row, report.Missing, report.Missing)
			continue
		}
		row = append(row, report.Number(f.OfPeak, report.Percent(0)), perCycle(f))
	}
	return row
}

// printFigures returns what writes a row of the table of a kernel set, and before the first of each set the table's head.
func printFigures(t *report.Terminal, list []bench.Benchmark, threads int) func(bench.Figure) {
	widest := bench.Figure{What: longest(list), Workers: threads, Numbers: 1e10, OfPeak: 1, GFLOPS: 1, PerCycle: 100}
	set := ""
	return func(f bench.Figure) {
		if f.Kernels != set {
			set = f.Kernels
			t.Begin([]string{"kernels " + set, "cores", "per second", "of peak", "/cycle"}, figureRow(widest)...)
		}
		t.Row(figureRow(f)...)
	}
}

// figureRow is a row of the table of a kernel set.
func figureRow(f bench.Figure) []report.Cell {
	var ofPeak report.Cell
	if f.GFLOPS > 0 {
		ofPeak = report.Number(f.OfPeak, report.Percent(0))
	}
	speed := report.Cell{Text: report.Fixed(1)(f.GFLOPS) + " GFLOP", Value: f.GFLOPS}
	switch {
	case f.Chars > 0:
		speed = report.Cell{Text: report.Short(f.Chars) + " chars", Value: f.Chars}
	case f.Numbers > 0:
		speed = report.Cell{Text: report.Fixed(2)(f.Numbers/1e9) + " G results", Value: f.Numbers}
	}
	return []report.Cell{report.Word("%s", f.What), report.Whole(f.Workers), speed, ofPeak, perCycle(f)}
}

// perCycle is empty if the clock is not known.
func perCycle(f bench.Figure) report.Cell {
	switch {
	case f.PerCycle == 0:
		return report.Missing
	case f.PerCycle < 10:
		return report.Number(f.PerCycle, report.Fixed(2))
	}
	return report.Number(f.PerCycle, report.Fixed(1))
}

// longest returns the longest name.
func longest[B interface{ String() string }](list []B) (name string) {
	for _, b := range list {
		if len(b.String()) > len(name) {
			name = b.String()
		}
	}
	return name
}
