package train

import (
	"context"
	"time"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/optim"
)

// A Plan predicts what a training will take: weights, work, time and memory.
type Plan struct {
	Source     string        `json:"source"`
	Symbols    corpus.Kind   `json:"symbols"`
	Alphabet   int           `json:"alphabet"` // V, the escape included
	Train      int64         `json:"train_symbols"`
	Valid      int64         `json:"valid_symbols"`
	Test       int64         `json:"test_symbols,omitempty"`
	Settings   Settings      `json:"settings"` // complete
	Workers    int           `json:"workers"`
	Tensors    []Tensor      `json:"tensors"`
	Weights    int64         `json:"weights"`         // of all tensors together
	State      []string      `json:"optimizer_state"` // names of the optimizer's vectors, each as long as the weights
	PassSteps  int64         `json:"pass_steps"`      // training steps of an epoch
	Steps      int64         `json:"steps"`           // training steps in total
	Reports    int64         `json:"reports"`
	Teacher    int64         `json:"teacher_steps,omitzero"` // training steps of the teacher, before
	Operations float64       `json:"operations_per_step"`    // floating-point operations in matrix products, with what a teacher predicts
	Work       float64       `json:"operations"`             // of all training steps, the teacher's too
	Memory     Memory        `json:"memory"`
	StepTime   StepTime      `json:"step_time"`
	Time       time.Duration `json:"time_ns"` // of all training steps and reports at this speed, the teacher's too
	Keep       []Kept        `json:"keep_at,omitempty"`
}

// A Tensor is a matrix or vector of weights, by its name and shape in a model file.
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

// NewPlan plans a training with the chosen settings. It measures the time of a training step for about two seconds, with a
// network that it throws away. Its errors are those of Resolve.
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
		Source: o.Source, Symbols: c.Alphabet.Kind(), Alphabet: c.Alphabet.Size(), Train: c.Train().Len(), Valid: c.Valid().Len(), Test: c.Test().Len(),
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
	if p.Keep, err = KeepPlan(c, s, o.KeepAt); err != nil {
		return Plan{}, err
	}
	p.Reports = s.reports(p.Steps, p.PassSteps)
	p.Operations = s.Network.FLOPs(s.Window) * float64(s.Batch*s.Window)
	if p.Memory, err = newMemory(c, s, p.Workers); err != nil {
		return Plan{}, err
	}
	teacher, err := s.teacherSettings(FactsOf(c))
	if err != nil {
		return Plan{}, err
	}
	if s.Teacher != "" {
		p.Operations += teacher.Network.FLOPs(s.Window) / 3 * float64(s.Batch*s.Window) // its forward pass alone
		p.Teacher = teacher.Budget.Steps
		p.Work = teacher.Network.FLOPs(teacher.Window) * float64(teacher.Batch*teacher.Window) * float64(p.Teacher)
	}
	p.Work += p.Operations * float64(p.Steps)
	p.Time = time.Duration(float64(p.StepTime.Step)*float64(p.Steps) + float64(p.StepTime.Report)*float64(p.Reports) + float64(p.StepTime.Teacher)*float64(p.Teacher))
	return p, nil
}

// reports returns the number of reports of a training of this many steps.
func (s Settings) reports(steps, pass int64) int64 {
	if !s.ReportEpochs || steps < pass {
		return (steps + s.ReportEvery - 1) / s.ReportEvery
	}
	return steps/pass*((pass+s.ReportEvery-1)/s.ReportEvery) + (steps%pass+s.ReportEvery-1)/s.ReportEvery
}

// reporting returns the part of a training step in the time of its reports, each of which takes so long.
func (s Settings) reporting(report time.Duration, f Facts) time.Duration {
	over := s.ReportEvery
	if s.ReportEpochs {
		d := defaults{Settings: s, facts: f}
		over = d.pass()
	}
	return report * time.Duration(s.reports(over, over)) / time.Duration(over)
}
