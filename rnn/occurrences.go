package rnn

import "github.com/seed-f4dd853e/elman/internal/f32"

// symbolOccurrences lists which symbols a window holds and where, in time linear in the window whatever the size of the
// alphabet.
type symbolOccurrences struct {
	symbols []int32 // those listed, in order of first occurrence
	first   []int32 // [V] row of the first occurrence plus one, 0 where the symbol is absent
	last    []int32 // [V] row of the last occurrence so far
	next    []int32 // [T*B] row of the next occurrence of the row's symbol plus one, 0 at its last
}

func newSymbolOccurrences(V, rows int, a *allocator) symbolOccurrences {
	return symbolOccurrences{
		symbols: allocate[int32](a, min(V, rows), 4)[:0],
		first:   allocate[int32](a, V, 4), last: allocate[int32](a, V, 4),
		next: allocate[int32](a, rows, 4),
	}
}

// list takes in the symbols of a window. If dense, absent symbols are listed too: then all are, in their own order.
func (t *symbolOccurrences) list(x []int32, dense bool) {
	for _, s := range t.symbols {
		t.first[s] = 0
	}
	t.symbols = t.symbols[:0]
	if dense {
		for s := range t.first {
			t.symbols = append(t.symbols, int32(s))
		}
	}
	for r, s := range x {
		t.next[r] = 0
		if t.first[s] == 0 {
			t.first[s] = int32(r + 1)
			if !dense {
				t.symbols = append(t.symbols, s)
			}
		} else {
			t.next[t.last[s]] = int32(r + 1)
		}
		t.last[s] = int32(r)
	}
}

// group returns the listed symbols from number lo to hi-1, as far as there are any.
func (t *symbolOccurrences) group(lo, hi int) []int32 {
	n := len(t.symbols)
	return t.symbols[min(lo, n):min(hi, n)]
}

// add adds to g, a matrix with a row for each symbol from lo on, the rows of dz that belong to it and to a shard, the first row
// first.
func (t *symbolOccurrences) add(g, dz f32.Matrix, lo int, in shard) {
	for i := range g.Rows {
		row := g.Row(i)
		for r := t.first[lo+i]; r != 0; r = t.next[r-1] {
			if in.has(int(r - 1)) {
				f32.Add(row, row, dz.Row(int(r-1)))
			}
		}
	}
}

// sum sets g to the sum of the rows of dz that belong to a symbol, the first row first.
func (t *symbolOccurrences) sum(g []float32, dz f32.Matrix, symbol int32) {
	clear(g)
	for r := t.first[symbol]; r != 0; r = t.next[r-1] {
		f32.Add(g, g, dz.Row(int(r-1)))
	}
}
