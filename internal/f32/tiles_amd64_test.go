//go:build !purego

package f32

import (
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// A tileLoop is a loop for one size of tile in the assembly of products.
type tileLoop struct {
	packed        bool
	rows, vectors int
}

// TestTilesAreThoseChosen compares the loops in the assembly with those that products of many shapes choose: one that is
// missing would compute another tile, one too many is dead.
func TestTilesAreThoseChosen(t *testing.T) {
	eachSet(t, func(t *testing.T) {
		if !hasTiles() {
			return
		}
		chosen := map[tileLoop]bool{}
		for rows := 1; rows <= 40; rows++ {
			for columns := 1; columns <= 400; columns++ {
				for _, packed := range []bool{false, true} {
					for _, k := range []int{1, blockK(rows)} {
						for _, loop := range loopsOf(rows, columns, k, packed) {
							chosen[loop] = true
						}
					}
				}
			}
		}
		emitted := loopsInAssembly(t)
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
		vectors := (min(hi, columns) - lo + vectorLanes() - 1) / vectorLanes()
		height, width := tileSize(rows, vectors, k)
		_, low, more := splitRows(rows, height)
		heights := []int{low, low + 1}
		if more == 0 {
			heights = heights[:1]
		}
		strips, width, wider := splitRows(vectors, width)
		for i := range strips {
			v := width
			if i < wider {
				v++
			}
			for _, height := range heights {
				loops = append(loops, tileLoop{packed && packedTile(height, v), height, v})
			}
		}
	}
	return loops
}

// loopsInAssembly reads the labels of the active set's products.
func loopsInAssembly(t *testing.T) map[tileLoop]bool {
	text, err := os.ReadFile(fmt.Sprintf("gemm_%s_amd64.s", Active()))
	if err != nil {
		t.Fatal(err)
	}
	label := regexp.MustCompile(`(?m)^tile(\d+)x(\d+):`)
	loops := map[tileLoop]bool{}
	for _, function := range strings.Split(string(text), "\nTEXT ")[1:] {
		for _, m := range label.FindAllStringSubmatch(function, -1) {
			rows, _ := strconv.Atoi(m[1])
			vectors, _ := strconv.Atoi(m[2])
			loops[tileLoop{strings.HasPrefix(function, "·tilesPacked"), rows, vectors}] = true
		}
	}
	if len(loops) == 0 {
		t.Fatal("no loops found")
	}
	return loops
}
