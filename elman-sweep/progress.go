package main

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/seed-f4dd853e/elman/elman-sweep/queue"
	"github.com/seed-f4dd853e/elman/internal/report"
	"github.com/seed-f4dd853e/elman/internal/term"
)

// A progress tells how far a study is: a line for each run, and on a terminal a status below.
type progress struct {
	mu      sync.Mutex
	out     io.Writer
	status  *term.Status
	total   int
	before  int // done by earlier calls
	now     int // done by this one
	failed  int
	started time.Time
	stop    chan struct{}
	once    sync.Once
}

func newProgress(total int) *progress {
	screen := term.Open(os.Stderr)
	p := &progress{total: total, started: time.Now(), status: term.NewStatus(screen), stop: make(chan struct{})}
	p.out = p.status.Results(term.NewProse(os.Stderr, screen), screen)
	go p.tick()
	return p
}

// tick rewrites the status.
func (p *progress) tick() {
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-p.stop:
			return
		case <-tick.C:
			p.mu.Lock()
			p.status.Tell(p.line(), float64(p.before+p.now)/float64(max(1, p.total)))
			p.mu.Unlock()
		}
	}
}

// line says how many runs are done, and how long the rest will take.
func (p *progress) line() string {
	text := fmt.Sprintf("%d of %d runs", p.before+p.now, p.total)
	if p.failed > 0 {
		text += fmt.Sprintf(", %d failed", p.failed)
	}
	if left := p.total - p.before - p.now; p.now > 0 && left > 0 {
		seconds := time.Since(p.started).Seconds() / float64(p.now) * float64(left)
		text += ", about " + report.Seconds(seconds) + " left"
	}
	return text
}

// done tells about a run.
func (p *progress) done(f queue.Finished) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if f.Before {
		p.before++
		return
	}
	p.now++
	what := f.Result.Error
	if what == "" {
		loss, _ := f.Result.Get("valid_loss")
		what = "validation " + term.Nats(loss)
	} else {
		p.failed++
	}
	fmt.Fprintf(p.out, "%s: %s, seed %d: %s\n", p.line(), f.Run.Condition, f.Run.Seed, what)
}

// say tells something else.
func (p *progress) say(format string, values ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	fmt.Fprintf(p.out, format+"\n", values...)
}

// end removes the status.
func (p *progress) end() {
	p.once.Do(func() {
		close(p.stop)
		p.status.End()
	})
}
