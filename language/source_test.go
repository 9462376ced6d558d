package language

import (
	"bytes"
	"math"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/seed-f4dd853e/elman/internal/random"
)

// TestTrueSource measures the surprisal of long texts under the source that they come from and compares its mean with the
// entropy rate. No source below knows how the rate was computed, and all but the play's know the text alone.
//
// A block is whole chapters, and blocks are independent: the standard error of the quotient of means is that of the blocks'
// nats minus rate times characters.
func TestTrueSource(t *testing.T) {
	size := 2_000_000
	if os.Getenv("ELMAN_TEST_FULL") != "" {
		size = 10_000_000
	}
	for _, tt := range []struct {
		language Language
		surprise func(chapter []byte) float64 // in nats
		spread   bool                         // whether blocks differ at all
	}{
		{letters, syllableSource(map[string]float64{"ae": 0.548795, "buu": 0.192012, "ciii": 0.259193}), true},
		{elmanLetters, syllableSource(map[string]float64{"ba": 1. / 3, "dii": 1. / 3, "guuu": 1. / 3}), true},
		{elmanWords, wordsSource(), true},
		{xor, xorSource, false},
		{reber, reberSource, true},
		{sentences, sentenceSource(), true},
		{logs, logsSource, true},
		{names, namesSource, true},
		{play, nil, true},
	} {
		t.Run(tt.language.Name, func(t *testing.T) {
			t.Parallel()
			var nats, characters []float64 // of blocks
			sum, written := 0.0, 0
			for i := uint64(0); written < size; {
				n, c := 0.0, 0
				for c < size/200 {
					chapter, told := recite(tt.language, i)
					if tt.surprise != nil {
						told = tt.surprise(chapter)
					}
					n, c, i = n+told, c+len(chapter), i+1
				}
				nats, characters = append(nats, n), append(characters, float64(c))
				sum, written = sum+n, written+c
			}
			mean, square := sum/float64(written), 0.0
			for i := range nats {
				d := nats[i] - mean*characters[i]
				square += d * d
			}
			standardError := math.Sqrt(square) / float64(written)
			rate := tt.language.Entropy().Nats
			t.Logf("%d characters: %.6f nats per character, standard error %.6f; the language says %.6f", written, mean, standardError, rate)
			if off := math.Abs(mean - rate); off > 3*standardError+1e-9 { // rounding, where blocks do not differ
				t.Errorf("%.6f nats per character, standard error %.6f; the language says %.6f", mean, standardError, rate)
			}
			if tt.spread != (standardError > 1e-6) || standardError > 1e-3 {
				t.Errorf("standard error %g", standardError)
			}
		})
	}
}

// recite returns a chapter of seed 11. For the play it also returns the surprisal of the choices.
func recite(l Language, i uint64) ([]byte, float64) {
	var out bytes.Buffer
	if l.Name == "play" {
		p := prompter{scene: newScene(&out, random.New(11, "play", i))}
		p.write()
		return out.Bytes(), p.nats
	}
	l.chapter(&out, 11, i)
	return out.Bytes(), 0
}

// syllableSource knows words of which none begins another.
func syllableSource(p map[string]float64) func([]byte) float64 {
	return func(text []byte) (nats float64) {
		for len(text) > 0 {
			rest := text
			for word, p := range p {
				if after, ok := bytes.CutPrefix(text, []byte(word)); ok {
					nats, rest = nats-math.Log(p), after
				}
			}
			if len(rest) == len(text) {
				return math.Inf(1)
			}
			text = rest
		}
		return nats
	}
}

