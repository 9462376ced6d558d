package main

import (
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// A gradInput is what update rules do with a gradient first: scale it, check that it is finite, clip it.
type gradInput struct {
	scale     func() vec
	high, low vec
	check     finiteCheck
}

// gradInput prepares the parameters scale and limit, and a check for some bodies in a row. Several are for rules that do not
// divide, which have no time to load the scale again.
func (m *kernels) gradInput(bodies int) gradInput {
	a := m.gradInputUnscaled(bodies)
	if bodies == 1 {
		a.scale = m.parameter("scale")
	} else {
		scale := m.broadcast("scale")
		a.scale = func() vec { return scale }
	}
	return a
}

// gradInputUnscaled is gradInput without a parameter scale.
func (m *kernels) gradInputUnscaled(bodies int) (a gradInput) {
	a.high, a.low = m.limits()
	a.check = m.finiteCheck(bodies)
	return a
}

// apply does so with g.
func (a gradInput) apply(s step, g vec) {
	if a.scale != nil {
		mul(g, g, a.scale())
	}
	a.check.see(s, g)
	less(g, a.high, g)
	more(g, a.low, g)
}

// flushing returns what sets lanes without exponent, which hold zeros and denormals, to +0.
func (m *kernels) flushing() func(v vec) {
	exponent := m.spareBits("exponent", 0xff<<23)
	return func(v vec) {
		if m.parts == 1 {
			k := K()
			VPTESTMD(exponent[0], v[0], k)
			VMOVAPS_Z(v[0], k, v[0])
			return
		}
		zero := YMM()
		VPXOR(zero, zero, zero)
		for i := range v {
			t := YMM()
			VPAND(exponent[i], v[i], t)
			VPCMPEQD(zero, t, t)
			VPANDN(v[i], t, v[i])
		}
	}
}

func (m *kernels) updates() {
	m.sgd()
	m.sgdOuter()
	m.momentum("momentum", false)
	m.momentum("nesterov", true)
	m.average()
	m.adagrad()
	m.rmsprop()
	m.rmspropMomentum()
	m.adam()
}

func (m *kernels) sgd() {
	m.begin("sgd", "(w, grad []float32, lr, scale, limit float32) bool", "is sgdGeneric in assembly.")
	n, p := slice("w", "grad")
	lr := m.broadcast("lr")
	a := m.gradInput(m.chains())
	m.loop(n, a.check.width(), func(s step) {
		g, w := s.load(p[1]), s.load(p[0])
		a.apply(s, g)
		subMul(w, lr, g)
		s.store(w, p[0])
	})
	a.check.report()
	m.End()
}

// The last row first: the product that read the weights before ended there, and the next one begins where this ends, so
// that more of them are still in the first-level cache (128 x 128, a product and an update: 1.9 to 1.6 us).
func (m *kernels) sgdOuter() {
	m.begin("sgdOuter", "(w, a, b []float32, lr, limit float32) bool", "is sgdOuterGeneric in assembly.")
	lr := m.broadcast("lr")
	zero := m.zero()
	input := m.gradInputUnscaled(m.chains())
	cols, b := GP64(), Load(Param("b").Base(), GP64())
	Load(Param("b").Len(), cols)
	rows, row, w := GP64(), Load(Param("a").Base(), GP64()), Load(Param("w").Base(), GP64())
	Load(Param("a").Len(), rows)
	LEAQ(operand.Mem{Base: row, Index: rows, Scale: 4}, row)
	end := GP64()
	MOVQ(cols, end)
	IMULQ(rows, end)
	LEAQ(operand.Mem{Base: w, Index: end, Scale: 4}, w)
	stride := GP64()
	MOVQ(cols, stride)
	SHLQ(operand.Imm(2), stride)
	nextRow := m.label("row")
	Label(nextRow)
	a := m.same()
	SUBQ(operand.Imm(4), row)
	VBROADCASTSS(operand.Mem{Base: row}, a[0])
	SUBQ(stride, w)
	n := GP64()
	MOVQ(cols, n)
	m.loop(n, input.check.width(), func(s step) {
		g, weights := s.load(b), s.load(w)
		mulAdd(g, a, zero)
		input.apply(s, g)
		subMul(weights, lr, g)
		s.store(weights, w)
	})
	DECQ(rows)
	JNE(operand.LabelRef(nextRow))
	input.check.report()
	m.End()
}

// momentum emits Momentum, or Nesterov if it looks ahead.
func (m *kernels) momentum(name string, ahead bool) {
	m.begin(name, "(w, v, grad []float32, lr, mu, scale, limit float32) bool", "is "+name+"Generic in assembly.")
	n, p := slice("w", "v", "grad")
	lr, mu := m.broadcast("lr"), m.broadcast("mu")
	flush := m.flushing()
	a := m.gradInput(m.chains())
	m.loop(n, a.check.width(), func(s step) {
		g, v := s.load(p[2]), s.load(p[1])
		a.apply(s, g)
		mulAdd(v, mu, g)
		flush(v)
		push := v
		if ahead {
			addMul(g, mu, v)
			push = g
		}
		s.store(v, p[1])
		w := s.load(p[0])
		subMul(w, lr, push)
		s.store(w, p[0])
	})
	a.check.report()
	m.End()
}

func (m *kernels) average() {
	m.begin("average", "(a, w []float32, share float32)", "is averageGeneric in assembly.")
	n, p := slice("a", "w")
	share := m.broadcast("share")
	m.loop(n, unroll, func(s step) {
		a, w := s.load(p[0]), s.load(p[1])
		sub(w, w, a)
		addMul(a, share, w)
		s.store(a, p[0])
	})
	m.End()
}

func (m *kernels) adagrad() {
	m.begin("adagrad", "(w, sum, grad []float32, lr, eps, scale, limit float32) bool", "is adagradGeneric in assembly.")
	n, p := slice("w", "sum", "grad")
	lr, eps := m.broadcast("lr"), m.broadcast("eps")
	a := m.gradInput(m.chains())
	m.loop(n, a.check.width(), func(s step) {
		g, sum := s.load(p[2]), s.load(p[1])
		a.apply(s, g)
		addMul(sum, g, g)
		s.store(sum, p[1])
		add(sum, sum, eps)
		root(sum, sum)
		mul(g, g, lr)
		div(g, g, sum)
		w := s.load(p[0])
		sub(w, w, g)
		s.store(w, p[0])
	})
	a.check.report()
	m.End()
}

// A mean is a running mean of squares: the parameters of its two shares.
type mean struct {
	keep, rest func() vec
	flush      func(vec)
}

// update sets the elements at base to keep*mean + (rest*g)*g and returns them.
func (q mean) update(s step, base reg.Register, g vec) vec {
	t := s.m.vec()
	mul(t, g, q.rest())
	mul(t, t, g)
	v := s.load(base)
	mulAdd(v, q.keep(), t)
	q.flush(v)
	s.store(v, base)
	return v
}

func (m *kernels) rmsprop() {
	m.begin("rmsprop", "(w, square, grad []float32, rate, alpha, rest, eps, scale, limit float32) bool", "is rmspropGeneric in assembly.")
	n, p := slice("w", "square", "grad")
	rate, eps := m.parameter("rate"), m.parameter("eps")
	flush := m.flushing()
	square := mean{m.parameter("alpha"), m.parameter("rest"), flush}
	a := m.gradInput(1)
	m.loop(n, a.check.width(), func(s step) {
		g := s.load(p[2])
		a.apply(s, g)
		v := square.update(s, p[1], g)
		root(v, v)
		add(v, v, eps())
		mul(g, g, rate())
		div(g, g, v)
		w := s.load(p[0])
		sub(w, w, g)
		s.store(w, p[0])
	})
	a.check.report()
	m.End()
}

func (m *kernels) rmspropMomentum() {
	m.begin("rmspropMomentum", "(w, square, v, grad []float32, rate, alpha, rest, eps, mu, scale, limit float32) bool",
		"is rmspropMomentumGeneric in assembly.")
	n, p := slice("w", "square", "v", "grad")
	rate, eps, mu := m.parameter("rate"), m.parameter("eps"), m.parameter("mu")
	flush := m.flushing()
	square := mean{m.parameter("alpha"), m.parameter("rest"), flush}
	a := m.gradInput(1)
	m.loop(n, a.check.width(), func(s step) {
		g := s.load(p[3])
		a.apply(s, g)
		r := square.update(s, p[1], g)
		root(r, r)
		add(r, r, eps())
		div(g, g, r)
		v := s.load(p[2])
		mulAdd(v, mu(), g)
		flush(v)
		s.store(v, p[2])
		w := s.load(p[0])
		subMul(w, rate(), v)
		s.store(w, p[0])
	})
	a.check.report()
	m.End()
}

func (m *kernels) adam() {
	m.begin("adam", "(w, mean, square, grad []float32, rate, root, keep, beta1, rest1, beta2, rest2, eps, scale, limit float32) bool",
		"is adamGeneric in assembly.")
	n, p := slice("w", "mean", "square", "grad")
	rate, correct, keep, eps := m.parameter("rate"), m.parameter("root"), m.parameter("keep"), m.parameter("eps")
	beta1, rest1 := m.parameter("beta1"), m.parameter("rest1")
	flush := m.flushing()
	square := mean{m.parameter("beta2"), m.parameter("rest2"), flush}
	a := m.gradInput(1)
	m.loop(n, a.check.width(), func(s step) {
		g := s.load(p[3])
		a.apply(s, g)
		v := square.update(s, p[2], g)
		mul(g, g, rest1())
		mean := s.load(p[1])
		mulAdd(mean, beta1(), g)
		flush(mean)
		s.store(mean, p[1])
		root(v, v)
		mulAdd(v, correct(), eps())
		mul(mean, mean, rate())
		div(mean, mean, v)
		w := s.load(p[0])
		mulSub(w, keep(), mean)
		s.store(w, p[0])
	})
	a.check.report()
	m.End()
}
