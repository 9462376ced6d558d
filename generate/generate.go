// Package generate samples text from a model, symbol by symbol, with temperature, top-k and top-p.
//
// A sample depends on the model, the options and the sample's number only: never on the processor, or on how many samples are
// drawn beside it.
package generate

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/internal/random"
	"github.com/seed-f4dd853e/elman/internal/setting"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/rnn"
)

// groupSize is the most samples drawn side by side: enough to keep the processor busy. Memory does not grow with the count.
const groupSize = 64

// groupsAhead limits how many groups per worker may be under way, counted from the first unfinished one, and so how many
// samples a caller that wants them in order has to hold back.
const groupsAhead = 2

// promptWindow is the time steps of a window that reads a prompt.
const promptWindow = 32

// A Generator samples from one model. Any number of goroutines may use it; calls reuse working memory from a pool.
type Generator struct {
	m       *model.Model
	prompts sync.Pool                // windows that read a prompt
	windows [groupSize + 1]sync.Pool // windows that write, by the number of samples side by side
}

// New returns a generator.
func New(m *model.Model) *Generator { return &Generator{m: m} }

// A Piece is the next part of a sample.
type Piece struct {
	Sample int    // its number, from 0
	Text   string // "" only in a last piece
	Last   bool   // the sample ends with this piece
}

// Text draws o.Count samples and passes them to emit piece by piece as they are drawn: first the prompt, then mostly one
// symbol at a time. Pieces of different samples alternate; the pieces of one sample, joined, are its text. Samples begin and
// end nearly in order: at most some hundreds per worker are under way. Workers call emit one at a time; an error from emit
// ends Text, which returns it.
//
// A sample, with its prompt, begins after Alphabet.Start, as a text does for score.Scorer. If the model was trained on
// documents, the state restarts after each document written. The escape is read in a prompt and never written, nor are A to Z by
// a model of lower case. A piece of
// bytes may end within a character, and without o.UTF8 the bytes need not be valid UTF-8.
//
// Text fails on options out of range, on a prompt with symbols that a closed alphabet lacks, on weights that give no finite
// logits, with model.ErrCodes, and with context.Cause(ctx) when ctx is cancelled.
func (g *Generator) Text(ctx context.Context, o Options, emit func(Piece) error) error {
	m := g.m
	if err := o.Check(); err != nil {
		return err
	}
	if !m.Alphabet.Kind().OfBytes() && !utf8.ValidString(o.Stop) {
		return setting.Errorf("%v is %.40q, which is not valid UTF-8 and can never appear", setting.Name("stop"), o.Stop)
	}
	if err := m.CheckProbabilities(); err != nil {
		return err
	}
	o.Stop = m.Alphabet.Lower(o.Stop)
	start, err := g.read(ctx, cmp.Or(o.From, g.m.Beginning()), o.Prompt)
	if err != nil {
		return err
	}
	if o.UTF8 {
		if !utf8.ValidString(o.Prompt) {
			return setting.Errorf("%v is %.40q, which is not valid UTF-8", setting.Name("prompt"), o.Prompt)
		}
		if start.utf8Mask, err = newUTF8Mask(m.Alphabet); err != nil {
			return err
		}
	}
	return start.groups(ctx, o, emit)
}

// Strings draws the samples of Text and returns them in order. Its errors are those of Text.
func (g *Generator) Strings(ctx context.Context, o Options) ([]string, error) {
	var samples []*strings.Builder // those begun so far
	err := g.Text(ctx, o, func(p Piece) error {
		for len(samples) <= p.Sample {
			samples = append(samples, &strings.Builder{})
		}
		samples[p.Sample].WriteString(p.Text)
		return nil
	})
	if err != nil {
		return nil, err
	}
	texts := make([]string, len(samples))
	for i, s := range samples {
		texts[i] = s.String()
	}
	return texts, nil
}

// A start is the common beginning of all samples: the model after the prompt.
type start struct {
	g        *Generator
	m        *model.Model
	state    []float32 // [layers x H]
	logits   []float32 // [V]
	last     int32     // the last symbol of the prompt, -1 without one
	splitter corpus.DocumentSplitter

	utf8Mask *utf8Mask // nil if any byte may follow
}