// wordsSource takes a text apart, sentence after sentence. Of all sentences that could be drawn it knows by their parts how
// many have the right length.
func wordsSource() func([]byte) float64 {
	drawn := 0.0
	for _, opening := range []struct{ p, words float64 }{{0.35, 3}, {0.65, 0}} {
		for _, subject := range []struct{ p, words float64 }{{0.3, 1}, {0.35, 2}, {0.35, 5}} {
			for _, happily := range []struct{ p, words float64 }{{0.4, 1}, {0.6, 0}} {
				for _, place := range []struct{ p, words float64 }{{0.5, 3}, {0.5, 0}} {
					if n := opening.words + subject.words + 1 + happily.words + place.words; n >= 4 && n <= 9 {
						drawn += opening.p * subject.p * happily.p * place.p
					}
				}
			}
		}
	}
	const noun = `(?:a|the)(?:boy|girl|king)`
	parts := regexp.MustCompile(`^(manyyearsago)?(?:(they)|(?:` + noun + `)(and` + noun + `)?)(?:lived|played)(happily)?(bythesea)?`)
	return func(text []byte) (nats float64) {
		for len(text) > 0 {
			m := parts.FindSubmatch(text)
			if m == nil {
				return math.Inf(1)
			}
			p := 0.5 * 0.5 / drawn // verb, place
			choose := func(part int, yes, no float64) {
				if len(m[part]) > 0 {
					p *= yes
				} else {
					p *= no
				}
			}
			choose(1, 0.35, 0.65)
			if choose(2, 0.3, 0.35/6); len(m[2]) == 0 {
				choose(3, 1./6, 1)
			}
			choose(4, 0.4, 0.6)
			nats -= math.Log(p)
			text = text[len(m[0]):]
		}
		return nats
	}
}

func xorSource(text []byte) (nats float64) {
	for i, c := range text {
		switch {
		case i%3 < 2 && (c == '0' || c == '1'):
			nats += math.Ln2
		case i%3 < 2 || (c == '1') != (text[i-1] != text[i-2]):
			return math.Inf(1)
		}
	}
	return nats
}

// reberSource predicts letter by letter what may follow: the pairs of the inner grammar's graph as printed in figure 2 of
// Cleeremans and others, by node.
func reberSource(text []byte) (nats float64) {
	next := map[string]string{"0T": "1", "0P": "2", "1S": "1", "1X": "3", "2T": "2", "2V": "4", "3X": "2", "3S": "5", "4P": "3", "4V": "5"}
	for line := range strings.Lines(string(text)) {
		if len(line) < 7 || line[0] != 'B' || !strings.Contains("TP", line[1:2]) || line[2] != 'B' ||
			line[len(line)-4:] != "E"+line[1:2]+"E\n" {
			return math.Inf(1)
		}
		nats += math.Ln2 // T or P
		node := "0"
		for _, c := range line[3 : len(line)-4] {
			node = next[node+string(c)]
			nats += math.Ln2
		}
		if node != "5" {
			return math.Inf(1)
		}
	}
	return nats
}

// sentenceSource predicts word by word. It weighs the templates by how well they explain the words so far: Bayes' rule, no
// list of sentences.
func sentenceSource() func([]byte) float64 {
	var templates [][]string
	for _, t := range sentenceTemplates {
		templates = append(templates, append(strings.Fields(t), "end"))
	}
	share := func(class, word string) float64 {
		words := sentenceClasses[class]
		if class == "end" {
			words = []string{"\n"}
		}
		if !slices.Contains(words, word) {
			return 0
		}
		return 1 / float64(len(words))
	}
	known := map[string]float64{}
	surprise := func(line string) (nats float64) {
		weights := slices.Repeat([]float64{1 / float64(len(templates))}, len(templates))
		for i, word := range append(strings.Fields(line), "\n") {
			p := 0.0
			for j, t := range templates {
				if i >= len(t) {
					weights[j] = 0
				} else {
					weights[j] *= share(t[i], word)
				}
				p += weights[j]
			}
			nats -= math.Log(p)
			for j := range weights {
				weights[j] /= p
			}
		}
		return nats
	}
	return func(text []byte) (nats float64) {
		for line := range strings.Lines(string(text)) {
			n, ok := known[line]
			if !ok {
				n = surprise(line)
				known[line] = n
			}
			nats += n
		}
		return nats
	}
}

