package cli

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"

	"github.com/spf13/cobra"

	"github.com/seed-f4dd853e/elman/generate"
	"github.com/seed-f4dd853e/elman/model"
)

func sampleCommand(e *env) *cobra.Command {
	var o generate.Options
	var asJSON bool
	c := &cobra.Command{
		Use:   "sample MODEL",
		Short: "Write text with a model",
		Long: `Write text with a model: a file, or the folder of a run. The prompt is part of the output.
The same model, settings and seed write the same text on any processor; sample number i does
not depend on --count.`,
		Example: `  elman sample novel --length 500
  elman sample novel --prompt "ROMEO:\n" --temperature 0.7 --seed 3
  elman sample names --count 20 --stop "\n" --json`,
		Args: arguments(1, 1, "a model file or run folder"),
		RunE: func(c *cobra.Command, args []string) error {
			if c.Flags().Changed("length") && o.Length < 1 {
				return usagef("--length is %d, must be at least 1", o.Length)
			}
			if c.Flags().Changed("count") && o.Count < 1 {
				return usagef("--count is %d, must be at least 1", o.Count)
			}
			if c.Flags().Changed("top-p") && o.TopP == 0 {
				return usagef("--top-p is 0, must be above 0 and at most 1")
			}
			if err := checkThreads(o.Threads); err != nil {
				return err
			}
			if _, err := o.WithDefaults(); err != nil {
				return usageError{err}
			}
			m, err := loadModel(args[0])
			if err != nil {
				return err
			}
			o.Prompt, o.Stop = unescape(o.Prompt), unescape(o.Stop)
			return e.sample(c.Context(), m, o, asJSON)
		},
	}
	fl := c.Flags()
	fl.IntVar(&o.Length, "length", 500, "symbols to write")
	fl.StringVar(&o.Prompt, "prompt", "", `text to go on from; \n is a line break`)
	fl.Float64Var(&o.Temperature, "temperature", 1, "below 1 bolder guesses become rarer, 0 takes the likeliest symbol each time")
	fl.IntVar(&o.TopK, "top-k", 0, "draw among the K likeliest symbols (0: all)")
	fl.Float64Var(&o.TopP, "top-p", 1, "draw among the fewest likeliest symbols that hold this share of the probability")
	fl.StringVar(&o.Stop, "stop", "", `text at which a sample ends; \n is a line break`)
	fl.BoolVar(&o.UTF8, "utf8", false, "let a model of bytes write whole characters only")
	fl.Uint64Var(&o.Seed, "seed", 1, "of the draws")
	fl.IntVar(&o.Count, "count", 1, "samples to write")
	fl.IntVar(&o.Threads, "threads", runtime.NumCPU(), "most workers that samples are divided among; never changes a bit")
	fl.BoolVar(&asJSON, "json", false, "a JSON object for each sample, one per line")
	return c
}

func (e *env) sample(ctx context.Context, m *model.Model, o generate.Options, asJSON bool) error {
	out := bufio.NewWriter(e.stdout)
	if o.Count == 1 && !asJSON { // written as it comes
		written := false
		err := generate.Text(ctx, m, o, func(_ int, piece string) {
			out.WriteString(piece)
			out.Flush()
			written = true
		})
		if written || err == nil {
			fmt.Fprintln(out)
		}
		return errors.Join(err, out.Flush())
	}
	texts, err := generate.Strings(ctx, m, o)
	if err != nil {
		return err
	}
	for i, text := range texts {
		if asJSON {
			line, err := json.Marshal(map[string]any{"sample": i, "text": text})
			if err != nil {
				return err
			}
			fmt.Fprintf(out, "%s\n", line)
			continue
		}
		fmt.Fprintln(out, text)
	}
	return out.Flush()
}
