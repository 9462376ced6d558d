package score

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/internal/f32"
	"github.com/seed-f4dd853e/elman/language"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/rnn"
)

// ErrNothingHeldOut is the error of Evaluate for a corpus without a validation section.
var ErrNothingHeldOut = errors.New("no text was held out to measure on")

// A Verdict says how good models are in absolute terms: their losses on text held out, beside those of simple predictors
// that learned from the same training section. All are measured on the same symbols, in nats per symbol. All losses but
// gzip's leave out the spelling of symbols that an open alphabet lacks.
type Verdict struct {
	Symbols   corpus.Kind      `json:"symbols"`
	Alphabet  int              `json:"alphabet"` // V
	Documents corpus.Documents `json:"documents"`

	Learned    int64 `json:"learned"`            // symbols that the baselines learned from
	LearnedOf  int64 `json:"learned_of"`         // symbols of the training section
	Measured   int64 `json:"measured"`           // symbols, from the start of the section held out
	MeasuredOf int64 `json:"measured_of"`        // symbols held out
	OwnFile    bool  `json:"own_file,omitempty"` // held out is another text (corpus.Options.ValidText), not the end of this one

	Models    []Result   `json:"models"`
	Baselines []Baseline `json:"baselines"`
	Floor     *Floor     `json:"floor,omitempty"`
}

// A Result is the losses of one model.
type Result struct {
	Name      string  `json:"name"`
	OtherText bool    `json:"learned_another_text"`
	Loss      float64 `json:"loss"`       // on text held out
	Error     float64 `json:"error"`      // standard error of Loss, as if symbols were independent
	Train     float64 `json:"train_loss"` // of the same weights, on as many symbols at the end of the training section
}

// A Candidate is a model to evaluate.
type Candidate struct {
	Name      string
	Model     *model.Model
	OtherText bool // it was trained on another text than the corpus's training section
}

// A Floor is the entropy of a text: no model's mean loss stays below it.
type Floor struct {
	Language string  `json:"language"`
	Nats     float64 `json:"nats"`  // per symbol
	Exact    bool    `json:"exact"` // if false, Nats is an upper bound: the entropy may be lower
}

// FloorOf returns the floor of a generated language for symbols of this kind. It is nil for words, because rates are per
// character. It fails if there is no such language.
func FloorOf(name string, kind corpus.Kind) (*Floor, error) {
	l, err := language.Find(name)
	if err != nil || kind == corpus.Words {
		return nil, err
	}
	rate := l.Entropy()
	return &Floor{l.Name, rate.Nats, rate.Exact}, nil
}

// VerdictOptions are the options of Evaluate.
type VerdictOptions struct {
	Floor    *Floor                  // nil if it is not known
	Learn    int64                   // the most symbols that the baselines learn from; 0 means 2^21
	Measure  int64                   // the most symbols that are measured; 0 means 2^19
	Progress func(done, total int64) // receives how many symbols models have read; may be nil
}

// Evaluate measures models and baselines on the section of a corpus held out. All models must have the corpus's alphabet;
// their state restarts where its documents begin. If there is more text than the options allow, the baselines learn from
// evenly spaced pieces of the training section, the last of which ends where the section held out begins, and all are
// measured on the beginning of that section.
//
// It fails with ErrNothingHeldOut, with model.ErrCodes, with model.ErrNotFinite, and with ctx.Err().
func Evaluate(ctx context.Context, models []Candidate, c *corpus.Corpus, o VerdictOptions) (Verdict, error) {
	if o.Learn == 0 {
		o.Learn = maxLearned
	}
	if o.Measure == 0 {
		o.Measure = maxMeasured
	}
	t, err := newSplit(c, o.Learn, o.Measure)
	if err != nil {
		return Verdict{}, err
	}
	v := Verdict{
		Symbols: c.Alphabet.Kind(), Alphabet: c.Alphabet.Size(), Documents: c.Documents(),
		OwnFile: c.Valid().Corpus() != c, Learned: t.symbols(), LearnedOf: c.Train().Len(), Measured: t.held.hi - t.held.lo, MeasuredOf: c.Valid().Len(), Floor: o.Floor,
	}
	for i, m := range models {
		progress := func(done, total int64) {
			if n := int64(len(models)); o.Progress != nil {
				o.Progress(int64(i)*total+done, n*total)
			}
		}
		result, err := t.rate(ctx, m, progress)
		if err != nil {
			return v, err
		}
		v.Models = append(v.Models, result)
	}
	v.Baselines, err = t.baselines(ctx)
	return v, err
}

