package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
)

// A result is what a case gave.
type result struct {
	Name   string        `json:"name"`
	What   string        `json:"what"`
	V      int           `json:"symbols"`
	Cell   string        `json:"cell"`
	H      int           `json:"hidden"`
	L      int           `json:"layers"`
	T      int           `json:"window"`
	B      int           `json:"batch"`
	Flops  float64       `json:"operations_per_char"` // a multiply-add counts two
	Sides  []*sideResult `json:"sides"`
	Ratios []ratio       `json:"ratios"`
}

// A sideResult is how fast one side was.
type sideResult struct {
	Name    string   `json:"name"`
	Cores   int      `json:"cores"`
	About   string   `json:"about,omitempty"`
	Missing string   `json:"missing,omitempty"` // why there are no figures
	Loss    float64  `json:"loss,omitempty"`
	Rounds  []answer `json:"rounds,omitempty"`
	Chars   summary  `json:"chars_per_second,omitzero"`
	CPU     summary  `json:"chars_per_cpu_second,omitzero"` // of one core
	Peak    summary  `json:"peak,omitzero"`                 // of Elman's cores together
	speeds  []float64
	busy    []float64
	peaks   []float64
}

// A summary is what several rounds gave.
type summary struct {
	Median float64 `json:"median"`
	Best   float64 `json:"best"`
}

// A ratio is how one side compares with another, or with the peak.
type ratio struct {
	What      string  `json:"what"`
	To        string  `json:"to,omitempty"`         // the side compared with, the fastest of its kind
	OfMedians float64 `json:"of_medians,omitempty"` // 0 if a side is missing
	OfBests   float64 `json:"of_bests,omitempty"`
	OfCPU     float64 `json:"of_cpu_times,omitempty"` // of medians, in processor time; 0 if it is not known of both
	Target    float64 `json:"target"`

	of, to *sideResult
}

func newResult(c benchCase, symbols int) result {
	s := c.settings
	n := s.Network
	n.Symbols = symbols
	n, err := n.WithDefaults()
	if err != nil {
		panic(err) // cases are ours
	}
	r := result{Name: c.Name, What: c.What, V: symbols, Cell: n.Cell, H: n.Hidden, L: n.Layers, T: s.Window, B: s.Batch,
		Flops: n.FLOPs(s.Window)}
	for _, s := range c.sides {
		r.Sides = append(r.Sides, &sideResult{Name: s.String(), Cores: s.cores})
	}
	return r
}

func (s *sideResult) add(a answer) {
	s.Rounds = append(s.Rounds, a)
	s.speeds = append(s.speeds, a.Chars/a.Seconds)
	s.Chars = summarize(s.speeds)
	if a.CPU > 0 && s.Cores == 1 {
		s.busy = append(s.busy, a.Chars/a.CPU)
		s.CPU = summarize(s.busy)
	}
	if a.Peak > 0 {
		s.peaks = append(s.peaks, a.Peak*float64(s.Cores))
		s.Peak = summarize(s.peaks)
	}
}

func summarize(x []float64) summary {
	x = slices.Sorted(slices.Values(x))
	return summary{Median: (x[len(x)/2] + x[(len(x)-1)/2]) / 2, Best: x[len(x)-1]}
}

// per returns the ratios of medians and of bests.
func (s summary) per(t summary) (ofMedians, ofBests float64) {
	return s.Median / t.Median, s.Best / t.Best
}

// share returns which part of the peak the operations in a side's products make up.
func (r *result) share(s *sideResult) (ofMedians, ofBests float64) {
	return summary{s.Chars.Median * r.Flops, s.Chars.Best * r.Flops}.per(s.Peak)
}

// compare works out the ratios that have targets.
func (r *result) compare(c benchCase) {
	for _, a := range c.targets {
		if left := r.Sides[a.of].Missing; left != "" && r.Sides[a.of].Cores > 1 {
			continue // one core is all there is, or all that is wanted
		}
		x := ratio{What: a.what, Target: a.atLeast, of: r.Sides[a.of]}
		for _, i := range a.to {
			if other := r.Sides[i]; other.Missing == "" && (x.to == nil || other.faster(x.to)) {
				x.to = other
			}
		}
		switch {
		case x.of.Missing != "":
		case len(a.to) == 0:
			x.OfMedians, x.OfBests = r.share(x.of)
			x.OfCPU = x.of.CPU.Median * r.Flops / x.of.Peak.Best // the peak is measured by the clock
		case x.to != nil:
			x.To = x.to.Name
			x.OfMedians, x.OfBests = x.of.Chars.per(x.to.Chars)
			if x.to.CPU.Median > 0 {
				x.OfCPU = x.of.CPU.Median / x.to.CPU.Median
			}
		}
		r.Ratios = append(r.Ratios, x)
	}
}

