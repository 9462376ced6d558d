package ngram_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/seed-f4dd853e/elman/internal/ngram"
)

// A textbook computes the same from the definitions: grams are strings of words, counts are maps, every sum is taken anew.
type textbook struct {
	alphabet   []string
	stretches  [][]string // each begins with an unheard-of word that stands for what came before, and a word that is not learned
	grams      map[string]float64
	followed   map[string]float64 // what continuation found before
	discounted map[string]float64
}

func newTextbook(V int, stretches [][]int32) *textbook {
	b := &textbook{grams: map[string]float64{}, followed: map[string]float64{}, discounted: map[string]float64{}}
	for w := range V {
		b.alphabet = append(b.alphabet, fmt.Sprint(w))
	}
	for i, s := range stretches {
		words := []string{fmt.Sprint("before", i)}
		for _, w := range s {
			words = append(words, fmt.Sprint(w))
		}
		b.stretches = append(b.stretches, words)
		for end := 3; end <= len(words); end++ { // the first two are not learned
			for start := range end {
				b.grams[strings.Join(words[start:end], " ")]++
			}
		}
	}
	return b
}

// count returns c(g), which knows nothing of what came before a stretch.
func (b *textbook) count(g string) float64 { return b.grams[g] }

// continuation returns N1+(.g).
func (b *textbook) continuation(g string) float64 {
	if n, ok := b.followed[g]; ok {
		return n
	}
	n := 0.0
	for _, w := range b.alphabet {
		if b.grams[w+" "+g] > 0 {
			n++
		}
	}
	for i := range b.stretches {
		if b.grams[fmt.Sprint("before", i, " ", g)] > 0 {
			n++
		}
	}
	b.followed[g] = n
	return n
}

// discount returns D of a kind of count for grams of k words.
func (b *textbook) discount(kind string, count func(string) float64, k int) float64 {
	key := fmt.Sprint(kind, k)
	if d, ok := b.discounted[key]; ok {
		return d
	}
	n := map[float64]float64{}
	for g := range b.grams {
		if len(strings.Fields(g)) == k && !strings.Contains(g, "before") {
			n[count(g)]++
		}
	}
	d := 0.5
	if n[1] > 0 && n[2] > 0 {
		d = n[1] / (n[1] + 2*n[2])
	}
	b.discounted[key] = d
	return d
}

// p returns the probability of w after all the words of a stretch so far, by the model of order N.
func (b *textbook) p(N int, before []string, w string) float64 {
	if len(before) < N-1 { // the beginning: there is no context of N-1 words
		return b.q(before, w)
	}
	h := before[len(before)-(N-1):]
	return b.interpolate("c", b.count, h, w)
}

func (b *textbook) q(h []string, w string) float64 { return b.interpolate("a", b.continuation, h, w) }

func (b *textbook) interpolate(kind string, count func(string) float64, h []string, w string) float64 {
	lower := 1 / float64(len(b.alphabet))
	if len(h) > 0 {
		lower = b.q(h[1:], w)
	}
	gram := func(w string) string { return strings.Join(append(append([]string{}, h...), w), " ") }
	sum, different := 0.0, 0.0
	for _, v := range b.alphabet {
		if n := count(gram(v)); n > 0 {
			sum += n
			different++
		}
	}
	if sum == 0 {
		return lower
	}
	d := b.discount(kind, count, len(h)+1)
	return math.Max(count(gram(w))-d, 0)/sum + d*different/sum*lower
}

// randomStretches returns texts in which some grams recur and some do not.
func randomStretches(rng *rand.Rand, V int) [][]int32 {
	var stretches [][]int32
	for range 1 + rng.IntN(6) {
		s := make([]int32, 1+rng.IntN(40))
		for i := range s {
			if s[i] = int32(rng.IntN(V)); i > 3 && rng.IntN(3) > 0 {
				copy(s[i-1:], s[rng.IntN(i-2):][:2]) // two symbols from further up
			}
		}
		stretches = append(stretches, s)
	}
	return stretches
}

func learn(V, order int, stretches ...[]int32) *ngram.Model {
	l := ngram.NewLearner(V, order)
	for _, s := range stretches {
		l.Begin(s[0])
		for _, w := range s[1:] {
			l.Learn(w)
		}
	}
	return l.Model()
}

// TestTextbook compares every probability along random texts with the definitions.
func TestTextbook(t *testing.T) {
	for seed, V := range []int{2, 2, 2, 5, 5, 5, 65, 65, 400, 1} {
		rng := rand.New(rand.NewPCG(uint64(seed), 1))
		stretches := randomStretches(rng, V)
		book := newTextbook(V, stretches)
		for order := 2; order <= 6; order++ {
			r := learn(V, order, stretches...).Reader()
			p := make([]float64, order+1)
			read := append(randomStretches(rng, V)[:1], stretches[0])
			for _, s := range read {
				s = s[:min(len(s), 12)]
				r.Begin(s[0])
				before := []string{fmt.Sprint(s[0])}
				for i, w := range s[1:] {
					r.Read(w, p)
					for k := 2; k <= order; k++ {
						if want := book.p(k, before, fmt.Sprint(w)); math.Abs(p[k]-want) > 1e-12 {
							t.Fatalf("seed %d, V=%d, %d-gram of models up to %d, symbol %d of %v: p = %v, the textbook has %v", seed, V, k, order, i+1, s, p[k], want)
						}
					}
					before = append(before, fmt.Sprint(w))
				}
			}
		}
	}
}

