package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/generate"
	"github.com/seed-f4dd853e/elman/internal/term"
	"github.com/seed-f4dd853e/elman/language"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/optim"
	"github.com/seed-f4dd853e/elman/rnn"
	"github.com/seed-f4dd853e/elman/train"
	"github.com/seed-f4dd853e/elman/train/run"
)

// trainFlags is the command line of train.
type trainFlags struct {
	out, recipe, symbols, language, documents   string
	valid                                       float64
	resume, quiet, closed, plan, findLR, asJSON bool
	threads, minCount                           int
	size                                        int64
	settings                                    train.Settings
}

func trainCommand(e *env) *cobra.Command {
	f := &trainFlags{}
	c := &cobra.Command{
		Use:   "train [FILE...]",
		Short: "Learn a language model from text",
		Long: `Learn a language model from text files, read as one text in the order given ("-" is
standard input). Without a file it learns the generated language "play".

The run folder receives model.safetensors (the best model so far), last.safetensors (the one at
the end), state.safetensors (to resume), metrics.jsonl, samples.txt and run.json. Ctrl-C saves the
run; with --resume it goes on, with its own settings, and ends with the same bits as a run that was
never stopped. Only --epochs, --steps-total, --time, --early-stop, --retries and --threads may
change; a --schedule cosine then falls towards the new end. With --time the speed is measured for
two seconds, and the number of training steps chosen: it is printed, with the flags that repeat the
run bit for bit. --early-stop ends it sooner, when the validation loss gets no lower.

Standard output receives the model's path. A verdict at the end tells how good the best model is,
see elman score --help; --quiet leaves it out.

With --documents line or paragraph each is a text of its own: it is read from a state of zero, and
they come in another order in each pass. Where a loss is not finite, or far above that of guessing,
the run goes back to its last report and on at half the rate.

The network, where nothing is said of it, goes by the --time allowed, and is the first without;
--recipe chooses one by name:
` + train.DescribeSizes() + `

Without --optimizer it is trained by adamw at a rate of 4.1/hidden (0.6 times that for elman and
gru, 0.3 times in blocks, at most 0.02), which rises for 100 training steps and then falls along a
cosine, with --weight-decay 0.0005/rate and --clip-norm 1. --dropout and --dropout-recurrent go by the
passes over the text: none below 1.5 of them, 0.1 and 0.1 below 5, and from there 0.1 and 0.15, or
both 0.25 if there are at least twice as many weights as symbols in the text. --optimizer stands for
itself alone, at a constant rate.

Optimizers, with their learning rates:
` + optimizerList() + `

Schedules of the learning rate, all with --warmup if asked for:
` + scheduleList(),
		Example: `  elman train                                                  # a first try, on generated dialogue
  elman train book.txt --out novel --epochs 20
  elman train book.txt --out novel --epochs 20 --resume        # after Ctrl-C
  elman train book.txt --out novel --epochs 30 --resume        # ten passes more
  elman train book.txt --hidden 1024 --plan                    # how long would that take?
  elman train book.txt --optimizer sgd --find-lr --out rates.png
  elman train book.txt --epochs 100 --early-stop 5
  elman train book.txt --recipe notebook-rnn --hidden 256
  elman train names.txt --documents line
  cat *.log | elman train - --symbols bytes --time 10m`,
		RunE: func(c *cobra.Command, args []string) error { return e.train(c, f, args) },
	}
	fl, s := c.Flags(), &f.settings
	fl.StringVar(&f.out, "out", "", "run folder (default: a new one, runs/NAME-1 and so on)")
	fl.BoolVar(&f.resume, "resume", false, "go on with the run in --out")
	fl.StringVar(&f.recipe, "recipe", "", "a named set of settings: "+strings.Join(recipeNames(), ", ")+"; other flags change it")
	fl.StringVar(&f.symbols, "symbols", "chars", "what is predicted: bytes, chars or words")
	fl.BoolVar(&f.closed, "closed", false, "no escape symbol: what the text lacks can never be read")
	fl.IntVar(&f.minCount, "min-count", 1, "symbols that occur less often become the escape")
	fl.StringVar(&f.documents, "documents", "whole", "what is a text of its own, read from a state of zero: whole (all), line or paragraph; in random order")
	fl.Float64Var(&f.valid, "valid", 0.1, "share of the text's tail held out to measure the validation loss")
	fl.StringVar(&f.language, "language", "play", "generated language to learn where no file is given: "+languageNames())
	fl.Int64Var(&f.size, "size", 1<<20, "bytes of the generated language")
	fl.StringVar(&s.Network.Cell, "cell", "", "recurrent layer (default lstm): "+strings.Join(cellNames(func(rnn.CellInfo) bool { return true }), ", "))
	fl.StringVar(&s.Network.Activation, "activation", "", activationUsage())
	fl.IntVar(&s.Network.Hidden, "hidden", 0, "units of each layer (default 256)")
	fl.IntVar(&s.Network.Layers, "layers", 0, "recurrent layers (default 1)")
	fl.BoolVar(&s.Network.Block, "block", false, "residual blocks: each layer, and an MLP after it, adds to what it reads through a norm")
	fl.IntVar(&s.Network.MLP, "mlp", 0, "units of the MLP of each block (default twice --hidden)")
	fl.IntVar(&s.Network.Embedding, "embedding", 0, "width of a learned vector for each symbol (0: none, or --hidden in blocks)")
	fl.BoolVar(&s.Network.Tie, "tie", false, "the embedding is the output layer's matrix too; needs --block, or --embedding as wide as --hidden")
	fl.IntVar(&s.Network.Conv, "conv", 0, "time steps that a convolution in front of each layer sees (0: none); needs --block or --embedding")
	fl.BoolVar(&s.Network.LearnInitial, "learn-initial", false, "the state that a stream or document starts from is learned, not zero")
	fl.BoolVar(&s.Network.LayerNorm, "layer-norm", false, "layer normalization inside the cell, of inputs, recurrence and memory (not for "+cellsWithoutRecurrence()+")")
	fl.Float64Var(&s.Dropout, "dropout", 0, "share of the layers' or branches' outputs set to zero in training, rounded to 1/256 (default by passes and text, or none where --optimizer is given)")
	fl.BoolVar(&s.DropoutVariational, "dropout-variational", false, "--dropout sets the same outputs to zero at all time steps of a window")
	fl.Float64Var(&s.DropoutRecurrent, "dropout-recurrent", 0, "dropout on the recurrence, one mask for each window (not for "+cellsWithoutRecurrence()+")")
	fl.Float64Var(&s.Init.Normal, "init", 0, "standard deviation of normal initial weights, biases zero (0: uniform up to 1/sqrt(hidden))")
	fl.Float64Var(&s.Init.ForgetBias, "forget-bias", 0, "added to the initial biases of forget gates (for "+strings.Join(cellNames(func(c rnn.CellInfo) bool { return c.ForgetGate != "" }), ", ")+")")
	fl.IntVar(&s.Batch, "batch", 0, "streams read side by side (default 32, or fewer for a short text)")
	fl.IntVar(&s.Window, "window", 0, "time steps of truncated backpropagation (default 64)")
	fl.IntVar(&s.Budget.Epochs, "epochs", 0, "passes over the text (default 10, more if it is short, if neither training steps nor time are given)")
	fl.Int64Var(&s.Budget.Steps, "steps-total", 0, "training steps in all")
	fl.DurationVar(&s.Budget.Time, "time", 0, "time on the clock, such as 90s or 10m")
	fl.Int64Var(&s.Budget.EarlyStop, "early-stop", 0, "end the run when so many reports have brought no new lowest validation loss (0: never)")
	fl.StringVar(&s.Optimizer.Optimizer, "optimizer", "", "update rule (default adamw): "+strings.Join(optimizerNames(), ", "))
	fl.Float64Var(&s.Optimizer.LearningRate, "lr", 0, "learning rate (default 4.1/hidden, or where --optimizer is given its own)")
	for _, k := range optim.Hyperparameters() {
		fl.Float64Var(k.In(&s.Optimizer), flagOf(k), 0, k.Usage())
	}
	addSchedule(fl, &s.Schedule)
	fl.Float64Var(&s.Average, "average", 0, "the model is a running mean of the weights, which keeps this share of itself in each training step; 0 is none")
	fl.Float64Var(&s.ClipValue, "clip-value", 0, "limit for each element of the gradient (0: none)")
	fl.Float64Var(&s.ClipNorm, "clip-norm", 0, "limit for the gradient's norm (0: none; default 1, or none where --optimizer is given)")
	fl.BoolVar(&s.Sum, "sum", false, "follow the gradient of the summed loss of a window, not of its mean")
	fl.Uint64Var(&s.Seed, "seed", 1, "of everything random")
	fl.Int64Var(&s.ReportEvery, "report-every", 0, "training steps between reports (default 250, or a twentieth of a longer run)")
	fl.BoolVar(&s.ReportEpochs, "report-epochs", false, "report at the end of each pass too, and count --report-every from there")
	fl.IntVar(&s.Retries, "retries", 3, "how often a training that diverges goes back to its last report and on at half the rate")
	fl.IntVar(&f.threads, "threads", 0, "workers; never changes a bit (default one a core, or fewer for a small network)")
	fl.BoolVar(&f.quiet, "quiet", false, "no progress")
	fl.BoolVar(&f.plan, "plan", false, "say what the training will take: weights, work, time, memory; train nothing")
	fl.BoolVar(&f.findLR, "find-lr", false, "try learning rates from 1e-6 to 1 and suggest one; --out is a picture then, FILE.png or FILE.svg")
	fl.BoolVar(&f.asJSON, "json", false, "with --plan or --find-lr: a JSON object")
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
	if err := e.guard(args, pictures...); err != nil {
		return err
	}
	text, name, err := e.openText(c.Context(), f, args)
	if err != nil {
		return err
	}
	defer text.Close()
	data, err := e.readCorpus(f, text, name)
	if err != nil {
		return err
	}
	if hint := lineHint(data.LineBreaks); hint != "" && !f.quiet {
		fmt.Fprintln(e.stderr, hint)
	}
	if f.resume { // before its settings are asked to go with the text
		if err := train.CheckText(f.out, data, f.settings.Seed); err != nil {
			return err
		}
	}
	full, err := f.settings.WithDefaults(data.Alphabet.Size(), data.Train().Len())
	if err != nil {
		return usageError{err}
	}
	if !c.Flags().Changed("threads") {
		f.threads = full.Workers(runtime.NumCPU())
	}
	if f.findLR {
		return e.findRate(c.Context(), f, data, name)
	}
	if f.plan {
		return e.plan(c.Context(), f, data, name)
	}
	if f.out == "" {
		var release func()
		if f.out, release, err = claimFolder(name); err != nil {
			return err
		}
		defer release()
	}
	defer limitGC()()
	if err := e.resolve(c.Context(), f, data); err != nil {
		return err
	}
	language := "" // of a generated text
	if len(args) == 0 {
		language = f.language
	}
	shown := e.newDisplay(c.Context(), f, data, name)
	defer shown.Stop() // also when the training panics: a terminal must not be left as a panel has it
	begun := int64(0)
	result, err := train.Run(c.Context(), data, f.settings, train.Options{
		Folder: f.out, Resume: f.resume, Threads: f.threads, Version: version(), Source: name, Language: language,
		Start: func(step int64) {
			begun = step
			e.saving.Store(true)
			shown.Start(step)
		},
		Sample: sampler(c.Context(), f.settings.Seed), Report: freeAfter(shown.Report), Diverged: shown.Diverged, Progress: shown.Progress,
	})
	e.saving.Store(false)
	shown.Stop()
	switch {
	case errors.Is(err, train.ErrInterrupted):
		return interruptedf("; the run is saved: repeat the command with --out " + f.out + " --resume to go on")
	case errors.Is(err, corpus.ErrChanged):
		if _, missing := os.Stat(filepath.Join(f.out, run.InfoName)); missing == nil {
			err = fmt.Errorf("%w; %s keeps the run up to its last checkpoint", err, f.out)
		}
		return err
	case err != nil:
		return err
	}
	fmt.Fprintf(e.stdout, "%s\n", filepath.Join(f.out, model.FileName))
	e.trainVerdict(c.Context(), f, data, language)
	if !f.quiet {
		farewell(e.stderr, result, begun)
	}
	return nil
}

