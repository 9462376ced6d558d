package score

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/internal/f32"
)

// The entropy of small predictions, by pencil and paper.
func TestEntropy(t *testing.T) {
	ln := func(x float64) float32 { return float32(math.Log(x)) }
	inf := float32(math.Inf(-1))
	for _, tt := range []struct {
		name   string
		logits []float32
		want   float64
	}{
		{"four that are as likely", []float32{7, 7, 7, 7}, 2},
		{"one that is certain", []float32{0, inf, inf}, 0},
		{"1/2, 1/4, 1/4", []float32{ln(2), 0, 0}, 1.5},
		{"and so if all logits are large", []float32{500 + ln(2), 500, 500}, 1.5},
	} {
		p := make([]float32, len(tt.logits))
		max, log := f32.SoftmaxLogSumExp(p, tt.logits)
		if m, ln := f32.LogSumExp(tt.logits); m != max || ln != log {
			t.Errorf("%s: LogSumExp %v, %v, with Softmax %v, %v", tt.name, m, ln, max, log)
		}
		got := entropy(tt.logits, p, max, log) * math.Log2E
		if math.Abs(got-tt.want) > 1e-4*math.Abs(float64(tt.logits[0])/500)+1e-6 {
			t.Errorf("%s: the entropy of %v is %v, want %v", tt.name, tt.logits, got, tt.want)
		}
	}
}

// The bits of several symbols together, by pencil and paper.
func TestBitsTogether(t *testing.T) {
	ln := func(x float64) float32 { return float32(math.Log(x)) }
	inf := float32(math.Inf(-1))
	z := []float32{ln(8), inf, ln(2), ln(1), ln(4), ln(1)} // a half, 0, 1/8, 1/16, 1/4, 1/16
	for _, tt := range []struct {
		name string
		s    spans
		want float64
	}{
		{"one of them", spans{{2, 3}}, 3},
		{"neighbours", spans{{2, 4}, {5, 6}}, 2},
		{"all", spans{{0, 6}}, 0},
		{"none", nil, math.Inf(1)},
		{"none that is possible", spans{{1, 2}}, math.Inf(1)},
	} {
		max, ln := f32.LogSumExp(z)
		if got := float64(tt.s.nats(z, max, ln, make([]float32, 6))) * math.Log2E; !(math.Abs(got-tt.want) < 1e-6 || got == tt.want) {
			t.Errorf("%s, %v: %v bits, want %v", tt.name, tt.s, got, tt.want)
		}
	}
}

// TestExtras compares what a scorer tells of each symbol with what float64 makes of all probabilities, in models of bytes,
// characters and words, and on every kernel set; and asks for one thing at a time.
func TestExtras(t *testing.T) {
	defer f32.Use("auto")
	text := "日本§the  3,4\t" + verse + "\n  Thou\u00a0art \"lovely\"\r\n"
	for _, kind := range corpus.Kinds() {
		m := untrained(t, corpus.Options{Kind: kind})
		all := Extras{Entropy: true, Rank: true, End: true, Top: m.Alphabet.Size()}
		var want []Symbol
		for _, set := range f32.Kernels() {
			if err := f32.Use(set); err != nil {
				t.Fatal(err)
			}
			for _, extras := range []Extras{all, {}, {Entropy: true}, {Rank: true}, {End: true}, {Top: 2}} {
				previous, i, ends := int32(-1), 0, 0
				if err := New(m, extras).Text(context.Background(), []byte(text), func(x Symbol) error {
					if len(want) == i {
						checkExtras(t, m.Alphabet, previous, x)
						x.Text = nil
						x.Top = slices.Clone(x.Top)
						want = append(want, x)
					}
					if x.Ends {
						ends++
					}
					if w := want[i]; x.Bits != w.Bits || extras.Entropy && (x.Entropy != w.Entropy || x.Excess != w.Excess) ||
						extras.Rank && x.Rank != w.Rank || extras.End && (x.End != w.End || x.Ends != w.Ends) || !slices.Equal(x.Top, w.Top[:extras.Top]) {
						t.Errorf("%s, %s: %+v gives %+v, want %+v", set, kind, extras, x, w)
					}
					if !extras.Entropy && (x.Entropy != 0 || x.Excess != 0) || !extras.Rank && x.Rank != 0 || !extras.End && (x.End != 0 || x.Ends) {
						t.Errorf("%s, %s: %+v gives %+v", set, kind, extras, x)
					}
					previous = x.ID
					i++
					return nil
				}); err != nil {
					t.Fatal(err)
				}
				if extras.End && ends < len(strings.Fields(verse)) {
					t.Errorf("%s: %d symbols begin with white space", kind, ends)
				}
			}
		}
	}
}

