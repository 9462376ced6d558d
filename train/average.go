package train

import (
	"github.com/seed-f4dd853e/elman/optim"
	"github.com/seed-f4dd853e/elman/rnn"
)

// An average is a network whose weights are the running mean of those that are trained. Frozen weights are as in the
// trained network, since both begin alike.
type average struct {
	rule  optim.EMA
	net   *rnn.Network
	share float32 // what the weights after the current training step count for
}

func newAverage(s Settings) (*average, error) {
	net, err := rnn.New(s.Network)
	if err != nil {
		return nil, err
	}
	s.start(net)
	return &average{rule: optim.EMA{Decay: s.Average}, net: net}, nil
}

// begin is told of the training step to come.
func (a *average) begin(n int64) { a.share = a.rule.Weight(n) }

// follow takes in the weights w of a piece, which have just been updated.
func (a *average) follow(g *rnn.GradientPiece, w []float32) {
	a.rule.Update(a.net.Params()[g.Param.Index].Value[g.Lo:g.Hi], w, a.share)
}
