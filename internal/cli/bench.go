package cli

import (
	"encoding/json"
	"fmt"
	"runtime"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed-f4dd853e/elman/internal/bench"
	"github.com/seed-f4dd853e/elman/internal/f32"
	"github.com/seed-f4dd853e/elman/internal/term"
)

func benchCommand(e *env) *cobra.Command {
	var threads int
	var all, asJSON bool
	c := &cobra.Command{
		Use:   "bench [NAME...]",
		Short: "Measure this machine: kernels, training and sampling, against its peak",
		Long: `Measure this machine: the most multiply-adds its processor can do, and how near to that matrix
products, training and sampling come, with the fastest kernel set, in about a minute. With --all it
measures every kernel set, with --kernels another. With names it measures only what has one of
them in its line.

Peak and kernels are of one core. A training step is all of it: the window forward and backward,
clipping by norm, Adam; of training and sampling the multiply-adds of the matrix products count,
and all of the time. A figure is the median of several short runs.`,
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
				fmt.Fprintf(e.stdout, "%-8s %-48s %8s %10s %8s %16s\n", "kernels", "what", "workers", "GFLOP/s", "of peak", "per second")
				emit = func(f bench.Figure) { fmt.Fprintln(e.stdout, figureLine(f)) }
			}
			return bench.Run(c.Context(), list, sets, threads, emit)
		},
	}
	c.Flags().IntVar(&threads, "threads", runtime.NumCPU(), "workers of the parallel training")
	c.Flags().BoolVar(&all, "all", false, "every kernel set, not the fastest alone")
	c.Flags().BoolVar(&asJSON, "json", false, "a JSON object for each figure, one per line")
	return c
}

// figureLine is a row of the table.
func figureLine(f bench.Figure) string {
	products, speed := "", ""
	if f.GFLOPS > 0 {
		products = fmt.Sprintf("%10.1f %6.0f %%", f.GFLOPS, 100*f.OfPeak)
	}
	switch {
	case f.Chars > 0:
		speed = term.Count(f.Chars) + " chars"
	case f.Numbers > 0:
		speed = fmt.Sprintf("%.2f G results", f.Numbers/1e9)
	}
	return strings.TrimRight(fmt.Sprintf("%-8s %-48s %8d %19s %16s", f.Kernels, f.What, f.Workers, products, speed), " ")
}
