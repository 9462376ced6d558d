package cli

import (
	"bufio"
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"

	"github.com/spf13/cobra"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/internal/setting"
	"github.com/seed-f4dd853e/elman/internal/term"
	"github.com/seed-f4dd853e/elman/score"
)

// scoreFlags is the command line of score.
type scoreFlags struct {
	models                           []string
	per, format, documents, referred string
	top                              int
	threads                          int
	colour                           string
	key                              string
	alarms                           alarmFlags
	adapt                            adaptFlags
	units                            unitFlags
	table                            tableFlags
	html                             htmlFlags
	verdict                          verdictFlags
}

func scoreCommand(e *env) *cobra.Command {
	f := &scoreFlags{}
	c := &cobra.Command{
		Use:   "score MODEL [FILE...]",
		Short: "Measure how well a model predicts text",
		Long: `Measure how many bits a model needs for a text. Fewer bits mean a better prediction. The text is
files or, without any, standard input. Each file is scored on its own, and so is each line or
paragraph if the model was trained on those or --documents says so. A file that cannot be scored
does not stop the others; the exit code is then 1.

The first symbol is predicted as if a line break came before it. A symbol that is not in the
model's alphabet costs the bits of the escape symbol plus 8 for each byte. The bits of the parts
add up exactly to those of the whole. In JSON and CSV, "hex" has the bytes of a text that is not
valid UTF-8. "At least" (in JSON "at_least") marks a total that is too large to be exact.

--per word gives each word the bits of its symbols and, where white space follows, those of ending
there. docs/words.md explains its columns. --table adds columns to a table: a row of it holds a text
(--text), or, with --group, a word or region of one.

With --reference a line's score is the largest (surprisal - expected surprisal) of its symbols, in
bits. The output shows it and the percentage of reference lines that score lower. --alarms marks
the lines above all but a share of the reference: the wanted rate of false alarms. With --key the
lines of each key, such as a host, are a text of their own.

--adapt lets the model go on learning from the text, which never changes its file: docs/adapting.md.
What a pipe brings is told line by line, as it comes.

On a terminal, --per line and --per symbol colour the text by surprisal, unless NO_COLOR is set.
--html writes a page for the browser that shows, for each symbol, what the model expected.

--verdict measures the held-out part of the model's training text and compares the model with
n-gram models and gzip, which learn from the rest of that text, and with the entropy if the text
is a generated language. Of a text that is new to the model it measures the last part (--valid).`,
		Example: `  elman score novel chapter.txt
  elman score novel chapter.txt --per symbol --top 3
  elman score novel chapter.txt --per line
  elman score novel chapter.txt --html chapter.html
  elman score names --per line --reference known.txt < new.txt
  elman score novel --per word --table items.csv --text sentence
  elman score novel --table stories.tsv --text word --group story --spillover 2
  elman score austen --model shelley chapter.txt --per line --format csv
  elman score novel chapter.txt --adapt
  tail -f app.log | elman score logs --per line --adapt --reference known.txt --alarms 0.001
  elman score novel book.txt --verdict`,
		Args: arguments(1, math.MaxInt, "a model file or run folder"),
		RunE: func(c *cobra.Command, args []string) error { return e.score(c, f, args) },
	}
	groups := groupFlags(c,
		flagAdder{"Output", f.addOutput},
		flagAdder{"Words", f.units.add},
		flagAdder{"Tables", f.table.add},
		flagAdder{"Unusual lines", f.addUnusual},
		flagAdder{"Learning while reading", f.adapt.add},
		flagAdder{"Verdict", f.verdict.add},
		flagAdder{"Other", f.addOther})
	c.SetUsageFunc(func(c *cobra.Command) error { return writeGroups(c, groups) })
	return c
}

