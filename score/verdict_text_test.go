package score

import (
	"slices"
	"strings"
	"testing"

	"github.com/seed-f4dd853e/elman/corpus"
)

// sober returns a verdict on one model, as a table of tests needs it.
func sober(m Result) Verdict {
	m.Name = "novel"
	return Verdict{
		Symbols: corpus.Chars, Alphabet: 66, Documents: corpus.Whole,
		Learned: 900_000, LearnedOf: 900_000, Measured: 100_000, MeasuredOf: 100_000,
		Models: []Result{m}, Best: "5-gram",
		Baselines: []Baseline{
			{"uniform", 4.19}, {"unigram", 3.35}, {"2-gram", 2.48}, {"3-gram", 2.04}, {"4-gram", 1.73}, {"5-gram", 1.58}, {"6-gram", 1.60}, {"gzip", 2.15},
		},
	}
}

func TestAbout(t *testing.T) {
	floor := func(nats float64, exact bool) func(*Verdict) {
		return func(v *Verdict) { v.Floor = &Floor{"play", nats, exact} }
	}
	lines := func(v *Verdict) { v.Documents = corpus.Lines }
	for _, tt := range []struct {
		name string
		m    Result
		set  func(*Verdict)
		want string // one of the sentences
	}{
		{"best of all", Result{Loss: 1.5}, nil, "novel is better than all baselines, 0.08 nats below the best, the 5-gram."},
		{"a higher order may be worse", Result{Loss: 1.59}, nil, "novel is between the 6-gram, which is 0.010 nats worse, and the 5-gram, which is 0.010 nats better."},
		{"beside gzip", Result{Loss: 2.10}, nil, "novel is between gzip, which is 0.050 nats worse, and the 3-gram, which is 0.06 nats better."},
		{"of documents gzip sees more", Result{Loss: 2.10}, lines, "novel is between the 2-gram, which is 0.38 nats worse, and the 3-gram, which is 0.06 nats better."},
		{"worst of all", Result{Loss: 5}, nil, "novel is worse than all baselines, 0.81 nats above the worst, the uniform guess."},
		{"as good as the n-gram", Result{Loss: 1.576, Ahead: Difference{0.004, 0.003}}, nil,
			"novel is as good as the best n-gram, the 5-gram: this text shows no difference (-0.004 ± 0.006 nats)."},
		{"a small difference that is certain", Result{Loss: 1.576, Ahead: Difference{0.004, 0.0019}}, nil,
			"novel is better than all baselines, 0.004 nats below the best, the 5-gram."},

		{"nothing read twice", Result{Loss: 1.50, Online: 1.4, Passes: 1}, nil,
			"It read nothing twice: its loss was 1.40 on new text in the last quarter of its training, and is 1.50 on text held out."},
		{"part of a second pass", Result{Loss: 1.50, Online: 1.4, Passes: 1.5}, nil,
			"In the last quarter of a pass its loss was 1.40 on each window before it learned from it (with dropout, if it had any); on text held out it is 1.50."},
		{"many passes", Result{Loss: 1.50, Online: 1.25, Passes: 10}, nil,
			"In its last pass its loss was 1.25 on each window before it learned from it (with dropout, if it had any); on text held out it is 1.50."},
		{"many passes, and symbols to spell", Result{Loss: 1.50, Online: 1.25, Passes: 10}, func(v *Verdict) { v.Spelling = 0.2 },
			"In its last pass its loss was 1.25 on each window before it learned from it (with dropout, if it had any); on text held out it is 1.30, spelling left out."},

		{"above the floor", Result{Loss: 1.50}, floor(1.25, true), "It is 0.250 nats above the floor."},
		{"at the floor", Result{Loss: 1.255}, floor(1.25, true), "It is 0.005 nats above the floor: next to nothing is left to gain."},
		{"above a bound", Result{Loss: 1.50}, floor(1.25, false), "It is 0.250 nats above the bound on the floor, which may itself be lower."},
		{"below the floor", Result{Loss: 1.248}, floor(1.25, true), "It is 0.002 nats below the floor, by chance: on a longer text nothing is."},
		{"below a bound", Result{Loss: 1.248}, floor(1.25, false), "It is 0.002 nats below the bound on the floor, which may itself be lower."},

		{"of another text", Result{Loss: 1.5, OtherText: true}, nil, "novel learned another text; the baselines learned the first 90 % of this one, which favours them."},
		{"little text", Result{Loss: 1.5, Error: 0.1}, nil, "So little text was measured that its loss is uncertain by 0.20 nats."},
	} {
		v := sober(tt.m)
		if tt.set != nil {
			tt.set(&v)
		}
		got := v.About(v.Models[0])
		if !slices.Contains(got, tt.want) {
			t.Errorf("%s: %q lacks %q", tt.name, got, tt.want)
		}
		if tt.m.OtherText && len(got) != 2 {
			t.Errorf("%s: %q says more than it can know", tt.name, got)
		}
		if little := strings.Contains(strings.Join(got, " "), "So little"); little != (tt.m.Error > 0.0375) {
			t.Errorf("%s: %q about an error of %v", tt.name, got, tt.m.Error)
		}
	}
}

