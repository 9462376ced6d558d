package f32

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// A vectorCase calls one function on slices of equal length. What it returns is judged along with the slices. Tests,
// fuzzing, golden hashes and benchmarks all go through vectorCases.
type vectorCase struct {
	name    string
	slices  int
	inPlace bool // the first slice may be the second
	call    func(v [][]float32) (a, b float32)
}

var vectorCases = []vectorCase{
	{"Sigmoid", 2, true, func(v [][]float32) (a, b float32) { Sigmoid(v[0], v[1]); return }},
	{"Tanh", 2, true, func(v [][]float32) (a, b float32) { Tanh(v[0], v[1]); return }},
	{"Relu", 2, true, func(v [][]float32) (a, b float32) { Relu(v[0], v[1]); return }},
	{"SigmoidGrad", 3, true, func(v [][]float32) (a, b float32) { SigmoidGrad(v[0], v[1], v[2]); return }},
	{"TanhGrad", 3, true, func(v [][]float32) (a, b float32) { TanhGrad(v[0], v[1], v[2]); return }},
	{"ReluGrad", 3, true, func(v [][]float32) (a, b float32) { ReluGrad(v[0], v[1], v[2]); return }},
	{"Add", 3, true, func(v [][]float32) (a, b float32) { Add(v[0], v[1], v[2]); return }},
	{"AddRows", 2, false, func(v [][]float32) (a, b float32) {
		if n := len(v[0]); n > 0 { // as many narrow rows as the second slice holds
			cols := min(n, 37)
			AddRows(v[0][:cols], Mat(v[1], n/cols, cols))
		}
		return
	}},
	{"Scale", 1, false, func(v [][]float32) (a, b float32) { Scale(v[0], -1.7); return }},
	{"AddScaled", 2, true, func(v [][]float32) (a, b float32) { AddScaled(v[0], -1.7, v[1]); return }},
	{"Interpolate", 4, true, func(v [][]float32) (a, b float32) { Interpolate(v[0], v[1], v[2], v[3]); return }},
	{"InterpolateCarry", 3, false, func(v [][]float32) (a, b float32) { InterpolateCarry(v[0], v[1], v[2]); return }},
	{"InterpolateSums", 8, false, func(v [][]float32) (a, b float32) {
		InterpolateSums(v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7])
		return
	}},
	{"Multiply", 3, true, func(v [][]float32) (a, b float32) { Multiply(v[0], v[1], v[2]); return }},
	{"Subtract", 1, false, func(v [][]float32) (a, b float32) { subtract(v[0], 1.25); return }},
	{"MulAdd", 3, true, func(v [][]float32) (a, b float32) { MulAdd(v[0], v[1], v[2]); return }},
	{"MulAdds", 5, true, func(v [][]float32) (a, b float32) {
		MulAdds(v[0], v[1], [][]float32{v[2], v[3], v[4]}, [][]float32{v[3], v[4], v[4]})
		return
	}},
	{"MulAdds of none", 2, true, func(v [][]float32) (a, b float32) { MulAdds(v[0], v[1], nil, nil); return }},
	{"Sum", 1, false, func(v [][]float32) (a, b float32) { return Sum(v[0]), 0 }},
	{"SumSquares", 1, false, func(v [][]float32) (a, b float32) { return SumSquares(v[0]), 0 }},
	{"Dot", 2, false, func(v [][]float32) (a, b float32) { return dot(v[0], v[1]), 0 }},
	{"Max", 1, false, func(v [][]float32) (a, b float32) { return Max(v[0]), 0 }},
	{"Softmax", 2, true, func(v [][]float32) (a, b float32) { Softmax(v[0], v[1]); return }},
	{"SoftmaxCrossEntropy", 1, false, func(v [][]float32) (a, b float32) {
		if len(v[0]) == 0 {
			return
		}
		target := len(v[0]) / 2
		a = CrossEntropy(v[0], target)
		return a, SoftmaxCrossEntropy(v[0], target, 0.3)
	}},
	{"SGD", 2, false, func(v [][]float32) (a, b float32) { return number(SGD(v[0], v[1], 0.1, 1, 0)), 0 }},
	{"SGD clipped", 2, false, func(v [][]float32) (a, b float32) { return number(SGD(v[0], v[1], 0.1, 1, 5)), 0 }},
	{"SGD scaled", 2, false, func(v [][]float32) (a, b float32) { return number(SGD(v[0], v[1], 0.1, 0.3, 0.5)), 0 }},
	{"Momentum", 3, false, func(v [][]float32) (a, b float32) { return number(Momentum(v[0], v[1], v[2], 0.1, 0.9, 1, 0)), 0 }},
	{"Momentum clipped", 3, false, func(v [][]float32) (a, b float32) { return number(Momentum(v[0], v[1], v[2], 0.1, 0.9, 1, 5)), 0 }},
	{"Momentum scaled", 3, false, func(v [][]float32) (a, b float32) {
		return number(Momentum(v[0], v[1], v[2], 0.1, 0.9, 0.3, 0.5)), 0
	}},
	{"Nesterov", 3, false, func(v [][]float32) (a, b float32) { return number(Nesterov(v[0], v[1], v[2], 0.1, 0.9, 1, 0)), 0 }},
	{"Nesterov scaled", 3, false, func(v [][]float32) (a, b float32) {
		return number(Nesterov(v[0], v[1], v[2], 0.1, 0.9, 0.3, 0.5)), 0
	}},
	{"Average", 2, false, func(v [][]float32) (a, b float32) { Average(v[0], v[1], 0.001); return }},
	{"Adagrad", 3, false, func(v [][]float32) (a, b float32) { return number(Adagrad(v[0], v[1], v[2], 0.1, 1e-8, 1, 0)), 0 }},
	{"Adagrad clipped", 3, false, func(v [][]float32) (a, b float32) { return number(Adagrad(v[0], v[1], v[2], 0.1, 1e-8, 1, 5)), 0 }},
	{"Adagrad scaled", 3, false, func(v [][]float32) (a, b float32) {
		return number(Adagrad(v[0], v[1], v[2], 0.1, 1e-8, 0.3, 0.5)), 0
	}},
	{"RMSprop", 3, false, func(v [][]float32) (a, b float32) { return number(RMSprop(v[0], v[1], v[2], rmsStep, 1, 0)), 0 }},
	{"RMSprop scaled", 3, false, func(v [][]float32) (a, b float32) {
		return number(RMSprop(v[0], v[1], v[2], rmsStep, 0.3, 0.5)), 0
	}},
	{"RMSpropMomentum", 4, false, func(v [][]float32) (a, b float32) {
		return number(RMSpropMomentum(v[0], v[1], v[2], v[3], rmsStep, 1, 0)), 0
	}},
	{"RMSpropMomentum scaled", 4, false, func(v [][]float32) (a, b float32) {
		return number(RMSpropMomentum(v[0], v[1], v[2], v[3], rmsStep, 0.3, 0.5)), 0
	}},
	{"Adam", 4, false, func(v [][]float32) (a, b float32) {
		return number(Adam(v[0], v[1], v[2], v[3], adamStep, 1, 0)), 0
	}},
	{"Adam scaled", 4, false, func(v [][]float32) (a, b float32) {
		return number(Adam(v[0], v[1], v[2], v[3], adamStep, 0.3, 0.5)), 0
	}},
	{"LSTM", 5, false, cell(4, 1, func(v [][]float32, H int) { LSTM(v[0], v[1], v[2], v[3], v[4], H) })},
	{"LSTMGrad", 5, false, cell(4, 1, func(v [][]float32, H int) { LSTMGrad(v[0], v[1], v[2], v[3], v[4], H) })},
	{"GRU", 5, false, cell(3, 2, func(v [][]float32, H int) { GRU(v[0], v[1], v[2][len(v[2])-H:], v[3], v[4], H) })},
	{"GRUGrad", 5, false, cell(3, 2, func(v [][]float32, H int) { GRUGrad(v[0], v[1], v[2], v[3], v[4], H) })},
	{"MinGRU", 3, false, cell(2, 1, func(v [][]float32, H int) { MinGRU(v[0], v[1], v[2], H) })},
	{"MinGRUGrad", 4, false, cell(2, 1, func(v [][]float32, H int) { MinGRUGrad(v[0], v[1], v[2], v[3], H) })},
	{"RMSNorm", 4, false, cell(1, 1, func(v [][]float32, H int) { RMSNorm(v[0], v[1][:len(v[0])/H], v[2], v[3], H) })},
	{"RMSNormGrad", 5, false, cell(1, 1, func(v [][]float32, H int) { RMSNormGrad(v[0], v[1], v[2], v[3], v[4][:len(v[0])/H], H) })},
	{"Dropout", 2, true, func(v [][]float32) (a, b float32) {
		drawn := make([]byte, len(v[0])+15)
		for i := range drawn {
			drawn[i] = byte(i * i / 5)
		}
		Dropout(v[0], v[1], drawn, 65, 256./191)
		return
	}},
}

