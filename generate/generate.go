// Package generate samples text from a model, symbol by symbol, with temperature, top-k and top-p.
//
// Generator.Text writes samples of one prompt. A Batch is what it is made of: rows of any options and prompts, which are read and
// written side by side, and join and leave between two time steps. It also tells how likely each symbol was, of the prompt
// too. For a server, package serve/schedule shares out batches among requests.
//
// A sample depends on the model, the options and the sample's number only: never on the processor, or on how many samples are
// drawn beside it.
package generate

import (
	"context"
	"strings"
	"sync"
)

const (
	// batchRows is the most samples that a worker writes side by side: enough to keep the processor busy. Memory does not grow with
	// the count.
	batchRows = 64
	// batchesAhead limits how many such numbers of samples per worker may be under way, counted from the first unfinished one, and
	// so how many samples a caller that wants them in order has to hold back.
	batchesAhead = 2
)

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
	if err := o.Check(); err != nil {
		return err
	}
	prompt, err := g.NewPrompt(o.From, o.Prompt)
	if err != nil {
		return err
	}
	row, err := g.NewRow(RowOptions{
		Prompt: prompt, Length: o.Length, Stops: o.Stops, Temperature: o.Temperature, TopK: o.TopK, TopP: o.TopP,
		UTF8: o.UTF8, Seed: o.Seed, Logprobs: -1,
	}, nil)
	if err != nil {
		return err
	}
	if err := g.readOnce(ctx, row); err != nil {
		return err
	}
	return g.samples(ctx, o, row, emit)
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

// readOnce reads the prompt of a row for all others.
func (g *Generator) readOnce(ctx context.Context, r *Row) error {
	r.o.Prompt.shared.Store(true)
	reads := r.sample(0, func(Token) bool { return true })
	reads.o.Length = 0
	b := g.NewBatch(1)
	b.Join(reads)
	for {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if b.Step() == 0 {
			return nil
		}
	}
}

// samples runs the workers, each of which writes sample after sample in a batch of its own. They share nothing that changes but
// emit.
func (g *Generator) samples(ctx context.Context, o Options, row *Row, emit func(Piece) error) error {
	size := min(batchRows, (o.Count-1)/o.Threads+1)
	workers := min(o.Threads, (o.Count-1)/size+1)
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	q := newQueue(o.Count, batchesAhead*workers*size)
	defer context.AfterFunc(ctx, q.close)()
	var one sync.Mutex
	alone := func(p Piece) bool {
		one.Lock()
		defer one.Unlock()
		if ctx.Err() != nil {
			return false
		}
		err := emit(p)
		if err != nil {
			stop(err)
		}
		return err == nil
	}
	write := func() {
		b := g.NewBatch(size)
		for ctx.Err() == nil {
			for b.Len() < size {
				number, ok := q.take(b.Len() == 0)
				if !ok {
					break
				}
				if o.Prompt == "" || alone(Piece{Sample: number, Text: o.Prompt}) {
					b.Join(row.sample(number, func(t Token) bool {
						if t.Err != nil {
							stop(t.Err)
							return false
						}
						last := t.End != ""
						goesOn := t.Text == "" && !last || alone(Piece{number, t.Text, last})
						if last {
							q.finish(number)
						}
						return goesOn
					}))
				}
			}
			if b.Len() == 0 {
				return
			}
			b.Step()
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
