package train

import (
	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/internal/memory"
	"github.com/seed-f4dd853e/elman/internal/setting"
	"github.com/seed-f4dd853e/elman/optim"
	"github.com/seed-f4dd853e/elman/rnn"
)

// A Memory is the bytes that a training takes, by purpose. With W weights and an optimizer of S vectors, in numbers of 4
// bytes:
//
//	weights      W
//	gradient     W, without frozen biases
//	optimizer    S W
//	average      W, or 0
//	teacher      its weights, window and copies, or the extra memory of its own training, if that is larger
//	rollback     weights, optimizer and average once more, to roll back to after a divergence
//	window       B T times the activations of a row, with their gradients
//	copies       matrices packed for products, and transposed; also those of the validation
//	validation   its window, 32 time steps by at most 16 streams, without gradients
//	reports      memory to draw a sample, or to measure the best model on the test text
//	text         alphabet, index, the first 16 MiB of the text, and buffers of the streams
//	garbage      a twentieth of all that, not yet collected (elman train sets debug.SetGCPercent)
//	program      3.5 MiB, measured with networks of a few units
//
// The total is within a tenth of a training process's largest private memory, RssAnon in Linux's /proc/PID/status. The verdict
// at the end of elman train runs when all this is free; it may take more than a small network.
type Memory struct {
	Weights    int64 `json:"weights"`
	Gradient   int64 `json:"gradient"`
	Optimizer  int64 `json:"optimizer"`
	Average    int64 `json:"average"`
	Teacher    int64 `json:"teacher,omitzero"`
	Rollback   int64 `json:"rollback"`
	Window     int64 `json:"window"`
	Copies     int64 `json:"copies"`
	Validation int64 `json:"validation"`
	Reports    int64 `json:"reports"`
	Text       int64 `json:"text"`
	Garbage    int64 `json:"garbage"`
	Program    int64 `json:"program"`
}

const (
	testWindow    = 128 // time steps of a window that package score reads one text with
	programMemory = 7 << 19
	garbageShare  = 20
)

// Total returns the sum.
func (m Memory) Total() int64 {
	return m.Weights + m.Gradient + m.Optimizer + m.Average + m.Teacher + m.Rollback + m.Window + m.Copies + m.Validation + m.Reports + m.Text +
		m.Garbage + m.Program
}

// checkMemory returns an error if a training takes more memory than there is. Who makes its window elsewhere checks that.
func (s Settings) checkMemory(c *corpus.Corpus, workers int, elsewhere bool) error {
	m, err := newMemory(c, s, workers)
	if err != nil {
		return err
	}
	need := m.Total() - m.Text - m.Program // these two are in use already
	if elsewhere {
		need -= s.Network.WindowMemory(s.windowUse(c.Documents() != corpus.Whole, workers)).Total()
	}
	if err := memory.Check("this training", need); err != nil {
		return setting.Errorf("%v; choose a smaller %v, %v or %v", err, setting.Name("hidden"), setting.Name("batch"), setting.Name("window"))
	}
	return nil
}

// newMemory counts the memory of a training. Its errors are those of the settings.
func newMemory(c *corpus.Corpus, s Settings, workers int) (Memory, error) {
	rule, err := optim.New(s.Optimizer)
	if err != nil {
		return Memory{}, err
	}
	starts := c.Documents() != corpus.Whole
	use := s.windowUse(starts, workers)
	use.Teacher = nil
	w := s.Network.WindowMemory(use)
	m := Memory{
		Weights: weightBytes(s.Network), Gradient: w.Gradient,
		Window: w.Buffers + 8*int64(s.Window*s.Batch), Copies: w.Copies, Text: c.Memory(s.Batch),
	}
	m.Optimizer = m.Weights * int64(len(rule.State()))
	if s.Average > 0 {
		m.Average = m.Weights
	}
	m.Rollback = m.Weights + m.Optimizer + m.Average
	if streams, err := validStreams(c); streams != nil && err == nil {
		B := streams.B()
		v := s.Network.WindowMemory(rnn.WindowUse{T: validWindow, B: B, Starts: starts, Workers: workers})
		m.Validation, m.Copies = v.Buffers+8*int64(validWindow*B), m.Copies+v.Copies
	}
	prompt := s.Network.WindowMemory(rnn.WindowUse{T: 1, B: 1, Starts: true})
	sample := s.Network.WindowMemory(rnn.WindowUse{T: 1, B: 1, Starts: true, Inference: true})
	m.Reports = prompt.Total() + sample.Total()
	if c.Test().Len() > 0 { // a copy of the best model, in a window
		test := s.Network.WindowMemory(rnn.WindowUse{T: testWindow, B: 1, Starts: true})
		m.Reports = max(m.Reports, m.Weights+test.Total())
	}
	if s.Teacher != "" {
		t, err := s.teacherSettings(FactsOf(c))
		if err != nil {
			return m, err
		}
		use.Teacher = &t.Network
		m.Teacher = weightBytes(t.Network) + s.Network.WindowMemory(use).Total() - w.Total()
		learning, err := newMemory(c, t, workers)
		if err != nil {
			return m, err
		}
		waiting := m.Weights + m.Average + m.Rollback
		m.Teacher = max(m.Teacher, m.Teacher+waiting+learning.Total()-learning.Text-learning.Program-(m.Total()-m.Text))
	}
	m.Garbage = m.Total() / garbageShare
	m.Program = programMemory
	return m, nil
}

// weightBytes returns the memory of all weights.
func weightBytes(n rnn.Config) (sum int64) {
	for _, p := range n.Params() {
		sum += 4 * int64(p.Len())
	}
	return sum
}
