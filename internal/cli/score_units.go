package cli

import (
	"errors"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/internal/report"
	"github.com/seed-f4dd853e/elman/internal/table"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/score/units"
)

// unitFlags are the flags of score --per word.
type unitFlags struct {
	split     string
	spillover int
	frequency string
	mean      bool
}

func (f *unitFlags) add(c *cobra.Command) {
	fl := c.Flags()
	fl.StringVar(&f.split, "word-split", "space", "`where` words end: space, or unicode (UAX 29)")
	fl.IntVar(&f.spillover, "spillover", 0, "with --per word: add the values of the `N` words before")
	fl.StringVar(&f.frequency, "frequency", "", "with --per word: `file` of text, or of word counts, for frequencies")
	fl.BoolVar(&f.mean, "mean", false, "with --model: add mean and standard deviation")
}

// mostSpillover is far beyond what a reader carries over.
const mostSpillover = 100

func (f *unitFlags) check(c *cobra.Command, per string, models int) error {
	for _, name := range []string{"word-split", "spillover", "frequency"} {
		if c.Flags().Changed(name) && per != "word" {
			return usagef("--%s is for --per word", name)
		}
	}
	switch {
	case f.split != "space" && f.split != "unicode":
		return usagef("--word-split is %q, must be space or unicode", f.split)
	case f.spillover < 0 || f.spillover > mostSpillover:
		return usagef("--spillover is %d, must be 0 to %d", f.spillover, mostSpillover)
	case f.mean && models < 2:
		return usagef("--mean is of several models; name more with --model")
	case f.mean && per != "word" && per != "text":
		return usagef("--mean is for --per word or text")
	}
	return nil
}

// A word is a unit of a text as it is printed: a word, or what the user made one.
type word struct {
	units.Span
	text     string
	position int // in its line or text, from 1
	chars    int // of the text before it
	models   []units.Unit
}

// A wordSheet prints words, beside other columns.
type wordSheet struct {
	sheet
	f         unitFlags
	label     string // the name of the column of the words, "" for none
	rule      units.Rule
	frequency *units.Frequency // nil for no such column
	history   []word           // the words before, the last first
}

// newWordSheet returns the columns of a word, what it is called among them unless that is "", and a sheet that needs its
// columns.
func (s *scoring) newWordSheet(label string) (*wordSheet, []column) {
	w := &wordSheet{f: s.f.units, label: label, frequency: s.frequency}
	w.rule.Ends = s.f.units.split == "space"
	for _, m := range s.models {
		w.rule.ASCII = w.rule.ASCII || m.model.Alphabet.Kind().OfBytes()
	}
	columns := []column{{name: "position"}}
	if label != "" {
		columns = append(columns, column{name: label})
	}
	for _, name := range []string{"start", "end", "char_start", "char_end"} {
		columns = append(columns, column{name, true})
	}
	columns = append(columns, column{name: "length"})
	if w.frequency != nil {
		columns = append(columns, column{name: "frequency"})
	}
	labels := modelLabels(s.models)
	for _, label := range labels {
		columns = append(columns, column{name: "bits" + label}, column{"space_bits" + label, true}, column{name: "entropy" + label},
			column{name: "rank" + label}, column{name: "oov" + label}, column{"spelling_bits" + label, true})
	}
	if w.f.mean {
		columns = append(columns, column{name: "bits_mean"}, column{name: "bits_sd"}, column{name: "entropy_mean"}, column{name: "entropy_sd"})
	}
	for n := range w.f.spillover {
		before := "_prev" + strconv.Itoa(n+1)
		for _, label := range labels {
			columns = append(columns, column{name: "bits" + label + before})
		}
		if w.f.mean {
			columns = append(columns, column{name: "bits_mean" + before})
		}
		columns = append(columns, column{name: "length" + before})
		if w.frequency != nil {
			columns = append(columns, column{name: "frequency" + before})
		}
	}
	return w, columns
}

// modelLabels returns what tells the columns of several models apart: _ and the name of each, of its file or folder alone if
// that suffices.
func modelLabels(models []scoredModel) []string {
	if len(models) == 1 {
		return []string{""}
	}
	short := func(name string) string {
		return strings.TrimSuffix(filepath.Base(filepath.Clean(name)), filepath.Ext(model.FileName))
	}
	var labels []string
	for _, m := range models {
		name := short(m.name)
		if slices.ContainsFunc(models, func(other scoredModel) bool { return other.name != m.name && short(other.name) == name }) {
			name = m.name
		}
		label := "_" + name
		for n := 2; slices.Contains(labels, label); n++ {
			label = "_" + name + "_" + strconv.Itoa(n)
		}
		labels = append(labels, label)
	}
	return labels
}

// cells returns the cells of a word, for each column of newWordSheet, and remembers the word.
func (s *wordSheet) cells(w word) []any {
	cells := []any{w.position}
	if s.label != "" {
		cells = append(cells, w.text)
	}
	chars := utf8.RuneCountInString(w.text)
	cells = append(cells, w.Start, w.End, w.chars, w.chars+chars)
	known := w.Start < w.End
	if !known { // a cell without a word, or white space
		cells[0] = nil
	}
	cells = append(cells, s.properties(w)...)
	var bits, entropy []float64
	for _, u := range w.models {
		bits, entropy = append(bits, u.Bits.Float()), append(entropy, u.Entropy.Float())
		if known {
			cells = append(cells, u.Bits, u.Space, u.Entropy, u.Rank, u.Unknown, u.Spelling)
		} else {
			cells = append(cells, nil, u.Space, nil, nil, nil, nil)
		}
	}
	if s.f.mean {
		if known {
			b, h := report.SpreadOf(bits), report.SpreadOf(entropy)
			cells = append(cells, b.Mean, b.SD, h.Mean, h.SD)
		} else {
			cells = append(cells, nil, nil, nil, nil)
		}
	}
	for n := range s.f.spillover {
		cells = append(cells, s.before(n, len(w.models))...)
	}
	if known && s.f.spillover > 0 {
		s.history = slices.Insert(s.history, 0, w)
		s.history = s.history[:min(len(s.history), s.f.spillover)]
	}
	return cells
}

