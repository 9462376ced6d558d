package rnn

import (
	"encoding/binary"
	"math"
	"math/rand/v2"

	"github.com/seed-f4dd853e/elman/internal/f32"
	"github.com/seed-f4dd853e/elman/internal/random"
)

// Dropout is the dropout of Gradient; Forward and Loss drop nothing.
//
// Of the outputs of a layer (Hinton and others 2012): in plain stacks on their way to the next stage, not to the next time
// step, as Zaremba, Sutskever and Vinyals 2014 have it; in blocks those of each branch before they are added. Of the state
// that weights of the recurrence read (Gal and Ghahramani 2016): one mask for each stream and all time steps of a window, so
// that noise does not pile up from step to step. What a cell carries on beside those weights, the LSTM's memory and what the
// GRU's update gate keeps, is left whole: the same factors at every time step would make it vanish or explode.
type Dropout struct {
	// Rate is the share of outputs that becomes zero, 0 to below 1, rounded to a multiple of 1/256. The rest is divided by
	// 1-Rate.
	Rate float64
	// Variational makes one mask for all time steps of outputs too, as Gal and Ghahramani have it.
	Variational bool
	// Recurrent is the Rate of what the recurrence reads. A cell without such weights has none to drop.
	Recurrent float64
	// Seed and Step, with the number of the stage and of the row or stream, are the key of what is drawn.
	Seed, Step uint64
}

// levels is the resolution of a Rate: one byte is drawn for each element.
const dropoutLevels = 256

// MaxDropout is the highest Rate.
const MaxDropout = float64(dropoutLevels-1) / dropoutLevels

// A dropoutMask is what the call at hand multiplies by.
type dropoutMask struct {
	allocated bool // the first Gradient had a Rate, so that there is room
	key       uint64
	zeros     int     // bytes below it drop
	keep      float32 // factor of the rest
}

// begin gets ready for a call.
func (d *dropoutMask) begin(rate float64, key uint64) {
	if rate > 0 && !d.allocated {
		panic("rnn: Dropout of a window after a Gradient without")
	}
	d.zeros, d.key = int(math.Round(rate*dropoutLevels)), key
	d.keep = float32(dropoutLevels) / float32(dropoutLevels-d.zeros)
}

// apply sets dst to x times what is drawn for a row or stream of a stage, a byte for each element.
func (d *dropoutMask) apply(dst, x []float32, stage, row uint64) {
	var pcg rand.PCG
	var drawn [256]byte
	pcg.Seed(d.key, random.Mix(stage, row))
	for len(x) > 0 {
		n := min(len(x), len(drawn))
		for i := 0; i < n; i += 8 {
			binary.LittleEndian.PutUint64(drawn[i:], pcg.Uint64())
		}
		f32.Dropout(dst[:n], x[:n], drawn[:], d.zeros, d.keep)
		dst, x = dst[n:], x[n:]
	}
}

// dropout is its place in a network.
type dropout struct{}

func (dropout) params() []*Param { return nil }

// A dropoutStage is dropout in a window. Where nothing is dropped, its output is its input.
type dropoutStage struct {
	w       *Window
	number  uint64 // of the stage
	in, out *signal
	own     []float32 // [T*B x cols], nil if nothing is ever dropped
}

func (dropout) stage(w *Window, in *signal) (stage, *signal) {
	s := &dropoutStage{w: w, number: uint64(len(w.stages)), in: in, out: &signal{cols: in.cols, y: in.y}}
	w.dropouts = append(w.dropouts, s)
	return s, s.out
}

// begin says whether the call that begins drops anything.
func (s *dropoutStage) begin(gradient bool) {
	if s.out.y = s.in.y; gradient && s.own != nil {
		s.out.y = s.own
	}
}

func (s *dropoutStage) forward(first, rows int) {
	if s.w.dropping() {
		s.mask(s.own, s.in.y, first, rows)
	}
}

// prepare lets input and output share their gradient, which is multiplied in place.
func (s *dropoutStage) prepare() {
	if s.out.dy = s.in.dy; s.w.back.outputs.allocated {
		s.own = s.w.buffers.floats(s.w.T * s.w.B * s.in.cols)
	}
	s.begin(true)
}

func (s *dropoutStage) backward(first, rows int) {
	if s.w.dropping() {
		s.mask(s.in.dy, s.in.dy, first, rows)
	}
}

func (s *dropoutStage) gradients(func(part)) {}

// mask multiplies rows of x by what is drawn for them.
func (s *dropoutStage) mask(dst, x []float32, first, rows int) {
	cols := s.in.cols
	for r := first; r < first+rows; r++ {
		place := s.w.placeOf(r)
		if s.w.Dropout.Variational {
			place %= s.w.streamsInAll()
		}
		s.w.back.outputs.apply(dst[r*cols:][:cols], x[r*cols:][:cols], s.number, uint64(place))
	}
}

// dropping says whether the call at hand drops outputs.
func (w *Window) dropping() bool { return w.training && w.back.outputs.allocated }

// prepareDropout decides what there is room for.
func (w *Window) prepareDropout() {
	w.back.outputs.allocated, w.back.recurrence.allocated = w.Dropout.Rate > 0, w.Dropout.Recurrent > 0
}

// beginDropout gets ready for a call. It panics where there is no room, because the first Gradient had no such Dropout.
func (w *Window) beginDropout(gradient bool) {
	if w.training = gradient; gradient {
		d := w.Dropout
		key := random.Mix(d.Seed, d.Step)
		w.back.outputs.begin(d.Rate, key)
		w.back.recurrence.begin(d.Recurrent, key)
	}
	for _, s := range w.dropouts {
		s.begin(gradient)
	}
	for _, c := range w.cells {
		c.buffers.drop.on = gradient && c.buffers.drop.mask != nil
	}
}

// drawMask draws what the recurrence of a layer is multiplied by, for streams lo to hi-1.
func (s *recurrentStage) drawMask(lo, hi int) {
	for b := lo; b < hi; b++ {
		m := s.buffers.drop.mask[b*s.H:][:s.H]
		for i := range m {
			m[i] = 1
		}
		s.w.back.recurrence.apply(m, m, s.number, uint64(s.w.Place.First+b))
	}
}
