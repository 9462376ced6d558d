package generate

import (
	"math"
	"math/rand/v2"
	"slices"
	"unicode/utf8"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/internal/f32"
	"github.com/seed-f4dd853e/elman/internal/random"
	"github.com/seed-f4dd853e/elman/internal/setting"
	"github.com/seed-f4dd853e/elman/model"
)

// RowOptions control one row of a Batch. 0 means 0 in every field: start from RowDefaults and change fields.
type RowOptions struct {
	Prompt *Prompt  // read before the first draw; rows may share it. nil means the beginning of a text
	Echo   bool     // the symbols of the prompt are tokens too
	Length int      // symbols to write after the prompt; 0 only reads
	Stops  []string // each ends the row where it appears after the prompt, and is left out

	Temperature float64 // as in Options, and so are TopK, TopP, UTF8 and Seed
	TopK        int
	TopP        float64
	UTF8        bool
	Seed        uint64
	Sample      int // the number of the sample of Generator.Text that the row writes

	// Logprobs says what tokens tell of their prediction: -1 nothing, 0 their Logprob, n > 0 also Top, of the n likeliest.
	Logprobs int
}

// RowDefaults returns options for 200 symbols at temperature 1, without top-k, top-p and logprobs.
func RowDefaults() RowOptions {
	d := Defaults()
	return RowOptions{Length: d.Length, Temperature: d.Temperature, TopP: d.TopP, Logprobs: -1}
}

// Check returns an error that names the option out of range, or nil.
func (o RowOptions) Check() error {
	switch {
	case o.Length < 0:
		return setting.Errorf("%v is %d, must be 0 or more", setting.Name("length"), o.Length)
	case o.Logprobs < -1:
		return setting.Errorf("%v is %d, must be -1 (none) or more", setting.Name("logprobs"), o.Logprobs)
	case o.Sample < 0:
		return setting.Errorf("%v is %d, must be 0 or more", setting.Name("sample"), o.Sample)
	}
	return Options{Length: 1, Temperature: o.Temperature, TopK: o.TopK, TopP: o.TopP, Count: 1, Threads: 1}.Check()
}

// A Token is the next symbol of a row, or its end, or both.
type Token struct {
	ID     int32  // -1 if there is no symbol
	Text   string // as it continues the text; of the last one before a stop text, the part before that
	Prompt bool   // it is of the prompt

	// Logprob is ln p of the symbol given all before it, at temperature 1 and with nothing ruled out. It is minus the float32 from
	// which score.Symbol has its bits. It is NaN for a symbol that nothing predicts: see Generator.NewPromptOf.
	Logprob float64
	// Spelling is what a symbol of the prompt outside the alphabet costs beside the escape, which Logprob is of: the bits of
	// corpus.Alphabet.SpellingBits.
	Spelling float64
	Top      []Guess // the likeliest symbols here, the likeliest first; ties go to the lower number

	End End // not "" in the last token of a row
	Err error
}

// A Guess is a symbol that may come next.
type Guess struct {
	ID      int32
	Text    string // as it would continue the text; the escape's is that of corpus.Alphabet.Symbol
	Logprob float64
}

// An End says why a row ended.
type End string

// The ends.
const (
	Stopped  End = "stop"   // a stop text appeared
	Complete End = "length" // the row has its length, or with UTF8 no room for any character
	Failed   End = "error"  // Token.Err says why: the model's numbers are not finite
)

// A Row is one text that a Batch reads and writes.
type Row struct {
	o        RowOptions
	m        *model.Model
	taste    taste
	utf8Mask *utf8Mask // nil if any symbol may follow
	emit     func(Token) bool

	read    int       // time steps of the prompt
	state   []float32 // while the row is not writing in a batch: of the network, after read steps or before x is read
	x       int32     // the symbol written last; without one, the last of the prompt or -1
	starts  bool      // the state restarts before x is read
	written int       // symbols

	rng      *rand.Rand
	splitter corpus.DocumentSplitter
	at       spelling
	stops    stopper
	held     []Token // may be part of a stop text
	ready    []Token // wait to be emitted
	ended    bool    // the last token is among them, or was emitted
	done     bool
	leaves   bool // its batch, after this step
}

// NewRow returns a row that passes its tokens to emit, during Batch.Step. If emit returns false it has taken the token, but the row
// leaves its batch; it may join one again and then continues. NewRow fails on options out of range, on stop texts that can never
// appear, and with UTF8 on a prompt that is not valid UTF-8.
func (g *Generator) NewRow(o RowOptions, emit func(Token) bool) (*Row, error) {
	if err := o.Check(); err != nil {
		return nil, err
	}
	if o.Prompt == nil {
		var err error
		if o.Prompt, err = g.NewPrompt(nil, ""); err != nil {
			return nil, err
		}
	}
	p := o.Prompt
	a := p.m.Alphabet
	r := &Row{o: o, m: p.m, emit: emit, x: p.last, splitter: p.splitter, rng: random.New(o.Seed, "sample", uint64(o.Sample))}
	r.taste = taste{float32(o.Temperature), o.TopK, o.TopP}
	stops := make([]string, len(o.Stops))
	for i, stop := range o.Stops {
		if !a.Kind().OfBytes() && !utf8.ValidString(stop) {
			return nil, setting.Errorf("%v is %.40q, which is not valid UTF-8 and can never appear", setting.Name("stop"), stop)
		}
		stops[i] = a.Lower(stop)
	}
	r.stops = newStopper(stops)
	if n := len(p.ids); n > 0 {
		r.x = p.ids[n-1]
	}
	if o.UTF8 {
		if !p.valid {
			return nil, setting.Errorf("%v is %.40q, which is not valid UTF-8", setting.Name("prompt"), p.String())
		}
		var err error
		if r.utf8Mask, err = g.mask(); err != nil {
			return nil, err
		}
	}
	if o.Echo && p.given {
		r.ready = append(r.ready, Token{ID: p.first, Text: a.Symbol(p.first), Prompt: true, Logprob: math.NaN()})
	}
	if p.used.Swap(true) {
		p.shared.Store(true)
	}
	return r, nil
}

