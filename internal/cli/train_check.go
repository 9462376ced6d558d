package cli

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/internal/chart"
	"github.com/seed-f4dd853e/elman/internal/regular"
	"github.com/seed-f4dd853e/elman/train"
)

// check settles what can be said of the flags before any text is read.
func (f *trainFlags) check(c *cobra.Command, args []string) error {
	for _, check := range []func() error{f.checkRun, func() error { return f.checkFiles(args) }, f.loadInit, f.checkData, f.loadBase, f.checkSettings} {
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
	case f.findLR && f.set.Changed("keep-at"):
		return usagef("--find-lr keeps no model; leave out --keep-at")
	case f.findLR && f.testFile != "":
		return usagef("--find-lr makes no model to test; leave out --test-file")
	case f.findLR && f.out != "":
		if _, err := chart.Format(f.out); err != nil {
			return usagef("--out is a picture with --find-lr, and %w", err)
		}
	}
	return nil
}

// checkFiles checks the files besides the text, and what goes with them.
func (f *trainFlags) checkFiles(args []string) (err error) {
	if err := onePipe(append([]string{f.validFile, f.testFile}, args...)...); err != nil {
		return err
	}
	switch {
	case (f.validFile == "-" || f.testFile == "-") && len(args) == 0 && !f.set.Changed("language") && !f.set.Changed("size"):
		return usagef("- is standard input, which then is not the text to learn from; name a file for that")
	case f.initFrom == "-":
		return usagef("--init-from is -, must be a model file or a run folder")
	case f.validFile != "" && f.set.Changed("valid"):
		return usagef("--valid-file takes the place of --valid; leave out one")
	case len(f.keepAtTexts) > 0:
		f.keepAt, err = parseKeepAt(strings.Join(f.keepAtTexts, ","))
	}
	return err
}

// loadInit loads the model that the training begins with, and takes from it how the text is read. A run to resume has its own
// copy.
func (f *trainFlags) loadInit() (err error) {
	if f.initFrom != "" {
		if f.init, err = loadModel(f.initFrom); err != nil && !(f.resume && errors.Is(err, fs.ErrNotExist)) {
			return fmt.Errorf("--init-from: %w", err)
		}
	}
	f.init, err = train.StartModel(train.Options{Init: f.init, InitName: f.initFrom, Folder: f.out, Resume: f.resume})
	if err != nil || f.init == nil {
		return f.asUsage(err)
	}
	a := f.init.Alphabet
	switch closed := a.Escape() < 0; {
	case f.set.Changed("symbols") && f.symbols != string(a.Kind()):
		return usagef("--symbols is %s, but the model of --init-from has %s; leave it out", f.symbols, a.Kind())
	case f.set.Changed("closed") && f.closed != closed:
		return usagef("the model of --init-from has an alphabet %s; leave out --closed", map[bool]string{true: "without an escape", false: "with an escape"}[closed])
	case f.set.Changed("lowercase") && f.lowercase != a.Lowercase():
		return usagef("--lowercase is %v, but of the alphabet of --init-from it is %v; leave it out", f.lowercase, a.Lowercase())
	case f.set.Changed("alphabet-size"):
		return usagef("the alphabet is that of --init-from; leave out --alphabet-size")
	case f.set.Changed("init") || f.set.Changed("forget-bias"):
		return usagef("--init and --forget-bias begin a new network; leave them out with --init-from")
	default:
		f.symbols, f.closed, f.lowercase = string(a.Kind()), closed, a.Lowercase()
	}
	if !f.set.Changed("documents") {
		f.documents = string(cmp.Or(f.init.Documents, corpus.Whole))
	}
	return nil
}

// defaultWords is the most words of an alphabet: each costs time at every symbol.
const defaultWords = 20_000

// checkData checks how the text is read, and completes it: rare words are many.
func (f *trainFlags) checkData() error {
	switch {
	case f.symbols == string(corpus.Subwords) && !f.set.Changed("alphabet-size"):
		f.alphabetSize = corpus.DefaultSubwords
	case f.symbols == string(corpus.Words) && !f.closed:
		if !f.set.Changed("min-count") {
			f.minCount = 2
		}
		if !f.set.Changed("alphabet-size") {
			f.alphabetSize = defaultWords
		}
	}
	switch {
	case !slices.Contains(corpus.Kinds(), corpus.Kind(f.symbols)):
		return usagef("--symbols is %q, must be bytes, chars, words or subwords", f.symbols)
	case !slices.Contains(corpus.DocumentKinds(), corpus.Documents(f.documents)):
		return usagef("--documents is %q, must be whole, line or paragraph", f.documents)
	case f.set.Changed("alphabet-size") && f.symbols != string(corpus.Subwords) && f.symbols != string(corpus.Words):
		return usagef("--alphabet-size is for words and subwords; other alphabets have the symbols that occur (--min-count)")
	case f.set.Changed("alphabet-size") && f.symbols == string(corpus.Words) && f.closed:
		return usagef("--alphabet-size is for the escape symbol, which a --closed alphabet of words lacks")
	case f.symbols == string(corpus.Subwords) && (f.alphabetSize < 256 || f.alphabetSize > corpus.MostSubwords):
		return usagef("--alphabet-size is %d, must be 256 to %d for subwords", f.alphabetSize, corpus.MostSubwords)
	case f.set.Changed("alphabet-size") && f.alphabetSize < 1:
		return usagef("--alphabet-size is %d, must be at least 1", f.alphabetSize)
	case f.minCount < 1:
		return usagef("--min-count is %d, must be at least 1", f.minCount)
	case f.minCount > 1 && f.closed:
		return usagef("--min-count is for the escape symbol, which a --closed alphabet lacks")
	case !(f.valid >= 0 && f.valid < 1):
		return usagef("--valid is %v, must be at least 0 and below 1", f.valid)
	case f.valid == 0 && f.validFile == "" && f.given.Budget.EarlyStop > 0:
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
	words := f.symbols == string(corpus.Words) || f.symbols == string(corpus.Subwords)
	_, few := f.choice().Settings(train.Facts{Symbols: 2, Words: words, Length: 1 << 40})
	_, many := f.choice().Settings(train.Facts{Symbols: 3, Words: words, Length: 1 << 41})
	if few != nil && many != nil && few.Error() == many.Error() && !f.resume {
		return usageError{few}
	}
	return nil
}
