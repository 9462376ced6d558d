package rnn

import "github.com/seed-f4dd853e/elman/internal/f32"

// A teacher is a trained network that a window learns from beside the text, by its predictions q (distillation: Hinton, Vinyals
// and Dean 2015; from a network of the same kind: Furlanello and others 2018, "Born-again neural networks"). Its gradient is that of
//
//	-sum over k of t[k] ln p[k]    t = (1 - share) onehot(y) + share q
//
// of each row. It reads what the window reads, from a state of its own, and drops nothing.
type teacher struct {
	window *Window
	share  float64
	scaled float32 // share of the scale of the gradient at hand
}

// LearnFrom makes Gradient learn from a teacher's predictions, whose share of each target is 0 to 1, and from the text. The losses
// stay those of the text alone. State, SetState, Reset and Starts then are of both. The teacher must not change. LearnFrom
// panics on a teacher of other symbols, with codes on either side, and after Starts or Gradient.
func (w *Window) LearnFrom(n *Network, share float64) {
	switch {
	case w.back != nil || w.starts != nil:
		panic("rnn: LearnFrom after Starts or Gradient")
	case n.cfg.Symbols != w.net.cfg.Symbols || n.cfg.Codes > 0 || w.net.cfg.Codes > 0:
		panic("rnn: a teacher of other symbols")
	}
	w.setTeacher(n, share)
}

func (w *Window) setTeacher(n *Network, share float64) {
	t := n.newWindow(w.T, w.B, w.workers, true)
	t.pool = w.pool
	w.teacher = &teacher{window: t, share: share}
}

// read lets the teacher predict what a Gradient of this scale learns.
func (t *teacher) read(x []int32, scale float32) {
	t.window.Forward(x)
	t.scaled = float32(t.share) * scale
}

// teach changes the gradient of the logits of row r, which is that of the target alone. The row's predictions are used up.
func (t *teacher) teach(dlogits []float32, r int, target int32) {
	q := t.window.decoder.row(r)
	f32.Softmax(q, q)
	f32.AddScaled(dlogits, -t.scaled, q)
	dlogits[target] += t.scaled
}
