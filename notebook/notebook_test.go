package notebook

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// sines sets the weights, in the order of Rows, to 0.1 sin(1), 0.1 sin(2), ...
func sines(w *Weights) {
	i := 0
	for _, row := range w.Rows() {
		for j := range row {
			i++
			row[j] = 0.1 * math.Sin(float64(i))
		}
	}
}

// near allows for the order in which float64 sums are taken, here and in numpy.
func near(got, want float64) bool { return math.Abs(got-want) <= 1e-12*math.Abs(want) }

// The losses of the notebook's own numpy code (names of Adagrad's sums mended, all pairs and a short last window trained)
// from the weights of sines, with H = 5 and a learning rate of 0.1. U is the sum of |U| at the end.
var golden = []struct {
	name                   string
	first, second, last, u float64 // losses per pair or window
	epoch                  float64 // summed over all 40 pairs
	run                    func(symbols int, text []int, report func(int, float64) bool) (Network, float64)
}{
	{"SRN", 2.6222911401608933, 2.7683052078695867, 3.0738014422286604, 1.622197762801527, 107.08725801869909, goldenSRN(false)},
	{"SRN with the notebook's mistake", 2.6222911401608933, 2.768176458199091, 3.073732096826937, 1.6279225751583, 107.0861478775685, goldenSRN(true)},
	{"RNN", 40.64841826828771 / 15, 39.94099711975411 / 15, 27.307963755668805 / 10, 2.7029711511588115, 107.89737914371064,
		func(symbols int, text []int, report func(int, float64) bool) (Network, float64) {
			n := NewRNN(symbols, 5, 0.1, 0)
			sines(n.Weights)
			return n.Network, n.Epoch(text, 15, 1, report)
		}},
}

func goldenSRN(bug bool) func(int, []int, func(int, float64) bool) (Network, float64) {
	return func(symbols int, text []int, report func(int, float64) bool) (Network, float64) {
		n := NewSRN(symbols, 5, 0.1, 0)
		sines(n.Weights)
		n.ContextBug = bug
		return n.Network, n.Epoch(text, 1, report)
	}
}

func TestEpochAgreesWithNumpy(t *testing.T) {
	symbols, text := Encode("to be, or not to be: that is the question")
	for _, tt := range golden {
		t.Run(tt.name, func(t *testing.T) {
			var losses []float64
			n, epoch := tt.run(len(symbols), text, func(_ int, loss float64) bool { losses = append(losses, loss); return true })
			var u float64
			for _, row := range n.U {
				for _, x := range row {
					u += math.Abs(x)
				}
			}
			for _, c := range []struct {
				what      string
				got, want float64
			}{
				{"first loss", losses[0], tt.first},
				{"second loss", losses[1], tt.second},
				{"last loss", losses[len(losses)-1], tt.last},
				{"mean of the epoch", epoch, tt.epoch / 40},
				{"sum of |U|", u, tt.u},
			} {
				if !near(c.got, c.want) {
					t.Errorf("%s = %.16g, numpy has %.16g", c.what, c.got, c.want)
				}
			}
		})
	}
}

// wrongGradients counts, per matrix, the elements of d that differ from central differences of loss.
func wrongGradients(w, d *Weights, loss func() float64) (wrong map[string]int) {
	wrong = map[string]int{}
	check := func(name string, w, d []float64) {
		for j, x := range w {
			const e = 1e-5 // error of the difference about e^2 = 1e-10, of rounding about 1e-16/e = 1e-11
			w[j] = x + e
			above := loss()
			w[j] = x - e
			below := loss()
			w[j] = x
			if math.Abs(d[j]-(above-below)/(2*e)) > 1e-8 {
				wrong[name]++
			}
		}
	}
	for i := range w.Wx {
		check("Wx", w.Wx[i], d.Wx[i])
		check("U", w.U[i], d.U[i])
	}
	for i := range w.Wy {
		check("Wy", w.Wy[i], d.Wy[i])
	}
	check("Bh", w.Bh, d.Bh)
	check("By", w.By, d.By)
	return wrong
}

