package report

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/seed-f4dd853e/elman/internal/chart"
	"github.com/seed-f4dd853e/elman/internal/termtext"
)

// document has one of everything, with tables from narrow to wide.
func document() *Document {
	s := &Section{Name: "all", Title: "A section with a rather long title, which takes more than one line"}
	s.Say("The quick brown fox jumps over the lazy dog, %d times in %s symbols, at 1.398 nats per character and 1,234,567.89 of something.", 12, Grouped(1115394))
	s.Add(List{{"SRN", "Elman's network with sigmoid units"}, {"a longer name", "long short-term memory, forget biases from 1 on; the gradient is that of h and c together"}})
	narrow := &Table{Columns: []string{"k", "loss"}}
	narrow.Row(Whole(1), Number(1.5, Plain))
	narrow.Row(Whole(20), Missing)
	wide := &Table{Caption: "A table of eleven columns, which has no room on a narrow terminal.", Columns: strings.Split("feature|unit|r|second|strength|untrained|p|AUC|R² units|R² untrained|R² last 3", "|"), Shown: 2}
	for i := range 3 {
		row := []Cell{Word("since sentence %d", i)}
		for j := range 10 {
			row = append(row, Number(-0.123456*float64(i+j), Signed(3)))
		}
		wide.Row(row...)
	}
	words := &Table{Columns: []string{"what", "wanted", "source", "here"}}
	words.Row(Word("Ward's tree of nouns: animates and things apart"), Word("at least 0.94"), Word("figure 7: nouns and verbs part first, then animates and things"), SpreadOf([]float64{0.005, 0.01}).Cell())
	s.Add(narrow, wide, words, &Figure{Name: "curve", Caption: "A curve.", Charts: []chart.Chart{{X: "x", Y: "y", Lines: []chart.Line{{X: []float64{1, 2}, Y: []float64{3, 4}}}}}},
		Quote{Caption: "The network writes:", Text: "line one\nline two\n"})
	return &Document{Title: "A document", Summary: "What it is about.", Sections: []*Section{s}}
}

func printed(d *Document, width int) string {
	var b strings.Builder
	t := NewTerminal(&b, width)
	for _, s := range d.Sections {
		t.Section(s)
	}
	return b.String()
}

// TestTerminalWidths: at every width lines keep within it, and each word and number is there in one piece, the more often the
// more often it was told.
func TestTerminalWidths(t *testing.T) {
	d := document()
	var words []string
	told := func(text string) { words = append(words, strings.Fields(text)...) }
	for _, s := range d.Sections {
		told(s.Title)
		for _, b := range s.Blocks {
			switch b := b.(type) {
			case Paragraph:
				told(string(b))
			case List:
				for _, i := range b {
					told(i.Name + " " + i.Text)
				}
			case *Table:
				told(b.Caption)
				for _, row := range b.Rows[:min(len(b.Rows), max(b.Shown, 1))] {
					for _, c := range row {
						told(c.Text)
					}
				}
			}
		}
	}
	for width := 40; width <= 200; width++ {
		text := printed(d, width)
		for line := range strings.SplitSeq(text, "\n") {
			if n := termtext.Width(line); n > width {
				t.Errorf("width %d: %d columns in %q", width, n, line)
			}
		}
		all := map[string]int{}
		for _, word := range strings.Fields(text) {
			all[word]++
		}
		for _, word := range words {
			if all[word] == 0 {
				t.Errorf("width %d: no %q in\n%s", width, word, text)
			}
		}
		if !strings.Contains(text, "and 1 more") {
			t.Errorf("width %d: rows are left out without a word", width)
		}
	}
	if printed(d, 1) != printed(d, 40) || printed(d, 1000) != printed(d, 200) || printed(d, 0) != printed(d, 200) {
		t.Error("widths are not limited to 40 and 200, or 0 is not the widest")
	}
}

