package cli

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/internal/report"
	"github.com/seed-f4dd853e/elman/language"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/score"
	"github.com/seed-f4dd853e/elman/train/run"
)

// verdictFlags are the flags of score --verdict.
type verdictFlags struct {
	on       bool
	valid    float64
	testFile string
	language string
}

func (f *verdictFlags) add(c *cobra.Command) {
	fl := c.Flags()
	fl.BoolVar(&f.on, "verdict", false, "compare the model with n-grams and gzip on held-out text")
	fl.Float64Var(&f.valid, "valid", 0.1, "with --verdict: share held out of a text new to the model")
	fl.StringVar(&f.testFile, "test-file", "", "with --verdict: measure on this `file`, not on the end of the text")
	fl.StringVar(&f.language, "language", "", "with --verdict: language whose entropy to show (default: as trained)")
}

// check looks for flags that do not go together.
func (f *verdictFlags) check(c *cobra.Command, format string) error {
	own := []string{"valid", "test-file", "language"}
	var wrong error
	c.Flags().Visit(func(fl *pflag.Flag) {
		switch {
		case wrong != nil:
		case slices.Contains(own, fl.Name) && !f.on:
			wrong = usagef("--%s is for --verdict", fl.Name)
		case f.on && !slices.Contains(append(own, "verdict", "model", "format", "kernels"), fl.Name):
			wrong = usagef("--verdict measures a text as a whole, as the model learned it; leave out --%s", fl.Name)
		}
	})
	if wrong != nil {
		return wrong
	}
	switch {
	case f.testFile != "" && c.Flags().Changed("valid"):
		return usagef("--test-file takes the place of --valid; leave out one")
	case f.on && format == "csv":
		return usagef("--verdict has no --format csv; choose text or json")
	case !(f.valid > 0 && f.valid < 1):
		return usagef("--valid is %v, must be above 0 and below 1", f.valid)
	case f.language != "":
		if _, err := language.Find(f.language); err != nil {
			return usageError{err}
		}
	}
	return nil
}

// verdict is score --verdict: names are of models, paths of the files that make one text.
func (e *env) verdict(c *cobra.Command, f *scoreFlags, names, paths []string) error {
	var models []*model.Model
	for i, name := range names {
		m, err := loadModel(name)
		if err != nil {
			return err
		}
		if models = append(models, m); i > 0 {
			if err := sameSymbols(names[0], models[0], name, m); err != nil {
				return err
			}
		}
	}
	text, err := corpus.Open(c.Context(), paths, e.stdin)
	if err != nil {
		return err
	}
	defer text.Close()
	how := corpus.Options{Valid: f.verdict.valid, Documents: models[0].Documents}
	if path := f.verdict.testFile; path != "" {
		if err := onePipe(append([]string{path}, paths...)...); err != nil {
			return err
		}
		if how.ValidText, err = corpus.Open(c.Context(), []string{path}, e.stdin); err != nil {
			return err
		}
		defer how.ValidText.Close()
	}
	data, err := corpus.WithAlphabet(text, models[0].Alphabet, how)
	if err != nil {
		return err
	}
	if path := f.verdict.testFile; path != "" {
		e.noteLearned(path, data.Valid().Corpus(), paths, data)
	}
	candidates, train, language, err := meet(names, models, data.Hash())
	if err != nil {
		return err
	}
	if err := e.split(c, f, data, candidates, train); err != nil {
		return err
	}
	o := score.VerdictOptions{Progress: e.showReading()}
	if o.Floor, err = floor(cmp.Or(f.verdict.language, language), data.Alphabet.Kind()); f.verdict.language != "" && err != nil {
		return usageError{err}
	}
	v, err := score.Evaluate(c.Context(), candidates, data, o)
	if err != nil {
		return err
	}
	return e.printVerdict(v, f.format)
}

// split divides a corpus as models learned it: its first train symbols, if they say.
func (e *env) split(c *cobra.Command, f *scoreFlags, data *corpus.Corpus, models []score.Candidate, train int64) error {
	switch {
	case train > 0 && c.Flags().Changed("valid"):
		return usagef("--valid is for a text that the model did not learn: of this one it learned the first %d symbols", train)
	case train > 0:
		if err := data.SplitAt(train); err != nil {
			return fmt.Errorf("%s: its summary speaks of %w", models[0].Name, err)
		}
	case f.verdict.testFile != "":
	case slices.ContainsFunc(models, func(m score.Candidate) bool { return !m.OtherText }):
		fmt.Fprintf(e.stderr, "the model learned this text and does not say how much of it; the last %.3g %% count as held out\n", 100*f.verdict.valid)
	}
	return nil
}

// sameSymbols makes sure that two models can be compared on symbols.
func sameSymbols(name string, m *model.Model, otherName string, other *model.Model) error {
	if !m.Alphabet.Equal(other.Alphabet) || cmp.Or(m.Documents, corpus.Whole) != cmp.Or(other.Documents, corpus.Whole) {
		return usagef("%s and %s have different symbols or documents, and --verdict compares models by symbol; give it one of them", name, otherName)
	}
	return nil
}

