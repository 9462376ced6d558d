package rnn

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/seed-f4dd853e/elman/internal/f32"
	"github.com/seed-f4dd853e/elman/internal/setting"
)

// network returns a network with weights large enough that every term of a gradient shows.
func network(t testing.TB, c Config) *Network {
	t.Helper()
	n, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	n.Init(Init{Normal: 0.4 / math.Sqrt(float64(c.Hidden)/16+1)}, 7)
	r := rand.New(rand.NewPCG(8, 9))
	for _, p := range n.Params() {
		if p.Rows == 0 && !p.Frozen {
			for i := range p.Value {
				p.Value[i] = r.Float32() - 0.5
			}
		}
	}
	if c := n.Config(); c.Codes > 0 {
		bits := make([]float32, c.Symbols*c.Codes)
		for i := range bits {
			bits[i] = float32(r.IntN(2))
		}
		n.SetCodes(bits)
	}
	n.Updated()
	return n
}

func symbols(seed uint64, V, n int) []int32 {
	r := rand.New(rand.NewPCG(seed, 1))
	x := make([]int32, n)
	for i := range x {
		x[i] = r.Int32N(int32(V))
	}
	return x
}

// full says that all sizes are to be tried, as .ci/run does, in place of those that stand for them.
var full = os.Getenv("ELMAN_TEST_FULL") != ""

// TestGradients compares each gradient with central differences of a float64 forward pass. It starts from the state that
// an earlier window left.
func TestGradients(t *testing.T) {
	eachVariant(t, func(t *testing.T, v variant) {
		t.Parallel()
		for _, size := range gradientSizes(v) {
			v := v.sized(9, size.H, size.layers)
			checkGradient(t, v, size.T, size.B, false)
			if size.T > 1 || full {
				checkGradient(t, v, size.T, size.B, true)
			}
		}
	})
}

type gradientSize struct{ layers, T, B, H int }

func gradientSizes(v variant) (all []gradientSize) {
	switch {
	case !full && v.plain():
		return []gradientSize{{1, 1, 1, 5}, {3, 6, 3, 5}, {2, 12, 2, 16}, {1, 4, 7, 67}}
	case !full:
		return []gradientSize{{2, 1, 1, 16}, {2, 7, 3, 11}}
	}
	for layers := 1; layers <= 3; layers++ {
		for _, B := range []int{1, 7} {
			for _, T := range []int{1, 12} {
				for _, H := range []int{5, 16, 67} {
					if v.plain() || layers == 2 && H == 16 && (T == 1) == (B == 1) {
						all = append(all, gradientSize{layers, T, B, H})
					}
				}
			}
		}
	}
	return all
}

// Words, and the characters of some languages, are so many that a single row of the decoder exceeds what a part should be.
func TestGradientsOfManySymbols(t *testing.T) {
	checkGradient(t, variant{Config: Config{Symbols: 5000, Hidden: 11}}, 3, 2, false)
	checkGradient(t, variant{Config: Config{Symbols: 5000, Hidden: 11, Block: true, Tie: true}}, 3, 2, false)
	checkGradient(t, variant{Config: Config{Symbols: 20000, Hidden: 5}}, 1, 1, false)
}

