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
		Models: []Result{m},
		Baselines: []Baseline{
			{"uniform", 4.19}, {"unigram", 3.35}, {"2-gram", 2.48}, {"3-gram", 2.04}, {"4-gram", 1.73}, {"5-gram", 1.58}, {"6-gram", 1.60}, {"gzip", 2.15},
		},
	}
}

func TestAbout(t *testing.T) {
	floor := func(nats float64, exact bool) func(*Verdict) {
		return func(v *Verdict) { v.Floor = &Floor{"play", nats, exact} }
	}
	for _, tt := range []struct {
		name string
		m    Result
		set  func(*Verdict)
		want string // one of the sentences
	}{
		{"best of all", Result{Loss: 1.5, Train: 1.45}, nil, "novel is better than all baselines, 0.08 nats below the best, the 5-gram."},
		{"a higher order may be worse", Result{Loss: 1.59, Train: 1.5}, nil, "novel is between the 6-gram, which is 0.01 nats worse, and the 5-gram, which is 0.01 better."},
		{"beside gzip", Result{Loss: 2.10, Train: 2}, nil, "novel is between gzip, which is 0.05 nats worse, and the 3-gram, which is 0.06 better."},
		{"worst of all", Result{Loss: 5, Train: 5}, nil, "novel is worse than all baselines, 0.81 nats above the worst, the uniform guess."},

		{"exploded", Result{Loss: 1.3e7, Train: 1.3e7}, nil, "It is far worse than knowing nothing, as a training leaves it that has exploded. A lower learning rate will help."},
		{"no gap", Result{Loss: 1.50, Train: 1.47}, nil, "Its loss is 1.50 on text held out and 1.47 on text it learned from: hardly a difference. More training, or a larger network, will help."},
		{"negative gap", Result{Loss: 1.50, Train: 1.60}, nil, "Its loss is 1.50 on text held out and 1.60 on text it learned from: hardly a difference. More training, or a larger network, will help."},
		{"some gap", Result{Loss: 1.50, Train: 1.40}, nil, "Its loss is 1.50 on text held out and 1.40 on text it learned from: a usual difference. More training may help, or a larger network; more text will."},
		{"wide gap", Result{Loss: 1.50, Train: 1.25}, nil, "Its loss is 1.50 on text held out and 1.25 on text it learned from: it has begun to learn its text by heart. More text, fewer epochs or a smaller network will help."},
		{"at the floor", Result{Loss: 1.50, Train: 1.25}, floor(1.495, true), "Its loss is 1.50 on text held out and 1.25 on text it learned from: there is nothing left to gain."},

		{"above the floor", Result{Loss: 1.50, Train: 1.45}, floor(1.25, true), "It is 0.250 nats above the floor."},
		{"above a bound", Result{Loss: 1.50, Train: 1.45}, floor(1.25, false), "It is 0.250 nats above the bound on the floor, which may itself be lower."},
		{"below the floor", Result{Loss: 1.248, Train: 1.25}, floor(1.25, true), "It is 0.002 nats below the floor, by chance: on a longer text nothing is."},
		{"below a bound", Result{Loss: 1.248, Train: 1.25}, floor(1.25, false), "It is 0.002 nats below the bound on the floor, which may itself be lower."},

		{"of another text", Result{Loss: 1.5, Train: 1.5, OtherText: true}, nil, "novel learned another text; the baselines learned the first 90 % of this one, which favours them."},
		{"little text", Result{Loss: 1.5, Train: 1.5, Error: 0.1}, func(v *Verdict) { v.Measured = 100 }, "So little text was measured that all this is uncertain, by 0.20 nats or more."},
	} {
		v := sober(tt.m)
		if tt.set != nil {
			tt.set(&v)
		}
		got := v.About(v.Models[0])
		found := false
		for _, sentence := range got {
			found = found || sentence == tt.want
		}
		if !found {
			t.Errorf("%s: %q lacks %q", tt.name, got, tt.want)
		}
		if tt.m.OtherText && len(got) != 2 {
			t.Errorf("%s: %q says more than it can know", tt.name, got)
		}
	}
}

func TestVerdictWords(t *testing.T) {
	v := sober(Result{Loss: 1.5, Train: 1.45})
	v.Models = append(v.Models, Result{Name: "other", Loss: 2, Train: 2})
	v.Symbols, v.Measured, v.Learned, v.Floor = corpus.Words, 50_000, 20_000, &Floor{"play", 1.25, false}
	want := "Measured on a sample: the first 50000 of the 100000 words held out. The baselines learned from a sample of 20000 of the 900000 before them."
	if got := v.Basis(); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
	rows := []Row{
		{"uniform", "all 66 symbols equally likely", 4.19, false},
		{"unigram", "how often each word occurs", 3.35, false},
		{"2-gram", "what followed the word before", 2.48, false},
		{"gzip", "the size of the compressed text", 2.15, false},
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
	v.Symbols, v.Models = corpus.Bytes, v.Models[:1]
	want = `verdict on a sample: the first 50000 of the 100000 bytes held out, in nats per byte, after learning from a sample of 20000 of the 900000 before them:
uniform 4.190, unigram 3.350, 2-gram 2.480, gzip 2.150, 3-gram 2.040, 4-gram 1.730, 6-gram 1.600, 5-gram 1.580, novel 1.500, floor at most 1.250
novel is better than all baselines, 0.08 nats below the best, the 5-gram. It is 0.250 nats above`
	if got := v.Short(); !strings.HasPrefix(got, want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
