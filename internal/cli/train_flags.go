package cli

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/seed-f4dd853e/elman/internal/setting"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/optim"
	"github.com/seed-f4dd853e/elman/rnn"
	"github.com/seed-f4dd853e/elman/train"
)

// trainFlags is the command line of train.
type trainFlags struct {
	out, recipe, config, symbols, language, documents string
	validFile, testFile, initFrom                     string

	valid                                                  float64
	resume, quiet, closed, lowercase, plan, findLR, asJSON bool
	threads, minCount, alphabetSize                        int
	size                                                   int64

	given  train.Settings // what flags have set
	set    *pflag.FlagSet // to tell which
	fields map[string]settingField

	keepAt      []int64      // --keep-at
	keepAtTexts []string     // the same as given
	init        *model.Model // that the training begins with; nil for a new network

	base     *train.Settings // that the flags change: those of --config, nil for the defaults
	settings train.Settings  // complete, once the text is read
}

// A settingField is where settings hold what a flag sets.
type settingField struct {
	index []int        // of reflect.Value.FieldByIndex
	name  setting.Name // in JSON
}

// A flagGroup is flags of one subject, as --help shows them together.
type flagGroup struct {
	title string
	flags *pflag.FlagSet
}

// declare declares all flags of train.
func (f *trainFlags) declare(c *cobra.Command) []flagGroup {
	s := &f.given
	var groups []flagGroup
	group := func(title string) *pflag.FlagSet {
		groups = append(groups, flagGroup{title, pflag.NewFlagSet(title, pflag.ContinueOnError)})
		return groups[len(groups)-1].flags
	}

	fl := group("Data")
	fl.StringVar(&f.symbols, "symbols", "chars", "what is predicted: bytes, chars, words or subwords")
	fl.IntVar(&f.minCount, "min-count", 1, "rarer symbols become the escape symbol (default 1; words: 2)")
	fl.IntVar(&f.alphabetSize, "alphabet-size", 0, "most words or subwords (default words: 20000, subwords: 4000)")
	fl.BoolVar(&f.lowercase, "lowercase", false, "read every text in lower case")
	fl.BoolVar(&f.closed, "closed", false, "no escape symbol: text with unknown symbols cannot be read")
	fl.StringVar(&f.documents, "documents", "whole", "restart state at: whole (start only), line, paragraph")
	fl.Float64Var(&f.valid, "valid", 0.1, "share of the text, at its end, held out for validation")
	fl.StringVar(&f.validFile, "valid-file", "", "validate on this `file`, and learn from all of the text")
	fl.StringVar(&f.testFile, "test-file", "", "measure the best model on this `file` at the end")
	fl.StringVar(&f.language, "language", "play", "without FILE: the language to generate")
	fl.Int64Var(&f.size, "size", 1<<20, "without FILE: bytes of generated text")

	fl = group("Network")
	fl.StringVar(&s.Network.Cell, "cell", "", "recurrent layer: "+strings.Join(cellNames(nil), ", ")+" (default lstm)")
	fl.StringVar(&s.Network.Activation, "activation", "", "of the elman cell: sigmoid, tanh or relu (default tanh)")
	fl.IntVar(&s.Network.Hidden, "hidden", 0, "units per layer (default 256; words: 128)")
	fl.IntVar(&s.Network.Layers, "layers", 0, "recurrent layers (default 1)")
	fl.BoolVar(&s.Network.Block, "block", false, "residual blocks: norm, recurrent layer, norm, MLP")
	fl.IntVar(&s.Network.MLP, "mlp", 0, "units of the MLP in each block (default twice --hidden)")
	fl.IntVar(&s.Network.Embedding, "embedding", 0, "width of a vector per symbol (default: none; blocks, words: --hidden)")
	fl.BoolVar(&s.Network.Tie, "tie", false, "share the embedding with the output layer")
	fl.IntVar(&s.Network.Conv, "conv", 0, "time steps of a convolution before each layer (needs --embedding)")
	fl.BoolVar(&s.Network.LayerNorm, "layer-norm", false, "layer normalisation inside the cells"+notFor(cellNames(func(c rnn.CellInfo) bool { return c.NoRecurrence })))
	fl.BoolVar(&s.Network.LearnInitial, "learn-initial", false, "learn the initial state")
	fl.Float64Var(&s.Init.Normal, "init", 0, "standard deviation of normal initial weights (default 0: uniform)")
	fl.Float64Var(&s.Init.ForgetBias, "forget-bias", 0, "added to the initial bias of forget gates"+notFor(cellNames(func(c rnn.CellInfo) bool { return c.ForgetGate == "" })))

	fl = group("Training")
	fl.StringVar(&f.initFrom, "init-from", "", "begin with the weights of this `model`, whose network and alphabet stay")
	fl.StringVar(&f.recipe, "recipe", "", "named settings: "+strings.Join(recipeNames(), ", "))
	fl.StringVar(&f.config, "config", "", "settings from a `file`: a run.json, or what --plan --json prints")
	fl.IntVar(&s.Budget.Epochs, "epochs", 0, "passes over the text (default 10, words: 4; more for a short text)")
	fl.Int64Var(&s.Budget.Steps, "steps-total", 0, "training steps")
	fl.DurationVar(&s.Budget.Time, "time", 0, "time to train, such as 90s or 10m")
	fl.Int64Var(&s.Budget.EarlyStop, "early-stop", 0, "stop after this many reports without a lower validation loss (0: never)")
	fl.IntVar(&s.Batch, "batch", 0, "streams read side by side (default 32, words: 16; fewer for short texts)")
	fl.IntVar(&s.Window, "window", 0, "time steps of truncated backpropagation (default 64)")
	fl.IntVar(&s.Shards, "shards", 0, "groups of streams with a gradient each, which machines can share")
	fl.Float64Var(&s.TeacherShare, "teacher-share", 0, "distillation: share learned from a teacher, trained first")
	fl.Uint64Var(&s.Seed, "seed", 0, "of everything random (default 1)")
	fl.Int64Var(&s.ReportEvery, "report-every", 0, "training steps between reports (default 250; more in a long run)")
	fl.BoolVar(&s.ReportEpochs, "report-epochs", false, "report at the end of each epoch too")
	fl.IntVar(&s.Retries, "retries", 0, "restarts at half the rate after a divergence (default 3)")

	fl = group("Optimizer")
	fl.StringVar(&s.Optimizer.Optimizer, "optimizer", "", optimizerNames()+" (default adamw)")
	fl.Float64Var(&s.Optimizer.LearningRate, "lr", 0, "learning rate (default 4.1/--hidden; lower for elman, gru, blocks)")
	for _, h := range optim.Hyperparameters() {
		usage := h.Usage()
		if h.Name == "weight_decay" { // where no optimizer is named
			usage = h.Doc + " (default 0.0005/--lr)"
		}
		fl.Float64Var(h.In(&s.Optimizer), strings.ReplaceAll(h.Name, "_", "-"), 0, usage)
	}
	fl.StringVar(&s.Schedule.Name, "schedule", "", "of the learning rate: "+scheduleNames()+" (default cosine)")
	fl.Int64Var(&s.Schedule.Warmup, "warmup", 0, "training steps over which the rate first rises (default 100)")
	fl.Float64Var(&s.Schedule.Final, "lr-final", 0, "cosine, plateau: lowest rate, as a share of --lr")
	fl.Float64Var(&s.Schedule.Factor, "lr-factor", 0, "step, plateau: each drop multiplies the rate by this (default 0.5)")
	fl.Int64Var(&s.Schedule.Every, "lr-every", 0, "step: training steps between drops")
	fl.Int64Var(&s.Schedule.Patience, "patience", 0, "plateau: reports without a lower loss before a drop (default 3)")
	fl.BoolVar(&s.Sum, "sum", false, "follow the gradient of a window's summed loss, not of its mean")

	fl = group("Regularisation")
	fl.Float64Var(&s.Dropout, "dropout", 0, "dropout on the outputs of layers or blocks (default by epochs and text)")
	fl.BoolVar(&s.DropoutVariational, "dropout-variational", false, "the same --dropout mask at all time steps of a window")
	fl.Float64Var(&s.DropoutRecurrent, "dropout-recurrent", 0, "dropout on recurrent connections, one mask per window"+notFor(cellNames(func(c rnn.CellInfo) bool { return c.NoRecurrence })))
	fl.Float64Var(&s.ClipNorm, "clip-norm", 0, "largest norm of the gradient (default 1; 0: no limit)")
	fl.Float64Var(&s.ClipValue, "clip-value", 0, "largest value in the gradient (0: no limit)")
	fl.Float64Var(&s.Average, "average", 0, "train a running mean of the weights that keeps this share per step")

	fl = group("Run")
	fl.StringVar(&f.out, "out", "", "run folder (default runs/NAME-1, -2, ...)")
	fl.BoolVar(&f.resume, "resume", false, "continue the run in --out")
	fl.StringArrayVar(&f.keepAtTexts, "keep-at", nil, "keep the model after these `numbers` of symbols, such as 500k,1M,2M")
	fl.BoolVar(&f.plan, "plan", false, "print the settings, the work and the memory; train nothing")
	fl.BoolVar(&f.findLR, "find-lr", false, "try learning rates and suggest one; --out is a .png or .svg")
	fl.BoolVar(&f.asJSON, "json", false, "with --plan or --find-lr: print JSON")
	fl.IntVar(&f.threads, "threads", 0, "number of threads; does not change the result (default: as many as help)")
	fl.BoolVar(&f.quiet, "quiet", false, "print the path of the best model alone")

	for _, g := range groups {
		g.flags.SortFlags = false
		c.Flags().AddFlagSet(g.flags)
	}
	f.set = c.Flags()
	f.bind()
	return groups
}

