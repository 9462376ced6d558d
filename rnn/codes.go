package rnn

import (
	"fmt"

	"github.com/seed-f4dd853e/elman/internal/f32"
)

// Codes are how the networks of Elman 1990 ("Finding structure in time") read and predict. Each symbol has a fixed code of E
// bits. It is read in place of an embedding, and E logistic units predict the code that follows:
//
//	y = sigmoid(z)    L = 1/2 sum (y - code)^2    dL/dz = (y - code) y (1 - y)
//
// The loss is lowest where the outputs are the mean of all codes that may follow.

// newCodes makes codes of zero, which SetCodes replaces: an embedding that is never trained.
func newCodes(c Config) embedding {
	return embedding{&Param{Name: "codes.weight", Rows: c.Symbols, Cols: c.Codes, Frozen: true}}
}

// SetCodes gives each symbol its code, [V x E]. It panics if codes has another length, or the network has
// no codes.
func (n *Network) SetCodes(codes []float32) {
	if n.cfg.Codes == 0 || len(codes) != n.cfg.Symbols*n.cfg.Codes {
		panic(fmt.Sprintf("rnn: %d numbers as codes of %d bits for %d symbols", len(codes), n.cfg.Codes, n.cfg.Symbols))
	}
	copy(n.params[0].Value, codes)
	n.Updated()
}

// CodeOutputs returns the sigmoid outputs of a network with codes in the last Forward, Loss or Gradient, [steps*B x E]. They
// are overwritten by the next call.
func (w *Window) CodeOutputs() []float32 { return w.decoder.outputs[:len(w.x)*w.net.cfg.Codes] }

// sigmoidOutputs makes the outputs of a network with codes: the sigmoids of its logits.
func (s *decoderStage) sigmoidOutputs(first, rows int) {
	lo, hi := first*s.cols, (first+rows)*s.cols
	f32.Sigmoid(s.outputs[lo:hi], s.logits[lo:hi])
}

// squaredError returns the loss of a row and leaves the difference between output and code in d, [E].
func (s *decoderStage) squaredError(d []float32, r int, target int32) float32 {
	copy(d, s.outputs[r*s.cols:])
	f32.AddScaled(d, -1, s.codes.Value[int(target)*s.cols:][:s.cols])
	return 0.5 * f32.SumSquares(d)
}

// squaredLoss returns the loss of a row and replaces its logits by scale times its gradient.
func (s *decoderStage) squaredLoss(r int, target int32, scale float32) float32 {
	dz := s.row(r)
	loss := s.squaredError(dz, r, target)
	f32.SigmoidGrad(dz, dz, s.outputs[r*s.cols:][:s.cols])
	f32.Scale(dz, scale)
	return loss
}