// faster reports whether s is faster than t: in processor time, which other work disturbs less, if it is known of both.
func (s *sideResult) faster(t *sideResult) bool {
	if s.CPU.Median > 0 && t.CPU.Median > 0 {
		return s.CPU.Median > t.CPU.Median
	}
	return s.Chars.Median > t.Chars.Median
}

// missing says why a ratio is not known.
func (r *result) missing() string {
	for _, s := range r.Sides {
		if s.Missing != "" {
			return s.Missing
		}
	}
	return ""
}

func (r *report) print(w io.Writer) {
	fmt.Fprintf(w, "%s, %s, %d cores, load %s before the run\n", r.System, cmp.Or(r.CPU, "unknown processor"), r.Cores, cmp.Or(r.Load, "unknown"))
	fmt.Fprintf(w, "kernels %s; %d rounds of %v s, in turns\n", r.Kernels, r.Rounds, r.Length)
	if r.Text != "" {
		fmt.Fprintf(w, "text: %s, V=%d\n", r.Text, r.Symbols)
	}
}

// printHead prints the head of the table of ratios.
func printHead(w io.Writer) {
	fmt.Fprintf(w, "\n%-35s %15s %17s\n", "", "characters/s", "ratio")
	fmt.Fprintf(w, "%-12s %-22s %7s %7s %6s %5s %5s %6s %s\n", "case", "compared", "Elman", "other", "median", "best", "cpu", "target", "met")
}

// printRatios prints the rows of the table.
func (r *result) printRatios(w io.Writer) {
	for _, x := range r.Ratios {
		fmt.Fprintf(w, "%-12s %-22s ", r.Name, x.What)
		if x.OfMedians == 0 {
			fmt.Fprintln(w, r.missing())
			continue
		}
		chars, other, cpu := x.of.Chars.Median, "", ""
		if x.to != nil {
			other = fmt.Sprintf("%.0f", x.to.Chars.Median)
		}
		if x.OfCPU > 0 {
			chars, cpu = x.of.CPU.Median, fmt.Sprintf("%.2f", x.OfCPU)
			if x.to != nil {
				other = fmt.Sprintf("%.0f", x.to.CPU.Median)
			}
		}
		line := fmt.Sprintf("%7.0f %7s %6.2f %5.2f %5s %s", chars, other, x.OfMedians, x.OfBests, cpu, x.verdict())
		fmt.Fprintln(w, strings.TrimRight(line, " "))
	}
}

// verdict is the target, and whether it is met: in processor time if that is known, as it would be on a quiet machine.
func (x *ratio) verdict() string {
	switch {
	case x.Target == 0:
		return ""
	case cmp.Or(x.OfCPU, x.OfMedians) < x.Target:
		return fmt.Sprintf("%6.2f no", x.Target)
	}
	return fmt.Sprintf("%6.2f yes", x.Target)
}

// printSides prints every side of a case.
func (r *result) printSides(w io.Writer) {
	fmt.Fprintf(w, "\n%s: %s, V=%d H=%d L=%d T=%d B=%d, %s\n", r.Name, r.Cell, r.V, r.H, r.L, r.T, r.B, r.What)
	fmt.Fprintf(w, "  %-30s %8s %8s %7s %7s\n", "characters/s", "median", "best", "of peak", "loss")
	for _, s := range r.Sides {
		if s.Missing != "" {
			fmt.Fprintf(w, "  %-30s %s\n", s.Name, s.Missing)
			continue
		}
		share := ""
		if s.Peak.Median > 0 {
			x, _ := r.share(s)
			share = fmt.Sprintf("%.0f %%", 100*x)
		}
		fmt.Fprintf(w, "  %-30s %8.0f %8.0f %7s %7.3f\n", s.Name, s.Chars.Median, s.Chars.Best, share, s.Loss)
	}
}

// printAbout prints what the sides are.
func (r *report) printAbout(w io.Writer) {
	var about []string
	for _, c := range r.Cases {
		for _, s := range c.Sides {
			if !slices.Contains(about, s.About) && s.About != "" {
				about = append(about, s.About)
			}
		}
	}
	fmt.Fprintf(w, "\n%s\n", strings.Join(about, "; "))
	if strings.Contains(strings.Join(about, " "), "reference BLAS") {
		fmt.Fprintln(w, "The reference BLAS is slow; for a fair comparison: apt-get install libopenblas0-openmp")
	}
}