func checkGradient(t *testing.T, v variant, T, B int, starts bool) {
	t.Helper()
	n := network(t, v.Config)
	c := n.cfg
	w := v.window(n, T, B, nil)
	w.Dropout.Step = 5
	w.DenseGradient = true
	var marks []bool
	if starts {
		marks = w.Starts()
	}
	if v.taught { // the teacher has read something too
		w.Gradient(symbols(1, c.Symbols, T*B), symbols(1, c.Symbols, T*B), 1, nil)
	} else {
		w.Forward(symbols(1, c.Symbols, T*B))
	}
	state := make([]float32, w.StateLen())
	w.State(state)
	if c.LearnInitial { // every other stream starts with the window
		w.SetState(state)
		for _, own := range w.stateful {
			for b := 0; b < B; b += 2 {
				own.eachState(b, 0, func(x []float32) { clear(x) })
			}
		}
		w.State(state)
	}
	x, y := symbols(2, c.Symbols, T*B), symbols(3, c.Symbols, T*B)
	scale := float32(1) / float32(T*B)
	for i := range marks {
		marks[i] = i%5%3 == 0
	}
	loss := w.Gradient(x, y, scale, nil)

	ref := newReference(n, state, B)
	ref.starts, ref.droppers, ref.cells = marks, w.dropouts, w.cells
	if want := ref.loss(x, y); math.Abs(loss-want) > 1e-5*want {
		t.Fatalf("%+v T=%d B=%d: loss %g, float64 forward pass %g", c, T, B, loss, want)
	}
	if v.taught { // which the loss does not show
		teacher := w.teacher.window
		ref.teacher, ref.share = newReference(teacher.net, state[len(state)-teacher.StateLen():], B), w.teacher.share
		ref.teacher.starts = marks
	}
	r := rand.New(rand.NewPCG(4, 5))
	for _, p := range n.Params() {
		if !p.Frozen {
			checkParam(t, fmt.Sprintf("%+v T=%d B=%d starts=%v: %s", c, T, B, starts, p.Name), ref, p, x, y, float64(scale), r)
		}
	}
}

// checkParam compares the gradient of p with central differences along two directions, in which each weight moves up or
// down, and along two single weights. What is wrong in any element shows in the directions; what is wrong in few shows in
// the weights, of which those with the largest gradients matter most.
//
// The tolerance is relative to the length of the gradient: 3e-5 of it, some 50 times what the engine's rounding comes to,
// lets a slip of 0.1 % be seen in any term that makes up a tenth of it.
func checkParam(t *testing.T, what string, ref *reference, p *Param, x, y []int32, scale float64, r *rand.Rand) {
	t.Helper()
	length, largest := 0.0, 0
	for i, g := range p.Grad {
		length += float64(g) * float64(g)
		if math.Abs(float64(g)) > math.Abs(float64(p.Grad[largest])) {
			largest = i
		}
	}
	length = math.Sqrt(length)
	check := func(name string, direction []move) {
		t.Helper()
		got := 0.0
		for _, m := range direction {
			got += float64(p.Grad[m.i]) * m.by
		}
		want := ref.difference(p, direction, x, y) * scale
		if math.Abs(got-want) > 3e-5*length+2e-8 {
			t.Errorf("%s, %s: %g, central difference %g; the gradient's length is %g", what, name, got, want, length)
		}
	}
	for range 2 {
		var direction []move
		for i := range p.Grad {
			direction = append(direction, move{i, float64(2*r.IntN(2) - 1)})
		}
		check("a direction", direction)
	}
	check("the largest", []move{{largest, 1}})
	check("one weight", []move{{r.IntN(len(p.Grad)), 1}})
}

// train runs a few windows with a plain step after each and returns all weights, outputs and losses.
func train(v variant, n *Network, T, B, windows int, pool *f32.Pool) []float32 {
	w := v.window(n, T, B, pool)
	if B > 8 {
		starts := w.Starts()
		for i := range starts {
			starts[i] = i%7 == 3
		}
	}
	var out []float32
	V := n.Config().Symbols
	for i := range windows {
		x, y := symbols(uint64(10+i), V, T*B), symbols(uint64(50+i), V, T*B)
		w.Dropout.Step++
		loss := w.Gradient(x, y, 1/float32(T*B), func(_ int, g *GradientPiece) {
			f32.SGD(g.Param.Value[g.Lo:g.Hi], g.Values(), 0.5, 1, 0)
		})
		n.Updated()
		out = append(out, float32(loss))
	}
	w.Forward(symbols(99, V, T*B))
	out = append(out, w.Logits()...)
	for _, p := range n.Params() {
		out = append(out, p.Value...)
	}
	return out
}

// eachExecution calls f with every kernel set and 1, 2 and 7 workers; unless all sizes are to be tried, with 2 workers alone
// where the kernel set is not the processor's best, since what workers do does not depend on it.
func eachExecution(t *testing.T, f func(name string, pool *f32.Pool)) {
	defer f32.Use(f32.Active())
	for i, set := range f32.Kernels() {
		if i > 0 && testing.Short() {
			break // one set shows whether workers race
		}
		if err := f32.Use(set); err != nil {
			t.Fatal(err)
		}
		counts := []int{2}
		if i == 0 || full {
			counts = []int{1, 2, 7}
		}
		for _, workers := range counts {
			pool := f32.NewPool(workers)
			f(fmt.Sprintf("on %s with %d workers", set, workers), pool)
			pool.Close()
		}
	}
}