// TestColumns: tables fold, and where folding is not enough they are stacked.
func TestColumns(t *testing.T) {
	d := document()
	tables := Of[*Table](d.Sections[0].Blocks)
	for _, tt := range []struct {
		table, width int
		want         string
	}{
		{0, 40, " k   loss\n 1  1.500\n20      –\n"},
		{2, 100, "what                           wanted         source                                            here\n" +
			"Ward's tree of nouns:          at least 0.94  figure 7: nouns and verbs      0.0075 (0.005 to 0.010)\n" +
			"animates and things apart                     part first, then animates and\n" +
			"                                              things\n"},
		{2, 40, "what: Ward's tree of nouns: animates and\nthings apart\n" +
			"  wanted  at least 0.94\n  source  figure 7: nouns and verbs part\n          first, then animates and\n          things\n  here    0.0075 (0.005 to 0.010)\n"},
	} {
		var b strings.Builder
		NewTerminal(&b, tt.width).Block(tables[tt.table])
		if b.String() != tt.want {
			t.Errorf("table %d in %d columns is\n%s\nwant\n%s", tt.table, tt.width, &b, tt.want)
		}
	}
}

// TestList: texts stand beside the names, or below them where these leave too little room.
func TestList(t *testing.T) {
	for _, tt := range []struct {
		name, want string
	}{
		{"SRN", "  SRN  Elman's network with sigmoid\n       units\n"},
		{"a name of seventeen", "  a name of seventeen\n    Elman's network with sigmoid units\n"},
	} {
		var b strings.Builder
		NewTerminal(&b, 40).Block(List{{tt.name, "Elman's network with sigmoid units"}})
		if b.String() != tt.want {
			t.Errorf("%q, want %q", &b, tt.want)
		}
	}
}

// TestRows: a table whose rows come one by one keeps its columns, and within the width.
func TestRows(t *testing.T) {
	for _, width := range []int{40, 60, 100} {
		var b strings.Builder
		term := NewTerminal(&b, width)
		term.Block(Paragraph("Losses:"))
		term.Begin([]string{"iteration", "notebook printed", "as published", "corrected"}, Word("10:100000"), Number(-10, Plain), Number(-10, Plain), Number(-10, Plain))
		term.Row(Word("1:10000"), Missing, Number(2.5, Plain), Number(2.25, Plain))
		term.Row(Word("10:100000"), Number(12.5, Plain), Number(-2.5, Plain), Number(math.NaN(), Plain))
		for _, word := range []string{"Losses:\n\niter", "notebook", "1:10000", "10:100000", "−2.500", "NaN"} {
			if !strings.Contains(b.String(), word) {
				t.Errorf("width %d: no %q in\n%s", width, word, &b)
			}
		}
		for line := range strings.SplitSeq(b.String(), "\n") {
			if termtext.Width(line) > width {
				t.Errorf("width %d: %q", width, line)
			}
		}
	}
}

type broken struct{ writes int }

func (w *broken) Write([]byte) (int, error) { w.writes++; return 0, errors.New("broken") }

// TestTerminalError: the first error of writing is kept, and ends it.
func TestTerminalError(t *testing.T) {
	w := &broken{}
	term := NewTerminal(w, 80)
	term.Section(document().Sections[0])
	if term.Err() == nil || w.writes != 1 {
		t.Errorf("error %v after %d writes", term.Err(), w.writes)
	}
}

