package language

import (
	"fmt"
	"math"
)

// The entropy of the play's choices per character: the expected entropy of all choices of a scene divided by its expected
// length. Scenes are independent and identically distributed, so this quotient of means is the mean per character of a long
// play.
//
// The identity of the 14 characters is independent of all else: one who enters is drawn uniformly from those away, and no
// later chance depends on who it is. So speaker and listener are always a uniform pair, and a scene is described by how many
// are on stage, whether the last speech ended with a question, and how many speeches there were. The first two are
// independent.

// A sceneCost is the expected cost of a scene, by parts.
type sceneCost struct {
	estimator *estimator
	grammar   cost // choices of words, and all characters of the speeches
	people    cost // who enters, who speaks to whom, whether they ask, whether the scene goes on; and stage directions
	speeches  float64
}

func (s *sceneCost) total() cost {
	total := s.grammar
	total.add(1, s.people)
	return total
}

func playEntropy() EntropyRate {
	s := sceneCost{estimator: newEstimator(playRules())}
	s.count()
	total := s.total()
	rate := total.nats / total.characters
	derivation := fmt.Sprintf(`A scene is written by independent choices. One between options of probability p has an
entropy of the sum of -p ln p, and the expected values of a rule of the grammar follow from
those of the rules that it names: equations, solved to all digits shown.
A scene has %.0f speeches in the mean. Its words are choices of %.4f nats; who enters, who
speaks to whom, who asks and when the scene ends are another %.4f nats. It is expected to
have %.4f characters, with each space or line break and each n of an "an".
(%.4f + %.4f) / %.4f = %.6f nats per character.
Now and then two ways of choosing give the same text, so the entropy of the text itself may
be less, but not more.`,
		s.speeches, s.grammar.nats, s.people.nats, total.characters, s.grammar.nats, s.people.nats, total.characters, rate)
	return EntropyRate{rate, false, derivation}
}

// An occupancy holds, for each n, the probability that n are on stage, or the expected number of times.
type occupancy [mostHere + 1]float64

// comes is the probability that a character enters after a speech when this many are on stage.
func comes(here int) float64 {
	if here < mostHere {
		return oneEnters.p()
	}
	return 0
}

// count adds up the costs of a scene.
func (s *sceneCost) count() {
	s.turns(s.opening())
}

// opening adds up the costs before the first speech and of the last line, and returns how many are on stage.
func (s *sceneCost) opening() occupancy {
	heading := distribution{verbatim: 1}
	s.grammar.add(1, s.estimator.write(piece{"place", true}, &heading))
	s.people.characters += float64(len("\n[Enter " + " and " + ".]\n\n" + "[Exeunt.]\n\n\n"))
	s.people.nats += thirdEnters.entropy()
	s.people.add(1, entrance(0))
	s.people.add(1, entrance(1))
	third := entrance(2)
	third.characters += float64(len(", "))
	s.people.add(thirdEnters.p(), third)

	here := occupancy{2: 1 - thirdEnters.p(), 3: thirdEnters.p()}
	for n, p := range here {
		if p > 0 {
			s.people.nats += p * (math.Log(float64(n)) + math.Log(float64(n-1))) // the first speaker and listener
		}
	}
	return here
}

// turns adds up the costs of the speeches and of what happens between them, given how many are on stage at first.
func (s *sceneCost) turns(here occupancy) {
	first, later := s.speech(0), s.speech(isAsked.p())
	s.addSpeech(1, first)
	for i := range sureSpeeches {
		if i > 0 {
			s.addSpeech(1, later)
		}
		here = s.between(here)
	}
	// Let x[n] be the expected number of further speeches that begin with n on stage. The speech before began with n and
	// nobody came, or with n-1 and somebody came:
	//
	//	x[n] = goesOn * (here[n] + (1 - comes[n]) x[n] + comes[n-1] x[n-1])
	var x occupancy
	for n := 2; n <= mostHere; n++ {
		x[n] = goesOn.p() * (here[n] + comes(n-1)*x[n-1]) / (1 - goesOn.p()*(1-comes(n)))
		s.addSpeech(x[n], later)
	}
	s.between(x)
	s.people.nats += goesOn.entropy() / (1 - goesOn.p()) // it is drawn 1 + goesOn + goesOn^2 + ... times
}

// between adds the costs of what happens after a speech, given the occupancy, and returns the occupancy afterwards.
func (s *sceneCost) between(here occupancy) (after occupancy) {
	for n, p := range here {
		after[n] += p * (1 - comes(n))
		if n < mostHere {
			after[n+1] += p * comes(n)
			s.people.nats += p * oneEnters.entropy()
			e := entrance(n)
			e.characters += float64(len("[Enter .]\n\n"))
			s.people.add(p*comes(n), e)
		}
	}
	for n, p := range after {
		if p > 0 {
			another := math.Log(float64(n - 1))
			s.people.nats += p * (1 - isAsked.p()) * (otherSpeaks.entropy() + otherSpeaks.p()*another)
			s.people.nats += p * (otherHears.entropy() + otherHears.p()*another)
		}
	}
	return after
}

// entrance is the cost of a character's entrance when this many are on stage.
func entrance(here int) (c cost) {
	c.nats = math.Log(float64(len(characters) - here))
	for _, who := range characters {
		c.characters += float64(len(who.enter)) / float64(len(characters))
	}
	return c
}

func (s *sceneCost) addSpeech(times float64, speech sceneCost) {
	s.speeches += times
	s.grammar.add(times, speech.grammar)
	s.people.add(times, speech.people)
}

// speech is the cost of a speech between a uniform pair of characters, given the probability that the one before asked.
func (s *sceneCost) speech(asked float64) sceneCost {
	mean := sceneCost{}
	pairs := float64(len(characters) * (len(characters) - 1))
	for i, from := range characters {
		for j, to := range characters {
			if i == j {
				continue
			}
			mean.people.characters += float64(len(from.name+":\n"+"\n\n")) / pairs
			mean.grammar.add(1/pairs, s.words(from, to, asked))
		}
	}
	mean.people.characters += isAside.p() * float64(len("[Aside.] "))
	mean.people.nats += isAside.entropy() + isCalled.entropy() + isAsked.entropy()
	return mean
}

// words is the cost of the words that one character says to another.
func (s *sceneCost) words(from, to character, asked float64) (c cost) {
	manner := from.manner(to)
	at := distribution{beginning: 1}
	perhaps := func(p float64, pieces ...piece) {
		yes := at
		for _, piece := range pieces {
			c.add(p, s.estimator.write(piece, &yes))
		}
		for i := range at {
			at[i] = (1-p)*at[i] + p*yes[i]
		}
	}
	rule := func(name string) piece { return piece{name, true} }
	perhaps(asked, rule("answer."+manner))
	perhaps(isCalled.p(), rule("call "+to.name), rule("pause"))
	perhaps(1, rule("speech."+manner))
	perhaps(isAsked.p(), piece{text: " "}, rule("ask."+manner))
	return c
}

func (c chance) p() float64 { return float64(c.n) / float64(c.m) }

func (c chance) entropy() float64 { return entropyOf(float64(c.n), float64(c.m-c.n)) }
