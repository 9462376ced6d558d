package main

import (
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
)

// Operations on 16 lanes set dst from a and b; only b may be memory.
var (
	add     = lanewise(VADDPS)
	sub     = lanewise(VSUBPS)
	mul     = lanewise(VMULPS)
	div     = lanewise(VDIVPS)
	addInts = lanewise(VPADDD)
	subInts = lanewise(VPSUBD)
	and     = lanewise(VANDPS)
	andNot  = lanewise(VANDNPS) // ^a & b
	or      = lanewise(VORPS)

	// less sets dst = b > a ? a : b, which is b if either is NaN: the Go statement "if b > a { b = a }".
	less = lanewise(VMINPS)
	// more sets dst = b < a ? a : b, which is b if either is NaN: "if b < a { b = a }".
	more = lanewise(VMAXPS)

	// mulAdd sets x = x*y + z, mulSub x = x*y - z, addMul x = x + y*z, subMul x = x - y*z, in one rounding; z may be memory.
	mulAdd = lanewise(VFMADD213PS)
	mulSub = lanewise(VFMSUB213PS)
	addMul = lanewise(VFMADD231PS)
	subMul = lanewise(VFNMADD231PS)
)

func lanewise(op func(...operand.Op)) func(dst, a, b vec) {
	return func(dst, a, b vec) {
		for i := range dst {
			op(b[i], a[i], dst[i])
		}
		operationDone()
	}
}

func move(dst, a vec) {
	for i := range dst {
		VMOVAPS(a[i], dst[i])
	}
	operationDone()
}

func root(dst, a vec) {
	for i := range dst {
		VSQRTPS(a[i], dst[i])
	}
}

func shiftLeft(dst, a vec, by int) {
	for i := range dst {
		VPSLLD(operand.Imm(uint64(by)), a[i], dst[i])
	}
	operationDone()
}

func shiftRight(dst, a vec, by int) {
	for i := range dst {
		VPSRLD(operand.Imm(uint64(by)), a[i], dst[i])
	}
	operationDone()
}

func shiftRightSigned(dst, a vec, by int) {
	for i := range dst {
		VPSRAD(operand.Imm(uint64(by)), a[i], dst[i])
	}
}

// A comparison of VCMPPS, false where a side is NaN but for unordered.
type comparison uint8

const (
	equal     comparison = 0x00
	below     comparison = 0x11
	unordered comparison = 0x03
	above     comparison = 0x1e
	notAtMost comparison = 0x16 // true for NaN
)

// A choice is one bit per lane: a mask register, or the sign bits of a vector.
type choice vec

// compare returns where "a op b"; b may be memory.
func (m *kernels) compare(op comparison, a, b vec) choice {
	c := make(choice, len(a))
	for i := range c {
		if m.parts == 1 {
			c[i] = K()
		} else {
			c[i] = YMM()
		}
		VCMPPS(operand.Imm(uint64(op)), b[i], a[i], c[i])
	}
	return c
}

// negative returns where the sign bit of a is set.
func (m *kernels) negative(a vec) choice {
	if m.parts > 1 {
		return choice(a)
	}
	k := K()
	VPMOVD2M(a[0], k)
	return choice{k}
}

// choose sets dst = c ? yes : no; yes may be memory.
func (m *kernels) choose(dst vec, c choice, yes, no vec) {
	for i := range dst {
		if m.parts == 1 {
			VBLENDMPS(yes[i], no[i], c[i], dst[i])
		} else {
			VBLENDVPS(c[i], yes[i], no[i], dst[i])
		}
	}
}

// copySign gives z the sign of x, which it may use up; sign holds sign bits alone.
func (m *kernels) copySign(z, x, sign vec) {
	if m.parts == 1 {
		const bitsOfXWhereSign = 0xd8 // the truth table of sign ? x : z
		VPTERNLOGD(operand.Imm(bitsOfXWhereSign), sign[0], x[0], z[0])
		return
	}
	andNot(z, sign, z)
	and(x, x, sign)
	or(z, z, x)
}
