package cli

import (
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/internal/chart"
	"github.com/seed-f4dd853e/elman/internal/regular"
	"github.com/seed-f4dd853e/elman/train"
)

// check settles what can be said of the flags before any text is read.
func (f *trainFlags) check(c *cobra.Command, args []string) error {
	for _, check := range []func() error{f.checkRun, f.checkData, f.loadBase, f.checkSettings} {
		if err := check(); err != nil {
			return err
		}
	}
	switch {
	case len(args) > 0 && (f.set.Changed("language") || f.set.Changed("size")):
		return usagef("--language and --size are for training without a file")
	case f.set.Changed("threads"):
		return checkThreads(f.threads)
	}
	return nil
}

// checkRun checks what is to be done, and where.
func (f *trainFlags) checkRun() error {
	switch {
	case f.plan && f.findLR:
		return usagef("--plan and --find-lr exclude each other; choose one")
	case f.asJSON && !f.plan && !f.findLR:
		return usagef("--json is for --plan and --find-lr; the figures of a training are in metrics.jsonl in its run folder")
	case f.resume && f.plan:
		return usagef("--plan is for a new training; leave out --resume")
	case f.resume && f.findLR:
		return usagef("--find-lr begins with a new network; leave out --resume")
	case f.findLR && f.set.Changed("lr"):
		return usagef("--find-lr tries learning rates of its own; leave out --lr")
	case f.resume && f.out == "":
		return usagef("--resume needs --out, the folder of the run to continue")
	case f.resume && (f.config != "" || f.recipe != ""):
		return usagef("--resume takes the settings of the run; leave out --config and --recipe")
	case f.config != "" && f.recipe != "":
		return usagef("--config and --recipe both choose settings; leave out one")
	case f.findLR && f.out != "":
		if _, err := chart.Format(f.out); err != nil {
			return usagef("--out is a picture with --find-lr, and %w", err)
		}
	}
	return nil
}

// checkData checks how the text is read, and completes it: rare words are many.
func (f *trainFlags) checkData() error {
	if f.symbols == string(corpus.Words) && !f.closed && !f.set.Changed("min-count") {
		f.minCount = 2
	}
	switch {
	case !slices.Contains(corpus.Kinds(), corpus.Kind(f.symbols)):
		return usagef("--symbols is %q, must be bytes, chars or words", f.symbols)
	case !slices.Contains(corpus.DocumentKinds(), corpus.Documents(f.documents)):
		return usagef("--documents is %q, must be whole, line or paragraph", f.documents)
	case f.minCount < 1:
		return usagef("--min-count is %d, must be at least 1", f.minCount)
	case f.minCount > 1 && f.closed:
		return usagef("--min-count is for the escape symbol, which a --closed alphabet lacks")
	case !(f.valid >= 0 && f.valid < 1):
		return usagef("--valid is %v, must be at least 0 and below 1", f.valid)
	case f.valid == 0 && f.given.Budget.EarlyStop > 0:
		return usagef("--early-stop watches the validation loss, and with --valid 0 there is none")
	case f.size < 1000 || f.size > 1<<34:
		return usagef("--size is %d, must be 1000 to %d", f.size, int64(1)<<34)
	}
	return nil
}

// loadBase reads the settings that the flags change.
func (f *trainFlags) loadBase() error {
	var s train.Settings
	var err error
	switch {
	case f.recipe != "":
		if _, err := train.FindRecipe(f.recipe); err != nil {
			return usageError{err}
		}
		return nil
	case f.config != "":
		if s, err = readConfig(f.config); err != nil {
			return fmt.Errorf("--config %s: %w", quoted(f.config), regular.Reason(err))
		}
	case f.resume:
		if s, err = train.RunSettings(f.out); err != nil {
			return err
		}
	default:
		return nil
	}
	f.base = &s
	return nil
}

// maxConfig is more than any settings take: a code for each of 65,536 symbols.
const maxConfig = 1 << 22

// readConfig reads settings from a file.
func readConfig(path string) (train.Settings, error) {
	b, err := regular.Read(path, maxConfig)
	switch {
	case errors.Is(err, regular.ErrNotRegular):
		return train.Settings{}, fmt.Errorf("%w; give a run.json, or what --plan --json printed", err)
	case err != nil:
		return train.Settings{}, err
	}
	s, err := train.ReadSettings(b)
	if err != nil {
		err = fmt.Errorf("%w; give a run.json, or what --plan --json printed", err)
	}
	return s, err
}

// checkSettings finds what is wrong with the settings whatever the text is: what is wrong with two very different ones.
func (f *trainFlags) checkSettings() error {
	words := f.symbols == string(corpus.Words)
	_, few := f.choice().Settings(train.Facts{Symbols: 2, Words: words, Length: 1 << 40})
	_, many := f.choice().Settings(train.Facts{Symbols: 3, Words: words, Length: 1 << 41})
	if few != nil && many != nil && few.Error() == many.Error() && !f.resume {
		return usageError{few}
	}
	return nil
}
