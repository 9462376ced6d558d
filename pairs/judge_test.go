package pairs

import (
	"context"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/rnn"
	"github.com/seed-f4dd853e/elman/score"
)

// toy returns a model that was not trained but built: whatever it reads, a has a probability of 1/2, and the line break, the
// space, b and c of 1/8 each. So a takes 1 bit, the others 3.
func toy(t testing.TB, o corpus.Options) *model.Model {
	t.Helper()
	c, err := corpus.New(corpus.FromBytes("letters", []byte("\n abc")), o)
	if err != nil {
		t.Fatal(err)
	}
	network, err := rnn.New(rnn.Config{Symbols: c.Alphabet.Size(), Hidden: 1})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range network.Params() {
		if p.Name == "decoder.bias" {
			p.Value[2] = float32(math.Log(4))
			if c.Alphabet.Escape() >= 0 {
				p.Value[c.Alphabet.Escape()] = -100 // never, nearly
			}
		}
	}
	network.Updated()
	return &model.Model{Network: network, Alphabet: c.Alphabet}
}

// judge reads a file and judges its sets.
func judge(t testing.TB, j *Judge, file, data string) (sets []*Set, all [][]Judged) {
	t.Helper()
	sets, err := Read(file, []byte(data), Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range sets {
		judged, err := j.Judge(context.Background(), s, nil)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, judged)
	}
	return sets, all
}

// TestPairs works pairs out by hand, with the 3 bits of the line break in each sentence.
func TestPairs(t *testing.T) {
	_, all := judge(t, New("toy", toy(t, corpus.Options{Closed: true}), 1), "toy.csv",
		"good,bad\naa,ab\nb,aa\nab,ca\nab,ab\nad,ab\n\"a\na\",aca\nab,ad\n")
	for i, want := range []string{
		"right 5 7",      // 1+1+3, 1+3+3
		"wrong 6 5",      // a shorter sentence is not always better
		"tie 7 7",        // 1+3+3 in either order
		"tie 7 7",        // the same sentence
		"unreadable 0 0", // d is not in the alphabet
		"tie 8 8",        // a line break inside a sentence is a symbol as any other
		"unreadable 0 0",
	} {
		j := all[0][i]
		got := j.Outcome.String() + " 0 0"
		if j.Err == nil {
			got = fmt.Sprintf("%v %.6g %.6g", j.Outcome, j.Total(0).Float(), j.Total(1).Float())
		}
		if got != want {
			t.Errorf("pair %d: %s, want %s", i+1, got, want)
		}
	}
	if got := all[0][4].Reason(); got != `"d" (at byte 1) is not in the alphabet` {
		t.Errorf("reason %q", got)
	}
}

// TestLineBreakWithin: a line break inside a sentence ends nothing, also where the model was trained on lines.
func TestLineBreakWithin(t *testing.T) {
	m := toy(t, corpus.Options{})
	m.Network.Init(rnn.Init{}, 1)
	_, all := judge(t, New("whole", m, 1), "x.csv", "good,bad\n\"ab\nab\",a\n")
	m.Documents = corpus.Lines
	_, lines := judge(t, New("lines", m, 1), "x.csv", "good,bad\n\"ab\nab\",a\n")
	if want, got := all[0][0].Total(0), lines[0][0].Total(0); got != want {
		t.Errorf("%v bits by a model of lines, want %v", got, want)
	}
}

// TestNoLineBreak leaves the end out if the alphabet has none.
func TestNoLineBreak(t *testing.T) {
	c, err := corpus.New(corpus.FromBytes("letters", []byte("ab")), corpus.Options{Closed: true})
	if err != nil {
		t.Fatal(err)
	}
	network, err := rnn.New(rnn.Config{Symbols: 2, Hidden: 1})
	if err != nil {
		t.Fatal(err)
	}
	_, all := judge(t, New("two", &model.Model{Network: network, Alphabet: c.Alphabet}, 1), "two.csv", "good,bad\nab,aba\n")
	if j := all[0][0]; j.Total(0).Float() != 2 || j.Total(1).Float() != 3 {
		t.Errorf("%v and %v bits, want 2 and 3", j.Total(0), j.Total(1))
	}
}

// TestSuite works a suite out by hand. That a region ends takes 2 bits, as a line break or space follows with a probability of
// 1/4. The space is charged the 1 bit that is left of its 3, to the region after it. An empty region takes nothing, and no
// region has the end of the sentence.
func TestSuite(t *testing.T) {
	item := func(number int, first, second string) string {
		return fmt.Sprintf(`{"item_number": %d, "conditions": [
			{"condition_name": "m", "regions": [{"region_number": 1, "content": "ab"}, {"region_number": 2, "content": ""}, {"region_number": 3, "content": %q}]},
			{"condition_name": "x", "regions": [{"region_number": 1, "content": ""}, {"region_number": 2, "content": "c"}, {"region_number": 3, "content": %q}]}]}`, number, first, second)
	}
	sets, all := judge(t, New("toy", toy(t, corpus.Options{}), 2), "toy.json", suiteText("sum", "[(3;%m%) < (3;%x%)] & (1;%m%) = 6",
		"["+item(1, "a a", "a b")+","+item(2, "b", "a")+","+item(3, "b", "c")+"]"))
	for i, want := range []string{
		"right [[6.000 0.000 6.000] [0.000 5.000 8.000]]", // "ab" takes 1+3+2, " a a" 1+1+3+1
		"wrong [[6.000 0.000 4.000] [0.000 5.000 2.000]]",
		"tie [[6.000 0.000 4.000] [0.000 5.000 4.000]]",
	} {
		if got := fmt.Sprintf("%v %v", all[0][i].Outcome, all[0][i].Bits); got != want {
			t.Errorf("item %d: %s, want %s", i+1, got, want)
		}
	}
	if got := all[0][0].Region(sets[0].Items[0], Reference{Condition: "x"}); got != 13 {
		t.Errorf("(*;%%x%%) is %v, want 13", got)
	}
}

