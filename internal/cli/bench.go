package cli

import (
	"encoding/json"
	"fmt"
	"runtime"

	"github.com/spf13/cobra"

	"github.com/seed-f4dd853e/elman/internal/bench"
	"github.com/seed-f4dd853e/elman/internal/f32"
)

func benchCommand(e *env) *cobra.Command {
	var threads int
	var asJSON bool
	c := &cobra.Command{
		Use:   "bench",
		Short: "Measure this machine: kernels and training, against its peak",
		Long: `Measure this machine: the most multiply-adds its processor can do, and how near to that matrix
products and training come, for each kernel set (one of them with --kernels). Peak and products
are of one core. Of training, the multiply-adds of its matrix products count, and all of its time.
A figure is the best of several short runs.`,
		Example: `  elman bench
  elman bench --kernels avx2 --json`,
		Args: arguments(0, 0, ""),
		RunE: func(c *cobra.Command, _ []string) error {
			if err := checkThreads(threads); err != nil {
				return err
			}
			sets := f32.Kernels()
			if e.kernels != "auto" {
				sets = []string{f32.Active()}
			}
			if !asJSON {
				fmt.Fprintf(e.stdout, "%-8s %-42s %8s %10s %8s %12s\n", "kernels", "what", "workers", "GFLOP/s", "of peak", "chars/s")
			}
			return bench.Run(c.Context(), sets, threads, func(f bench.Figure) {
				if asJSON {
					json.NewEncoder(e.stdout).Encode(f)
					return
				}
				chars := ""
				if f.Chars > 0 {
					chars = count(f.Chars)
				}
				fmt.Fprintf(e.stdout, "%-8s %-42s %8d %10.1f %6.0f %% %12s\n", f.Kernels, f.What, f.Workers, f.GFLOPS, 100*f.OfPeak, chars)
			})
		},
	}
	c.Flags().IntVar(&threads, "threads", runtime.NumCPU(), "workers of the parallel training")
	c.Flags().BoolVar(&asJSON, "json", false, "a JSON object for each figure, one per line")
	return c
}
