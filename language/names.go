package language

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/seed-f4dd853e/elman/internal/random"
)

// names are names of nobody, made of two or three syllables. All vowels of a name are light or all are dark; its end goes with
// its first letter; and it has no fourth syllable. A few letters of context show none of that, however much text they are counted
// in: a network has to remember how the name began.
var names = Language{
	Name:    "names",
	Doc:     "pronounceable names, one per line: vowels agree, and the end goes with the first letter",
	entropy: namesEntropy,
	chapter: func(out *bytes.Buffer, seed, i uint64) {
		rng := random.New(seed, "names", i)
		rules := namesRules()
		for range 1000 {
			out.Write(rules.write(out.AvailableBuffer(), "name", rng))
			out.WriteByte('\n')
		}
	},
}

// The grammar. VOWEL is one of nameVowels and MANNER one of nameManners.
const namesOf = `
MANNER VOWEL
	1 <first MANNER><VOWEL><joint><VOWEL><last MANNER>
	1 <first MANNER><VOWEL><joint><VOWEL><joint><VOWEL><last MANNER>
`

// What the rules choose among, all with the same probability. A vowel has one letter and nothing else has vowels, so a name
// shows every choice that was made.
const nameJoints = "l r n m v s ll nn ss ld nd rn lm st rv mb"

var (
	nameManners = []struct{ name, first, last string }{
		{"soft", "L M N S V F J", "- l s th"}, // - stands for nothing: the name ends with a vowel
		{"hard", "B D G K T R H", "n rd k nt"},
	}
	nameVowels = []struct{ name, letters string }{
		{"light", "e i"},
		{"dark", "a o u"},
	}
)

var namesGrammar lazy[grammar]

func namesRules() grammar { return namesGrammar.get(parseNames) }

func parseNames() grammar {
	var text strings.Builder
	var kinds []string
	for _, m := range nameManners {
		writeChoice(&text, "first "+m.name, strings.Fields(m.first))
		writeChoice(&text, "last "+m.name, strings.Fields(m.last))
		for _, v := range nameVowels {
			kinds = append(kinds, "<"+m.name+" "+v.name+">")
			text.WriteString(strings.NewReplacer("MANNER", m.name, "VOWEL", v.name).Replace(namesOf))
		}
	}
	for _, v := range nameVowels {
		writeChoice(&text, v.name, strings.Fields(v.letters))
	}
	writeChoice(&text, "joint", strings.Fields(nameJoints))
	writeChoice(&text, "name", kinds)
	return parseGrammar(strings.ReplaceAll(text.String(), " -\n", " \n"))
}

func namesEntropy() EntropyRate {
	at := distribution{verbatim: 1}
	c := newEstimator(namesRules()).write(piece{"name", true}, &at)
	c.characters++ // the line break
	rate := c.nats / c.characters
	derivation := fmt.Sprintf(`A name is soft or hard, light or dark, and has two or three syllables: three choices of ln 2. Soft
or hard decides among which letters it begins and among which it ends, light or dark among
which vowels each syllable has; between two vowels stand one or two of a list of consonants,
and all of a list are equally likely. Nothing else is random, and every choice can be read
off the name: what stands between vowels has none. That makes %.6f nats and %.6f
characters, with the line break, for a name.
%.6f / %.6f = %.6f nats per character.`,
		c.nats, c.characters, c.nats, c.characters, rate)
	return EntropyRate{rate, true, derivation}
}
