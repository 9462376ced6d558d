package inspect

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/internal/f32"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/rnn"
	"github.com/seed-f4dd853e/elman/score"
)

// marked returns lines of random letters, digits, capitals, brackets and quotations, in paragraphs.
func marked(n int) string {
	r := rand.New(rand.NewPCG(3, 4))
	var b strings.Builder
	quoted := false
	for b.Len() < n {
		for range 3 + r.IntN(30) {
			switch k := r.IntN(40); {
			case k < 6:
				b.WriteByte(' ')
			case k == 6:
				b.WriteByte('"')
				quoted = !quoted
			case k < 9:
				b.WriteByte("(.7)T"[r.IntN(5)])
			default:
				b.WriteByte("etaoinshrdlu"[r.IntN(12)])
			}
		}
		if r.IntN(8) == 0 && !quoted {
			b.WriteByte('\n')
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// planted returns a model of marked text: of random weights, but for the states of an LSTM's units 3 and 5. That of 3 counts
// the characters of a line, that of 5 is on inside quotes.
func planted(t testing.TB, text string) *model.Model {
	t.Helper()
	c, err := corpus.New(corpus.FromBytes("marked", []byte(text)), corpus.Options{Closed: true})
	if err != nil {
		t.Fatal(err)
	}
	const H = 9
	n := network(t, rnn.Config{Cell: "lstm", Symbols: c.Alphabet.Size(), Hidden: H})
	ids, err := c.Alphabet.Encode("\n\"")
	if err != nil {
		t.Fatal(err)
	}
	newline, quote := int(ids[0]), int(ids[1])
	in, bias, rec := n.Params()[0].Value, n.Params()[1].Value, n.Params()[2].Value
	set := func(unit, gate int, always, atNewline, atQuote float32) {
		column := gate*H + unit
		for from := range H {
			rec[from*4*H+column] = 0
		}
		for symbol := range c.Alphabet.Size() {
			in[symbol*4*H+column] = 0
		}
		bias[column], in[newline*4*H+column], in[quote*4*H+column] = always, atNewline, atQuote
	}
	const i, f, g, o, open = 0, 1, 2, 3, 40
	set(3, i, open, -2*open, 0) // c = c + 0.02, at a line break 0
	set(3, f, open, -2*open, 0)
	set(3, g, 0.02, 0, 0)
	set(3, o, open, 0, 0)
	set(5, i, -open, 0, 2*open) // c = 1 - c at a quote
	set(5, f, open, 0, 0)
	set(5, g, 20, 0, 0)
	rec[5*4*H+g*H+5] = -60 // h is tanh(1) or 0
	set(5, o, open, 0, 0)
	for to := range 4 * H { // nobody else hears them
		if rec[3*4*H+to] = 0; to != g*H+5 {
			rec[5*4*H+to] = 0
		}
	}
	n.Updated()
	return &model.Model{Network: n, Alphabet: c.Alphabet}
}

// follow probes a model with a text.
func follow(t testing.TB, p *Probe, text string) *ProbeResult {
	t.Helper()
	if _, err := Read(context.Background(), p.Model, corpus.FromBytes("text", []byte(text)), score.Extras{}, p); err != nil {
		t.Fatal(err)
	}
	all, err := p.Follow(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func (f *ProbeResult) feature(name string) *FeatureResult {
	i := slices.IndexFunc(f.Features, func(f FeatureResult) bool { return f.Name == name })
	if i < 0 {
		return nil
	}
	return &f.Features[i]
}

func TestProbeFindsPlantedUnits(t *testing.T) {
	text := marked(9000)
	all := follow(t, &Probe{Model: planted(t, text), Keep: 6000}, text)
	for _, tt := range []struct {
		feature string
		unit    int
		least   float64
	}{{"column", 3, 0.999}, {"in quotes", 5, 0.98}} { // quotations that a paragraph leaves open are none behind it
		own := all.feature(tt.feature)
		for _, c := range own.Best[:2] { // h and c
			if c.Unit.Unit != tt.unit || math.Abs(c.R) < tt.least {
				t.Errorf("%s: %v with r = %.4f, want unit %d", tt.feature, c.Unit, c.R, tt.unit)
			}
		}
		if !own.Learned || own.Z < 5 || math.Abs(own.Best[2].R) > 0.6 || own.Untrained.High > 0.6 || own.R2.Network < 0.9 || own.R2.LastThree > 0.5 {
			t.Errorf("%s: third %v, learned %v, z %v, untrained %v, R2 %+v", tt.feature, own.Best[2], own.Learned, own.Z, own.Untrained, own.R2)
		}
		first := slices.IndexFunc(all.Units, func(u UnitResult) bool { return u.Feature == tt.feature })
		if got := all.Units[first]; got.Unit.Unit != tt.unit || first > 3 {
			t.Errorf("%s: %v is number %d of all units", tt.feature, got, first)
		}
	}
	if auc := all.feature("in quotes").AUC; auc < 0.99 {
		t.Errorf("unit 5 tells quotations with an AUC of %v", auc)
	}
	if own := all.feature("vowel"); own.R2.LastThree < 0.999 {
		t.Errorf("of vowels the last three symbols explain %v", own.R2.LastThree)
	}
	if f := all.feature("in comment"); f != nil {
		t.Errorf("a feature that the text has not got: %+v", f)
	}
}

// TestNothingIsLearnedByShuffling probes networks that nobody trained: of all their features hardly any may count as learned.
func TestNothingIsLearnedByShuffling(t *testing.T) {
	text := marked(4000)
	c, err := corpus.New(corpus.FromBytes("marked", []byte(text)), corpus.Options{Closed: true})
	if err != nil {
		t.Fatal(err)
	}
	features, learned := 0, 0
	for seed := range uint64(6) {
		n, err := rnn.New(rnn.Config{Cell: "gru", Symbols: c.Alphabet.Size(), Hidden: 8})
		if err != nil {
			t.Fatal(err)
		}
		n.Init(rnn.Init{Normal: 0.3}, seed)
		all := follow(t, &Probe{Model: &model.Model{Network: n, Alphabet: c.Alphabet}, Keep: 2000, Seed: seed}, text)
		for _, f := range all.Features {
			if features++; f.Learned {
				learned++
			}
			if f.Untrained.SD < 0 || f.Untrained.High < f.Untrained.Mean || f.R2.Untrained.High > 1 {
				t.Errorf("seed %d, %s: %+v", seed, f.Name, f)
			}
		}
	}
	if features < 80 || learned > features/25 {
		t.Errorf("%d of %d features count as learned by networks that nobody trained", learned, features)
	}
}

// TestRidge: R2 as it is defined, against hand-made tables. A guess that is off by a constant is wrong by that constant.
func TestRidge(t *testing.T) {
	const n = 40
	x, y := newTable(n, 1), newTable(n, 3)
	for i := range n {
		v := float32(i%4) - 1.5
		x.row(i)[0] = v
		y.row(i)[0] = 2*v + 7                                   // follows x
		y.row(i)[1] = float32(i % 2)                            // hardly does
		y.row(i)[2] = 2*v + map[bool]float32{true: 5}[i >= n/2] // follows, but moves between the halves
	}
	got := ridge(x, y)
	// The penalty of 1 beside 20 standardised rows leaves 20/21 of the slope, so 1/21 of y as error.
	first := 1 - 1.0/21/21
	// The second half's variance is that of 2v, 5; the guess errs by 5 on top of that.
	third := 1 - (5*5+5.0/21/21)/5
	if math.Abs(got[0]-first) > 1e-5 || got[1] > 0.5 || math.Abs(got[2]-third) > 1e-4 {
		t.Errorf("R2 is %v, want %v, little and %v", got, first, third)
	}
}

// TestProbeByDefinition compares correlations, and the AUC, with those of a plain computation from a trace.
func TestProbeByDefinition(t *testing.T) {
	text := marked(1500)
	m := planted(t, text)
	trace := &Trace{Quantities: []string{"h", "c"}}
	p := &Probe{Model: m, Controls: 2}
	if _, err := Read(context.Background(), m, corpus.FromBytes("text", []byte(text)), score.Extras{}, trace, p); err != nil {
		t.Fatal(err)
	}
	all, err := p.Follow(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	where := start()
	values := map[string][]float64{}
	for i := range text {
		where.read([]byte(text[i:i+1]), []byte(text[i+1:]))
		for _, f := range features {
			values[f.Name] = append(values[f.Name], f.value(&where))
		}
	}
	for _, f := range all.Features {
		for _, c := range f.Best {
			var x []float64
			for i := range text {
				x = append(x, float64(trace.Values(c.Layer, c.Quantity)[i*9+c.Unit.Unit]))
			}
			if want := pearson(x, values[f.Name]); math.Abs(c.R-want) > 1e-5 {
				t.Errorf("%s and %v: r = %v, want %v", f.Name, c.Unit, c.R, want)
			}
			if f.YesNo && c == f.Best[0] {
				wins, pairs := 0.0, 0.0
				for i := range x {
					for j := range x {
						if values[f.Name][i] > values[f.Name][j] {
							pairs++
							switch d := (x[i] - x[j]) * c.R; {
							case d > 0:
								wins++
							case d == 0:
								wins += 0.5
							}
						}
					}
				}
				if want := wins / pairs; math.Abs(f.AUC-want) > 1e-9 {
					t.Errorf("%s and %v: AUC %v, want %v", f.Name, c.Unit, f.AUC, want)
				}
			}
		}
	}
}

func pearson(x, y []float64) float64 {
	mean := func(x []float64) (m float64) {
		for _, v := range x {
			m += v / float64(len(x))
		}
		return m
	}
	mx, my, xx, yy, xy := mean(x), mean(y), 0.0, 0.0, 0.0
	for i := range x {
		xx += (x[i] - mx) * (x[i] - mx)
		yy += (y[i] - my) * (y[i] - my)
		xy += (x[i] - mx) * (y[i] - my)
	}
	return xy / math.Sqrt(xx*yy)
}

// TestProbeAnywhere runs the same on every kernel set with 1, 2 and 7 workers.
func TestProbeAnywhere(t *testing.T) {
	defer f32.Use(f32.Active())
	text := marked(1500)
	m := planted(t, text)
	var want *ProbeResult
	for _, set := range f32.Kernels() {
		if err := f32.Use(set); err != nil {
			t.Fatal(err)
		}
		for _, workers := range []int{1, 2, 7} {
			got := follow(t, &Probe{Model: m, Controls: 3, Workers: workers}, text)
			if want == nil {
				want = got
			}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("%s, %d workers: another result", set, workers)
			}
		}
	}
}

// TestStatesAgain reads the kept symbols with the model's own network in place of an untrained one: what it finds must be what
// is kept, in documents too.
func TestStatesAgain(t *testing.T) {
	for _, documents := range corpus.DocumentKinds() {
		m := verseModel(t, corpus.Options{Documents: documents}, rnn.Config{Cell: "lstm", Hidden: 5, Layers: 2})
		p := &Probe{Model: m}
		if _, err := Read(context.Background(), m, corpus.FromBytes("text", []byte(someText(20))), score.Extras{}, p); err != nil {
			t.Fatal(err)
		}
		got, err := p.states(context.Background(), m.Network)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got.data, p.kept.x.data) {
			t.Errorf("%s: other states", documents)
		}
	}
}

func TestProbeOfTooLittle(t *testing.T) {
	text := marked(1500)
	m := planted(t, text)
	p := &Probe{Model: m}
	if _, err := Read(context.Background(), m, corpus.FromBytes("text", []byte(text[:99])), score.Extras{}, p); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Follow(context.Background()); err == nil || err.Error() != "a text of 99 symbols is too short to probe; it takes 100" {
		t.Error(err)
	}
	if _, err := (&Probe{Model: m}).Follow(context.Background()); err == nil {
		t.Error("no text was probed")
	}
	if all := follow(t, &Probe{Model: m}, text[:100]); len(all.Features) == 0 {
		t.Error("nothing was found")
	}
}

// TestFeatures writes what each feature is along a text.
func TestFeatures(t *testing.T) {
	text := "JOE:\n A \"b (c)\" d9?\n\n\nx // “y”. :é"
	want := map[string]string{
		"column":          "1 2 3 4 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 0 0 0 1 2 3 4 5 6 7 8 9 10 11 12",
		"line":            "0 0 0 0 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 2 0 0 0 0 0 0 0 0 0 0 0 0 0 0",
		"indent":          "0 0 0 0 0 1 1 1 1 1 1 1 1 1 1 1 1 1 1 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0",
		"since space":     "1 2 3 4 0 0 1 0 1 2 0 1 2 3 4 0 1 2 3 0 0 0 1 0 1 2 0 1 2 3 4 0 1 2",
		"since sentence":  "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 0 1 2 3 4 5 6 7 8 9 10 11 0 1 2 3",
		"in quotes":       "0 0 0 0 0 0 0 0 1 1 1 1 1 1 0 0 0 0 0 0 0 0 0 0 0 0 0 1 1 0 0 0 0 0",
		"bracket depth":   "0 0 0 0 0 0 0 0 0 0 0 1 1 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0",
		"in brackets":     "0 0 0 0 0 0 0 0 0 0 0 1 1 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0",
		"in name":         "1 1 1 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 1 1 1 1 1 1 1 1 1 1 1 1 0 0",
		"in comment":      "0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 1 1 1 1 1 1 1 1 1",
		"after newline":   "0 0 0 0 1 0 0 0 0 0 0 0 0 0 0 0 0 0 0 1 1 1 0 0 0 0 0 0 0 0 0 0 0 0",
		"space":           "0 0 0 0 0 1 0 1 0 0 1 0 0 0 0 1 0 0 0 0 0 0 0 1 0 0 1 0 0 0 0 1 0 0",
		"letter":          "1 1 1 0 0 0 1 0 0 1 0 0 1 0 0 0 1 0 0 0 0 0 1 0 0 0 0 0 1 0 0 0 0 1",
		"word start":      "1 0 0 0 0 0 1 0 0 1 0 0 1 0 0 0 1 0 0 0 0 0 1 0 0 0 0 0 1 0 0 0 0 1",
		"upper case":      "1 1 1 0 0 0 1 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0",
		"vowel":           "0 1 1 0 0 0 1 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0",
		"digit":           "0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 1 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0",
		"punctuation":     "0 0 0 1 0 0 0 0 1 0 0 1 0 1 1 0 0 0 1 0 0 0 0 0 1 1 0 1 0 1 1 0 1 0",
		"next is space":   "0 0 0 0 1 0 1 0 0 1 0 0 0 0 1 0 0 0 0 0 0 0 1 0 0 1 0 0 0 0 1 0 0 0",
		"next is newline": "0 0 0 1 0 0 0 0 0 0 0 0 0 0 0 0 0 0 1 1 1 0 0 0 0 0 0 0 0 0 0 0 0 0",
	}
	symbols := strings.Split(text, "")
	got := map[string][]string{}
	where := start()
	for i, symbol := range symbols {
		next := ""
		if i+1 < len(symbols) {
			next = symbols[i+1]
		}
		where.read([]byte(symbol), []byte(next))
		for _, f := range features {
			got[f.Name] = append(got[f.Name], fmt.Sprint(f.value(&where)))
		}
	}
	for _, f := range Features() {
		if got := strings.Join(got[f.Name], " "); got != want[f.Name] {
			t.Errorf("%s of %q:\n%s, want\n%s", f.Name, text, got, want[f.Name])
		}
	}
	if len(want) != len(features) {
		t.Errorf("%d features, %d described", len(features), len(want))
	}
}

// TestLearnedOnlyWhereItIsCompared: a feature that the kept symbols lack says nothing of training, however well a unit follows it
// later.
func TestLearnedOnlyWhereItIsCompared(t *testing.T) {
	text := strings.ReplaceAll(marked(3000), "\"", "")[:2200] + marked(3000)
	all := follow(t, &Probe{Model: planted(t, marked(3000)), Keep: 2000}, text)
	if own := all.feature("in quotes"); own == nil || own.Learned || own.Kept != 0 || own.Z != 0 || math.Abs(own.Best[0].R) < 0.5 {
		t.Errorf("quotations that the kept symbols have not got: %+v", own)
	}
	if own := all.feature("column"); !own.Learned || own.Kept < 0.99 {
		t.Errorf("column: %+v", own)
	}
}
