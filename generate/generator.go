package generate

import (
	"math/bits"
	"sync"

	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/rnn"
)

// A Generator samples from one model. Any number of goroutines may use it; calls reuse working memory from pools.
type Generator struct {
	m       *model.Model
	alone   sync.Pool                // *promptReader of one prompt
	readers sync.Pool                // of several
	windows [bits.UintSize]sync.Pool // that write, by the logarithm of the number of rows
	mask    func() (*utf8Mask, error)
}

// New returns a generator.
func New(m *model.Model) *Generator {
	g := &Generator{m: m}
	g.mask = sync.OnceValues(func() (*utf8Mask, error) { return newUTF8Mask(m.Alphabet) })
	return g
}

// window returns a window in which n or more rows write, and for how many it is.
func (g *Generator) window(n int) (w *rnn.Window, room int) {
	size := bits.Len(uint(n - 1))
	w, _ = g.windows[size].Get().(*rnn.Window)
	if w == nil {
		w = g.m.Network.NewInferenceWindow(1, 1<<size, nil)
		w.Starts()
	}
	return w, 1 << size
}

func (g *Generator) putWindow(w *rnn.Window, room int) { g.windows[bits.Len(uint(room-1))].Put(w) }

// reader returns a reader of n prompts.
func (g *Generator) reader(n int) *promptReader {
	streams := promptStreams
	if n == 1 {
		streams = 1
	}
	if r, ok := g.readersOf(streams).Get().(*promptReader); ok {
		return r
	}
	return newPromptReader(g.m.Network, streams)
}

func (g *Generator) putReader(r *promptReader) { g.readersOf(r.streams).Put(r) }

func (g *Generator) readersOf(streams int) *sync.Pool {
	if streams == 1 {
		return &g.alone
	}
	return &g.readers
}
