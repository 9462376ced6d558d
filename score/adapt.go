package score

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/internal/f32"
	"github.com/seed-f4dd853e/elman/internal/setting"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/rnn"
)

// Dynamic evaluation: a model goes on learning from a text that it scores (Mikolov and others 2010; Krause, Kahembwe, Murray
// and Renals 2018, "Dynamic evaluation of neural sequence models"). Whenever a segment of n symbols has been scored, the
// weights w take one step along the gradient g of its loss, the sum over the segment divided by n:
//
//	s = alpha s + (1-alpha) g^2    w = w - rate g / (sqrt(s) + epsilon)    w = w + decay (w0 - w)
//
// where w0 are the trained weights. Every symbol is scored before anything is learned from it. The gradient stops at the
// segment's beginning, the state goes on. A segment ends after n symbols, wherever a document ends and however the text comes
// in pieces, so that the bits do not depend on the pieces.
//
// Krause and others take the mean square of the gradient over the training text, which a model file does not hold. Here s is a
// running mean over the segments read so far, and begins at a constant, as large as the squares mostly are. The rows of symbols
// that a segment does not read keep their weights and their s.
const (
	adaptAlpha   = 0.999 // of a running mean over a thousand segments
	adaptEpsilon = 1e-5
	adaptSquare  = 1e-5 // what s begins with
)

// An Adaptation says how a Scorer goes on learning from the text that it scores. Begin with DefaultAdaptation.
type Adaptation struct {
	Rate    float64 `json:"rate"`    // learning rate; 0 means a sixteenth of the network's rnn.Config.UsualRate
	Decay   float64 `json:"decay"`   // share by which a step moves weights back to the trained ones, 0 to 1
	Segment int     `json:"segment"` // symbols of a step
}

// DefaultAdaptation returns the settings that docs/adapting.md measures.
func DefaultAdaptation() Adaptation { return Adaptation{Decay: 0.001, Segment: 32} }

// usualShare is the part of the rate of training that a model adapts at.
const usualShare = 1. / 16

// mostSegment keeps the forward and backward pass of a segment in little memory.
const mostSegment = 1024

// packedSteps makes a window so long that it packs the weights, although they change with every segment. For an LSTM of 256 units
// that takes 0.83 of the time with AVX2, and 1.17 times as long with AVX-512.
const packedSteps = 64

// Check fails on settings out of range.
func (a Adaptation) Check() error {
	switch {
	case !(a.Rate >= 0) || a.Rate > 1:
		return setting.Errorf("%v is %v, must be above 0, and at most 1", setting.Name("adapt-rate"), a.Rate)
	case !(a.Decay >= 0) || a.Decay > 1:
		return fmt.Errorf("decay is %v, must be 0 to 1", a.Decay)
	case a.Segment < 1 || a.Segment > mostSegment:
		return fmt.Errorf("segment is %d, must be 1 to %d", a.Segment, mostSegment)
	}
	return nil
}

// ErrRounded is the error for adapting a model with rounded weights.
var ErrRounded = errors.New("a quantized model cannot go on learning; take the one that it was made from")

// ErrAdapted is the error for weights that are no longer finite.
var ErrAdapted = errors.New("the weights that the model adapts are no longer finite; choose a lower rate")

// An adapter is the part of a Scorer that learns.
type adapter struct {
	Adaptation
	trained *model.Model
	squares [][]float32 // s of each parameter

	pending adaptSegment
	steps   batch     // at hand
	logits  []float32 // [n x V] of them
	paused  bool      // learns nothing for a while

	segments, symbols int64 // learned from
	learn             rnn.GradientSink
	infinite          bool
	factors           f32.RMSpropStep
}

// An adaptSegment is symbols that were scored, and not yet learned from.
type adaptSegment struct {
	x, y   []int32
	starts []bool
	from   []float32 // state of the network before the first
}

// Adapt makes the scorer go on learning from the text that it scores; the weights restart nowhere. It works on a copy of the
// model. Call it before the first text. It fails on settings out of range and with ErrRounded.
func (s *Scorer) Adapt(a Adaptation) error {
	if err := a.Check(); err != nil {
		return err
	}
	if err := s.m.CheckProbabilities(); err != nil {
		return err
	}
	if s.m.Network.Config().Precision != rnn.Float32 {
		return ErrRounded
	}
	if a.Rate == 0 {
		a.Rate = usualShare * s.m.Network.Config().UsualRate()
	}
	own := *s.m
	own.Network = s.m.Network.Clone()
	p := &adapter{Adaptation: a, trained: s.m, factors: f32.RMSpropStep{
		Rate: float32(a.Rate), Alpha: adaptAlpha, Rest: float32(1 - adaptAlpha), Epsilon: adaptEpsilon,
	}}
	for _, w := range own.Network.Params() {
		squares := f32.Aligned(len(w.Value))
		for i := range squares {
			squares[i] = adaptSquare
		}
		p.squares = append(p.squares, squares)
	}
	s.m, s.adapter, s.team = &own, p, nil
	s.window, s.keeps = own.Network.NewWindow(max(a.Segment, packedSteps), 1, nil), true
	s.window.Starts()
	V := own.Alphabet.Size()
	p.logits = make([]float32, a.Segment*V)
	s.window.OnLogits = func(first, rows int) { copy(p.logits[first*V:], s.window.Logits()[first*V:][:rows*V]) }
	p.pending.from = make([]float32, s.window.StateLen())
	p.learn = p.update
	return nil
}

