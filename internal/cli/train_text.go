package cli

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/internal/term"
	"github.com/seed-f4dd853e/elman/language"
	"github.com/seed-f4dd853e/elman/train"
	"github.com/seed-f4dd853e/elman/train/run"
)

// A trainTexts is the texts of a training: one to learn from, and if they are files of their own, those to validate and test on.
type trainTexts struct {
	text, valid, test *corpus.Text // the last two may be nil
	paths             []string     // of the first
	name              string       // of the first
	generated         string       // the language that it is of, "" if of none
}

// Close closes them.
func (t *trainTexts) Close() {
	for _, text := range []*corpus.Text{t.text, t.valid, t.test} {
		if text != nil {
			text.Close()
		}
	}
}

// openTexts opens the texts of a training.
func (e *env) openTexts(ctx context.Context, f *trainFlags, args []string) (t *trainTexts, err error) {
	t = &trainTexts{paths: args}
	if t.text, t.name, t.generated, err = e.openText(ctx, f, args); err != nil {
		return nil, err
	}
	for _, other := range []struct {
		path string
		to   **corpus.Text
	}{{f.validFile, &t.valid}, {f.testFile, &t.test}} {
		if other.path == "" {
			continue
		}
		if *other.to, err = corpus.Open(ctx, []string{other.path}, e.stdin); err != nil {
			t.Close()
			return nil, err
		}
	}
	return t, nil
}

// openText opens the files, or reads a pipe, or generates the language; and gives the text a name.
func (e *env) openText(ctx context.Context, f *trainFlags, args []string) (text *corpus.Text, name, generated string, err error) {
	in := e.stdin
	if len(args) == 0 && !f.set.Changed("language") && !f.set.Changed("size") {
		if in, err = pipedText(ctx, e.stdin); err != nil {
			return nil, "", "", err
		} else if in != nil {
			fmt.Fprintln(e.stderr, "reading the text from standard input")
			args = []string{"-"}
		}
	}
	if len(args) > 0 {
		base := filepath.Base(args[0])
		name = strings.TrimSuffix(base, filepath.Ext(base))
		if args[0] == "-" {
			name = "stdin"
		}
		text, err = corpus.Open(ctx, args, in)
		return text, name, "", err
	}
	l, err := language.Find(f.language)
	if err != nil {
		return nil, "", "", usageError{err}
	}
	return corpus.FromBytes(l.Name, l.Generate(f.seed(), int(f.size))), l.Name, l.Name, nil
}

// readCorpus learns the alphabet of a text, and reads the others with it.
func (e *env) readCorpus(f *trainFlags, t *trainTexts) (*corpus.Corpus, error) {
	var shown *term.Status
	if !f.quiet {
		shown = term.NewStatus(e.screen)
	}
	defer shown.End()
	work, size := "reading "+t.name, float64(t.text.Size())
	o := corpus.Options{
		Kind: corpus.Kind(f.symbols), Closed: f.closed, MinCount: f.minCount, Lowercase: f.lowercase, AlphabetSize: f.alphabetSize,
		Valid: f.valid, Documents: corpus.Documents(f.documents),
		ValidText: t.valid, TestText: t.test,
		Progress: func(read int64) { shown.Tell(work, min(1, float64(read)/size)) },
	}
	if f.init != nil {
		o.Keep = f.init.Alphabet
	}
	if f.resume {
		var err error
		if o, err = train.CorpusOptions(f.out, o); err != nil {
			return nil, err
		}
	}
	return corpus.New(t.text, o)
}

