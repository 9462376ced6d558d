package score

import (
	"bytes"
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/internal/f32"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/rnn"
)

// adapting returns a scorer of a model that goes on learning.
func adapting(t testing.TB, m *model.Model, a Adaptation) *Scorer {
	t.Helper()
	s := New(m, Extras{Entropy: true})
	if err := s.Adapt(a); err != nil {
		t.Fatal(err)
	}
	return s
}

// small is an adaptation whose segments fit short texts.
var small = Adaptation{Rate: 0.002, Decay: 0.01, Segment: 10}

// TestAdaptSameBits adapts to a text that comes whole and in pieces, on every kernel set, and compares bits and weights.
func TestAdaptSameBits(t *testing.T) {
	defer f32.Use("auto")
	text := strings.Repeat(verse+"日本 zebra\n", 3)
	lines := strings.SplitAfter(text, "\n")
	rng := rand.New(rand.NewPCG(1, 2))
	for _, kind := range corpus.Kinds() {
		for _, documents := range []corpus.Documents{corpus.Whole, corpus.Lines} {
			m := untrained(t, corpus.Options{Kind: kind, Documents: documents})
			before := m.Hash()
			first := adapting(t, m, small)
			want := bits(t, first, text)
			hash := first.Adapted().Hash()
			if m.Hash() != before || hash == before {
				t.Fatalf("%s, %s: the trained model is %.8s and was %.8s, the adapted one is %.8s", kind, documents, m.Hash(), before, hash)
			}
			for _, set := range f32.Kernels() {
				if err := f32.Use(set); err != nil {
					t.Fatal(err)
				}
				for range 3 {
					var pieces []string
					for rest := lines; len(rest) > 0; {
						n := 1 + rng.IntN(len(rest))
						pieces, rest = append(pieces, strings.Join(rest[:n], "")), rest[n:]
					}
					s := adapting(t, m, small)
					if got := bits(t, s, pieces...); !slices.Equal(got, want) || s.Adapted().Hash() != hash {
						t.Fatalf("%s, %s, %s: pieces of %d lines give other bits or weights", kind, documents, set, len(pieces))
					}
					s = adapting(t, m, small)
					if got := bitsOfPieces(t, s, pieces); !slices.Equal(got, want) || s.Adapted().Hash() != hash {
						t.Fatalf("%s, %s, %s: Pieces of %d lines give other bits or weights", kind, documents, set, len(pieces))
					}
				}
			}
		}
	}
}

