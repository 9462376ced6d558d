package cli

import (
	"context"
	"fmt"
	"io"
	"runtime"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/internal/term"
	"github.com/seed-f4dd853e/elman/train"
	"github.com/seed-f4dd853e/elman/train/run"
)

// stages are the displays of a run: that of its teacher's training, if it has one, and then its own. Until the first begins
// nothing is shown.
type stages struct {
	e       *env
	ctx     context.Context
	flags   trainFlags
	data    *corpus.Corpus
	name    string
	current term.Display
}

func (s *stages) start(t train.Start) {
	s.Stop()
	flags, name := s.flags, s.name
	if flags.settings, flags.out = t.Settings, t.Folder; t.Teaches {
		name = "teacher of " + name
	}
	if !flags.set.Changed("threads") {
		flags.threads = t.Settings.Workers(runtime.NumCPU())
	}
	s.current = s.e.newDisplay(s.ctx, &flags, s.data, name)
	s.current.Start(t.Step)
}

func (s *stages) Progress(p train.Progress)   { s.current.Progress(p) }
func (s *stages) Report(r train.Report)       { s.current.Report(r) }
func (s *stages) Diverged(d train.Divergence) { s.current.Diverged(d) }

func (s *stages) Stop() {
	if s.current != nil {
		s.current.Stop()
	}
}

// newDisplay returns the display of a training for what e is connected to.
func (e *env) newDisplay(ctx context.Context, f *trainFlags, c *corpus.Corpus, name string) term.Display {
	job := describeJob(f, c, name)
	switch {
	case f.quiet:
		return term.NewLines(io.Discard, job)
	case e.screen.CanRewrite():
		return term.NewPanel(e.screen, term.NewLines(e.stderr, job), func() bool { return ctx.Err() != nil }, func() []run.Metrics {
			reports, _ := run.ReadMetrics(f.out) // a curve without its beginning is no reason to stop
			return reports
		})
	}
	return term.NewLines(e.stderr, job)
}

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
			term.Counted(int(r.Stalled), "report"), term.Nats(r.BestLoss), r.BestStep)
	}
	fmt.Fprintf(w, ": try elman sample %s --length 500\n", quoted(r.Folder))
}
