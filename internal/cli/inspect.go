package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/inspect"
	"github.com/seed-f4dd853e/elman/internal/report"
	"github.com/seed-f4dd853e/elman/internal/setting"
	"github.com/seed-f4dd853e/elman/internal/term"
	"github.com/seed-f4dd853e/elman/model"
)

// inspectFlags is the command line of inspect.
type inspectFlags struct {
	outs, units, ablate []string
	of, on              []string
	layer, show, top    int
	length, threads     int
	span, leaves        int
	at                  int64
	atGiven             bool
	target              string
	cluster             string
	threshold           float64
	seed                uint64
	asJSON, quiet       bool

	leavesAre inspect.Leaves // of cluster
}

func inspectCommand(e *env) *cobra.Command {
	f := &inspectFlags{}
	c := &cobra.Command{
		Use:   "inspect MODEL [FILE]",
		Short: "Look inside a model while it reads a text",
		Long: `Look inside a model while it reads a text, from a file or standard input. The findings:

` + findingList() + `
They are printed, and written to MODEL-inspect.html, a page for a browser that needs no other file.
The page colours the text by surprisal, rank, any unit or gate, or by how much earlier symbols moved
the prediction of the one pointed at, and shows what the model expected at each symbol. --out names
another file; its ending chooses the content: .html, .png or .svg (the figures), .csv (a line for
each symbol, or with --of the tables) or .npz (arrays for numpy). --out may be repeated.

Units are written LAYER:UNIT; layers count from 1 and units from 0 (in JSON layers, too, from 0).
A unit's value at a symbol is its value after reading that symbol. Findings cover the whole text;
the page, CSV and arrays cover the first symbols, as many as --show says. Influence covers as many
of them as a few seconds allow; with --of influence, all.

--on finds the parts of the text where all of some units are on: their output is above --threshold,
or, of a unit with a minus sign, below its negative.

--ablate reports the increase in bits per character of the shown symbols when each unit is
disabled. For units named one by one it adds samples with and without them.`,
		Example: `  elman inspect novel chapter.txt
  elman inspect novel chapter.txt --unit 1:37 --out unit37.html
  elman inspect novel chapter.txt --of reach --out reach.png
  elman inspect novel chapter.txt --of influence --at 1204 --out why.svg
  elman inspect novel chapter.txt --of clusters --leaves 60 --out words.svg
  elman inspect novel chapter.txt --on 1:37,-1:4 --of spans --out spans.csv
  elman inspect novel chapter.txt --ablate all --of ablation --out ablation.csv
  elman inspect novel chapter.txt --out states.npz --show 100000`,
		Args: arguments(1, 2, "a model file or run folder"),
		RunE: func(c *cobra.Command, args []string) error {
			if err := f.check(c); err != nil {
				return err
			}
			if len(args) < 2 {
				args = append(args, "-")
			}
			return e.inspect(c.Context(), f, args[0], args[1])
		},
	}
	fl := c.Flags()
	fl.StringArrayVar(&f.outs, "out", nil, "file to write: .html, .png, .svg, .csv or .npz; may be repeated\n(default: MODEL-inspect.html)")
	fl.StringSliceVar(&f.of, "of", nil, "only these findings, by name, separated by commas; in CSV their\ntables in place of the symbols (default: all)")
	fl.StringSliceVar(&f.units, "unit", nil, "LAYER:UNIT to show for the whole text, with its gates; may be\nrepeated (default: units that follow a feature)")
	fl.StringSliceVar(&f.ablate, "ablate", nil, "LAYER:UNIT to disable, or all; may be repeated")
	fl.IntVar(&f.span, "span", 32, "earlier symbols to which influence is followed; 0 for none")
	fl.Int64Var(&f.at, "at", 0, "byte offset of the symbol on which influence is reported\n(default: means over the text)")
	fl.StringVar(&f.target, "target", "", "with --at, the symbol whose prediction was moved (default: the\none that came)")
	fl.StringVar(&f.cluster, "cluster", string(inspect.Words), "what clusters are made of: "+setting.Alternatives(leafNames()))
	fl.IntVar(&f.leaves, "leaves", 40, "cluster the N most frequent of them; 0 for no clusters")
	fl.StringSliceVar(&f.on, "on", nil, "LAYER:UNIT to be on, or -LAYER:UNIT; may be repeated")
	fl.Float64Var(&f.threshold, "threshold", 0.3, "output above which a unit of --on is on, 0 to 1")
	fl.IntVar(&f.layer, "layer", 0, "layer for the principal components and the clusters (default:\nthe last)")
	fl.IntVar(&f.show, "show", 20000, "first N symbols in the page, CSV and arrays")
	fl.IntVar(&f.top, "top", defaultGuesses, "show the N most likely symbols at each position")
	fl.IntVar(&f.length, "length", 300, "length of the samples with --ablate, in symbols")
	fl.Uint64Var(&f.seed, "seed", 1, "seed of everything random")
	fl.IntVar(&f.threads, "threads", runtime.NumCPU(), "maximum number of threads; does not change the result")
	fl.BoolVar(&f.asJSON, "json", false, "print the findings as a JSON object")
	fl.BoolVar(&f.quiet, "quiet", false, "print neither findings nor progress")
	return c
}

