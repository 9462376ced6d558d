package page

import (
	"bytes"
	"compress/flate"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/seed-f4dd853e/elman/internal/chart"
	"github.com/seed-f4dd853e/elman/internal/report"
)

func write(t testing.TB, p *Page) string {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, p); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// hostile is what must not come through: as markup, or as something that nobody sees.
var hostile = []string{
	"</script><script>alert(1)</script>", "<!--", "]]>", "&amp;", `"'><img src=x onerror=alert(1)>`, "</div>", "{{.Title}}", "\u2028",
	"\x00", "\x07", "\x1b[31m", "\x7f", "\u0085", "\r", "\f", "\xff", "\xc3", "\xed\xa0\x80", "\u202e", "\u200b", "\ufeff", "\u0301", "\U000e0041", "",
}

// TestHostile puts hostile text wherever text can be.
func TestHostile(t *testing.T) {
	all := strings.Join(hostile, " ")
	p := &Page{
		Title: all, About: all, Facts: []Fact{{all, all}}, Notes: []string{all},
		Fields: []*Field{{Group: all, Quantity: all, Meaning: all, Units: 2, Low: -1, High: 1}},
		Sections: []*report.Section{{Name: all, Title: all, Blocks: []report.Block{
			report.Paragraph(all), report.Quote{Caption: all, Text: all}, report.List{{Name: all, Text: all}},
			&report.Table{Caption: all, Columns: []string{all}, Rows: [][]report.Cell{{{Text: all, Unit: &report.Unit{Group: all, Quantity: all, Number: 1}}}}},
			&report.Figure{Name: all, Caption: all, Charts: []chart.Chart{{Title: "</script>", X: all, Lines: []chart.Line{{X: []float64{1}, Y: []float64{1}}}}}},
		}}},
	}
	for i, text := range hostile {
		p.Symbols = append(p.Symbols, Symbol{Begins: all, Text: text, Bits: float64(i), Top: []Guess{{Text: text, Bits: 1}}})
		p.Fields[0].Add([]float32{0, 1})
	}
	got := write(t, p)
	if !utf8.ValidString(got) {
		t.Error("the page is not UTF-8")
	}
	for _, r := range got {
		if r < ' ' && r != '\n' || r == 0x7f || 0x80 <= r && r < 0xa0 {
			t.Errorf("there is a %U in the page", r)
		}
	}
	for _, bad := range []string{"alert(1)</script>", "<img", "<script>alert", "<!--", "</script><script>alert"} {
		if strings.Contains(got, bad) {
			t.Errorf("there is a %s in the page", bad)
		}
	}
	text := got[strings.Index(got, `id="text"`):strings.Index(got, "<aside")]
	for _, r := range []rune{0x202e, 0x200b, 0xfeff, 0xe0041} {
		if strings.ContainsRune(text, r) {
			t.Errorf("there is a %U in the text", r)
		}
	}
	// The table of contents, five blocks with the field, and the script.
	if n := strings.Count(got, "<script"); n != 7 || n != strings.Count(got, "</script>") {
		t.Errorf("%d scripts begin and %d end, want 7", n, strings.Count(got, "</script>"))
	}
}

// TestAlone: a page names no other place.
func TestAlone(t *testing.T) {
	got := write(t, &Page{Title: "x", Symbols: []Symbol{{Text: "a", Bits: 1}}})
	for _, bad := range []string{"http:", "https:", "src=", "@import", "url(", "<link", "<base"} {
		if strings.Contains(got, bad) {
			t.Errorf("there is a %s in the page", bad)
		}
	}
	if !strings.Contains(got, "default-src &#39;none&#39;") {
		t.Error("there is no policy")
	}
}

