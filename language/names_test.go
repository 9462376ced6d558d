package language

import (
	"math"
	"testing"
)

// TestNamesRate writes out every name with its probability: no two derivations give the same name, so the entropy of the choices
// is that of the names, and both it and the length are what the language says.
func TestNamesRate(t *testing.T) {
	g := namesRules()
	all := map[string]float64{}
	twice, nats, characters := 0, 0.0, 0.0
	g.each(piece{"name", true}, "", 1, func(name string, p float64) {
		if all[name] > 0 {
			twice++
		}
		all[name] += p
		nats -= p * math.Log(p)
		characters += p * float64(len(name)+1)
	})
	if want := 2 * 4 * 7 * (2*16*2 + 3*16*3 + 2*16*2*16*2 + 3*16*3*16*3); len(all) != want || twice != 0 {
		t.Errorf("%d names, %d of them again; want %d", len(all), twice, want)
	}
	if got := names.Entropy().Nats; math.Abs(got-nats/characters) > 1e-9 {
		t.Errorf("%.9f nats per character, by a list of all names %.9f", got, nats/characters)
	}
}

// each passes every text that a piece can become, after prefix, with its probability, chance times that of its choices. Texts
// that have two derivations come twice. The grammar must not be recursive.
func (g grammar) each(p piece, prefix string, chance float64, do func(string, float64)) {
	if !p.name {
		do(prefix+p.text, chance)
		return
	}
	r := g[p.text]
	for _, a := range r.alternatives {
		g.all(a.pieces, prefix, chance*float64(a.weight)/float64(r.total), do)
	}
}

func (g grammar) all(pieces []piece, prefix string, chance float64, do func(string, float64)) {
	if len(pieces) == 0 {
		do(prefix, chance)
		return
	}
	g.each(pieces[0], prefix, chance, func(text string, p float64) { g.all(pieces[1:], text, p, do) })
}
