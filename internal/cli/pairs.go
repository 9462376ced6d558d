package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"runtime"
	"slices"

	"github.com/spf13/cobra"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/internal/setting"
	"github.com/seed-f4dd853e/elman/internal/term"
	"github.com/seed-f4dd853e/elman/pairs"
)

// pairsFlags is the command line of pairs.
type pairsFlags struct {
	threads     int
	models      []string
	per, format string
	baseline    string
	columns     pairs.Options
}

func pairsCommand(e *env) *cobra.Command {
	f := &pairsFlags{}
	c := &cobra.Command{
		Use:   "pairs MODEL FILE...",
		Short: "Judge minimal pairs and suites of sentences",
		Long: `Measure how often a model finds the better of two sentences likelier, or its surprisals are as a
suite predicts. A file is one of

  JSON lines with sentence_good and sentence_bad, and maybe UID, field: the sets of BLiMP
  a table (CSV or TSV) with columns good and bad, and maybe set, field, item
  a suite of SyntaxGym, in JSON

A pair is right if the good sentence takes fewer bits, an item of a suite if all predictions hold.
Ties and what cannot be read count as wrong; the exit code is 1 if something cannot be read. Each
sentence is a text of its own; one of a pair includes the line break after it.

The output is the share that is right by set, by field and in all, with its 95 % interval (Wilson),
and the published figures where the sets are known. --per item shows each item, --per region the
bits of each region. --baseline adds a Kneser-Ney 5-gram of words learned from the lines of a text.`,
		Example: `  elman pairs novel blimp/*.jsonl
  elman pairs novel items.csv --per item --format csv > judged.csv
  elman pairs seed1 --model seed2 --model seed3 suite.json
  elman pairs novel blimp/*.jsonl --baseline book.txt`,
		Args: arguments(2, math.MaxInt, "a model and a file of pairs"),
		RunE: func(c *cobra.Command, args []string) error { return e.pairs(c, f, args[0], args[1:]) },
	}
	fl := c.Flags()
	fl.StringArrayVar(&f.models, "model", nil, "another model to compare with; repeat for more")
	fl.StringVar(&f.baseline, "baseline", "", "text to learn a 5-gram of words from, which is judged too")
	fl.IntVar(&f.threads, "threads", runtime.NumCPU(), "maximum number of threads; does not change the result")
	fl.StringVar(&f.per, "per", "set", "unit of the output: set, item or region")
	fl.StringVar(&f.format, "format", "text", "text, json (one object per unit) or csv")
	fl.StringVar(&f.columns.Good, "good", "", "column of the good sentence (default good or sentence_good)")
	fl.StringVar(&f.columns.Bad, "bad", "", "column of the bad sentence (default bad or sentence_bad)")
	fl.StringVar(&f.columns.Set, "set", "", "column of the set's name (default set or UID, else the file)")
	fl.StringVar(&f.columns.Field, "field", "", "column of the field (default field)")
	return c
}

func (f *pairsFlags) check(paths []string) error {
	for _, x := range []struct {
		flag, value string
		known       []string
	}{
		{"per", f.per, []string{"set", "item", "region"}},
		{"format", f.format, []string{"text", "json", "csv"}},
	} {
		if !slices.Contains(x.known, x.value) {
			return usagef("--%s is %q, must be %s", x.flag, x.value, setting.Alternatives(x.known))
		}
	}
	if err := checkThreads(f.threads); err != nil {
		return err
	}
	for i, path := range paths {
		if path != "-" && slices.ContainsFunc(paths[:i], func(other string) bool { return samePath(path, other) }) {
			return usagef("%s is named twice, and its items would count twice; leave out one", path)
		}
	}
	return onePipe(append([]string{f.baseline}, paths...)...)
}

func (e *env) pairs(c *cobra.Command, f *pairsFlags, first string, paths []string) error {
	if err := f.check(paths); err != nil {
		return err
	}
	status := term.NewStatus(e.screen)
	defer status.End()
	judging := &judging{f: f, ctx: c.Context(), status: status, out: bufio.NewWriter(status.Results(e.stdout, e.page)), width: e.width()}
	judging.warn = func(err error) error {
		if err := judging.out.Flush(); err != nil {
			return err
		}
		status.Clear()
		fmt.Fprintf(e.stderr, "elman: %s\n", describe(c, err))
		return nil
	}
	if err := judging.open(e, append([]string{first}, f.models...)); err != nil {
		return err
	}
	if err := judging.readFiles(e, paths); err != nil {
		return err
	}
	if err := judging.judge(); err != nil {
		return err
	}
	judging.print()
	if err := judging.out.Flush(); err != nil {
		return err
	}
	return judging.failed()
}

