package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"
)

// products is the command that compares matrix products with those of OpenBLAS on one core, on the shapes of a training step.
func products(ctx context.Context, args []string) error {
	var b suite
	fl := flag.NewFlagSet("products", flag.ContinueOnError)
	fl.IntVar(&b.rounds, "rounds", 9, "rounds of each side")
	fl.DurationVar(&b.length, "length", 20*time.Millisecond, "of a round at least; one has a whole window")
	asJSON := fl.Bool("json", false, "print one JSON object")
	kernels := b.kernelFlag(fl)
	if err := parse(fl, args, "usage: go run ./bench products [flags] [NAME ...]\n"); err != nil {
		return err
	}
	if b.rounds < 1 || b.length <= 0 {
		return usagef("-rounds and -length must be positive")
	}
	if err := kernels(); err != nil {
		return err
	}
	list, err := chooseShapes(fl.Args())
	if err != nil {
		return usageError{err}
	}
	if err := b.openScripts(); err != nil {
		return err
	}
	defer b.close()
	r := productReport{report: b.report()}
	var tell func(*productResult)
	if !*asJSON {
		r.print(os.Stdout)
		tell = func(x *productResult) { x.print(os.Stdout, len(r.Shapes) == 0); r.Shapes = append(r.Shapes, *x) }
	} else {
		tell = func(x *productResult) { r.Shapes = append(r.Shapes, *x) }
	}
	if err := b.products(ctx, list, tell); err != nil {
		if ctx.Err() != nil {
			return errors.New("interrupted")
		}
		return err
	}
	if *asJSON {
		return json.NewEncoder(os.Stdout).Encode(r)
	}
	printProductSummary(os.Stdout, r.Shapes)
	return nil
}

// chooseShapes returns the shapes that have any of the names as a part of theirs, or all.
func chooseShapes(names []string) ([]shape, error) {
	all := shapes()
	if len(names) == 0 {
		return all, nil
	}
	for _, name := range names {
		if !slices.ContainsFunc(all, func(s shape) bool { return strings.Contains(s.String(), name) }) {
			return nil, fmt.Errorf("%q is in no shape's name, such as %q", name, all[0])
		}
	}
	return slices.DeleteFunc(all, func(s shape) bool {
		return !slices.ContainsFunc(names, func(name string) bool { return strings.Contains(s.String(), name) })
	}), nil
}

// productSides returns Elman and numpy with each kind of OpenBLAS's kernels.
func productSides(set string) []side {
	list := []side{{"elman", 1, ""}}
	kernels := blasKernels(set)
	if set == "avx2" {
		kernels = append(kernels, "Zen")
	}
	for _, blas := range kernels {
		list = append(list, side{"sgemm", 1, blas})
	}
	return list
}

// products lets the sides make the products of each shape in turns, and hands each result to tell.
func (b *suite) products(ctx context.Context, list []shape, tell func(*productResult)) error {
	arg, err := json.Marshal(productJob{list, b.kernels})
	if err != nil {
		return err
	}
	sides := productSides(b.kernels)
	workers, about := make([]*worker, len(sides)), make([]hello, len(sides))
	defer func() {
		for _, w := range workers {
			w.close()
		}
	}()
	for i, s := range sides {
		script := "sgemm.py"
		if s.name == "elman" {
			script = ""
		}
		if workers[i], about[i], err = b.launch(ctx, script, "-products", string(arg), s); err != nil {
			return fmt.Errorf("%v: %w", s, err)
		}
	}
	for number, s := range list {
		r := newProductResult(s, about)
		for range b.rounds {
			for i, w := range workers {
				if about[i].Missing {
					continue
				}
				var a productAnswer
				if err := w.ask(fmt.Sprint(number, " ", b.length.Seconds()), &a); err != nil {
					return fmt.Errorf("%v: %w", sides[i], err)
				}
				r.add(i, a)
			}
		}
		r.compare()
		tell(r)
	}
	return nil
}

// A productReport is all that a run of products found out.
type productReport struct {
	report
	Shapes []productResult `json:"shapes"`
}

// A productResult is what the products of one shape gave.
type productResult struct {
	shape
	Sides     []productSide `json:"sides"`
	OfMedians float64       `json:"of_medians,omitempty"` // Elman's speed to the fastest other's
	OfBests   float64       `json:"of_bests,omitempty"`
}

