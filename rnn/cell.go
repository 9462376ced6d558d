package rnn

import "github.com/seed-f4dd853e/elman/internal/f32"

// A Cell is the recurrence of one layer. It holds settings only; weights, state and activations belong to the caller.
// What the inputs of a layer add to its pre-activations, W x + b, is computed outside, since it needs no order in time.
type Cell interface {
	// Shape says what memory the cell needs.
	Shape() Shape
	// Forward computes the outputs of all time steps from the pre-activations.
	Forward(s *Span)
	// Backward turns the gradient of the outputs into that of the pre-activations. It stops at the window's edge.
	Backward(s *Span)
}

// A Shape is the memory that a cell needs for each hidden unit.
type Shape struct {
	Gates  int  // G, the pre-activations
	Memory bool // it carries c to the next time step, beside h
	// Apart is in how many of the last gates the cell needs to know what inputs and recurrence contribute. Where it is 0, the
	// sum is all that counts, and one bias is enough: that of the recurrence is held at zero, as training both would double
	// their rate; files have it because PyTorch does.
	Apart int
	// InputsOnly says that there are no weights of the recurrence: nothing of the time step before reaches the pre-activations.
	InputsOnly bool
}

// carried returns the floats of state per hidden unit.
func (s Shape) carried() int {
	if s.Memory {
		return 2
	}
	return 1
}

// activations returns how many numbers per hidden unit a window keeps of a row for the gradient, those of recurrentBuffers.
func (s Shape) activations() int {
	n := 2 // y, dy
	if s.Gates > 1 {
		n += s.Gates
	}
	if s.Memory {
		n += 2 // c and its tanh
	}
	if s.Apart > 0 {
		n += s.Gates
	}
	return n
}

// A Span is the part of a window that one worker runs through one layer: all T time steps of streams Lo to Hi-1. Workers
// never meet inside time, since streams do not depend on each other.
type Span struct {
	T, B, H, G int
	Lo, Hi     int
	InputsOnly bool                // there is no Recurrence
	Z          []float32           // [T*B x G*H] pre-activations; on entry what the inputs contribute; Backward finds them as Forward left them
	U          []float32           // [T*B x G*H] room for what the recurrence contributes, if the cell needs that apart
	Y          []float32           // [(T+1)*B x H] outputs; the first B rows are the state before the window
	P          []float32           // [T*B x H] outputs of the time step before, as they go on: Y, or see before
	R          []float32           // [T*B x H] the same as the recurrence reads it: P, or P times Mask
	Mask       []float32           // [B x H] what dropout multiplies it by, or nil
	C          []float32           // [(T+1)*B x H] memory, if the cell has one; the first B rows are the state before the window
	TanhC      []float32           // [T*B x H] room for its tanh, which the way back needs
	Starts     []bool              // [T*B] streams that start anew, or nil
	H0, C0     []float32           // what they start from; nil means zero
	ScaledU    *normalized             // what the recurrence contributes, where a norm is in between; or nil
	ScaledC    *normalized             // memory on its way to the output, likewise
	BiasC      []float32           // what is added to that
	DY         []float32           // [T*B x H] gradient of the outputs; Backward may use it up
	DZ         []float32           // [T*B x G*H] gradient of the pre-activations, what Backward is for; the memory of Z, unless that is Y's
	DU         []float32           // [T*B x G*H] gradient of the recurrence's product: DZ, or if the cell needs that apart U, or ScaledU's own
	DP         []float32           // [T*B x H] room for the gradient of P, which adds to DY; nil where products add to DY themselves
	DS         []float32           // [B x H] room for the gradient that passes to the time step before without a product
	Slope      *StateGradNorms     // what Backward tells of the gradient of states, or nil
	Bias       []float32           // the recurrence's own in the gates apart; the others' is in Z
	Recurrence rhs               // weight_hh [H x G*H]
	Transpose  rhs               // its transpose [G*H x H]
	Input      func(t, lo, hi int) // adds the inputs of time step t to Z, if that was not done before; or nil
}

// rows returns the span's streams at time step t of an array with the given columns.
func (s *Span) rows(x []float32, t, cols int) f32.Matrix {
	return f32.Mat(x[(t*s.B+s.Lo)*cols:], s.Hi-s.Lo, cols)
}

// flat returns the same as one slice: streams of a time step lie side by side.
func (s *Span) flat(x []float32, t, cols int) []float32 {
	return x[(t*s.B+s.Lo)*cols : (t*s.B+s.Hi)*cols]
}

// input waits for what the inputs contribute at time step t.
func (s *Span) input(t int) {
	if s.Input != nil {
		s.Input(t, s.Lo, s.Hi)
	}
}

// recur does what a cell needs of the time step before t: it leaves the outputs as they go on in P, and adds what the
// recurrence makes of them to Z, or leaves it in U if the cell needs that apart.
func (s *Span) recur(t int) {
	before := s.before(t)
	switch {
	case s.InputsOnly:
	case s.ScaledU != nil:
		s.recurNormalized(t, before)
	case s.U != nil:
		s.Recurrence.mulPrefetch(s.rows(s.U, t, s.G*s.H), before, false, s.prefetchForward(t+1))
	default:
		s.Recurrence.mulPrefetch(s.rows(s.Z, t, s.G*s.H), before, true, s.prefetchForward(t+1))
	}
}