// read reads a prompt from a place onwards, as score.Scorer reads a text.
func (g *Generator) read(ctx context.Context, from *model.Place, prompt string) (*start, error) {
	w, _ := g.prompts.Get().(*rnn.Window)
	if w == nil {
		w = g.m.Network.NewWindow(promptWindow, 1, nil)
	}
	defer g.prompts.Put(w)
	if w.Reset(); from.State != nil {
		w.SetState(from.State)
	}
	starts := w.Starts()
	feed := from.Feed.Clone()
	feed.Open = false
	feed.Append([]byte(prompt))
	s := &start{g: g, m: g.m, last: from.Last}
	for steps := (corpus.Steps{}); ; {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if err := feed.Read(&steps, promptWindow); err != nil {
			return nil, fmt.Errorf("prompt: %w", err)
		}
		n := copy(starts, steps.Starts)
		if n == 0 {
			break
		}
		w.Forward(steps.X)
		s.last = steps.Y[n-1]
	}
	x, fresh := feed.Ahead()
	starts[0] = fresh
	w.Forward([]int32{x})
	s.splitter = feed.Splitter()
	s.state = make([]float32, w.StateLen())
	w.State(s.state)
	s.logits = slices.Clone(w.Logits())
	return s, nil
}

// groups runs the workers, which write group after group. They share nothing that changes but emit.
func (s *start) groups(ctx context.Context, o Options, emit func(Piece) error) error {
	size := min(groupSize, (o.Count-1)/o.Threads+1)
	groups := (o.Count-1)/size + 1
	workers := min(o.Threads, groups)
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var one sync.Mutex
	alone := func(p Piece) error {
		one.Lock()
		defer one.Unlock()
		return emit(p)
	}
	q := newQueue(groups, groupsAhead*workers)
	defer context.AfterFunc(ctx, q.close)()
	write := func() {
		for {
			g, ok := q.take()
			if !ok {
				return
			}
			first := g * size
			if err := s.group(ctx, o, first, min(size, o.Count-first), alone); err != nil {
				stop(err)
				return
			}
			q.finish(g)
		}
	}
	var others sync.WaitGroup
	for range workers - 1 {
		others.Go(write)
	}
	write()
	others.Wait()
	return context.Cause(ctx)
}

// group writes B samples side by side, from number first on.
func (s *start) group(ctx context.Context, o Options, first, B int, emit func(Piece) error) error {
	V := s.m.Alphabet.Size()
	w, _ := s.g.windows[B].Get().(*rnn.Window)
	if w == nil {
		w = s.m.Network.NewInferenceWindow(1, B, nil)
	}
	defer s.g.windows[B].Put(w)
	starts := w.Starts() // each is set before it is read
	w.BroadcastState(s.state)
	logits := slices.Repeat(s.logits, B)
	choice := newSampler(o, V, s.m.Alphabet.Unwritten())
	states := make([]sampleState, B)
	x := slices.Repeat([]int32{s.last}, B)
	for i := range states {
		number := first + i
		states[i] = sampleState{
			number:   number,
			rng:      random.New(o.Seed, "sample", uint64(number)),
			splitter: s.splitter,
			stop:     stopper{stop: o.Stop},
		}
		if err := states[i].emit(emit, o.Prompt); err != nil {
			return err
		}
	}

	for step := range o.Length {
		if err := ctx.Err(); err != nil {
			return err
		}
		if step > 0 {
			w.Forward(x)
			logits = w.Logits()
		}
		speaking := 0
		for i := range states {
			v := &states[i]
			if v.stopped { // its stream stays in the window, idle
				continue
			}
			if s.utf8Mask != nil && !s.utf8Mask.mask(logits[i*V:][:V], v.at, o.Length-step) {
				if err := v.end(emit); err != nil {
					return err
				}
				continue
			}
			id, err := choice.choose(logits[i*V:][:V], v.rng.Float64())
			if err != nil {
				return err
			}
			if s.utf8Mask != nil {
				v.at = s.utf8Mask.after(v.at, id)
			}
			if err := v.say(emit, s.m.Alphabet.Piece(x[i], id), step == o.Length-1); err != nil {
				return err
			}
			x[i] = id
			starts[i] = v.splitter.Add(s.m.Alphabet.Symbol(id)) // the next document begins after its line break
			if !v.stopped {
				speaking++
			}
		}
		if speaking == 0 {
			return nil
		}
	}
	return nil
}

// A sampleState is a sample under way.
type sampleState struct {
	number   int
	rng      *rand.Rand
	splitter corpus.DocumentSplitter
	at       spelling
	stop     stopper
	stopped  bool
}

// say emits as much of the text as is certain, and everything if the piece is the last.
func (v *sampleState) say(emit func(Piece) error, piece string, last bool) error {
	if piece, v.stopped = v.stop.add(piece); v.stopped {
		return emit(Piece{v.number, piece, true})
	}
	if last {
		v.stop.held = piece + v.stop.held
		return v.end(emit)
	}
	return v.emit(emit, piece)
}

// end ends a sample without a stop text.
func (v *sampleState) end(emit func(Piece) error) error {
	v.stopped = true
	return emit(Piece{v.number, v.stop.held, true})
}

func (v *sampleState) emit(emit func(Piece) error, piece string) error {
	if piece == "" {
		return nil
	}
	return emit(Piece{Sample: v.number, Text: piece})
}
