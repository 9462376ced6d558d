// Package compress packs texts with a language model: a symbol that the model gives the probability p takes -log2 p bits of an
// arithmetic code (Witten, Neal and Cleary 1987, "Arithmetic coding for data compression").
//
// A Writer and a Reader pack and unpack streams of any length in bounded memory, in a container that tells of damage and of another
// model. A Codec packs short texts one by one, with nothing around them. Any bytes can be packed with any model. The packed bytes
// depend on model, text and Options.Streams and Learn alone: never on the processor, on the number of threads, or on the pieces in
// which the text came.
package compress

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"hash"
	"io"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/internal/f32"
	"github.com/seed-f4dd853e/elman/internal/setting"
	"github.com/seed-f4dd853e/elman/model"
)

// Options say how a text is packed.
type Options struct {
	// Streams is how many parts of each block the network reads side by side, 1 to MaxStreams: more are faster, and a few bytes
	// longer. 0 means 8 for a text of more than one block, else 1; 1 if the network learns.
	Streams int
	// Learn makes the network go on learning from the text, on both sides: fewer bytes, and several times as long.
	Learn bool
	// Threads is how many threads work, at most one for each stream; 0 means 1. It changes no bit.
	Threads int
	// Progress is called every few thousand symbols with how many were coded so far. An error ends the work, which fails with it.
	// It may be nil.
	Progress func(symbols int64) error
}

const manyStreams = 8

// Check fails on options out of range.
func (o Options) Check() error {
	switch {
	case o.Streams < 0 || o.Streams > MaxStreams:
		return setting.Errorf("%v is %d, must be 0 to %d", setting.Name("streams"), o.Streams, MaxStreams)
	case o.Threads < 0 || o.Threads > 1024:
		return setting.Errorf("%v is %d, must be 0 to 1024", setting.Name("threads"), o.Threads)
	}
	return nil
}

// workers returns how many threads work on so many streams.
func (o Options) workers(streams int) int { return max(1, min(o.Threads, streams)) }

// A Writer packs what is written to it, block by block. Close it.
type Writer struct {
	w       io.Writer
	model   *model.Model // what a reader must have, or nil
	own     *model.Model // what packs
	o       Options
	pool    *f32.Pool
	machine *machine // nil before the first block

	most     int // symbols of a block
	feed     *corpus.Feed
	held     int // bytes given to feed that are no token yet
	tokens   []token
	text     []byte // of the tokens
	encoder  encoder
	code     []byte // of a block, with its numbers and its checksum
	snapshot snapshot

	sum    hash.Hash
	length uint64
	err    error // why nothing more can be written
}

var errClosed = errors.New("compress: a writer that is closed")

// NewWriter returns a writer that packs with a model; a reader needs the same. Without one, m is nil and o.Learn set, it begins
// with a network that knows nothing, and a reader needs none. It fails on options out of range, with model.ErrCodes, and with
// ErrRounded if a model with rounded weights should learn.
func NewWriter(w io.Writer, m *model.Model, o Options) (*Writer, error) {
	if err := o.Check(); err != nil {
		return nil, err
	}
	own := m
	if m == nil {
		if !o.Learn {
			return nil, errors.New("packing needs a model, or has to learn")
		}
		own = newborn()
	}
	if err := checkModel(own, o.Learn); err != nil {
		return nil, err
	}
	f := own.Alphabet.Feed(nil, corpus.Whole)
	f.Open, f.Unknown = true, true
	return &Writer{w: w, model: m, own: own, o: o, most: blockSymbols, feed: f, sum: sha256.New()}, nil
}

// piece is how many bytes are given to the feed at once, and mostHeld how many it may hold back: a longer word is cut there, in
// whatever pieces it came.
const (
	piece    = 1 << 12
	mostHeld = maxSymbol - 2*piece
)

// Write packs the next bytes of the text.
func (w *Writer) Write(p []byte) (n int, err error) {
	for len(p) > 0 && w.err == nil {
		some := p[:min(len(p), piece, mostHeld-w.held)]
		w.sum.Write(some)
		w.length += uint64(len(some))
		w.held += len(some)
		w.feed.Append(append([]byte(nil), some...))
		if w.err = w.take(); w.err == nil && w.held == mostHeld {
			w.feed.Open = false
			w.err = w.take()
			w.feed.Open = true
		}
		n, p = n+len(some), p[len(some):]
	}
	return n, w.err
}

// take makes tokens of what the feed has, and packs full blocks.
func (w *Writer) take() error {
	a := w.own.Alphabet
	for {
		step, err := w.feed.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		from := len(w.text)
		w.text = append(w.text, step.Text...)
		w.held -= len(step.Text)
		w.tokens = append(w.tokens, token{step.Y, a.AsSpelled(w.text[from:len(w.text):len(w.text)])})
		if len(w.tokens) >= w.most || len(w.text) >= blockBytes {
			if err := w.block(true); err != nil {
				return err
			}
		}
	}
}

// begin makes the machine and writes the header.
func (w *Writer) begin(more bool) (err error) {
	streams := w.o.Streams
	if streams == 0 {
		if streams = 1; more && !w.o.Learn {
			streams = manyStreams
		}
	}
	h := header{streams: byte(streams)}
	if w.o.Learn {
		h.flags |= flagLearns
	}
	if w.model != nil {
		h.flags |= flagModel
		h.model = idOf(w.model)
	}
	w.pool = f32.NewPool(w.o.workers(streams))
	if w.machine, err = newMachine(w.own, streams, h.learning(), w.pool, w.o.Progress); err != nil {
		return err
	}
	_, err = w.w.Write(h.append(nil))
	return err
}

// block packs a block. more says that it is full.
func (w *Writer) block(more bool) error {
	if w.machine == nil {
		if err := w.begin(more); err != nil {
			return err
		}
	}
	if len(w.tokens) == 0 {
		return nil
	}
	w.machine.save(&w.snapshot)
	last := w.tokens[len(w.tokens)-1].text
	w.encoder.begin(w.encoder.out[:0])
	if err := w.machine.code(&w.encoder, w.tokens); err != nil {
		return err
	}
	n, code := int64(len(w.tokens)), w.encoder.end()
	if w.machine.learner == nil && len(code) > len(w.text) {
		w.machine.restore(&w.snapshot)
		u := w.own.Alphabet.Unreader()
		u.Append(nil, string(last))
		n, code = -n, append(code[:0], 0)
		if u.Spaced {
			code[0] = 1
		}
		code = append(code, w.text...)
		w.encoder.out = code
	}
	w.code = appendBlock(w.code[:0], n, code)
	w.tokens, w.text = w.tokens[:0], w.text[:0]
	_, err := w.w.Write(w.code)
	return err
}

// Close packs the rest of the text and ends it. It does not close the writer below.
func (w *Writer) Close() error {
	if w.err == errClosed {
		return nil
	}
	defer func() { w.pool.Close() }()
	if w.err == nil {
		w.feed.Open = false
		w.err = w.take()
	}
	if w.err == nil {
		w.err = w.block(false)
	}
	if w.err == nil {
		b := binary.AppendVarint(w.code[:0], 0)
		b = binary.AppendUvarint(b, w.length)
		b = append(b, w.sum.Sum(nil)[:textSum]...)
		_, w.err = w.w.Write(appendSum(b, 0))
	}
	if w.err != nil {
		return w.err
	}
	w.err = errClosed
	return nil
}

// textSum is how many bytes of its SHA-256 tell a text from others.
const textSum = 8
