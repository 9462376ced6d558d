package rnn

import (
	"slices"

	"github.com/seed-f4dd853e/elman/internal/f32"
)

// A layerBuffers holds the arrays of a recurrent layer in a window. Several of them may share memory: each says with which.
type layerBuffers struct {
	B, H, G int
	fwd     forwardBuffers
	grad    gradientBuffers
	drop    recurrentDropout
	start   startBuffers
	norm    normBuffers
}

// forwardBuffers are what the forward pass makes.
type forwardBuffers struct {
	y    []float32 // [(T+1)*B x H] outputs; the first B rows are the state before the window
	prev []float32 // [T*B x H] outputs of the time step before: y, or where streams may restart a copy with h0 in those rows
	// z is [T*B x G*H]: what the inputs contribute to the pre-activations, then these, then the gates. With a single
	// pre-activation for each output it lies in the memory of y, whose place the output takes.
	z         []float32
	symbols   *symbolGates // gates by symbol in place of z, whose gradient has no room either; or nil
	u         []float32    // [T*B x G*H] what the recurrence contributes, where the cell needs that apart; else nil
	c         []float32    // [(T+1)*B x H] memory, if the cell has one; the first B rows are the state before the window
	tanhC     []float32    // [T*B x H] its tanh; nil without memory
	bias      []float32    // [G*H] what every pre-activation starts from
	splitBias []float32    // the recurrence's own bias in the split gates; that of the others is part of bias
	// forgets says that no gradient follows: prev, u, c and tanhC have one time step, which the next one overwrites, and so
	// has z if forgetsZ. (Where a window keeps 32 rows of an LSTM of 256 units in memory for 16 time steps, they take a tenth
	// longer.)
	forgets, forgetsZ bool
	weight            rhs // weight_hh, [H x G*H]; none where the cell has no recurrence
}

// gradientBuffers are what the backward pass makes, nil before the first gradient.
type gradientBuffers struct {
	dy    []float32 // [T*B x H] gradient of the outputs, which backward may use up
	dz    []float32 // [T*B x G*H] gradient of the pre-activations, in the memory of z or, where that is y's, of dy
	du    []float32 // [T*B x G*H] gradient of the recurrence's product: dz, or u's memory where there is one, or a norm's own
	dw    []float32 // [T*B x G*H] gradient of the inputs' product: dz, or a norm's own
	dprev []float32 // [T*B x H] gradient of prev, where it does not add to dy at once; or nil
	carry []float32 // [B x H] gradient that passes to the time step before without a product
	// transpose is that of weight_hh, [G*H x H]; none where no gradient passes through it.
	transpose rhs
}

// recurrentDropout is what the recurrence reads in place of prev while dropout is on.
type recurrentDropout struct {
	on     bool      // in the call at hand
	mask   []float32 // [B x H], or nil
	masked []float32 // [T*B x H] prev times mask, or nil
}

// startBuffers say which streams restart and from what.
type startBuffers struct {
	marks  []bool    // [T*B], or nil
	h0, c0 []float32 // [H], nil means zero
}

// normBuffers are the norms within the cell, nil where there are none.
type normBuffers struct {
	inputs, recurrence, memory *normalized
	memoryBias                 []float32
}

// A span is the part of a window that one worker runs through one layer: T time steps of streams lo to hi-1. Workers never
// meet inside time, since streams do not depend on each other.
type span struct {
	*layerBuffers
	T, lo, hi int
	before    []float32 // outputs of the time step before the one at hand, as streams go on
}

// kept returns where time step t lies in arrays of which a window may keep one time step.
func (s *span) kept(t int) int {
	if s.fwd.forgets {
		return 0
	}
	return t
}

// z returns the pre-activations of time step t.
func (s *span) z(t int) []float32 {
	if s.fwd.forgetsZ {
		t = 0
	}
	return s.flat(s.fwd.z, t, s.G*s.H)
}

