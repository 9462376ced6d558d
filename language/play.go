package language

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/seed-f4dd853e/elman/internal/random"
)

// play is an endless comedy. It asks for memory: verbs agree in number and person with a subject some words back; thou, thee,
// thy and you depend on the person addressed; he and she depend on the subject of the sentence; a person who is asked
// answers; brackets and quotations close; and only those who have entered speak.
var play = Language{
	Name:    "play",
	Doc:     "endless mock-Elizabethan dialogue from a grammar of some five hundred words",
	entropy: playEntropy,
	chapter: func(out *bytes.Buffer, seed, i uint64) { newScene(out, random.New(seed, "play", i)).write() },
}

var playGrammar lazy[grammar]

func playRules() grammar {
	return playGrammar.get(func() grammar { return parseGrammar(playSentences + playWords) })
}

// A character is a person of the play. The rule "call NAME" has the words to address it.
type character struct {
	name  string
	many  bool
	rank  int // thou addresses characters of lower rank; those of the lowest rank also use it among themselves
	enter string
}

var characters = []character{
	{"KING", false, 5, "the KING"},
	{"QUEEN", false, 5, "the QUEEN"},
	{"DUKE", false, 4, "the DUKE"},
	{"DUCHESS", false, 4, "the DUCHESS"},
	{"BELMORO", false, 3, "BELMORO"},
	{"FENELLA", false, 3, "FENELLA"},
	{"TARQUIL", false, 3, "TARQUIL"},
	{"GHOST", false, 2, "the GHOST"},
	{"WITCHES", true, 2, "three WITCHES"},
	{"FOOL", false, 1, "the FOOL"},
	{"NURSE", false, 1, "the NURSE"},
	{"COOK", false, 1, "the COOK"},
	{"SOLDIERS", true, 1, "two SOLDIERS"},
	{"SAILORS", true, 1, "some SAILORS"},
}

// A scene is a chapter of a play.
type scene struct {
	out   *bytes.Buffer
	rng   *rand.Rand
	rules grammar
	away  []character // who may still enter
	here  []character
	asked bool // the last speech ended with a question
}

func newScene(out *bytes.Buffer, rng *rand.Rand) *scene {
	return &scene{out: out, rng: rng, rules: playRules(), away: slices.Clone(characters)}
}

// A chance is the probability n/m.
type chance struct{ n, m int }

var (
	thirdEnters = chance{1, 2}  // before the first speech
	goesOn      = chance{9, 10} // a scene, after the fourth speech and each one more
	oneEnters   = chance{1, 12} // after a speech
	otherSpeaks = chance{1, 4}  // not the one who was spoken to, unless asked
	otherHears  = chance{1, 4}  // not the one who spoke before
	isAside     = chance{1, 15}
	isCalled    = chance{1, 3} // the one who is spoken to
	isAsked     = chance{2, 5}
)

const (
	sureSpeeches = 4 // in every scene
	mostHere     = 5 // at a time
)

func (s *scene) happens(c chance) bool { return s.rng.IntN(c.m) < c.n }

func (s *scene) write() {
	s.out.Write(s.rules.write(nil, "place", s.rng))
	s.out.WriteString("\n[Enter ")
	s.enter()
	if s.happens(thirdEnters) {
		s.out.WriteString(", ")
		s.enter()
	}
	s.out.WriteString(" and ")
	s.enter()
	s.out.WriteString(".]\n\n")

	speaker := s.rng.IntN(len(s.here))
	listener := s.other(speaker)
	for turn := 0; turn < sureSpeeches || s.happens(goesOn); turn++ {
		s.speech(s.here[speaker], s.here[listener])
		if len(s.here) < mostHere && s.happens(oneEnters) {
			s.out.WriteString("[Enter ")
			s.enter()
			s.out.WriteString(".]\n\n")
		}
		// A character who was asked answers; one who was only spoken to mostly does.
		before := speaker
		if speaker = listener; !s.asked && s.happens(otherSpeaks) {
			speaker = s.other(before)
		}
		if listener = before; s.happens(otherHears) {
			listener = s.other(speaker)
		}
	}
	s.out.WriteString("[Exeunt.]\n\n\n")
}

// enter brings a character on stage.
func (s *scene) enter() {
	i := s.rng.IntN(len(s.away))
	c := s.away[i]
	s.away = slices.Delete(s.away, i, i+1)
	s.here = append(s.here, c)
	s.out.WriteString(c.enter)
}

// other returns a random character on stage except one.
func (s *scene) other(than int) int {
	i := s.rng.IntN(len(s.here) - 1)
	if i >= than {
		i++
	}
	return i
}

// manner returns the grammar's features for a speech: the speaker's number and the form of address.
func (from character) manner(to character) string {
	who, whom := "s", "y"
	if from.many {
		who = "p"
	}
	switch {
	case to.many:
		whom = "p"
	case from.rank > to.rank || from.rank <= 1:
		whom = "t"
	}
	return who + "." + whom
}

// speech lets one character speak to another.
func (s *scene) speech(from, to character) {
	manner := from.manner(to)
	var text []byte
	part := func(rule string) { text = s.rules.write(text, rule, s.rng) }
	s.out.WriteString(from.name + ":\n")
	if s.happens(isAside) {
		s.out.WriteString("[Aside.] ")
	}
	if s.asked {
		part("answer." + manner)
	}
	if s.happens(isCalled) {
		part("call " + to.name)
		part("pause")
	}
	part("speech." + manner)
	if s.asked = s.happens(isAsked); s.asked {
		text = append(text, ' ')
		part("ask." + manner)
	}
	s.setLines(string(text))
	s.out.WriteByte('\n')
}

// A verse ends after a stop beyond the minimum length, and before the word that would exceed the maximum.
const (
	verseLeast = 28
	verseMost  = 48
)

// setLines breaks a speech into verses, capitalizes each verse and sentence, and turns "a" into "an" before words that need
// it.
func (s *scene) setLines(text string) {
	words := strings.Fields(text)
	width, capital := 0, true
	for i, w := range words {
		if w == "a" && wantsAn(words[i+1]) {
			w = "an"
		}
		if width > 0 {
			stop := strings.IndexByte(",;:.!?", words[i-1][len(words[i-1])-1]) >= 0
			if width+1+len(w) > verseMost || stop && width >= verseLeast {
				s.out.WriteByte('\n')
				width, capital = 0, true
			} else {
				s.out.WriteByte(' ')
				width++
			}
		}
		if capital {
			w = capitalized(w)
		}
		s.out.WriteString(w)
		width += len(w)
		bare := strings.TrimRight(w, `)"`)
		capital = strings.IndexByte(".!?", bare[len(bare)-1]) >= 0
	}
	s.out.WriteByte('\n')
}

// wantsAn reports whether the article before a word is "an".
func wantsAn(word string) bool {
	for _, silent := range []string{"hour", "honour", "honest"} {
		if strings.HasPrefix(word, silent) {
			return true
		}
	}
	return strings.IndexByte("aeiou", word[0]) >= 0
}

// capitalized returns a word with its first letter, which may follow a bracket or quote, as a capital.
func capitalized(word string) string {
	i := strings.IndexFunc(word, func(r rune) bool { return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' })
	if i < 0 {
		return word
	}
	return word[:i] + strings.ToUpper(word[i:i+1]) + word[i+1:]
}