// A productSide is how fast one side was. Seconds are those of one window.
type productSide struct {
	About   string    `json:"about,omitempty"`
	Missing string    `json:"missing,omitempty"` // why there are no figures
	Seconds []float64 `json:"seconds,omitempty"` // of each round
	Speed   summary   `json:"flops,omitzero"`    // operations per second
	OfPeak  float64   `json:"of_peak,omitempty"` // the median, of the best peak
	speeds  []float64
	peaks   []float64
}

func newProductResult(s shape, about []hello) *productResult {
	r := &productResult{shape: s}
	for _, h := range about {
		x := productSide{About: h.About}
		if h.Missing {
			x.Missing = notInstalled
		}
		r.Sides = append(r.Sides, x)
	}
	return r
}

func (r *productResult) add(side int, a productAnswer) {
	s := &r.Sides[side]
	s.Seconds, s.speeds = append(s.Seconds, a.Seconds), append(s.speeds, r.operations()/a.Seconds)
	if a.Peak > 0 {
		s.peaks = append(s.peaks, a.Peak)
	}
}

// compare works out the ratio of the first side, Elman, to the fastest of the others, and what share of the peak each reached:
// of the best that the first measured, since it is measured by the clock, and other work lowers it.
func (r *productResult) compare() {
	peak := summarize(r.Sides[0].peaks).Best
	var fastest *productSide
	for i := range r.Sides {
		s := &r.Sides[i]
		if s.Missing != "" {
			continue
		}
		s.Speed = summarize(s.speeds)
		s.OfPeak = s.Speed.Median / peak
		if i > 0 && (fastest == nil || s.Speed.Median > fastest.Speed.Median) {
			fastest = s
		}
	}
	if fastest != nil {
		r.OfMedians, r.OfBests = r.Sides[0].Speed.per(fastest.Speed)
	}
}

// print prints a row of the table, and before the first its head.
func (r *productResult) print(w io.Writer, first bool) {
	if first {
		fmt.Fprintf(w, "\n%-24s %-39s %13s\n%-8s %4s %5s %5s", "", "  share of the peak", "ratio", "product", "M", "N", "K")
		for _, s := range r.Sides {
			fmt.Fprintf(w, " %10s", s.name())
		}
		fmt.Fprintf(w, " %7s %5s\n", "median", "best")
	}
	fmt.Fprintf(w, "%-8s %4d %5d %5d", r.Kind, r.M, r.N, r.K)
	for _, s := range r.Sides {
		share := "-"
		if s.Missing == "" {
			share = fmt.Sprintf("%.0f %%", 100*s.OfPeak)
		}
		fmt.Fprintf(w, " %10s", share)
	}
	if r.OfMedians > 0 {
		fmt.Fprintf(w, " %7.2f %5.2f", r.OfMedians, r.OfBests)
	}
	fmt.Fprintln(w)
}

// name is what tells a side from the others: the last word of what it is.
func (s *productSide) name() string {
	if s.Missing != "" {
		return "numpy"
	}
	if name, ok := strings.CutPrefix(s.About, "kernels "); ok {
		return "Elman " + name
	}
	return s.About[strings.LastIndexByte(s.About, ' ')+1:]
}

// printProductSummary says how often and how far Elman was ahead, and what the sides are.
func printProductSummary(w io.Writer, list []productResult) {
	var ratios []float64
	slower, lowest := 0, productResult{}
	for _, r := range list {
		if r.OfMedians == 0 {
			continue
		}
		ratios = append(ratios, r.OfMedians)
		if r.OfMedians < 1 {
			slower++
		}
		if lowest.OfMedians == 0 || r.OfMedians < lowest.OfMedians {
			lowest = r
		}
	}
	fmt.Fprintln(w)
	if len(ratios) > 0 {
		fmt.Fprintf(w, "Elman to the fastest other: %.2f times in the median (target: 1.10), slower in %d of %d,\nleast %.2f times at %v\n",
			summarize(ratios).Median, slower, len(ratios), lowest.OfMedians, lowest.shape)
	}
	missing := "" // told once: all sides but Elman's have the same interpreter
	for _, s := range list[0].Sides {
		if s.Missing == "" {
			fmt.Fprintln(w, s.About)
		} else if s.Missing != missing {
			missing = s.Missing
			fmt.Fprintf(w, "numpy: %s\n", missing)
		}
	}
}
