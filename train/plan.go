package train

import (
	"context"
	"time"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/optim"
)

// A Plan says what a training will take, before it begins.
type Plan struct {
	Source     string        `json:"source"`
	Symbols    corpus.Kind   `json:"symbols"`
	Alphabet   int           `json:"alphabet"` // V, the escape included
	Train      int64         `json:"train_symbols"`
	Valid      int64         `json:"valid_symbols"`
	Settings   Settings      `json:"settings"` // complete
	Workers    int           `json:"workers"`
	Tensors    []Tensor      `json:"tensors"`
	Weights    int64         `json:"weights"`         // of all tensors together
	State      []string      `json:"optimizer_state"` // names of the vectors, each as long as the weights, that the optimizer keeps
	PassSteps  int64         `json:"pass_steps"`      // training steps of a pass over the text
	Steps      int64         `json:"steps"`           // training steps in all
	Reports    int64         `json:"reports"`
	Operations float64       `json:"operations_per_step"` // floating-point ones, of the matrix products
	Memory     Memory        `json:"memory"`
	StepTime   StepTime      `json:"step_time"`
	Time       time.Duration `json:"time_ns"` // that all training steps and reports take at this pace
}

// A Tensor is a matrix or vector of weights, as a model file has it.
type Tensor struct {
	Name   string `json:"name"`
	Shape  []int  `json:"shape"`
	Frozen bool   `json:"frozen,omitempty"` // not trained
}

// Len returns the number of weights.
func (t Tensor) Len() int64 {
	n := int64(1)
	for _, d := range t.Shape {
		n *= int64(d)
	}
	return n
}

// NewPlan plans the training that Run would be with the settings that are chosen. It measures the time of a training step
// with a network that it throws away, for some two seconds, and fails as Resolve does.
func NewPlan(ctx context.Context, c *corpus.Corpus, choice Choice, o Options) (Plan, error) {
	s, step, err := resolve(ctx, c, choice, o)
	if err != nil {
		return Plan{}, err
	}
	rule, err := optim.New(s.Optimizer)
	if err != nil {
		return Plan{}, err
	}
	streams, err := c.Train().Streams(s.Batch)
	if err != nil {
		return Plan{}, err
	}
	p := Plan{
		Source: o.Source, Symbols: c.Alphabet.Kind(), Alphabet: c.Alphabet.Size(), Train: c.Train().Len(), Valid: c.Valid().Len(),
		Workers: o.workers(s), State: rule.State(), PassSteps: windows(streams, s.Window),
	}
	for _, w := range s.Network.Params() {
		t := Tensor{w.Name, w.Shape(), w.Frozen}
		p.Tensors, p.Weights = append(p.Tensors, t), p.Weights+t.Len()
	}
	if step == nil {
		if step, err = measure(ctx, c, s, o); err != nil {
			return Plan{}, err
		}
	}
	p.StepTime, p.Steps = *step, s.Budget.steps(p.PassSteps)
	if err := s.layOut(p.Steps); err != nil {
		return Plan{}, err
	}
	p.Settings = s
	p.Reports = s.reports(p.Steps, p.PassSteps)
	p.Operations = s.Network.FLOPs(s.Window) * float64(s.Batch*s.Window)
	p.Memory = newMemory(c, s, rule, p.Workers)
	p.Time = time.Duration(float64(p.StepTime.Step)*float64(p.Steps) + float64(p.StepTime.Report)*float64(p.Reports))
	return p, nil
}

// reports returns how many reports a training of so many steps makes.
func (s Settings) reports(steps, pass int64) int64 {
	if !s.ReportEpochs || steps < pass {
		return (steps + s.ReportEvery - 1) / s.ReportEvery
	}
	return steps/pass*((pass+s.ReportEvery-1)/s.ReportEvery) + (steps%pass+s.ReportEvery-1)/s.ReportEvery
}
