package f32

import "testing"

// TestCallsAreShort bounds the work of one call of assembly, in which the runtime cannot stop a goroutine: garbage
// collection waits for the longest one of all workers. A million multiply-adds on registers, or some ten thousand elements
// by way of memory, take tens of microseconds.
func TestCallsAreShort(t *testing.T) {
	const elements = 1 << 16
	for _, tt := range []struct {
		what string
		work int
	}{
		{"functions, reductions and update rules", piece},
		{"cells, whose elements are units of several gates", 4 * cellPiece},
		{"packing", packRows * panelWidth},
		{"transposing", blockHeight * blockWidth},
	} {
		if tt.work > elements {
			t.Errorf("%s: %d elements in a call, want at most %d", tt.what, tt.work, elements)
		}
	}
	// A call makes as many tiles as callLimit admits, but a whole one at least.
	if callLimit > 1<<20 {
		t.Errorf("a call may make %d multiply-adds, want at most 2^20", callLimit)
	}
	eachSet(t, func(t *testing.T) {
		tiling := active.tiling()
		for rows := 1; rows <= 64; rows++ {
			for vectors := 1; vectors <= 64; vectors++ {
				height, width := tiling.tile(rows, vectors, tiling.steps(rows))
				if one := height * width * tiling.unit * tiling.steps(rows); one > callLimit {
					t.Errorf("%d rows of %d vectors: a tile of %d x %d takes %d multiply-adds, want at most %d",
						rows, vectors, height, width*tiling.unit, one, callLimit)
				}
			}
		}
	})
}
