package experiment

import (
	"math"
	"strings"

	"github.com/seed-f4dd853e/elman/language"
)

// An optimalPredictor predicts the letters of consecutive sentences without boundaries. It knows every sentence and its
// probability, and weighs all ways to read the letters so far, so no predictor does better.
type optimalPredictor struct {
	nodes []prefix // of a tree of letters; sentences begin at the first
}

// A prefix is a beginning of sentences.
type prefix struct {
	p    float64 // of all sentences that begin so
	ends float64 // of the one that is no longer
	next map[byte]int
}

func newOptimalPredictor(sentences []language.Sentence) *optimalPredictor {
	s := &optimalPredictor{nodes: []prefix{{next: map[byte]int{}}}}
	for _, sentence := range sentences {
		at := 0
		s.nodes[0].p += sentence.P
		for _, letter := range []byte(strings.ReplaceAll(sentence.Text, " ", "")) {
			next, ok := s.nodes[at].next[letter]
			if !ok {
				next = len(s.nodes)
				s.nodes[at].next[letter] = next
				s.nodes = append(s.nodes, prefix{next: map[byte]int{}})
			}
			at = next
			s.nodes[at].p += sentence.P
		}
		s.nodes[at].ends += sentence.P
	}
	return s
}

// A reading is a node at which the text may be, and its probability.
type reading struct {
	node int
	p    float64
}

// surprisals returns -ln p of each letter of a text of such sentences, from the second letter on.
func (s *optimalPredictor) surprisals(text string) (nats []float64) {
	at := []reading{{0, 1}}
	for i := range len(text) {
		var next []reading
		total := 0.0
		step := func(node int, p float64) {
			if to, ok := s.nodes[node].next[text[i]]; ok {
				p = float64(p * (s.nodes[to].p / s.nodes[node].p))
				next, total = append(next, reading{to, p}), total+p
			}
		}
		for _, r := range at {
			n := s.nodes[r.node]
			step(r.node, r.p)
			if n.ends > 0 {
				step(0, float64(r.p*n.ends)/n.p)
			}
		}
		for j := range next {
			next[j].p /= total
		}
		if at = next; i > 0 {
			nats = append(nats, max(0, -math.Log(total))) // a total of 1 may be rounded up
		}
	}
	return nats
}

// sentencesOf returns the sentences of a generated language, none if there are infinitely many.
func sentencesOf(name string) []language.Sentence {
	l, err := language.Find(name)
	if err != nil {
		return nil
	}
	return l.Sentences()
}
