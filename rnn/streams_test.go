package rnn

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/seed-f4dd853e/elman/internal/f32"
)

// TestSetStreams reads streams that end, one after the other, or start anew in windows for inference of several sizes, and
// compares each row with a window that reads all of them to the end; with one worker and three.
func TestSetStreams(t *testing.T) {
	const most, steps = 7, 24
	pool := f32.NewPool(3)
	defer pool.Close()
	eachVariant(t, func(t *testing.T, v variant) {
		v = v.sized(8, 19, 2)
		n := network(t, v.Config)
		x := symbols(1, v.Symbols, steps*most)
		rng := rand.New(rand.NewPCG(1, 1))
		all := n.NewWindow(steps, most, nil)
		starts := all.Starts()
		for i := range starts {
			starts[i] = rng.IntN(5) == 0
		}
		// Streams from lives[t] on are not read at time step t; at the one after a pause they start anew.
		lives := make([]int, steps)
		for t, B := 0, most; t < steps; t++ {
			if rng.IntN(3) == 0 {
				next := 1 + rng.IntN(most)
				for b := B; b < next; b++ {
					starts[t*most+b] = true
				}
				B = next
			}
			lives[t] = B
		}
		all.Forward(x)
		cols := v.outputs()
		for _, p := range []*f32.Pool{nil, pool} {
			w := n.NewInferenceWindow(3, most, p)
			w.SetStreams(1) // which makes no less room for starts
			own := w.Starts()
			for at := 0; at < steps; {
				B, T := lives[at], 1
				for at+T < steps && lives[at+T] == B && T*B < 3*most && rng.IntN(4) > 0 && (T+1)*B <= 3*most {
					T++
				}
				w.SetStreams(B)
				var read []int32
				for i := range T {
					copy(own[i*B:], starts[(at+i)*most:][:B])
					read = append(read, x[(at+i)*most:][:B]...)
				}
				w.Forward(read)
				for i := range T {
					compare(t, fmt.Sprintf("time step %d, %d of %d streams", at+i, B, most), w.Logits()[i*B*cols:][:B*cols], all.Logits()[(at+i)*most*cols:][:B*cols])
				}
				at += T
			}
		}
	})
}

// TestSharedCopies lets windows for inference read at the same time, from the moment that the weights have changed.
func TestSharedCopies(t *testing.T) {
	for _, precision := range []Precision{Float32, BF16, Int8} {
		n := network(t, Config{Cell: "lstm", Symbols: 9, Hidden: 33, Layers: 2, Precision: precision})
		x := symbols(1, 9, 64)
		for range 3 {
			n.Params()[0].Value[0]++
			n.Updated()
			want := n.NewWindow(16, 4, nil)
			want.Forward(x)
			var windows []*Window
			var all sync.WaitGroup
			for range 4 {
				w := n.NewInferenceWindow(16, 4, nil)
				windows = append(windows, w)
				all.Go(func() { w.Forward(x) })
			}
			all.Wait()
			for _, w := range windows {
				compare(t, precision.String(), w.Logits(), want.Logits())
			}
			if a, b := windows[0].cells[1].buffers.fwd.weight, windows[3].cells[1].buffers.fwd.weight; a.panels() != b.panels() {
				t.Errorf("%v: two windows have copies of their own", precision)
			}
		}
	}
}

// A window for inference panics where it would need what it has not kept.
func TestInferenceKeepsNothing(t *testing.T) {
	n := network(t, Config{Cell: "lstm", Symbols: 9, Hidden: 5})
	x := symbols(1, 9, 8)
	w := n.NewInferenceWindow(4, 2, nil)
	w.Forward(x)
	h, want := make([]float32, 8*5), make([]float32, 8*5)
	w.Observe(h, 0, "h")
	other := n.NewWindow(4, 2, nil)
	other.Forward(x)
	other.Observe(want, 0, "h")
	compare(t, "h", h, want)
	if w.memory().Buffers >= other.memory().Buffers {
		t.Errorf("%d bytes, a window that keeps everything %d", w.memory().Buffers, other.memory().Buffers)
	}
	for name, f := range map[string]func(){
		"a gate":        func() { w.Observe(h, 0, "i") },
		"the memory":    func() { w.Observe(h, 0, "c") },
		"a gradient":    func() { w.Gradient(x, x, 1, nil) },
		"no stream":     func() { w.SetStreams(0) },
		"more streams":  func() { w.SetStreams(3) },
		"another kind":  func() { n.NewWindow(4, 2, nil).SetStreams(1) },
		"too many rows": func() { w.SetStreams(1); w.Forward(make([]int32, 9)) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			f()
		}()
	}
}