// findingList describes the findings, a line for each.
func findingList() string {
	var b strings.Builder
	for _, f := range inspect.Findings() {
		fmt.Fprintf(&b, "  %-12s %s\n", f.Name, f.Doc)
	}
	return b.String()
}

func leafNames() (names []string) {
	for _, l := range inspect.LeafKinds() {
		names = append(names, string(l))
	}
	return names
}

// endings are the endings of files that inspect can write.
var endings = []string{".html", ".png", ".svg", ".csv", ".npz"}

func (f *inspectFlags) check(c *cobra.Command) error {
	for _, out := range f.outs {
		if !slices.Contains(endings, ending(out)) {
			return usagef("--out %q must end in %s", out, setting.Alternatives(endings))
		}
	}
	for _, name := range f.of {
		_, err := inspect.FindFinding(name)
		if wrong := (*setting.Error)(nil); errors.As(err, &wrong) {
			return usagef("%s", wrong.Render(func(setting.Name) string { return "--of" }))
		}
	}
	if err := f.checkFindings(c); err != nil {
		return err
	}
	if len(f.ablate) > 1 && slices.Contains(f.ablate, "all") {
		return usagef("--ablate is all and %s; all has every unit", f.ablate[slices.IndexFunc(f.ablate, func(s string) bool { return s != "all" })])
	}
	if c.Flags().Changed("layer") && f.layer < 1 {
		return usagef("--layer is %d, must be at least 1", f.layer)
	}
	if f.asJSON && f.quiet {
		return usagef("--json prints and --quiet does not; ask for one")
	}
	for _, x := range []struct {
		flag         string
		value, least int
	}{{"show", f.show, 1}, {"top", f.top, 0}, {"length", f.length, 1}} {
		if x.value < x.least {
			return usagef("--%s is %d, must be at least %d", x.flag, x.value, x.least)
		}
	}
	return checkThreads(f.threads)
}

// checkFindings checks that flags of findings and --of go together.
func (f *inspectFlags) checkFindings(c *cobra.Command) (err error) {
	for _, x := range []struct {
		finding, flag string
		given         bool
	}{{"ablation", "ablate", len(f.ablate) > 0}, {"spans", "on", len(f.on) > 0}} {
		switch named := slices.Contains(f.of, x.finding); {
		case named && !x.given:
			return usagef("--of %s needs --%s", x.finding, x.flag)
		case len(f.of) > 0 && !named && x.given && x.finding != "spans": // the page searches for spans, too
			return usagef("--%s is for the finding %s, which --of leaves out", x.flag, x.finding)
		}
	}
	f.atGiven = c.Flags().Changed("at")
	wanted := func(finding string) bool { return len(f.of) == 0 || slices.Contains(f.of, finding) }
	switch {
	case f.span < 0 || f.span > 1000:
		return usagef("--span is %d, must be 0 to 1000", f.span)
	case f.at < 0:
		return usagef("--at is %d, must be at least 0", f.at)
	case f.atGiven && (f.span == 0 || !wanted("influence")):
		return usagef("--at is for the finding influence, which --of or --span 0 leaves out")
	case f.target != "" && !f.atGiven:
		return usagef("--target needs --at, the place where it is predicted")
	case slices.Contains(f.of, "influence") && f.span == 0:
		return usagef("--of influence needs a --span above 0")
	case f.leaves != 0 && (f.leaves < 2 || f.leaves > 2000):
		return usagef("--leaves is %d, must be 2 to 2000, or 0 for no clusters", f.leaves)
	case slices.Contains(f.of, "clusters") && f.leaves == 0:
		return usagef("--of clusters needs --leaves")
	case !(f.threshold >= 0 && f.threshold <= 1):
		return usagef("--threshold is %v, must be 0 to 1", f.threshold)
	case c.Flags().Changed("threshold") && len(f.on) == 0:
		return usagef("--threshold is for --on")
	}
	if f.leavesAre, err = inspect.FindLeaves(f.cluster); err != nil {
		if wrong := (*setting.Error)(nil); errors.As(err, &wrong) {
			return usagef("%s", wrong.Render(func(setting.Name) string { return "--cluster" }))
		}
	}
	return err
}

