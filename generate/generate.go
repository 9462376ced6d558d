// Package generate writes text with a model: symbol after symbol, each drawn from the probabilities that the model gives
// after all before it.
//
// A sample depends on the model, the options and its own number, and on nothing else: not on the processor, and not on how
// many samples are drawn beside it.
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
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/rnn"
)

// Samples are drawn side by side, in groups of at most this many: enough to keep the processor busy, and memory does not
// grow with the count.
const groupSize = 64

// groupsAhead is how many groups of each worker may be under way, counted from the first that is not finished: a caller that wants samples
// in order holds back no more than these.
const groupsAhead = 2

// promptWindow is how many time steps of a prompt are read at a time.
const promptWindow = 32

// A Generator writes with one model. Several goroutines may use it at a time: the memory that their networks take is made for
// the first calls and used again by later ones.
type Generator struct {
	m       *model.Model
	prompts sync.Pool                // windows that read
	windows [groupSize + 1]sync.Pool // windows that write, by samples side by side
}

// New returns a generator.
func New(m *model.Model) *Generator { return &Generator{m: m} }

// A Piece is a part of a sample, as it is written.
type Piece struct {
	Sample int    // its number, from 0
	Text   string // "" only where it is the last
	Last   bool   // the sample ends here
}

// Text writes o.Count samples and passes them to emit piece by piece as they are drawn: first the prompt, then mostly one symbol
// at a time. Pieces of different samples alternate; those of one sample, put together, are its text. Samples begin and end
// nearly in order: no more than some hundreds for each worker are under way, however slow the first of them is. Symbols that
// are bytes need not make whole characters, unless o.UTF8 is set, and never within a piece. What an open alphabet lacks is
// read in a prompt and never written. Workers call emit one at a time; its error ends Text, which returns it.
//
// A sample begins, with the prompt if there is one, as if Alphabet.Start had been read, which is how score.Scorer reads a text.
// A model of documents starts anew after each that it writes.
//
// Text fails on options out of range, on a prompt outside a closed alphabet, on weights that give no finite logits, with
// model.ErrCodes, and with context.Cause(ctx) when ctx is cancelled.
func (g *Generator) Text(ctx context.Context, o Options, emit func(Piece) error) error {
	m := g.m
	if err := o.Check(); err != nil {
		return err
	}
	if m.Alphabet.Kind() != corpus.Bytes && !utf8.ValidString(o.Stop) {
		return fmt.Errorf("stop text %q is not valid UTF-8 and can never appear", o.Stop)
	}
	if err := m.CheckProbabilities(); err != nil {
		return err
	}
	start, err := g.read(ctx, cmp.Or(o.From, g.m.Beginning()), o.Prompt)
	if err != nil {
		return err
	}
	if o.UTF8 {
		if !utf8.ValidString(o.Prompt) {
			return fmt.Errorf("prompt %q is not valid UTF-8", o.Prompt)
		}
		if start.utf8Mask, err = newUTF8Mask(m.Alphabet); err != nil {
			return err
		}
	}
	return start.groups(ctx, o, emit)
}

// Strings returns the samples of Text.
func (g *Generator) Strings(ctx context.Context, o Options) ([]string, error) {
	var samples []*strings.Builder // those that have begun
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

// A start is where every sample sets out: the model after the prompt.
type start struct {
	g        *Generator
	m        *model.Model
	state    []float32 // [layers x H]
	logits   []float32 // [V]
	last     int32     // symbol of the prompt, -1 without one
	splitter corpus.DocumentSplitter

	utf8Mask *utf8Mask // nil if any byte may follow
}

// read reads a prompt as score.Scorer reads a text, from a place onwards.
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

// groups lets the workers write group after group, each with a copy of the weights of its own, which stays near it: they meet
// only where they emit.
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

// group writes the samples from number first on, B of them, side by side.
func (s *start) group(ctx context.Context, o Options, first, B int, emit func(Piece) error) error {
	V := s.m.Alphabet.Size()
	w, _ := s.g.windows[B].Get().(*rnn.Window)
	if w == nil {
		w = s.m.Network.NewInferenceWindow(B, nil)
	}
	defer s.g.windows[B].Put(w)
	starts := w.Starts()
	clear(starts)
	w.BroadcastState(s.state)
	logits := slices.Repeat(s.logits, B)
	choice := newSampler(o, V, s.m.Alphabet.Escape())
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
			if v.stopped { // its stream stays in the window, unused
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
				v.at = v.at.after(s.utf8Mask.symbols[id])
			}
			if err := v.say(emit, s.m.Alphabet.Piece(x[i], id), step == o.Length-1); err != nil {
				return err
			}
			x[i] = id
			starts[i] = v.splitter.Add(s.m.Alphabet.Symbol(id)) // with a line break, which the next document begins after
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

// A sampleState is one sample while it is being written.
type sampleState struct {
	number   int
	rng      *rand.Rand
	splitter corpus.DocumentSplitter
	at       spelling
	stop     stopper
	stopped  bool
}

// say passes on what can be of the next piece of text, and all of it if that is the last.
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

// end ends a sample that the stop text did not.
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