func TestShow(t *testing.T) {
	for _, tt := range []struct{ text, shown, called string }{
		{"a", "a", ""}, {" ", " ", "space"}, {"\n", "\n", "line break"}, {"\t", "\t", "tab"}, {"", "⁀", "no space in between"},
		{"\x1b", "⟨1B⟩", "U+001B"}, {"\x7f", "⟨7F⟩", "U+007F"}, {"\u0085", "⟨U+0085⟩", "U+0085"}, {"\u202e", "⟨U+202E⟩", "U+202E"}, {"\u00a0", "⟨U+00A0⟩", "U+00A0"},
		{"\xe2", "⟨E2⟩", "a byte that is no text"}, {"\ufffd", "\ufffd", ""}, {"\u0301", "◌\u0301", "U+0301"}, {"e\u0301", "e\u0301", ""},
		{"é", "é", "U+00E9"}, {"日", "日", "U+65E5"}, {" word", " word", ""}, {"a\x00b", "a⟨00⟩b", "U+0000"},
	} {
		if shown, called := show(tt.text); shown != tt.shown || called != tt.called {
			t.Errorf("show(%q) = %q, %q, want %q, %q", tt.text, shown, called, tt.shown, tt.called)
		}
	}
}

// TestText: lines and classes.
func TestText(t *testing.T) {
	p := &Page{Symbols: []Symbol{{Begins: "one", Text: "a", Bits: 0.4}, {Text: "\n", Bits: 12}, {Text: "<", Bits: 2}, {Begins: "two", Text: "\xff", Bits: 5.6}}}
	const want = `<h3>one</h3><div><span class=s0>a</span><span class="s20 n"></span></div>` +
		`<div><span class=s4>&lt;</span></div><h3>two</h3><div><span class="s11 o">⟨FF⟩</span></div>`
	if got := p.text(Surprise); string(got) != want {
		t.Errorf("text is\n%s, want\n%s", got, want)
	}
}

// contents takes a page's data out of it again.
type contents struct {
	Top                     int
	Names, Guesses          [][2]string
	Text, Bits, Guess, Odds struct {
		ID    string
		Width int
	}
	Rank *struct {
		ID    string
		Width int
	}
	Influence *struct {
		ID          string
		Span, Shown int
		Scale       struct {
			ID    string
			Width int
		}
	}
	Fields []struct {
		ID, Group, Quantity string
		All, Shown, Levels  int
		Units               []int
		Low, High           float64
	}
	html string
}

func read(t *testing.T, html string) *contents {
	t.Helper()
	c := &contents{html: html}
	found := regexp.MustCompile(`(?s)<script type="application/json" id="data">(.*?)</script>`).FindStringSubmatch(html)
	if found == nil {
		t.Fatal("no data")
	}
	if err := json.Unmarshal([]byte(found[1]), c); err != nil {
		t.Fatal(err)
	}
	return c
}

