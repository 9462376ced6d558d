package cli

import (
	"context"
	"fmt"
	"io"
	"math"
	"strings"
	"time"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/train"
)

// A display shows how a training goes. All methods but stop are called by the goroutine that trains, and must not hold it
// up.
type display interface {
	// start says that training begins, after so many training steps of earlier calls.
	start(step int64)
	progress(train.Progress)
	report(train.Report)
	diverged(train.Divergence)
	// stop says that the training has ended, well or not, and returns when nothing more will be drawn. It may be called
	// again.
	stop()
}

// newDisplay returns the display for what e is connected to. Where a panel can be, interrupt is what Ctrl-C does.
func (e *env) newDisplay(ctx context.Context, f *trainFlags, c *corpus.Corpus, name string) display {
	lines := &plainLines{w: e.stderr, job: describeJob(f, c, name), now: time.Now}
	switch {
	case f.quiet:
		lines.w = io.Discard
	case canHavePanel(e.keys, e.screen):
		return newPanel(ctx, e, f, lines)
	}
	return lines
}

// plainLines is the display that is a stream of lines, for pipes and logs.
type plainLines struct {
	w        io.Writer
	job      job
	now      func() time.Time
	forecast forecast
	last     time.Time // when something was written
}

// silence is how long plainLines says nothing while a training goes on.
const silence = time.Minute

func (p *plainLines) start(step int64) {
	fmt.Fprintf(p.w, "%s: %s\n%s\n%s\n", p.job.name, p.job.text, p.job.network, p.job.training)
	if p.job.length != "" {
		fmt.Fprintln(p.w, p.job.length)
	}
	fmt.Fprintf(p.w, "run folder %s; Ctrl-C saves the run and stops\n", p.job.folder)
	if step > 0 {
		fmt.Fprintf(p.w, "going on after training step %d\n", step)
	}
	p.last = p.now()
	p.forecast.begin(p.last)
}

// progress writes a line if there was none for long.
func (p *plainLines) progress(now train.Progress) {
	at := p.now()
	if p.forecast.progress(now, at); at.Sub(p.last) < silence {
		return
	}
	p.last = at
	fmt.Fprintf(p.w, "step %d, epoch %.2f: ", now.Step, now.Epoch)
	switch {
	case now.Phase != train.Training:
		fmt.Fprintf(p.w, "%s, ", activity(now))
	case !math.IsNaN(now.Loss):
		fmt.Fprintf(p.w, "loss so far %s, ", nats(now.Loss))
	}
	fmt.Fprintf(p.w, "%s symbols/s, %.1f %% done", count(p.forecast.speed()), 100*now.Done)
	if left, ok := p.forecast.left(at); ok {
		fmt.Fprintf(p.w, ", about %s left", roughly(left))
	}
	fmt.Fprintln(p.w)
}

func (p *plainLines) report(r train.Report) {
	p.last = p.now()
	p.forecast.report(p.last)
	p.write(r)
}

// write writes a report.
func (p *plainLines) write(r train.Report) {
	fmt.Fprintf(p.w, "step %d, epoch %.2f: loss %s", r.Step, r.Epoch, nats(r.Loss))
	if r.ValidLoss != nil {
		fmt.Fprintf(p.w, ", validation %s", nats(*r.ValidLoss))
		if r.Best {
			fmt.Fprint(p.w, " (best)")
		}
	}
	fmt.Fprintf(p.w, ", %s symbols/s, %.1f s\n", count(r.SymbolsPerSecond), r.Seconds)
	if r.Sample != "" {
		fmt.Fprintf(p.w, "%s\n\n", indent(r.Sample))
	}
}

func (p *plainLines) diverged(d train.Divergence) {
	p.last = p.now()
	fmt.Fprintf(p.w, "%s\n\n", retried(d))
}

// retried says how a training went wrong, and that it goes on.
func retried(d train.Divergence) string {
	return fmt.Sprintf("%s; back to step %d and on at half the rate, %v (retry %d of %d)", d.String(), d.Back, d.Rate, d.Retry, d.Retries)
}

func (p *plainLines) stop() {}

// farewell says what to do with a run that has reached its end.
func farewell(w io.Writer, r *train.Result, begun int64) {
	if r.Step == begun && r.Stalled == 0 {
		fmt.Fprintln(w, "the run was at its end already: to train longer, give more --epochs, --steps-total or --time")
	} else if r.Step == begun {
		fmt.Fprintln(w, "the run was at its end already: to train longer, give another --early-stop, 0 for none")
	}
	fmt.Fprint(w, "done")
	if r.Stalled > 0 {
		fmt.Fprintf(w, ", stopped early: %s without a lower validation loss than %s of training step %d, whose model is kept",
			counted(int(r.Stalled), "report"), nats(r.BestLoss), r.BestStep)
	}
	fmt.Fprintf(w, ": try elman sample %s --length 500\n", r.Folder)
}

// activity says what a training is busy with.
func activity(p train.Progress) string {
	what := [...]string{train.Training: "training", train.Validating: "validating", train.Sampling: "writing a sample", train.Saving: "saving"}[p.Phase]
	if p.PhaseDone > 0 {
		what += fmt.Sprintf(" %.0f %%", math.Floor(100*p.PhaseDone))
	}
	return what
}

// counted writes a number of things: 1 layer, 2 layers.
func counted(n int, thing string) string {
	if n != 1 {
		thing += "s"
	}
	return fmt.Sprintf("%d %s", n, thing)
}

// nats gives a loss in nats and in bits per symbol.
func nats(loss float64) string { return fmt.Sprintf("%.4f nats (%.3f bits)", loss, loss/math.Ln2) }

// count writes a number for people: 1234567 as 1.23 M.
func count(x float64) string {
	switch {
	case x >= 1e6:
		return fmt.Sprintf("%.2f M", x/1e6)
	case x >= 1e4:
		return fmt.Sprintf("%.0f k", x/1e3)
	}
	return fmt.Sprintf("%.0f", x)
}

func indent(text string) string {
	return "    " + strings.ReplaceAll(strings.TrimRight(text, "\n"), "\n", "\n    ")
}
