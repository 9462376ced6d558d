package cli

import (
	"context"
	"encoding/json"
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
	"github.com/seed-f4dd853e/elman/internal/term"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/score"
)

// inspectFlags is the command line of inspect.
type inspectFlags struct {
	outs, units, ablate []string
	of                  []string
	layer, show, top    int
	length, threads     int
	seed                uint64
	asJSON, quiet       bool
}

func inspectCommand(e *env) *cobra.Command {
	f := &inspectFlags{}
	c := &cobra.Command{
		Use:   "inspect MODEL [FILE]",
		Short: "Look inside a model while it reads a text",
		Long: `Look inside a model while it reads a text, a file or standard input: what each unit follows, how its
gates stand, how far back its gradient reaches, along which directions its states differ.

The findings are printed, and become a page for a browser, MODEL-inspect.html: one file that needs
nothing else, with the text coloured by surprisal, by any unit or gate, what the model expected in
each place, and all findings. --out names another file, and its end says what it holds: .html, .png
or .svg (the figures), .csv (a line for each symbol, or the tables that --of names) or .npz (arrays
for numpy). It may be given several times.

Units are written LAYER:UNIT; layers count from 1, units from 0 (with --json layers, too, from 0).
What a unit is at a symbol is its value when the model has read it. Findings are about the whole text, page, CSV and arrays about its
first symbols, as many as --show says.

--ablate switches units off, one at a time, and tells by how much the text takes more bits without
each: of the symbols that are shown. For single units there are samples with and without, too.`,
		Example: `  elman inspect novel chapter.txt
  elman inspect novel chapter.txt --unit 1:37 --out unit37.html
  elman inspect novel chapter.txt --out horizon.png --of horizon
  elman inspect novel chapter.txt --ablate all --out ablation.csv --of ablation
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
	fl.StringArrayVar(&f.outs, "out", nil, "file to write, ending in .html, .png, .svg, .csv or .npz; may be given several times (default MODEL-inspect.html)")
	fl.StringSliceVar(&f.of, "of", nil, "what pictures and CSV hold, with commas between: "+strings.Join(findingNames, ", ")+" (default all pictures; CSV: symbols)")
	fl.StringSliceVar(&f.units, "unit", nil, "LAYER:UNIT to show whole, with its gates; may be given several times (default those that follow something)")
	fl.StringSliceVar(&f.ablate, "ablate", nil, "LAYER:UNIT to switch off, or all; may be given several times")
	fl.IntVar(&f.layer, "layer", 0, "layer whose principal components are told (default the last)")
	fl.IntVar(&f.show, "show", 20000, "symbols, from the first, that page, CSV and arrays hold")
	fl.IntVar(&f.top, "top", usualGuesses, "likeliest symbols to show for each symbol")
	fl.IntVar(&f.length, "length", 300, "symbols of the samples with --ablate")
	fl.Uint64Var(&f.seed, "seed", 1, "of everything drawn by chance")
	fl.IntVar(&f.threads, "threads", runtime.NumCPU(), "most workers; never changes a bit")
	fl.BoolVar(&f.asJSON, "json", false, "print the findings as a JSON object")
	fl.BoolVar(&f.quiet, "quiet", false, "print no findings and no progress")
	return c
}

// endings are what the names of files that inspect writes may end in.
var endings = []string{".html", ".png", ".svg", ".csv", ".npz"}

func (f *inspectFlags) check(c *cobra.Command) error {
	for _, out := range f.outs {
		if !slices.Contains(endings, ending(out)) {
			return usagef("--out %q is none that inspect writes: end the name in %s", out, strings.Join(endings, ", "))
		}
	}
	for _, name := range f.of {
		if !slices.Contains(findingNames, name) {
			return usagef("--of %q: there are %s", name, strings.Join(findingNames, ", "))
		}
	}
	if len(f.of) > 0 && !slices.ContainsFunc(f.outs, func(out string) bool { return ending(out) != ".html" && ending(out) != ".npz" }) {
		return usagef("--of is for --out with a picture or CSV")
	}
	if slices.Contains(f.of, "ablation") && len(f.ablate) == 0 {
		return usagef("--of ablation needs --ablate")
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

func ending(file string) string { return strings.ToLower(filepath.Ext(file)) }

// An inspection is the work of one call.
type inspection struct {
	*inspectFlags
	ctx     context.Context
	model   *model.Model
	name    string // of the model
	path    string // of the text
	text    []byte
	status  *term.Status
	chosen  []unitID // from --unit
	ablated []unitID // from --ablate, where it is not all

	found    found
	findings []finding
}

// found is everything that was measured, as --json prints it.
type found struct {
	Model       string              `json:"model"`
	Text        string              `json:"text"`
	Symbols     int64               `json:"symbols"`
	BitsPerChar float64             `json:"bits_per_char"`
	Perplexity  float64             `json:"perplexity"` // of a symbol
	Units       *inspect.Following  `json:"units,omitempty"`
	Saturation  []inspect.Saturated `json:"saturation,omitempty"`
	Horizon     *inspect.Horizon    `json:"horizon,omitempty"`
	Components  *inspect.Components `json:"components"`
	Ablation    *ablation           `json:"ablation,omitempty"`

	sum score.Sum
}

// An ablation is what the symbols that are shown take without units.
type ablation struct {
	Symbols     int64             `json:"symbols"`
	BitsPerChar float64           `json:"bits_per_char"` // with all units
	Units       []inspect.Ablated `json:"units"`
}

// A unitID is a unit as people write it: LAYER:UNIT, layers from 1.
type unitID struct{ layer, unit int } // both from 0

func (u unitID) String() string { return fmt.Sprintf("%d:%d", u.layer+1, u.unit) }

// parseUnits reads the values of a flag.
func (in *inspection) parseUnits(flag string, values []string) ([]unitID, error) {
	c := in.model.Network.Config()
	var all []unitID
	for _, v := range values {
		var u unitID
		if n, err := fmt.Sscanf(v+"\n", "%d:%d\n", &u.layer, &u.unit); n != 2 || err != nil {
			return nil, usagef("--%s %q must be LAYER:UNIT, such as 1:0", flag, v)
		}
		if u.layer--; u.layer < 0 || u.layer >= c.Layers || u.unit < 0 || u.unit >= c.Hidden {
			return nil, usagef("--%s %s: the model has layers 1 to %d, each with units 0 to %d", flag, v, c.Layers, c.Hidden-1)
		}
		if !slices.Contains(all, u) {
			all = append(all, u)
		}
	}
	return all, nil
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
	if !slices.Contains(f.ablate, "all") {
		if in.ablated, err = in.parseUnits("ablate", f.ablate); err != nil {
			return err
		}
	}
	switch layers := m.Network.Config().Layers; {
	case f.layer > layers:
		return usagef("--layer is %d, the model has %d", f.layer, layers)
	case f.layer == 0:
		f.layer = layers
	}
	if len(in.outs) == 0 {
		in.outs = []string{usualOut(name)}
	}
	for _, out := range in.outs {
		if err := canWrite(out); err != nil {
			return err
		}
	}
	text, err := corpus.Open([]string{path}, e.stdin)
	if err != nil {
		return err
	}
	defer text.Close()
	in.text = text.Bytes()
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
		err = json.NewEncoder(e.stdout).Encode(in.found)
	case !f.quiet:
		in.print(e.stdout)
	}
	if !f.quiet {
		for _, file := range in.outs {
			fmt.Fprintf(e.stderr, "wrote %s (%s)\n", file, fileSize(file))
		}
	}
	return err
}

// named says in which text an error lies, if it lies there.
func (in *inspection) named(err error) error {
	if unknown := (*corpus.UnknownSymbolError)(nil); errors.As(err, &unknown) {
		return fmt.Errorf("%s: %w", textName(in.path), err)
	}
	return err
}

func fileSize(file string) string {
	info, err := os.Stat(file)
	if err != nil {
		return err.Error()
	}
	switch n := float64(info.Size()); {
	case n < 1e3:
		return fmt.Sprintf("%.0f bytes", n)
	case n < 1e6:
		return fmt.Sprintf("%.0f kB", n/1e3)
	default:
		return fmt.Sprintf("%.1f MB", n/1e6)
	}
}