// A judging is one call of the command.
type judging struct {
	f      *pairsFlags
	ctx    context.Context
	status *term.Status
	out    *bufio.Writer
	width  int
	warn   func(error) error // prints an error that does not end the command

	judges []*pairs.Judge
	models int // of the judges, before the baseline
	sets   []*pairs.Set
	judged [][][]pairs.Judged // by judge and set

	files, badFiles int
	badItems        int // by any judge
}

// open loads the models and learns the baseline.
func (j *judging) open(e *env, names []string) error {
	for _, name := range names {
		m, err := loadModel(name)
		if err != nil {
			return err
		}
		j.judges = append(j.judges, pairs.New(name, m, j.f.threads))
	}
	j.models = len(j.judges)
	if j.f.baseline == "" {
		return nil
	}
	text, err := corpus.Open(j.ctx, []string{j.f.baseline}, e.stdin)
	if err != nil {
		return err
	}
	defer text.Close()
	j.status.Tell("learning from "+textName(j.f.baseline), 0)
	b, err := pairs.NewBaseline(j.ctx, "5-gram of "+textName(j.f.baseline), text)
	if err != nil {
		return fmt.Errorf("--baseline %s: %w", j.f.baseline, err)
	}
	j.judges = append(j.judges, b)
	return nil
}

// readFiles reads the sets. A file that cannot be read does not stop the others.
func (j *judging) readFiles(e *env, paths []string) error {
	j.files = len(paths)
	for _, path := range paths {
		sets, err := readPairs(j.ctx, e, path, j.f.columns)
		switch {
		case err == nil:
			j.sets = append(j.sets, sets...)
		case len(paths) == 1 || errors.Is(err, context.Canceled):
			return err
		default:
			if err := j.warn(err); err != nil {
				return err
			}
			j.badFiles++
		}
	}
	if len(j.sets) == 0 {
		return errors.New("none of the files could be read")
	}
	return nil
}

func readPairs(ctx context.Context, e *env, path string, o pairs.Options) ([]*pairs.Set, error) {
	text, err := corpus.Open(ctx, []string{path}, e.stdin)
	if errors.Is(err, corpus.ErrEmpty) {
		return nil, fmt.Errorf("%s %w", textName(path), pairs.ErrNothing)
	}
	if err != nil {
		return nil, err
	}
	defer text.Close()
	data, err := io.ReadAll(io.NewSectionReader(text, 0, text.Size()))
	if err != nil {
		return nil, err
	}
	sets, err := pairs.Read(path, data, o)
	if err != nil {
		return nil, fmt.Errorf("%s %w", textName(path), err)
	}
	return sets, nil
}

// judge asks all judges about all sets, and warns of items that cannot be read.
func (j *judging) judge() error {
	size := 0
	for _, s := range j.sets {
		for _, item := range s.Items {
			for i := range item.Texts {
				size += len(item.Texts[i].String())
			}
		}
	}
	read := 0
	for _, judge := range j.judges {
		var all [][]pairs.Judged
		for _, s := range j.sets {
			judged, err := judge.Judge(j.ctx, s, func(bytes int) {
				read += bytes
				j.status.Tell(judge.Name+" judges "+s.Name, float64(read)/float64(size*len(j.judges)))
			})
			if err != nil {
				return fmt.Errorf("%s: %w", judge.Name, err)
			}
			all = append(all, judged)
		}
		j.judged = append(j.judged, all)
	}
	return j.warnItems()
}

// mostWarnings is how many unreadable items of a file are told one by one.
const mostWarnings = 10

// warnItems tells which items cannot be read.
func (j *judging) warnItems() error {
	for k, s := range j.sets {
		told := 0
		for i, item := range s.Items {
			who := slices.IndexFunc(j.judged, func(all [][]pairs.Judged) bool { return all[k][i].Err != nil })
			if who < 0 {
				continue
			}
			j.badItems++
			if told++; told > mostWarnings {
				continue
			}
			by := ""
			if item.Err == nil {
				by = " for " + j.judges[who].Name
			}
			if err := j.warn(fmt.Errorf("%s, %s%s: %s", textName(s.File), item.Where, by, j.judged[who][k][i].Reason())); err != nil {
				return err
			}
		}
		if told > mostWarnings {
			if err := j.warn(fmt.Errorf("%s: and %d more of %s", textName(s.File), told-mostWarnings, s.Name)); err != nil {
				return err
			}
		}
	}
	return nil
}

// failed returns an error if something could not be read.
func (j *judging) failed() error {
	items := 0
	for _, s := range j.sets {
		items += len(s.Items)
	}
	switch {
	case j.badFiles > 0 && j.badItems > 0:
		return fmt.Errorf("%d of %d files and %d of %d items could not be read", j.badFiles, j.files, j.badItems, items)
	case j.badFiles > 0:
		return fmt.Errorf("%d of %d files could not be read", j.badFiles, j.files)
	case j.badItems > 0:
		return fmt.Errorf("%d of %d items could not be read, and count as wrong", j.badItems, items)
	}
	return nil
}
