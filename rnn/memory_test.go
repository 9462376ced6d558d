package rnn

import (
	"cmp"
	"math"
	"reflect"
	"slices"
	"testing"
	"unsafe"

	"github.com/seed-f4dd853e/elman/internal/f32"
)

// TestMemoryIsCounted compares what settings say of a window's memory with what is allocated: mostly for rows, or mostly for
// weights, in windows of one row, few and many.
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
			reader           bool
		}{
			{"many rows", 40, 32, 2, 64, 32, false, true, false},
			{"many rows that may start anew, forward", 40, 32, 3, 64, 32, true, false, false},
			{"many rows that may start anew", 40, 32, 3, 64, 32, true, true, false},
			{"many weights, packed", 50, 200, 2, 16, 8, false, true, false},
			{"many weights, few rows", 50, 200, 2, 4, 2, false, true, false},
			{"a single row", 50, 200, 1, 1, 1, false, true, false},
			{"many weights, forward, packed", 50, 200, 2, 16, 8, false, false, false},
			{"a reader of several streams", 50, 200, 2, 1, 8, true, false, true},
			{"a reader of one stream", 50, 60, 2, 1, 1, false, false, true},
			{"a reader of one stream and many weights", 50, 300, 1, 1, 1, false, false, true},
		} {
			v := v.sized(tt.V, tt.H, tt.layers)
			n := network(t, v.Config)
			weights := int64(0)
			for _, p := range n.Params() {
				if weights += int64(len(p.Value)); p.Frozen {
					weights -= int64(len(p.Value))
				}
			}
			x := symbols(1, tt.V, tt.T*tt.B)
			w := v.window(n, tt.T, tt.B, pool)
			if tt.reader {
				w = n.NewInferenceWindow(tt.B, pool)
			}
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
			got := held.size()
			for _, p := range n.Params() {
				got -= int64(4 * len(p.Value))
			}
			got -= int64(4 * len(x))
			m := n.Config().Memory(tt.T, tt.B, tt.starts)
			if tt.reader {
				m = n.Config().ReaderMemory(tt.B, tt.starts)
			}
			if tt.gradient {
				m = n.Config().Training(tt.T, tt.B, tt.starts, v.drop, weights, workers)
			}
			if want := float64(m.Total()); math.Abs(float64(got)-want) > 0.01*want {
				t.Errorf("%s: %d bytes held, Memory says %d: %+v", tt.name, got, m.Total(), m)
			}
		}
	})
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
