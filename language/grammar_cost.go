package language

import (
	"fmt"
	"math"
)

// The expected cost of a rule of a grammar: the entropy of all choices below it, and the characters it writes once the lines
// are set. The entropy is linear: the rule's own choice, plus the mean over its alternatives of the costs of the rules they
// name. The characters depend on the text before: two spaces become one, and "a" becomes "an" before some words. So an
// automaton of six states reads the text from left to right. For each rule and each state at its beginning this file computes
// the expected cost and the probability of each state at its end.

// A cost is an expected number of nats and of characters.
type cost struct{ nats, characters float64 }

func (c *cost) add(p float64, d cost) {
	c.nats += p * d.nats
	c.characters += p * d.characters
}

// A state is that of the automaton between two characters of a text that setLines will set.
type state int

const (
	beginning     state = iota // only spaces so far
	inWord                     // in a word other than "a"
	inArticle                  // the word so far is "a"
	behindWord                 // a space; it counts when the next word begins, as one or as a line break
	behindArticle              // the same after the word "a"
	verbatim                   // the text is copied as it is
	numStates
)

// A distribution holds the probabilities of the states.
type distribution [numStates]float64

// read returns the state after a text and the characters that it adds. The first six letters of a word (wantsAn looks no
// further), or all of a shorter word, must come in one text.
func (s state) read(text string) (state, int) {
	if s == verbatim {
		return s, len(text)
	}
	characters := 0
	for i := range len(text) {
		if text[i] == ' ' {
			switch s {
			case inWord:
				s = behindWord
			case inArticle:
				s = behindArticle
			}
			continue
		}
		switch {
		case s == beginning || s == inWord || s == inArticle:
			characters++
		case s == behindArticle && wantsAn(text[i:]):
			characters += 3 // n, space, this character
		default:
			characters += 2
		}
		if s != inWord && s != inArticle && text[i] == 'a' {
			s = inArticle
		} else {
			s = inWord
		}
	}
	return s, characters
}

// A node is a rule at a state.
type node struct {
	rule string
	from state
}

type outcome struct {
	cost
	to distribution
}

// An estimator holds the outcomes of the nodes that were asked for and of all nodes below them.
type estimator struct {
	grammar  grammar
	outcomes map[node]outcome
	order    []node // the order of summation, so that every run gives the same bits
	settled  bool
}

func newEstimator(g grammar) *estimator {
	return &estimator{grammar: g, outcomes: map[node]outcome{}}
}

// write returns the expected cost of a piece and replaces at, the distribution before it, by the one after it. It panics if
// the text might have no end: the grammar is part of the program.
func (e *estimator) write(p piece, at *distribution) cost {
	before := *at
	for {
		e.settled = true
		*at = before
		c := e.piece(p, at)
		if e.settled {
			if got, want := at.sum(), before.sum(); math.Abs(got-want) > 1e-9 {
				panic(fmt.Sprintf("grammar: %q ends with probability %v of %v", p.text, got, want))
			}
			return c
		}
		e.settle()
	}
}

func (o distribution) sum() (total float64) {
	for _, p := range o {
		total += p
	}
	return total
}

// settle solves the equations of all nodes known so far by repeated substitution, until no number changes by more than
// rounding. Starting at 0 the numbers only grow, towards the least solution, which is the expectation: after n rounds they
// count the derivations that are at most n rules deep. Each round removes a fixed share of the remaining error.
func (e *estimator) settle() {
	changed := true
	for round := 0; changed; round++ {
		if round > 10000 { // the play takes less than a hundred
			panic("grammar: texts are expected to be endless")
		}
		changed = false
		for i := 0; i < len(e.order); i++ { // it grows as nodes are found
			v := e.order[i]
			was, is := e.outcomes[v], e.evaluate(v)
			e.outcomes[v] = is
			changed = changed || differ(was.nats, is.nats) || differ(was.characters, is.characters)
			for s := range was.to {
				changed = changed || differ(was.to[s], is.to[s])
			}
		}
	}
}

func differ(a, b float64) bool { return math.Abs(a-b) > 1e-14*b }

// evaluate is one substitution: the outcome of a node from the present outcomes of the nodes below.
func (e *estimator) evaluate(v node) outcome {
	r := e.grammar[v.rule]
	o := outcome{cost: cost{nats: r.entropy()}}
	for _, a := range r.alternatives {
		p := float64(a.weight) / float64(r.total)
		at := distribution{}
		at[v.from] = 1
		for _, piece := range a.pieces {
			o.add(p, e.piece(piece, &at))
		}
		for s := range at {
			o.to[s] += p * at[s]
		}
	}
	return o
}

// piece returns the cost of a piece as far as it is known, and moves the distribution past it.
func (e *estimator) piece(p piece, at *distribution) (c cost) {
	before := *at
	*at = distribution{}
	for s, q := range before {
		switch {
		case q == 0:
		case p.name:
			o := e.outcome(node{p.text, state(s)})
			c.add(q, o.cost)
			for to := range at {
				at[to] += q * o.to[to]
			}
		default:
			to, characters := state(s).read(p.text)
			c.characters += q * float64(characters)
			at[to] += q
		}
	}
	return c
}

// outcome returns what is known of a node, nothing at first.
func (e *estimator) outcome(v node) outcome {
	o, known := e.outcomes[v]
	if !known {
		if e.grammar[v.rule] == nil {
			panic(fmt.Sprintf("grammar: there is no %s", v.rule))
		}
		e.outcomes[v] = o
		e.order = append(e.order, v)
		e.settled = false
	}
	return o
}

// entropy returns the entropy of the choice between the alternatives, in nats.
func (r *rule) entropy() float64 {
	var weights []float64
	for _, a := range r.alternatives {
		weights = append(weights, float64(a.weight))
	}
	return entropyOf(weights...)
}
