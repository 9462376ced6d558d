package answer

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"strings"
	"sync"
	"testing"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/generate"
	"github.com/seed-f4dd853e/elman/language"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/score"
	"github.com/seed-f4dd853e/elman/train"
)

var limits = Limits{Text: 1 << 20, Hidden: 64, Layers: 2, Seconds: 60, Steps: 1000}

// trained returns a small model of a kind of symbols and documents, each trained once.
var trained = func() func(t *testing.T, kind corpus.Kind, documents corpus.Documents) *model.Model {
	var mu sync.Mutex
	made := map[string]*model.Model{}
	return func(t *testing.T, kind corpus.Kind, documents corpus.Documents) *model.Model {
		t.Helper()
		mu.Lock()
		defer mu.Unlock()
		key := fmt.Sprint(kind, documents)
		if made[key] == nil {
			text := strings.Repeat("the cat — naïve — sat on the mat\nand a dog barked at it\n", 60)
			m, err := Train(t.Context(), TrainRequest{Text: text, Settings: TrainSettings{Cell: "lstm", Hidden: 12, Layers: 2, Steps: 40, Seed: 3,
				Symbols: string(kind), Documents: string(documents)}}, TrainOptions{Limits: limits, Threads: 1}, func(any) {})
			if err != nil {
				t.Fatal(err)
			}
			made[key] = m
		}
		return made[key]
	}
}()

// TestWriteSaysWhatOthersSay: the text is that of package generate, and the bits and guesses are those of package score.
func TestWriteSaysWhatOthersSay(t *testing.T) {
	for _, kind := range corpus.Kinds() {
		for _, documents := range []corpus.Documents{corpus.Whole, corpus.Lines} {
			t.Run(fmt.Sprintf("%s of %s", kind, documents), func(t *testing.T) {
				m := trained(t, kind, documents)
				var written []Symbol
				err := Write(t.Context(), m, WriteRequest{Prompt: "the c", Length: 90, Temperature: 0.9, TopK: 20, TopP: 0.95, Seed: 7, Top: 4},
					func(s Symbol) error { written = append(written, s); return nil })
				if err != nil {
					t.Fatal(err)
				}
				o := generate.Defaults()
				o.Prompt, o.Length, o.Temperature, o.TopK, o.TopP, o.Seed = "the c", 90, 0.9, 20, 0.95, 7
				texts, err := generate.New(m).Strings(t.Context(), o)
				if err != nil {
					t.Fatal(err)
				}
				if got := join(t, written); "the c"+got != texts[0] {
					t.Errorf("wrote %q, want %q after the prompt", got, texts[0])
				}
				var scored []Symbol
				sum, err := Score(t.Context(), m, TextRequest{Text: texts[0], Top: 4}, func(s Symbol) error { scored = append(scored, s); return nil })
				if err != nil {
					t.Fatal(err)
				}
				if join(t, scored) != texts[0] {
					t.Errorf("scored %q, want %q", join(t, scored), texts[0])
				}
				if kind == corpus.Bytes || kind == corpus.Chars { // others may be read as other symbols than were drawn
					alike(t, written, scored[len(scored)-len(written):])
				}
				want := score.Sum{}
				scorer := score.New(m, score.Extras{})
				if err := scorer.Text(t.Context(), []byte(texts[0]), func(x score.Symbol) error { want.Add(x); return nil }); err != nil {
					t.Fatal(err)
				}
				if sum.Bits != want.Bits.Float() || sum.Symbols != want.Symbols {
					t.Errorf("the sum is %+v, want %v bits of %d symbols", sum, want.Bits, want.Symbols)
				}
			})
		}
	}
}

// alike compares symbols drawn with the same symbols scored.
func alike(t *testing.T, drawn, scored []Symbol) {
	t.Helper()
	for i, s := range drawn {
		want := scored[i]
		if s.Text != want.Text || s.Hex != want.Hex || s.ID != want.ID || s.Bits != want.Bits || len(s.Top) != len(want.Top) {
			t.Fatalf("symbol %d: drawn as %+v, scored as %+v", i, s, want)
		}
		if fmt.Sprint(s.Top) != fmt.Sprint(want.Top) {
			t.Fatalf("symbol %d: expected %+v, scored %+v", i, s.Top, want.Top)
		}
	}
}

// join returns the text of symbols.
func join(t *testing.T, symbols []Symbol) string {
	t.Helper()
	var b strings.Builder
	for _, s := range symbols {
		if s.Hex == "" {
			b.WriteString(s.Text)
			continue
		}
		raw, err := hex.DecodeString(s.Hex)
		if err != nil {
			t.Fatal(err)
		}
		b.Write(raw)
	}
	return b.String()
}