// TestSumsToOne adds up all symbols in many contexts, known, unknown and short.
func TestSumsToOne(t *testing.T) {
	const order = 6
	for _, V := range []int{1, 2, 5, 65, 1000} {
		rng := rand.New(rand.NewPCG(2, uint64(V)))
		r := learn(V, order, randomStretches(rng, V)...).Reader()
		for context, s := range randomStretches(rng, V) {
			r.Begin(s[0])
			p, sum := make([]float64, order+1), make([]float64, order+1)
			for i, next := range s[1:min(len(s), 15)] {
				clear(sum)
				for w := range V {
					look := *r
					look.Read(int32(w), p)
					for k := range p {
						if sum[k] += p[k]; p[k] <= 0 {
							t.Fatalf("V=%d, text %d, symbol %d, order %d: symbol %d has probability %v", V, context, i, k, w, p[k])
						}
					}
				}
				for k := range sum {
					if math.Abs(sum[k]-1) > 1e-12 { // 1000 roundings
						t.Fatalf("V=%d, text %d, symbol %d, order %d: probabilities sum to 1%+g", V, context, i, k, sum[k]-1)
					}
				}
				r.Read(next, p)
			}
		}
	}
}

// TestDiscounts counts by hand.
func TestDiscounts(t *testing.T) {
	for _, tt := range []struct {
		name string
		text []int32
		k    int
		c, a float64
	}{
		{"bigrams: n1 is 1 (02), n2 is 2 (01, 10)", []int32{0, 1, 0, 1, 0, 2}, 2, 1. / 5, 0},
		{"single symbols: 2 occurs once, 0 and 1 twice; each follows one other", []int32{0, 1, 0, 1, 0, 2}, 1, 1. / 5, ngram.Fallback},
		{"nothing occurs once", []int32{0, 0, 0, 0}, 2, ngram.Fallback, 0},
		{"everything occurs once", []int32{0, 1, 2, 3}, 2, ngram.Fallback, 0},
	} {
		c, a := learn(4, 2, tt.text).Discounts(tt.k)
		if math.Abs(c-tt.c) > 1e-15 || a != tt.a {
			t.Errorf("%s: D is %v for c and %v for a, want %v and %v", tt.name, c, a, tt.c, tt.a)
		}
	}
}

// No gram spans two stretches: their order changes nothing.
func TestStretches(t *testing.T) {
	a, b, c := []int32{0, 1, 2, 1, 2, 0}, []int32{3, 3, 1, 2}, []int32{2}
	one, other := learn(4, 4, a, b, c).Reader(), learn(4, 4, c, b, a).Reader()
	p, q := make([]float64, 5), make([]float64, 5)
	for _, s := range [][]int32{{0, 3, 3, 1, 2, 0, 1}, {2, 3, 1, 2, 1}} {
		one.Begin(s[0])
		other.Begin(s[0])
		for i, w := range s[1:] {
			one.Read(w, p)
			other.Read(w, q)
			if fmt.Sprint(p) != fmt.Sprint(q) {
				t.Errorf("symbol %d of %v: %v, with the stretches turned round %v", i+1, s, p, q)
			}
		}
	}
}

// A model that learned nothing finds all symbols equally likely.
func TestNothing(t *testing.T) {
	l := ngram.NewLearner(4, 3)
	for _, m := range []*ngram.Model{l.Model(), learn(4, 3, []int32{1})} {
		r, p := m.Reader(), make([]float64, 4)
		r.Begin(1)
		for range 3 {
			if r.Read(2, p); fmt.Sprint(p) != "[0.25 0.25 0.25 0.25]" {
				t.Errorf("p = %v", p)
			}
		}
	}
}

func Example() {
	l := ngram.NewLearner(3, 2) // a, b, c
	l.Begin(0)
	for _, w := range []int32{1, 0, 1, 0, 2} { // abab ac
		l.Learn(w)
	}
	r := l.Model().Reader()
	p := make([]float64, 3)
	r.Begin(0)
	r.Read(1, p)
	fmt.Printf("b after a: %.3f if all are equal, %.3f by its own count, %.3f by the 2-gram\n", p[0], p[1], p[2])
	// Output: b after a: 0.333 if all are equal, 0.375 by its own count, 0.644 by the 2-gram
}

// BenchmarkModel counts and then reads 2^20 symbols of a text that has words: 2,000 of them, of which few are frequent.
func BenchmarkModel(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 1))
	words := make([][]int32, 2000)
	for i := range words {
		for range 1 + rng.IntN(8) {
			words[i] = append(words[i], int32(1+rng.IntN(26)))
		}
	}
	l := ngram.NewLearner(65, 6)
	var text []int32
	l.Begin(0)
	for len(text) < 1<<20 {
		for _, w := range append(words[int(2000*math.Pow(rng.Float64(), 4))], 0) {
			text = append(text, w)
			l.Learn(w)
		}
	}
	b.Run("learn", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			l.Model()
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(text)), "ns/symbol")
	})
	b.Run("read", func(b *testing.B) {
		r, p := l.Model().Reader(), make([]float64, 7)
		for b.Loop() {
			r.Begin(0)
			for _, w := range text {
				r.Read(w, p)
			}
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(text)), "ns/symbol")
	})
}