// u returns what the recurrence contributes to those, where the cell needs that apart.
func (s *span) u(t int) []float32 { return s.flat(s.fwd.u, s.kept(t), s.G*s.H) }

// mat returns rows of the span's streams as a matrix.
func (s *span) mat(x []float32, cols int) f32.Matrix { return f32.Mat(x, s.hi-s.lo, cols) }

// rows returns the span's streams at time step t of an array with the given columns.
func (s *span) rows(x []float32, t, cols int) f32.Matrix {
	return f32.Mat(x[(t*s.B+s.lo)*cols:], s.hi-s.lo, cols)
}

// flat returns the same as one slice: streams of a time step lie side by side.
func (s *span) flat(x []float32, t, cols int) []float32 {
	return x[(t*s.B+s.lo)*cols : (t*s.B+s.hi)*cols]
}

// carry returns the gradient that passes to the time step before without a product.
func (s *span) carry() []float32 { return s.flat(s.grad.carry, 0, s.H) }

// recur does what a cell needs of the time step before t: it leaves its outputs, as streams go on, in prev, and adds what the
// recurrence makes of them to z, or leaves that in u if the cell needs it apart.
func (s *span) recur(t int) {
	prev := s.prev(t)
	if s.fwd.c != nil {
		s.restart(s.fwd.c, s.kept(t), t, s.start.c0) // for good: nobody else reads the memory that a stream leaves
	}
	switch {
	case s.fwd.weight.none():
	case s.norm.recurrence != nil:
		s.recurNormalized(t, prev)
	case s.fwd.u != nil:
		s.fwd.weight.mulPrefetch(s.mat(s.u(t), s.G*s.H), prev, false, s.prefetchForward(t+1))
	default:
		s.fwd.weight.mulPrefetch(s.mat(s.z(t), s.G*s.H), prev, true, s.prefetchForward(t+1))
	}
}

// prev sets before, and returns what the recurrence reads of it. Streams that restart have h0 there, so that it is a copy in
// fwd.prev; but where no gradient follows, only if there are such streams.
func (s *span) prev(t int) f32.Matrix {
	s.before = s.flat(s.fwd.y, t, s.H)
	if s.start.marks != nil && (!s.fwd.forgets || slices.Contains(s.start.marks[t*s.B+s.lo:t*s.B+s.hi], true)) {
		prev := s.flat(s.fwd.prev, s.kept(t), s.H)
		copy(prev, s.before)
		s.before = prev
		s.restart(s.fwd.prev, s.kept(t), t, s.start.h0)
	}
	if !s.drop.on {
		return s.mat(s.before, s.H)
	}
	f32.Multiply(s.flat(s.drop.masked, t, s.H), s.before, s.flat(s.drop.mask, 0, s.H))
	return s.rows(s.drop.masked, t, s.H)
}

// passBack adds to dy of the time step before t what comes to it through the recurrence. carry becomes 0 where a stream
// restarts.
func (s *span) passBack(t int) {
	if s.norm.recurrence != nil {
		s.recurNormalizedBackward(t)
	}
	switch {
	case s.grad.dprev != nil:
		s.passBackThroughPrev(t)
	case t > 0 && !s.fwd.weight.none():
		s.multiplyBack(t)
	}
	s.restart(s.grad.carry, 0, t, nil)
}

// multiplyBack is the recurrence's part of passBack. Rows of dy where streams restart wait in prev, which is zero there,
// while the product is added to all.
func (s *span) multiplyBack(t int) {
	for r := range s.starts(t) {
		copy(s.fwd.prev[r*s.H:][:s.H], s.grad.dy[(r-s.B)*s.H:])
	}
	s.grad.transpose.mulPrefetch(s.rows(s.grad.dy, t-1, s.H), s.rows(s.grad.du, t, s.G*s.H), true, s.prefetchBackward(t-1))
	for r := range s.starts(t) {
		p := s.fwd.prev[r*s.H:][:s.H]
		copy(s.grad.dy[(r-s.B)*s.H:], p)
		clear(p)
	}
}

