package cli

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// errInterrupted is why a command's context is cancelled when a signal asks the program to end.
var errInterrupted = errors.New("interrupted")

// An interruption is an error that says what was interrupted, and what to do.
type interruption struct{ error }

func (interruption) Is(target error) bool { return target == errInterrupted }

// interruptedf makes an interruption.
func interruptedf(text string) error { return interruption{errors.New("interrupted" + text)} }

// isInterrupted says whether a command has ended because it was asked to.
func isInterrupted(err error) bool {
	return errors.Is(err, errInterrupted) || errors.Is(err, context.Canceled)
}

// patience is how long a command that was asked to end may take before the program ends without it: it may hang where
// no context reaches, in a pipe that nobody writes or reads, or in a long line.
const patience = 700 * time.Millisecond

// untilInterrupted runs a command and returns its exit code. A first Ctrl-C, SIGTERM or SIGHUP cancels its context; a run
// that is being trained takes its time to be saved, a server its time to finish requests. A second one ends the program at once.
func (e *env) untilInterrupted(command func(context.Context) int) int {
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	e.cancel = cancel
	signal.Ignore(syscall.SIGPIPE) // what is written to a closed pipe fails; see output
	defer signal.Reset(syscall.SIGPIPE)
	signals := make(chan os.Signal, 2)
	e.signals = signals
	ends := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) { // as nohup makes it
		ends = append(ends, syscall.SIGHUP)
	}
	signal.Notify(signals, ends...)
	defer signal.Stop(signals)

	done := make(chan int, 1)
	go func() { done <- command(ctx) }()
	var late <-chan time.Time
	for {
		select {
		case code := <-done:
			return code
		case got := <-signals:
			if again := e.hangup.Load(); again != nil && got == syscall.SIGHUP {
				(*again)()
				continue
			}
			if work := e.breakable.Swap(nil); work != nil && got == os.Interrupt {
				(*work)()
				continue
			}
			if ctx.Err() != nil {
				return e.abandon()
			}
			cancel(errInterrupted)
			ticks := time.NewTicker(patience)
			defer ticks.Stop()
			late = ticks.C
		case <-late:
			if !e.saving.Load() {
				return e.abandon()
			}
		}
	}
}

// abandon gives the terminal back and says that the program ends, if the terminal takes it.
func (e *env) abandon() int {
	told := make(chan struct{})
	go func() {
		defer close(told)
		e.screen.Restore()
		e.say("elman: interrupted\n")
	}()
	select {
	case <-told:
	case <-time.After(patience): // it takes nothing
	}
	if e.window != nil { // the training still talks to other processes, which end with this one
		os.Exit(exitInterrupted)
	}
	return exitInterrupted
}