// noteTexts says what users may not expect of the texts. The text to learn from is of the files paths.
func (e *env) noteTexts(f *trainFlags, data *corpus.Corpus, paths []string) {
	if f.quiet {
		return
	}
	if hint := lineHint(data.LineBreaks); hint != "" {
		fmt.Fprintf(e.stderr, "note: the text %s; it is learned as it is\n", hint)
	}
	if f.init != nil && data.Alphabet.Size() > f.init.Alphabet.Size() {
		added := data.Alphabet.Without(f.init.Alphabet)
		fmt.Fprintf(e.stderr, "note: the text has %s that the model of --init-from lacks, %s; their weights begin as in a new network\n",
			term.Counted(len(added), data.Alphabet.Kind().Symbol()), examples(added))
	}
	if f.validFile != "" && f.testFile != "" && data.Valid().Corpus().Hash() == data.Test().Corpus().Hash() {
		fmt.Fprintln(e.stderr, "note: --valid-file and --test-file are the same text: the model is chosen by it, which flatters its test")
	}
	for _, other := range []struct {
		path    string
		section corpus.Section
	}{{f.validFile, data.Valid()}, {f.testFile, data.Test()}} {
		if other.path == "" {
			continue
		}
		text := other.section.Corpus()
		e.noteLearned(other.path, text, paths, data)
		if hint := lineBreakHint(text.LineBreaks); hint != lineBreakHint(data.LineBreaks) {
			fmt.Fprintf(e.stderr, "note: %s %s, unlike the text to learn from\n", textName(other.path), cmp.Or(hint, "ends its lines with LF"))
		}
		if u := text.Unknown(); u.Symbols > 0 {
			fmt.Fprintf(e.stderr, "note: in %s %d of %d %s are not in the alphabet, such as %.20q: each is read as the escape, and spelling them takes %.4f bits more per %s\n",
				textName(other.path), u.Symbols, other.section.Len(), data.Alphabet.Kind(), u.First, u.Bits/float64(other.section.Len()), data.Alphabet.Kind().Symbol())
		}
	}
}

// noteLearned says so if a text to measure on, in the file path, is one to learn from.
func (e *env) noteLearned(path string, text *corpus.Corpus, paths []string, data *corpus.Corpus) {
	if text.Hash() == data.Hash() || slices.ContainsFunc(paths, func(other string) bool { return samePath(path, other) }) {
		fmt.Fprintf(e.stderr, "note: %s is a text to learn from too: the loss on it does not tell how new text is predicted\n", textName(path))
	}
}

// examples lists a few of many symbols.
func examples(symbols []string) string {
	var few []string
	for _, s := range symbols[:min(5, len(symbols))] {
		few = append(few, fmt.Sprintf("%.20q", s))
	}
	if len(symbols) > len(few) {
		few = append(few, "...")
	}
	return strings.Join(few, " ")
}

// tellTest says how the best model of a run did on the test file.
func (e *env) tellTest(f *trainFlags, data *corpus.Corpus, t run.Tested) {
	if f.testFile == "" {
		return
	}
	symbol := data.Alphabet.Kind().Symbol()
	fmt.Fprintf(e.stderr, "test on %s: %.4f nats (%.3f bits) per %s of %d, by the model of step %d", textName(f.testFile), t.Loss, t.Loss/math.Ln2, symbol, t.Symbols, t.Step)
	if t.Spelling > 0 {
		fmt.Fprintf(e.stderr, "; unknown symbols are spelled in %.4f bits more per %s", t.Spelling/float64(t.Symbols), symbol)
	}
	fmt.Fprintln(e.stderr)
}

// lineHint says what a text holds besides its letters that most would not want to be learned, "" if there is nothing.
func lineHint(l corpus.LineBreaks) string {
	var what []string
	if l.BOM {
		what = append(what, "begins with a byte order mark (tail -c +4 leaves it out)")
	}
	if hint := lineBreakHint(l); hint != "" {
		what = append(what, hint)
	}
	return strings.Join(what, " and ")
}

// lineBreakHint says how most lines end, "" if with a line feed.
func lineBreakHint(l corpus.LineBreaks) string {
	switch {
	case l.CRLF > 0 && l.CRLF >= l.LF:
		return "ends its lines with CR LF (tr -d '\\r' removes the CR)"
	case l.CR > l.LF+l.CRLF:
		return "ends its lines with CR alone (tr '\\r' '\\n' makes them LF)"
	}
	return ""
}
