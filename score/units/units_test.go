package units_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/rnn"
	"github.com/seed-f4dd853e/elman/score"
	"github.com/seed-f4dd853e/elman/score/units"
)

const verse = "Shall I compare thee to a summer's day?\nThou art more lovely and more temperate:\nRough winds do shake the darling buds of May,\nAnd summer's lease hath all too short a date.\n"

// untrained returns a model of a text's symbols.
func untrained(t testing.TB, text string, cfg rnn.Config, o corpus.Options) *model.Model {
	t.Helper()
	c, err := corpus.New(corpus.FromBytes("test", []byte(text)), o)
	if err != nil {
		t.Fatal(err)
	}
	cfg.Symbols = c.Alphabet.Size()
	network, err := rnn.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	network.Init(rnn.Init{Normal: 0.6}, 1)
	return &model.Model{Network: network, Alphabet: c.Alphabet, Documents: o.Documents}
}

var everything = score.Extras{Entropy: true, Rank: true, End: true}

// group scores a text and groups its symbols; it returns the sum of the text, too.
func group(t testing.TB, m *model.Model, text string, spans []units.Span, rule units.Rule) (*units.Grouper, score.Sum) {
	t.Helper()
	g := units.New(spans, rule)
	var sum score.Sum
	if err := score.New(m, everything).Text(context.Background(), []byte(text), func(x score.Symbol) error {
		sum.Add(x)
		return g.Add(x)
	}); err != nil {
		t.Fatal(err)
	}
	return g, sum
}

// bigrams makes a network predict by the symbol before alone: p[i][k] is the probability of symbol k after symbol i. With units
// that are 1 for the symbol read and -1 for each other, logit k is the sum of all c[i][k] and of c of the symbol read less
// those of the others, which for c = ln(p)/2 is ln p.
func bigrams(n *rnn.Network, p [][]float64) {
	for _, w := range n.Params() {
		for i := range w.Value {
			w.Value[i] = 0
		}
		for i, row := range p {
			for k, p := range row {
				c := float32(math.Log(p) / 2)
				switch w.Name {
				case "rnn.weight_ih_l0":
					w.Value[i*w.Cols+k] = -20
					if i == k {
						w.Value[i*w.Cols+k] = 20
					}
				case "decoder.weight":
					w.Value[k*w.Cols+i] = c
				case "decoder.bias":
					w.Value[k] += c
				}
			}
		}
	}
}

// TestByHand works out words in a language of three symbols.
func TestByHand(t *testing.T) {
	t.Parallel()
	m := untrained(t, "a a\n", rnn.Config{Hidden: 3}, corpus.Options{Closed: true})
	bigrams(m.Network, [][]float64{ // line break, space, a
		{1. / 4, 1. / 4, 1. / 2},  // after a line break
		{1. / 2, 1. / 4, 1. / 4},  // after a space
		{1. / 8, 1. / 8, 3. / 4}}) // after an a; so a word ends with 1/4, 2 bits, and its white space is charged 3 - 2
	more := -math.Log2(3. / 4)
	for _, tt := range []struct {
		name, text string
		lead       float64
		bits       [][2]float64 // of each word, and of the white space after it
	}{
		{"the last word pays no end", "aa", 0, [][2]float64{{1 + more, 0}}},
		{"unless something follows", "aa\n", 0, [][2]float64{{1 + more + 2, 1}}},
		{"two words", "aa a", 0, [][2]float64{{1 + more + 2, 1}, {2, 0}}},
		{"a run of white space ends a word once", "a\n \na", 0, [][2]float64{{1 + 2, 1 + 2 + 1}, {1, 0}}},
		{"white space at the beginning", "\n a", 2 + 2, [][2]float64{{2, 0}}},
		{"white space alone", " ", 2, nil},
		{"nothing", "", 0, nil},
	} {
		g, _ := group(t, m, tt.text, units.Words([]byte(tt.text), false), units.Rule{Ends: true})
		near := func(b score.Bits, want float64) bool { return math.Abs(b.Float()-want) < 1e-5 }
		ok := near(g.Lead, tt.lead) && len(g.Units()) == len(tt.bits)
		for i := range min(len(tt.bits), len(g.Units())) {
			u := g.Units()[i]
			ok = ok && near(u.Bits, tt.bits[i][0]) && near(u.Space, tt.bits[i][1])
		}
		if !ok {
			t.Errorf("%s, %q: lead %v, units %v; want %v, %v", tt.name, tt.text, g.Lead, g.Units(), tt.lead, tt.bits)
		}
	}
	// Entropy and rank are those of the first symbol.
	g, _ := group(t, m, "a a", units.Words([]byte("a a"), false), units.Rule{Ends: true})
	if first, second := g.Units()[0], g.Units()[1]; math.Abs(first.Entropy.Float()-1.5) > 1e-5 || first.Rank != 1 || second.Rank != 3 {
		t.Errorf("entropy %v, ranks %d and %d; want 1.5, 1 and 3", first.Entropy, first.Rank, second.Rank)
	}
}

