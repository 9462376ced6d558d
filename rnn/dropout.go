package rnn

import (
	"encoding/binary"
	"math"
	"math/rand/v2"

	"github.com/seed-f4dd853e/elman/internal/f32"
	"github.com/seed-f4dd853e/elman/internal/random"
)

// Dropout says which outputs a Gradient sets to zero (Hinton and others 2012): in plain stacks those of each layer on their
// way to the next stage, not to the next time step, as Zaremba, Sutskever and Vinyals 2014 have it; in blocks those of each
// branch before they are added. Forward and Loss drop nothing.
type Dropout struct {
	// Rate is the share that becomes zero, 0 to below 1, rounded to a multiple of 1/256. The rest is divided by 1-Rate.
	Rate float64
	// Seed and Step, with the number of the stage and of the row, are the key of what is drawn.
	Seed, Step uint64
}

// levels is the resolution of a Rate: one byte is drawn for each element.
const levels = 256

// threshold returns the bytes that make zero: those below it.
func (d Dropout) threshold() int { return int(math.Round(d.Rate * levels)) }

// DropoutLimit is the highest Rate.
const DropoutLimit = float64(levels-1) / levels

// keep returns what is not dropped is multiplied by.
func (d Dropout) keep() float32 { return float32(levels) / float32(levels-d.threshold()) }

// A drop is the place of dropout in a network.
type drop struct{}

func (drop) params() []*Param { return nil }

// A dropper is a drop in a window. Where nothing is dropped, its output is its input.
type dropper struct {
	w       *Window
	number  uint64 // of the stage
	in, out *signal
	own     []float32 // [T*B x cols], nil if nothing is ever dropped
}

func (drop) stage(w *Window, in *signal) (stage, *signal) {
	s := &dropper{w: w, number: uint64(len(w.stages)), in: in, out: &signal{cols: in.cols, y: in.y}}
	w.droppers = append(w.droppers, s)
	return s, s.out
}

// begin says whether the call that begins drops anything.
func (s *dropper) begin(gradient bool) {
	if s.out.y = s.in.y; gradient && s.own != nil {
		s.out.y = s.own
	}
}

func (s *dropper) forward(first, rows int) {
	if s.w.dropping() {
		s.mask(s.own, s.in.y, first, rows)
	}
}

// prepare lets input and output share their gradient, which is multiplied in place.
func (s *dropper) prepare() {
	if s.out.dy = s.in.dy; s.w.Dropout.Rate > 0 {
		s.own = f32.Aligned(len(s.in.y))
	}
	s.begin(true)
}

func (s *dropper) backward(first, rows int) {
	if s.w.dropping() {
		s.mask(s.in.dy, s.in.dy, first, rows)
	}
}

func (s *dropper) wholes(func(part)) {}

// mask multiplies rows of x by what is drawn for them, a byte for each element of a row.
func (s *dropper) mask(dst, x []float32, first, rows int) {
	var pcg rand.PCG
	var drawn [256]byte
	cols, b := s.in.cols, s.w.back
	for r := first; r < first+rows; r++ {
		pcg.Seed(b.dropKey, random.Mix(s.number, uint64(r)))
		from, to := x[r*cols:][:cols], dst[r*cols:][:cols]
		for len(from) > 0 {
			n := min(len(from), len(drawn))
			for i := 0; i < n; i += 8 {
				binary.LittleEndian.PutUint64(drawn[i:], pcg.Uint64())
			}
			f32.Drop(to[:n], from[:n], drawn[:], b.zeros, b.keep)
			from, to = from[n:], to[n:]
		}
	}
}

// dropping says whether the call at hand drops anything.
func (w *Window) dropping() bool { return w.training && w.back.dropped }

// beginDropout gets ready for a call. It panics where there is no room, because the first Gradient had no Dropout.
func (w *Window) beginDropout(gradient bool) {
	w.training = gradient
	if gradient && len(w.droppers) > 0 && w.Dropout.Rate > 0 {
		if w.droppers[0].own == nil {
			panic("rnn: Dropout of a window after a Gradient without")
		}
	}
	if gradient {
		b := w.back
		if b.dropped = len(w.droppers) > 0 && w.droppers[0].own != nil; b.dropped {
			b.zeros, b.keep = w.Dropout.threshold(), w.Dropout.keep()
			b.dropKey = random.Mix(w.Dropout.Seed, w.Dropout.Step)
		}
	}
	for _, s := range w.droppers {
		s.begin(gradient)
	}
}
