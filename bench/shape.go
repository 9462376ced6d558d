package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"runtime"
	"slices"
	"time"

	"github.com/seed-f4dd853e/elman/internal/bench"
	"github.com/seed-f4dd853e/elman/internal/f32"
)

// A shape is the products [M x N] of one window, each of which sums K elements: at every time step one of the streams with
// the weights (forward) or with their transpose (backward), or one gradient of weights over the rows of the window.
type shape struct {
	Kind  string `json:"kind"` // forward, backward or gradient
	M     int    `json:"m"`
	N     int    `json:"n"`
	K     int    `json:"k"`
	Steps int    `json:"steps"` // products of a window
}

func (s shape) String() string { return fmt.Sprintf("%s M=%d N=%d K=%d", s.Kind, s.M, s.N, s.K) }

// operations is what the products of a window take: a multiply-add is two.
func (s shape) operations() float64 {
	return 2 * float64(s.M) * float64(s.N) * float64(s.K) * float64(s.Steps)
}

// windowSteps is the time steps of a window.
const windowSteps = 64

// shapes returns those of LSTMs of three sizes and 8 to 128 streams, and some of a GRU and of Elman networks.
func shapes() []shape {
	var list []shape
	forth := func(m, h, gates int) {
		list = append(list, shape{"forward", m, gates * h, h, windowSteps}, shape{"backward", m, h, gates * h, windowSteps})
	}
	for _, m := range []int{8, 16, 32, 64, 128} {
		for _, h := range []int{128, 256, 512} {
			forth(m, h, 4)
		}
	}
	forth(32, 256, 3)
	for _, h := range []int{128, 256, 512} {
		list = append(list, shape{"forward", 32, h, h, windowSteps})
	}
	for _, h := range []int{128, 256, 512} {
		for _, m := range []int{8, 32} {
			list = append(list, shape{"gradient", h, 4 * h, m * windowSteps, 1})
		}
		list = append(list, shape{"gradient", h, h, 32 * windowSteps, 1})
	}
	return list
}

// build returns a function that makes the products of one window, as a training step does: weights are packed once for all
// of them.
func (s shape) build() func() {
	if s.Kind == "gradient" {
		return bench.SumGradient(ramp(s.M, s.N), ramp(s.K, s.M), ramp(s.K, s.N))
	}
	w, pack := ramp(s.K, s.N), (*f32.Packed).PackPanel
	if s.Kind == "backward" {
		w, pack = ramp(s.N, s.K), (*f32.Packed).PackTransposedPanel
	}
	packed := f32.NewPacked(s.K, s.N)
	a, c := ramp(s.Steps*s.M, s.K), ramp(s.Steps*s.M, s.N)
	return func() {
		for i := range packed.Panels() {
			pack(packed, w, i)
		}
		for t := range s.Steps {
			f32.MulPacked(c.Slice(t*s.M, (t+1)*s.M), a.Slice(t*s.M, (t+1)*s.M), packed, false)
		}
	}
}

// ramp returns a matrix without zeros, which some processors are quick with.
func ramp(rows, cols int) f32.Matrix {
	m := f32.Mat(f32.Aligned(rows*cols), rows, cols)
	for i := range m.Data {
		m.Data[i] = 1 + float32(i%7)
	}
	return m
}

// A productJob is what a worker that makes products is told when it starts.
type productJob struct {
	Shapes  []shape `json:"shapes"`
	Kernels string  `json:"kernels"`
}

// A productAnswer is such a worker's line for one round.
type productAnswer struct {
	Seconds float64 `json:"seconds"`        // of one window, the median
	Peak    float64 `json:"peak,omitempty"` // operations per second that the core could do meanwhile
}

// serveProducts is Elman's worker for products, as that in Python (see sgemm.py).
func serveProducts(arg string, in io.Reader, out io.Writer) error {
	var j productJob
	if err := json.Unmarshal([]byte(arg), &j); err != nil {
		return err
	}
	if err := f32.Use(j.Kernels); err != nil {
		return err
	}
	tell := json.NewEncoder(out)
	tell.Encode(hello{About: "kernels " + f32.Active()})
	last, window := -1, func() {}
	for lines := bufio.NewScanner(in); lines.Scan(); {
		var number int
		var seconds float64
		if _, err := fmt.Sscan(lines.Text(), &number, &seconds); err != nil {
			return err
		}
		if number < 0 || number >= len(j.Shapes) {
			return fmt.Errorf("there is no shape %d", number)
		}
		if number != last {
			last, window = number, j.Shapes[number].build()
		}
		if err := tell.Encode(timeWindows(window, seconds)); err != nil {
			return err
		}
	}
	return nil
}

// timeWindows makes windows for so many seconds, and times them in processor time. The first is not timed.
func timeWindows(window func(), seconds float64) productAnswer {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	window()
	before := f32.Peak()
	var times []float64
	for start := time.Now(); len(times) == 0 || time.Since(start).Seconds() < seconds; {
		begin := bench.ThreadTime()
		window()
		times = append(times, (bench.ThreadTime() - begin).Seconds())
	}
	slices.Sort(times)
	return productAnswer{Seconds: times[len(times)/2], Peak: (before + f32.Peak()) / 2}
}