// sample returns a row that writes another sample, of a row that has not begun.
func (r *Row) sample(number int, emit func(Token) bool) *Row {
	s := *r
	s.emit, s.rng, s.stops = emit, random.New(r.o.Seed, "sample", uint64(number)), slices.Clone(r.stops)
	return &s
}

// Done reports whether the row has ended.
func (r *Row) Done() bool { return r.done }

// hear takes note of the next time steps of the prompt, whose logits are [steps x V] with this many numbers from one row to the
// next.
func (r *Row) hear(steps int, logits []float32, stride int) {
	p, a := r.o.Prompt, r.m.Alphabet
	first := r.read
	r.read += steps
	if !r.o.Echo {
		return
	}
	for i := first; i < min(r.read, len(p.ids)); i++ {
		t := Token{ID: p.ids[i], Text: p.piece(i), Prompt: true}
		if r.o.Logprobs >= 0 {
			row := logits[(i-first)*stride:][:a.Size()]
			max, ln := f32.LogSumExp(row)
			nats := ln - (row[t.ID] - max)
			if !(nats <= math.MaxFloat32) { // which NaN is not
				r.fail(errNotFinite)
				return
			}
			t.Logprob, t.Top = -float64(nats), r.guesses(row, max, ln, p.before(i))
			if t.ID == a.Escape() && p.ends != nil {
				t.Spelling = a.SpellingBits(t.Text)
			}
		}
		if r.o.Length == 0 && i == len(p.ids)-1 {
			r.held = append(r.held, t)
			r.end(Complete)
			return
		}
		r.ready = append(r.ready, t)
	}
}

// guesses returns the likeliest symbols after a symbol, given the logits and their LogSumExp.
func (r *Row) guesses(logits []float32, max, ln float32, before int32) []Guess {
	if r.o.Logprobs == 0 {
		return nil
	}
	ids := f32.Greatest(nil, logits, r.o.Logprobs)
	top := make([]Guess, len(ids))
	for i, id := range ids {
		top[i] = Guess{id, r.m.Alphabet.Piece(before, id), -float64(ln - (logits[id] - max))}
	}
	return top
}

// speak writes the next symbol, given the logits, which it overwrites.
func (r *Row) speak(s *sampler, logits []float32) {
	if r.written == r.o.Length { // of 0
		r.end(Complete)
		return
	}
	var t Token
	var max, ln float32
	if r.o.Logprobs >= 0 {
		max, ln = f32.LogSumExp(logits)
		t.Top = r.guesses(logits, max, ln, r.x)
	}
	if r.utf8Mask != nil && !r.utf8Mask.mask(logits, r.at, r.o.Length-r.written) {
		r.end(Complete)
		return
	}
	id, err := s.choose(logits, r.taste, r.rng.Float64())
	if err != nil {
		r.fail(err)
		return
	}
	if r.utf8Mask != nil {
		r.at = r.utf8Mask.after(r.at, id)
	}
	a := r.m.Alphabet
	if t.ID, t.Text = id, a.Piece(r.x, id); r.o.Logprobs >= 0 {
		t.Logprob = -float64(ln - (logits[id] - max))
	}
	r.x, r.starts = id, r.splitter.Add(a.Symbol(id)) // the next document begins after its line break
	r.written++
	r.say(t)
}

// say makes the tokens ready that are no part of a stop text, whatever follows.
func (r *Row) say(t Token) {
	r.held = append(r.held, t)
	var cut int
	var stopped bool
	if len(r.stops) > 0 {
		cut, stopped = r.stops.add(t.Text)
	}
	if stopped {
		r.cut(cut)
		r.end(Stopped)
		return
	}
	if r.written == r.o.Length {
		r.end(Complete)
		return
	}
	n := len(r.held)
	for ; cut > 0; n-- {
		cut -= len(r.held[n-1].Text)
	}
	r.ready = append(r.ready, r.held[:n]...)
	r.held = append(r.held[:0], r.held[n:]...)
}

// cut takes away the last bytes that were said.
func (r *Row) cut(bytes int) {
	n := len(r.held)
	for bytes > 0 && bytes >= len(r.held[n-1].Text) {
		n--
		bytes -= len(r.held[n].Text)
	}
	if r.held = r.held[:n]; bytes > 0 {
		last := &r.held[n-1]
		last.Text = last.Text[:len(last.Text)-bytes]
	}
}

// end makes what is held ready, as the end.
func (r *Row) end(why End) {
	if len(r.held) == 0 { // those before may have been emitted, depending on other rows
		r.held = append(r.held, Token{ID: -1})
	}
	r.held[len(r.held)-1].End = why
	r.ready = append(r.ready, r.held...)
	r.held, r.ended = nil, true
}

func (r *Row) fail(err error) {
	r.held, r.ended = nil, true
	r.ready = append(r.ready, Token{ID: -1, End: Failed, Err: err})
}

// flush emits what is ready, and reports whether the row goes on in its batch.
func (r *Row) flush() bool {
	for i, t := range r.ready {
		r.done = t.End != ""
		if !r.emit(t) {
			r.ready = append(r.ready[:0], r.ready[i+1:]...)
			return false
		}
	}
	r.ready = r.ready[:0]
	return !r.done
}
