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
	var threads int
	var all, asJSON bool
	c := &cobra.Command{
		Use:   "bench [NAME...]",
		Short: "Measure this machine: kernels, training and sampling, against its peak",
		Long: `Measure this machine in about a minute: the peak rate of multiply-adds, and how near matrix
products, training and sampling come to it. The kernel set is the fastest one; --kernels chooses
another, --all measures every one. With names it runs the benchmarks whose line contains one of
them.

Peak and kernels are measured on one core. A training step is a complete one: forward, backward,
clipping by norm, Adam. Training and sampling count the multiply-adds of matrix products, over all
of the time. Each figure is the median of several short runs.`,
		Example: `  elman bench
  elman bench "train lstm" sample
  elman bench H=256 --kernels avx2 --json`,
		RunE: func(c *cobra.Command, names []string) error {
			if err := checkThreads(threads); err != nil {
				return err
			}
			if all && e.kernels != "auto" {
				return usagef("--all measures every kernel set, --kernels %s one", e.kernels)
			}
			list, err := bench.Select(names)
			if err != nil {
				return usageError{err}
			}
			sets := []string{f32.Active()}
			if all {
				sets = f32.Kernels()
			}
			emit := func(f bench.Figure) { json.NewEncoder(e.stdout).Encode(f) }
			if !asJSON {
				t := report.NewTerminal(e.stdout, e.width())
				widest := bench.Figure{Kernels: sets[0], Workers: threads, GFLOPS: 1000, OfPeak: 1, Numbers: 1e12}
				for _, b := range list {
					if name := b.String(); len(name) > len(widest.What) {
						widest.What = name
					}
				}
				t.Begin([]string{"kernels", "what", "workers", "GFLOP/s", "of peak", "per second"}, figureRow(widest)...)
				emit = func(f bench.Figure) { t.Row(figureRow(f)...) }
			}
			return bench.Run(c.Context(), list, sets, threads, emit)
		},
	}
	c.Flags().IntVar(&threads, "threads", runtime.NumCPU(), "workers of the training benchmarks that run in parallel")
	c.Flags().BoolVar(&all, "all", false, "measure every kernel set")
	c.Flags().BoolVar(&asJSON, "json", false, "write one JSON object per figure and line")
	return c
}

// figureRow is a row of the table.
func figureRow(f bench.Figure) []report.Cell {
	var products, ofPeak, speed report.Cell
	if f.GFLOPS > 0 {
		products, ofPeak = report.Number(f.GFLOPS, report.Fixed(1)), report.Number(f.OfPeak, report.Percent(0))
	}
	switch {
	case f.Chars > 0:
		speed = report.Cell{Text: report.Short(f.Chars) + " chars", Value: f.Chars}
	case f.Numbers > 0:
		speed = report.Cell{Text: report.Fixed(2)(f.Numbers/1e9) + " G results", Value: f.Numbers}
	}
	return []report.Cell{report.Word("%s", f.Kernels), report.Word("%s", f.What), report.Whole(f.Workers), products, ofPeak, speed}
}