// properties returns the length of a word and, where wanted, its frequency.
func (s *wordSheet) properties(w word) []any {
	if w.text == "" {
		return slices.Repeat([]any{nil}, s.countProperties())
	}
	cells := []any{utf8.RuneCountInString(w.text)}
	if s.frequency != nil {
		cells = append(cells, s.frequency.PerMillion(w.text))
	}
	return cells
}

func (s *wordSheet) countProperties() int {
	if s.frequency != nil {
		return 2
	}
	return 1
}

// before returns the cells of a word before, of the last if n is 0.
func (s *wordSheet) before(n, models int) []any {
	size := models + s.countProperties()
	if s.f.mean {
		size++
	}
	if n >= len(s.history) {
		return slices.Repeat([]any{nil}, size)
	}
	w := s.history[n]
	var cells []any
	var bits []float64
	for _, u := range w.models {
		cells, bits = append(cells, u.Bits), append(bits, u.Bits.Float())
	}
	if s.f.mean {
		cells = append(cells, report.SpreadOf(bits).Mean)
	}
	return append(cells, s.properties(w)...)
}

// begin begins a text: no words are before its first.
func (s *wordSheet) begin() { s.history = s.history[:0] }

// spans returns the words of a text.
func (s *wordSheet) spans(text []byte) []units.Span {
	if s.f.split == "unicode" {
		return units.Unicode(text)
	}
	return units.Words(text, s.rule.ASCII)
}

// group returns the words of a text that groupers, one for each model, have grouped.
func (s *wordSheet) group(text []byte, groupers []*units.Grouper) []word {
	all := make([][]units.Unit, len(groupers))
	for j, g := range groupers {
		all[j] = g.Units()
	}
	all = units.Fold(all)
	words := make([]word, len(all[0]))
	at, chars := 0, 0
	for k, u := range all[0] {
		w := word{Span: u.Span, text: string(text[u.Start:u.End]), position: k + 1}
		chars += utf8.RuneCount(text[at:u.Start])
		at, w.chars = u.Start, chars
		for j := range all {
			w.models = append(w.models, all[j][k])
		}
		words[k] = w
	}
	return words
}

// lead adds white space before the first word of a text to that after the word before. If there is no such word it makes one
// of no text.
func (s *wordSheet) lead(groupers []*units.Grouper, before **word) {
	leads := slices.ContainsFunc(groupers, func(g *units.Grouper) bool { return g.Lead != 0 }) // an empty region may stand before it
	if first := groupers[0].Units(); !leads && len(first) > 0 && first[0].Start == 0 {
		return
	}
	if *before == nil {
		*before = &word{models: make([]units.Unit, len(groupers))}
	}
	for j, g := range groupers {
		u := &(*before).models[j]
		u.Space = u.Space.Plus(g.Lead)
	}
}

// readFrequency reads --frequency: a table of words and counts, or a text whose words are counted.
func (s *scoring) readFrequency(e *env, path string) error {
	if path == "" {
		return nil
	}
	text, err := corpus.Open(s.ctx, []string{path}, e.stdin)
	if err != nil {
		return err
	}
	defer text.Close()
	s.frequency = units.NewFrequency()
	switch strings.ToLower(filepath.Ext(path)) {
	case ".csv", ".tsv", ".tab":
		err = inFile(path, readCounts(s.frequency, io.NewSectionReader(text, 0, text.Size()), path))
	default:
		err = s.countWords(text)
	}
	if err == nil && s.frequency.Total() == 0 {
		err = fmt.Errorf("--frequency %s: there are no words to count; name a text, or a table of words and counts", textName(path))
	}
	return err
}

// countWords counts the words of a text.
func (s *scoring) countWords(text *corpus.Text) error {
	split := wordSheet{f: s.f.units}
	for all := newLineReader(text); ; {
		lines, err := all.next()
		if err != nil || len(lines) == 0 {
			return err
		}
		for _, line := range lines {
			for _, w := range split.spans(line) {
				s.frequency.Add(string(line[w.Start:w.End]), 1)
			}
		}
	}
}

// readCounts reads a table of words and counts.
func readCounts(f *units.Frequency, in io.Reader, path string) error {
	r, err := table.NewReader(in, path)
	if err != nil {
		return err
	}
	if len(r.Columns) != 2 {
		return fmt.Errorf("a table for --frequency has two columns, words and counts, and this one has %d", len(r.Columns))
	}
	if n, ok := parseCount(r.Columns[1]); ok { // the table has no names of columns
		f.Add(r.Columns[0], n)
	}
	for {
		cells, err := r.Read()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		n, ok := parseCount(cells[1])
		if !ok {
			return &table.Error{Row: r.Row(), Err: fmt.Errorf("%.40q is no count; want a number, 0 or more", cells[1])}
		}
		f.Add(cells[0], n)
	}
}

// parseCount reads a cell of counts.
func parseCount(cell string) (n float64, ok bool) {
	n, err := strconv.ParseFloat(strings.TrimSpace(cell), 64)
	return n, err == nil && n >= 0 && !math.IsInf(n, 0)
}

// inFile names the file of an error.
func inFile(path string, err error) error {
	if row := (*table.Error)(nil); errors.As(err, &row) {
		return fmt.Errorf("%s, %w", textName(path), err)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", textName(path), err)
	}
	return nil
}
