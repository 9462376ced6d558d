package compress

import (
	"errors"
	"math"
	"sync/atomic"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/internal/f32"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/optim"
	"github.com/seed-f4dd853e/elman/rnn"
)

// segment is the time steps after which a network that learns takes a training step. On the first 150 kB of tiny Shakespeare 8
// give 0.2 % fewer bytes in nearly twice the time, 32 give 0.4 % more.
const segment = 16

// Learning rates begin at rate + more and fall to rate, with half of more left after halfAfter symbols. For a network of 128 units,
// 0.002 + 0.002 in place of 0.002 + 0.006 takes 0.5 % more bytes on those 150 kB, 256 units 0.6 % fewer on the first 500 kB in
// three times the time; an earlier part of the text, learned once more beside each segment, changes less than 0.1 %. An LSTM of 256
// units that has learned the text before packs the last 100 kB into 25,185 bytes at 0.0005, and 25,299 at 0.001.
const (
	bornRate, bornMore = 0.002, 0.006 // of a network that knows nothing
	halfAfter          = 100000
	trainedRate        = 0.0005
	clipNorm           = 1
)

// mostLearnt limits the memory for the logits of a segment: 16 MB.
const mostLearnt = 1 << 22

// ErrRounded is the error for learning with a model of rounded weights.
var ErrRounded = errors.New("a quantized model cannot go on learning; take the one that it was made from")

// errDiverged is the error for weights that are no longer finite.
var errDiverged = errors.New("the weights that the network learns are no longer finite; pack without learning")

// learning says what a network learns while it packs.
type learning int

const (
	fixed       learning = iota // nothing
	fromModel                   // to predict this text better
	fromNothing                 // all that it knows
)

// newborn returns the model that knows nothing: the same one each time. Packed texts depend on it.
func newborn() *model.Model {
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	c, err := corpus.New(corpus.FromBytes("all bytes", all), corpus.Options{Kind: corpus.Bytes, Closed: true})
	if err != nil {
		panic(err)
	}
	n, err := rnn.New(rnn.Config{Cell: "lstm", Hidden: 128, Layers: 1, Symbols: len(all)})
	if err != nil {
		panic(err)
	}
	n.Init(rnn.Init{ForgetBias: 1}, 1)
	return &model.Model{Network: n, Alphabet: c.Alphabet}
}

// checkModel fails for a model that cannot pack.
func checkModel(m *model.Model, learn bool) error {
	if err := m.CheckProbabilities(); err != nil {
		return err
	}
	if learn && m.Network.Config().Precision != rnn.Float32 {
		return ErrRounded
	}
	return nil
}

// A learner is the part of a machine that learns: the network takes a training step after each segment of all streams, and a mixer
// learns from each bit.
type learner struct {
	*mixer
	network *rnn.Network
	window  *rnn.Window
	rule    optim.Rule
	state   [][][]float32 // of the rule, for each parameter
	views   [][][]float32 // of each worker
	norms   []float32
	now     optim.Step
	steps   int64
	seen    float64 // symbols
	more    float64 // that the rate begins with
	rate    float64
	from    []float32 // state of the network before the segment
	x, y    []int32   // of the segment
	starts  []bool

	measure, update rnn.GradientSink
	infinite        atomic.Bool
}

func newLearner(m *model.Model, streams int, how learning, pool *f32.Pool) (*learner, error) {
	V := m.Alphabet.Size()
	if segment*streams*V > mostLearnt {
		return nil, errors.New("the alphabet has too many symbols to learn in so many streams; choose fewer")
	}
	settings, err := optim.Defaults("adam")
	if err != nil {
		return nil, err
	}
	rule, err := optim.New(settings)
	if err != nil {
		return nil, err
	}
	l := &learner{
		network: m.Network.Clone(), rule: rule, rate: trainedRate, views: make([][][]float32, pool.Workers()),
		x: make([]int32, 0, segment*streams), y: make([]int32, 0, segment*streams), starts: make([]bool, 0, segment*streams),
	}
	if how == fromNothing {
		l.rate, l.more = bornRate, bornMore
	}
	choices := V
	if lacks(m.Alphabet) {
		choices++
	}
	l.mixer = newMixer(m.Alphabet, choices, streams, how)
	l.window = l.network.NewWindow(segment, streams, pool)
	l.window.Starts()
	l.from = make([]float32, l.window.StateLen())
	for i := range l.views {
		l.views[i] = make([][]float32, len(rule.State()))
	}
	for _, p := range l.network.Params() {
		state := make([][]float32, len(rule.State()))
		for i := range state {
			state[i] = f32.Aligned(len(p.Value))
		}
		l.state = append(l.state, state)
	}
	l.norms = make([]float32, l.window.GradientPieces())
	l.measure = func(_ int, g *rnn.GradientPiece) { l.norms[g.Index] += f32.SumSquares(g.Values()) }
	l.update = l.updatePiece
	return l, nil
}

// follow takes in what the streams read in one time step, and the symbols that were seen to follow.
func (l *learner) follow(x, y []int32, starts []bool) error {
	l.x, l.y, l.starts = append(l.x, x...), append(l.y, y...), append(l.starts, starts...)
	l.seen += float64(len(x))
	if len(l.x) < cap(l.x) {
		return nil
	}
	l.window.SetState(l.from)
	copy(l.window.Starts(), l.starts)
	l.steps++
	l.now = l.rule.Step(l.steps, l.rate+l.more/(1+l.seen/halfAfter))
	loss := l.window.Gradient(l.x, l.y, 1/float32(len(l.x)), nil)
	clear(l.norms)
	l.window.VisitGradient(l.measure)
	norm := float32(math.Sqrt(float64(f32.Sum(l.norms))))
	l.now.Scale = optim.ClipByNorm(norm, clipNorm)
	l.window.VisitGradient(l.update)
	l.network.Updated()
	l.window.State(l.from)
	l.x, l.y, l.starts = l.x[:0], l.y[:0], l.starts[:0]
	if l.infinite.Load() || math.IsNaN(loss) {
		return errDiverged
	}
	return nil
}

func (l *learner) updatePiece(worker int, g *rnn.GradientPiece) {
	for i, v := range l.state[g.Param.Index] {
		l.views[worker][i] = v[g.Lo:g.Hi]
	}
	now := l.now
	now.Bias = g.Param.Rows == 0
	if !l.rule.Update(now, g.Param.Value[g.Lo:g.Hi], g.Values(), l.views[worker]) {
		l.infinite.Store(true)
	}
}
