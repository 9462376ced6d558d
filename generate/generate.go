// Package generate writes text with a model: symbol after symbol, each drawn from the probabilities that the model gives
// after all before it.
//
// A sample depends on the model, the options and its own number, and on nothing else: not on the processor, and not on how
// many samples are drawn beside it.
package generate

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"unicode/utf8"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/internal/random"
	"github.com/seed-f4dd853e/elman/model"
)

// Options say what to write. The zero value writes the 200 likeliest symbols, each after the last.
type Options struct {
	Length int    // symbols of each sample after the prompt; 0 means 200
	Prompt string // read before the first draw, and part of every sample; a closed alphabet must have all of it
	Stop   string // ends a sample where it appears behind the prompt, and is left out; "" means never

	Temperature float64 // divides the logits; 1 leaves the model's probabilities, 0 takes the likeliest symbol each time
	TopK        int     // draws among the so many likeliest symbols; 0 means all
	TopP        float64 // and then among the fewest likeliest that hold this share of their probability; 0 means 1, all

	UTF8 bool // a model of bytes writes whole characters only; others do so anyway

	Seed  uint64
	Count int // samples; 0 means 1

	Threads int // workers that samples are divided among; 0 means 1
}

// WithDefaults returns o with its defaults filled in, or an error that names the option which is out of range.
func (o Options) WithDefaults() (Options, error) {
	if o.Length == 0 {
		o.Length = 200
	}
	if o.TopP == 0 {
		o.TopP = 1
	}
	if o.Count == 0 {
		o.Count = 1
	}
	if o.Threads == 0 {
		o.Threads = 1
	}
	switch {
	case o.Length < 0:
		return o, fmt.Errorf("length is %d, must be at least 1", o.Length)
	case !(o.Temperature >= 0): // which NaN is not
		return o, fmt.Errorf("temperature is %v, must be 0 or more", o.Temperature)
	case o.Temperature > math.MaxFloat32:
		return o, fmt.Errorf("temperature is %v, must be finite", o.Temperature)
	case o.TopK < 0:
		return o, fmt.Errorf("top-k is %d, must be 0 (all symbols) or more", o.TopK)
	case !(o.TopP > 0 && o.TopP <= 1):
		return o, fmt.Errorf("top-p is %v, must be above 0 and at most 1", o.TopP)
	case o.Count < 0:
		return o, fmt.Errorf("count is %d, must be at least 1", o.Count)
	case o.Threads < 0:
		return o, fmt.Errorf("threads is %d, must be at least 1", o.Threads)
	}
	return o, nil
}

// Samples are drawn side by side, in groups of at most this many: enough to keep the processor busy, and memory does not
// grow with the count.
const groupSize = 64

// promptWindow is how many time steps of a prompt are read at a time.
const promptWindow = 256

