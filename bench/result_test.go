package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed-f4dd853e/elman/internal/bench"
	"github.com/seed-f4dd853e/elman/train"
)

func TestSummarize(t *testing.T) {
	for _, tt := range []struct {
		name string
		in   []float64
		want summary
	}{
		{"one round", []float64{3}, summary{3, 3}},
		{"odd: the middle one", []float64{5, 1, 2}, summary{2, 5}},
		{"even: the mean of the middle two", []float64{4, 1, 2, 9}, summary{3, 9}},
	} {
		if got := summarize(tt.in); got != tt.want {
			t.Errorf("%s: summarize(%v) = %v, want %v", tt.name, tt.in, got, tt.want)
		}
	}
}

// TestCompare has side 0 run at 60, side 1 at 30 and side 2 at 20, 10 operations for a character and a peak of 1200.
func TestCompare(t *testing.T) {
	for _, tt := range []struct {
		name    string
		target  target
		missing int // a side, or -1
		want    float64
	}{
		{"one other", target{of: 0, to: []int{2}}, -1, 3},
		{"several: the fastest counts", target{of: 0, to: []int{2, 1}}, -1, 2},
		{"of those that ran", target{of: 0, to: []int{2, 1}}, 1, 3},
		{"none ran", target{of: 0, to: []int{1}}, 1, 0},
		{"it did not run itself", target{of: 0, to: []int{1}}, 0, 0},
		{"share of the peak", target{of: 0}, -1, 0.5},
	} {
		r := result{Flops: 10}
		for i, speed := range []float64{60, 30, 20} {
			s := &sideResult{Cores: 1}
			if i == tt.missing {
				s.Missing = "gone"
			} else {
				s.add(answer{Chars: 2 * speed, Seconds: 2, CPU: 1, Peak: 1200})
			}
			r.Sides = append(r.Sides, s)
		}
		r.compare(benchCase{targets: []target{tt.target}})
		wantCPU := tt.want // half the time
		if len(tt.target.to) == 0 {
			wantCPU *= 2
		}
		if got := r.Ratios[0]; math.Abs(got.OfMedians-tt.want) > 1e-12 || got.OfBests != got.OfMedians || math.Abs(got.OfCPU-wantCPU) > 1e-12 {
			t.Errorf("%s: %+v, want %v, in processor time %v", tt.name, got, tt.want, wantCPU)
		}
	}
}

// TestContests looks for mistakes in the list: sides that are not there, checks that do not fill windows.
func TestContests(t *testing.T) {
	for _, c := range cases("avx512") {
		if n := c.settings.Batch * c.settings.Window; n == 0 || c.check == 0 || c.check%n != 0 {
			t.Errorf("%s: a check of %d characters in windows of %d", c.Name, c.check, n)
		}
		for _, a := range c.targets {
			for _, i := range append(a.to, a.of) {
				if i < 0 || i >= len(c.sides) {
					t.Errorf("%s, %s: there is no side %d", c.Name, a.what, i)
				}
			}
		}
	}
}

// TestServe has Elman's worker learn a little: what it tells after its check and two rounds, with text held out and without.
// Processor time is told where the system has it and no validation counts in.
func TestServe(t *testing.T) {
	for _, share := range []float64{0, 0.1} {
		var b suite
		if err := b.open("", 20000, share); err != nil {
			t.Fatal(err)
		}
		defer b.close()
		s := settings(func(s *train.Settings) {
			s.Network.Cell, s.Network.Hidden, s.Batch, s.Window, s.Optimizer.Optimizer, s.Optimizer.LearningRate = "gru", 8, 4, 8, "adam", 0.01
		})
		arg, err := json.Marshal(job{b.text, b.folder, s, 1, "auto", 50 * 32, b.valid})
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if err := serve(string(arg), strings.NewReader("0.01\n0.01\n"), &out); err != nil {
			t.Fatal(err)
		}
		lines := json.NewDecoder(&out)
		var h hello
		if err := lines.Decode(&h); err != nil || !(h.Loss > 3 && h.Loss < math.Log(float64(b.symbols))+0.1) || !strings.HasPrefix(h.About, "kernels") {
			t.Errorf("%v held out: hello %+v, error %v", share, h, err)
		}
		last := h.Loss
		for range 2 {
			var a answer
			err := lines.Decode(&a)
			if err != nil || !(a.Chars >= 32 && math.Mod(a.Chars, 4) == 0 && a.Seconds > 0 && a.Peak > 0) ||
				(a.CPU > 0) != (share == 0 && bench.KnowsProcessorTime) || (a.ValidLoss > 0 && a.ValidLoss < last) != (share > 0) {
				t.Errorf("%v held out: a round of %+v after a loss of %v, error %v", share, a, last, err)
			}
			last = a.ValidLoss
		}
	}
}

// TestVerdict tells targets apart.
func TestVerdict(t *testing.T) {
	for _, tt := range []struct {
		x    ratio
		want string
	}{
		{ratio{OfMedians: 2.3, Target: 2.3}, "  2.30 yes"},
		{ratio{OfMedians: 2.29, Target: 2.3}, "  2.30 no"},
		{ratio{OfMedians: 2.29, OfCPU: 2.31, Target: 2.3}, "  2.30 yes"},
		{ratio{OfMedians: 2.31, OfCPU: 2.29, Target: 2.3}, "  2.30 no"},
		{ratio{OfMedians: 2.29}, ""},
	} {
		if got := tt.x.verdict(); got != tt.want {
			t.Errorf("%v of %v: %q, want %q", tt.x.OfMedians, tt.x.Target, got, tt.want)
		}
	}
}

// TestInterpreter: a Python that is named and does not exist is told as such, not as a missing package.
func TestInterpreter(t *testing.T) {
	if got, err := interpreter(""); err != nil || got != "/usr/bin/python3" {
		t.Errorf("without a name: %q, %v", got, err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if got, err := interpreter(self); err != nil || got != self {
		t.Errorf("a program: %q, %v", got, err)
	}
	missing := filepath.Join(t.TempDir(), "python")
	if _, err := interpreter(missing); err == nil || !strings.HasPrefix(err.Error(), fmt.Sprintf("PYTHON is %q, which cannot be run: ", missing)) {
		t.Errorf("error %v", err)
	}
}