func (f *scoreFlags) addOutput(c *cobra.Command) {
	fl := c.Flags()
	fl.StringVar(&f.per, "per", "file", "`unit`: symbol, word, line, file; for tables word, text")
	fl.StringVar(&f.format, "format", "text", "text, json, csv or tsv; a table stays as it is")
	fl.StringArrayVar(&f.models, "model", nil, "another `model` to compare with; may be repeated")
	fl.StringVar(&f.documents, "documents", "", "restart state at: whole (file), line, paragraph (default: as trained)")
	fl.IntVar(&f.top, "top", 0, "show the `N` most likely symbols at each position (with --html: 5)")
	fl.StringVar(&f.colour, "color", "auto", "colour text: auto (on a terminal), always or never")
	f.html.add(c)
}

func (f *scoreFlags) addUnusual(c *cobra.Command) {
	c.Flags().StringVar(&f.referred, "reference", "", "`file` of normal lines to compare each line's score with")
	f.alarms.add(c)
	c.Flags().StringVar(&f.key, "key", "", "field number or regexp: lines of one key are a text of their own")
}

func (f *scoreFlags) addOther(c *cobra.Command) {
	c.Flags().IntVar(&f.threads, "threads", runtime.NumCPU(), "maximum number of threads; does not change the result")
}

func (f *scoreFlags) check(c *cobra.Command, files int) error {
	for _, x := range []struct {
		flag, value string
		known       []string
	}{
		{"per", f.per, []string{"symbol", "word", "line", "file", "text"}},
		{"format", f.format, []string{"text", "json", "csv", "tsv"}},
		{"documents", f.documents, []string{"", "whole", "line", "paragraph"}},
		{"color", f.colour, []string{"auto", "always", "never"}},
	} {
		if !slices.Contains(x.known, x.value) {
			return usagef("--%s is %q, must be %s", x.flag, x.value, setting.Alternatives(slices.DeleteFunc(x.known, func(s string) bool { return s == "" })))
		}
	}
	if err := f.table.check(c, &f.per, &f.format, files); err != nil {
		return err
	}
	if err := f.units.check(c, f.per, 1+len(f.models)); err != nil {
		return err
	}
	switch {
	case f.top < 0:
		return usagef("--top is %d, must be 0 or more", f.top)
	case f.top > 0 && f.per != "symbol" && f.html.file == "":
		return usagef("--top is for --per symbol and --html")
	case f.html.file != "" && len(f.models) > 0:
		return usagef("--html shows what one model says; leave out --model")
	case f.per == "symbol" && len(f.models) > 0:
		return usagef("--model is not for --per symbol: models may have different symbols")
	case checkThreads(f.threads) != nil:
		return checkThreads(f.threads)
	case f.format == "tsv" && f.per != "word" && f.table.file == "":
		return usagef("--format tsv is for --per word and --table")
	case f.referred != "" && f.per != "line":
		return usagef("--reference is for --per line")
	case f.key != "" && f.units.spillover > 0:
		return usagef("--spillover is not for --key: the word before may be of another text")
	case f.key != "" && f.table.file != "":
		return usagef("--key is not for --table, which has --group")
	}
	if err := f.alarms.check(c, f.referred); err != nil {
		return err
	}
	return f.adapt.check(c, 1+len(f.models), f.table.file != "")
}

func (e *env) score(c *cobra.Command, f *scoreFlags, args []string) error {
	if err := f.verdict.check(c, f.format); err != nil {
		return err
	}
	if err := f.check(c, len(args)-1); err != nil {
		return err
	}
	if err := f.html.check(c); err != nil {
		return err
	}
	paths := e.texts(f, args[1:])
	inputs := slices.Concat(args[:1], f.models, paths, []string{f.referred, f.units.frequency, f.table.file})
	if err := e.guard(inputs, slices.Concat(f.html.files(), f.adapt.files())...); err != nil {
		return err
	}
	if err := guardModel(f.adapt.model); err != nil {
		return err
	}
	if f.verdict.on {
		return e.verdict(c, f, append([]string{args[0]}, f.models...), paths)
	}
	if err := onePipe(inputs...); err != nil {
		return err
	}
	shown := term.NewStatus(e.screen)
	defer shown.End()
	s := &scoring{f: f, env: e, ctx: c.Context(), status: shown, files: len(paths), width: e.width()}
	out := e.stdout
	if f.format == "text" && (f.per == "line" || f.per == "symbol") {
		if s.paint = e.newPainter(f.colour); s.paint != nil {
			out = e.painted
		}
	}
	s.out = bufio.NewWriter(shown.Results(out, e.page))
	err := s.open(append([]string{args[0]}, f.models...))
	if err == nil {
		err = s.scoreReference(e)
	}
	if err == nil {
		err = s.readState()
	}
	if err == nil {
		err = s.readFrequency(e, f.units.frequency)
	}
	switch {
	case err != nil:
	case f.table.file != "":
		if err = s.scoreTable(e); err == nil {
			err = s.keepAdapted(score.Bookmark{})
		}
	default:
		err = s.scoreFiles(c, e, paths)
	}
	return errors.Join(err, s.out.Flush())
}

