package optim

import (
	"encoding/json"
	"math"
	"os"
	"strconv"
	"testing"
)

// A reference is one weight's update at training step n, in float64.
type reference func(w, g float64, n int) float64

// newReference writes out the formula of a rule's paper.
func newReference(t *testing.T, s Settings) reference {
	lr, mu, eps := s.LearningRate, s.Momentum, s.Epsilon
	var m, v float64
	switch s.Optimizer {
	case "sgd":
		return func(w, g float64, _ int) float64 {
			m = mu*m + g
			return w - lr*m
		}
	case "nesterov":
		return func(w, g float64, _ int) float64 {
			m = mu*m + g
			return w - lr*(g+mu*m)
		}
	case "adagrad":
		return func(w, g float64, _ int) float64 {
			v += g * g
			return w - lr*g/math.Sqrt(v+eps)
		}
	case "rmsprop":
		return func(w, g float64, _ int) float64 {
			v = s.Alpha*v + (1-s.Alpha)*g*g
			m = mu*m + g/(math.Sqrt(v)+eps)
			return w - lr*m
		}
	case "adam", "adamw":
		return func(w, g float64, n int) float64 {
			m = s.Beta1*m + (1-s.Beta1)*g
			v = s.Beta2*v + (1-s.Beta2)*g*g
			meanHat := m / (1 - math.Pow(s.Beta1, float64(n)))
			squareHat := v / (1 - math.Pow(s.Beta2, float64(n)))
			return w - lr*s.WeightDecay*w - lr*meanHat/(math.Sqrt(squareHat)+eps)
		}
	}
	t.Fatalf("no formula for %s", s.Optimizer)
	return nil
}

// TestAgainstTheFormulas: the weights drift from the float64 ones by less than one rounding in each training step.
func TestAgainstTheFormulas(t *testing.T) {
	eachRule(t, func(t *testing.T, set Settings, r Rule) {
		const weights, steps = 20, 500
		w, s, exact := numbers(1, weights), newState(r, weights), make([]float64, weights)
		formulas := make([]reference, weights)
		largest := 1.0
		for i := range w {
			exact[i], formulas[i] = float64(w[i]), newReference(t, set)
		}
		for n := 1; n <= steps; n++ {
			g := numbers(uint64(n), weights)
			r.Update(r.Step(int64(n), set.LearningRate), w, g, s)
			for i := range w {
				exact[i] = formulas[i](exact[i], float64(g[i]), n)
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
			Settings Settings
			Weights  map[string][]float64 // by training step
		}
	}
	if err := json.Unmarshal(b, &golden); err != nil {
		t.Fatal(err)
	}
	left := map[string]bool{}
	for _, name := range Names() {
		left[name] = true
	}
	for _, c := range golden.Cases {
		delete(left, c.Settings.Optimizer)
		r, err := New(c.Settings)
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
			r.Update(r.Step(int64(n), c.Settings.LearningRate), w, g, s)
			for i, want := range c.Weights[strconv.Itoa(n)] {
				// Both round a few times in each step, in other places.
				if math.Abs(float64(w[i])-want) > 0x1p-23*(1+math.Abs(want))*float64(n+2) {
					t.Errorf("%s: after step %d weight %d is %v, PyTorch's %v", c.Name, n, i, w[i], want)
				}
			}
		}
	}
	for name := range left {
		t.Errorf("%s has no numbers from PyTorch", name)
	}
}
