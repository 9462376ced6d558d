package kernels

import "github.com/seed-f4dd853e/elman/internal/f32/_asm/ir"

// A Tiling is how a target cuts products into tiles of C that stay in registers.
type Tiling struct {
	// Heights has the most rows of a tile that is 1, 2, ... vectors wide; 0 counts as 1. The sums of a tile, a row of B and
	// an element of A share the registers.
	Heights []int
	// Ahead is how many steps of k before it is used a line of a packed B is fetched into the first-level cache; 0 is never.
	Ahead int
}

// tilings has the table of each target.
var tilings = map[string]Tiling{
	// 8 x 3 is best for many rows. Few rows make up in width, as the sums must be enough to keep the multipliers busy: two
	// for each cycle, four cycles each.
	"AVX512": {Heights: []int{8, 8, 8, 3, 3, 3, 2, 2, 15: 1}, Ahead: 8},
	"AVX2":   {Heights: []int{6, 6, 4, 2, 2, 7: 1}},
	"NEON":   {Heights: []int{8, 8, 6, 4, 4, 7: 1}},
	"SIMD":   {Heights: []int{4, 4, 4, 2, 2, 7: 1}},
}

// TilingOf returns the table of a target.
func TilingOf(t *ir.Target) Tiling {
	tiling, ok := tilings[t.Name]
	if !ok {
		panic("kernels: no tiling of " + t.Name)
	}
	return tiling
}