// TestAheadIsADistribution: all symbols together have a probability of 1, and the entropy is theirs.
func TestAheadIsADistribution(t *testing.T) {
	m := trained(t, corpus.Chars, corpus.Whole)
	next, err := Ahead(t.Context(), m, TextRequest{Text: "the ca", Top: 1000})
	if err != nil {
		t.Fatal(err)
	}
	sum, entropy := 0.0, 0.0
	for _, g := range next.Top {
		p := math.Exp2(-g.Bits)
		sum += p
		entropy += p * g.Bits
	}
	if math.Abs(sum-1) > 1e-5 || math.Abs(entropy-next.Entropy) > 1e-4 || len(next.Top) != m.Alphabet.Size() {
		t.Errorf("%d guesses have a probability of %v, an entropy of %v; want %d, 1, %v", len(next.Top), sum, entropy, m.Alphabet.Size(), next.Entropy)
	}
}

// TestStatesFollowTheText: the states of a text begin with those of its beginning, and are within their range.
func TestStatesFollowTheText(t *testing.T) {
	for _, documents := range []corpus.Documents{corpus.Whole, corpus.Lines} {
		m := trained(t, corpus.Chars, documents)
		long := strings.Repeat("the cat\nsat ", 30)
		whole, err := States(t.Context(), m, TextRequest{Text: long, Layer: 1}, true)
		if err != nil {
			t.Fatal(err)
		}
		part, err := States(t.Context(), m, TextRequest{Text: long[:150], Layer: 1}, true)
		if err != nil {
			t.Fatal(err)
		}
		if whole.Symbols != len(long) || part.Symbols != 150 || whole.Hidden != 12 {
			t.Fatalf("%d and %d symbols of %d units, want %d and 150 of 12", whole.Symbols, part.Symbols, whole.Hidden, len(long))
		}
		var names []string
		for i, q := range whole.Quantities {
			names = append(names, q.Name)
			if len(q.Levels) != len(long)*12 {
				t.Errorf("%s has %d levels, want %d", q.Name, len(q.Levels), len(long)*12)
			}
			if string(q.Levels[:150*12]) != string(part.Quantities[i].Levels) {
				t.Errorf("%s of documents %s: the beginning of the text has other levels than the text", q.Name, documents)
			}
		}
		if got := strings.Join(names, " "); got != "h tanh c i f g o" {
			t.Errorf("quantities are %q", got)
		}
	}
	m := trained(t, corpus.Chars, corpus.Whole)
	long := strings.Repeat("the cat\nsat ", 1200) // whose state is periodic soon
	last, err := States(t.Context(), m, TextRequest{Text: long}, true)
	if err != nil {
		t.Fatal(err)
	}
	short, err := States(t.Context(), m, TextRequest{Text: long[:4800]}, true)
	if err != nil {
		t.Fatal(err)
	}
	if last.First != len(long)-MostUnits || last.Symbols != MostUnits || short.First != 800 || string(last.Quantities[2].Levels) != string(short.Quantities[2].Levels) {
		t.Errorf("of %d symbols %d are told from %d, of 4800 from %d, alike or not", len(long), last.Symbols, last.First, short.First)
	}
	if _, err := States(t.Context(), m, TextRequest{Text: "a", Layer: 2}, true); err == nil {
		t.Error("layer 2 of 2 gave no error")
	}
	if u, err := States(t.Context(), m, TextRequest{}, false); err != nil || u.Symbols != 0 || len(u.Quantities) != 1 || len(u.Quantities[0].Levels) != 0 {
		t.Errorf("no text: %+v, %v", u, err)
	}
}