// addSchedule declares the flags of the learning rate's schedule.
func addSchedule(fl *pflag.FlagSet, s *optim.Schedule) {
	fl.StringVar(&s.Name, "schedule", "", "how the learning rate changes (default cosine, or constant where --optimizer is given): "+strings.Join(scheduleNames(), ", "))
	fl.Int64Var(&s.Warmup, "warmup", 0, "training steps over which the learning rate first rises")
	fl.Float64Var(&s.Final, "lr-final", 0, "lowest learning rate, as a share of --lr, of the schedules cosine and plateau")
	fl.Float64Var(&s.Factor, "lr-factor", 0, "what a drop leaves of the learning rate, of the schedules step and plateau (default 0.5)")
	fl.Int64Var(&s.Every, "lr-every", 0, "training steps between drops, of the schedule step")
	fl.Int64Var(&s.Patience, "patience", 0, "reports in a row that may bring no new lowest validation loss; the next one lowers the rate, with the schedule plateau (default 3)")
}

// cellNames lists the cells for which has is true.
func cellNames(has func(rnn.CellInfo) bool) (names []string) {
	for _, c := range rnn.Cells() {
		if has(c) {
			names = append(names, c.Name)
		}
	}
	return names
}

func cellsWithoutRecurrence() string {
	return strings.Join(cellNames(func(c rnn.CellInfo) bool { return c.NoRecurrence }), ", ")
}