func checkExtras(t *testing.T, a *corpus.Alphabet, previous int32, x Symbol) {
	t.Helper()
	entropy, space, ends := 0.0, 0.0, false
	for i, other := range x.Top {
		p := math.Exp2(-other.Bits.Float())
		entropy += p * other.Bits.Float()
		if a.BeginsWithSpace(a.Piece(previous, other.ID)) || other.ID == a.Escape() && a.ImpliesSpace(previous) {
			space += p
			ends = ends || other.ID == x.ID
		}
		if other.ID == x.ID && x.Rank != i+1 {
			t.Errorf("%q has rank %d, is number %d", x.Text, x.Rank, i+1)
		}
	}
	spelling := 0.0
	if x.ID == a.Escape() {
		spelling = a.SpellingBits(string(x.Text))
	}
	if d := x.Entropy.Float() - entropy; math.Abs(d) > 1e-5 {
		t.Errorf("%q: an entropy of %v, want %v", x.Text, x.Entropy.Float(), entropy)
	}
	if x.Excess != x.Bits-x.Entropy || x.Excess.Float() < spelling-x.Entropy.Float() {
		t.Errorf("%q: %d bits with an entropy of %d are an excess of %d", x.Text, x.Bits, x.Entropy, x.Excess)
	}
	if d := x.End.Float() + math.Log2(space); math.Abs(d) > 1e-5 || x.Ends != ends {
		t.Errorf("%q after %q: white space takes %v bits and is it: %v; want %v, %v", x.Text, a.Piece(-1, max(0, previous)), x.End.Float(), x.Ends, -math.Log2(space), ends)
	}
	if x.Ends && x.End > x.Bits {
		t.Errorf("%q takes %d bits, and any white space %d", x.Text, x.Bits, x.End)
	}
}

// No space is implied where the state restarts, and without white space in the alphabet none comes.
func TestEndWithoutSpaces(t *testing.T) {
	m, _ := known(t, "ab,ab\n", corpus.Options{Kind: corpus.Words})
	m.Documents = corpus.Lines
	ended := 0
	if err := New(m, Extras{End: true}).Text(t.Context(), []byte("ab,ab\nab ab"), func(x Symbol) error {
		if x.Ends {
			ended++
		}
		return nil
	}); err != nil || ended != 2 { // the line break, and the space
		t.Errorf("%d symbols begin with white space, error %v", ended, err)
	}
	m, _ = known(t, "abab", corpus.Options{Closed: true})
	if err := New(m, Extras{End: true}).Text(t.Context(), []byte("abba"), func(x Symbol) error {
		if x.End != MaxBits || x.Ends {
			t.Errorf("%q: white space takes %v bits, of an alphabet that has none", x.Text, x.End)
		}
		return nil
	}); err != nil {
		t.Error(err)
	}
}

// TestLikeliest compares the likeliest symbols, and the rank of each, with all of them in order, among equals.
func TestLikeliest(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for _, top := range []int{1, 5, 49, 50, 300} {
		for range 20 {
			logits := make([]float32, max(50, top)+r.IntN(2)*200)
			for i := range logits {
				logits[i] = float32(r.IntN(30))
			}
			got := f32.Greatest(nil, logits, top)
			var want []int32
			for id := range int32(len(logits)) {
				want = append(want, id)
			}
			slices.SortStableFunc(want, func(a, b int32) int { return int(logits[b] - logits[a]) })
			if !slices.Equal(got, want[:top]) {
				t.Fatalf("likeliest %d of %v: %v, want %v", top, logits, got, want[:top])
			}
			for i, id := range want {
				if got := rank(logits, id); got != i+1 {
					t.Fatalf("%d has rank %d in %v, want %d", id, got, logits, i+1)
				}
			}
		}
	}
}
