package train

import (
	"context"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/internal/f32"
	"github.com/seed-f4dd853e/elman/rnn"
)

// maxValid is the most symbols of a validation, from the start of the section held out, so that on a large corpus it stays a
// small part of the work.
const maxValid = 1 << 18

// A validator measures the validation loss, in several streams side by side, each from a state of zero.
type validator struct {
	window  *rnn.Window
	streams *corpus.Streams
	x, y    []int32
}

const (
	validBatch  = 16      // the most streams
	validStream = 1 << 14 // the shortest stream, in symbols: the first ones, after a state of zero, cost too much
	validWindow = 32
)

// validStreams returns the streams of the validation, nil if less than two symbols were held out.
func validStreams(c *corpus.Corpus) (*corpus.Streams, error) {
	n := c.Valid().Len()
	if n < 2 {
		return nil, nil
	}
	return c.Valid().Streams(int(max(1, min(validBatch, n/validStream))))
}

// newValidator returns nil if there is nothing to measure.
func newValidator(c *corpus.Corpus, net *rnn.Network, pool *f32.Pool) (*validator, error) {
	streams, err := validStreams(c)
	if streams == nil || err != nil {
		return nil, err
	}
	B := streams.B()
	v := &validator{window: net.NewWindow(validWindow, B, pool), streams: streams}
	if c.Documents() != corpus.Whole {
		streams.Starts = v.window.Starts()
	}
	v.x, v.y = make([]int32, validWindow*B), make([]int32, validWindow*B)
	return v, nil
}

// symbols returns the approximate number of symbols read.
func (v *validator) symbols() int64 {
	return min(maxValid, v.streams.Length()*int64(v.streams.B()))
}

// loss returns the mean loss in nats per symbol, and reports its progress after each window. It fails if the text cannot be
// read, and with ErrInterrupted when ctx is cancelled.
func (v *validator) loss(ctx context.Context, tell func(Phase, float64)) (float64, error) {
	sum, n, err := v.read(ctx, tell, new(bool))
	return sum / float64(n), err
}

// read returns the loss summed over n symbols: all, or fewer if tell sets stop.
func (v *validator) read(ctx context.Context, tell func(Phase, float64), stop *bool) (sum float64, n int, err error) {
	v.window.Reset()
	if err := v.streams.SetPosition(0); err != nil {
		return 0, 0, err
	}
	B, all := v.streams.B(), float64(v.symbols())
	for n < maxValid && !*stop {
		if ctx.Err() != nil {
			return 0, 0, ErrInterrupted
		}
		steps, err := v.streams.Next(v.x, v.y)
		if err != nil {
			return 0, 0, err
		}
		if steps == 0 {
			break
		}
		sum += v.window.Loss(v.x[:steps*B], v.y[:steps*B])
		n += steps * B
		tell(Validating, min(1, float64(n)/all))
	}
	return sum, n, nil
}