// cell calls f on the last elements of slices, of which the first few have this many blocks of H to a row: as one row, or if
// that were longer than 37, as many.
func cell(blocks, wide int, f func(v [][]float32, H int)) func(v [][]float32) (a, b float32) {
	return func(v [][]float32) (a, b float32) {
		H, rows := len(v[0])/blocks, 1
		if H > 37 {
			H, rows = 37, H/37
		}
		if H == 0 {
			return
		}
		v = slices.Clone(v)
		for i := range v {
			n := rows * H
			if i < wide {
				n *= blocks
			}
			v[i] = v[i][len(v[i])-n:]
		}
		f(v, H)
		return
	}
}

// The factors of an update some way into a training.
var (
	rmsStep  = RMSpropStep{Rate: 0.01, Alpha: 0.99, Rest: 0.01, Epsilon: 1e-8, Momentum: 0.9}
	adamStep = AdamStep{Rate: 0.003, Root: 4.7, Keep: 0.9999, Beta1: 0.9, Rest1: 0.1, Beta2: 0.999, Rest2: 0.001, Epsilon: 1e-8}
)

func number(b bool) float32 {
	if b {
		return 1
	}
	return 0
}

// lengths lie around the widths of vectors and unrolled loops, and beyond one piece.
func lengths() []int {
	var n []int
	for i := range 70 {
		n = append(n, i)
	}
	return append(n, 127, 128, 129, 1000, 4099, piece-1, piece+35)
}

