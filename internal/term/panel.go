package term

import (
	"sync"
	"time"

	"github.com/seed-f4dd853e/elman/train"
	"github.com/seed-f4dd853e/elman/train/run"
)

// A Panel is the live display of a training on a terminal. The training's goroutine only stores the news.
type Panel struct {
	lines    *Lines // write what stays in the scroll-back, before and after the panel
	live     *Live
	stopping func() bool          // reports whether the training was asked to end
	earlier  func() []run.Metrics // returns the reports of earlier calls

	mu       sync.Mutex
	news     scene
	last     *train.Report // the last report, and all divergences: not yet written as lines
	wrong    []train.Divergence
	stopOnce sync.Once
}

// NewPanel returns a panel on a terminal.
func NewPanel(t *Terminal, lines *Lines, stopping func() bool, earlier func() []run.Metrics) *Panel {
	p := &Panel{lines: lines, stopping: stopping, earlier: earlier, news: scene{job: lines.job}}
	p.live = NewLive(t, func(at time.Time, width, height int) []string {
		s := p.look(at)
		return s.draw(width, height)
	})
	return p
}

// Start implements Display.
func (p *Panel) Start(step int64) {
	p.lines.Start(step)
	p.news.forecast.begin(time.Now())
	p.news.now.Step = step
	if step > 0 {
		for _, m := range p.earlier() {
			if m.Step <= step {
				p.news.report(train.Report{Metrics: m})
			}
		}
	}
	p.live.Start()
}

// Progress implements Display.
func (p *Panel) Progress(now train.Progress) {
	at := time.Now()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.news.now = now
	p.news.forecast.progress(now, at)
}

// Report implements Display.
func (p *Panel) Report(r train.Report) {
	at := time.Now()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.news.forecast.report(at)
	p.news.report(r)
	p.last = &r
}

// Diverged implements Display.
func (p *Panel) Diverged(d train.Divergence) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.news.trouble = retried(d)
	p.wrong = append(p.wrong, d)
}

// look returns the scene to draw.
func (p *Panel) look(at time.Time) scene {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.news
	s.at, s.stopping = at, p.stopping()
	return s
}

// Stop implements Display. The scroll-back keeps the divergences and the last report.
func (p *Panel) Stop() {
	p.stopOnce.Do(func() {
		p.mu.Lock()
		started := !p.news.forecast.start.IsZero()
		p.mu.Unlock()
		if !started {
			return
		}
		p.live.Stop()
		for _, d := range p.wrong {
			p.lines.Diverged(d)
		}
		if p.last != nil {
			p.lines.write(*p.last)
		}
	})
}
