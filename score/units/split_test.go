package units_test

import (
	"math"
	"slices"
	"testing"

	"github.com/seed-f4dd853e/elman/score/units"
)

func texts(text string, spans []units.Span) []string {
	var all []string
	for _, s := range spans {
		all = append(all, text[s.Start:s.End])
	}
	return all
}

func TestSplit(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		text                  string
		words, ascii, unicode []string
	}{
		{"", nil, nil, nil},
		{" \t\n", nil, nil, nil},
		{"The king, he", []string{"The", "king,", "he"}, []string{"The", "king,", "he"}, []string{"The", "king", ",", "he"}},
		{"  can't  stop!\r\n", []string{"can't", "stop!"}, []string{"can't", "stop!"}, []string{"can't", "stop", "!"}},
		{"a\u00a0b\u3000c", []string{"a", "b", "c"}, []string{"a\u00a0b\u3000c"}, []string{"a", "b", "c"}},
		{"3.14 日本", []string{"3.14", "日本"}, []string{"3.14", "日本"}, []string{"3.14", "日", "本"}},
		{"\xff \xe3\x80", []string{"\xff", "\xe3\x80"}, []string{"\xff", "\xe3\x80"}, []string{"\xff", " \xe3\x80"}}, // they are no characters,
	} {
		for name, x := range map[string]struct{ got, want []string }{
			"words":   {texts(tt.text, units.Words([]byte(tt.text), false)), tt.words},
			"ASCII":   {texts(tt.text, units.Words([]byte(tt.text), true)), tt.ascii},
			"Unicode": {texts(tt.text, units.Unicode([]byte(tt.text))), tt.unicode},
		} {
			if !slices.Equal(x.got, x.want) {
				t.Errorf("%s of %q: %q, want %q", name, tt.text, x.got, x.want)
			}
		}
	}
}

func TestFrequency(t *testing.T) {
	t.Parallel()
	f := units.NewFrequency()
	for _, w := range []string{"The", "the,", "“THE”", "king's", "--"} {
		f.Add(w, 1)
	}
	f.Add("zebra", 12)
	for word, want := range map[string]float64{"the": 3e6 / 16, "The.": 3e6 / 16, "king's": 1e6 / 16, "Zebra": 12e6 / 16, "king": 0, "--": math.NaN(), "": math.NaN(), "the king": math.NaN()} {
		if got := f.PerMillion(word); got != want && !(got != got && want != want) {
			t.Errorf("%q is %v in a million, want %v", word, got, want)
		}
	}
	if got := units.NewFrequency().PerMillion("the"); got == got {
		t.Errorf("among no words, %v in a million, want NaN", got)
	}
}