// TestTrainIsThatOfTheLibrary: the events come in order, and the model is that of package train with the settings that the first
// of them tells.
func TestTrainIsThatOfTheLibrary(t *testing.T) {
	request := TrainRequest{Language: "play", Size: 30000, Settings: TrainSettings{Cell: "gru", Hidden: 16, Layers: 1, Seconds: 1, Seed: 5}}
	var kinds []string
	var start Start
	var grams Baselines
	var end End
	m, err := Train(t.Context(), request, TrainOptions{ID: "t1", Limits: limits}, func(event any) {
		switch e := event.(type) {
		case Start:
			start = e
			kinds = append(kinds, e.Kind)
		case Baselines:
			grams = e
			kinds = append(kinds, e.Kind)
		case Report:
			if len(e.Sample) != drawn || e.Units.Symbols != drawn || len(e.Units.Quantities[0].Levels) != drawn*16 || e.Valid == nil {
				t.Errorf("a report has %d symbols, units %+v", len(e.Sample), e.Units)
			}
		case End:
			end = e
			kinds = append(kinds, e.Kind)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(kinds, " "); got != "start baselines end" {
		t.Errorf("events are %q", got)
	}
	if m.Hash() != end.Hash || end.Stopped || end.Valid == nil || !strings.Contains(end.Verdict, "the language itself has") {
		t.Errorf("the last event is %+v, the hash %s", end, m.Hash())
	}
	if start.Floor == nil || !start.Floor.Exact && start.Floor.Nats == 0 || grams.Best == "" || len(grams.Baselines) < 5 {
		t.Errorf("floor %+v, baselines %+v", start.Floor, grams)
	}

	l, _ := language.Find("play")
	data, err := corpus.New(corpus.FromBytes("play", l.Generate(5, 30000)), corpus.Defaults())
	if err != nil {
		t.Fatal(err)
	}
	own := start.Settings
	s, err := train.Resolve(t.Context(), data, train.Choice{Change: func(s *train.Settings) {
		s.Budget, s.ReportEvery, s.Seed = train.Budget{Steps: own.Steps}, own.ReportEvery, own.Seed
		s.Network.Cell, s.Network.Hidden, s.Network.Layers = own.Cell, own.Hidden, own.Layers
	}}, train.Options{})
	if err != nil {
		t.Fatal(err)
	}
	r, err := train.Run(t.Context(), data, s, train.Options{KeepBest: true})
	if err != nil {
		t.Fatal(err)
	}
	if r.Best.Hash() != m.Hash() {
		t.Errorf("with the settings that the page tells (%+v) package train gets %s, the page got %s", own, r.Best.Hash(), m.Hash())
	}
}

// TestStopKeepsWhatWasLearned: in memory, and in a folder before and after its first report.
func TestStopKeepsWhatWasLearned(t *testing.T) {
	for _, tt := range []struct {
		name   string
		folder bool
		every  int64
	}{{"in memory", false, 5}, {"in a folder", true, 5}, {"before the first report", true, 1000}} {
		t.Run(tt.name, func(t *testing.T) {
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			o := TrainOptions{Limits: limits}
			if tt.folder {
				o.Folder = t.TempDir() + "/run"
			}
			var end *End
			m, err := Train(ctx, TrainRequest{Text: strings.Repeat("ba dii guuu\n", 500), Settings: TrainSettings{Cell: "elman", Hidden: 8, Layers: 1, Steps: 1000, ReportEvery: tt.every}}, o,
				func(event any) {
					switch e := event.(type) {
					case Progress:
						if e.Step > 20 {
							stop()
						}
					case Report:
						if e.Step > 20 {
							stop()
						}
					case End:
						end = &e
					}
				})
			if err != nil || end == nil || !end.Stopped || end.Hash != m.Hash() {
				t.Fatalf("%v, the last event is %+v", err, end)
			}
			if tt.folder {
				kept, err := model.Load(o.Folder)
				if err != nil || kept.Hash() != m.Hash() {
					t.Errorf("the folder keeps another model: %v", err)
				}
			}
			if err := Write(t.Context(), m, WriteRequest{Length: 5, Temperature: 1}, func(Symbol) error { return nil }); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestCheckRefuses(t *testing.T) {
	text := strings.Repeat("a b c\n", 100)
	fine := TrainSettings{Cell: "lstm", Hidden: 8, Layers: 1, Steps: 5}
	with := func(change func(*TrainSettings)) TrainSettings { s := fine; change(&s); return s }
	for _, tt := range []struct {
		name, want string
		r          TrainRequest
	}{
		{"nothing to learn", "nothing to learn", TrainRequest{Settings: fine}},
		{"a short text", "must have 400", TrainRequest{Text: "abc", Settings: fine}},
		{"a long text", "1048576", TrainRequest{Text: strings.Repeat("a", 1<<20+1), Settings: fine}},
		{"a size beyond the limit", "size is 2097152", TrainRequest{Language: "play", Size: 2 << 20, Settings: fine}},
		{"no such language", "klingon", TrainRequest{Language: "klingon", Size: 1000, Settings: fine}},
		{"too many units", "hidden is 65", TrainRequest{Text: text, Settings: with(func(s *TrainSettings) { s.Hidden = 65 })}},
		{"too many layers", "layers is 3", TrainRequest{Text: text, Settings: with(func(s *TrainSettings) { s.Layers = 3 })}},
		{"no time", "seconds is 0", TrainRequest{Text: text, Settings: with(func(s *TrainSettings) { s.Steps = 0 })}},
		{"a time that is no number", "seconds is NaN", TrainRequest{Text: text, Settings: with(func(s *TrainSettings) { s.Steps, s.Seconds = 0, math.NaN() })}},
		{"too many steps", "steps is 1001", TrainRequest{Text: text, Settings: with(func(s *TrainSettings) { s.Steps = 1001 })}},
		{"too many reports", "report_every is 1", TrainRequest{Text: text, Settings: with(func(s *TrainSettings) { s.Steps, s.ReportEvery = 900, 1 })}},
		{"no such cell", "cell", TrainRequest{Text: text, Settings: with(func(s *TrainSettings) { s.Cell = "transformer" })}},
		{"no such symbols", "symbols", TrainRequest{Text: text, Settings: with(func(s *TrainSettings) { s.Symbols = "runes" })}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Train(t.Context(), tt.r, TrainOptions{Limits: limits}, func(any) { t.Error("an event") })
			if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("%v, want a line with %q", err, tt.want)
			}
		})
	}
}

// TestEmitEndsTheWork: an error of emit is that of the call.
func TestEmitEndsTheWork(t *testing.T) {
	m, enough := trained(t, corpus.Chars, corpus.Whole), errors.New("enough")
	n := 0
	emit := func(Symbol) error {
		if n++; n == 3 {
			return enough
		}
		return nil
	}
	if err := Write(t.Context(), m, WriteRequest{Length: 50, Temperature: 1}, emit); !errors.Is(err, enough) || n != 3 {
		t.Errorf("after %d symbols: %v", n, err)
	}
}