const guard = 33

// guarded returns n values with NaNs around them: one that is read shows in a sum, one that is written is missed.
func guarded(values []float32, offset int) (whole, x []float32) {
	for range guard + offset {
		whole = append(whole, float32(math.NaN()))
	}
	whole = append(whole, values...)
	for range guard {
		whole = append(whole, float32(math.NaN()))
	}
	return whole, whole[guard+offset:][:len(values):len(values)]
}

// mostSlices is the most slices that a case takes.
const mostSlices = 8

// trial runs the case under the plain Go twin and under the active set and compares all bits, in place if aliased.
func (c vectorCase) trial(t *testing.T, values [][]float32, offset int, aliased bool) {
	t.Helper()
	set := Active()
	if set == "go" && len(Kernels()) > 1 {
		return // the twin would be compared with itself
	}
	run := func(set string) (whole [][]float32, a, b float32) {
		if err := Use(set); err != nil {
			t.Fatal(err)
		}
		v := make([][]float32, c.slices)
		for i := range v {
			var w []float32
			w, v[i] = guarded(values[i], offset+i)
			whole = append(whole, w)
		}
		if aliased {
			v[0] = v[1]
		}
		a, b = c.call(v)
		return whole, a, b
	}
	want, wantA, wantB := run("go")
	got, gotA, gotB := run(set)
	if !sameBits(gotA, wantA) || !sameBits(gotB, wantB) {
		t.Errorf("%s of %d elements returns %v, %v; the twin %v, %v", c.name, len(values[0]), gotA, gotB, wantA, wantB)
	}
	for i := range want {
		if j := firstDifference(got[i], want[i]); j >= 0 {
			t.Fatalf("%s of %d elements, offset %d, aliased %v: slice %d has %v (%08x) at %d, the twin %v (%08x)",
				c.name, len(values[0]), offset, aliased, i, got[i][j], math.Float32bits(got[i][j]),
				j-(len(want[i])-len(values[i])-guard), want[i][j], math.Float32bits(want[i][j]))
		}
	}
}

// firstDifference returns the first index where the bits differ, or -1.
func firstDifference(a, b []float32) int {
	for i := range a {
		if !sameBits(a[i], b[i]) {
			return i
		}
	}
	return -1
}

// ordinary returns n values that a network would hold.
func ordinary(rng *rand.Rand, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(rng.Float64()*24 - 12)
	}
	return x
}

func TestVectorsAgreeWithTheirTwins(t *testing.T) {
	eachSet(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(1, 2))
		for _, c := range vectorCases {
			for _, n := range lengths() {
				for i, source := range []func(*rand.Rand, int) []float32{odd, ordinary, ordinary} {
					var values [][]float32
					for range c.slices {
						values = append(values, source(rng, n))
					}
					c.trial(t, values, rng.IntN(16), i == 1 && c.inPlace)
				}
			}
		}
	})
}

func FuzzVectors(f *testing.F) {
	f.Add([]byte{0, 0, 0x80, 0x3f, 0, 0, 0xc0, 0x7f, 0, 0, 0x80, 0xff, 1, 0, 0, 0}, uint8(3))
	f.Add(make([]byte, 4*67), uint8(0))
	f.Fuzz(func(t *testing.T, data []byte, offset uint8) {
		x := make([]float32, len(data)/4)
		for i := range x {
			x[i] = math.Float32frombits(binary.LittleEndian.Uint32(data[4*i:]))
		}
		backwards := slices.Clone(x)
		slices.Reverse(backwards)
		for _, set := range Kernels() {
			for _, c := range vectorCases {
				if err := Use(set); err != nil {
					t.Fatal(err)
				}
				c.trial(t, slices.Repeat([][]float32{x, backwards}, mostSlices/2), int(offset%16), offset >= 128 && c.inPlace)
			}
		}
		Use("auto")
	})
}

