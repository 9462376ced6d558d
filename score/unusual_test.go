package score

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/internal/f32"
)

// A symbol's excess is its bits less the entropy of all alternatives, and a spelling comes on top. Kernel sets agree.
func TestExcessOfSymbols(t *testing.T) {
	defer f32.Use("auto")
	m := untrained(t, corpus.Options{})
	var want []Bits
	for _, set := range f32.Kernels() {
		if err := f32.Use(set); err != nil {
			t.Fatal(err)
		}
		s := New(m, Extras{Entropy: true, Top: m.Alphabet.Size()})
		var got []Bits
		var sum, parts Sum
		if err := s.Text(context.Background(), []byte("日"+verse), func(x Symbol) error {
			entropy, spelling := 0.0, 0.0
			for _, a := range x.Top {
				entropy += math.Exp2(-a.Bits.Float()) * a.Bits.Float()
			}
			if x.ID == m.Alphabet.Escape() {
				spelling = 24
			}
			if d := x.Excess.Float() - (x.Bits.Float() - entropy); math.Abs(d) > 1e-5 {
				t.Errorf("%q: an excess of %v, want %v - %v", x.Text, x.Excess.Float(), x.Bits.Float(), entropy)
			}
			if spelling > 0 && x.Excess.Float() < spelling {
				t.Errorf("%q: an excess of %v, of which 24 for its spelling", x.Text, x.Excess.Float())
			}
			var one Sum
			one.Add(x)
			parts.Join(one)
			sum.Add(x)
			got = append(got, x.Excess)
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if sum.Excess != slices.Max(got) || parts != sum {
			t.Errorf("%s: the largest of the sum is %v, of the parts %v; want %v", set, sum.Excess, parts.Excess, slices.Max(got))
		}
		if want == nil {
			want = got
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: other bits than %s", set, f32.Kernels()[0])
		}
	}
}

// TestReferenceOfEqualLines: lines that are all the same have no deviation, whatever rounding makes of their mean.
func TestReferenceOfEqualLines(t *testing.T) {
	for n := range 100 {
		for _, x := range []Bits{0, 1, 1<<24 + 1, MaxBits} {
			r := NewReference(slices.Repeat([]Sum{{Excess: x}}, n))
			for _, line := range []Sum{{Excess: x}, {Excess: 3}, {Excess: MaxBits}} {
				if z := r.Z(line); z != 0 {
					t.Fatalf("%d lines of %d: Z of %d is %v", n, x, line.Excess, z)
				}
			}
		}
	}
}

func TestReference(t *testing.T) {
	line := func(bits Bits) Sum { return Sum{Excess: bits * bitUnit} }
	r := NewReference([]Sum{line(4), line(2), line(2), line(8)}) // mean 4, variance 6
	for _, tt := range []struct {
		bits    Bits
		rank, z float64
	}{{1, 0, -3}, {2, 0, -2}, {3, 0.5, -1}, {8, 0.75, 4}, {9, 1, 5}} {
		rank, z := r.Rank(line(tt.bits)), r.Z(line(tt.bits))
		if want := tt.z / math.Sqrt(6); rank != tt.rank || math.Abs(z-want) > 1e-12 {
			t.Errorf("%d bits: rank %v, z %v; want %v, %v", tt.bits, rank, z, tt.rank, want)
		}
	}
	if same := NewReference([]Sum{line(1), line(1)}); same.Z(line(5)) != 0 || same.Rank(line(5)) != 1 {
		t.Errorf("lines that do not differ: z %v, rank %v; want 0, 1", same.Z(line(5)), same.Rank(line(5)))
	}
	if none := NewReference(nil); none.Rank(line(5)) != 0 || none.Z(line(5)) != 0 {
		t.Error("no lines: want rank and z of 0")
	}
}

func ExampleReference() {
	usual := NewReference([]Sum{{Excess: 1 << 24}, {Excess: 2 << 24}, {Excess: 3 << 24}, {Excess: 2 << 24}})
	odd := Sum{Bits: 40 << 24, Excess: 11 << 24}
	fmt.Printf("a symbol takes %.0f bits more than expected: above %.0f %% of the usual lines\n", odd.Excess.Float(), 100*usual.Rank(odd))
	// Output: a symbol takes 11 bits more than expected: above 100 % of the usual lines
}

// TestThreshold takes references of 1 to n bits, and one whose lines are mostly equal.
func TestThreshold(t *testing.T) {
	upTo := func(n int) *Reference {
		var lines []Sum
		for i := range n {
			lines = append(lines, Sum{Excess: RoundBits(float64(i + 1))})
		}
		return NewReference(lines)
	}
	equal := NewReference([]Sum{{Excess: 5}, {Excess: 5}, {Excess: 5}, {Excess: 9}})
	for _, tt := range []struct {
		name  string
		r     *Reference
		rate  float64
		want  Bits
		above int
	}{
		{"one of a hundred", upTo(100), 0.01, RoundBits(99), 1},
		{"29 of a hundred, although 0.29 * 100 is less in float64", upTo(100), 0.29, RoundBits(71), 29},
		{"one and a half", upTo(100), 0.015, RoundBits(99), 1},
		{"nearly all", upTo(100), 0.999, RoundBits(1), 99},
		{"one of two", upTo(2), 0.5, RoundBits(1), 1},
		{"a quarter", equal, 0.25, 5, 1},
		{"half, of which some are equal to the threshold", equal, 0.5, 5, 1},
	} {
		got, err := tt.r.Threshold(tt.rate)
		if err != nil || got.Excess != tt.want || got.Above != tt.above || got.Lines != len(tt.r.excess) {
			t.Errorf("%s: %+v, %v; want %v with %d above", tt.name, got, err, tt.want, tt.above)
		}
		if got.Alarm(Sum{Excess: got.Excess}) || !got.Alarm(Sum{Excess: got.Excess + 1}) {
			t.Errorf("%s: the threshold itself raises an alarm, or one above does not", tt.name)
		}
	}
	for _, r := range []*Reference{upTo(99), upTo(0)} {
		if _, err := r.Threshold(0.01); err == nil || !strings.Contains(err.Error(), "needs at least 100 lines, and the reference has ") {
			t.Errorf("%d lines for a rate of 0.01: error %v", len(r.excess), err)
		}
	}
}