// TestAdaptEveryCell lets each cell, in stacks and blocks, read a text twice: the second time must take fewer bits, and
// pieces must not change them.
func TestAdaptEveryCell(t *testing.T) {
	c, err := corpus.New(corpus.FromBytes("verse", []byte(verse)), corpus.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, info := range rnn.Cells() {
		for _, block := range []bool{false, true} {
			config := rnn.Config{Cell: info.Name, Symbols: c.Alphabet.Size(), Hidden: 24, Block: block}
			network, err := rnn.New(config)
			if err != nil {
				t.Fatal(err)
			}
			network.Init(rnn.Init{}, 7)
			m := &model.Model{Network: network, Alphabet: c.Alphabet}
			plain, s := bits(t, New(m, Extras{}), verse), adapting(t, m, small)
			once := bits(t, s, verse)
			again := bits(t, s, verse)
			if total(once) >= total(plain) || total(again) >= total(once) {
				t.Errorf("%s, block %v: %v bits without learning, then %v and %v", info.Name, block, total(plain), total(once), total(again))
			}
			if !slices.Equal(once[:small.Segment], plain[:small.Segment]) || once[small.Segment] == plain[small.Segment] {
				t.Errorf("%s, block %v: the first segment is not scored by the trained model, or the second one is", info.Name, block)
			}
			if got := bits(t, adapting(t, m, small), verse[:33], verse[33:34], verse[34:]); !slices.Equal(got, once) {
				t.Errorf("%s, block %v: pieces give other bits", info.Name, block)
			}
		}
	}
}

// bitsOfPieces is bits by Scorer.Pieces. Each symbol must come with the number of its piece.
func bitsOfPieces(t *testing.T, s *Scorer, pieces []string) (all []Bits) {
	t.Helper()
	texts, got := make([][]byte, len(pieces)), make([]string, len(pieces))
	for i, piece := range pieces {
		texts[i] = []byte(piece)
	}
	if err := s.Pieces(context.Background(), texts, func(i int, x Symbol) error {
		all, got[i] = append(all, x.Bits), got[i]+string(x.Text)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got, pieces) {
		t.Errorf("symbols of pieces %q, want %q", got, pieces)
	}
	return all
}

func total(all []Bits) (sum Bits) {
	for _, b := range all {
		sum += b
	}
	return sum
}

// TestAdaptByHand follows two steps of a network whose only weights that matter are the decoder's bias: its hidden unit is 0.
// With p the softmax of the bias, the gradient of a segment of n is (n p - counts)/n.
func TestAdaptByHand(t *testing.T) {
	c, err := corpus.New(corpus.FromBytes("letters", []byte("abc")), corpus.Options{Closed: true})
	if err != nil {
		t.Fatal(err)
	}
	network, err := rnn.New(rnn.Config{Symbols: 3, Hidden: 1})
	if err != nil {
		t.Fatal(err)
	}
	m := &model.Model{Network: network, Alphabet: c.Alphabet}
	const rate, decay, n = 0.01, 0.1, 4
	s := adapting(t, m, Adaptation{Rate: rate, Decay: decay, Segment: n})
	got := bits(t, s, "aaabcaabb") // segments aaab and caab, and b

	var bias [3]float64
	squares := [3]float64{adaptSquare, adaptSquare, adaptSquare}
	for i, segment := range []string{"aaab", "caab", "b"} {
		sum, p := 0.0, [3]float64{}
		for j, b := range bias {
			p[j] = math.Exp(b)
			sum += p[j]
		}
		for k, symbol := range segment {
			if want := math.Log2(sum / p[symbol-'a']); math.Abs(got[i*n+k].Float()-want) > 1e-6 { // float32 has 24 bits
				t.Errorf("%q of segment %q takes %v bits, want %v", symbol, segment, got[i*n+k].Float(), want)
			}
		}
		for j := range bias {
			g := (float64(len(segment))*p[j]/sum - float64(strings.Count(segment, string(rune('a'+j))))) / n
			squares[j] = adaptAlpha*squares[j] + (1-adaptAlpha)*g*g
			bias[j] -= rate * g / (math.Sqrt(squares[j]) + adaptEpsilon)
			bias[j] += decay * (0 - bias[j])
		}
	}
	s.GoTo(m.Beginning()) // which learns from the last segment, short as it is
	err = s.Text(context.Background(), []byte("a"), func(x Symbol) error {
		want := math.Log2((math.Exp(bias[0]) + math.Exp(bias[1]) + math.Exp(bias[2])) / math.Exp(bias[0]))
		if math.Abs(x.Bits.Float()-want) > 1e-6 {
			t.Errorf("a takes %v bits after the last segment, want %v", x.Bits.Float(), want)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestAdaptResumes stops after every line, goes on with another scorer, and compares bits and weights.
func TestAdaptResumes(t *testing.T) {
	text := verse + "日本 zebra\n\n" + verse
	lines := strings.SplitAfter(text, "\n")
	for _, kind := range corpus.Kinds() {
		for _, documents := range []corpus.Documents{corpus.Whole, corpus.Paragraphs} {
			m := untrained(t, corpus.Options{Kind: kind, Documents: documents})
			whole := adapting(t, m, small)
			want := bits(t, whole, text)
			var got []Bits
			var file bytes.Buffer
			for i, line := range lines {
				s := adapting(t, m, small)
				if i > 0 {
					b, err := s.ReadAdaptation(bytes.NewReader(file.Bytes()), int64(file.Len()))
					if err != nil || b != (Bookmark{"t", 1, 5, 4, int64(i), "x", nil}) {
						t.Fatalf("%s, %s, line %d: bookmark %v, error %v", kind, documents, i, b, err)
					}
				}
				if err := s.Text(context.Background(), []byte(line), func(x Symbol) error { got = append(got, x.Bits); return nil }); err != nil {
					t.Fatal(err)
				}
				file.Reset()
				if err := s.WriteAdaptation(&file, Bookmark{"t", 1, 5, 4, int64(i + 1), "x", nil}); err != nil {
					t.Fatal(err)
				}
				if i == len(lines)-1 && s.Adapted().Hash() != whole.Adapted().Hash() {
					t.Errorf("%s, %s: other weights", kind, documents)
				}
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s, %s: a text that is continued after each line takes other bits", kind, documents)
			}
		}
	}
}

// TestAdaptFiles reads files that do not belong, and damaged ones.
func TestAdaptFiles(t *testing.T) {
	m := untrained(t, corpus.Options{})
	s := adapting(t, m, small)
	bits(t, s, verse)
	var file bytes.Buffer
	if err := s.WriteAdaptation(&file, Bookmark{}); err != nil {
		t.Fatal(err)
	}
	read := func(s *Scorer, b []byte) error {
		_, err := s.ReadAdaptation(bytes.NewReader(b), int64(len(b)))
		return err
	}
	other := untrained(t, corpus.Options{})
	other.Network.Init(rnn.Init{}, 99)
	ofLines := adapting(t, m, small)
	ofLines.Documents = corpus.Lines
	for _, tt := range []struct {
		name string
		s    *Scorer
		want string
	}{
		{"the same", adapting(t, m, small), ""},
		{"another model", adapting(t, other, small), "it belongs to the model with hash"},
		{"another rate", adapting(t, m, Adaptation{Rate: 0.001, Decay: 0.01, Segment: 10}), "it has a rate of 0.002"},
		{"other documents", ofLines, `"line" is wanted`},
	} {
		if err := read(tt.s, file.Bytes()); (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error %v, want %q", tt.name, err, tt.want)
		}
	}
	for at := 0; at < file.Len(); at += 1 + file.Len()/97 {
		damaged := bytes.Clone(file.Bytes())
		damaged[at] ^= 4
		if err := read(adapting(t, m, small), damaged); err == nil {
			t.Errorf("a bit of byte %d is another, and there is no error", at)
		}
	}
	if err := read(adapting(t, m, small), file.Bytes()[:file.Len()-1]); err == nil {
		t.Error("a file that is cut has no error")
	}
}

func TestAdaptRefuses(t *testing.T) {
	m := untrained(t, corpus.Options{})
	for _, a := range []Adaptation{{}, {Rate: -1, Segment: 1}, {Rate: 2, Segment: 1}, {Rate: math.NaN(), Segment: 1}, {Rate: 0.1, Decay: 2, Segment: 1}, {Rate: 0.1, Segment: 9999}} {
		if New(m, Extras{}).Adapt(a) == nil {
			t.Errorf("%+v: no error", a)
		}
	}
	rounded, err := m.Round(rnn.BF16)
	if err != nil {
		t.Fatal(err)
	}
	if err := New(rounded, Extras{}).Adapt(small); !errors.Is(err, ErrRounded) {
		t.Errorf("rounded weights: error %v", err)
	}
}

// TestAdaptLines scores independent lines one by one, and as texts of their own.
func TestAdaptLines(t *testing.T) {
	m := untrained(t, corpus.Options{Documents: corpus.Lines})
	want := bits(t, adapting(t, m, small), verse)
	var lines [][]byte
	for _, line := range strings.SplitAfter(strings.TrimSuffix(verse, "\n"), "\n") {
		lines = append(lines, []byte(line))
	}
	lines[len(lines)-1] = append(lines[len(lines)-1], '\n')
	var got []Bits
	at := 0
	s := adapting(t, m, small)
	if err := s.Lines(context.Background(), lines, func(i int, x Symbol) error {
		if i < at {
			t.Errorf("a symbol of line %d comes after line %d", i, at)
		}
		at = i
		got = append(got, x.Bits)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got, want) {
		t.Error("lines take other bits than the text")
	}
}

// TestAdaptNext predicts the next symbol in the middle of a segment, which must change nothing.
func TestAdaptNext(t *testing.T) {
	m := untrained(t, corpus.Options{})
	want := bits(t, adapting(t, m, small), verse)
	s := adapting(t, m, small)
	var got []Bits
	for i := range len(verse) {
		d, err := s.Next(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Text(context.Background(), []byte(verse[i:i+1]), func(x Symbol) error {
			if p := math.Exp2(-x.Bits.Float()); math.Abs(float64(d.P[x.ID])-p) > 1e-5 {
				t.Fatalf("symbol %d: probability %v, predicted %v", i, p, d.P[x.ID])
			}
			got = append(got, x.Bits)
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	if !slices.Equal(got, want) {
		t.Error("predictions in between change the bits")
	}
}
