package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/generate"
	"github.com/seed-f4dd853e/elman/internal/memory"
	"github.com/seed-f4dd853e/elman/internal/setting"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/train"
	"github.com/seed-f4dd853e/elman/train/run"
)

func trainCommand(e *env) *cobra.Command {
	f := &trainFlags{}
	c := &cobra.Command{
		Use:   "train [FILE...]",
		Short: "Learn a language model from text",
		Long: `Learn a language model from text files, read as one text ("-" is standard input).
Without a file, learn a pipe's text or else a generated play.

Every setting has a default that follows from the text and --time; --plan prints them all.
Ctrl-C saves the run; --resume continues it and ends with the same weights.
Prints the path of the best model. docs/training.md explains more; docs/defaults.md says why.`,
		Example: `  elman train book.txt --out novel --epochs 20
  elman train book.txt --out novel --resume                # after Ctrl-C
  elman train book.txt --hidden 512 --plan
  elman train names.txt --documents line --early-stop 5
  elman train letters.txt --init-from novel                # fine-tune
  cat *.log | elman train --symbols bytes --time 10m`,
		RunE: func(c *cobra.Command, args []string) error { return e.train(c, f, args) },
	}
	groups := f.declare(c)
	c.SetUsageFunc(func(c *cobra.Command) error { return writeGroups(c, groups) })
	return c
}

func (e *env) train(c *cobra.Command, f *trainFlags, args []string) error {
	if err := f.check(c, args); err != nil {
		return err
	}
	pictures := []string{}
	if f.findLR && f.out != "" {
		pictures = append(pictures, f.out)
	} else if err := guardFolder(f.out); err != nil {
		return err
	}
	if err := e.guard(slices.Concat(args, f.others()), pictures...); err != nil {
		return err
	}
	texts, err := e.openTexts(c.Context(), f, args)
	if err != nil {
		return err
	}
	defer texts.Close()
	data, err := e.readCorpus(f, texts)
	if err != nil {
		return err
	}
	return e.trainOn(c.Context(), f, data, texts)
}

// asUsage makes an error of settings one of the command line. Those of a run that is resumed are not its fault, nor is it that
// memory is scarce.
func (f *trainFlags) asUsage(err error) error {
	scarce := (*memory.Shortage)(nil)
	if wrong := (*setting.Error)(nil); errors.As(err, &wrong) && !errors.As(err, &scarce) && !f.resume {
		return usageError{err}
	}
	return err
}

// trainOn does what the flags ask for with a corpus of texts.
func (e *env) trainOn(ctx context.Context, f *trainFlags, data *corpus.Corpus, texts *trainTexts) error {
	name := texts.name
	o := train.Options{Window: e.window, Folder: f.out, Resume: f.resume, Threads: f.threads, Version: version(), Source: name, Language: texts.generated, Sample: sampler(ctx, f.seed()),
		Init: f.init, InitName: f.initFrom, ValidName: f.validFile, TestName: f.testFile, KeepAt: f.keepAt}
	if f.findLR || f.plan {
		e.noteTexts(f, data, texts.paths)
	}
	switch {
	case f.findLR:
		return f.asUsage(e.findRate(ctx, f, data, name, o))
	case f.plan:
		return f.asUsage(e.plan(ctx, f, data, name, o))
	}
	var err error
	if f.out == "" {
		var release func()
		if f.out, release, err = claimFolder(name); err != nil {
			return err
		}
		defer release()
		o.Folder = f.out
	}
	defer limitGC()()
	f.settings, err = train.Resolve(ctx, data, f.choice(), o)
	if errors.Is(err, train.ErrInterrupted) {
		return interruptedf(" while the speed was measured; nothing was begun")
	} else if err != nil {
		return f.asUsage(err)
	}
	e.noteTexts(f, data, texts.paths)
	if err := e.noteKept(f, data); err != nil {
		return err
	}
	f.init = nil // Run lets go of it too
	f.useThreads()
	shown := &stages{e: e, ctx: ctx, flags: *f, data: data, name: name}
	defer shown.Stop() // also when the training panics: a terminal must not be left as a panel has it
	begun := int64(0)
	o.Start = func(s train.Start) {
		begun = s.Step
		e.saving.Store(true)
		shown.start(s)
	}
	o.Report, o.Diverged, o.Progress = freeAfter(shown.Report), shown.Diverged, shown.Progress
	result, err := train.Run(ctx, data, f.settings, o)
	e.saving.Store(false)
	shown.Stop()
	switch {
	case errors.Is(err, train.ErrInterrupted):
		return interruptedf("; the run is saved: repeat the command with --out " + quoted(f.out) + " --resume to go on")
	case errors.Is(err, corpus.ErrChanged):
		if _, missing := os.Stat(filepath.Join(f.out, run.InfoName)); missing == nil {
			err = fmt.Errorf("%w; %s keeps the run up to its last checkpoint", err, f.out)
		}
		return err
	case err != nil:
		return err
	}
	fmt.Fprintf(e.stdout, "%s\n", filepath.Join(f.out, model.FileName))
	if !f.quiet {
		e.tellTest(f, data, result.Tested)
	}
	e.trainVerdict(ctx, f, data, texts.generated)
	if !f.quiet {
		farewell(e.stderr, result, begun)
	}
	return nil
}

// useThreads fills in how many workers there will be, for people to read.
func (f *trainFlags) useThreads() {
	if f.threads == 0 {
		f.threads = f.settings.Workers(runtime.NumCPU())
	}
}

// seed returns the one that the training will have.
func (f *trainFlags) seed() uint64 {
	s := train.Settings{Seed: 1}
	if f.base != nil {
		s = *f.base
	}
	f.change(&s)
	return s.Seed
}

// claimFolder makes a folder for a run of the named text, whose release removes it unless something has been saved in it.
func claimFolder(name string) (folder string, release func(), err error) {
	if name == "" || strings.HasPrefix(name, ".") {
		name = "text"
	}
	return run.Claim(filepath.Join("runs", name))
}

// sampler writes the sample of a report: the same seed each time, so that what changes is the model.
func sampler(ctx context.Context, seed uint64) func(*model.Model) (string, error) {
	return func(m *model.Model) (string, error) {
		defer debug.FreeOSMemory() // as freeAfter does
		o := generate.Defaults()
		o.Temperature, o.Seed = 0.8, seed
		texts, err := generate.New(m).Strings(ctx, o)
		if err != nil {
			return "", err
		}
		return texts[0], nil
	}
}
