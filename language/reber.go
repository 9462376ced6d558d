package language

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/seed-f4dd853e/elman/internal/random"
)

// An arrow of Reber's automaton writes a symbol and leads to a node.
type arrow struct {
	symbol byte
	to     int
}

// reberNodes is Reber's grammar (1967, "Implicit learning of artificial grammars"): each node has two arrows of probability
// 1/2, until the last node is reached. Its string stands between B and E.
//
//	0 -T-> 1, 1 -S-> 1, 1 -X-> 3, 3 -X-> 2, 3 -S-> 5
//	0 -P-> 2, 2 -T-> 2, 2 -V-> 4, 4 -P-> 3, 4 -V-> 5
var reberNodes = [...][2]arrow{
	{{'T', 1}, {'P', 2}},
	{{'S', 1}, {'X', 3}},
	{{'T', 2}, {'V', 4}},
	{{'X', 2}, {'S', 5}},
	{{'P', 3}, {'V', 5}},
}

// reber is the embedded grammar (Cleeremans, Servan-Schreiber and McClelland 1989, "Finite state automata and simple
// recurrent networks"): a T or P before the inner string returns after it, however long that is.
var reber = Language{
	Name:    "reber",
	Doc:     "strings of the embedded Reber grammar, one per line: the second letter returns before the last",
	entropy: reberEntropy,
	chapter: func(out *bytes.Buffer, seed, i uint64) {
		rng := random.New(seed, "reber", i)
		for range 1000 {
			writeReber(out, rng)
		}
	},
}

func writeReber(out *bytes.Buffer, rng *rand.Rand) {
	outer := "TP"[rng.IntN(2)]
	out.Write([]byte{'B', outer, 'B'})
	for node := 0; node < len(reberNodes); {
		a := reberNodes[node][rng.IntN(2)]
		out.WriteByte(a.symbol)
		node = a.to
	}
	out.Write([]byte{'E', outer, 'E', '\n'})
}

func reberEntropy() EntropyRate {
	arrows := reberArrows()
	nats := (1 + arrows) * math.Ln2
	characters := 7 + arrows // B, T or P, B before the arrows; E, T or P, E, line break after
	derivation := fmt.Sprintf(`A string is B, T or P, then B, a walk through Reber's automaton, E, then the same T or P, E
and a line break. Each node of the automaton offers two arrows, either with probability 1/2,
and each arrow writes a letter. The expected number of arrows to the end is, at each node, 1
plus the mean of those at the two nodes it leads to; these equations give %.6g from the
start. With the first T or P that makes %.6g choices of ln 2 = %.6f nats, in %.6g
characters with the seven that stand around the walk. No two walks write the same string.
%.6g * %.6f / %.6g = %.6f nats per character.`,
		arrows, 1+arrows, math.Ln2, characters, 1+arrows, math.Ln2, characters, nats/characters)
	return EntropyRate{nats / characters, true, derivation}
}

// reberArrows returns the expected number of arrows from the first node to the end: n[0] of
//
//	n[i] = 1 + (n[j] + n[k]) / 2, where i leads to j and k, and n is 0 at the end.
func reberArrows() float64 {
	const nodes = len(reberNodes)
	var a [nodes][nodes + 1]float64 // the equations: the unknowns' factors, then the constant
	for i, pair := range reberNodes {
		a[i][i], a[i][nodes] = 1, 1
		for _, arrow := range pair {
			if arrow.to < nodes {
				a[i][arrow.to] -= 0.5
			}
		}
	}
	// Gauss-Jordan elimination, from the last unknown to the first. No pivot is 0: every row is diagonally dominant.
	for p := nodes - 1; p >= 0; p-- {
		for i := range a {
			if f := a[i][p] / a[p][p]; i != p && f != 0 {
				for j := range a[i] {
					a[i][j] -= f * a[p][j]
				}
			}
		}
	}
	return a[0][nodes] / a[0][0]
}
