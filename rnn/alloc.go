package rnn

import (
	"fmt"

	"github.com/seed-f4dd853e/elman/internal/f32"
	"github.com/seed-f4dd853e/elman/internal/memory"
)

// An allocator hands out memory and counts it. One that only counts hands out slices that are empty, though not nil: what is
// built with it takes no memory, cannot run, and knows how much it would take.
type allocator struct {
	onlyCounts bool
	bytes      int64
}

// floats returns n zeros whose first lies at the start of a cache line.
func (a *allocator) floats(n int) []float32 {
	if a.bytes += 4 * int64(n); a.onlyCounts {
		return []float32{}
	}
	return f32.Aligned(n)
}

// packed returns room for a packed matrix.
func (a *allocator) packed(rows, cols int) *f32.Packed {
	if a.bytes += 4 * int64(f32.PackedLen(rows, cols)); a.onlyCounts {
		return nil
	}
	return f32.NewPacked(rows, cols)
}

// int8 returns room for a matrix in 8 bits.
func (a *allocator) int8(rows, cols int) *f32.Int8 {
	if a.bytes += int64(f32.Int8Bytes(rows, cols)); a.onlyCounts {
		return nil
	}
	return f32.NewInt8(rows, cols)
}

// bf16 returns room for a matrix in 16 bits.
func (a *allocator) bf16(rows, cols int) *f32.BF16 {
	if a.bytes += int64(f32.BF16Bytes(rows, cols)); a.onlyCounts {
		return nil
	}
	return f32.NewBF16(rows, cols)
}

// allocate returns n zeros of a type of this many bytes.
func allocate[E int32 | bool | uint8](a *allocator, n, size int) []E {
	if a.bytes += int64(size) * int64(n); a.onlyCounts {
		return []E{}
	}
	return make([]E, n)
}

// tail returns x from element i on, nothing of an x that is shorter.
func tail(x []float32, i int) []float32 { return x[min(i, len(x)):] }

// A Memory is the bytes of all numbers that a window holds.
type Memory struct {
	Buffers  int64 // what the stages make of each row, with the gradient of that, and what goes with it
	Copies   int64 // of weights, in the layouts that products are fast with
	Gradient int64 // of the weights, which windows of one network share
}

// Total returns the sum.
func (m Memory) Total() int64 { return m.Buffers + m.Copies + m.Gradient }

// A WindowUse describes the use of a window, which decides its memory.
type WindowUse struct {
	T, B      int  // time steps and streams
	Inference bool // it comes of NewInferenceWindow
	Starts    bool // Window.Starts is called
	Gradient  bool // Window.Gradient is called, with nil for the sink
	Dropout   Dropout
	Shards    int     // Window.Shards
	Teacher   *Config // of the network that Window.LearnFrom has, complete; nil means none
	Workers   int     // of its pool; 0 means 1
}

// WindowMemory returns the memory of a window without making it. The settings must be complete.
func (c Config) WindowMemory(use WindowUse) Memory {
	n := newNetwork(c, true)
	w := n.newWindow(use.T, use.B, max(1, use.Workers), use.Inference)
	w.Dropout, w.Shards = use.Dropout, use.Shards
	if use.Teacher != nil {
		w.setTeacher(newNetwork(*use.Teacher, true), 0)
	}
	if use.Starts {
		w.Starts()
	}
	if use.Gradient {
		w.prepareBackward()
		w.allocateGradients()
	}
	return w.memory()
}

// CheckMemory returns an error if the process cannot get enough memory for the weights and for these windows, and nil if the
// system does not say. The settings must be complete.
func (c Config) CheckMemory(uses ...WindowUse) error {
	weights := newNetwork(c, true).weights.bytes
	need := weights
	for _, use := range uses {
		need += c.WindowMemory(use).Total()
	}
	return memory.Check(fmt.Sprintf("a network of %d weights", weights/4), need)
}

// memory returns what the window has counted so far.
func (w *Window) memory() Memory {
	m := Memory{Buffers: w.buffers.bytes, Copies: w.layouts.bytes, Gradient: w.net.gradients.bytes}
	if w.teacher != nil {
		t := w.teacher.window.memory()
		m.Buffers, m.Copies = m.Buffers+t.Buffers, m.Copies+t.Copies
	}
	return m
}

// Params returns the names and sizes of a network's weights, without a Value. The settings must be complete.
func (c Config) Params() []*Param { return newNetwork(c, true).params }
