package cli

import (
	"context"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/experiment"
	"github.com/seed-f4dd853e/elman/internal/regular"
	"github.com/seed-f4dd853e/elman/internal/report"
	"github.com/seed-f4dd853e/elman/internal/term"
)

func experimentCommand(e *env) *cobra.Command {
	c := &cobra.Command{
		Use:   "experiment",
		Short: "Repeat published experiments, their numbers beside ours",
		Example: `  elman experiment list
  elman experiment run notebook-letters
  elman experiment run notebook-rnn --corpus shakespeare.txt --chars 99993`,
	}
	group(c)
	c.AddCommand(&cobra.Command{
		Use:     "list",
		Short:   "List the experiments",
		Example: "  elman experiment list",
		Args:    arguments(0, 0, ""),
		RunE: func(*cobra.Command, []string) error {
			for _, x := range experiment.All() {
				io.WriteString(e.stdout, e.layOut(fmt.Sprintf("%-18s  %s\n", x.Name, x.Doc)))
			}
			return nil
		},
	}, experimentRunCommand(e))
	return c
}

// experimentFlags is the command line of experiment run.
type experimentFlags struct {
	corpus  string
	chars   int
	out     string
	asJSON  bool
	options experiment.Options
}

func experimentRunCommand(e *env) *cobra.Command {
	f := &experimentFlags{}
	c := &cobra.Command{
		Use:   "run NAME",
		Short: "Run one experiment",
		Example: `  elman experiment run notebook-srn --corpus shakespeare.txt --chars 99993 --epochs 1
  elman experiment run notebook-letters --seeds 10 --out letters
  elman experiment run notebook-letters --json`,
		Long: `Run one experiment and print its results.

With --out it also writes a report into a folder: report.md, report.html (one file, figures inside),
a PNG and an SVG of each figure, tables.csv, and result.json with all numbers. The same options give
the same files, byte for byte.`,
		Args: arguments(1, 1, "the name of an experiment (elman experiment list prints them)"),
		RunE: func(c *cobra.Command, args []string) error {
			x, err := experiment.Find(args[0])
			if err != nil {
				return usageError{err}
			}
			if err := f.check(c); err != nil {
				return err
			}
			if x.Seeds == 0 && f.options.Seeds > 1 {
				return usagef("%s shows the course of a single training; leave out --seeds", x.Name)
			}
			if x.Own && f.corpus != "" {
				return usagef("%s has a text of its own; leave out --corpus", x.Name)
			}
			if err := guardFolder(f.out, f.corpus); err != nil {
				return err
			}
			if err := e.guard([]string{f.corpus}); err != nil {
				return err
			}
			if f.options.Text, err = e.readText(c.Context(), f.corpus, f.chars); err != nil {
				return err
			}
			f.options.Source = filepath.Base(f.corpus)
			if err := checkOutFolder(f.out); err != nil {
				return err
			}
			shown := term.NewStatus(e.screen)
			defer shown.End()
			f.options.Progress, f.options.Width = shown.Tell, e.width()
			if f.options.Out = shown.Results(e.stdout, e.page); f.asJSON {
				f.options.Out = io.Discard
			}
			result, err := x.Run(c.Context(), f.options)
			if err != nil {
				return err
			}
			shown.End()
			if f.asJSON {
				if err := report.WriteJSON(e.stdout, result); err != nil {
					return err
				}
			}
			if f.out == "" {
				return nil
			}
			if err := result.Write(f.out); err != nil {
				return err
			}
			fmt.Fprintf(e.stderr, "report: %s\n", filepath.Join(f.out, experiment.ReportName))
			return nil
		},
	}
	fl := c.Flags()
	fl.StringVar(&f.corpus, "corpus", "", "text file in place of the published text (default: the generated\nlanguage \"play\")")
	fl.IntVar(&f.chars, "chars", 0, "read only the first N characters of --corpus (0: all)")
	fl.IntVar(&f.options.Epochs, "epochs", 0, "passes over the text (0: as published)")
	fl.Uint64Var(&f.options.Seed, "seed", 1, "seed of everything random; the first of several")
	fl.IntVar(&f.options.Seeds, "seeds", 0, "how many seeds (0: the experiment's default)")
	fl.StringVar(&f.out, "out", "", "folder for a report with figures (default: no report)")
	fl.IntVar(&f.options.Threads, "threads", runtime.NumCPU(), "maximum number of threads; does not change the result")
	fl.BoolVar(&f.asJSON, "json", false, "print the result as JSON when all is done")
	return c
}

// mostSeeds is more than any experiment runs unless --seeds says so.
const mostSeeds = 1000

func (f *experimentFlags) check(c *cobra.Command) error {
	switch {
	case c.Flags().Changed("epochs") && f.options.Epochs < 1:
		return usagef("--epochs is %d, must be at least 1", f.options.Epochs)
	case f.options.Seeds < 0 || c.Flags().Changed("seeds") && f.options.Seeds == 0:
		return usagef("--seeds is %d, must be at least 1", f.options.Seeds)
	case f.options.Seed == 0 || f.options.Seed > math.MaxInt64-uint64(max(f.options.Seeds, mostSeeds)):
		return usagef("--seed is %d, must be 1 to 2^63, with room for the seeds after it", f.options.Seed)
	case f.chars < 0 || c.Flags().Changed("chars") && f.chars == 0:
		return usagef("--chars is %d, must be at least 1", f.chars)
	case f.chars > 0 && f.corpus == "":
		return usagef("--chars is for a text given with --corpus")
	}
	return checkThreads(f.options.Threads)
}

// readText returns up to this many characters of a file, 0 meaning all; without a file, nil.
func (e *env) readText(ctx context.Context, path string, chars int) ([]byte, error) {
	if path == "" {
		return nil, nil
	}
	text, err := corpus.Open(ctx, []string{path}, e.stdin)
	if err != nil {
		return nil, err
	}
	defer text.Close()
	size := text.Size()
	if most := int64(chars); chars > 0 && most < size/utf8.UTFMax {
		size = most * utf8.UTFMax
	}
	b := make([]byte, size)
	if _, err := text.ReadAt(b, 0); err != nil {
		return nil, err
	}
	end := 0
	for n := 0; end < len(b) && (chars == 0 || n < chars); n++ {
		_, size := utf8.DecodeRune(b[end:])
		end += size
	}
	return b[:end], nil
}

// checkOutFolder makes the folder of a report, if one is wanted, and checks before the work that files can be written there.
func checkOutFolder(folder string) error {
	if folder == "" {
		return nil
	}
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return err
	}
	f, err := os.CreateTemp(folder, ".report.*.tmp")
	if err != nil {
		return fmt.Errorf("write into %s: %w", folder, regular.Reason(err))
	}
	f.Close()
	return os.Remove(f.Name())
}

// width returns the columns of a report: those of the terminal, or 0 for no limit.
func (e *env) width() int {
	if e.page == nil {
		return 0
	}
	return e.page.Width()
}
