package f32

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the golden files in testdata")

// TestVectorsAreTheSameEverywhere compares hashes of results with those in testdata, computed once on amd64. It is the
// test that sees a compiler fuse a product and a sum, which arm64 and GOAMD64=v3 do and GOAMD64=v1 does not.
func TestVectorsAreTheSameEverywhere(t *testing.T) {
	golden := filepath.Join("testdata", "vectors.golden")
	if *update {
		defer Use(Active())
		Use("go")
		if err := os.WriteFile(golden, []byte(hashes()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	eachSet(t, func(t *testing.T) {
		got := strings.Split(hashes(), "\n")
		for i, line := range strings.Split(string(want), "\n") {
			if i >= len(got) || got[i] != line {
				t.Errorf("line %d of the hashes differs from %s:\n%s", i+1, golden, line)
			}
		}
	})
}

// hashes returns one line per case: the SHA-256 of all bits that it leaves and returns, NaNs made equal.
func hashes() string {
	var out strings.Builder
	for _, c := range vectorCases {
		rng := rand.New(rand.NewPCG(13, 14))
		h := sha256.New()
		for _, n := range []int{1, 15, 16, 17, 65, 128, 1000, 4099} {
			for range 4 {
				var v [][]float32
				for range c.slices {
					v = append(v, mixture(rng, n))
				}
				a, b := c.call(v)
				var bits []byte
				for _, x := range append(v, []float32{a, b}) {
					for _, f := range x {
						if f != f {
							f = 0x1.5p99 // whatever the NaN
						}
						bits = binary.LittleEndian.AppendUint32(bits, math.Float32bits(f))
					}
				}
				h.Write(bits)
			}
		}
		fmt.Fprintf(&out, "%s %s\n", hex.EncodeToString(h.Sum(nil)), c.name)
	}
	return out.String()
}

// mixture returns n numbers, in every second slice ordinary ones alone, so that sums do not all end as NaN.
func mixture(rng *rand.Rand, n int) []float32 {
	x := make([]float32, n)
	wild := rng.IntN(2) == 1
	for i := range x {
		x[i] = float32(int32(rng.Uint32())) * 0x1p-28
		if wild && rng.IntN(8) == 0 {
			x[i] = math.Float32frombits(rng.Uint32())
		}
	}
	return x
}