// namesSource takes names apart at their vowels.
func namesSource(text []byte) (nats float64) {
	const joint = `(?:l|r|n|m|v|s|ll|nn|ss|ld|nd|rn|lm|st|rv|mb)`
	name := regexp.MustCompile(`^(?:[LMNSVFJ](?:(?:[ei]JOINT){1,2}[ei]|(?:[aou]JOINT){1,2}[aou])(?:l|s|th)?|[BDGKTRH](?:(?:[ei]JOINT){1,2}[ei]|(?:[aou]JOINT){1,2}[aou])(?:n|rd|k|nt))$`)
	name = regexp.MustCompile(strings.ReplaceAll(name.String(), "JOINT", joint))
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSuffix(line, "\n")
		if !name.MatchString(line) {
			return math.Inf(1)
		}
		light, dark := 0, 0
		for _, c := range line {
			switch c {
			case 'e', 'i':
				light++
			case 'a', 'o', 'u':
				dark++
			}
		}
		nats += 3*math.Ln2 + math.Log(7) + math.Log(4) + float64(light+dark-1)*math.Log(16) + float64(light)*math.Log(2) + float64(dark)*math.Log(3)
	}
	return nats
}

// A prompter is a slow twin of the scene that keeps the surprisal of every choice it makes. TestPrompter shows that it
// writes the same.
type prompter struct {
	*scene
	nats float64
}

// draw chooses one of n.
func (p *prompter) draw(n int) int {
	p.nats += math.Log(float64(n))
	return p.rng.IntN(n)
}

func (p *prompter) chance(n, m int) bool {
	yes := p.rng.IntN(m) < n
	if !yes {
		n = m - n
	}
	p.nats -= math.Log(float64(n) / float64(m))
	return yes
}

func (p *prompter) write() {
	p.out.WriteString(p.expand("place") + "\n[Enter " + p.enter())
	if p.chance(1, 2) {
		p.out.WriteString(", " + p.enter())
	}
	p.out.WriteString(" and " + p.enter() + ".]\n\n")
	speaker := p.draw(len(p.here))
	listener := p.other(speaker)
	for turn := 0; turn < 4 || p.chance(9, 10); turn++ {
		p.speech(p.here[speaker], p.here[listener])
		if len(p.here) < 5 && p.chance(1, 12) {
			p.out.WriteString("[Enter " + p.enter() + ".]\n\n")
		}
		before := speaker
		speaker = listener
		if !p.asked && p.chance(1, 4) {
			speaker = p.other(before)
		}
		listener = before
		if p.chance(1, 4) {
			listener = p.other(speaker)
		}
	}
	p.out.WriteString("[Exeunt.]\n\n\n")
}

func (p *prompter) enter() string {
	i := p.draw(len(p.away))
	who := p.away[i]
	p.away = slices.Delete(p.away, i, i+1)
	p.here = append(p.here, who)
	return who.enter
}

func (p *prompter) other(than int) int {
	if i := p.draw(len(p.here) - 1); i < than {
		return i
	} else {
		return i + 1
	}
}

func (p *prompter) speech(from, to character) {
	p.out.WriteString(from.name + ":\n")
	if p.chance(1, 15) {
		p.out.WriteString("[Aside.] ")
	}
	manner, text := from.manner(to), ""
	if p.asked {
		text = p.expand("answer." + manner)
	}
	if p.chance(1, 3) {
		text += p.expand("call "+to.name) + p.expand("pause")
	}
	text += p.expand("speech." + manner)
	if p.asked = p.chance(2, 5); p.asked {
		text += " " + p.expand("ask."+manner)
	}
	p.setLines(text)
	p.out.WriteByte('\n')
}

func (p *prompter) expand(name string) string {
	var text strings.Builder
	var expand func(name string)
	expand = func(name string) {
		rule := p.rules[name]
		at := p.rng.IntN(rule.total)
		i := 0
		for ; at >= rule.alternatives[i].weight; i++ {
			at -= rule.alternatives[i].weight
		}
		a := rule.alternatives[i]
		p.nats -= math.Log(float64(a.weight) / float64(rule.total))
		for _, piece := range a.pieces {
			if piece.name {
				expand(piece.text)
			} else {
				text.WriteString(piece.text)
			}
		}
	}
	expand(name)
	return text.String()
}

func TestPrompter(t *testing.T) {
	for i := range uint64(200) {
		var want bytes.Buffer
		play.chapter(&want, 11, i)
		if got, _ := recite(play, i); !bytes.Equal(got, want.Bytes()) {
			t.Fatalf("scene %d: the twin writes\n%s\nwant\n%s", i, got, want.Bytes())
		}
	}
}