// Text writes o.Count samples and hands them to emit piece by piece, as they come: first the prompt, then mostly a symbol at
// a time. Pieces of different samples (0, 1, ...) alternate; those of one sample, put together, are its text. Symbols that
// are bytes need not make whole characters, unless o.UTF8 is set, and never within a piece. What an open alphabet lacks is
// read in a prompt and never written. Workers call emit one at a time.
//
// Without a prompt a sample starts as if Alphabet.Start had been read, and so does a prompt for a model of documents, which
// starts anew after each that it writes.
//
// Text fails on options out of range, on a prompt outside a closed alphabet, on weights that give no finite logits, with
// model.ErrCodes, and with context.Cause(ctx) when ctx is cancelled.
func Text(ctx context.Context, m *model.Model, o Options, emit func(sample int, piece string)) error {
	o, err := o.WithDefaults()
	if err != nil {
		return err
	}
	if m.Alphabet.Kind() != corpus.Bytes && !utf8.ValidString(o.Stop) {
		return fmt.Errorf("stop text %q is not valid UTF-8 and can never appear", o.Stop)
	}
	if err := m.CheckProbabilities(); err != nil {
		return err
	}
	start, err := read(ctx, m, o.Prompt)
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
func Strings(ctx context.Context, m *model.Model, o Options) ([]string, error) {
	samples := make([]strings.Builder, max(o.Count, 1))
	if err := Text(ctx, m, o, func(i int, piece string) { samples[i].WriteString(piece) }); err != nil {
		return nil, err
	}
	texts := make([]string, len(samples))
	for i := range samples {
		texts[i] = samples[i].String()
	}
	return texts, nil
}

// A start is where every sample sets out: the model after the prompt.
type start struct {
	m        *model.Model
	state    []float32 // [layers x H]
	logits   []float32 // [V]
	last     int32     // symbol of the prompt, -1 without one
	splitter corpus.DocumentSplitter

	utf8Mask *utf8Mask // nil if any byte may follow
}

func read(ctx context.Context, m *model.Model, prompt string) (*start, error) {
	ids, err := m.Alphabet.Encode(prompt)
	if err != nil {
		return nil, fmt.Errorf("prompt: %w", err)
	}
	s := &start{m: m, last: -1, splitter: corpus.DocumentSplitter{Kind: m.Documents}}
	if len(ids) > 0 {
		s.last = ids[len(ids)-1]
	}
	from := 0 // where the document begins that the prompt ends with
	for i, id := range ids {
		if s.splitter.Add(m.Alphabet.Symbol(id)) {
			from = i + 1
		}
	}
	if ids = ids[from:]; len(ids) == 0 || m.OfDocuments() {
		ids = append([]int32{m.Alphabet.Start()}, ids...)
	}
	w := m.Network.NewWindow(min(len(ids), promptWindow), 1, nil)
	for part := range slices.Chunk(ids, promptWindow) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		w.Forward(part)
	}
	s.state = make([]float32, w.StateLen())
	w.State(s.state)
	logits := w.Logits()
	s.logits = slices.Clone(logits[len(logits)-m.Alphabet.Size():])
	return s, nil
}

// groups lets the workers write group after group, each with a copy of the weights of its own, which stays near it: they meet
// only where they emit.
func (s *start) groups(ctx context.Context, o Options, emit func(sample int, piece string)) error {
	size := min(groupSize, (o.Count+o.Threads-1)/o.Threads)
	workers := min(o.Threads, (o.Count+size-1)/size)
	if workers > 1 {
		var one sync.Mutex
		alone := emit
		emit = func(sample int, piece string) {
			one.Lock()
			defer one.Unlock()
			alone(sample, piece)
		}
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var next atomic.Int64
	write := func() {
		for {
			first := int(next.Add(int64(size))) - size
			if first >= o.Count {
				return
			}
			if err := s.group(ctx, o, first, min(size, o.Count-first), emit); err != nil {
				stop(err)
				return
			}
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
func (s *start) group(ctx context.Context, o Options, first, B int, emit func(sample int, piece string)) error {
	V := s.m.Alphabet.Size()
	w := s.m.Network.NewInferenceWindow(B, nil)
	starts := w.Starts()
	w.BroadcastState(s.state)
	logits := slices.Repeat(s.logits, B)
	choice := newSampler(o, V, s.m.Alphabet.Escape())
	states := make([]sampleState, B)
	x := slices.Repeat([]int32{s.last}, B)
	for i := range states {
		number := first + i
		states[i] = sampleState{
			rng:      random.New(o.Seed, "sample", uint64(number)),
			splitter: s.splitter,
			stop:     stopper{stop: o.Stop},
			emit: func(piece string) {
				if piece != "" {
					emit(number, piece)
				}
			},
		}
		states[i].emit(o.Prompt)
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
			if v.stopped { // it stays in the window, and nobody listens
				continue
			}
			if s.utf8Mask != nil && !s.utf8Mask.mask(logits[i*V:][:V], v.at, o.Length-step) {
				v.emit(v.stop.held)
				v.stopped = true
				continue
			}
			id, err := choice.choose(logits[i*V:][:V], v.rng.Float64())
			if err != nil {
				return err
			}
			if s.utf8Mask != nil {
				v.at = v.at.after(s.utf8Mask.symbols[id])
			}
			v.say(s.m.Alphabet.Piece(x[i], id))
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
	for i := range states {
		if v := &states[i]; !v.stopped {
			v.emit(v.stop.held)
		}
	}
	return nil
}

// A sampleState is one sample while it is being written.
type sampleState struct {
	rng      *rand.Rand
	splitter corpus.DocumentSplitter
	at       spelling
	stop     stopper
	emit     func(piece string)
	stopped  bool
}

func (v *sampleState) say(piece string) {
	piece, v.stopped = v.stop.add(piece)
	v.emit(piece)
}
