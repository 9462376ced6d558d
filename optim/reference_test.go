package optim

import (
	"encoding/json"
	"math"
	"os"
	"strconv"
	"testing"
)

// TestAgainstTheFormulas: the weights drift from the float64 ones by less than one rounding in each training step.
func TestAgainstTheFormulas(t *testing.T) {
	eachRule(t, func(t *testing.T, set Settings, r Rule) {
		const weights, steps = 20, 500
		w, s, exact := numbers(1, weights), newState(r, weights), make([]float64, weights)
		info, err := findRule(set.Optimizer)
		if err != nil {
			t.Fatal(err)
		}
		formulas := make([]func(w, g float64, n int64) float64, weights)
		largest := 1.0
		for i := range w {
			exact[i], formulas[i] = float64(w[i]), info.formula(set)
		}
		for n := 1; n <= steps; n++ {
			g := numbers(uint64(n), weights)
			r.Update(r.Step(int64(n), set.LearningRate), w, g, s)
			for i := range w {
				exact[i] = formulas[i](exact[i], float64(g[i]), int64(n))
				largest = max(largest, math.Abs(exact[i]))
				if d := math.Abs(float64(w[i]) - exact[i]); d > 0x1p-24*largest*float64(n+2) {
					t.Fatalf("step %d: weight %d is %v, the formula says %v", n, i, w[i], exact[i])
				}
			}
		}
	})
}

// TestAgainstPyTorch: testdata/torch.json is what torch_golden.py beside it wrote, with its gradients.
func TestAgainstPyTorch(t *testing.T) {
	b, err := os.ReadFile("testdata/torch.json")
	if err != nil {
		t.Fatal(err)
	}
	var golden struct {
		Cases []struct {
			Name     string
			Settings json.RawMessage      // those that are not the defaults
			Weights  map[string][]float64 // by training step
		}
	}
	if err := json.Unmarshal(b, &golden); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, c := range golden.Cases {
		var set Settings
		if err := json.Unmarshal(c.Settings, &set); err != nil {
			t.Fatal(err)
		}
		set = defaults(t, set.Optimizer)
		if err := json.Unmarshal(c.Settings, &set); err != nil {
			t.Fatal(err)
		}
		seen[set.Optimizer] = true
		r, err := New(set)
		if err != nil {
			t.Fatal(err)
		}
		w, g := make([]float32, 9), make([]float32, 9)
		for i := range w {
			w[i] = float32(i-4) / 4
		}
		s := newState(r, len(w))
		for n := 1; n <= 300; n++ {
			for i := range g {
				g[i] = float32((37*n+101*i)%257-128) / 64
			}
			r.Update(r.Step(int64(n), set.LearningRate), w, g, s)
			for i, want := range c.Weights[strconv.Itoa(n)] {
				// Both round a few times in each step, in other places.
				if math.Abs(float64(w[i])-want) > 0x1p-23*(1+math.Abs(want))*float64(n+2) {
					t.Errorf("%s: after step %d weight %d is %v, PyTorch's %v", c.Name, n, i, w[i], want)
				}
			}
		}
	}
	for _, r := range Rules() {
		if !seen[r.Name] {
			t.Logf("%s is compared with its formula alone, there are no numbers from PyTorch", r.Name)
		}
	}
}
