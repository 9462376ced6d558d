package train

import (
	"github.com/seed-f4dd853e/elman/optim"
	"github.com/seed-f4dd853e/elman/rnn"
)

// An average is a network whose weights are the running mean of the trained weights. Its frozen weights are those of the
// trained network.
type average struct {
	rule  optim.EMA
	net   *rnn.Network
	share float32 // weight of the current training step in the mean
}

// newAverage begins with the weights of a network.
func newAverage(decay float64, trained *rnn.Network) *average {
	return &average{rule: optim.EMA{Decay: decay}, net: trained.Clone()}
}

// begin prepares for the next training step.
func (a *average) begin(n int64) { a.share = a.rule.Weight(n) }

// follow adds the weights w of a piece, just updated, to the mean.
func (a *average) follow(g *rnn.GradientPiece, w []float32) {
	a.rule.Update(a.net.Params()[g.Param.Index].Value[g.Lo:g.Hi], w, a.share)
}
