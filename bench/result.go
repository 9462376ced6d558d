package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
)

// A result is a contest that was held.
type result struct {
	Name   string        `json:"name"`
	What   string        `json:"what"`
	V      int           `json:"symbols"`
	H      int           `json:"hidden"`
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
	Peak    summary  `json:"peak,omitzero"` // of Elman's cores together
	speeds  []float64
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
	OfMedians float64 `json:"of_medians,omitempty"` // 0 if a side is missing
	OfBests   float64 `json:"of_bests,omitempty"`
	Aim       float64 `json:"aim"`
}

func newResult(c contest, symbols int) result {
	s := c.settings
	r := result{Name: c.Name, What: c.What, V: symbols, H: s.Network.Hidden, T: s.Window, B: s.Batch}
	n := s.Network
	n.Symbols = symbols
	n, err := n.WithDefaults()
	if err != nil {
		panic(err) // contests are ours
	}
	r.Flops = n.Operations(r.T)
	for _, s := range c.sides {
		r.Sides = append(r.Sides, &sideResult{Name: s.String(), Cores: s.cores})
	}
	return r
}

func (s *sideResult) add(a answer) {
	s.Rounds = append(s.Rounds, a)
	s.speeds = append(s.speeds, a.Chars)
	s.Chars = summarize(s.speeds)
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

// compare works out the ratios a contest aims at.
func (r *result) compare(c contest) {
	for _, a := range c.aims {
		x, of := ratio{What: a.what, Aim: a.atLeast}, r.Sides[a.of]
		var to *sideResult
		for _, i := range a.to {
			if other := r.Sides[i]; other.Missing == "" && (to == nil || other.Chars.Median > to.Chars.Median) {
				to = other
			}
		}
		switch {
		case of.Missing != "":
		case len(a.to) == 0:
			x.OfMedians, x.OfBests = r.share(of)
		case to != nil:
			x.OfMedians, x.OfBests = of.Chars.per(to.Chars)
		}
		r.Ratios = append(r.Ratios, x)
	}
}

func (r *report) print(w io.Writer) {
	fmt.Fprintf(w, "%s, %d cores, load %s before the run; %d rounds of %v s, in turns\ntext: %s, V=%d\n",
		r.System, r.Cores, cmp.Or(r.Load, "unknown"), r.Rounds, r.Length, r.Text, r.Symbols)
}

func (r *result) print(w io.Writer) {
	fmt.Fprintf(w, "\n%s: V=%d H=%d T=%d B=%d, %s\n", r.Name, r.V, r.H, r.T, r.B, r.What)
	fmt.Fprintf(w, "  %-36s %10s %10s %10s %7s\n", "characters per second", "median", "best", "of peak", "loss")
	for _, s := range r.Sides {
		if s.Missing != "" {
			fmt.Fprintf(w, "  %-36s %s\n", s.Name, s.Missing)
			continue
		}
		share := ""
		if s.Peak.Median > 0 {
			x, _ := r.share(s)
			share = fmt.Sprintf("%.0f %%", 100*x)
		}
		fmt.Fprintf(w, "  %-36s %10.0f %10.0f %10s %7.3f  %s\n", s.Name, s.Chars.Median, s.Chars.Best, share, s.Loss, s.About)
	}
	if slices.ContainsFunc(r.Sides, func(s *sideResult) bool { return strings.Contains(s.About, "reference BLAS") }) {
		fmt.Fprintln(w, "  The reference BLAS is slow; for a fair comparison: apt-get install libopenblas0-openmp")
	}
	fmt.Fprintf(w, "  %-36s %10s %10s %10s\n", "ratio", "of medians", "of bests", "aim")
	for _, x := range r.Ratios {
		if x.OfMedians == 0 {
			fmt.Fprintf(w, "  %-36s %10s %10s %10.2f\n", x.What, "-", "-", x.Aim)
			continue
		}
		fmt.Fprintf(w, "  %-36s %10.2f %10.2f %10.2f\n", x.What, x.OfMedians, x.OfBests, x.Aim)
	}
}