// activationUsage says which cells have a choice of activations.
func activationUsage() string {
	var usage []string
	for _, c := range rnn.Cells() {
		if c.Activations != nil {
			usage = append(usage, fmt.Sprintf("for %s: %s (default %s)", c.Name, strings.Join(c.Activations, ", "), c.Activations[0]))
		}
	}
	return strings.Join(usage, "; ")
}

func optimizerNames() (names []string) {
	for _, r := range optim.Rules() {
		names = append(names, r.Name)
	}
	return names
}

func scheduleNames() (names []string) {
	for _, s := range optim.Schedules() {
		names = append(names, s.Name)
	}
	return names
}

// optimizerList lists the optimizers, a line each.
func optimizerList() string {
	var lines []string
	for _, r := range optim.Rules() {
		lines = append(lines, fmt.Sprintf("  %-9s %s (--lr %v)", r.Name, r.Doc, r.LearningRate))
	}
	return strings.Join(lines, "\n")
}

// scheduleList lists the schedules, a line each.
func scheduleList() string {
	var lines []string
	for _, s := range optim.Schedules() {
		lines = append(lines, fmt.Sprintf("  %-9s %s", s.Name, s.Doc))
	}
	return strings.Join(lines, "\n")
}

// flagOf returns the name of the flag that sets a hyperparameter.
func flagOf(h optim.Hyperparameter) string { return strings.ReplaceAll(h.Name, "_", "-") }

