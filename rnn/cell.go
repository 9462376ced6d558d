package rnn

import "github.com/seed-f4dd853e/elman/internal/f32"

// A Cell is the recurrence of one layer. It holds settings only; weights, state and activations belong to the caller.
// What the inputs of a layer add to its pre-activations, W x + b, is computed outside, since it needs no order in time.
type Cell interface {
	// Gates returns G, the pre-activations per hidden unit.
	Gates() int
	// OneBias says that the biases of input and recurrence only ever occur as a sum. Then the second is held at zero, as
	// training both would double their rate; files have it because PyTorch does.
	OneBias() bool
	// Forward computes the outputs of all time steps from the pre-activations.
	Forward(s *Span)
	// Backward turns the gradient of the outputs into that of the pre-activations. It stops at the window's edge.
	Backward(s *Span)
}

// A Span is the part of a window that one worker runs through one layer: all T time steps of streams Lo to Hi-1. Workers
// never meet inside time, since streams do not depend on each other.
type Span struct {
	T, B, H, G int
	Lo, Hi     int
	Z          []float32           // [T*B x G*H] pre-activations; on entry what the inputs contribute
	Y          []float32           // [(T+1)*B x H] outputs; the first B rows are the state before the window
	P          []float32           // [T*B x H] outputs of the time step before, as the recurrence reads them: Y, or see before
	Starts     []bool              // [T*B] streams that start anew, or nil
	DY         []float32           // [T*B x H] gradient of the outputs; Backward may use it up
	DZ         []float32           // [T*B x G*H] gradient of the pre-activations, what Backward is for
	Recurrence right               // weight_hh [H x G*H]
	Transpose  right               // its transpose [G*H x H]
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

// before returns the outputs of the time step before t as the recurrence reads them: zero where a stream starts anew.
func (s *Span) before(t int) f32.Matrix {
	if s.Starts != nil {
		copy(s.flat(s.P, t, s.H), s.flat(s.Y, t, s.H))
		for r := range s.starts(t) {
			clear(s.P[r*s.H:][:s.H])
		}
	}
	return s.rows(s.P, t, s.H)
}

// passBack adds to DY of the time step before t what comes to it through the recurrence: nothing where a stream starts
// anew. Those rows of DY wait in P, which is zero there, while the product is added to all.
func (s *Span) passBack(t int) {
	for r := range s.starts(t) {
		copy(s.P[r*s.H:][:s.H], s.DY[(r-s.B)*s.H:])
	}
	s.Transpose.mul(s.rows(s.DY, t-1, s.H), s.rows(s.DZ, t, s.G*s.H), true)
	for r := range s.starts(t) {
		p := s.P[r*s.H:][:s.H]
		copy(s.DY[(r-s.B)*s.H:], p)
		clear(p)
	}
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

// A right is the right-hand side of products: as it lies for few rows, packed for many.
type right struct {
	plain  f32.Matrix
	packed *f32.Packed
}

// mul sets c = a*r, or c += a*r if accumulate.
func (r *right) mul(c, a f32.Matrix, accumulate bool) {
	if r.packed != nil {
		f32.MulPacked(c, a, r.packed, accumulate)
	} else {
		f32.Mul(c, a, r.plain, accumulate)
	}
}