// passBackThroughPrev is the recurrence's part of passBack where the gradient of prev does not add to dy at once: dropout lies
// between them, or streams start from a state that is learned. The gradient of that state stays in dprev and, if the cell has
// a memory, in c, where nobody reads any more what a stream started from.
func (s *span) passBackThroughPrev(t int) {
	if t == 0 && s.start.h0 == nil {
		return
	}
	dprev := s.flat(s.grad.dprev, t, s.H)
	if s.fwd.weight.none() {
		clear(dprev)
	} else {
		s.grad.transpose.mulPrefetch(s.rows(s.grad.dprev, t, s.H), s.rows(s.grad.du, t, s.G*s.H), false, s.prefetchBackward(t-1))
	}
	if s.drop.on {
		f32.Multiply(dprev, dprev, s.flat(s.drop.mask, 0, s.H))
	}
	for b := s.lo; b < s.hi; b++ {
		r := t*s.B + b
		dprev, carry := s.grad.dprev[r*s.H:][:s.H], s.grad.carry[b*s.H:][:s.H]
		switch {
		case s.start.marks == nil || !s.start.marks[r]:
			if t > 0 {
				dy := s.grad.dy[(r-s.B)*s.H:][:s.H]
				f32.Add(dy, dy, dprev)
			}
		case s.start.c0 != nil:
			copy(s.fwd.c[r*s.H:], carry)
		default:
			f32.Add(dprev, dprev, carry)
		}
	}
}

// restart sets the rows of time step at of x, [... x H], whose streams restart at time step t, to what they start from:
// nil is zero.
func (s *span) restart(x []float32, at, t int, from []float32) {
	for r := range s.starts(t) {
		row := x[(r+(at-t)*s.B)*s.H:][:s.H]
		if from == nil {
			clear(row)
		} else {
			copy(row, from)
		}
	}
}

// starts yields the rows of time step t whose stream restarts.
func (s *span) starts(t int) func(yield func(row int) bool) {
	return func(yield func(row int) bool) {
		if s.start.marks == nil {
			return
		}
		for r := t*s.B + s.lo; r < t*s.B+s.hi; r++ {
			if s.start.marks[r] && !yield(r) {
				return
			}
		}
	}
}

// prefetchForward returns what the forward pass reads and writes at time step t, if there is one.
func (s *span) prefetchForward(t int) (next f32.Prefetch) {
	switch {
	case t >= s.T:
		return next
	case s.fwd.forgets:
		if next[0] = s.flat(s.fwd.y, t+1, s.H); !s.fwd.forgetsZ {
			next[1] = s.z(t)
		}
		return next
	}
	next = f32.Prefetch{s.flat(s.fwd.z, t, s.G*s.H), s.flat(s.fwd.y, t+1, s.H)}
	switch {
	case s.fwd.u != nil:
		next[2] = s.flat(s.fwd.u, t, s.G*s.H)
	case s.fwd.tanhC != nil:
		next[2], next[3] = s.flat(s.fwd.c, t+1, s.H), s.flat(s.fwd.tanhC, t, s.H)
	}
	return next
}

// prefetchBackward returns what the backward pass of a cell of several gates reads and writes at time step t, if there is
// one.
func (s *span) prefetchBackward(t int) (next f32.Prefetch) {
	if t < 0 || s.G == 1 {
		return next
	}
	next = f32.Prefetch{s.flat(s.fwd.z, t, s.G*s.H), s.flat(s.fwd.prev, t, s.H)}
	switch {
	case s.fwd.u != nil:
		next[2] = s.flat(s.fwd.u, t, s.G*s.H)
	case s.fwd.tanhC != nil:
		next[1], next[2] = s.flat(s.fwd.c, t, s.H), s.flat(s.fwd.tanhC, t, s.H)
	}
	if t > 0 {
		next[3] = s.flat(s.grad.dy, t-1, s.H)
	}
	return next
}