// meet tells models that learned a text from others. Of those it returns how many symbols they learned, 0 if none did or
// none says, and the language it was generated of. It fails if they learned different parts.
func meet(names []string, models []*model.Model, hash string) (all []score.Candidate, train int64, language string, err error) {
	first := -1
	for i, m := range models {
		known := m.Summary.Corpus == hash
		all = append(all, score.Candidate{Name: names[i], Model: m, OtherText: !known, Steps: runSteps(names[i], m.Summary)})
		switch {
		case !known:
		case first < 0:
			first, train, language = i, m.Summary.TrainSymbols, m.Summary.Language
		case m.Summary.TrainSymbols != train:
			return nil, 0, "", usagef("%s learned the first %d symbols of this text and %s the first %d; --verdict needs models that held out the same part",
				names[first], train, names[i], m.Summary.TrainSymbols)
		default:
			language = cmp.Or(language, m.Summary.Language)
		}
	}
	return all, train, language, nil
}

// runSteps returns the training steps of the run that kept a model, 0 if the reports of its folder are not of that run.
func runSteps(path string, s model.Summary) int64 {
	if info, err := os.Stat(path); err != nil || !info.IsDir() {
		path = filepath.Dir(path)
	}
	reports, err := run.ReadMetrics(path)
	if err != nil {
		return 0
	}
	steps, found := int64(0), false
	for _, r := range reports {
		steps = max(steps, r.Step)
		found = found || r.Step == s.Steps && r.ValidLoss != nil && *r.ValidLoss == s.ValidLoss
	}
	if !found {
		return 0
	}
	return steps
}

// floor returns the floor of a language, nil if none is named.
func floor(language string, kind corpus.Kind) (*score.Floor, error) {
	if language == "" {
		return nil, nil
	}
	floor, err := score.FloorOf(language, kind)
	if err == nil && floor == nil {
		err = fmt.Errorf("--language gives entropy per character, and the model predicts %s", kind)
	}
	return floor, err
}

// verdictSection tells a verdict: a table from the worst predictor to the best, what it says about each model, and what its
// words mean.
func verdictSection(v *score.Verdict) *report.Section {
	s := &report.Section{}
	s.Say("%s", v.Basis())
	t := &report.Table{Columns: []string{"predictor", "nats per " + v.Symbols.Symbol(), "bits per " + v.Symbols.Symbol(), "predicts from"}}
	for _, r := range v.Rows() {
		nats, bits := report.Number(r.Nats, report.Fixed(4)), report.Number(r.Nats/math.Ln2, report.Fixed(4))
		if r.AtMost {
			nats.Text, bits.Text = "≤ "+nats.Text, "≤ "+bits.Text
		}
		t.Row(report.Word("%s", r.Name), nats, bits, report.Word("%s", r.Does))
	}
	s.Add(t)
	for _, m := range v.Models {
		for _, sentence := range v.About(m) {
			s.Say("%s", sentence)
		}
	}
	var words report.List
	for _, w := range v.Glossary() {
		words = append(words, report.Item{Name: w[0], Text: w[1]})
	}
	s.Add(words)
	return s
}

func (e *env) printVerdict(v score.Verdict, format string) error {
	if format != "json" {
		t := report.NewTerminal(e.stdout, e.width())
		t.Section(verdictSection(&v))
		return t.Err()
	}
	out := json.NewEncoder(e.stdout)
	out.SetEscapeHTML(false)
	return out.Encode(v)
}

// tellEvery is the time between lines that say how far a measurement is.
const tellEvery = 5 * time.Second

// showReading returns what tells of the reading of a long text.
func (e *env) showReading() func(done, total int64) {
	last := time.Now()
	return func(done, total int64) {
		if now := time.Now(); now.Sub(last) >= tellEvery {
			last = now
			fmt.Fprintf(e.stderr, "measuring: %d of %d symbols read\n", done, total)
		}
	}
}

// What the verdict at the end of train reads at most, in symbols: few enough to be a small part of the work.
const (
	verdictAtEnd = 1 << 17
	learnAtEnd   = 1 << 21
)

// trainVerdict tells how good the best model of a run is that has come to its end. The run is finished whatever happens
// here, so that nothing here is an error of train.
func (e *env) trainVerdict(ctx context.Context, f *trainFlags, data *corpus.Corpus, language string) {
	if f.quiet || data.Valid().Len() == 0 {
		return
	}
	fmt.Fprintln(e.stderr, "measuring the best model beside n-grams; Ctrl-C leaves that out")
	m, err := model.Load(f.out)
	if err == nil {
		o := score.VerdictOptions{Learn: learnAtEnd, Measure: verdictAtEnd, Progress: e.showReading()}
		o.Floor, _ = floor(language, data.Alphabet.Kind()) // without it where there is none
		var v score.Verdict
		if v, err = score.Evaluate(ctx, []score.Candidate{{Name: f.out, Model: m, Steps: runSteps(f.out, m.Summary)}}, data, o); err == nil {
			fmt.Fprint(e.stderr, v.Short())
		}
	}
	switch {
	case errors.Is(err, context.Canceled):
		fmt.Fprintf(e.stderr, "left out; see elman score --verdict\n")
	case err != nil:
		fmt.Fprintf(e.stderr, "no verdict: %v\n", err)
	}
}
