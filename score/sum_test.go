package score

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/seed-f4dd853e/elman/corpus"
)

func TestSums(t *testing.T) {
	s := New(untrained(t, corpus.Options{Kind: corpus.Words}), Extras{})
	var whole, parts Sum
	s.Text(context.Background(), []byte(verse), func(x Symbol) error { whole.Add(x); return nil })
	s.Reset()
	for line := range strings.Lines(verse) {
		var part Sum
		s.Text(context.Background(), []byte(line), func(x Symbol) error { part.Add(x); return nil })
		parts.Join(part)
	}
	if whole != parts || whole.Bytes != int64(len(verse)) || whole.Chars != int64(len(verse)) {
		t.Errorf("whole %+v, parts %+v, text of %d bytes", whole, parts, len(verse))
	}
	if got, want := whole.PerByte()*float64(len(verse)), whole.Bits.Float(); math.Abs(got-want) > 1e-9*want {
		t.Errorf("%v bits per byte make %v bits, not %v", whole.PerByte(), got, want)
	}
	if (Sum{}).PerChar() != 0 || (Sum{}).Perplexity() != 1 {
		t.Error("sums of nothing are not 0")
	}
}

// TestUnknownSymbols: the bits of symbols outside the alphabet are told apart, part by part, and from the spelling among them.
func TestUnknownSymbols(t *testing.T) {
	m := untrained(t, corpus.Options{Kind: corpus.Words})
	var whole, parts, known Sum
	text := "Shall zyx compare thee\nto a qqé's day?\n"
	s := New(m, Extras{})
	add := func(x Symbol) error {
		whole.Add(x)
		if x.ID != m.Alphabet.Escape() {
			known.Add(x)
		}
		return nil
	}
	if err := s.Text(t.Context(), []byte(text), add); err != nil {
		t.Fatal(err)
	}
	s.Reset()
	for line := range strings.Lines(text) {
		var part Sum
		s.Text(t.Context(), []byte(line), func(x Symbol) error { part.Add(x); return nil })
		parts.Join(part)
	}
	spelled := RoundBits(8 * float64(len("zyx")+1+len("qqé's")+1))
	if whole.Unknown != 2 || whole.Spelling != spelled || whole.Bits-whole.UnknownBits != known.Bits || whole != parts {
		t.Errorf("%+v of parts %+v; known %+v", whole, parts, known)
	}
	if got, want := whole.KnownPerplexity(), known.Perplexity(); got != want || !(got < whole.Perplexity()) {
		t.Errorf("perplexity %v without unknown symbols, want %v; with them %v", got, want, whole.Perplexity())
	}
}

// TestChars: characters are those of the text, however it is cut into symbols.
func TestChars(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	parts := []string{"a", "\n", "ж", "é", "日", "😀", "\xd0", "\xe6", "\xe6\x97", "\x97", "\xf0\x9f\x98", "\xff", "\xed\xa0\x80", "\xc0\x80"}
	for range 3000 {
		var text strings.Builder
		for range rng.IntN(8) {
			text.WriteString(parts[rng.IntN(len(parts))])
		}
		var s Sum
		for rest := text.String(); rest != ""; {
			n := 1 + rng.IntN(min(len(rest), 3))
			s.Add(Symbol{Text: []byte(rest[:n])})
			rest = rest[n:]
			if read := text.String()[:text.Len()-len(rest)]; s.Chars != int64(utf8.RuneCountInString(read)) {
				t.Fatalf("%q has %d characters, want %d", read, s.Chars, utf8.RuneCountInString(read))
			}
		}
	}
}

// TestCharsGoOn: a text that ends within a character goes on after its sum has been joined to another.
func TestCharsGoOn(t *testing.T) {
	var whole, next Sum
	whole.Add(Symbol{Text: []byte("a\xe6")})
	next.Add(Symbol{Text: []byte("b\xd0")})
	whole.Join(next)
	whole.Add(Symbol{Text: []byte("\xb6")})
	if whole.Chars != 4 || whole.Bytes != 5 {
		t.Errorf("%+v, want 4 characters", whole)
	}
}

// TestCharsOfBytes: a model of bytes takes bits per character, not per byte, of a text that has fewer of those.
func TestCharsOfBytes(t *testing.T) {
	m, _ := known(t, strings.Repeat("жук\n", 50), corpus.Options{Kind: corpus.Bytes})
	var s Sum
	if err := New(m, Extras{}).Text(context.Background(), []byte("жук\n"), func(x Symbol) error { s.Add(x); return nil }); err != nil {
		t.Fatal(err)
	}
	if s.Symbols != 7 || s.Bytes != 7 || s.Chars != 4 || s.PerChar() != s.Bits.Float()/4 {
		t.Errorf("%+v, %v bits per character", s, s.PerChar())
	}
}

