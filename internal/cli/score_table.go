package cli

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/internal/report"
	"github.com/seed-f4dd853e/elman/internal/table"
	"github.com/seed-f4dd853e/elman/score"
	"github.com/seed-f4dd853e/elman/score/units"
)

// tableFlags are the flags of score --table.
type tableFlags struct {
	file    string
	text    string
	group   []string
	regions string
	join    string
}

func (f *tableFlags) add(c *cobra.Command) {
	fl := c.Flags()
	fl.StringVar(&f.file, "table", "", "score the texts of a table, a CSV or TSV `file`, and add columns to it")
	fl.StringVar(&f.text, "text", "", "with --table: `column` of the texts, each scored on its own")
	fl.StringArrayVar(&f.group, "group", nil, "with --table: join rows that are equal in this `column`; may be repeated")
	fl.StringVar(&f.regions, "regions", "", "with --table: `mark` between regions of a text, such as |")
	fl.StringVar(&f.join, "join", " ", "`text` between joined rows or regions (default: a space)")
}

// check checks the flags. It sets per and format where they are not given.
func (f *tableFlags) check(c *cobra.Command, per, format *string, files int) error {
	changed := c.Flags().Changed
	if f.file == "" {
		for _, name := range []string{"text", "group", "regions", "join"} {
			if changed(name) {
				return usagef("--%s is for --table", name)
			}
		}
		if *per == "text" {
			return usagef("--per text is for --table")
		}
		return nil
	}
	for _, name := range []string{"top", "html", "show", "reference", "color"} {
		if changed(name) {
			return usagef("--%s is not for --table", name)
		}
	}
	own := len(f.group) > 0 || f.regions != ""
	switch {
	case files > 0:
		return usagef("--table names the text to score; leave out the files")
	case f.text == "":
		return usagef("--table needs --text, the column with the texts")
	case len(f.group) > 0 && f.regions != "":
		return usagef("--group and --regions are two ways to mark regions; leave out one")
	case !own && changed("join"):
		return usagef("--join is for --group and --regions")
	case own && changed("word-split"):
		return usagef("--word-split is for texts that are not divided by --group or --regions")
	case !changed("per"):
		*per = map[bool]string{false: "text", true: "word"}[own]
	case *per != "word" && *per != "text":
		return usagef("--per %s is not for --table; choose word or text", *per)
	case *per == "text" && len(f.group) > 0:
		return usagef("--group gives each row its own values, as --per word says; leave out --per text")
	}
	if !changed("format") {
		*format = "" // that of the table
	}
	return nil
}

// A tableText is a text of a table, with the rows that it was made of.
type tableText struct {
	rows  []tableRow
	text  []byte
	spans []units.Span // of its words or regions if the user gave them: one a row, or all in one row
}

// A tableRow is a row with its number.
type tableRow struct {
	number int
	cells  []any
}

// A tableScoring scores a table.
type tableScoring struct {
	*scoring
	in    *table.Reader
	text  int   // index of the column
	group []int // indexes of the columns
	seen  map[string]int
	mark  bool       // of --regions is in a text
	next  *tableText // whose last row has been read, but not the end of its group

	words *wordSheet // nil for a row per text
	sheet sheet
}

// scoreTable is score --table.
func (s *scoring) scoreTable(e *env) error {
	f := &s.f.table
	text, err := corpus.Open(s.ctx, []string{f.file}, e.stdin)
	if err != nil {
		return err
	}
	defer text.Close()
	t := &tableScoring{scoring: s, seen: map[string]int{}}
	s.begins(f.file, text.Size())
	if t.in, err = table.NewReader(io.NewSectionReader(text, 0, text.Size()), f.file); err != nil {
		return inFile(f.file, err)
	}
	if t.text, err = t.column(f.text); err != nil {
		return err
	}
	for _, name := range f.group {
		i, err := t.column(name)
		if err != nil {
			return err
		}
		t.group = append(t.group, i)
	}
	if err := t.begin(); err != nil {
		return inFile(f.file, err)
	}
	for {
		texts, err := t.read()
		if err == nil && len(texts) == 0 {
			break
		}
		if err == nil {
			err = t.score(texts)
		}
		if err != nil {
			return inFile(f.file, err)
		}
		t.sheet.flush()
	}
	t.sheet.flush()
	if f.regions != "" && !t.mark {
		t.status.Clear()
		fmt.Fprintf(e.stderr, "note: no text of %s has the mark %q of --regions: each is one region\n", textName(f.file), f.regions)
	}
	return nil
}

