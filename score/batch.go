package score

import (
	"context"
	"slices"
	"sync"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/model"
)

// Texts that do not depend on each other, lines or documents, are scored side by side: one stream alone waits for the weights,
// of 8 streams each takes less than half as long. A source is read batch by batch; workers score the whole documents of one batch
// while the next is read and the one before is emitted, in the order of the source. A document that is too long for a batch is
// read alone.

// A source appends the next time steps of its texts to b, at most n of them; fewer only at its end, or with an error that
// follows the last.
type source interface {
	fill(b *batch, n int) error
}

// A batch is time steps that are read together.
type batch struct {
	corpus.Steps
	texts   []int // number of each step's text
	ended   bool  // no batch follows
	err     error // that follows the last step
	first   int   // of the steps of whole documents
	end     int   // of those
	rest    int   // end of those of an incomplete document that are not left to the next batch
	symbols []Symbol
	top     []Alternative // of all symbols
	work    sync.WaitGroup
}

// Sizes of a batch: of short documents, of so many of them that streams are busy, and at most.
const (
	fewSteps      = 1 << 14
	manyDocuments = 128
	mostSteps     = 1 << 16
	mostTops      = 1 << 20 // alternatives in a batch
)

// readBatch reads the next batch, which begins with what the batch before has left. If whole, the last document of the source is
// complete where the source ends.
func (s *Scorer) readBatch(b *batch, src source, whole bool, before *batch) {
	b.Clear()
	b.texts, b.ended, b.err = b.texts[:0], false, nil
	for i := before.rest; i < len(before.X); i++ {
		b.add(before.At(i), before.texts[i])
	}
	most := mostSteps
	if top := s.measure.extras.Top; top > 0 {
		most = max(windowSteps, min(most, mostTops/top))
	}
	for begun := 0; !b.ended && begun < manyDocuments && len(b.X) < most; {
		n := len(b.X)
		want := min(fewSteps, most-n)
		b.err = src.fill(b, want)
		b.ended = b.err != nil || len(b.X) < n+want
		for _, starts := range b.Starts[n:] {
			if starts {
				begun++
			}
		}
	}
	b.findDocuments(whole)
}

// add appends a step.
func (b *batch) add(step corpus.Step, text int) {
	b.Append(step)
	b.texts = append(b.texts, text)
}

// findDocuments finds the steps of whole documents.
func (b *batch) findDocuments(whole bool) {
	n := len(b.X)
	if b.first = slices.Index(b.Starts, true); b.first < 0 {
		b.first = n
	}
	b.end, b.rest = n, n
	if b.ended && whole {
		return
	}
	for b.end > b.first && !b.Starts[b.end-1] {
		b.end--
	}
	if b.end > b.first {
		b.end-- // it starts there
	}
	if !b.ended && b.end > 0 && n-b.end <= mostSteps/2 {
		b.rest = b.end
	}
}

// part returns steps lo to hi-1.
func (b *batch) part(lo, hi int) corpus.Steps {
	return corpus.Steps{X: b.X[lo:hi], Y: b.Y[lo:hi], Starts: b.Starts[lo:hi], Text: b.Text[lo:hi]}
}

// ofDocuments reports whether the documents of a text are read side by side.
func (s *Scorer) ofDocuments() bool {
	whole := s.Documents == "" || s.Documents == corpus.Whole
	return !whole && s.Watch == nil && s.adapter == nil
}

// sideBySide scores a source, whose last document is complete if whole. Incomplete documents are read by alone, a window at a
// time, each of which goes on from the one before.
func (s *Scorer) sideBySide(ctx context.Context, src source, whole bool, alone readAlone, emit func(int, Symbol) error) error {
	if s.team == nil {
		s.team = newTeam(s)
	}
	t := s.team
	t.begin(ctx, s.Threads)
	defer t.end()
	b, next := &t.batches[0], &t.batches[1]
	s.readBatch(b, src, whole, &batch{})
	t.start(b)
	for {
		if !b.ended {
			s.readBatch(next, src, whole, b)
			t.start(next)
		}
		if err := b.emit(ctx, alone, emit); err != nil || b.ended {
			return err
		}
		b, next = next, b
	}
}

// readAlone reads some steps that follow those of the call before, at most windowSteps.
type readAlone func(steps *corpus.Steps, emit func(Symbol) error) error

// emit emits the symbols of a batch, and then its error.
func (b *batch) emit(ctx context.Context, alone readAlone, emit func(int, Symbol) error) error {
	if err := b.emitAlone(ctx, 0, b.first, alone, emit); err != nil {
		return err
	}
	b.work.Wait()
	for i := b.first; i < b.end; i++ {
		if (i == b.first || i%windowSteps == 0) && ctx.Err() != nil { // then workers may have left something out
			return ctx.Err()
		}
		if b.symbols[i].ID == notFinite {
			return model.ErrNotFinite
		}
		if err := emit(b.texts[i], b.symbols[i]); err != nil {
			return err
		}
	}
	if err := b.emitAlone(ctx, b.end, b.rest, alone, emit); err != nil {
		return err
	}
	return b.err
}

// emitAlone scores and emits steps lo to hi-1.
func (b *batch) emitAlone(ctx context.Context, lo, hi int, alone readAlone, emit func(int, Symbol) error) error {
	for ; lo < hi; lo += windowSteps {
		if err := ctx.Err(); err != nil {
			return err
		}
		steps, i := b.part(lo, min(lo+windowSteps, hi)), lo
		if err := alone(&steps, func(x Symbol) error { i++; return emit(b.texts[i-1], x) }); err != nil {
			return err
		}
	}
	return nil
}
