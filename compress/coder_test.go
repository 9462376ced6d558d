package compress

import (
	"math"
	"math/rand/v2"
	"testing"
)

// A choice is one call of a coder.
type choice struct {
	weights []uint32
	total   uint64
	i       int
	one     uint32
	n, x    uint64
}

// choices draws calls of all kinds, with weights from 1 to almost everything.
func choices(r *rand.Rand, n int) (all []choice, information float64) {
	for range n {
		switch c := (choice{}); r.IntN(3) {
		case 0:
			c.weights = make([]uint32, 1+r.IntN(40))
			for i := range c.weights {
				c.weights[i] = 1 + uint32(r.Uint64()>>(34+r.IntN(30)))
				c.total += uint64(c.weights[i])
			}
			c.i = r.IntN(len(c.weights))
			all, information = append(all, c), information+math.Log2(float64(c.total)/float64(c.weights[c.i]))
		case 1:
			c.one = 1 + uint32(r.IntN(flipTotal-1))
			if r.IntN(2) == 0 {
				c.one = []uint32{1, flipTotal - 1}[r.IntN(2)]
			}
			c.i = r.IntN(2)
			p := float64(c.one) / flipTotal
			if c.i == 0 {
				p = 1 - p
			}
			all, information = append(all, c), information-math.Log2(p)
		case 2:
			c.n = 1 + r.Uint64()>>(32+r.IntN(32))
			c.x = r.Uint64N(c.n)
			all, information = append(all, c), information+math.Log2(float64(c.n))
		}
	}
	return all, information
}

// run makes the calls and returns the first whose result differs, -1 if none.
func run(c coder, all []choice, ask bool) int {
	for k, x := range all {
		i, value := x.i, x.x
		if ask {
			i, value = 0, 0
		}
		switch {
		case x.weights != nil && c.choose(x.weights, x.total, i) != x.i,
			x.one > 0 && c.flip(x.one, i) != x.i,
			x.n > 0 && c.number(x.n, value) != x.x:
			return k
		}
	}
	return -1
}

func TestCoder(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for n := range 400 {
		all, information := choices(r, n)
		var e encoder
		e.begin([]byte("before"))
		run(&e, all, false)
		out := e.end()
		if string(out[:6]) != "before" {
			t.Fatalf("%d choices: what was there became %q", n, out[:6])
		}
		if over := 8*float64(len(out)-6) - information; over > 9 {
			t.Errorf("%d choices: %d bytes, %.1f bits more than their information", n, len(out)-6, over)
		}
		var d decoder
		d.begin(out[6:])
		if k := run(&d, all, true); k >= 0 || d.failed() {
			t.Fatalf("%d choices: number %d is read back wrong, failed %v", n, k, d.failed())
		}
	}
}

// TestCoderCarries codes what makes carries run back over many bytes: the last choices at the upper end of an interval whose code is
// 255, 255...
func TestCoderCarries(t *testing.T) {
	for n := range 40 {
		var all []choice
		all = append(all, choice{n: 2, x: 0})
		for range n {
			all = append(all, choice{n: 256, x: 255})
		}
		all = append(all, choice{n: 3, x: 2}, choice{n: 1 << 32, x: 1<<32 - 1}, choice{one: 1}, choice{one: 1})
		var e encoder
		e.begin(nil)
		run(&e, all, false)
		var d decoder
		d.begin(e.end())
		if k := run(&d, all, true); k >= 0 {
			t.Fatalf("after %d bytes of 255: choice %d is read back wrong", n, k)
		}
	}
}

func FuzzDecoder(f *testing.F) {
	f.Add([]byte{}, uint64(1))
	f.Add([]byte{255, 255, 255, 255, 255, 255, 255, 255, 255}, uint64(2))
	f.Fuzz(func(t *testing.T, code []byte, seed uint64) {
		all, _ := choices(rand.New(rand.NewPCG(seed, 0)), 100)
		var d decoder
		d.begin(code)
		run(&d, all, true) // whatever it reads, it does not fail
	})
}
