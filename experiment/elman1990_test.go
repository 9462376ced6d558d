package experiment

import (
	"encoding/json"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/internal/f32"
	"github.com/seed-f4dd853e/elman/language"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/rnn"
)

// undecided returns a network over codes of which each answer is 1/2, for the characters of a text.
func undecided(t *testing.T, text string, bits int) *model.Model {
	t.Helper()
	c, err := corpus.New(corpus.FromBytes("test", []byte(text)), corpus.Options{Closed: true})
	if err != nil {
		t.Fatal(err)
	}
	n, err := rnn.New(rnn.Config{Activation: "sigmoid", Symbols: c.Alphabet.Size(), Hidden: 2, Codes: bits})
	if err != nil {
		t.Fatal(err)
	}
	return &model.Model{Network: n, Alphabet: c.Alphabet}
}

// within says whether numbers agree to so much.
func within(got, want, tolerance float64) bool { return math.Abs(got-want) <= tolerance }

// TestXorErrors measures a network that does not know, and the rule at every step on new bits.
func TestXorErrors(t *testing.T) {
	m := undecided(t, "01", 1)
	m.Network.SetCodes([]float32{0, 1})
	r, err := measureXor(m, "011101000110")
	if err != nil {
		t.Fatal(err)
	}
	for i, e := range append(r.rms[:], r.cycle[1:]...) {
		if e != 0.5 {
			t.Errorf("error number %d is %v, want 0.5", i, e)
		}
	}
	text := xorText(1)
	if len(text) != xorBits+xorCycles*xorCycle {
		t.Fatalf("%d bits", len(text))
	}
	var places [3]accumulator
	for i := 2; i < len(text); i++ {
		says := 1. / 3
		if text[i-1] != text[i-2] {
			says = 2. / 3
		}
		d := float64(text[i]-'0') - says
		places[i%3].add(d * d)
	}
	for i, want := range phaseBlind() {
		if got := places[i].root(); !within(got, want, 0.005) {
			t.Errorf("the rule at every step errs by %v at place %d, want %v", got, i, want)
		}
	}
}

// TestXorIsLearned: the wider network finds the rule within 40 passes, and no one knows the random bits.
func TestXorIsLearned(t *testing.T) {
	runs, err := xorOnce(t.Context(), seedRun{Options{Seed: 1, Epochs: 40}})
	if err != nil {
		t.Fatal(err)
	}
	if r := runs[1]; len(r.course) != 40 || r.rms[2] > 0.36 || min(r.rms[0], r.rms[1]) < 0.49 {
		t.Errorf("after %d passes, errors of %v; want the last below 0.36", len(r.course), r.rms)
	}
}

func TestLetterErrors(t *testing.T) {
	const text = "baguuudiiba"
	var places []int
	for i := range text {
		places = append(places, letterPlace(text[:i], text[i]))
	}
	if want := []int{0, 1, 0, 4, 5, 6, 0, 2, 3, 0, 1}; !slices.Equal(places, want) {
		t.Errorf("places of %s: %v, want %v", text, places, want)
	}
	m := undecided(t, "abdgiu", 6)
	r, err := measureLetters(m, text)
	if err != nil {
		t.Fatal(err)
	}
	for i, e := range slices.Concat(r.places, r.bits, r.all, r.high) { // all codes are zero
		if e != 0.5 {
			t.Errorf("error number %d is %v, want 0.5", i, e)
		}
	}
	if r.text != text[1:] {
		t.Errorf("errors of %q, want %q", r.text, text[1:])
	}
	for i, want := range []float64{0, 0, 0, math.Sqrt2 / 3, math.Sqrt2 / 3, 0} {
		if got := bestOnConsonants()[i]; !within(got, want, 1e-12) {
			t.Errorf("%s: best error %v, want %v", letterFeatures[i], got, want)
		}
	}
	learned, tested := lettersTexts(3)
	for _, text := range []string{learned, tested} {
		if n := len(strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune("aiu", r) })); n != lettersSyllables || !strings.Contains("bdg", text[:1]) {
			t.Errorf("%d syllables, from %.10q on", n, text)
		}
	}
}

