package term

import (
	"os"
	"os/signal"
	"sync"
	"time"

	"github.com/seed-f4dd853e/elman/train"
	"github.com/seed-f4dd853e/elman/train/run"
)

// A Panel is the live display of a training on a terminal. The training's goroutine only stores the news; another goroutine
// draws ten times a second, so that a slow terminal does not slow down the training.
type Panel struct {
	lines    *Lines // write what stays in the scroll-back, before and after the panel
	screen   *screen
	stopping func() bool          // reports whether the training was asked to end
	earlier  func() []run.Metrics // returns the reports of earlier calls

	mu       sync.Mutex
	news     scene
	last     *train.Report // the last report, and all divergences: not yet written as lines
	wrong    []train.Divergence
	quit     chan struct{}
	gone     chan struct{} // closed when the terminal has been restored
	stopOnce sync.Once
}

const drawEvery = 100 * time.Millisecond

// NewPanel returns a panel on a terminal.
func NewPanel(t *Terminal, lines *Lines, stopping func() bool, earlier func() []run.Metrics) *Panel {
	p := &Panel{lines: lines, screen: &screen{t: t}, stopping: stopping, earlier: earlier, quit: make(chan struct{}), gone: make(chan struct{})}
	p.news = scene{job: lines.job}
	undo := p.screen.close
	t.undo.Store(&undo)
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
	go p.run()
}

// run draws until the panel is stopped.
func (p *Panel) run() {
	defer close(p.gone)
	suspensions := make(chan os.Signal, 1)
	if jobControl != nil {
		signal.Notify(suspensions, jobControl...)
		defer signal.Stop(suspensions)
	}
	ticks := time.NewTicker(drawEvery)
	defer ticks.Stop()
	for at := time.Now(); ; {
		s := p.look(at)
		width, height := p.screen.t.Size()
		p.screen.draw(width, height, s.draw(width, height))
		select {
		case <-p.quit:
			p.screen.close()
			return
		case <-suspensions:
			p.screen.leave()
			suspend()
			at = time.Now()
		case at = <-ticks.C:
		}
	}
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
		close(p.quit)
		<-p.gone
		for _, d := range p.wrong {
			p.lines.Diverged(d)
		}
		if p.last != nil {
			p.lines.write(*p.last)
		}
	})
}