// TestBitsText: whoever prints a surprisal or writes it as JSON sees bits, not units.
func TestBitsText(t *testing.T) {
	sum := Sum{Bits: RoundBits(39.25)}
	if got := fmt.Sprint(sum.Bits); got != "39.250" {
		t.Errorf("printed as %s, want 39.250", got)
	}
	text, err := json.Marshal(sum.Bits)
	if err != nil || string(text) != "39.25" {
		t.Errorf("written as %s, %v; want 39.25", text, err)
	}
	var back Bits
	if err := json.Unmarshal(text, &back); err != nil || back != sum.Bits {
		t.Errorf("read back as %v, %v; want %v", back, err, sum.Bits)
	}
	if json.Unmarshal([]byte(`"many"`), &back) == nil {
		t.Errorf("a word was read as %v", back)
	}
}

// TestBitsSaturate: what is too much stays the most there is.
func TestBitsSaturate(t *testing.T) {
	for _, tt := range []struct {
		bits float64
		want Bits
	}{
		{0, 0}, {1, 1 << 24}, {-1.5, -3 << 23}, {1 << 38, 1 << 62}, {1 << 39, MaxBits}, {math.MaxFloat32 * 1.5, MaxBits},
		{math.Inf(1), MaxBits}, {-1 << 39, -MaxBits}, {-1e40, -MaxBits}, {1e-9, 0},
	} {
		if got := RoundBits(tt.bits); got != tt.want {
			t.Errorf("RoundBits(%g) = %d, want %d", tt.bits, got, tt.want)
		}
	}
	some := []Bits{0, 1, -1, 1 << 40, -1 << 40, MaxBits / 2, MaxBits - 1, MaxBits, -MaxBits, -MaxBits / 2}
	for _, a := range some {
		for _, b := range some {
			want := RoundBits(a.Float() + b.Float())
			if got := a.Plus(b); math.Abs(got.Float()-want.Float()) > 1e-3 || got < -MaxBits {
				t.Errorf("%d plus %d is %d, want about %d", a, b, got, want)
			}
		}
	}
	var sum, parts Sum
	for range 5 {
		sum.Add(Symbol{Text: []byte("a"), Bits: MaxBits / 3})
		parts.Join(Sum{Symbols: 1, Chars: 1, Bytes: 1, Bits: MaxBits / 3})
	}
	if sum != parts || sum.Bits != MaxBits || sum.Perplexity() != math.MaxFloat64 {
		t.Errorf("%+v, of parts %+v; want the most bits", sum, parts)
	}
}

// TestExploded scores with biases as large as they come.
func TestExploded(t *testing.T) {
	m := untrained(t, corpus.Options{})
	for _, p := range m.Network.Params() {
		if p.Name == "decoder.bias" {
			for i := range p.Value {
				p.Value[i] = 1e38 * float32(i%3)
			}
		}
	}
	m.Network.Updated()
	s := New(m, Extras{Entropy: true, Rank: true, End: true, Top: 3})
	var sum Sum
	var lines []Sum
	for i, line := range strings.SplitAfter(verse, "\n") {
		lines = append(lines, Sum{})
		err := s.Text(context.Background(), []byte(line), func(x Symbol) error {
			for _, a := range x.Top {
				if a.Bits < 0 {
					return fmt.Errorf("%q: an alternative of %d", x.Text, a.Bits)
				}
			}
			if sum.Add(x); x.Bits < 0 || sum.Bits < 0 || sum.Excess < 0 {
				return fmt.Errorf("%q: %d, an excess of %d; in all %+v", x.Text, x.Bits, x.Excess, sum)
			}
			lines[i].Add(x)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if sum.Bits != MaxBits || sum.Excess != MaxBits || sum.PerChar() < 1e9 {
		t.Errorf("%+v", sum)
	}
	r := NewReference(lines)
	for _, x := range []float64{r.Z(sum), r.Rank(sum), sum.Perplexity(), sum.PerByte(), sum.PerSymbol()} {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			t.Errorf("%v is not finite", []float64{r.Z(sum), r.Rank(sum), sum.Perplexity(), sum.PerByte(), sum.PerSymbol()})
		}
	}
}