// TestLettersAreLearned: after 40 passes errors are nearly as small as can be.
func TestLettersAreLearned(t *testing.T) {
	r, err := lettersOnce(t.Context(), seedRun{Options{Seed: 1, Epochs: 40}})
	if err != nil {
		t.Fatal(err)
	}
	best := math.Sqrt(2. * 2 / 9 / 6)
	if !within(r.places[0], best, 0.01) || slices.Max(r.places[1:]) > 0.1 || !within(r.bits[highBit], math.Sqrt2/3, 0.02) || r.bits[consonantBit] > 0.05 {
		t.Errorf("errors %v, on consonants %v; want %.3f and then nearly 0", r.places, r.bits, best)
	}
}

// TestOptimalPredictor compares surprisals with probabilities that are worked out by hand, and their mean with the entropy.
func TestOptimalPredictor(t *testing.T) {
	s := newOptimalPredictor([]language.Sentence{{Text: "a b", P: 0.5}, {Text: "a b c", P: 0.25}, {Text: "c", P: 0.25}})
	// a: 3/4 where a sentence begins. b is certain. c goes on with 1/3, or begins with 2/3 * 1/4; after that either may be.
	// The second c begins a sentence: 1/4.
	want := []float64{0, -math.Log(1./3 + 2./3/4), -math.Log(1. / 4)}
	for i, got := range s.surprisals("abcc") {
		if !within(got, want[i], 1e-12) {
			t.Errorf("letter %d: %v nats, want %v", i+1, got, want[i])
		}
	}
	words, err := language.Find("elman-words")
	if err != nil {
		t.Fatal(err)
	}
	nats := newOptimalPredictor(words.Sentences()).surprisals(string(words.Generate(1, 200000)))
	if got, want := spread(nats).Mean, words.Entropy().Nats; !within(got, want, 0.003) {
		t.Errorf("%v nats per letter, the entropy is %v", got, want)
	}
}

func TestSegment(t *testing.T) {
	marks := func(s string) []bool { return each([]byte(s), func(c byte) bool { return c == '|' }) }
	for _, tt := range []struct {
		name, found, begins string
		want                segmentation
	}{
		{"all right", ".|..|", ".|..|", segmentation{1, 1, 1, 1}},
		{"one of two, and a wrong one", ".|.|.", ".|..|", segmentation{0.5, 0.5, 0.5, 1. / 3}}, // the first word alone
		{"none", ".....", ".|..|", segmentation{0, 0, 0, 0}},
		{"everywhere", "|||||", ".|..|", segmentation{0.4, 1, 0.8 / 1.4, 2. / 9}}, // the last letter is a word
	} {
		if got := segment(marks(tt.found), marks(tt.begins)); !within(got.precision, tt.want.precision, 1e-12) || !within(got.recall, tt.want.recall, 1e-12) ||
			!within(got.f, tt.want.f, 1e-12) || !within(got.words, tt.want.words, 1e-12) {
			t.Errorf("%s: %+v, want %+v", tt.name, got, tt.want)
		}
	}
	errors := []float64{0.1, 0.9, 0.2, 0.5, 0.8, 0.3}
	if got := bestThreshold(errors, marks(".|.||.")); !within(got, 0.4, 1e-12) {
		t.Errorf("threshold %v, want 0.4", got)
	}
	if got := rising(errors); !slices.Equal(got, marks(".|.||.")) {
		t.Errorf("rising: %v", got)
	}
}

// TestWordsAreFound: each network finds most beginnings, the one of probabilities the most.
func TestWordsAreFound(t *testing.T) {
	runs, err := wordsOnce(t.Context(), seedRun{Options{Seed: 1}})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []float64{0.68, 0.68, 0.76, 0.78} {
		if r := runs[i]; r.f < want || r.onset < 3 || r.everywhere > 0.45 || len(r.fragment) != len(strings.ReplaceAll(wordsFragment, " ", ""))-1 {
			t.Errorf("network %d: %+v, want an F of %v", i, r, want)
		}
	}
}

