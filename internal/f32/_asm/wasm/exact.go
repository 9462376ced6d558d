package wasm

// exactMultiplyAdd is a function that returns a*b + c rounded once, in float64 arithmetic and without a branch.
//
// The product p of two float32s is exact in float64, so that the sum s = p + c is rounded there and again to float32. It is
// right if s is rounded to odd (Boldo and Melquiond 2008): cut off towards zero, with the last bit set if anything was
// lost. TwoSum (Knuth) finds what the sum lost: its sign says whether s lies beyond the exact sum.
func exactMultiplyAdd() *function {
	v := string(rune(v128))
	f := &function{signature: signature{v + v + v, v}}
	a, b, c := 0, 1, 2
	halves := [2]int{f.local(v128), f.local(v128)}
	p, d, s, t := f.local(v128), f.local(v128), f.local(v128), f.local(v128)
	for half, out := range halves {
		float64s := func(x int) {
			f.get(x)
			if half == 1 {
				f.get(x)
				f.shuffle(2, 3, 0, 1)
			}
			f.op(f64x2PromoteF32x4)
		}
		float64s(a)
		float64s(b)
		f.op(f64x2Mul)
		f.tee(p)
		float64s(c)
		f.tee(d)
		f.op(f64x2Add)
		f.set(s)
		// rest = (p - (s - t)) + (d - t) where t = s - p
		f.get(p)
		f.get(s)
		f.get(s)
		f.get(p)
		f.op(f64x2Sub)
		f.tee(t)
		f.op(f64x2Sub)
		f.op(f64x2Sub)
		f.get(d)
		f.get(t)
		f.op(f64x2Sub)
		f.op(f64x2Add)
		f.tee(t)
		// -1 where rest has the other sign than s and is not 0: false for the NaN beside an infinite s
		f.get(s)
		f.op(v128Xor)
		f.bothLanes64(0)
		f.op(i64x2LtS)
		f.get(t)
		f.op(f64x2Abs)
		f.bothLanes64(0)
		f.op(f64x2Gt)
		f.tee(t)
		f.op(v128And)
		f.get(s)
		f.op(i64x2Add)
		f.get(t)
		f.bothLanes64(1)
		f.op(v128And)
		f.op(v128Or)
		f.op(f32x4DemoteF64x2)
		f.set(out)
	}
	f.get(halves[0])
	f.get(halves[1])
	f.shuffle(0, 1, 4, 5)
	return f
}