// TestSameBits runs the same short training on every kernel set with 1, 2 and 7 workers: see eachExecution.
func TestSameBits(t *testing.T) {
	eachVariant(t, func(t *testing.T, v variant) {
		for _, size := range []struct{ T, B, H, layers int }{{1, 1, 32, 1}, {15, 1, 20, 2}, {5, 9, 67, 2}, {70, 8, 33, 1}} {
			if size.H > 20 && !v.plain() {
				if size.T, size.B, size.H = 33, 8, 17; size.layers > 1 {
					continue
				}
			}
			v := v.sized(21, size.H, size.layers)
			var want []float32
			windows := 2 // the second begins with the state and the weights of the first
			if full {
				windows = 4
			}
			eachExecution(t, func(name string, pool *f32.Pool) {
				got := train(v, network(t, v.Config), size.T, size.B, windows, pool)
				if want == nil {
					want = got
				}
				compare(t, fmt.Sprintf("%+v %s", size, name), got, want)
			})
		}
	})
}

func compare(t *testing.T, what string, got, want []float32) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d numbers, want %d", what, len(got), len(want))
	}
	for i := range got {
		if math.Float32bits(got[i]) != math.Float32bits(want[i]) {
			t.Fatalf("%s: number %d of %d is %v, want %v", what, i, len(got), got[i], want[i])
		}
	}
}

// TestStreamsAreAlone shows that a stream gives the same bits alone and in company.
func TestStreamsAreAlone(t *testing.T) {
	eachVariant(t, func(t *testing.T, v variant) {
		const T, B = 11, 13
		v = v.sized(17, 40, 2)
		n := network(t, v.Config)
		x := symbols(1, v.Symbols, T*B)
		all := n.NewWindow(T, B, nil)
		all.Forward(x)
		for b := range B {
			one := n.NewWindow(T, 1, nil)
			mine := make([]int32, T)
			for s := range T {
				mine[s] = x[s*B+b]
			}
			one.Forward(mine)
			for s := range T {
				compare(t, fmt.Sprintf("stream %d, time step %d", b, s), one.Logits()[s*v.outputs():][:v.outputs()],
					all.Logits()[(s*B+b)*v.outputs():][:v.outputs()])
			}
		}
	})
}

// TestWindowsCarryTheState shows that a text read in windows of any length gives the logits of one long window, and that
// State and SetState move it between windows.
func TestWindowsCarryTheState(t *testing.T) {
	eachVariant(t, func(t *testing.T, v variant) {
		const T, B = 24, 3
		v = v.sized(8, 19, 2)
		n := network(t, v.Config)
		x := symbols(1, v.Symbols, T*B)
		long := n.NewWindow(T, B, nil)
		long.Forward(x)
		short := n.NewWindow(9, B, nil)
		for at, next := 0, 0; at < T; at = next {
			next = min(at+[]int{9, 1, 4}[at%3], T)
			if at%2 == 1 { // go on in a new window
				state := make([]float32, short.StateLen())
				short.State(state)
				short = n.NewWindow(9, B, nil)
				short.SetState(state)
			}
			short.Forward(x[at*B : next*B])
			compare(t, fmt.Sprintf("time steps %d to %d", at, next), short.Logits(), long.Logits()[at*B*v.outputs():next*B*v.outputs()])
		}
		short.Reset()
		short.Forward(x[:9*B])
		compare(t, "after Reset", short.Logits(), long.Logits()[:9*B*v.outputs()])
	})
}

