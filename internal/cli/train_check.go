package cli

import (
	"cmp"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/optim"
	"github.com/seed-f4dd853e/elman/rnn"
	"github.com/seed-f4dd853e/elman/train"
)

// check settles what can be said of the flags before any text is read.
func (f *trainFlags) check(c *cobra.Command, args []string) error {
	if f.out == "" && c.Flags().Changed("out") {
		return usagef("--out is empty, must be a folder; leave it out for a new one")
	}
	if err := f.checkDry(c); err != nil {
		return err
	}
	if f.resume && f.out == "" {
		return usagef("--resume needs --out, the folder of the run to go on with")
	}
	if err := f.begin(c.Flags()); err != nil {
		return err
	}
	for _, name := range f.noZero() {
		if fl := c.Flags().Lookup(name); fl.Changed && strings.Trim(fl.Value.String(), "-0s") == "" {
			return usagef("--%s is %s, must be above 0; leave it out for the default", name, fl.Value)
		}
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
	case f.settings.Budget.EarlyStop < 0 && c.Flags().Changed("early-stop"):
		return usagef("--early-stop is %d, must be 0 (never) or more", f.settings.Budget.EarlyStop)
	case f.valid == 0 && f.settings.Budget.EarlyStop > 0:
		return usagef("--early-stop watches the validation loss, and with --valid 0 there is none")
	case f.size < 1000 || f.size > 1<<34:
		return usagef("--size is %d, must be 1000 to %d", f.size, int64(1)<<34)
	case len(args) > 0 && (c.Flags().Changed("language") || c.Flags().Changed("size")):
		return usagef("--language and --size are for training without a file")
	}
	if s := &f.settings.Budget; s.EarlyStop == 0 && c.Flags().Changed("early-stop") {
		s.EarlyStop = -1 // 0 leaves that of a run that is resumed
	}
	switch s := &f.settings; {
	case !c.Flags().Changed("retries"):
	case s.Retries < 0:
		return usagef("--retries is %d, must be 0 or more", s.Retries)
	case s.Retries == 0:
		s.Retries = -1 // 0 is the default, 3
	}
	for _, fl := range []struct {
		name  string
		value *float64
	}{{"dropout", &f.settings.Dropout}, {"dropout-recurrent", &f.settings.DropoutRecurrent}, {"clip-norm", &f.settings.ClipNorm}} {
		switch {
		case *fl.value < 0:
			return usagef("--%s is %v, must be 0 (none) or more", fl.name, *fl.value)
		case *fl.value == 0 && c.Flags().Changed(fl.name):
			*fl.value = -1 // 0 is the default
		}
	}
	if _, err := f.settings.WithDefaults(2, 1<<40); err != nil { // of the text, which is still to be read, the best is assumed
		return usageError{err}
	}
	if c.Flags().Changed("threads") {
		return checkThreads(f.threads)
	}
	return nil
}

// noZero names the flags that must not be set to 0, which in settings stands for a default that is another number.
func (f *trainFlags) noZero() []string {
	names := []string{"hidden", "layers", "batch", "window", "epochs", "steps-total", "time", "lr", "lr-factor", "lr-every", "patience", "report-every"}
	rule, err := optim.FindRule(cmp.Or(f.settings.Optimizer.Optimizer, train.DefaultOptimizer))
	for _, k := range optim.Hyperparameters() {
		if def, takes := rule.Defaults[k.Name]; err == nil && takes && def != 0 {
			names = append(names, flagOf(k))
		}
	}
	return names
}

// begin puts the settings of a recipe, or those of the run to resume, in place of all that were not set by a flag.
func (f *trainFlags) begin(flags *pflag.FlagSet) error {
	var from train.Settings
	switch {
	case f.recipe != "":
		r, err := train.FindRecipe(f.recipe)
		if err != nil {
			return usageError{err}
		}
		from = r.Settings
	case f.resume:
		var err error
		if from, err = train.Saved(f.out); err != nil {
			return err
		}
	default:
		return nil
	}
	given := map[string]string{}
	flags.Visit(func(fl *pflag.Flag) { given[fl.Name] = fl.Value.String() })
	f.settings = from
	if cell, err := rnn.FindCell(given["cell"]); f.recipe != "" && err == nil && cell.Activations == nil {
		f.settings.Network.Activation = "" // the recipe's is for another cell
	}
	if flags.Changed("epochs") || flags.Changed("steps-total") || flags.Changed("time") {
		f.settings.Budget = train.Budget{EarlyStop: f.settings.Budget.EarlyStop}
	}
	for name, value := range given {
		if err := flags.Set(name, value); err != nil {
			return err
		}
	}
	return nil
}