// TestAdvice: what a verdict advises, in sentences, and in which cases it does not know.
func TestAdvice(t *testing.T) {
	longer := "Its loss on text held out was lowest at the end of its training: a longer one will help."
	for _, tt := range []struct {
		name string
		m    Result
		set  func(*Verdict)
		want string
	}{
		{"90 steps at 13 million nats", Result{Loss: 1.3e7, Kept: 1, Passes: 0.2}, nil,
			"That is far worse than knowing nothing: its training exploded. A much lower learning rate will help."},
		{"90 good steps", Result{Loss: 2.8, Kept: 1, Passes: 0.2}, nil, longer},
		{"one pass over a book whose tail is another text", Result{Loss: 1.6, Online: 1.4, Kept: 1, Passes: 1}, nil, longer},
		{"many passes, and it still falls", Result{Loss: 1.5, Online: 1.2, Kept: 1, Passes: 30}, nil, longer},
		{"between", Result{Loss: 1.5, Online: 1.2, Kept: 0.99, Passes: 30}, nil, ""},
		{"it rose for half of the run", Result{Loss: 1.5, Online: 0.9, Kept: 0.5, Passes: 7.46}, nil,
			"Its loss on text held out was lowest after 7.5 passes, at 50 % of its training, and rose from there: a training of that length will help."},
		{"a file without its run", Result{Loss: 1.5, Online: 1.4, Passes: 3}, nil, ""},
		{"another text", Result{Loss: 1.5, OtherText: true, Kept: 1}, nil, ""},
		{"a tiny text", Result{Loss: 1.5, Error: 0.1, Kept: 1}, func(v *Verdict) { v.Measured = 2999 }, ""},
		{"a language at its floor", Result{Loss: 1.259, Kept: 1}, func(v *Verdict) { v.Floor = &Floor{"play", 1.25, true} }, ""},
		{"a language below a bound on its floor", Result{Loss: 1.2, Kept: 1}, func(v *Verdict) { v.Floor = &Floor{"play", 1.25, false} }, ""},
		{"a language above its floor", Result{Loss: 1.27, Kept: 1}, func(v *Verdict) { v.Floor = &Floor{"play", 1.25, true} }, longer},
		{"spelling is no explosion", Result{Loss: 12, Kept: 1}, func(v *Verdict) { v.Spelling, v.Baselines[0].Loss = 8, 12.5 }, longer},
	} {
		v := sober(tt.m)
		if tt.set != nil {
			tt.set(&v)
		}
		m := v.Models[0]
		m.Advice = v.advise(m)
		got := ""
		for _, a := range m.Advice {
			got += m.advice(a)
		}
		if got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
		if tt.want != "" && !slices.Contains(v.About(m), tt.want) {
			t.Errorf("%s: %q lacks %q", tt.name, v.About(m), tt.want)
		}
	}
}

func TestVerdictWords(t *testing.T) {
	v := sober(Result{Loss: 1.5})
	v.Models = append(v.Models, Result{Name: "other", Loss: 2})
	v.Symbols, v.Measured, v.Learned, v.Floor = corpus.Words, 50_000, 20_000, &Floor{"play", 1.25, false}
	v.Unknown, v.Spelling, v.Documents = 200, 0.1234, corpus.Lines
	want := "Measured on a sample: the first 50000 of the 100000 words held out. The baselines learned from a sample of 20000 of the 900000 before them, which favours the model. 200 of the 50000 words measured are not in the alphabet: spelling them takes 0.123 of the nats of every predictor (gzip spells in its own way)."
	if got := v.Basis(); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
	rows := []Row{
		{"uniform", "all 66 symbols equally likely", 4.19, false},
		{"unigram", "how often each word occurs", 3.35, false},
		{"2-gram", "what followed the word before", 2.48, false},
		{"gzip", "the size of the compressed text; it alone sees the documents before", 2.15, false},
		{"3-gram", "what followed the 2 words before", 2.04, false},
		{"other", "the model", 2, false},
		{"4-gram", "what followed the 3 words before", 1.73, false},
		{"6-gram", "what followed the 5 words before", 1.6, false},
		{"5-gram", "what followed the 4 words before", 1.58, false},
		{"novel", "the model", 1.5, false},
		{"floor", "the entropy of play", 1.25, true},
	}
	if got := v.Rows(); !slices.Equal(got, rows) {
		t.Errorf("got %+v\nwant %+v", got, rows)
	}
	var explained []string
	for _, word := range v.Glossary() {
		explained = append(explained, word[0])
	}
	if want := []string{"nats, bits", "n-gram", "gzip", "floor"}; !slices.Equal(explained, want) {
		t.Errorf("explained are %q, want %q", explained, want)
	}
	v.Symbols, v.Models, v.Unknown = corpus.Bytes, v.Models[:1], 0
	want = `verdict on a sample: the first 50000 of the 100000 bytes held out, in nats per byte, after learning from a sample of 20000 of the 900000 before them:
uniform 4.190, unigram 3.350, 2-gram 2.480, gzip (across documents) 2.150, 3-gram 2.040, 4-gram 1.730, 6-gram 1.600, 5-gram 1.580, novel 1.500, floor at most 1.250
novel is better than all baselines, 0.08 nats below the best, the 5-gram. It is 0.250 nats above`
	if got := v.Short(); !strings.HasPrefix(got, want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