// TestStarts shows that a stream which restarts gives the logits of a window that begins there.
func TestStarts(t *testing.T) {
	eachVariant(t, func(t *testing.T, v variant) {
		const T, B = 15, 3
		v = v.sized(8, 19, 2)
		n := network(t, v.Config)
		x := symbols(1, v.Symbols, 2*T*B)
		w := n.NewWindow(T, B, nil)
		starts := w.Starts()
		w.Forward(x[:T*B]) // leaves a state that must not be seen
		x = x[T*B:]
		for b, at := range [][]int{{0, 6}, {0, 1, 14}, {0}} { // stream 2 starts at the window's edge
			for _, t := range at {
				starts[t*B+b] = true
			}
		}
		w.Forward(x)
		logits := slices.Clone(w.Logits())
		marks := slices.Clone(starts)
		clear(starts) // of the next window, which sees nothing of what came before a start in this one
		w.Forward(x)
		logits = append(logits, w.Logits()...)
		for b := range B {
			one := n.NewWindow(1, 1, nil)
			for s := range 2 * T {
				if s < T && marks[s*B+b] {
					one.Reset()
				}
				one.Forward(x[s%T*B+b:][:1])
				compare(t, fmt.Sprintf("stream %d, time step %d", b, s), one.Logits(), logits[(s*B+b)*v.outputs():][:v.outputs()])
			}
		}
	})
}

// TestGradientLeftInPlace shows that the gradient in Param.Grad, the one handed out and the one visited are the same.
func TestGradientLeftInPlace(t *testing.T) {
	eachVariant(t, func(t *testing.T, v variant) {
		const T, B = 6, 5
		v = v.sized(50, 30, 2)
		n := network(t, v.Config)
		x, y := symbols(1, 20, T*B), symbols(2, 50, T*B)
		for _, dense := range []bool{false, true} {
			w := v.window(n, T, B, nil)
			w.DenseGradient = dense
			handed := map[*Param][]float32{}
			seen := 0
			for _, p := range n.Params() {
				handed[p] = make([]float32, len(p.Value))
			}
			w.Gradient(x, y, 1, func(_ int, g *GradientPiece) {
				copy(handed[g.Param][g.Lo:g.Hi], g.Values())
				seen += g.Hi - g.Lo
			})
			w.Reset()
			w.Gradient(x, y, 1, nil)
			w.VisitGradient(func(_ int, g *GradientPiece) {
				compare(t, g.Param.Name, g.Values(), handed[g.Param][g.Lo:g.Hi])
				seen -= g.Hi - g.Lo
			})
			if seen != 0 {
				t.Errorf("dense %v: %d more numbers handed out than visited", dense, seen)
			}
		}
	})
}

func TestTrainingStepDoesNotAllocate(t *testing.T) {
	eachVariant(t, func(t *testing.T, v variant) {
		v = v.sized(65, 32, 2)
		for _, workers := range []int{1, 2} {
			for _, B := range []int{1, 8} {
				pool := f32.NewPool(workers)
				n := network(t, v.Config)
				w := v.window(n, 15, B, pool)
				x, y := symbols(1, 65, 15*B), symbols(2, 65, 15*B)
				w.Starts()[15*B/2] = true
				use := func(_ int, g *GradientPiece) { f32.SGD(g.Param.Value[g.Lo:g.Hi], g.Values(), 0.1, 1, 1) }
				if a := testing.AllocsPerRun(5, func() { w.Gradient(x, y, 1, use); n.Updated() }); a != 0 {
					t.Errorf("%d workers, B=%d: a training step allocates %v times", workers, B, a)
				}
				pool.Close()
			}
		}
	})
}

// TestForgetBias shows what ForgetBias changes: the second quarter of the LSTM's first biases, and in cells that say they
// have no forget gate nothing.
func TestForgetBias(t *testing.T) {
	for _, cell := range cellNames() {
		c := Config{Cell: cell, Symbols: 3, Hidden: 5, Layers: 2}
		plain, biased := network(t, c), network(t, c)
		if got, want := c.HasForgetGate(), cell == "lstm"; got != want {
			t.Errorf("%s: HasForgetGate() = %v", cell, got)
		}
		plain.Init(Init{}, 1)
		biased.Init(Init{ForgetBias: 1.5}, 1)
		for i, p := range plain.Params() {
			for j, want := range p.Value {
				if cell == "lstm" && strings.Contains(p.Name, "bias_ih") && j/5 == 1 {
					want += 1.5
				}
				if got := biased.Params()[i].Value[j]; got != want {
					t.Errorf("%s: %s[%d] is %v, want %v", cell, p.Name, j, got, want)
				}
			}
		}
	}
}

