package train

import "time"

// A Report tells how far a training has come: a line of metrics.jsonl.
type Report struct {
	Step             int64    `json:"step"`    // training steps so far
	Epoch            float64  `json:"epoch"`   // passes over the training text so far
	Symbols          int64    `json:"symbols"` // predicted so far
	Loss             float64  `json:"loss"`    // nats per symbol, mean over exactly the symbols since the last report
	ValidLoss        *float64 `json:"valid_loss,omitempty"`
	LearningRate     float64  `json:"lr"`
	GradNorm         float64  `json:"grad_norm"` // of the last training step, before clipping
	SymbolsPerSecond float64  `json:"symbols_per_second"`
	Seconds          float64  `json:"seconds"` // spent training so far, pauses left out

	Best     bool   `json:"-"` // the validation loss is the lowest so far, or there is none
	EpochEnd bool   `json:"-"`
	Sample   string `json:"-"` // what Options.Sample wrote
}

// A clock measures the seconds of a training, over several calls of Run.
type clock struct {
	before float64 // seconds of earlier calls
	start  time.Time
}

func (c *clock) seconds() float64 { return c.before + time.Since(c.start).Seconds() }
