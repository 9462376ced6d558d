package rnn

import "github.com/seed-f4dd853e/elman/internal/f32"

// A norm is where a block reads the residual stream (RMSNorm, Zhang and Sennrich 2019):
//
//	r = r + h    n = r / sqrt(mean(r^2) + 1e-5)
//
// with h the output of the branch before, so that the sum costs no pass of its own. It has no gain: each n is multiplied by
// weights next, and a gain would be part of them. On the way back one gradient runs along the stream,
//
//	dr = dr + (dn - n mean(dn n)) / sqrt(mean(r^2) + 1e-5)    dh = dr
//
// The embedding is the stream's start.
type norm struct {
	first, last bool // of the network
}

func (norm) params() []*Param { return nil }

// A normStage is a norm in a window.
type normStage struct {
	norm
	w      *Window
	branch *signal // h; nil for the first
	stream *signal // r, the same memory for all norms
	out    *signal // n
	inv    []float32
}

func (n norm) stage(w *Window, in *signal) (stage, *signal) {
	s := &normStage{norm: n, w: w, branch: in, stream: w.embedded, out: w.newSignal(in.cols), inv: w.buffers.floats(w.T * w.B)}
	if n.first {
		s.branch = nil
	}
	return s, s.out
}

func (s *normStage) forward(first, rows int) {
	var h []float32
	if s.branch != nil {
		h = s.branch.rows(first, rows)
	}
	f32.RMSNorm(s.out.rows(first, rows), s.inv[first:first+rows], s.stream.rows(first, rows), h, s.out.cols)
}

// prepare lets all norms share the gradient of n, since it is used up at once.
func (s *normStage) prepare() {
	if s.w.back.norms == nil {
		s.out.prepare(s.w)
		s.w.back.norms = s.out.dy
	}
	s.out.dy = s.w.back.norms
}

func (s *normStage) backward(first, rows int) {
	dr := s.stream.gradRows(first, rows)
	if s.last {
		clear(dr)
	}
	dh := dr
	if s.branch != nil {
		dh = s.branch.gradRows(first, rows)
	}
	f32.RMSNormGrad(dr, dh, s.out.gradRows(first, rows), s.out.rows(first, rows), s.inv[first:first+rows], s.out.cols)
}

func (s *normStage) gradients(func(part)) {}