// rate measures one model on text it learned from and on text held out, side by side.
func (t *split) rate(ctx context.Context, m Candidate, progress func(done, total int64)) (Result, error) {
	if err := m.Model.CheckProbabilities(); err != nil {
		return Result{}, err
	}
	if m.Model.Alphabet.Size() != t.c.Alphabet.Size() {
		return Result{}, fmt.Errorf("a corpus of %v for a model of %v", t.c.Alphabet, m.Model.Alphabet)
	}
	r := pairRun{V: t.c.Alphabet.Size(), window: m.Model.Network.NewWindow(windowSteps, 2, nil)}
	for i, p := range []passage{t.known, t.held} {
		if err := r.segments[i].fill(ctx, p); err != nil {
			return Result{}, err
		}
	}
	if err := r.run(ctx, progress); err != nil {
		return Result{}, err
	}
	known, held := &r.segments[0].loss, &r.segments[1].loss
	return Result{Name: m.Name, OtherText: m.OtherText, Loss: held.mean(), Error: held.error(), Train: known.mean()}, nil
}

// A pairRun is two passages that a network reads side by side, each in a stream of its own. They end together.
type pairRun struct {
	V        int
	window   *rnn.Window
	segments [2]segment
}

// A segment is a passage, with the text before it that warms up the state.
type segment struct {
	x, y   []int32 // the symbols read, the symbols predicted
	starts []bool
	warmUp int // symbols before the passage
	loss   average
}

func (l *segment) fill(ctx context.Context, p passage) error {
	lo := max(0, p.lo-warmUp)
	l.warmUp = int(p.lo - lo)
	var last int32
	fresh := false
	return passage{p.c, lo, p.hi}.read(ctx, func(before int32) { last, fresh = before, true }, func(symbol int32) {
		l.x, l.y, l.starts = append(l.x, last), append(l.y, symbol), append(l.starts, fresh)
		last, fresh = symbol, false
	})
}

func (r *pairRun) run(ctx context.Context, progress func(done, total int64)) error {
	steps := max(len(r.segments[0].x), len(r.segments[1].x))
	x, starts := make([]int32, 2*windowSteps), r.window.Starts()
	for from := 0; from < steps; from += windowSteps {
		if err := ctx.Err(); err != nil {
			return err
		}
		n := min(windowSteps, steps-from)
		for b := range r.segments {
			l := &r.segments[b]
			late := steps - len(l.x) // a shorter segment begins later: both end together
			for t := max(0, late-from); t < n; t++ {
				x[2*t+b], starts[2*t+b] = l.x[from+t-late], l.starts[from+t-late]
			}
		}
		r.window.Forward(x[:2*n])
		for b := range r.segments {
			if err := r.measure(b, from-(steps-len(r.segments[b].x)), n); err != nil {
				return err
			}
		}
		progress(2*int64(from+n), 2*int64(steps))
	}
	return nil
}

// measure adds the losses of a segment in a window of n time steps that begins with its symbol number first.
func (r *pairRun) measure(b, first, n int) error {
	l := &r.segments[b]
	for t := max(0, l.warmUp-first); t < n; t++ {
		nats := f32.CrossEntropy(r.window.Logits()[(2*t+b)*r.V:][:r.V], int(l.y[first+t]))
		if !(nats <= math.MaxFloat32) { // which NaN is not
			return model.ErrNotFinite
		}
		l.loss.add(float64(nats))
	}
	return nil
}

// An average is a mean with its standard error.
type average struct{ n, sum, squares float64 }

func (a *average) add(x float64) {
	a.n++
	a.sum += x
	a.squares += float64(x * x)
}

func (a *average) mean() float64 { return a.sum / a.n }

func (a *average) error() float64 {
	m := a.mean()
	return math.Sqrt(max(0, a.squares/a.n-float64(m*m)) / a.n)
}