// TestAllPredictions: an item is right only if all predictions hold.
func TestAllPredictions(t *testing.T) {
	data := suiteText("sum", "1 < 2", `[{"item_number": 1, "conditions": [{"condition_name": "m", "regions": [{"region_number": 1, "content": "a"}]}]}]`)
	for formula, want := range map[string]string{"(1;%m%) < 0": "wrong [wrong right]", "(1;%m%) < (1;%m%)": "tie [tie right]", "(1;%m%) > 0": "right [right right]"} {
		_, all := judge(t, New("toy", toy(t, corpus.Options{}), 1), "toy.json",
			strings.Replace(data, `"predictions": [`, `"predictions": [{"type": "formula", "formula": "`+formula+`"}, `, 1))
		if got := fmt.Sprint(all[0][0].Outcome, all[0][0].Predictions); got != want {
			t.Errorf("%s and 1 < 2: %s, want %s", formula, got, want)
		}
	}
}

// TestSameAsScore compares pairs with the lines of a file that elman score would read.
func TestSameAsScore(t *testing.T) {
	for _, kind := range corpus.Kinds() {
		c, err := corpus.New(corpus.FromBytes("text", []byte(strings.Repeat("We see the dogs. They don't see us.\n", 20))), corpus.Options{Kind: kind})
		if err != nil {
			t.Fatal(err)
		}
		network, err := rnn.New(rnn.Config{Symbols: c.Alphabet.Size(), Hidden: 8, Cell: "lstm"})
		if err != nil {
			t.Fatal(err)
		}
		network.Init(rnn.Init{}, 3)
		m := &model.Model{Network: network, Alphabet: c.Alphabet}
		var data strings.Builder
		var lines [][]byte
		data.WriteString("good,bad\n")
		for i := range 50 {
			good, bad := strings.Repeat("They see ", i%7)+"the dogs.", "We doesn't see us, "+strings.Repeat("they ", i%11)+"zebra."
			fmt.Fprintf(&data, "%q,%q\n", good, bad)
			lines = append(lines, []byte(good+"\n"), []byte(bad+"\n"))
		}
		want := make([]score.Sum, len(lines))
		s := score.New(m, score.Extras{})
		s.Documents = corpus.Lines
		if err := s.Lines(context.Background(), lines, func(i int, x score.Symbol) error { want[i].Add(x); return nil }); err != nil {
			t.Fatal(err)
		}
		_, all := judge(t, New("m", m, 2), "x.csv", data.String())
		for i, j := range all[0] {
			for k := range 2 {
				if got := j.Total(k); got != want[2*i+k].Bits {
					t.Errorf("%s, pair %d, sentence %d: %v bits, score has %v", kind, i, k, got, want[2*i+k].Bits)
				}
			}
		}
	}
}

// TestBaseline: by counting, "dogs see" is likelier than "dogs sees". Sentences with different unknown words tie.
func TestBaseline(t *testing.T) {
	text := "the dogs see\nthe dog sees\nthe dogs run\nthe cats see\n"
	b, err := NewBaseline(context.Background(), "5-gram", corpus.FromBytes("text", []byte(text)))
	if err != nil {
		t.Fatal(err)
	}
	_, all := judge(t, b, "x.csv", "good,bad\nthe dogs see,the dogs sees\nthe dog see,the dog sees\nthe zebras see,the lions see\n")
	for i, want := range []Outcome{Right, Wrong, Tie} {
		if got := all[0][i].Outcome; got != want {
			t.Errorf("pair %d: %v, want %v (%v and %v bits)", i+1, got, want, all[0][i].Total(0), all[0][i].Total(1))
		}
	}
}

// TestBaselineOrder: four words before decide, and each line is a text of its own.
func TestBaselineOrder(t *testing.T) {
	for _, tt := range []struct{ text, pair string }{
		{"a b c d e\nx b c d f\n", "a b c d e,a b c d f"},
		{"x b c d e\na b c d f\n", "a b c d f,a b c d e"},
		{"c x\na x\na x\na x\n", "a x,c x"}, // more often than c, a begins a text; before "\na" is always x
	} {
		b, err := NewBaseline(context.Background(), "5-gram", corpus.FromBytes("text", []byte(tt.text)))
		if err != nil {
			t.Fatal(err)
		}
		if _, all := judge(t, b, "x.csv", "good,bad\n"+tt.pair+"\n"); all[0][0].Outcome != Right {
			t.Errorf("after %q, %q: %v (%v and %v bits), want right", tt.text, tt.pair, all[0][0].Outcome, all[0][0].Total(0), all[0][0].Total(1))
		}
	}
}

// TestBaselineBeginsAnew judges a sentence twice, after others that end in the middle of what was learned: the text is one line.
func TestBaselineBeginsAnew(t *testing.T) {
	b, err := NewBaseline(context.Background(), "5-gram", corpus.FromBytes("text", []byte("the dogs see the cats and the cats see the dogs")))
	if err != nil {
		t.Fatal(err)
	}
	_, all := judge(t, b, "x.csv", "good,bad\nthe dogs,and\nthe cats see,the dogs\n")
	if first, again := all[0][0].Total(0), all[0][1].Total(1); first != again {
		t.Errorf("%v bits, then %v", first, again)
	}
}