// randomText returns words, white space of all kinds, and what is no text.
func randomText(rng *rand.Rand) string {
	pieces := append(strings.Fields(verse), " ", " ", " ", " ", "\n", "\n", "\t", "  ", "\r\n", "\u00a0", "\u3000", "\u0085", ".", ",", "zebra", "日本", "é", "\xff", "\xe3\x80", "3,4", "don't", "x-y")
	var b strings.Builder
	for range rng.IntN(60) {
		b.WriteString(pieces[rng.IntN(len(pieces))])
		if rng.IntN(2) == 0 {
			b.WriteByte(' ')
		}
	}
	return b.String()
}

// TestAddUp adds up words and white space of random texts for alphabets of all kinds, to the last unit, by each way to divide a
// text. Symbols that belong to two words of the user are errors.
func TestAddUp(t *testing.T) {
	t.Parallel()
	for _, kind := range corpus.Kinds() {
		o := corpus.Options{Kind: kind}
		if kind == corpus.Subwords {
			o.AlphabetSize = 300
		}
		m := untrained(t, verse, rnn.Config{Hidden: 13, Layers: 2}, o)
		rng := rand.New(rand.NewPCG(1, 2))
		words, joined, refused := 0, 0, 0
		for range 50 {
			text := randomText(rng)
			ascii := kind.OfBytes()
			check := func(name string, spans []units.Span, rule units.Rule) {
				g := units.New(spans, rule)
				var sum score.Sum
				err := score.New(m, everything).Text(context.Background(), []byte(text), func(x score.Symbol) error {
					sum.Add(x)
					return g.Add(x)
				})
				if shared := (*units.SharedError)(nil); rule.Apart && errors.As(err, &shared) {
					refused++
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				all := units.Fold([][]units.Unit{g.Units()})[0]
				total := g.Lead
				for i, u := range all {
					total = total.Plus(u.Bits).Plus(u.Space)
					if u.Bits < 0 || u.Space < 0 || u.Spelling > u.Bits || u.Symbols == 0 && u.Start < u.End {
						t.Errorf("%s, %s, %q: unit %d is %+v", kind, name, text, i, u)
					}
				}
				if total != sum.Bits {
					t.Errorf("%s, %s, %q: parts add up to %v, the text has %v", kind, name, text, total, sum.Bits)
				}
				words, joined = words+len(all), joined+len(spans)-len(all)
			}
			check("words", units.Words([]byte(text), ascii), units.Rule{Ends: true, ASCII: ascii})
			check("Unicode", units.Unicode([]byte(text)), units.Rule{ASCII: ascii})
			var spans []units.Span // anywhere, some next to each other, some empty
			for at := 0; at < len(text); at += rng.IntN(9) {
				end := min(len(text), at+rng.IntN(9))
				spans = append(spans, units.Span{Start: at, End: end})
				at = end
			}
			check("the user's", spans, units.Rule{Ends: true, ASCII: ascii, Apart: true})
		}
		if kind == corpus.Words && (joined == 0 || refused == 0) || kind == corpus.Bytes && (joined > 0 || refused > 0) {
			t.Errorf("%s: of %d words %d were joined, and %d texts refused", kind, words, joined, refused)
		}
	}
}

// TestWordsOfWords shows who pays for what in an alphabet of words, where a space before a word is part of its symbol.
func TestWordsOfWords(t *testing.T) {
	t.Parallel()
	m := untrained(t, verse, rnn.Config{Hidden: 8}, corpus.Options{Kind: corpus.Words, MinCount: 1})
	text := "Thou, zebra (art)\n more"
	var symbols []score.Symbol
	if err := score.New(m, everything).Text(context.Background(), []byte(text), func(x score.Symbol) error {
		x.Text = slices.Clone(x.Text)
		symbols = append(symbols, x)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	var texts []string
	for _, x := range symbols {
		texts = append(texts, string(x.Text))
	}
	if want := []string{"Thou", ",", " zebra", " ", "(", "art", ")", "\n", " ", "more"}; !slices.Equal(texts, want) {
		t.Fatalf("symbols %q, want %q", texts, want)
	}
	x := func(i int) score.Bits { return symbols[i].Bits }
	end := func(i int) score.Bits { return symbols[i].End }
	g, _ := group(t, m, text, units.Words([]byte(text), false), units.Rule{Ends: true})
	want := [][2]score.Bits{
		{x(0) + x(1) + end(2), 0},
		{x(2) - end(2) + end(3), x(3) - end(3)},
		{x(4) + x(5) + x(6) + end(7), x(7) - end(7) + x(8)},
		{x(9), 0},
	}
	for i, u := range g.Units() {
		if u.Bits != want[i][0] || u.Space != want[i][1] {
			t.Errorf("%q: %v and white space %v, want %v and %v", text[u.Start:u.End], u.Bits, u.Space, want[i][0], want[i][1])
		}
	}
	if zebra := g.Units()[1]; zebra.Unknown != 1 || zebra.Spelling == 0 || zebra.Spelling != symbols[2].Spelling || zebra.Symbols != 1 {
		t.Errorf("%+v, want one unknown symbol with its spelling, %v", zebra, symbols[2].Spelling)
	}
}

// TestWordsOfSubwords shows the same of an alphabet in which "th", " s" and "er" are symbols.
func TestWordsOfSubwords(t *testing.T) {
	t.Parallel()
	m := untrained(t, strings.Repeat("there is  the sea, the other sister sees\n", 3), rnn.Config{Hidden: 8}, corpus.Options{Kind: corpus.Subwords, AlphabetSize: 300})
	text := "the  other sea\n\nthem"
	var symbols []score.Symbol
	if err := score.New(m, everything).Text(context.Background(), []byte(text), func(x score.Symbol) error {
		x.Text = slices.Clone(x.Text)
		symbols = append(symbols, x)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	var texts []string
	for _, x := range symbols {
		texts = append(texts, string(x.Text))
	}
	if want := []string{"the", " ", " other", " sea", "\n", "\n", "the", "m"}; !slices.Equal(texts, want) {
		t.Fatalf("symbols %q, want %q", texts, want)
	}
	x := func(i int) score.Bits { return symbols[i].Bits }
	end := func(i int) score.Bits { return symbols[i].End }
	g, _ := group(t, m, text, units.Words([]byte(text), true), units.Rule{Ends: true, ASCII: true})
	want := [][2]score.Bits{
		{x(0) + end(1), x(1) - end(1)},
		{x(2) + end(3), 0},
		{x(3) - end(3) + end(4), x(4) - end(4) + x(5)},
		{x(6) + x(7), 0},
	}
	for i, u := range g.Units() {
		if u.Bits != want[i][0] || u.Space != want[i][1] {
			t.Errorf("%q: %v and white space %v, want %v and %v", text[u.Start:u.End], u.Bits, u.Space, want[i][0], want[i][1])
		}
	}
}

// TestUnknownSpace ends a word with white space that the alphabet lacks: the event costs no more than that white space.
func TestUnknownSpace(t *testing.T) {
	t.Parallel()
	m := untrained(t, verse, rnn.Config{Hidden: 8}, corpus.Options{})
	text := "art\u3000art"
	g, sum := group(t, m, text, units.Words([]byte(text), false), units.Rule{Ends: true})
	if n := len(g.Units()); n != 2 {
		t.Fatalf("%d words, want 2", n)
	}
	first, second := g.Units()[0], g.Units()[1]
	if first.Space < 0 || first.Bits+first.Space+second.Bits != sum.Bits || first.Unknown > 0 {
		t.Errorf("%+v, %+v of %v bits", first, second, sum.Bits)
	}
	// If the alphabet has no white space at all, the event takes what the white space does.
	m = untrained(t, "artart", rnn.Config{Hidden: 8}, corpus.Options{})
	g, sum = group(t, m, "art art", units.Words([]byte("art art"), false), units.Rule{Ends: true})
	if first, second := g.Units()[0], g.Units()[1]; first.Space != 0 || first.Bits+second.Bits != sum.Bits || sum.Bits > 1000<<24 {
		t.Errorf("no white space in the alphabet: %+v, %+v of %v bits", first, second, sum.Bits)
	}
}

// TestUnknownSymbols adds up what the alphabet lacks of a word.
func TestUnknownSymbols(t *testing.T) {
	t.Parallel()
	m := untrained(t, verse, rnn.Config{Hidden: 8}, corpus.Options{})
	text := "aßeΩ"
	g, sum := group(t, m, text, units.Words([]byte(text), false), units.Rule{Ends: true})
	if u := g.Units()[0]; u.Unknown != 2 || u.Spelling != sum.Spelling || u.Spelling == 0 {
		t.Errorf("%+v, want 2 unknown symbols that take %v bits to spell", u, sum.Spelling)
	}
}

// TestEmptyUnits has units of no text among others.
func TestEmptyUnits(t *testing.T) {
	t.Parallel()
	m := untrained(t, verse, rnn.Config{Hidden: 8}, corpus.Options{})
	text, spans := units.Join([]string{"", "Thou ", " ", "art", ""}, " ")
	if want := []units.Span{{0, 0}, {0, 4}, {4 + 0, 4}, {5, 8}, {8, 8}}; string(text) != "Thou art" || !slices.Equal(spans, want) {
		t.Fatalf("%q, %v; want %v", text, spans, want)
	}
	g, sum := group(t, m, string(text), spans, units.Rule{Ends: true, Apart: true})
	u := g.Units()
	if u[0].Symbols+u[2].Symbols+u[4].Symbols > 0 || u[0].Bits+u[2].Bits+u[4].Bits != 0 || u[1].Bits+u[1].Space+u[3].Bits != sum.Bits {
		t.Errorf("%+v of %v bits", u, sum.Bits)
	}
	text, spans = units.Join([]string{"Thou ", "art", ".", " "}, "")
	if want := []units.Span{{0, 4}, {5, 8}, {8, 9}, {9, 9}}; string(text) != "Thou art. " || !slices.Equal(spans, want) {
		t.Errorf("%q, %v; want %v", text, spans, want)
	}
}

// TestSharedSymbol names the unit whose end lies within a symbol.
func TestSharedSymbol(t *testing.T) {
	t.Parallel()
	m := untrained(t, verse, rnn.Config{Hidden: 8}, corpus.Options{Kind: corpus.Words})
	text, spans := units.Join([]string{"Thou ", "", "tem", "perate"}, "")
	g := units.New(spans, units.Rule{Ends: true, Apart: true})
	err := score.New(m, everything).Text(context.Background(), text, g.Add)
	if shared := (*units.SharedError)(nil); !errors.As(err, &shared) || shared.Unit != 2 || shared.Symbol != " temperate" {
		t.Errorf("error %v, want one of unit 2", err)
	}
}

func TestFold(t *testing.T) {
	t.Parallel()
	unit := func(start, end int, bits score.Bits, joined bool) units.Unit {
		return units.Unit{Span: units.Span{Start: start, End: end}, Bits: bits, Space: 1, Spelling: 1, Rank: start, Symbols: 1, Unknown: 1, Joined: joined}
	}
	got := units.Fold([][]units.Unit{
		{unit(0, 1, 10, false), unit(2, 3, 20, false), unit(3, 4, 40, true), unit(5, 6, 80, false)},
		{unit(0, 1, 11, false), unit(2, 3, 21, true), unit(3, 4, 41, false), unit(5, 6, 81, false)},
	})
	want := [][2]string{{"0-4 72 1 3 0 3 3", "5-6 80 1 1 5 1 1"}, {"0-4 75 1 3 0 3 3", "5-6 81 1 1 5 1 1"}}
	for j, all := range got {
		for i, u := range all {
			if s := fmt.Sprintf("%d-%d %d %d %d %d %d %d", u.Start, u.End, u.Bits, u.Space, u.Spelling, u.Rank, u.Symbols, u.Unknown); len(all) != 2 || s != want[j][i] {
				t.Errorf("model %d, unit %d of %d: %s, want %s", j, i, len(all), s, want[j][i])
			}
		}
	}
}

// TestAgainstPython compares with what testdata/words.py, which shares nothing with this program, makes of the same models:
// weights are given by a formula.
func TestAgainstPython(t *testing.T) {
	t.Parallel()
	file, err := os.ReadFile("testdata/words.json")
	if err != nil {
		t.Fatal(err)
	}
	var golden struct {
		Text, Read string
		Words      map[corpus.Kind][]struct {
			Word                 string
			Bits, Space, Entropy float64
			Rank                 int
		}
	}
	if err := json.Unmarshal(file, &golden); err != nil {
		t.Fatal(err)
	}
	for kind, want := range golden.Words {
		options := corpus.Options{Kind: kind, Closed: true}
		if kind == corpus.Subwords {
			options = corpus.Options{Kind: kind, AlphabetSize: 300}
		}
		m := untrained(t, golden.Text, rnn.Config{Hidden: 5}, options)
		for _, w := range m.Network.Params() {
			n := float64(slices.Index([]string{"rnn.weight_ih_l0", "rnn.weight_hh_l0", "rnn.bias_ih_l0", "rnn.bias_hh_l0", "decoder.weight", "decoder.bias"}, w.Name))
			for i := range w.Value {
				w.Value[i] = float32(1.5 * math.Sin(12.9898*n+78.233*float64(i/w.Cols)+37.719*float64(i%w.Cols)))
			}
		}
		g, _ := group(t, m, golden.Read, units.Words([]byte(golden.Read), kind.OfBytes()), units.Rule{Ends: true, ASCII: kind.OfBytes()})
		if len(g.Units()) != len(want) || len(want) == 0 {
			t.Fatalf("%s: %d words, want %d", kind, len(g.Units()), len(want))
		}
		for i, u := range g.Units() {
			w := want[i]
			near := func(b score.Bits, want float64) bool { return math.Abs(b.Float()-want) < 1e-4 }
			if golden.Read[u.Start:u.End] != w.Word || !near(u.Bits, w.Bits) || !near(u.Space, w.Space) || !near(u.Entropy, w.Entropy) || u.Rank != w.Rank {
				t.Errorf("%s: %q is %+v, Python says %+v", kind, golden.Read[u.Start:u.End], u, w)
			}
		}
	}
}

// FuzzGroup cuts texts into random symbols and units, and compares with what the definition says, written for one byte at a time.
func FuzzGroup(f *testing.F) {
	f.Add("the king, he\n\n fears", []byte{1, 2, 3, 1, 9, 0, 1}, []byte{3, 1, 5, 0, 0, 7}, true)
	f.Add(" a", []byte{2}, []byte{0, 1, 1}, false)
	f.Fuzz(func(t *testing.T, text string, cuts, marks []byte, ends bool) {
		if len(text) > 1<<10 {
			return
		}
		var spans []units.Span
		for at, i := 0, 0; at < len(text) && i+1 < len(marks); i += 2 {
			s := units.Span{Start: min(at+int(marks[i]%8), len(text))}
			s.End = min(s.Start+int(marks[i+1]%8), len(text))
			spans, at = append(spans, s), s.End
		}
		g := units.New(spans, units.Rule{Ends: ends, ASCII: true})
		var want, got score.Bits
		own := make([]score.Bits, len(spans)) // of the symbols that reach into each unit first, and of its end
		unitAt := func(at int) int {
			return slices.IndexFunc(spans, func(s units.Span) bool { return s.Start <= at && at < s.End })
		}
		for at, i := 0, 0; at < len(text); i++ {
			n := len(text) - at
			if i < len(cuts) {
				n = min(n, int(cuts[i]%6))
			}
			bits := score.Bits(1000 + 7*i)
			x := score.Symbol{Text: []byte(text[at : at+n]), Bits: bits, End: score.Bits(i * 300 % 1500)}
			if err := g.Add(x); err != nil {
				t.Fatal(err)
			}
			want += bits
			if before := slices.IndexFunc(spans, func(s units.Span) bool { return s.End == at && s.Start < s.End }); ends && before >= 0 && unitAt(at) < 0 && n > 0 && text[at] < 128 && unicode.IsSpace(rune(text[at])) {
				own[before] += min(bits, x.End)
				bits -= min(bits, x.End)
			}
			first := -1
			for p := at; p < at+max(n, 1) && first < 0; p++ {
				if p == at || p < at+n {
					first = unitAt(p)
				}
			}
			if first >= 0 {
				own[first] += bits
			}
			at += n
			if i > 2000 {
				return // symbols without text
			}
		}
		got = g.Lead
		for i, u := range g.Units() {
			got += u.Bits + u.Space
			if u.Bits != own[i] {
				t.Errorf("unit %d, %q: %d, want %d", i, text[u.Start:u.End], u.Bits, own[i])
			}
		}
		if got != want {
			t.Errorf("parts add up to %d, want %d", got, want)
		}
	})
}