// before leaves the outputs of the time step before t in P, H0 where a stream starts anew, and returns what the recurrence
// reads of them.
func (s *Span) before(t int) f32.Matrix {
	if s.Starts != nil {
		copy(s.flat(s.P, t, s.H), s.flat(s.Y, t, s.H))
		s.restart(s.P, t, t, s.H0)
	}
	if s.Mask != nil {
		f32.Multiply(s.flat(s.R, t, s.H), s.flat(s.P, t, s.H), s.flat(s.Mask, 0, s.H))
	}
	return s.rows(s.R, t, s.H)
}

// passBack adds to DY of the time step before t what comes to it through the recurrence, and leaves in DS what comes to it
// beside that: nothing where a stream starts anew.
func (s *Span) passBack(t int) {
	if s.ScaledU != nil {
		s.recurNormalizedBackward(t)
	}
	switch {
	case s.DP != nil:
		s.passBackThroughP(t)
	case t > 0 && !s.InputsOnly:
		s.multiplyBack(t)
	}
	s.restart(s.DS, 0, t, nil)
}

// multiplyBack is the recurrence's part of passBack. Rows of DY where streams start anew wait in P, which is zero there,
// while the product is added to all.
func (s *Span) multiplyBack(t int) {
	for r := range s.starts(t) {
		copy(s.P[r*s.H:][:s.H], s.DY[(r-s.B)*s.H:])
	}
	s.Transpose.mulPrefetch(s.rows(s.DY, t-1, s.H), s.rows(s.DU, t, s.G*s.H), true, s.prefetchBackward(t-1))
	for r := range s.starts(t) {
		p := s.P[r*s.H:][:s.H]
		copy(s.DY[(r-s.B)*s.H:], p)
		clear(p)
	}
}

// passApart is passBack's part where the gradient of P is not added to DY at once: dropout lies between them, or streams
// start from a state that is learned. The gradient of that stays in DP and, if the cell has a memory, in C, where nobody
// looks any more for what a stream started from.
func (s *Span) passBackThroughP(t int) {
	if t == 0 && s.H0 == nil {
		return
	}
	dp := s.flat(s.DP, t, s.H)
	if s.InputsOnly {
		clear(dp)
	} else {
		s.Transpose.mulPrefetch(s.rows(s.DP, t, s.H), s.rows(s.DU, t, s.G*s.H), false, s.prefetchBackward(t-1))
	}
	if s.Mask != nil {
		f32.Multiply(dp, dp, s.flat(s.Mask, 0, s.H))
	}
	for b := s.Lo; b < s.Hi; b++ {
		r := t*s.B + b
		dp, ds := s.DP[r*s.H:][:s.H], s.DS[b*s.H:][:s.H]
		switch {
		case s.Starts == nil || !s.Starts[r]:
			if t > 0 {
				dy := s.DY[(r-s.B)*s.H:][:s.H]
				f32.Add(dy, dy, dp)
			}
		case s.C0 != nil:
			copy(s.C[r*s.H:], ds)
		default:
			f32.Add(dp, dp, ds)
		}
	}
}

// restart sets the rows of time step at of x, [... x H], whose streams start anew at time step t, to what they start from:
// nil is zero.
func (s *Span) restart(x []float32, at, t int, from []float32) {
	for r := range s.starts(t) {
		row := x[(r+(at-t)*s.B)*s.H:][:s.H]
		if from == nil {
			clear(row)
		} else {
			copy(row, from)
		}
	}
}

// prefetchForward returns what Forward reads and writes at time step t, if there is one.
func (s *Span) prefetchForward(t int) (next f32.Prefetch) {
	if t >= s.T {
		return next
	}
	next = f32.Prefetch{s.flat(s.Z, t, s.G*s.H), s.flat(s.Y, t+1, s.H)}
	switch {
	case s.U != nil:
		next[2] = s.flat(s.U, t, s.G*s.H)
	case s.TanhC != nil:
		next[2], next[3] = s.flat(s.C, t+1, s.H), s.flat(s.TanhC, t, s.H)
	}
	return next
}

// prefetchBackward returns what Backward of a cell of several gates reads and writes at time step t, if there is one.
func (s *Span) prefetchBackward(t int) (next f32.Prefetch) {
	if t < 0 || s.G == 1 {
		return next
	}
	next = f32.Prefetch{s.flat(s.Z, t, s.G*s.H), s.flat(s.P, t, s.H)}
	switch {
	case s.U != nil:
		next[2] = s.flat(s.U, t, s.G*s.H)
	case s.TanhC != nil:
		next[1], next[2] = s.flat(s.C, t, s.H), s.flat(s.TanhC, t, s.H)
	}
	if t > 0 {
		next[3] = s.flat(s.DY, t-1, s.H)
	}
	return next
}

// starts yields the rows of time step t whose stream starts anew.
func (s *Span) starts(t int) func(yield func(row int) bool) {
	return func(yield func(row int) bool) {
		if s.Starts == nil {
			return
		}
		for r := t*s.B + s.Lo; r < t*s.B+s.Hi; r++ {
			if s.Starts[r] && !yield(r) {
				return
			}
		}
	}
}

// An rhs is the right-hand side of matrix products: the matrix as it lies for few rows, packed for many.
type rhs struct {
	plain  f32.Matrix
	packed *f32.Packed
}

// mul sets c = a*r, or c += a*r if accumulate.
func (r *rhs) mul(c, a f32.Matrix, accumulate bool) { r.mulPrefetch(c, a, accumulate, f32.Prefetch{}) }

// mulPrefetch is mul that fetches next into the caches meanwhile.
func (r *rhs) mulPrefetch(c, a f32.Matrix, accumulate bool, next f32.Prefetch) {
	if r.packed != nil {
		f32.MulPackedPrefetch(c, a, r.packed, accumulate, next)
	} else {
		f32.Mul(c, a, r.plain, accumulate)
	}
}
