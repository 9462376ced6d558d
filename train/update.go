package train

import (
	"github.com/seed-f4dd853e/elman/internal/f32"
	"github.com/seed-f4dd853e/elman/rnn"
)

// A Window computes the gradients of a training, as an rnn.Window does.
type Window interface {
	Begin(step uint64, keepGradient bool)
	Gradient(x, y []int32, scale float32, use rnn.GradientSink) float64
	VisitGradient(use rnn.GradientSink)
	GradientPieces() int
	Losses() []float32
	Starts() []bool
	Reset()
	StateLen() int
	State(dst []float32)
	SetState(src []float32)
}

// newWindow makes the window of this process, or asks for that of many.
func (t *trainer) newWindow(pool *f32.Pool) (Window, error) {
	if t.o.Window != nil {
		return t.o.Window(t.net, t.s.windowUse(t.model.OfDocuments(), pool.Workers()), pool)
	}
	w := t.net.NewWindow(t.s.Window, t.s.Batch, pool)
	if t.teacher != nil {
		w.LearnFrom(t.teacher, t.s.TeacherShare)
	}
	w.Dropout, w.Shards = t.s.dropout(), t.s.shards()
	w.DenseGradient = !t.rule.Sparse() || t.average != nil // the average moves even if the weight does not
	return w, nil
}

// beginStep sets the values that all updates of the next training step share.
func (t *trainer) beginStep() {
	n := t.Step + 1
	t.rate = t.rateOf(n)
	t.now = t.rule.Step(n, t.rate)
	t.now.Clip = float32(t.s.ClipValue)
	if t.average != nil {
		t.average.begin(n)
	}
}

// updatePiece updates the weights of one piece of the gradient.
func (t *trainer) updatePiece(worker int, g *rnn.GradientPiece) {
	w, now := g.Param.Value[g.Lo:g.Hi], t.now
	now.Bias = g.Param.Rows == 0
	var finite bool
	if t.outer != nil && g.X != nil && now.Scale == 1 {
		finite = t.outer.UpdateOuter(now, w, g.X, g.DZ)
	} else {
		for i, v := range t.state[g.Param.Index] {
			t.views[worker][i] = v[g.Lo:g.Hi]
		}
		finite = t.rule.Update(now, w, g.Values(), t.views[worker])
	}
	if !finite {
		t.infinite.Store(true)
	}
	if t.average != nil {
		t.average.follow(g, w)
	}
}

func (t *trainer) measurePiece(_ int, g *rnn.GradientPiece) {
	t.norms[g.Index] += f32.SumSquares(g.Values())
}