// TestFormats pins how numbers are written.
func TestFormats(t *testing.T) {
	for _, tt := range []struct {
		got, want string
	}{
		{Fixed(2)(-1.005), "−1.00"}, {Fixed(2)(-0.001), "0.00"}, {Fixed(2)(-1e308), "−1e+308"}, {Fixed(0)(999999999999999), "999999999999999"}, {Fixed(0)(1e15), "1e+15"}, {Fixed(3)(math.Inf(-1)), "−∞"}, {Fixed(1)(math.NaN()), "NaN"},
		{Signed(2)(0.5), "+0.50"}, {Signed(2)(0.001), "0.00"}, {Signed(2)(-0.5), "−0.50"}, {Signed(1)(math.Inf(1)), "+∞"},
		{Percent(1)(0.1234), "12.3 %"}, {Percent(0)(math.Inf(1)), "∞"}, {Digits(3)(0.00012345), "0.000123"}, {Digits(3)(1.5e-7), "1.5e-07"},
		{Plain(0), "0.000"}, {Plain(0.00123), "0.0012"}, {Plain(12.3456), "12.346"}, {Plain(2.5e6), "2.5e+06"},
		{Short(1500), "1500"}, {Short(12600), "13 k"}, {Short(3.25e6), "3.25 M"}, {Short(87.25), "87"}, {Short(1e308), "1e+308"},
		{Grouped(0), "0"}, {Grouped(999), "999"}, {Grouped(-1000), "-1,000"}, {Grouped(-999), "-999"}, {Grouped(math.MinInt64), "-9,223,372,036,854,775,808"},
		{Seconds(1.25), "1.2 s"}, {Seconds(600), "10 min"}, {Bytes(999), "999 bytes"}, {Bytes(15_000), "15 kB"}, {Bytes(2_500_000), "2.5 MB"},
		{Exact(0.1), "0.1"},
	} {
		if tt.got != tt.want {
			t.Errorf("written %q, want %q", tt.got, tt.want)
		}
	}
}

// TestCSV reads tables back: values are exact.
func TestCSV(t *testing.T) {
	x := &Table{Columns: []string{"name", "value"}}
	x.Row(Word("a, \"b\"\n"), Number(1./3, Fixed(2)))
	x.Row(Word("none"), Missing)
	x.Row(Word("most"), Number(math.Inf(1), Plain))
	x.Row(Word("several"), SpreadOf([]float64{1, 2}).Cell())
	y := &Table{Columns: []string{"n"}}
	y.Row(Whole(12345678))
	first, second, _ := strings.Cut(string(CSV(x, y)), "\n\n")
	rows, err := csv.NewReader(strings.NewReader(first)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{{"name", "value", "value sd", "value low", "value high"}, {"a, \"b\"\n", "0.3333333333333333", "", "", ""}, {"none", "", "", "", ""},
		{"most", "+Inf", "", "", ""}, {"several", "1.5", "0.7071067811865476", "1", "2"}}
	if fmt.Sprint(rows) != fmt.Sprint(want) || second != "n\n12345678\n" {
		t.Errorf("rows %q, want %q; then %q", rows, want, second)
	}
}

// TestJSON: tables have exact values, and words where JSON has no number.
func TestJSON(t *testing.T) {
	x := &Table{Caption: "<c>", Columns: []string{"a", "b"}}
	x.Row(Number(1./3, Fixed(1)), Number(math.NaN(), Plain))
	x.Row(Missing, Spread{1, math.Inf(1), 0, 2}.Cell())
	b, err := json.Marshal(x)
	if want := `{"caption":"\u003cc\u003e","columns":["a","b"],"rows":[[0.3333333333333333,"NaN"],[null,{"mean":1,"sd":null,"low":0,"high":2}]]}`; err != nil || string(b) != want {
		t.Errorf("%s, error %v; want %s", b, err, want)
	}
	if b, err := json.Marshal(&Table{Columns: []string{"a"}}); err != nil || string(b) != `{"columns":["a"],"rows":[]}` {
		t.Errorf("no rows: %s, error %v", b, err)
	}
	if b, err := json.Marshal(&Figure{Name: "n", Caption: "c"}); err != nil || string(b) != `{"name":"n","caption":"c"}` {
		t.Errorf("a figure: %s, error %v", b, err)
	}
}

// hostile is what Markdown, HTML and terminals would take for more than text.
const hostile = "</script><script>alert(1)</script> *a* _b_ | `c` [d](e) <img src=x> \x1b[31m \u202e $x$ # \n## no heading\n- no item"

func hostileDocument() *Document {
	t := &Table{Caption: hostile, Columns: []string{hostile}}
	t.Row(Cell{Text: hostile, Value: hostile, Unit: &Unit{Group: hostile, Quantity: hostile}})
	s := &Section{Name: hostile, Title: hostile}
	s.Add(Paragraph(hostile), List{{hostile, hostile}}, t, Quote{Caption: hostile, Text: hostile + "```"}, &Figure{Name: hostile, Caption: hostile, Charts: Of[*Figure](document().Sections[0].Blocks)[0].Charts})
	return &Document{Title: hostile, Summary: hostile, Sections: []*Section{s}}
}

func TestHostile(t *testing.T) {
	page, err := HTML(hostileDocument())
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"<script", "<img", "http:", "https:", "url("} {
		if strings.Contains(string(page), bad) {
			t.Errorf("there is a %s in the page", bad)
		}
	}
	for line := range strings.SplitSeq(string(Markdown(hostileDocument())), "\n") {
		if strings.Contains(line, "<script") && !strings.Contains(line, `\<script`) && !strings.HasPrefix(line, "</script><script>") { // which is the quote
			t.Errorf("a script in Markdown: %q", line)
		}
	}
	var b strings.Builder
	term := NewTerminal(&b, 80)
	for _, block := range hostileDocument().Sections[0].Blocks[:3] {
		term.Block(block)
	}
	if strings.ContainsAny(b.String(), "\x1b\u202e") {
		t.Errorf("a terminal is given %q", &b)
	}
}

