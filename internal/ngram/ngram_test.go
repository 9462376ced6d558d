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
	discounted map[string][4]float64
}

func newTextbook(V int, stretches [][]int32) *textbook {
	b := &textbook{grams: map[string]float64{}, followed: map[string]float64{}, discounted: map[string][4]float64{}}
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

// discounts returns D of a kind of count for grams of k words, for counts of 0, 1, 2, 3 or more.
func (b *textbook) discounts(kind string, count func(string) float64, k int) [4]float64 {
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
	y, d := n[1]/(n[1]+2*n[2]), [4]float64{0, 0.5, 1, 1.5}
	if n[1]*n[2] > 0 {
		d[1] = 1 - 2*y*n[2]/n[1]
	}
	if x := 2 - 3*y*n[3]/n[2]; n[1]*n[2]*n[3] > 0 && x > 0 {
		d[2] = x
	}
	if x := 3 - 4*y*n[4]/n[3]; n[1]*n[2]*n[3]*n[4] > 0 && x > 0 {
		d[3] = x
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
	d := b.discounts(kind, count, len(h)+1)
	sum, taken := 0.0, 0.0
	for _, v := range b.alphabet {
		n := count(gram(v))
		sum += n
		taken += d[min(int(n), 3)]
	}
	if sum == 0 {
		return lower
	}
	n := count(gram(w))
	return (n-d[min(int(n), 3)])/sum + taken/sum*lower
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
	for seed, V := range []int{2, 2, 2, 5, 5, 5, 30, 65, 150, 1} {
		compare(t, uint64(seed), V, 12)
	}
}

func FuzzTextbook(f *testing.F) {
	f.Add(uint64(100), uint16(3))
	f.Fuzz(func(t *testing.T, seed uint64, V uint16) { compare(t, seed, 1+int(V%60), 4) })
}

// compare reads the beginnings of two texts, one of them learned, with models of all orders.
func compare(t *testing.T, seed uint64, V, length int) {
	t.Helper()
	rng := rand.New(rand.NewPCG(seed, 1))
	stretches := randomStretches(rng, V)
	book := newTextbook(V, stretches)
	for _, order := range []int{1, 2, 3, 5, ngram.MaxOrder} {
		r := learn(V, order, stretches...).Reader()
		p := make([]float64, order+1)
		for _, s := range append(randomStretches(rng, V)[:1], stretches[0]) {
			s = s[:min(len(s), length)]
			r.Begin(s[0])
			before := []string{fmt.Sprint(s[0])}
			for i, w := range s[1:] {
				r.Read(w, p)
				for k := 1; k <= order; k++ {
					if want := book.p(k, before, fmt.Sprint(w)); math.Abs(p[k]-want) > 1e-12 {
						t.Fatalf("seed %d, V=%d, %d-gram of models up to %d, symbol %d of %v: p = %v, the textbook has %v", seed, V, k, order, i+1, s, p[k], want)
					}
				}
				before = append(before, fmt.Sprint(w))
			}
		}
	}
}

// generated returns symbols of which some recur in phrases, as testdata/kneser_ney.py does.
func generated(seed uint64, V, length int) []int32 {
	state := seed
	draw := func(n int) int {
		state = (state*1103515245 + 12345) % (1 << 31)
		return int(state>>16) % n
	}
	var out []int32
	for len(out) < length {
		if len(out) > 8 && draw(3) > 0 {
			at := draw(len(out) - 6)
			out = append(out, out[at:min(at+2+draw(5), len(out))]...)
		} else {
			out = append(out, int32(draw(V)))
		}
	}
	return out[:length]
}

// TestIndependent compares with losses that testdata/kneser_ney.py prints, which computes them from the formulas with
// dictionaries. (On the first 60,000 characters of tiny Shakespeare both give 1.561313989728 for the 6-gram.)
func TestIndependent(t *testing.T) {
	for _, tt := range []struct {
		seed      uint64
		V, length int
		want      []float64 // of orders 1 to 8
	}{
		{1, 2, 400, []float64{0.713222650646, 0.780740053074, 0.782639141147, 0.783234924415, 0.785985875132, 0.849093483869, 0.867963916984, 0.962132987090}},
		{2, 5, 1000, []float64{1.450430735640, 1.391625680786, 1.377499552111, 1.375867284692, 1.526071619327, 1.536252493705, 1.567822929594, 1.561852006126}},
		{3, 30, 3000, []float64{2.896980025608, 2.668325669763, 2.513171157521, 2.435654874327, 2.413924104148, 2.413703818299, 2.412432896908, 2.411629103840}},
		{4, 1000, 3000, []float64{4.318096720199, 3.391696210639, 3.236149662472, 3.218526517761, 3.190612376985, 3.188196168716, 3.190463864123, 3.190679723991}},
	} {
		text := append([]int32{0}, generated(tt.seed, tt.V, tt.length)...)
		n := 1 + tt.length*9/10
		r, p, got := learn(tt.V, 8, text[:n]).Reader(), make([]float64, 9), make([]float64, 9)
		r.Begin(0)
		for i, w := range text[1:] {
			r.Read(w, p)
			for k := range p {
				if i+1 >= n {
					got[k] -= math.Log(p[k]) / float64(len(text)-n)
				}
			}
		}
		for k, want := range tt.want {
			if math.Abs(got[k+1]-want) > 1e-11 {
				t.Errorf("text %d, %d-gram: loss %.12f, the independent program has %.12f", tt.seed, k+1, got[k+1], want)
			}
		}
	}
}

// TestSumsToOne adds up all symbols in many contexts, known, unknown and short.
func TestSumsToOne(t *testing.T) {
	const order = 8
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

// TestDiscounts counts by hand. Half stands for what a text does not determine.
func TestDiscounts(t *testing.T) {
	half := [3]float64{0.5, 1, 1.5}
	// Symbols by how often they occur: 3 once, 2 twice, 1 three times, 1 four times. They follow one another in a way that
	// does not matter.
	some := []int32{9, 0, 1, 2, 3, 4, 3, 4, 5, 5, 5, 6, 6, 6, 6}
	y := 3. / 7
	for _, tt := range []struct {
		name string
		text []int32
		k    int
		c, a [3]float64
	}{
		{"all by the formula", some, 1, [3]float64{1 - 2*y*2/3, 2 - 3*y*1/2, 3 - 4*y*1/1}, [3]float64{1 - 2*4./10*3/4, 1, 1.5}},
		{"bigrams: n1 is 1 (02), n2 is 2 (01, 10), n3 is 0", []int32{0, 1, 0, 1, 0, 2}, 2, [3]float64{1. / 5, 1, 1.5}, [3]float64{}},
		{"single symbols: 2 occurs once, 0 and 1 twice; each follows one other", []int32{0, 1, 0, 1, 0, 2}, 1, [3]float64{1. / 5, 1, 1.5}, half},
		{"n3 so large that D2 would be below 0", []int32{9, 0, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4}, 1, [3]float64{1. / 3, 1, 1.5}, [3]float64{1 - 2*1./9*4/1, 1, 1.5}},
		{"nothing occurs once", []int32{0, 0, 0, 0}, 2, half, [3]float64{}},
		{"everything occurs once", []int32{0, 1, 2, 3}, 2, half, [3]float64{}},
	} {
		c, a := learn(10, 2, tt.text).Discounts(tt.k)
		for i := range c {
			if math.Abs(c[i]-tt.c[i]) > 1e-15 || math.Abs(a[i]-tt.a[i]) > 1e-15 {
				t.Errorf("%s: D%d is %v for c and %v for a, want %v and %v", tt.name, i+1, c[i], a[i], tt.c[i], tt.a[i])
			}
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
	// Output: b after a: 0.333 if all are equal, 0.347 by its own count, 0.467 by the 2-gram
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
	l := ngram.NewLearner(65, 8)
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
		r, p := l.Model().Reader(), make([]float64, 9)
		for b.Loop() {
			r.Begin(0)
			for _, w := range text {
				r.Read(w, p)
			}
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(text)), "ns/symbol")
	})
}
