package term

import (
	"os"
	"os/signal"
	"sync"
	"time"
)

// A Live is a display on the whole screen of a terminal, drawn anew ten times a second by a goroutine of its own, so that a slow
// terminal does not slow down the work. The earlier content of the terminal returns when it stops.
type Live struct {
	screen screen
	draw   func(at time.Time, width, height int) []string
	once   sync.Once
	quit   chan struct{}
	gone   chan struct{} // closed when the terminal has been restored
}

const drawEvery = 100 * time.Millisecond

// NewLive returns a display that shows nothing yet. Draw returns the lines for a window of this size, as many as it is high.
func NewLive(t *Terminal, draw func(at time.Time, width, height int) []string) *Live {
	l := &Live{screen: screen{t: t}, draw: draw, quit: make(chan struct{}), gone: make(chan struct{})}
	undo := l.screen.close
	t.undo.Store(&undo)
	return l
}

// Start begins to draw.
func (l *Live) Start() { go l.run() }

// run draws until the display is stopped.
func (l *Live) run() {
	defer close(l.gone)
	suspensions := make(chan os.Signal, 1)
	if jobControl != nil {
		signal.Notify(suspensions, jobControl...)
		defer signal.Stop(suspensions)
	}
	ticks := time.NewTicker(drawEvery)
	defer ticks.Stop()
	for at := time.Now(); ; {
		width, height := l.screen.t.Size()
		l.screen.draw(width, height, l.draw(at, width, height))
		select {
		case <-l.quit:
			l.screen.close()
			return
		case <-suspensions:
			l.screen.leave()
			suspend()
			at = time.Now()
		case at = <-ticks.C:
		}
	}
}

// Stop restores the terminal. It comes after Start, and may be called again.
func (l *Live) Stop() {
	l.once.Do(func() { close(l.quit) })
	<-l.gone
}