// column returns the index of a column.
func (t *tableScoring) column(name string) (int, error) {
	i := slices.Index(t.in.Columns, name)
	switch {
	case i < 0:
		return 0, fmt.Errorf("%s has no column %q; its columns are %s", textName(t.f.table.file), name, strings.Join(t.in.Columns, ", "))
	case slices.Contains(t.in.Columns[i+1:], name):
		return 0, fmt.Errorf("%s has two columns %q; rename one", textName(t.f.table.file), name)
	}
	return i, nil
}

// begin writes the names of the columns. In JSON they must differ.
func (t *tableScoring) begin() error {
	var ours []column
	if t.f.per == "word" {
		label := "word"
		switch {
		case len(t.group) > 0:
			label = "" // the text's own column has it
		case t.f.table.regions != "":
			label = "region"
		}
		t.words, ours = t.newWordSheet(label)
		t.words.rule.Apart = t.own()
	} else {
		ours = t.textColumns()
	}
	var columns []column
	for i, name := range t.in.Columns {
		if t.f.format == "json" && slices.Contains(t.in.Columns[:i], name) {
			return fmt.Errorf("there are two columns %q, and JSON can hold one; rename one", name)
		}
		columns = append(columns, column{name: name})
	}
	for _, c := range ours {
		for slices.ContainsFunc(columns, func(other column) bool { return other.name == c.name }) {
			c.name = "elman_" + c.name
		}
		columns = append(columns, c)
	}
	if t.f.format == "" {
		t.sheet = newCSVSheet(t.out, t.in.Separator, columns)
		return nil
	}
	t.sheet = newSheet(t.out, t.f.format, columns)
	return nil
}

// own reports whether the user has divided the texts.
func (t *tableScoring) own() bool { return len(t.group) > 0 || t.f.table.regions != "" }

// read returns the next texts, none at the end of the table.
func (t *tableScoring) read() (texts []*tableText, err error) {
	for size := 0; len(texts) < linesAtOnce && size < bytesAtOnce; {
		row, err := t.in.Read()
		if err == io.EOF {
			if t.next != nil {
				texts = append(texts, t.next.joined(t))
				t.next = nil
			}
			return texts, nil
		}
		if err != nil {
			return nil, err
		}
		if i := slices.IndexFunc(row, func(cell string) bool { return !utf8.ValidString(cell) }); i >= 0 && t.f.format == "json" {
			return nil, &table.Error{Row: t.in.Row(), Err: fmt.Errorf("column %q is not UTF-8, which JSON must be; convert the file", t.in.Columns[i])}
		}
		size += len(row[t.text])
		if len(t.group) == 0 {
			x := &tableText{rows: []tableRow{t.row(row)}, text: []byte(row[t.text])}
			if t.f.table.regions != "" {
				parts := strings.Split(row[t.text], t.f.table.regions)
				t.mark = t.mark || len(parts) > 1
				x.text, x.spans = units.Join(parts, t.f.table.join)
			}
			texts = append(texts, x)
			continue
		}
		if t.next != nil && !t.same(t.next.rows[0], row) {
			texts = append(texts, t.next.joined(t))
			t.next = nil
		}
		if t.next == nil {
			if err := t.newGroup(row); err != nil {
				return nil, err
			}
			t.next = &tableText{}
		}
		t.next.rows = append(t.next.rows, t.row(row))
	}
	return texts, nil
}

// same reports whether two rows are of one group.
func (t *tableScoring) same(a tableRow, b []string) bool {
	return !slices.ContainsFunc(t.group, func(i int) bool { return a.cells[i] != b[i] })
}

// newGroup makes sure that a row does not belong to a group that has ended.
func (t *tableScoring) newGroup(row []string) error {
	var key strings.Builder
	var names []string
	for _, i := range t.group {
		fmt.Fprintf(&key, "%q ", row[i])
		names = append(names, t.in.Columns[i]+" "+row[i])
	}
	if first := t.seen[key.String()]; first > 0 {
		return &table.Error{Row: t.in.Row(), Err: fmt.Errorf("%s has rows before, from row %d on, and others between; sort the table, or name another column with --group",
			strings.Join(names, ", "), first)}
	}
	t.seen[key.String()] = t.in.Row()
	return nil
}

// joined joins the rows of a group.
func (x *tableText) joined(t *tableScoring) *tableText {
	var parts []string
	for _, row := range x.rows {
		parts = append(parts, row.cells[t.text].(string))
	}
	x.text, x.spans = units.Join(parts, t.f.table.join)
	return x
}

