package wasm

import "math"

// The function that returns a*b + c rounded once, in float64 arithmetic, follows f32.FMA. The product p of two float32s is exact
// in float64, so that the sum s = p + c is rounded there and again to float32. That goes wrong in two cases alone: s lies
// between two float32s or is below 2^-126.

// multiplyAddSignature is (a, b, c) to a vector.
var multiplyAddSignature = signature{string([]byte{byte(v128), byte(v128), byte(v128)}), string(rune(v128))}

const a, b, c = 0, 1, 2 // its parameters

// half pushes two lanes as float64s.
func (f *function) half(x, half int) {
	f.get(x)
	if half == 1 {
		f.get(x)
		f.shuffle(2, 3, 0, 1)
	}
	f.op(f64x2PromoteF32x4)
}

// multiplyAdd returns the function, which leaves the two cases to another.
func multiplyAdd() *function {
	f := &function{signature: multiplyAddSignature}
	s := [2]int{f.local(v128), f.local(v128)}
	for half, sum := range s {
		f.half(a, half)
		f.half(b, half)
		f.op(f64x2Mul)
		f.half(c, half)
		f.op(f64x2Add)
		f.tee(sum)
		f.bothLanes64(1<<29 - 1)
		f.op(v128And)
		f.bothLanes64(1 << 28)
		f.op(i64x2Eq)
		f.get(sum)
		f.op(f64x2Abs)
		f.bothLanes64(math.Float64bits(0x1p-126))
		f.op(f64x2Lt)
		f.get(sum)
		f.bothLanes64(0)
		f.op(f64x2Ne)
		f.op(v128And)
		f.op(v128Or)
		if half == 1 {
			f.op(v128Or)
		}
	}
	f.op(v128AnyTrue)
	f.op(ifThen, noValue)
	f.get(a)
	f.get(b)
	f.get(c)
	f.number(call, oddMultiplyAddIndex)
	f.op(ret)
	f.op(end)
	for _, sum := range s {
		f.get(sum)
		f.op(f32x4DemoteF64x2)
	}
	f.shuffle(0, 1, 4, 5)
	return f
}

// oddMultiplyAdd is multiplyAdd for all cases, without a branch. Rounding s to odd keeps the second rounding right (Boldo and
// Melquiond 2008): it is cut off towards zero, with the last bit set if anything was lost. TwoSum (Knuth) finds what the sum
// lost: its sign says whether s lies beyond the exact sum.
func oddMultiplyAdd() *function {
	f := &function{signature: multiplyAddSignature}
	halves := [2]int{f.local(v128), f.local(v128)}
	p, d, s, t := f.local(v128), f.local(v128), f.local(v128), f.local(v128)
	for half, out := range halves {
		f.half(a, half)
		f.half(b, half)
		f.op(f64x2Mul)
		f.tee(p)
		f.half(c, half)
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
