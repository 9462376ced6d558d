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
// that learned from the same training section. All are measured on the same symbols, in nats per symbol, and all pay for the
// spelling of symbols that the alphabet lacks: a loss is that of the text, as Scorer has it.
type Verdict struct {
	Symbols   corpus.Kind      `json:"symbols"`
	Alphabet  int              `json:"alphabet"` // V
	Documents corpus.Documents `json:"documents"`

	Learned    int64   `json:"learned"`            // symbols that the baselines learned from
	LearnedOf  int64   `json:"learned_of"`         // symbols of the training section
	Measured   int64   `json:"measured"`           // symbols, from the start of the section held out
	MeasuredOf int64   `json:"measured_of"`        // symbols held out
	OwnFile    bool    `json:"own_file,omitempty"` // held out is another text (corpus.Options.ValidText), not the end of this one
	Unknown    int64   `json:"unknown"`            // symbols measured that the alphabet lacks
	Spelling   float64 `json:"spelling"`           // nats per symbol that spelling those takes: a part of every loss but gzip's

	Models    []Result   `json:"models"`
	Baselines []Baseline `json:"baselines"`
	Best      string     `json:"best_ngram"` // name of the best n-gram: of order 2 and more, or unigram or uniform
	Floor     *Floor     `json:"floor,omitempty"`
}

// A Result is the losses of one model, and what its training says.
type Result struct {
	Name      string     `json:"name"`
	OtherText bool       `json:"learned_another_text"`
	Loss      float64    `json:"loss"`  // on text held out
	Error     float64    `json:"error"` // standard error of Loss
	Ahead     Difference `json:"ahead"` // of the best n-gram

	// What follows is 0 if it is unknown, and for another text.
	Passes float64 `json:"passes,omitempty"`    // over the training section, when the model was kept
	Kept   float64 `json:"kept,omitempty"`      // the share of the run after which it was: 1 at its end
	Online float64 `json:"pass_loss,omitempty"` // on training text before it was learned from; see model.Summary.PassLoss

	Advice []Advice `json:"advice,omitempty"`
}

// A Difference is by how many nats per symbol a model's loss is lower than that of an n-gram, with the standard error of the
// difference: it is measured on the same symbols, so it is known better than either loss.
type Difference struct {
	Nats  float64 `json:"nats"`
	Error float64 `json:"error"`
}

// A Candidate is a model to evaluate.
type Candidate struct {
	Name      string
	Model     *model.Model
	OtherText bool  // it was trained on another text than the corpus's training section
	Steps     int64 // training steps of the run that kept it, which may have gone on; 0 if unknown
}

// result returns what is known of a model besides its losses.
func (m Candidate) result() Result {
	r := Result{Name: m.Name, OtherText: m.OtherText}
	s := m.Model.Summary
	if m.OtherText || s.TrainSymbols == 0 {
		return r
	}
	r.Passes, r.Online = float64(s.Symbols)/float64(s.TrainSymbols), s.PassLoss
	if m.Steps > 0 {
		r.Kept = min(1, float64(s.Steps)/float64(m.Steps))
	}
	return r
}

// A Floor is the entropy of a text: no model's mean loss stays below it.
type Floor struct {
	Language string  `json:"language"`
	Nats     float64 `json:"nats"`  // per symbol
	Exact    bool    `json:"exact"` // if false, Nats is an upper bound: the entropy may be lower
}

// FloorOf returns the floor of a generated language for symbols of this kind. It is nil for kinds of more than one character,
// because rates are per character. It fails if there is no such language.
func FloorOf(name string, kind corpus.Kind) (*Floor, error) {
	l, err := language.Find(name)
	if err != nil || kind != corpus.Chars && kind != corpus.Bytes {
		return nil, err
	}
	rate := l.Entropy()
	return &Floor{l.Name, rate.Nats, rate.Exact}, nil
}

// VerdictOptions are the options of Evaluate.
type VerdictOptions struct {
	Floor    *Floor                  // nil if it is not known
	Learn    int64                   // the most symbols that the baselines learn from; 0 means 2^22
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
	if err := t.spell(ctx); err != nil {
		return Verdict{}, err
	}
	v := Verdict{
		Symbols: c.Alphabet.Kind(), Alphabet: c.Alphabet.Size(), Documents: c.Documents(),
		OwnFile: c.Valid().Corpus() != c, Learned: t.symbols(), LearnedOf: c.Train().Len(), Measured: t.held.hi - t.held.lo, MeasuredOf: c.Valid().Len(),
		Unknown: t.unknown, Spelling: t.spelling.mean(), Floor: o.Floor,
	}
	var measured []*losses
	for i, m := range models {
		progress := func(done, total int64) {
			if n := int64(len(models)); o.Progress != nil {
				o.Progress(int64(i)*total+done, n*total)
			}
		}
		x, err := t.rate(ctx, m, progress)
		if err != nil {
			return v, err
		}
		measured = append(measured, x)
	}
	var best *losses
	if v.Baselines, v.Best, best, err = t.baselines(ctx); err != nil {
		return v, err
	}
	for i, m := range models {
		r, ahead := m.result(), best.minus(measured[i])
		r.Loss, r.Error, r.Ahead = measured[i].mean(), measured[i].error(), Difference{ahead.mean(), ahead.error()}
		r.Advice = v.advise(r)
		v.Models = append(v.Models, r)
	}
	return v, nil
}

