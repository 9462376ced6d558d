package kernels

import "github.com/seed-f4dd853e/elman/internal/f32/_asm/ir"

// A Tiling is how a target cuts products into tiles of C that stay in registers.
type Tiling struct {
	// Heights has the most rows of a tile that is 1, 2, ... vectors wide; 0 counts as 1. The sums of a tile, a row of B and
	// an element of A share the registers.
	Heights []int
	// Ahead is how many steps of k before it is used a line of a packed B is fetched into the first-level cache; 0 is never.
	Ahead int
	// Unroll is the most steps of k at a time.
	Unroll int
	// Left says that a tile wider than high keeps an element of A of each row in registers and loads every vector of B for its
	// few uses, not the other way round.
	Left bool
}

// tilings has the table of each target.
var tilings = map[string]Tiling{
	// 8 x 3 is best for many rows. Few rows make up in width, as the sums must be enough to keep the multipliers busy: two
	// for each cycle, four cycles each.
	"AVX512": {Heights: []int{8, 8, 8, 3, 3, 3, 2, 2, 15: 1}, Unroll: 4, Ahead: 8},
	"AVX2":   {Heights: []int{6, 6, 4, 2, 2, 7: 1}, Unroll: 4},
	"NEON":   {Heights: []int{8, 8, 6, 4, 4, 7: 1}, Unroll: 4},
	// An engine keeps 15 registers on amd64 and neither spills well nor reorders: of a peak of 58, in Chromium on Zen 4, 6 x 2
	// reached 54 GFLOP/s, 3 x 3 47 and 2 x 6 50, but 4 x 3 and 3 x 4 only 27, and so did 2 x 6 that held vectors of B. One row
	// waits for B: 25 with 4 or 6 vectors, 20 with 12.
	"SIMD": {Heights: []int{6, 6, 3, 2, 2, 2}, Unroll: 2, Left: true},
}

// TilingOf returns the table of a target.
func TilingOf(t *ir.Target) Tiling {
	tiling, ok := tilings[t.Name]
	if !ok {
		panic("kernels: no tiling of " + t.Name)
	}
	return tiling
}