func recipeNames() []string {
	var names []string
	for _, r := range train.Recipes() {
		names = append(names, r.Name)
	}
	return names
}

// resolve fixes the end of the run, for which the speed may have to be measured.
func (e *env) resolve(ctx context.Context, f *trainFlags, c *corpus.Corpus) error {
	var err error
	f.settings, err = train.Resolve(ctx, c, f.settings, train.Options{
		Folder: f.out, Resume: f.resume, Threads: f.threads, Sample: sampler(ctx, f.settings.Seed),
	})
	if errors.Is(err, train.ErrInterrupted) {
		return interruptedf(" while the speed was measured; nothing was begun")
	}
	return err
}

// openText opens the files, or generates the language, and gives the text a name.
func (e *env) openText(ctx context.Context, f *trainFlags, args []string) (*corpus.Text, string, error) {
	if len(args) > 0 {
		base := filepath.Base(args[0])
		name := strings.TrimSuffix(base, filepath.Ext(base))
		if args[0] == "-" {
			name = "stdin"
		}
		text, err := corpus.Open(ctx, args, e.stdin)
		return text, name, err
	}
	l, err := language.Find(f.language)
	if err != nil {
		return nil, "", usageError{err}
	}
	return corpus.FromBytes(l.Name, l.Generate(f.settings.Seed, int(f.size))), l.Name, nil
}

// readCorpus learns the alphabet of a text.
func (e *env) readCorpus(f *trainFlags, text *corpus.Text, name string) (*corpus.Corpus, error) {
	var shown *term.Status
	if !f.quiet {
		shown = term.NewStatus(e.screen)
	}
	defer shown.End()
	work, size := "reading "+name, float64(text.Size())
	return corpus.New(text, corpus.Options{
		Kind: corpus.Kind(f.symbols), Closed: f.closed, MinCount: f.minCount, Valid: f.valid, Documents: corpus.Documents(f.documents),
		Progress: func(read int64) { shown.Tell(work, float64(read)/size) },
	})
}

// lineHint says what a text holds besides its letters that most would not want to be learned, "" if there is nothing.
func lineHint(l corpus.LineBreaks) string {
	var what []string
	if l.BOM {
		what = append(what, "begins with a byte order mark (tail -c +4 leaves it out)")
	}
	switch {
	case l.CRLF > 0 && l.CRLF >= l.LF:
		what = append(what, "ends its lines with CR LF (tr -d '\\r' removes the CR)")
	case l.CR > l.LF+l.CRLF:
		what = append(what, "ends its lines with CR alone (tr '\\r' '\\n' makes them LF)")
	}
	if len(what) == 0 {
		return ""
	}
	return "note: the text " + strings.Join(what, " and ") + "; it is learned as it is"
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
		texts, err := generate.New(m).Strings(context.WithoutCancel(ctx), o)
		if err != nil {
			return "", err
		}
		return texts[0], nil
	}
}