// Lanes of a verdict's reading.
const (
	warmUp    = 1 << 12 // symbols that a model reads before it is measured, more than states remember
	mostLanes = 8       // streams, each a part of the section held out: several are read faster than one
)

// rate measures one model on text held out.
func (t *split) rate(ctx context.Context, m Candidate, progress func(done, total int64)) (*losses, error) {
	if err := m.Model.CheckProbabilities(); err != nil {
		return nil, err
	}
	if m.Model.Alphabet.Size() != t.c.Alphabet.Size() {
		return nil, fmt.Errorf("a corpus of %v for a model of %v", t.c.Alphabet, m.Model.Alphabet)
	}
	n := t.held.hi - t.held.lo
	lanes := max(1, min(mostLanes, n/(4*warmUp)))
	r := laneRun{V: t.c.Alphabet.Size(), window: m.Model.Network.NewInferenceWindow(windowSteps, int(lanes), nil), losses: newLosses(n)}
	for i := range lanes {
		lo, hi := n*i/lanes, n*(i+1)/lanes
		l := lane{first: lo}
		if err := l.fill(ctx, passage{t.held.c, t.held.lo + lo, t.held.lo + hi}); err != nil {
			return nil, err
		}
		r.lanes = append(r.lanes, l)
	}
	if err := r.run(ctx, progress); err != nil {
		return nil, err
	}
	r.losses.join(t.spelling)
	return r.losses, nil
}

// A laneRun is passages that a network reads side by side, each in a stream of its own. They end together.
type laneRun struct {
	V      int
	window *rnn.Window
	lanes  []lane
	losses *losses
}

// A lane is a passage, with the text before it that warms up the state.
type lane struct {
	x, y   []int32 // the symbols read, the symbols predicted
	starts []bool
	warmUp int   // symbols before the passage
	first  int64 // where the passage begins in the section held out
}

func (l *lane) fill(ctx context.Context, p passage) error {
	lo := max(0, p.lo-warmUp)
	l.warmUp = int(p.lo - lo)
	fresh := false
	return passage{p.c, lo, p.hi}.read(ctx, func(int32) { fresh = true }, func(s corpus.Step) {
		l.x, l.y, l.starts = append(l.x, s.X), append(l.y, s.Y), append(l.starts, fresh)
		fresh = false
	})
}

func (r *laneRun) run(ctx context.Context, progress func(done, total int64)) error {
	steps, B := 0, len(r.lanes)
	for _, l := range r.lanes {
		steps = max(steps, len(l.x))
	}
	x, starts := make([]int32, B*windowSteps), r.window.Starts()
	for from := 0; from < steps; from += windowSteps {
		if err := ctx.Err(); err != nil {
			return err
		}
		n := min(windowSteps, steps-from)
		for b := range r.lanes {
			l := &r.lanes[b]
			late := steps - len(l.x) // a shorter lane begins later: all end together
			for t := max(0, late-from); t < n; t++ {
				x[B*t+b], starts[B*t+b] = l.x[from+t-late], l.starts[from+t-late]
			}
		}
		r.window.Forward(x[:B*n])
		for b := range r.lanes {
			if err := r.measure(b, from-(steps-len(r.lanes[b].x)), n); err != nil {
				return err
			}
		}
		progress(int64(B)*int64(from+n), int64(B)*int64(steps))
	}
	return nil
}

// measure adds the losses of a lane in a window of n time steps that begins with its symbol number first.
func (r *laneRun) measure(b, first, n int) error {
	l, B := &r.lanes[b], len(r.lanes)
	for t := max(0, l.warmUp-first); t < n; t++ {
		nats := f32.CrossEntropy(r.window.Logits()[(B*t+b)*r.V:][:r.V], int(l.y[first+t]))
		if !(nats <= math.MaxFloat32) { // which NaN is not
			return model.ErrNotFinite
		}
		r.losses.add(l.first+int64(first+t-l.warmUp), float64(nats))
	}
	return nil
}
