package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/reg"

	"github.com/seed-f4dd853e/elman/internal/f32/_asm/machine"
)

// The sequences below are those of functions_generic.go, statement by statement; the comments give its names.

func (m *kernels) functions() {
	m.mapping("sigmoid", m.sigmoid)
	m.mapping("tanh", m.tanh)
	m.log1()
	m.mapping("relu", func() func(x vec) vec {
		zero := m.zero()
		return func(x vec) vec {
			more(x, zero, x)
			return x
		}
	})
}

// mapping emits a function dst[i] = f(x[i]). prepare loads the constants.
func (m *kernels) mapping(name string, prepare func() func(x vec) vec) {
	m.begin(name, "(dst, x []float32)", "is "+name+"Generic in assembly.")
	n, p := slice("dst", "x")
	f := prepare()
	m.loop(n, 1, func(s step) { s.store(f(s.load(p[1])), p[0]) })
	m.End()
}

// log1 takes one number, and computes in all lanes.
func (m *kernels) log1() {
	m.begin("log1", "(x float32) float32", "is log1 in assembly.")
	f := m.log()
	x := m.vec()
	for _, r := range x {
		VBROADCASTSS(machine.Located(Param("x")), r)
	}
	result(f(x)[0].(reg.VecVirtual).AsX())
	m.End()
}

// exponential holds the constants of reduceExp and exp1 below its upper clamp.
type exponential struct {
	m                          *kernels
	log2e, shift, ln2Hi, ln2Lo vec
	c7, c6, c5, c4, c3, c2     vec
	lowest                     vec
}

func (m *kernels) reduction(bias float32) exponential {
	return exponential{
		m:     m,
		log2e: m.float("log2e", 0x1.715476p+0),
		shift: m.float(fmt.Sprintf("shifter%v", bias), 0x1.8p23+bias),
		ln2Hi: m.spare("ln2Hi", 0x1.62e43p-1),
		ln2Lo: m.spare("ln2Lo", -0x1.05c61p-29),
		c7:    m.spare("expm1C7", 0x1.9c5062p-13),
		c6:    m.spare("expm1C6", 0x1.6d4c12p-10),
		c5:    m.spare("expm1C5", 0x1.1113acp-7),
		c4:    m.spare("expm1C4", 0x1.5554eap-5),
		c3:    m.spare("expm1C3", 0x1.555554p-3),
		c2:    m.spare("expm1C2", 0.5),
	}
}

func (m *kernels) exponential() exponential {
	e := m.reduction(2 * 127)
	e.lowest = m.float("expMin", -104)
	return e
}

// reduce returns p = e^r - 1 and k, the bits of n + shift. It uses x up.
func (e exponential) reduce(x vec) (p, k vec) {
	m := e.m
	k, p = m.vec(), m.vec()
	n := m.vec()
	move(k, x)
	mulAdd(k, e.log2e, e.shift) // t
	sub(n, k, e.shift)
	subMul(x, n, e.ln2Hi)
	subMul(x, n, e.ln2Lo) // r
	move(p, e.c7)
	mulAdd(p, x, e.c6)
	mulAdd(p, x, e.c5)
	mulAdd(p, x, e.c4)
	mulAdd(p, x, e.c3)
	mulAdd(p, x, e.c2)
	square := m.vec()
	mul(square, x, x)
	mulAdd(p, square, x)
	return p, k
}

// exp is exp1 for x no greater than expMax. It uses x up.
func (e exponential) exp(x vec) vec {
	more(x, e.lowest, x)
	p, k := e.reduce(x)
	half := e.m.vec()
	shiftRight(half, k, 1)
	subInts(k, k, half)
	shiftLeft(half, half, 23)
	shiftLeft(k, k, 23)
	mulAdd(p, half, half)
	mul(p, p, k)
	return p
}

func (m *kernels) sigmoid() func(x vec) vec {
	e := m.exponential()
	sign := m.spareBits("signBits", 1<<31)
	one := m.float("one", 1)
	return func(x vec) vec {
		a, low := m.vec(), m.negative(x)
		or(a, x, sign)
		a = e.exp(a)
		y := m.vec()
		add(y, a, one)
		m.choose(a, low, a, one) // top
		div(a, a, y)
		return a
	}
}

func (m *kernels) tanh() func(x vec) vec {
	e := m.reduction(127)
	sign := m.bits("signBits", 1<<31)
	lowest := m.float("tanhMin", -20)
	one := m.spare("one", 1)
	two := m.spare("two", 2)
	return func(x vec) vec {
		y := m.vec()
		or(y, x, sign)
		add(y, y, y)
		more(y, lowest, y)
		p, s := e.reduce(y)
		shiftLeft(s, s, 23)
		less1 := m.vec()
		sub(less1, s, one)
		mulAdd(p, s, less1) // m
		z := m.vec()
		add(z, p, two)
		div(z, p, z)
		m.copySign(z, x, sign)
		return z
	}
}

func (m *kernels) log() func(x vec) vec {
	one := m.float("one", 1)
	smallest := m.spare("smallestNormal", 0x1p-126)
	scaleUp := m.spare("scaleUp", 0x1p23)
	offsetDown := m.spare("offsetDown", -23)
	twoThirds := m.spareBits("twoThirdsBits", 0x3f2aaaab)
	shift := m.spare("shifter", 0x1.8p23)
	ln2 := m.spare("ln2Hi", 0x1.62e43p-1)
	largest := m.spare("largest", 0x1.fffffep127)
	nan := m.spareBits("nan", 0x7fc00000)
	minusInf := m.spareBits("minusInf", 0xff800000)
	zero := m.zero()
	c10 := m.spare("logC10", -0x1.0925p-3)
	var rest []vec
	for _, c := range []struct {
		name  string
		value float32
	}{
		{"logC9", 0x1.1e90f8p-3},
		{"logC8", -0x1.f29a4ap-4},
		{"logC7", 0x1.1ecf92p-3},
		{"logC6", -0x1.55a192p-3},
		{"logC5", 0x1.99d088p-3},
		{"logC4", -0x1.fffedep-3},
		{"logC3", 0x1.555506p-2},
		{"logC2", -0.5},
	} {
		rest = append(rest, m.spare(c.name, c.value))
	}
	return func(x vec) vec {
		f, n, q := m.vec(), m.vec(), m.vec()
		small := m.compare(below, x, smallest)
		m.choose(f, small, scaleUp, one)
		mul(f, f, x) // u
		m.choose(q, small, offsetDown, zero)
		subInts(n, f, twoThirds)
		shiftRightSigned(n, n, 23) // k
		scaled := m.vec()
		shiftLeft(scaled, n, 23)
		subInts(f, f, scaled)
		sub(f, f, one)
		addInts(n, n, shift)
		sub(n, n, shift)
		add(n, n, q) // + offset
		move(q, c10)
		for _, c := range rest {
			mulAdd(q, f, c)
		}
		square := m.vec()
		mul(square, f, f)
		mulAdd(q, square, f)
		addMul(q, n, ln2)
		m.choose(q, m.compare(notAtMost, x, largest), x, q)
		m.choose(q, m.compare(equal, x, zero), minusInf, q)
		m.choose(q, m.compare(below, x, zero), nan, q)
		return q
	}
}
