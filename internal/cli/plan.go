package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"runtime/debug"
	"strings"
	"time"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/internal/report"
	"github.com/seed-f4dd853e/elman/internal/term"
	"github.com/seed-f4dd853e/elman/train"
)

// limitGC frees the memory that reading a text took, and limits garbage to a twentieth of the memory in use until the
// function that it returns is called. A training makes little garbage, so this costs no time, and keeps the peak memory near
// train.Memory.
func limitGC() (end func()) {
	before := debug.SetGCPercent(5)
	debug.FreeOSMemory()
	return func() { debug.SetGCPercent(before) }
}

// freeAfter also frees the memory of a report, which samples and saves. Otherwise the peak memory of a training would be
// random.
func freeAfter(report func(train.Report)) func(train.Report) {
	return func(r train.Report) {
		report(r)
		debug.FreeOSMemory()
	}
}

// plan is train --plan.
func (e *env) plan(ctx context.Context, f *trainFlags, data *corpus.Corpus, name string, o train.Options) error {
	p, err := train.NewPlan(ctx, data, f.choice(), o)
	switch {
	case errors.Is(err, train.ErrInterrupted):
		return interruptedf(" while the speed was measured")
	case err != nil:
		return err
	case f.asJSON:
		return json.NewEncoder(e.stdout).Encode(p)
	}
	f.settings, f.threads = p.Settings, p.Workers
	j := describeJob(f, data, name)
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n%s\n%s\n\n", j.Name, j.Text, j.Network, j.Training)
	writePlan(&b, p)
	settings, err := json.MarshalIndent(p.Settings, "", "  ")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(e.stdout, "%s\nsettings, all of them, as --config takes them\n%s\n", e.layOut(b.String()), settings)
	return err
}

func writePlan(w io.Writer, p train.Plan) {
	fmt.Fprintf(w, "weights   %d, %s\n", p.Weights, binarySize(4*p.Weights))
	for _, g := range groups(p.Tensors) {
		fmt.Fprintf(w, "%12d  %s\n", g.weights, g)
	}
	s := p.Settings
	each := s.Batch * s.Window
	fmt.Fprintf(w, "training  %s, %d in a pass of the text; %s", term.Counted(int(p.Steps), "training step"), p.PassSteps, term.Counted(int(p.Reports), "report"))
	if n := s.Budget.EarlyStop; n > 0 {
		fmt.Fprintf(w, "; fewer if %d of them bring no lower validation loss", n)
	}
	fmt.Fprintln(w)
	if p.Teacher > 0 {
		fmt.Fprintf(w, "teacher   %s before, of %s\n", term.Counted(int(p.Teacher), "training step"), brief(p.StepTime.Teacher))
	}
	for _, k := range p.Keep {
		if k.Step > 0 {
			fmt.Fprintf(w, "keep      %s after training step %d, %d symbols\n", k.File, k.Step, k.Symbols)
		} else {
			fmt.Fprintf(w, "keep      not %s: the training ends before\n", k.File)
		}
	}
	fmt.Fprintf(w, "work      %s in a training step, %s in all, of matrix products: 2 for each multiply-add\n",
		operations(p.Operations), operations(p.Work))
	fmt.Fprintf(w, "time      about %s at %s symbols/s (%s/s), as measured now: a training step takes %s, a report %s\n", term.Roughly(p.Time),
		report.Short(float64(each)/p.StepTime.Step.Seconds()), operations(p.Operations/p.StepTime.Step.Seconds()), brief(p.StepTime.Step), brief(p.StepTime.Report))
	fmt.Fprintf(w, "memory    %s, and what the system keeps of the text's file\n", binarySize(p.Memory.Total()))
	for _, m := range memoryParts(p) {
		if m.bytes > 0 {
			fmt.Fprintln(w, strings.TrimRight(fmt.Sprintf("%12s  %-10s  %s", binarySize(m.bytes), m.name, m.what), " "))
		}
	}
}

