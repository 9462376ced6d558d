package inspect

import (
	"fmt"
	"slices"

	"github.com/seed-f4dd853e/elman/score"
)

// A Trace is an Observer that keeps symbols and values: 4 bytes for each unit, quantity and symbol.
type Trace struct {
	Most       int      // keep the first symbols only, as many as this; 0 means all
	Quantities []string // quantities to keep, such as h; nil means none

	Symbols []score.Symbol
	layers  []map[string][]float32
}

// Needs implements Observer.
func (t *Trace) Needs() []string { return t.Quantities }

// Observe implements Observer.
func (t *Trace) Observe(s *Chunk) error {
	n := len(s.Symbols)
	if t.Most > 0 {
		n = min(n, t.Most-len(t.Symbols))
	}
	if n <= 0 {
		return nil
	}
	t.Symbols = append(t.Symbols, s.Symbols[:n]...)
	for len(t.layers) < s.Layers() {
		t.layers = append(t.layers, map[string][]float32{})
	}
	for layer, own := range t.layers {
		for _, q := range t.Quantities {
			values := s.Values(layer, q)
			own[q] = append(own[q], values[:n*(len(values)/len(s.Symbols))]...)
		}
	}
	return nil
}

// Values returns a quantity of all units of a layer after each of the Symbols, [symbols x H], as Chunk.Values does; nil for an
// empty text. It panics if the quantity was not kept.
func (t *Trace) Values(layer int, quantity string) []float32 {
	if !slices.Contains(t.Quantities, quantity) {
		panic(fmt.Sprintf("inspect: values of %q, which the trace does not keep", quantity))
	}
	if len(t.Symbols) == 0 {
		return nil
	}
	return t.layers[layer][quantity]
}