// bind finds out which flags set a field of the settings: those whose variable it is.
func (f *trainFlags) bind() {
	byAddress := map[uintptr]settingField{}
	var walk func(v reflect.Value, index []int)
	walk = func(v reflect.Value, index []int) {
		for i := range v.NumField() {
			at := append(slices.Clone(index), i)
			if v.Field(i).Kind() == reflect.Struct {
				walk(v.Field(i), at)
				continue
			}
			name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
			byAddress[v.Field(i).Addr().Pointer()] = settingField{at, setting.Name(name)}
		}
	}
	walk(reflect.ValueOf(&f.given).Elem(), nil)
	f.fields = map[string]settingField{}
	f.set.VisitAll(func(fl *pflag.Flag) {
		if field, ok := byAddress[reflect.ValueOf(fl.Value).Pointer()]; ok {
			f.fields[fl.Name] = field
			f.set.SetAnnotation(fl.Name, settingAnnotation, []string{string(field.name)})
		}
	})
}

// settingAnnotation tells describe which setting a flag sets.
const settingAnnotation = "setting"

// flagOf returns how a setting is said on the command line of c: by its flag, if it has one.
func flagOf(c *cobra.Command, name setting.Name) string {
	found := string(name)
	if fl := c.Flags().Lookup(strings.ReplaceAll(found, "_", "-")); fl != nil {
		found = "--" + fl.Name
	}
	c.Flags().VisitAll(func(fl *pflag.Flag) {
		if slices.Contains(fl.Annotations[settingAnnotation], string(name)) {
			found = "--" + fl.Name
		}
	})
	return found
}