func (c *contents) block(t *testing.T, id string) []byte {
	t.Helper()
	found := regexp.MustCompile(`<script type="application/octet-stream" id="` + id + `">([^<]*)</script>`).FindStringSubmatch(c.html)
	if found == nil {
		t.Fatalf("no block %s", id)
	}
	packed, err := base64.StdEncoding.DecodeString(found[1])
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(flate.NewReader(bytes.NewReader(packed)))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestColumns unpacks what a page says of its symbols.
func TestColumns(t *testing.T) {
	p := &Page{}
	for i := range 300 {
		p.Symbols = append(p.Symbols, Symbol{Text: fmt.Sprint(i), Bits: float64(i) / 3, Top: []Guess{{string(rune('a' + i%10)), i%10 == 9, float64(i)}, {"c", false, 1e9}}[:1+i%2]})
	}
	c := read(t, write(t, p))
	if c.Top != 2 || len(c.Names) != 300 || len(c.Guesses) != 10 || c.Text.Width != 2 || c.Bits.Width != 4 || c.Guess.Width != 1 || c.Odds.Width != 2 {
		t.Errorf("%d guesses of %d, %d names, widths %d %d %d %d", c.Top, len(c.Guesses), len(c.Names), c.Text.Width, c.Bits.Width, c.Guess.Width, c.Odds.Width)
	}
	number := func(b []byte, width, i int) (x int) {
		for k := range width {
			x |= int(b[i*width+k]) << (8 * k)
		}
		return x
	}
	text, bits, guess, odds := c.block(t, c.Text.ID), c.block(t, c.Bits.ID), c.block(t, c.Guess.ID), c.block(t, c.Odds.ID)
	for i := range 300 {
		if got := c.Names[number(text, 2, i)][0]; got != fmt.Sprint(i) {
			t.Errorf("symbol %d is %s", i, got)
		}
		if got, want := number(bits, 4, i), int(math.Round(float64(i)*1000/3)); got != want {
			t.Errorf("symbol %d takes %d, want %d thousandths", i, got, want)
		}
		want := string(rune('a' + i%10))
		if i%10 == 9 {
			want = "�"
		}
		if got := c.Guesses[number(guess, 1, 2*i)][0]; got != want || number(odds, 2, 2*i) != 100*i {
			t.Errorf("symbol %d: guess %s at %d, want %s at %d", i, got, number(odds, 2, 2*i), want, 100*i)
		}
		if got := number(odds, 2, 2*i+1); got != math.MaxUint16 {
			t.Errorf("symbol %d: a guess that is none, or hardly, at %d", i, got)
		}
	}
}

// TestGuessedWord: a guess is the text that would stand there, and its space is drawn.
func TestGuessedWord(t *testing.T) {
	p := &Page{Symbols: []Symbol{{Text: " sat", Top: []Guess{{Text: " sat", Bits: 1}, {Text: " ", Bits: 2}, {Text: "'s", Bits: 3}, {Other: true, Bits: 4}}}}}
	c := read(t, write(t, p))
	want := [][2]string{{"␣sat", " sat"}, {" ", "space"}, {"'s", ""}, {"�", "anything else"}}
	if !slices.Equal(c.Guesses, want) || c.Names[0] != want[0] {
		t.Errorf("guesses %q of %q, want %q", c.Guesses, c.Names, want)
	}
}

// TestRanks: ranks are there where they are known, and the legend goes as far as the alphabet.
func TestRanks(t *testing.T) {
	p := &Page{Size: 65}
	for i := range 300 {
		p.Symbols = append(p.Symbols, Symbol{Text: "a", Rank: 1 + i})
	}
	html := write(t, p)
	c := read(t, html)
	b := c.block(t, c.Rank.ID)
	if c.Rank.Width != 2 || b[0] != 1 || b[2*299] != 300%256 || b[2*299+1] != 1 {
		t.Errorf("width %d, ranks %v", c.Rank.Width, b[:4])
	}
	if !strings.Contains(html, "<b>11–100</b>") || strings.Contains(html, "<b>101+</b>") {
		t.Error("the legend of 65 symbols has other ranks than up to 100")
	}
	p.Size = 1000
	if html := write(t, p); !strings.Contains(html, "<b>101+</b>") {
		t.Error("the legend of 1000 symbols ends at 100")
	}
	p.Symbols[0].Rank = 0
	if c := read(t, write(t, p)); c.Rank != nil {
		t.Error("unknown ranks are in the page")
	}
}

// TestInfluence unpacks the influence of earlier symbols.
func TestInfluence(t *testing.T) {
	const n, span = 40, 3
	p := &Page{Influence: &Influence{Span: span}, Symbols: make([]Symbol, 2*n)}
	r := rand.New(rand.NewPCG(1, 2))
	for i := range n * span {
		x := float32(r.NormFloat64())
		if i < span || i/span == 7 {
			x = 0
		}
		p.Influence.Values = append(p.Influence.Values, x)
	}
	c := read(t, write(t, p))
	if c.Influence.Span != span || c.Influence.Shown != n {
		t.Fatalf("%+v", c.Influence)
	}
	levels, scale := c.block(t, c.Influence.ID), c.block(t, c.Influence.Scale.ID)
	for i := range n {
		most := 0.0
		for k := range c.Influence.Scale.Width {
			most += float64(int(scale[i*c.Influence.Scale.Width+k])<<(8*k)) / 1000
		}
		for k := range span {
			got, want := (float64(levels[k*n+i])-127)/127*most, float64(p.Influence.Values[i*span+k])
			if math.Abs(got-want) > 0.0005+most/250 {
				t.Errorf("symbol %d, %d back: %v, want %v", i, k+1, got, want)
			}
		}
	}
}

// noise returns a field of n symbols; its values are known by place.
func noise(rank Rank, units, n int, low, high float64) (*Field, []float32) {
	f := &Field{Group: "g", Quantity: fmt.Sprint("q", rank), Units: units, Low: low, High: high, Rank: rank, Whole: []int{3, 1, 3}}
	r := rand.New(rand.NewPCG(1, uint64(rank)))
	var all []float32
	for range n {
		row := make([]float32, units)
		for u := range row {
			row[u] = float32(low + r.Float64()*(high-low))
		}
		f.Add(row)
		all = append(all, row...)
	}
	return f, all
}

// TestFields unpacks fields: whole ones where there is room, and shorter ones where there is not.
func TestFields(t *testing.T) {
	const n, units = 4001, 20 // odd, so that half a byte is left over
	for _, tt := range []struct {
		limit, stateLevels, wholes, gateShown, stateShown int
	}{
		{0, 63, 0, n, n},
		{251_000, 63, 1, 1000, n},
		{241_000, 31, 1, 1000, n},
		{211_000, 15, 1, 100, n},
		{191_000, 15, 1, 0, 2000},
		{171_000, 15, 1, 0, 500},
	} {
		state, states := noise(State, units, n, -1, 1)
		gate, gates := noise(Gate, units, n, 0, 1)
		p := &Page{limit: tt.limit, Fields: []*Field{state, gate}, Symbols: make([]Symbol, n)}
		html := write(t, p)
		if tt.limit > 0 && len(html) > tt.limit+tt.limit/100 {
			t.Errorf("limit %d: %d bytes", tt.limit, len(html))
		}
		c := read(t, html)
		wholes := 0
		for _, f := range c.Fields {
			values := states
			if f.Quantity == gate.Quantity {
				values = gates
				switch {
				case len(f.Units) == 2 && f.Units[0] == 1 && f.Units[1] == 3:
					wholes++
				case f.Shown < tt.gateShown || f.Levels != 15:
					t.Errorf("limit %d: gates of %d symbols in %d levels, want %d in 15", tt.limit, f.Shown, f.Levels, tt.gateShown)
				}
			} else if f.Shown < tt.stateShown || tt.stateShown == n && f.Levels != tt.stateLevels {
				t.Errorf("limit %d: states of %d symbols in %d levels, want %d in %d", tt.limit, f.Shown, f.Levels, tt.stateShown, tt.stateLevels)
			}
			b := c.block(t, f.ID)
			for place, u := range f.Units {
				for i := range f.Shown {
					level := 0
					if f.Levels > 16 {
						level = int(b[place*f.Shown+i])
					} else {
						level = int(b[place*((f.Shown+1)/2)+i/2] >> (4 * (i % 2)) & 15)
					}
					step := (f.High - f.Low) / float64(f.Levels-1)
					got, want := f.Low+float64(level)*step, float64(values[i*units+u])
					if math.Abs(got-want) > 0.51*step+(f.High-f.Low)/500 {
						t.Fatalf("limit %d: %s of unit %d at symbol %d is %g, want %g", tt.limit, f.Quantity, u, i, got, want)
					}
				}
			}
		}
		if wholes != tt.wholes {
			t.Errorf("limit %d: %d fields of wanted units, want %d", tt.limit, wholes, tt.wholes)
		}
		if html != write(t, p) {
			t.Errorf("limit %d: other bytes the second time", tt.limit)
		}
	}
}

// TestRange finds the bounds of a quantity that has none by itself, and keeps 0 in the middle.
func TestRange(t *testing.T) {
	f := &Field{Units: 1}
	for i := range 1000 {
		f.Add([]float32{float32(i) - 500})
	}
	f.Add([]float32{1e9})
	f.settle()
	if f.Low != -f.High || f.High < 490 || f.High > 500 {
		t.Errorf("from %g to %g", f.Low, f.High)
	}
	if f.levels[500] != finest/2 || f.levels[1000] != finest-1 || f.levels[0] > 2 {
		t.Errorf("0 is level %d, the most is %d, the least %d", f.levels[500], f.levels[1000], f.levels[0])
	}
}

// TestPalette: each scale changes lightness in one direction (from the middle in both), and letters are legible on it.
func TestPalette(t *testing.T) {
	for _, s := range scales {
		for _, ground := range []Ground{Light, Dark} {
			before := math.NaN()
			for level := range s.Levels {
				below, letters := s.Colour(level, ground)
				g, l := below.luminance(), letters.luminance()
				if contrast := (max(g, l) + 0.05) / (min(g, l) + 0.05); contrast < 4.5 {
					t.Errorf("%s%d, ground %v: a contrast of %.2f", s.prefix, level, ground, contrast)
				}
				if level == 0 || s.Low < 0 && level == s.Levels/2 {
					before = g
					continue
				}
				rising := (ground == Dark) != (s.Low < 0 && level < s.Levels/2)
				if (g > before) != rising {
					t.Errorf("%s%d, ground %v: lightness goes from %.3f to %.3f", s.prefix, level, ground, before, g)
				}
				before = g
			}
		}
		if s.Level(math.Inf(1)) != s.Levels-1 || s.Level(math.Inf(-1)) != 0 {
			t.Errorf("%s: levels beyond the scale", s.prefix)
		}
	}
	for bits, want := range map[float64]int{0: 0, 0.49: 0, 0.5: 1, 9.99: 19, 10: 20, 500: 20} {
		if got := Surprise.Level(bits); got != want {
			t.Errorf("%g bits are level %d, want %d", bits, got, want)
		}
	}
}

// TestLongerScale: symbols that take many bits lengthen the scale, a single one does not.
func TestLongerScale(t *testing.T) {
	for _, tt := range []struct {
		bits float64
		of   int // a hundred symbols
		size int // of the alphabet
		want float64
	}{
		{3, 100, 0, 10}, {14, 0, 0, 10}, {14, 1, 0, 10}, {14, 2, 0, 15}, {103, 50, 0, 150}, {math.Inf(1), 100, 0, 200},
		{103, 50, 65, 10}, {103, 50, 6000, 20}, {3, 100, 6000, 10}, {14, 50, 6000, 15},
	} {
		p := &Page{Size: tt.size}
		for i := range 100 {
			bits := 2.0
			if i < tt.of {
				bits = tt.bits
			}
			p.Symbols = append(p.Symbols, Symbol{Text: "a", Bits: bits})
		}
		if got := p.surprise().High; got != tt.want {
			t.Errorf("%d symbols of 100 with %v bits: the scale ends at %v, want %v", tt.of, tt.bits, got, tt.want)
		}
	}
	got := write(t, &Page{Symbols: []Symbol{{Text: "a", Bits: 39}}})
	if !strings.Contains(got, "<b>8</b>") || !strings.Contains(got, "<b>40+</b>") || !strings.Contains(got, "<span class=s19>") {
		t.Error("the legend or the text does not know the longer scale")
	}
}

// TestFieldOfHardNumbers: what is not finite has no part in the range, and a place in the file.
func TestFieldOfHardNumbers(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	for _, values := range [][]float32{{nan}, {inf, -inf}, {nan, 1}, {3.4e38, -3.4e38}, {1e-45}, {}} {
		f := &Field{Group: "g", Quantity: "q", Units: 1}
		for _, x := range values {
			f.Add([]float32{x})
		}
		c := read(t, write(t, &Page{Fields: []*Field{f}, Symbols: make([]Symbol, len(values))}))
		if len(values) > 0 && (c.Fields[0].High-c.Fields[0].High != 0 || c.Fields[0].High <= c.Fields[0].Low) {
			t.Errorf("%v: from %v to %v", values, c.Fields[0].Low, c.Fields[0].High)
		}
	}
}
