package cli

import (
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/train"
)

// A progressPrinter tells how a training goes, in plain lines. Without a writer it is silent.
type progressPrinter struct {
	w     io.Writer
	begun int64 // training step at which this call began
}

// start tells what is about to be trained, and after how many training steps it goes on.
func (p *progressPrinter) start(f *trainFlags, c *corpus.Corpus, name string, step int64) {
	if p.w == nil {
		return
	}
	s := f.settings
	fmt.Fprintf(p.w, "%s: %d %s to learn from and %d to check with, an alphabet of %v\n",
		name, c.Train().Len(), c.Alphabet.Kind(), c.Valid().Len(), c.Alphabet)
	fmt.Fprintf(p.w, "%s, %s of %s, %s by %s, %s at a rate of %s, %s\n", s.Network.Cell,
		counted(s.Network.Layers, "layer"), counted(s.Network.Hidden, "unit"), counted(s.Batch, "stream"), counted(s.Window, "time step"),
		s.Optimizer.Optimizer, describeRate(s), describeMachine(f.threads))
	fmt.Fprintf(p.w, "run folder %s; Ctrl-C saves the run and stops\n", f.out)
	if p.begun = step; step > 0 {
		fmt.Fprintf(p.w, "going on after training step %d\n", step)
	}
}

// describeRate gives the learning rate, and its schedule if it changes.
func describeRate(s train.Settings) string {
	rate := fmt.Sprint(s.Optimizer.LearningRate)
	if s.Schedule.Name != "constant" {
		rate += " (" + s.Schedule.Name + ")"
	}
	return rate
}

func (p *progressPrinter) report(r train.Report) {
	if p.w == nil {
		return
	}
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

func (p *progressPrinter) diverged(d train.Divergence) {
	if p.w == nil {
		return
	}
	fmt.Fprintf(p.w, "%s; back to step %d and on at half the rate, %v (retry %d of %d)\n\n", d.String(), d.Back, d.Rate, d.Retry, d.Retries)
}

func (p *progressPrinter) end(r *train.Result) {
	if p.w == nil {
		return
	}
	if r.Step == p.begun {
		fmt.Fprintln(p.w, "the run was at its end already: to train longer, give more --epochs, --steps-total or --time")
	}
	fmt.Fprintf(p.w, "done: try elman sample %s --length 500\n", r.Folder)
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