// A memoryPart is a line about memory.
type memoryPart struct {
	name  string
	bytes int64
	what  string
}

func memoryParts(p train.Plan) []memoryPart {
	m, s := p.Memory, p.Settings
	return []memoryPart{
		{"weights", m.Weights, ""},
		{"gradient", m.Gradient, "of the weights"},
		{"optimizer", m.Optimizer, fmt.Sprintf("%s: %s of each weight", s.Optimizer.Optimizer, strings.Join(p.State, ", "))},
		{"average", m.Average, "running mean of the weights"},
		{"teacher", m.Teacher, "its weights and activations, or the extra memory of its training"},
		{"rollback", m.Rollback, "a copy of all these, to go back to after a divergence"},
		{"window", m.Window, fmt.Sprintf("activations of %s by %s, and their gradient", term.Counted(s.Batch, "stream"), term.Counted(s.Window, "time step"))},
		{"copies", m.Copies, "of the matrices, in the layouts that products like"},
		{"validation", m.Validation, "activations"},
		{"reports", m.Reports, "saving a model, writing a sample"},
		{"text", m.Text, "alphabet and index, and the text if it is no file"},
		{"garbage", m.Garbage, "at most"},
		{"program", m.Program, "all else"},
	}
}

// A tensorGroup is tensors of one kind and shape, in several layers or blocks.
type tensorGroup struct {
	name    string
	shape   []int
	frozen  bool
	tensors int
	weights int64
}

func (g tensorGroup) String() string {
	shape := strings.Trim(strings.Join(strings.Fields(fmt.Sprint(g.shape)), " x "), "[]")
	text := fmt.Sprintf("%-32s [%s]", g.name, shape)
	if g.tensors > 1 {
		text = fmt.Sprintf("%-32s %d x [%s]", g.name, g.tensors, shape)
	}
	if g.frozen {
		text += " held at zero"
	}
	return text
}

// layerNumber is what tensors of one kind differ in.
var layerNumber = regexp.MustCompile(`(^blocks\.|^conv\.|^rnn\..*_l)[0-9]+`)

// groups groups tensors of one kind and shape.
func groups(tensors []train.Tensor) []*tensorGroup {
	var all []*tensorGroup
	known := map[string]*tensorGroup{}
	for _, t := range tensors {
		kind := layerNumber.ReplaceAllString(t.Name, "$1*")
		key := fmt.Sprint(kind, t.Shape)
		g := known[key]
		if g == nil {
			g = &tensorGroup{name: t.Name, shape: t.Shape, frozen: t.Frozen}
			known[key], all = g, append(all, g)
		} else {
			g.name = kind
		}
		g.tensors, g.weights = g.tensors+1, g.weights+t.Len()
	}
	return all
}

// binarySize formats an amount of memory.
func binarySize(n int64) string {
	switch {
	case n >= 10<<30:
		return fmt.Sprintf("%.1f GiB", float64(n)/(1<<30))
	case n >= 10<<20:
		return fmt.Sprintf("%d MiB", (n+1<<19)>>20)
	case n >= 1<<20:
		return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20))
	}
	return fmt.Sprintf("%d KiB", (n+1023)>>10)
}

// operations formats a number of floating-point operations.
func operations(n float64) string {
	for _, unit := range []string{"", "k", "M", "G", "T", "P"} {
		if n < 1000 {
			return fmt.Sprintf("%.3g %sFLOP", n, unit)
		}
		n /= 1000
	}
	return fmt.Sprintf("%.3g EFLOP", n)
}

// brief formats a short time.
func brief(d time.Duration) string {
	if d >= time.Minute {
		return d.Round(time.Second).String()
	}
	for _, unit := range []time.Duration{time.Second, time.Millisecond, time.Microsecond} {
		if d >= unit {
			text := d.Round(unit / 100).String() // 7.04ms
			i := strings.LastIndexAny(text, "0123456789") + 1
			return text[:i] + " " + text[i:]
		}
	}
	return d.String()
}