// Adapting reports whether the scorer goes on learning.
func (s *Scorer) Adapting() bool { return s.adapter != nil }

// learns reports whether it does so now.
func (s *Scorer) learns() bool { return s.adapter != nil && !s.adapter.paused }

func (s *Scorer) pause(yes bool) {
	if s.adapter != nil {
		s.adapter.paused = yes
	}
}

// Adapted returns a copy of the model as it has become.
func (s *Scorer) Adapted() *model.Model {
	m := *s.m
	m.Network = s.m.Network.Clone()
	return &m
}

// readAdapting scores a source, and learns from it.
func (s *Scorer) readAdapting(ctx context.Context, src source, emit func(int, Symbol) error) error {
	p := s.adapter
	for b := &p.steps; ; {
		if p.infinite {
			return ErrAdapted
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		b.Clear()
		b.texts = b.texts[:0]
		want := p.Segment - len(p.pending.x)
		failed := src.fill(b, want)
		n := len(b.X)
		if n > 0 {
			if err := s.readSegment(b, emit); err != nil {
				return err
			}
		}
		if failed != nil || n < want {
			return failed
		}
	}
}

// readSegment scores the next steps of a segment, and learns from it if it is complete.
func (s *Scorer) readSegment(b *batch, emit func(int, Symbol) error) error {
	p, next := s.adapter, 0
	emitOne := func(x Symbol) error {
		next++
		return emit(b.texts[next-1], x)
	}
	n := len(b.X)
	s.last = b.Y[n-1]
	if n == p.Segment && s.Watch == nil { // as most are: one way forward serves both
		p.pending.add(&b.Steps)
		learned := s.learn()
		return cmp.Or(s.emit(p.logits, &b.Steps, emitOne), learned)
	}
	if len(p.pending.x) == 0 {
		s.window.State(p.pending.from)
	}
	copy(s.window.Starts(), b.Starts)
	s.window.Forward(b.X)
	p.pending.add(&b.Steps)
	if err := s.emit(s.window.Logits(), &b.Steps, emitOne); err != nil {
		return err
	}
	if s.Watch != nil {
		if err := s.Watch(s.window); err != nil {
			return err
		}
	}
	if len(p.pending.x) < p.Segment {
		return nil
	}
	s.window.SetState(p.pending.from)
	return s.learn()
}

func (g *adaptSegment) add(steps *corpus.Steps) {
	g.x, g.y, g.starts = append(g.x, steps.X...), append(g.y, steps.Y...), append(g.starts, steps.Starts...)
}

// learn takes a step on the segment. The window is in the state before it, and then in the one after it.
func (s *Scorer) learn() error {
	p := s.adapter
	n := len(p.pending.x)
	copy(s.window.Starts(), p.pending.starts)
	loss := s.window.Gradient(p.pending.x, p.pending.y, 1/float32(p.Segment), p.learn)
	s.m.Network.Updated()
	p.segments, p.symbols = p.segments+1, p.symbols+int64(n)
	p.pending.x, p.pending.y, p.pending.starts = p.pending.x[:0], p.pending.y[:0], p.pending.starts[:0]
	if p.infinite = p.infinite || math.IsNaN(loss); p.infinite {
		return ErrAdapted
	}
	return nil
}

// learnRest takes a step on a segment that is not complete, because the symbols after it will not follow it. The next read
// tells of a failure.
func (s *Scorer) learnRest() {
	if p := s.adapter; s.learns() && len(p.pending.x) > 0 {
		s.window.SetState(p.pending.from)
		s.learn()
	}
}

// update is the step of some weights.
func (p *adapter) update(_ int, g *rnn.GradientPiece) {
	i := g.Param.Index
	w := g.Param.Value[g.Lo:g.Hi]
	if !f32.RMSprop(w, p.squares[i][g.Lo:g.Hi], g.Values(), p.factors, 1, 0) {
		p.infinite = true
	}
	f32.Average(w, p.trained.Network.Params()[i].Value[g.Lo:g.Hi], float32(p.Decay))
}