func TestGradients(t *testing.T) {
	const V, H, seed = 4, 6, 3
	rng := rand.New(rand.NewPCG(seed, 1))
	spread := func(n *Network) { // far from the start, where all is alike
		for _, row := range n.Rows() {
			for j := range row {
				row[j] = rng.NormFloat64()
			}
		}
		for j := range n.Context {
			n.Context[j] = rng.Float64()
		}
	}
	srn, rnn := NewSRN(V, H, 0.1, seed), NewRNN(V, H, 0.1, seed)
	spread(&srn.Network)
	spread(&rnn.Network)
	x, y := []int{2, 0, 3, 3, 1, 0, 2}, []int{0, 3, 3, 1, 0, 2, 2}

	srnLoss := func() float64 { loss, _, _ := srn.Gradient(1, 3); return loss }
	_, d, _ := srn.Gradient(1, 3)
	if wrong := wrongGradients(srn.Weights, d, srnLoss); len(wrong) > 0 {
		t.Errorf("SRN.Gradient(1, 3): elements off their central differences: %v", wrong)
	}
	srn.ContextBug = true
	_, d, _ = srn.Gradient(1, 3)
	if wrong := wrongGradients(srn.Weights, d, srnLoss); len(wrong) != 1 || wrong["U"] != H*H {
		t.Errorf("SRN.Gradient(1, 3) with ContextBug: elements off their central differences: %v; want U's %d alone", wrong, H*H)
	}
	for T := 1; T <= len(x); T++ {
		_, d, _ := rnn.Gradient(x[:T], y[:T])
		wrong := wrongGradients(rnn.Weights, d, func() float64 { loss, _, _ := rnn.Gradient(x[:T], y[:T]); return loss })
		if len(wrong) > 0 {
			t.Errorf("RNN.Gradient(%v, %v): elements off their central differences: %v", x[:T], y[:T], wrong)
		}
	}
}

func TestTrainBatchClipsAndDividesByTheRootOfSquares(t *testing.T) {
	n := NewRNN(2, 1, 0.1, 0)
	for _, row := range n.Rows() {
		clear(row)
	}
	n.TrainBatch([]int{0, 0, 0, 0}, []int{1, 1, 1, 1}) // dBy = {2, -2}, clipped to {1, -1}
	if want := []float64{1, 1}; !slices.Equal(n.Squares.By, want) {
		t.Errorf("squares of By = %v, want %v", n.Squares.By, want)
	}
	step := 0.1 / math.Sqrt(1+1e-8)
	if want := []float64{-step, step}; !slices.Equal(n.By, want) {
		t.Errorf("By = %v, want %v", n.By, want)
	}
}

func TestSoftmaxOfHugeLogits(t *testing.T) {
	p, logSum := softmax([]float64{-2000, 1000, 1000})
	if want := []float64{0, 0.5, 0.5}; !slices.Equal(p, want) || !near(logSum, 1000+math.Ln2) {
		t.Errorf("softmax({-2000, 1000, 1000}) = %v, %v; want %v, 1000 + ln 2", p, logSum, want)
	}
}

func TestDrawFollowsTheProbabilities(t *testing.T) {
	p := []float64{0.25, 0, 0.5, 0.25}
	for _, tt := range []struct {
		u    float64
		want int
	}{{0, 0}, {0.249, 0}, {0.25, 2}, {0.749, 2}, {0.75, 3}, {math.Nextafter(1, 0), 3}} {
		if got := draw(p, tt.u); got != tt.want {
			t.Errorf("draw(%v, %v) = %d, want %d", p, tt.u, got, tt.want)
		}
	}
}

func TestPredictGoesOnFromItsPrime(t *testing.T) {
	_, text := Encode("abacabad")
	n := NewRNN(4, 8, 0.1, 1)
	n.Epoch(text, 3, 1, nil)
	before := slices.Clone(n.Context)

	all := n.Predict(nil, text[:2], 10, rand.New(rand.NewPCG(1, 0)))
	if len(all) != 12 || !slices.Equal(all[:2], text[:2]) {
		t.Fatalf("Predict(nil, %v, 10) = %v, want the prime and 10 more", text[:2], all)
	}
	rng := rand.New(rand.NewPCG(1, 0))
	h, _ := n.forward(all[0], make([]float64, 8))
	if parts := n.Predict(h, all[1:2], 10, rng); !slices.Equal(parts, all[1:]) {
		t.Errorf("Predict from the context after %v = %v, in one go %v", all[:1], parts, all[1:])
	}
	if !slices.Equal(n.Context, before) {
		t.Errorf("Predict changed the network's context")
	}
}

// TestEpochEnds: a report that says so ends a pass.
func TestEpochEnds(t *testing.T) {
	symbols, text := Encode("to be, or not to be: that is the question")
	for _, tt := range golden {
		calls := 0
		tt.run(len(symbols), text, func(int, float64) bool { calls++; return calls < 2 })
		if calls != 2 {
			t.Errorf("%s: %d reports, want 2", tt.name, calls)
		}
	}
}