func TestAddRowsRunsDownTheRows(t *testing.T) {
	eachSet(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(3, 4))
		for _, s := range []struct{ rows, cols, stride int }{
			{0, 5, 5}, {5, 0, 3}, {1, 1, 1}, {3, 16, 16}, {7, 65, 80}, {15, 128, 128}, {400, 130, 131}, {2, piece + 3, piece + 3}, {piece, 3, 4},
		} {
			m := Matrix{Data: ordinary(rng, s.rows*s.stride), Rows: s.rows, Cols: s.cols, Stride: s.stride}
			got := ordinary(rng, s.cols)
			want := slices.Clone(got)
			for i := range s.rows {
				for j := range want {
					want[j] += m.Data[i*s.stride+j]
				}
			}
			AddRows(got, m)
			if i := firstDifference(got, want); i >= 0 {
				t.Errorf("AddRows of %d rows of %d, stride %d: column %d = %v, want %v", s.rows, s.cols, s.stride, i, got[i], want[i])
			}
		}
	})
}

func TestUnequalLengthsPanic(t *testing.T) {
	short, long := make([]float32, 3), make([]float32, 4)
	for name, call := range map[string]func(){
		"Tanh":            func() { Tanh(short, long) },
		"Add":             func() { Add(long, long, short) },
		"AddRows":         func() { AddRows(short, Mat(long, 1, 4)) },
		"SGD":             func() { SGD(short, long, 1, 1, 0) },
		"Adagrad":         func() { Adagrad(long, short, long, 1, 1, 1, 0) },
		"Softmax":         func() { Softmax(short, long) },
		"Average":         func() { Average(short, long, 1) },
		"Adam":            func() { Adam(long, long, short, long, adamStep, 1, 0) },
		"RMSprop":         func() { RMSprop(long, long, short, rmsStep, 1, 0) },
		"RMSpropMomentum": func() { RMSpropMomentum(long, long, short, long, rmsStep, 1, 0) },
		"Nesterov":        func() { Nesterov(long, long, short, 1, 1, 1, 0) },
		"LSTM":            func() { LSTM(make([]float32, 12), short, short, long, short, 3) },
		"GRUGrad":         func() { GRUGrad(make([]float32, 9), long, short, short, short, 3) },
	} {
		func() {
			defer func() {
				want := strings.ToLower("f32: " + name + ": a slice of ")
				if got := strings.ToLower(fmt.Sprint(recover())); !strings.HasPrefix(got, want) {
					t.Errorf("%s of unequal lengths does not panic with %q...", name, want)
				}
			}()
			call()
		}()
	}
}

// The generator's register allocator knows 32 vector registers and would take them on AVX2 too, with instructions that a
// processor without AVX-512 does not have; on one with it no other test would notice.
func TestAVX2KeepsToSixteenRegisters(t *testing.T) {
	beyond := regexp.MustCompile(`\b(Y(1[6-9]|[23]\d)|Z\d+|K\d)\b`)
	files, err := filepath.Glob("*_avx2_amd64.s")
	if err != nil || len(files) == 0 {
		t.Fatalf("no AVX2 assembly found: %v", err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for i, line := range strings.Split(string(text), "\n") {
			if beyond.MatchString(line) {
				t.Errorf("%s:%d: %s", name, i+1, line)
			}
		}
	}
}

func TestVectorsDoNotAllocate(t *testing.T) {
	eachSet(t, func(t *testing.T) {
		if n := testing.AllocsPerRun(10, func() {
			var x, y, z [65]float32
			Tanh(x[:], y[:])
			Add(z[:], x[:], y[:])
			AddRows(z[:], Mat(x[:], 1, 65))
			SoftmaxCrossEntropy(x[:], 3, 1)
			Adagrad(x[:], y[:], z[:], 0.1, 1e-8, 1, 5)
			Adam(x[:], y[:], z[:], z[:], adamStep, 1, 0)
			LSTM(x[:64], y[:16], y[16:32], z[:16], z[16:32], 16)
			GRUGrad(x[:48], y[:48], z[:16], z[16:32], z[32:48], 16)
			z[0] = Sum(x[:]) + CrossEntropy(y[:], 3)
		}); n != 0 {
			t.Errorf("%v allocations", n)
		}
	})
}