func ending(file string) string { return strings.ToLower(filepath.Ext(file)) }

// An inspection is one call of the command.
type inspection struct {
	*inspectFlags
	ctx      context.Context
	model    *model.Model
	name     string // of the model
	path     string // of the text
	text     *corpus.Text
	symbol   *int32 // of --target
	status   *term.Status
	chosen   []inspect.Unit      // from --unit
	together []inspect.Condition // from --on
	disabled []inspect.Unit      // from --ablate, where it is not all
	results  *inspect.Results
}

// parseUnits reads the values of a flag, LAYER:UNIT.
func (in *inspection) parseUnits(flag string, values []string) ([]inspect.Unit, error) {
	c := in.model.Network.Config()
	var all []inspect.Unit
	for _, v := range values {
		u := inspect.Unit{Quantity: "h"}
		if n, err := fmt.Sscanf(v+"\n", "%d:%d\n", &u.Layer, &u.Unit); n != 2 || err != nil {
			return nil, usagef("--%s %q must be LAYER:UNIT, such as 1:0", flag, v)
		}
		if u.Layer--; u.Layer < 0 || u.Layer >= c.Layers || u.Unit < 0 || u.Unit >= c.Hidden {
			return nil, usagef("--%s %s: the model has layers 1 to %d, each with units 0 to %d", flag, v, c.Layers, c.Hidden-1)
		}
		if !slices.Contains(all, u) {
			all = append(all, u)
		}
	}
	return all, nil
}

// parseConditions reads --on.
func (in *inspection) parseConditions() ([]inspect.Condition, error) {
	var all []inspect.Condition
	for _, v := range in.on {
		unit, negative := strings.CutPrefix(v, "-")
		units, err := in.parseUnits("on", []string{unit})
		if err != nil {
			return nil, err
		}
		if c := (inspect.Condition{Unit: units[0], Negative: negative}); !slices.Contains(all, c) {
			all = append(all, c)
		}
	}
	return all, nil
}

// parseTarget reads --target: a text of one symbol that the model knows.
func (in *inspection) parseTarget() (*int32, error) {
	if in.target == "" {
		return nil, nil
	}
	a := in.model.Alphabet
	ids, err := a.Encode(in.target)
	if err != nil || len(ids) != 1 || ids[0] == a.Escape() {
		return nil, usagef("--target %q must be one symbol of the model; elman next lists the likely ones", in.target)
	}
	return &ids[0], nil
}

func (e *env) inspect(ctx context.Context, f *inspectFlags, name, path string) error {
	m, err := loadModel(name)
	if err != nil {
		return err
	}
	in := &inspection{inspectFlags: f, ctx: ctx, model: m, name: name, path: path}
	if in.chosen, err = in.parseUnits("unit", f.units); err != nil {
		return err
	}
	if in.together, err = in.parseConditions(); err != nil {
		return err
	}
	if in.symbol, err = in.parseTarget(); err != nil {
		return err
	}
	if !slices.Contains(f.ablate, "all") {
		if in.disabled, err = in.parseUnits("ablate", f.ablate); err != nil {
			return err
		}
	}
	switch layers := m.Network.Config().Layers; {
	case f.layer > layers:
		return usagef("--layer is %d, must be 1 to %d, the layers of the model", f.layer, layers)
	case f.layer == 0:
		f.layer = layers
	}
	if len(in.outs) == 0 {
		in.outs = []string{usualOut(name)}
	}
	if err := e.guard([]string{name, path}, in.outs...); err != nil {
		return err
	}
	text, err := corpus.Open(ctx, []string{path}, e.stdin)
	if err != nil {
		return err
	}
	defer text.Close()
	in.text = text
	if !f.quiet {
		in.status = term.NewStatus(e.screen)
	}
	defer in.status.End()
	if err := in.analyse(); err != nil {
		return in.named(err)
	}
	if err := in.write(); err != nil {
		return in.named(err)
	}
	in.status.End()
	in.status = nil
	switch {
	case f.asJSON:
		err = in.printJSON(e.stdout)
	case !f.quiet:
		err = in.print(report.NewTerminal(e.stdout, e.width()))
	}
	if !f.quiet {
		for _, file := range in.outs {
			size := int64(0)
			if info, err := os.Stat(file); err == nil {
				size = info.Size()
			}
			fmt.Fprintf(e.stderr, "wrote %s (%s)\n", file, report.Bytes(size))
		}
	}
	return err
}

// named adds the name of the text to an error about it.
func (in *inspection) named(err error) error {
	if unknown := (*corpus.UnknownSymbolError)(nil); errors.As(err, &unknown) {
		return fmt.Errorf("%s: %w", textName(in.path), err)
	}
	return err
}
