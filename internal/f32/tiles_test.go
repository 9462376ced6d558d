package f32

import "testing"

// A tileLoop is a loop for one size of tile in the kernels of products.
type tileLoop struct{ rows, vectors int }

// TestTilesAreThoseChosen compares the loops in the kernels with those that products of many shapes choose: one that is
// missing would compute another tile, one too many is dead.
func TestTilesAreThoseChosen(t *testing.T) {
	eachSet(t, func(t *testing.T) {
		if active == plainGo {
			return // whose twin takes all sizes
		}
		chosen := map[tileLoop]bool{}
		for rows := 1; rows <= 40; rows++ {
			for columns := 1; columns <= 400; columns++ {
				for _, packed := range []bool{false, true} {
					for _, k := range []int{1, active.tiling().steps(rows)} {
						for _, loop := range loopsOf(rows, columns, k, packed) {
							chosen[loop] = true
						}
					}
				}
			}
		}
		emitted := loopsIn(active.tiling().heights)
		for loop := range chosen {
			if !emitted[loop] {
				t.Errorf("%+v is chosen and not there", loop)
			}
		}
		for loop := range emitted {
			if !chosen[loop] {
				t.Errorf("%+v is there and never chosen", loop)
			}
		}
	})
}

// loopsOf returns the loops that a product chooses.
func loopsOf(rows, columns, k int, packed bool) (loops []tileLoop) {
	p := newPanels(columns)
	if !packed && rows <= fewRows {
		p = panels{1, (columns + 15) / 16, 0} // as run has it
	}
	for i := range p.count {
		lo, hi := p.columns(i)
		t := active.tiling()
		vectors := (min(hi, columns) - lo + t.unit - 1) / t.unit
		height, width := t.tile(rows, vectors, k)
		_, low, more := splitRows(rows, height)
		heights := []int{low, low + 1}
		if more == 0 {
			heights = heights[:1]
		}
		if rows <= fewRows && t.gapless[rows] < min(vectors, width) { // as block has it
			if vectors >= width {
				loops = append(loops, loopsOfPart(vectors/width*width, width, heights)...)
			}
			vectors, width = vectors%width, t.gapless[rows]
		}
		loops = append(loops, loopsOfPart(vectors, width, heights)...)
	}
	return loops
}

// loopsOfPart returns the loops of some vectors in tiles of at most the given width.
func loopsOfPart(vectors, width int, heights []int) (loops []tileLoop) {
	if vectors == 0 {
		return nil
	}
	strips, width, wider := splitRows(vectors, width)
	for i := range strips {
		v := width
		if i < wider {
			v++
		}
		for _, height := range heights {
			loops = append(loops, tileLoop{height, v})
		}
	}
	return loops
}

// loopsIn returns the loops that kernels have for tiles of at most these heights.
func loopsIn(heights []int) map[tileLoop]bool {
	loops := map[tileLoop]bool{}
	for i, most := range heights {
		for rows := 1; rows <= most; rows++ {
			loops[tileLoop{rows, i + 1}] = true
		}
	}
	return loops
}
