package f32

import (
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
)

// full says whether tests take their full size, which shows little more.
var full = os.Getenv("ELMAN_TEST_FULL") != ""

// eachSet runs f once on every kernel set of this processor, as a subtest, and puts the set back that was in use. A set
// named in ELMAN_EXPECT_KERNELS that cannot run is a failure, so that a machine that is trusted with testing assembly
// does not pass by leaving it out.
func eachSet(t *testing.T, f func(t *testing.T)) {
	t.Helper()
	defer Use(Active())
	for _, name := range strings.FieldsFunc(os.Getenv("ELMAN_EXPECT_KERNELS"), func(r rune) bool { return r == ',' }) {
		if !slices.Contains(Kernels(), name) {
			t.Errorf("kernel set %s is expected here, but this processor or build runs %v", name, Kernels())
		}
	}
	for _, s := range sets {
		if !s.runs {
			t.Logf("kernel set %s: not on this processor, NOT TESTED", s.name)
			continue
		}
		if err := Use(s.name); err != nil {
			t.Fatal(err)
		}
		t.Run(s.name, f)
	}
}

// odd returns n numbers of all kinds: mostly ordinary, some huge, tiny, denormal, zero of either sign, infinite or NaN.
func odd(rng *rand.Rand, n int) []float32 {
	x := ordinary(rng, n)
	special := []float32{
		0, float32(math.Copysign(0, -1)), 1, -1, math.MaxFloat32, -math.MaxFloat32, 0x1p-126, -0x1p-126, 0x1p-149, -0x1p-149,
		0x1.8p-130, float32(math.Inf(1)), float32(math.Inf(-1)), float32(math.NaN()), 88.7, -103.9,
	}
	for i := range x {
		switch rng.IntN(16) {
		case 0:
			x[i] = special[rng.IntN(len(special))]
		case 1:
			x[i] = math.Float32frombits(rng.Uint32())
		}
	}
	return x
}

// sameBits says whether a and b are the same bits. Any NaN equals any NaN.
func sameBits(a, b float32) bool {
	return math.Float32bits(a) == math.Float32bits(b) || a != a && b != b
}
