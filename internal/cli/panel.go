package cli

import (
	"context"
	"os"
	"os/signal"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/seed-f4dd853e/elman/train"
)

// A panel is the display that takes over a terminal while a training goes on. The goroutine that trains only leaves what it
// has to tell; another one looks at that ten times a second and draws, so that a slow terminal holds nobody up.
type panel struct {
	lines     *plainLines // tell the scroll-back what comes before and after the panel
	keys      *os.File
	screen    *os.File
	ctx       context.Context // of the training
	interrupt func()
	earlier   func() []train.Report // reports of earlier calls

	mu    sync.Mutex
	news  scene
	last  *train.Report // the last report and all divergences, not told yet in plain lines
	wrong []train.Divergence
	asked atomic.Int32  // how often Ctrl-C or a signal has asked for an end
	gone  chan struct{} // closed when the terminal is as it was before
	shown time.Time
	tea   *tea.Program
}

const (
	drawEvery = 100 * time.Millisecond
	// shownAtLeast is the time that a terminal has to answer what the panel asks of it at first. Answers that come when the
	// panel is gone would appear at the shell's prompt.
	shownAtLeast = 200 * time.Millisecond
)

// newPanel returns a panel on the terminals of e.
func newPanel(ctx context.Context, e *env, f *trainFlags, lines *plainLines) *panel {
	p := &panel{lines: lines, keys: e.keys, screen: e.screen, ctx: ctx, interrupt: e.interrupt}
	p.news = scene{job: lines.job, epochs: f.settings.Budget.Epochs}
	p.earlier = func() []train.Report {
		reports, _ := train.Metrics(f.out) // a curve without its beginning is no reason to stop
		return reports
	}
	return p
}

func (p *panel) start(step int64) {
	p.lines.start(step)
	p.shown = time.Now()
	p.news.forecast.begin(p.shown)
	p.news.now.Step = step
	if step > 0 {
		for _, r := range p.earlier() {
			if r.Step <= step {
				p.news.report(r)
			}
		}
	}
	p.gone = make(chan struct{})
	p.tea = tea.NewProgram(view{panel: p, scene: p.news}, tea.WithInput(p.keys), tea.WithOutput(p.screen), tea.WithoutSignalHandler())
	go p.run()
}

// run draws until the panel is stopped or the user insists on an end.
func (p *panel) run() {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM) // the first of them reaches the training in its own way
	go func() {
		for s := range signals {
			if p.asked.Add(1) > 1 {
				signal.Stop(signals) // whoever sends a third means it
				p.tea.Send(enough{s})
			}
		}
	}()
	last, _ := p.tea.Run() // without a panel the training goes on, in plain lines
	signal.Stop(signals)
	close(signals)
	if v, ok := last.(view); ok && v.enough != nil {
		die(v.enough)
	}
	close(p.gone)
}

// die ends the program as a signal does that nobody handles.
func die(s os.Signal) {
	signal.Reset(s)
	if self, err := os.FindProcess(os.Getpid()); err == nil && self.Signal(s) == nil {
		select {} // until it comes
	}
	os.Exit(exitError)
}

func (p *panel) progress(now train.Progress) {
	at := time.Now()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.news.now = now
	p.news.forecast.progress(now, at)
}

func (p *panel) report(r train.Report) {
	at := time.Now()
	p.mu.Lock()
	p.news.forecast.report(at)
	p.news.report(r)
	p.last = &r
	p.mu.Unlock()
	p.tellIfGone()
}

func (p *panel) diverged(d train.Divergence) {
	p.mu.Lock()
	p.news.trouble = retried(d)
	p.wrong = append(p.wrong, d)
	p.mu.Unlock()
	p.tellIfGone()
}

// tellIfGone goes on in plain lines if the panel has lost its terminal.
func (p *panel) tellIfGone() {
	select {
	case <-p.gone:
		p.tellLast()
	default:
	}
}

// tellLast writes in plain lines what the scroll-back should keep of a panel.
func (p *panel) tellLast() {
	for _, d := range p.wrong {
		p.lines.diverged(d)
	}
	p.wrong = nil
	if p.last != nil {
		p.lines.write(*p.last)
		p.last = nil
	}
}

// look returns what there is to draw.
func (p *panel) look(at time.Time) scene {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.news
	s.at, s.stopping = at, p.ctx.Err() != nil
	return s
}

func (p *panel) stop() {
	if p.tea == nil {
		return
	}
	time.Sleep(time.Until(p.shown.Add(shownAtLeast)))
	p.tea.Quit()
	<-p.gone
	p.tellLast()
}

// A view is the panel as bubbletea has it, in a goroutine of its own: a copy of the news, and the window.
type view struct {
	panel         *panel
	scene         scene
	width, height int
	enough        os.Signal // what ended the program at once
}

// enough says that a second signal has come.
type enough struct{ os.Signal }

// A redraw is due.
type redraw time.Time

func nextRedraw() tea.Cmd {
	return tea.Tick(drawEvery, func(at time.Time) tea.Msg { return redraw(at) })
}

func (v view) Init() tea.Cmd { return nextRedraw() }

func (v view) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		v.width, v.height = msg.Width, msg.Height
	case redraw:
		v.scene = v.panel.look(time.Time(msg))
		return v, nextRedraw()
	case enough:
		v.enough = msg.Signal
		return v, tea.Quit
	case tea.KeyPressMsg:
		switch msg.String() {
		case "ctrl+c": // which sends no signal while the panel has the keyboard
			if v.panel.asked.Add(1) > 1 {
				v.enough = os.Interrupt
				return v, tea.Quit
			}
			v.panel.interrupt()
			v.scene.stopping = true
		case "ctrl+z":
			return v, tea.Suspend
		}
	}
	return v, nil
}

func (v view) View() tea.View {
	screen := tea.NewView(v.scene.draw(v.width, v.height))
	screen.AltScreen = true
	return screen
}