// TestHTMLIsClosed: every element of a page ends, whatever its last block is.
func TestHTMLIsClosed(t *testing.T) {
	blocks := document().Sections[0].Blocks
	for n := range len(blocks) + 1 {
		b, err := SectionHTML(&Section{Blocks: blocks[:n]})
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"section", "div", "table", "tr", "td", "figure", "svg", "g", "p", "dl"} {
			begun, ended := strings.Count(string(b), "<"+name+">")+strings.Count(string(b), "<"+name+" "), strings.Count(string(b), "</"+name+">")
			if begun != ended {
				t.Errorf("%d blocks: %d of %s begin and %d end", n, begun, name, ended)
			}
		}
	}
}

// TestFence: a quote's fence is longer than any in its text.
func TestFence(t *testing.T) {
	s := &Section{}
	s.Add(Quote{Text: "```\n````\nend\n"})
	if got := string(Markdown(&Document{Title: "t", Sections: []*Section{s}})); got != "# t\n\n`````\n```\n````\nend\n`````\n" {
		t.Errorf("%q", got)
	}
}

// TestNothingToDraw: a figure without a number leaves a page that says so.
func TestNothingToDraw(t *testing.T) {
	s := &Section{}
	s.Add(&Figure{Caption: "A figure.", Charts: []chart.Chart{{Lines: []chart.Line{{X: []float64{1}, Y: []float64{math.NaN()}}}}}})
	b, err := SectionHTML(s)
	if err != nil || !strings.Contains(string(b), "A figure. Not drawn: there is no number to draw.") {
		t.Errorf("%s, error %v", b, err)
	}
	s.Blocks = []Block{&Figure{Name: "bad", Charts: []chart.Chart{{Lines: []chart.Line{{X: []float64{1}}}}}}}
	if _, err := SectionHTML(s); err == nil || !strings.Contains(err.Error(), "figure bad") {
		t.Errorf("a figure that is wrong: error %v", err)
	}
}

// TestSqueeze: any widths fit, if the least do.
func TestSqueeze(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		n := 1 + r.IntN(6)
		widths, least := make([]int, n), make([]int, n)
		for i := range widths {
			least[i] = r.IntN(10)
			widths[i] = least[i] + r.IntN(40)
		}
		room := sum(least) + r.IntN(60)
		before := fmt.Sprint(widths)
		squeeze(widths, least, room)
		for i := range widths {
			if widths[i] < least[i] {
				t.Errorf("%s to %d: column %d of %v is below %d", before, room, i, widths, least[i])
			}
		}
		if sum(widths) > room {
			t.Errorf("%s is %v, want at most %d", before, widths, room)
		}
	}
}