// row returns the row read last.
func (t *tableScoring) row(texts []string) tableRow {
	r := tableRow{t.in.Row(), make([]any, len(texts))}
	for i, text := range texts {
		r.cells[i] = text
	}
	return r
}

// of returns the row of unit k.
func (x *tableText) of(k int) tableRow { return x.rows[min(k, len(x.rows)-1)] }

// score scores texts and prints their rows.
func (t *tableScoring) score(texts []*tableText) error {
	bytes := make([][]byte, len(texts))
	sums := make([][]score.Sum, len(texts)) // by text and model
	groupers := make([][]*units.Grouper, len(texts))
	for i, x := range texts {
		bytes[i], sums[i] = x.text, make([]score.Sum, len(t.models))
		if t.words != nil {
			if !t.own() {
				x.spans = t.words.spans(x.text)
			}
			for range t.models {
				groupers[i] = append(groupers[i], units.New(x.spans, t.words.rule))
			}
		}
	}
	for j := range t.models {
		err := t.models[j].scorer.Lines(t.ctx, bytes, func(i int, x score.Symbol) error {
			t.tell(len(x.Text))
			sums[i][j].Add(x)
			if t.words == nil {
				return nil
			}
			if err := groupers[i][j].Add(x); err != nil {
				return &score.TextError{Text: i, Err: err}
			}
			return nil
		})
		if err != nil {
			return t.named(texts, t.models[j].name, err)
		}
	}
	for i, x := range texts {
		if t.words == nil {
			t.sheet.row(append(x.rows[0].cells, t.measures(sums[i])...))
		} else {
			t.wordRows(x, groupers[i])
		}
	}
	return nil
}

// named says which row an error concerns.
func (t *tableScoring) named(texts []*tableText, model string, err error) error {
	in := (*score.TextError)(nil)
	if !errors.As(err, &in) {
		return err
	}
	x := texts[in.Text]
	if shared := (*units.SharedError)(nil); errors.As(err, &shared) {
		s := x.spans[shared.Unit]
		return &table.Error{Row: x.of(shared.Unit).number, Err: fmt.Errorf("%q ends within %q, a symbol of %s; join them, or choose a model of characters",
			x.text[s.Start:s.End], shared.Symbol, model)}
	}
	k := 0
	if unknown := (*corpus.UnknownSymbolError)(nil); errors.As(err, &unknown) {
		k = max(0, slices.IndexFunc(x.spans, func(s units.Span) bool { return unknown.Offset < s.End }))
	}
	return &table.Error{Row: x.of(k).number, Err: in.Err}
}

// wordRows prints the rows of the words of a text. A text without words has a row too.
func (t *tableScoring) wordRows(x *tableText, groupers []*units.Grouper) {
	t.words.begin()
	words := t.words.group(x.text, groupers)
	var lead *word
	if t.own() { // each of the user's words has one row
		lead = &words[0]
	}
	if t.words.lead(groupers, &lead); !t.own() && lead != nil {
		words = slices.Insert(words, 0, *lead)
	}
	for k, w := range words {
		t.sheet.row(slices.Concat(x.of(k).cells, t.words.cells(w)))
	}
}

// textColumns returns the columns of a text.
func (t *tableScoring) textColumns() []column {
	columns := []column{{name: "chars"}}
	for _, label := range modelLabels(t.models) {
		columns = append(columns, column{name: "bits" + label}, column{name: "bits_per_char" + label}, column{name: "perplexity" + label},
			column{name: "oov" + label}, column{"oov_bits" + label, true}, column{"spelling_bits" + label, true}, column{"perplexity_known" + label, true})
	}
	if t.f.units.mean {
		columns = append(columns, column{name: "bits_mean"}, column{name: "bits_sd"})
	}
	return columns
}

func (t *tableScoring) measures(sums []score.Sum) []any {
	cells := []any{int(sums[0].Chars)}
	var bits []float64
	for _, sum := range sums {
		bits = append(bits, sum.Bits.Float())
		cells = append(cells, sum.Bits, sum.PerChar(), sum.Perplexity(), sum.Unknown, sum.UnknownBits, sum.Spelling, sum.KnownPerplexity())
	}
	if t.f.units.mean {
		b := report.SpreadOf(bits)
		cells = append(cells, b.Mean, b.SD)
	}
	return cells
}