// change sets what the recipe and the flags say.
func (f *trainFlags) change(s *train.Settings) {
	if f.recipe != "" {
		if r, err := train.FindRecipe(f.recipe); err == nil { // check has told
			r.Change(s)
		}
	}
	if f.limited() { // whoever sets a limit wants no other
		s.Budget = train.Budget{EarlyStop: s.Budget.EarlyStop}
	}
	cell := s.Network.Cell
	f.set.Visit(func(fl *pflag.Flag) {
		if field, ok := f.fields[fl.Name]; ok {
			given := reflect.ValueOf(f.given).FieldByIndex(field.index)
			reflect.ValueOf(s).Elem().FieldByIndex(field.index).Set(given)
		}
	})
	if s.Network.Cell != cell && !f.set.Changed("activation") { // that of a recipe or --config is of another cell
		s.Network.Activation = ""
	}
}

func (f *trainFlags) limited() bool {
	return f.set.Changed("epochs") || f.set.Changed("steps-total") || f.set.Changed("time")
}

// choice is what is trained.
func (f *trainFlags) choice() train.Choice {
	c := train.Choice{Base: f.base, Change: f.change}
	if f.init != nil {
		n := f.init.Network.Config()
		c.Network = &n
	}
	return c
}

// others returns the files that the training reads besides the text.
func (f *trainFlags) others() (paths []string) {
	for _, path := range []string{f.validFile, f.testFile, f.initFrom} {
		if path != "" {
			paths = append(paths, path)
		}
	}
	return paths
}

// cellNames lists the cells for which is holds, or all.
func cellNames(is func(rnn.CellInfo) bool) (names []string) {
	for _, c := range rnn.Cells() {
		if is == nil || is(c) {
			names = append(names, c.Name)
		}
	}
	return names
}

// notFor names the cells that a flag is not for.
func notFor(cells []string) string {
	if len(cells) == 0 {
		return ""
	}
	return fmt.Sprintf(" (not for %s)", strings.Join(cells, ", "))
}

func recipeNames() (names []string) {
	for _, r := range train.Recipes() {
		names = append(names, r.Name)
	}
	return names
}

func optimizerNames() string {
	var names []string
	for _, r := range optim.Rules() {
		names = append(names, r.Name)
	}
	return strings.Join(names, ", ")
}

func scheduleNames() string {
	var names []string
	for _, s := range optim.Schedules() {
		names = append(names, s.Name)
	}
	return strings.Join(names, ", ")
}
