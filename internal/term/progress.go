package term

import (
	"fmt"
	"io"
	"math"
	"strings"
	"time"

	"github.com/seed-f4dd853e/elman/internal/report"
	"github.com/seed-f4dd853e/elman/train"
)

// A Display shows the progress of a training. All methods except Stop are called from the training's goroutine, and must be
// quick.
type Display interface {
	// Start is called when training begins, with the training steps of earlier calls.
	Start(step int64)
	Progress(train.Progress)
	Report(train.Report)
	Diverged(train.Divergence)
	// Stop is called when the training has ended, successfully or not. It returns when nothing more will be drawn. It may be
	// called again.
	Stop()
}

// A Job describes a training for display, with all settings.
type Job struct {
	Name, Text, Network, Training, Folder string
	Length                                string // of a run limited by time
	Epochs                                int    // 0 if something else ends the training
}

// Lines is the display for pipes and logs: a stream of lines.
type Lines struct {
	w        io.Writer
	job      Job
	now      func() time.Time
	forecast forecast
	last     time.Time // of the last output
}

// heartbeat is the longest silence of Lines during a training.
const heartbeat = time.Minute

// NewLines returns a display that writes to w.
func NewLines(w io.Writer, job Job) *Lines { return &Lines{w: w, job: job, now: time.Now} }

// Start implements Display.
func (p *Lines) Start(step int64) {
	fmt.Fprintf(p.w, "%s: %s\n%s\n%s\n", p.job.Name, p.job.Text, p.job.Network, p.job.Training)
	if p.job.Length != "" {
		fmt.Fprintln(p.w, p.job.Length)
	}
	fmt.Fprintf(p.w, "run folder %s; Ctrl-C saves the run and stops\n", p.job.Folder)
	if step > 0 {
		fmt.Fprintf(p.w, "going on after training step %d\n", step)
	}
	p.last = p.now()
	p.forecast.begin(p.last)
}

// Progress implements Display: it writes a line after a long silence.
func (p *Lines) Progress(now train.Progress) {
	at := p.now()
	if p.forecast.progress(now, at); at.Sub(p.last) < heartbeat {
		return
	}
	p.last = at
	fmt.Fprintf(p.w, "step %d, epoch %.2f: ", now.Step, now.Epoch)
	switch {
	case now.Phase != train.Training:
		fmt.Fprintf(p.w, "%s, ", activity(now))
	case !math.IsNaN(now.Loss):
		fmt.Fprintf(p.w, "loss so far %s, ", Nats(now.Loss))
	}
	fmt.Fprintf(p.w, "%s symbols/s, %.1f %% done", report.Short(p.forecast.speed()), 100*now.Done)
	if left, ok := p.forecast.left(at); ok {
		fmt.Fprintf(p.w, ", about %s left", Roughly(left))
	}
	fmt.Fprintln(p.w)
}

// Report implements Display.
func (p *Lines) Report(r train.Report) {
	p.last = p.now()
	p.forecast.report(p.last)
	p.write(r)
}

// write writes a report.
func (p *Lines) write(r train.Report) {
	fmt.Fprintf(p.w, "step %d, epoch %.2f: loss %s", r.Step, r.Epoch, Nats(r.Loss))
	if r.ValidLoss != nil {
		fmt.Fprintf(p.w, ", validation %s", Nats(*r.ValidLoss))
		if r.Best {
			fmt.Fprint(p.w, " (best)")
		}
	}
	fmt.Fprintf(p.w, ", %s symbols/s, %.1f s\n", report.Short(r.SymbolsPerSecond), r.Seconds)
	if r.Sample != "" {
		fmt.Fprintf(p.w, "%s\n\n", indent(r.Sample))
	}
}

// Diverged implements Display.
func (p *Lines) Diverged(d train.Divergence) {
	p.last = p.now()
	fmt.Fprintf(p.w, "%s\n\n", retried(d))
}

// retried describes a divergence and the retry.
func retried(d train.Divergence) string {
	return fmt.Sprintf("%s; back to step %d and on at half the rate, %v (retry %d of %d)", d.String(), d.Back, d.Rate, d.Retry, d.Retries)
}

// Stop implements Display.
func (p *Lines) Stop() {}

// activity names a phase.
func activity(p train.Progress) string {
	what := [...]string{train.Training: "training", train.Validating: "validating", train.Sampling: "writing a sample", train.Saving: "saving", train.Testing: "testing"}[p.Phase]
	if p.PhaseDone > 0 {
		what += fmt.Sprintf(" %.0f %%", math.Floor(100*p.PhaseDone))
	}
	return what
}

// Counted formats a number of things: 1 layer, 2 layers.
func Counted(n int, thing string) string {
	if n != 1 {
		thing += "s"
	}
	return fmt.Sprintf("%d %s", n, thing)
}

// Nats formats a loss in nats and in bits per symbol.
func Nats(loss float64) string { return fmt.Sprintf("%.4f nats (%.3f bits)", loss, loss/math.Ln2) }

func indent(text string) string {
	return "    " + strings.ReplaceAll(strings.TrimRight(text, "\n"), "\n", "\n    ")
}
