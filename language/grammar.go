package language

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
)

// A grammar is a probabilistic context-free grammar: it rewrites names to text by weighted choices, each independent of all
// others given the name. Features such as number are part of names, so words agree because one name chose them.
//
// It is written as lines. A line that begins at the margin names a rule; the indented ones below are its alternatives,
// each a weight and a text, which may be empty. In a text <name> stands for a choice of that rule, and _ for a space.
//
//	claim
//	    3 <things.s> <do.s>.
//	    1 <things.p> <do.p>.
//	things.%
//	    2 the crow{|n}{n|s}
//
// A rule whose name has the feature % (s or p: singular or plural) or & (t, y or p: thou, a polite you, or several) stands for
// one rule for each value. In its texts the sign stands for the value, {a|b} for a in the singular and b in the plural, and
// {a|b|c} for a, b or c by the value of &.
type grammar map[string]*rule

type rule struct {
	total        int // of the weights
	alternatives []alternative
}

type alternative struct {
	weight int
	pieces []piece
}

// A piece is text, or the name of a rule.
type piece struct {
	text string
	name bool
}

const (
	numbers    = "sp"
	addressees = "typ"
)

// parseGrammar panics on a text that is no grammar: the text is part of the program.
func parseGrammar(text string) grammar {
	g := grammar{}
	var names []string // of the rule at hand, one for each value of its features
	var values []features
	for number, line := range strings.Split(text, "\n") {
		switch {
		case strings.TrimSpace(line) == "":
		case line[0] != ' ' && line[0] != '\t':
			names, values = instances(strings.TrimSpace(line))
			for _, name := range names {
				if g[name] != nil {
					panic(fmt.Sprintf("grammar line %d: a second %s", number, name))
				}
				g[name] = &rule{}
			}
		default:
			weight, text, _ := strings.Cut(strings.TrimSpace(line), " ")
			w, err := strconv.Atoi(weight)
			if err != nil || w < 1 {
				panic(fmt.Sprintf("grammar line %d: weight %q", number, weight))
			}
			for i, name := range names {
				r := g[name]
				r.total += w
				r.alternatives = append(r.alternatives, alternative{w, parsePieces(values[i].apply(text))})
			}
		}
	}
	g.check()
	return g
}

// features are the values of % and &, 0 where a rule lacks them.
type features struct{ number, addressee int }

// instances returns the names that a name with features stands for.
func instances(name string) (names []string, values []features) {
	n, a := 1, 1
	if strings.Contains(name, "%") {
		n = len(numbers)
	}
	if strings.Contains(name, "&") {
		a = len(addressees)
	}
	for i := range n {
		for j := range a {
			f := features{i, j}
			names, values = append(names, f.apply(name)), append(values, f)
		}
	}
	return names, values
}

// apply replaces signs and braces by the values.
func (f features) apply(text string) string {
	var b strings.Builder
	for text != "" {
		open := strings.IndexByte(text, '{')
		if open < 0 {
			b.WriteString(text)
			break
		}
		end := strings.IndexByte(text, '}')
		options := strings.Split(text[open+1:end], "|")
		b.WriteString(text[:open])
		if len(options) == len(numbers) {
			b.WriteString(options[f.number])
		} else {
			b.WriteString(options[f.addressee])
		}
		text = text[end+1:]
	}
	return strings.NewReplacer("_", " ", "%", numbers[f.number:][:1], "&", addressees[f.addressee:][:1]).Replace(b.String())
}

func parsePieces(text string) (pieces []piece) {
	for text != "" {
		open := strings.IndexByte(text, '<')
		if open != 0 {
			if open < 0 {
				open = len(text)
			}
			pieces = append(pieces, piece{text: text[:open]})
			text = text[open:]
			continue
		}
		end := strings.IndexByte(text, '>')
		pieces = append(pieces, piece{text: text[1:end], name: true})
		text = text[end+1:]
	}
	return pieces
}

// check panics if a text names a rule that does not exist.
func (g grammar) check() {
	for name, r := range g {
		for _, a := range r.alternatives {
			for _, p := range a.pieces {
				if p.name && g[p.text] == nil {
					panic(fmt.Sprintf("grammar: %s leads to %s, which is not there", name, p.text))
				}
			}
		}
	}
}

// write appends a text drawn from the rule.
func (g grammar) write(text []byte, name string, rng *rand.Rand) []byte {
	r := g[name]
	if r == nil {
		panic(fmt.Sprintf("grammar: there is no %s", name))
	}
	at := rng.IntN(r.total)
	for _, a := range r.alternatives {
		if at -= a.weight; at < 0 {
			for _, p := range a.pieces {
				if p.name {
					text = g.write(text, p.text, rng)
				} else {
					text = append(text, p.text...)
				}
			}
			break
		}
	}
	return text
}

// canWrite reports whether the rule can produce the text. The grammar must not be recursive.
func (g grammar) canWrite(name, text string) bool {
	return slices.Contains(g.ends(name, text, nil), len(text))
}

// ends appends the lengths of all prefixes of the text that the rule can produce, once for each way to produce it.
func (g grammar) ends(name, text string, to []int) []int {
	for _, a := range g[name].alternatives {
		at := []int{0} // lengths of the prefixes that the pieces so far can produce
		for _, p := range a.pieces {
			var next []int
			for _, n := range at {
				if p.name {
					for _, m := range g.ends(p.text, text[n:], nil) {
						next = append(next, n+m)
					}
				} else if strings.HasPrefix(text[n:], p.text) {
					next = append(next, n+len(p.text))
				}
			}
			if at = next; len(at) == 0 {
				break
			}
		}
		to = append(to, at...)
	}
	return to
}
