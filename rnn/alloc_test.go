package rnn

import (
	"cmp"
	"errors"
	"reflect"
	"runtime"
	"slices"
	"testing"
	"unsafe"

	"github.com/seed-f4dd853e/elman/internal/f32"
	"github.com/seed-f4dd853e/elman/internal/memory"
)

// TestMemoryIsCounted compares what WindowMemory says of a window with what it says after it was made and used, and with all
// slices of numbers that it leads to: they are the same bytes.
func TestMemoryIsCounted(t *testing.T) {
	const workers = 2
	pool := f32.NewPool(workers)
	defer pool.Close()
	eachVariant(t, func(t *testing.T, v variant) {
		for _, tt := range []struct {
			name             string
			V, H, layers     int
			T, B             int
			starts, gradient bool
			inference        bool
			shards           int
		}{
			{"packed weights, starts", 9, 17, 3, 13, 5, true, false, false, 0},
			{"packed weights, starts and gradient", 9, 17, 3, 13, 5, true, true, false, 0},
			{"a long window", 9, 7, 2, 29, 9, false, true, false, 0},
			{"few rows", 9, 20, 2, 4, 2, false, true, false, 0},
			{"a single row", 9, 20, 1, 1, 1, false, true, false, 0},
			{"forward", 9, 20, 2, 3, 2, false, false, false, 0},
			{"inference of several streams", 9, 20, 2, 1, 8, true, false, true, 0},
			{"inference of one stream", 9, 20, 2, 1, 1, false, false, true, 0},
			{"shards", 9, 20, 2, 20, 8, true, true, false, 4},
		} {
			v := v.sized(tt.V, tt.H, tt.layers)
			n := network(t, v.Config)
			x := symbols(1, tt.V, tt.T*tt.B)
			w := v.window(n, tt.T, tt.B, pool)
			if tt.inference {
				w = n.NewInferenceWindow(1, tt.B, pool)
			}
			w.Shards = tt.shards
			if tt.starts {
				w.Starts()
			}
			if tt.gradient {
				w.Gradient(x, x, 1, nil)
			} else {
				w.Forward(x)
			}
			var held numbers
			held.walk(reflect.ValueOf(w))
			got := held.size() - n.weights.bytes - int64(4*len(x))
			var teacher *Config
			if w.teacher != nil {
				teacher = &w.teacher.window.net.cfg
				got -= w.teacher.window.net.weights.bytes
			}
			want := n.Config().WindowMemory(WindowUse{
				T: tt.T, B: tt.B, Inference: tt.inference, Starts: tt.starts, Gradient: tt.gradient, Dropout: v.drop, Shards: tt.shards, Teacher: teacher, Workers: workers,
			})
			if m := w.memory(); m != want || got != want.Total() {
				t.Errorf("%s: WindowMemory %+v, %d bytes; the window counted %+v and holds %d", tt.name, want, want.Total(), m, got)
			}
		}
	})
}

// TestCountingTakesNoMemory counts a window of more than 2^40 bytes.
func TestCountingTakesNoMemory(t *testing.T) {
	c, err := Config{Cell: "lstm", Symbols: 1 << 14, Hidden: 1 << 12, Layers: 3}.WithDefaults()
	if err != nil {
		t.Fatal(err)
	}
	use := WindowUse{T: 1 << 11, B: 1 << 13, Gradient: true}
	if m := c.WindowMemory(use); m.Buffers < 1<<40 || m.Gradient < 4*c.Weights() {
		t.Errorf("%+v of %d weights", m, c.Weights())
	}
	short, ok := errors.AsType[*memory.Shortage](c.CheckMemory(use, use))
	if want := newNetwork(c, true).weights.bytes + 2*c.WindowMemory(use).Total(); runtime.GOOS == "linux" && (!ok || short.Need != want) {
		t.Errorf("CheckMemory: %v, want a need of %d bytes", short, want)
	}
}

// Numbers are what was found in a walk through all that a value leads to: where each slice of them lies.
type numbers struct {
	seen   map[unsafe.Pointer]bool
	slices [][2]uintptr
}

func (m *numbers) walk(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if p := v.UnsafePointer(); p != nil && !m.seen[p] {
			if m.seen == nil {
				m.seen = map[unsafe.Pointer]bool{}
			}
			m.seen[p] = true
			m.walk(v.Elem())
		}
	case reflect.Interface:
		m.walk(v.Elem())
	case reflect.Struct:
		for i := range v.NumField() {
			m.walk(v.Field(i))
		}
	case reflect.Array, reflect.Slice:
		switch size := v.Type().Elem().Size(); v.Type().Elem().Kind() {
		case reflect.Float32, reflect.Int32, reflect.Uint8, reflect.Bool:
			if v.Kind() == reflect.Slice && v.Len() > 0 {
				at := uintptr(v.UnsafePointer())
				m.slices = append(m.slices, [2]uintptr{at, at + size*uintptr(v.Cap())})
			}
		case reflect.Float64, reflect.String:
		default:
			for i := range v.Len() {
				m.walk(v.Index(i))
			}
		}
	}
}

// size returns the bytes of all slices, those that several share counted once.
func (m *numbers) size() (sum int64) {
	slices.SortFunc(m.slices, func(a, b [2]uintptr) int { return cmp.Compare(a[0], b[0]) })
	end := uintptr(0)
	for _, s := range m.slices {
		if s[1] > end {
			sum += int64(s[1] - max(s[0], end))
			end = s[1]
		}
	}
	return sum
}