func TestConfigErrors(t *testing.T) {
	for _, tt := range []struct {
		cfg  Config
		want string
	}{
		{Config{Symbols: 2, Hidden: 2, Cell: "lstmm"}, `cell is "lstmm", must be ` + setting.Alternatives(cellNames())},
		{Config{Symbols: 2, Hidden: 2, Cell: "gru", Activation: "tanh"}, `activation is "tanh", must be left out: the gru cell has its own`},
		{Config{Symbols: 2, Hidden: 2, Activation: "swish"}, `activation is "swish", must be tanh, sigmoid or relu`},
		{Config{Hidden: 2}, "symbols is 0, must be 1 to 16777216"},
		{Config{Symbols: 2, Hidden: -1}, "hidden is -1, must be 1 to 32768"},
		{Config{Symbols: 2, Hidden: 2, Layers: 1000}, "layers is 1000, must be 1 to 64"},
		{Config{Symbols: 2, Hidden: 2, MLP: 3}, "mlp is 3, but requires block"},
		{Config{Symbols: 2, Hidden: 2, Block: true, MLP: -3}, "mlp is -3, must be 1 to 131072"},
		{Config{Symbols: 2, Hidden: 2, Embedding: -1}, "embedding is -1, must be 0 (none) to 32768"},
		{Config{Symbols: 2, Hidden: 2, Block: true, Embedding: 3}, "embedding is 3, must be 2 with block, as hidden is"},
		{Config{Symbols: 2, Hidden: 2, Embedding: 3, Tie: true}, "tie requires an embedding as wide as hidden, 2, not 3"},
		{Config{Symbols: 2, Hidden: 2, Block: true, Conv: 1}, "conv is 1, must be 0 (none) or 2 to 64"},
		{Config{Symbols: 2, Hidden: 2, Conv: 4}, "conv is 4, but requires embedding or block"},
		{Config{Symbols: 2, Hidden: 2, Cell: "mingru", LayerNorm: true}, "layer_norm must be left out for the mingru cell, whose gates read no outputs"},
		{Config{Symbols: 2, Hidden: 2, Codes: -1}, "codes is -1, must be 0 (none) to 32768 bits"},
		{Config{Symbols: 2, Hidden: 2, Codes: 3, Block: true}, "codes of 3 bits are read as they are: they go without embedding, tie, conv and block"},
		{Config{Symbols: 1 << 24, Hidden: 40, Block: true}, "hidden is 40, too large: layers 1 and 16777216 symbols make 1342186880 weights, more than 1073741824"},
	} {
		if _, err := New(tt.cfg); err == nil || err.Error() != tt.want {
			t.Errorf("New(%+v): %v, want %s", tt.cfg, err, tt.want)
		}
	}
}

// TestOuterProducts checks that a window of one row, and no other, offers its gradient as outer products, of the same bits.
func TestOuterProducts(t *testing.T) {
	n := network(t, Config{Symbols: 9, Hidden: 21, Layers: 2})
	for _, shape := range [][2]int{{1, 1}, {2, 1}, {1, 2}} {
		for _, dense := range []bool{false, true} {
			w := n.NewWindow(shape[0], shape[1], nil)
			w.DenseGradient = dense
			rows := shape[0] * shape[1]
			pieces := 0
			for i := range uint64(3) {
				w.Gradient(symbols(i, 9, rows), symbols(i+7, 9, rows), 1, func(_ int, g *GradientPiece) {
					if rows > 1 != (g.X == nil) && !dense {
						t.Errorf("T=%d B=%d: %s: outer product is %v", shape[0], shape[1], g.Param.Name, g.X != nil)
					}
					if g.X == nil {
						return
					}
					pieces++
					values := g.Values()
					for i, x := range g.X {
						for j, dz := range g.DZ {
							if got := values[i*len(g.DZ)+j]; math.Float32bits(got) != math.Float32bits(f32.FMA(x, dz, 0)) {
								t.Fatalf("%s: element %d, %d is %v, not %v * %v", g.Param.Name, i, j, got, x, dz)
							}
						}
					}
				})
			}
			if rows == 1 && pieces != 3*8 { // a matrix each for input and recurrence, a bias, twice; decoder and its bias
				t.Errorf("%d outer products in 3 windows", pieces)
			}
		}
	}
}
