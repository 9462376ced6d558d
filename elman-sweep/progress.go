package main

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/seed-f4dd853e/elman/elman-sweep/findings"
	"github.com/seed-f4dd853e/elman/elman-sweep/queue"
	"github.com/seed-f4dd853e/elman/elman-sweep/runner"
	"github.com/seed-f4dd853e/elman/elman-sweep/study"
	"github.com/seed-f4dd853e/elman/internal/report"
	"github.com/seed-f4dd853e/elman/internal/term"
)

// A progress tells how far a study is: a line for each run or, on a terminal, a table of the conditions that is drawn anew.
type progress struct {
	mu      sync.Mutex
	out     io.Writer
	live    *term.Live // nil without a terminal
	name    string
	command string // that other machines start; "" if none can
	total   int
	before  int // done by earlier calls
	started time.Time
	rows    []*row
	at      map[string]*row // by condition
	lines   []string        // that the table leaves no room for as they come: they are written at the end
	last    string          // the line of the last run
	once    sync.Once
}

func newProgress(s *study.Study, command string) *progress {
	screen := term.Open(os.Stderr)
	p := &progress{out: term.NewProse(os.Stderr, screen), name: s.Name, command: command, total: len(s.Runs), started: time.Now(), at: map[string]*row{}}
	for _, r := range s.Runs {
		if p.at[r.Condition] == nil {
			p.at[r.Condition] = &row{condition: r.Condition, results: map[string]*runner.Result{}}
			p.rows = append(p.rows, p.at[r.Condition])
		}
		p.at[r.Condition].total++
	}
	if screen.CanRewrite() {
		p.live = term.NewLive(screen, p.draw)
		p.live.Start()
	}
	return p
}

// counts returns how many runs are done, and how many of them failed.
func (p *progress) counts() (done, failed int) {
	for _, r := range p.rows {
		done, failed = done+len(r.results), failed+r.failed
	}
	return done, failed
}

// line says how many runs are done, and how long the rest will take.
func (p *progress) line() string {
	done, failed := p.counts()
	text := fmt.Sprintf("%d of %d runs", done, p.total)
	if failed > 0 {
		text += fmt.Sprintf(", %d failed", failed)
	}
	if now, left := done-p.before, p.total-done; now > 0 && left > 0 {
		seconds := time.Since(p.started).Seconds() / float64(now) * float64(left)
		text += ", about " + report.Seconds(seconds) + " left"
	}
	return text
}

// done tells about a run.
func (p *progress) done(f queue.Finished) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.at[f.Run.Condition].add(f.Result)
	if f.Before {
		p.before++
		return
	}
	what := f.Result.Error
	if what == "" {
		loss, _ := f.Result.Get(findings.Main)
		what = "validation " + term.Nats(loss)
	}
	p.last = fmt.Sprintf("%s: %s, seed %d: %s", p.line(), f.Run.Condition, f.Run.Seed, what)
	switch {
	case p.live == nil:
		fmt.Fprintln(p.out, p.last)
	case f.Result.Error != "":
		p.lines = append(p.lines, p.last)
	}
}

// say tells something else.
func (p *progress) say(format string, values ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.live == nil {
		fmt.Fprintf(p.out, format+"\n", values...)
		return
	}
	p.lines = append(p.lines, fmt.Sprintf(format, values...))
}

// end removes the table, writes what stays, and has lines from then on. It may be called again.
func (p *progress) end() {
	p.once.Do(func() {
		if p.live == nil {
			return
		}
		p.live.Stop()
		p.mu.Lock()
		defer p.mu.Unlock()
		p.live = nil
		for _, line := range p.lines {
			fmt.Fprintln(p.out, line)
		}
		if p.last != "" {
			fmt.Fprintln(p.out, p.last)
		}
	})
}