// TestLikelihoods compares them with what is worked out by hand from the templates, and their entropy with that of all
// sentences.
func TestLikelihoods(t *testing.T) {
	all := sentencesOf("sentences")
	var words []string
	for _, s := range all {
		words = append(words, strings.Fields(s.Text)...)
	}
	slices.Sort(words)
	words = slices.Compact(words)
	l := newLikelihoods(all, words)
	for _, tt := range []struct {
		so, next string
		want     float64
	}{
		{"", "dragon", 4./16/3 + 4./16/10},                 // four templates begin with AGRESS, four with ANIM
		{"lion eat", "boy", (1./3/4 + 1./3/10) / (1 + .1)}, // one of three eaten by AGRESS, or by ANIM, that has food
		{"man think", "man", 7./16/4 + 4./16/10},           // a new sentence
	} {
		if got := l.after[tt.so][slices.Index(words, tt.next)]; !within(got, tt.want, 1e-12) {
			t.Errorf("%q, then %s: %v, want %v", tt.so, tt.next, got, tt.want)
		}
	}
	for so, p := range l.after {
		sum := 0.0
		for _, x := range p {
			sum += x
		}
		if !within(sum, 1, 1e-12) {
			t.Errorf("after %q: likelihoods sum to %v", so, sum)
		}
	}
}

func TestPurity(t *testing.T) {
	kind := []bool{true, true, false, false, true}
	if got := purity([]int{0, 0, 1, 1, 1}, kind); got != 0.8 {
		t.Errorf("purity %v, want 0.8", got)
	}
	points := [][]float64{{0, 0}, {0, 1}, {5, 5}, {5, 6}, {5, 7}}
	if got := nearestAgree(points, kind); got != 0.8 {
		t.Errorf("nearest agree %v, want 0.8", got)
	}
}

// TestClassesAreLearned: after one pass over the text answers are near the likelihoods, and words near those of their class.
func TestClassesAreLearned(t *testing.T) {
	r, err := classesOnce(t.Context(), seedRun{Options{Seed: 1, Epochs: 1}})
	if err != nil {
		t.Fatal(err)
	}
	// The last two come from another program, in Python.
	if r.cosine < 0.8 || r.rms > 0.05 || r.squares < r.ideal || !within(r.ideal, 0.8185, 0.002) || !within(r.entropy, 2.074, 0.01) {
		t.Errorf("predictions %+v", r.predicted)
	}
	if r.nearest.nouns < 0.9 || len(r.byWard.Labels) != 29 || !slices.Contains(r.withNew.Labels, newWord) || slices.Contains(r.withNew.Labels, replaced) {
		t.Errorf("%+v; labels %v, %v", r.nearest, r.byWard.Labels, r.withNew.Labels)
	}
}

// TestElman1990SameEverywhere repeats the shortest runs on every kernel set, with one and with two threads.
func TestElman1990SameEverywhere(t *testing.T) {
	defer f32.Use(f32.Active())
	names := []string{"elman1990-words"} // codes and probabilities
	if full() {
		names = append(names, "elman1990-xor", "elman1990-letters")
	}
	for _, name := range names {
		var want []byte
		for i, set := range f32.Kernels() {
			if err := f32.Use(set); err != nil {
				t.Fatal(err)
			}
			r := run(t, name, Options{Epochs: 1, Seeds: 2, Threads: 1 + i%2})
			got, err := json.Marshal(r)
			if err != nil {
				t.Fatal(err)
			}
			if want == nil {
				want = got
			}
			if string(got) != string(want) {
				t.Errorf("%s on %s:\n%s\nwant\n%s", name, set, got, want)
			}
		}
	}
	var want classesRun // of a small part of the text, which is learned alone
	for i, set := range f32.Kernels() {
		if err := f32.Use(set); err != nil {
			t.Fatal(err)
		}
		lines := classesText(1)[:400]
		m, err := seedRun{Options{Seed: 1, Epochs: 1}}.learnClasses(t.Context(), lines)
		if err != nil {
			t.Fatal(err)
		}
		got, err := measureClasses(m, lines)
		if err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			want = got
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("classes on %s: %+v, want %+v", set, got, want)
		}
	}
}