// texts returns the files to score.
func (e *env) texts(f *scoreFlags, paths []string) []string {
	if len(paths) > 0 || f.table.file != "" {
		return paths
	}
	if term.Open(e.stdin) != nil {
		fmt.Fprintln(e.stderr, "reading standard input; end it with Ctrl-D, or name a file to score")
	}
	return []string{"-"}
}

// open loads the models.
func (s *scoring) open(names []string) (err error) {
	if s.f.key != "" {
		if s.keyOf, err = newKeyOf(s.f.key); err != nil {
			return err
		}
	}
	for _, name := range names {
		m, err := loadModel(name)
		if err != nil {
			return err
		}
		s.models = append(s.models, scoredModel{name: name, model: m})
		if err := s.setScorer(len(s.models) - 1); err != nil {
			return err
		}
		documents := s.models[len(s.models)-1].scorer.Documents
		switch {
		case s.f.key != "" && documents == corpus.Lines:
			return usagef("--key is of no use where the state restarts at each line; choose a model trained on whole texts, or add --documents whole")
		case s.f.adapt.state != "" && s.f.units.spillover > 0 && documents != corpus.Lines:
			return usagef("--adapt-state does not keep the words before; leave out --spillover")
		case s.f.referred != "" && documents != corpus.Lines && s.f.key == "":
			return usagef("--reference compares independent lines, and %s was not trained on lines; add --documents line", name)
		}
		s.alphabet = m.Alphabet // of the last, which is the only one where it matters
	}
	return nil
}

// scoreFiles scores files, each on its own. One that cannot be scored does not keep the others from it.
func (s *scoring) scoreFiles(c *cobra.Command, e *env, paths []string) error {
	var page *textPage
	if s.f.html.file != "" {
		page = newTextPage(s.models[0].model.Alphabet, s.f.html.show)
		s.views = append(s.views, page)
	}
	s.views = append(s.views, s.newView())
	failed := 0
	first := s.firstUnread(paths)
	for i, path := range paths[first:] {
		err := s.file(e, path)
		s.left.File = first + i
		switch {
		case err == nil:
			continue
		case isInterrupted(err) && s.left.Text != "":
			return s.interrupted(err)
		case len(paths) == 1 || !ofFile(err):
			return err
		}
		if err := s.out.Flush(); err != nil {
			return err
		}
		s.status.Clear()
		fmt.Fprintf(e.stderr, "elman: %s\n", describe(c, err))
		failed++
	}
	if page != nil && failed < len(paths) {
		if err := page.write(s.f.html.file, s.models[0].name, paths); err != nil {
			return err
		}
	}
	if err := s.keepAdapted(score.Bookmark{}); err != nil {
		return err
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d files could not be scored", failed, len(paths))
	}
	return nil
}

// extras returns what a scorer tells of each symbol.
func (f *scoreFlags) extras() score.Extras {
	words := f.per == "word"
	return score.Extras{Entropy: words || f.referred != "", Rank: words || f.html.file != "", End: words && f.units.split == "space", Top: f.guesses()}
}

// guesses returns how many likely symbols the scorer lists for each symbol.
func (f *scoreFlags) guesses() int {
	if f.top == 0 && f.html.file != "" {
		return defaultGuesses
	}
	return f.top
}
