package bench

import (
	"context"
	"errors"
	"fmt"

	"github.com/seed-f4dd853e/elman/rnn"
	"github.com/seed-f4dd853e/elman/score"
)

// A scoring is a workload of text read by a model: lines side by side, or one long text.
type scoring struct {
	cell  string
	H     int
	lines bool
}

// lineChars is the characters of the lines that each worker scores, of 10 to 59.
const lineChars = 4096

var scorings = []scoring{
	{"lstm", 256, false},
	{"lstm", 256, true},
	{"lstm", 512, true},
}

func (s scoring) String() string {
	what := "text"
	if s.lines {
		what = "lines"
	}
	return fmt.Sprintf("score %s, H=%d, %s", s.cell, s.H, what)
}

func (s scoring) workers(most int) []int {
	if s.lines && most > 1 {
		return []int{1, most}
	}
	return []int{1}
}

func (s scoring) measure(ctx context.Context, workers int) (Figure, error) {
	m, err := newModel(s.cell, s.H, rnn.Float32)
	if err != nil {
		return Figure{}, err
	}
	scorer := score.New(m, score.Extras{})
	scorer.Threads = workers
	return charsFigure(operationsOf(m), workers, func() (float64, error) { return s.run(ctx, scorer, workers) })
}

// run scores for a while and returns the characters per second.
func (s scoring) run(ctx context.Context, scorer *score.Scorer, workers int) (float64, error) {
	enough := errors.New("enough")
	read, now := 0, timer(workers)
	start := now()
	count := func(_ int, _ score.Symbol) error {
		if read++; !s.lines && read%128 == 0 && now()-start >= wholeRun {
			return enough
		}
		return nil
	}
	bytes := textBytes()
	texts := [][]byte{bytes}
	if s.lines {
		texts = nil
		for rest := bytes[:min(len(bytes), workers*lineChars)]; len(rest) > 0; {
			n := min(len(rest), 10+len(rest)%50)
			texts, rest = append(texts, rest[:n]), rest[n:]
		}
	}
	for {
		if err := scorer.Lines(ctx, texts, count); err != nil && !errors.Is(err, enough) {
			return 0, err
		}
		if time := now() - start; time >= wholeRun {
			return float64(read) / time.Seconds(), nil
		}
	}
}
