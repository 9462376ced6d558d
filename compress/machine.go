package compress

import (
	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/internal/f32"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/rnn"
)

// A token is one symbol of a text.
type token struct {
	id   int32  // lacking if the alphabet has neither the symbol nor an escape
	text []byte // as corpus.Alphabet.AsSpelled returns it; in a decoder nil if it is that of the symbol
}

const lacking = -1

// A machine codes the symbols of a text: the network reads what was coded, and its prediction says how probable each next symbol
// is. Encoder and decoder run the same machine.
//
// The symbols of a block are shared out among streams, which the network reads side by side; a stream goes on in the next block
// where it was left.
type machine struct {
	alphabet  *corpus.Alphabet
	documents corpus.Documents
	kind      corpus.Kind
	escape    int32
	start     int32
	window    *rnn.Window
	streams   []stream
	x, y      []int32 // what the streams read next, and the symbols of this time step
	read      []int32 // x of this time step
	odds      *odds
	learner   *learner // nil unless the network goes on learning
	symbols   int64    // coded so far, as progress is told
	told      int64
	progress  func(symbols int64) error // or nil
}

// A stream is what a machine knows of one stream.
type stream struct {
	starts  bool                    // the state restarts
	end     corpus.DocumentSplitter // where
	unknown unknown
	cases   *cases
}

// lacks reports whether there are texts that an alphabet cannot read.
func lacks(a *corpus.Alphabet) bool {
	return a.Escape() < 0 && a.Kind() != corpus.Subwords && !(a.Kind() == corpus.Bytes && a.Size() == 256)
}

func newMachine(m *model.Model, streams int, how learning, pool *f32.Pool, progress func(int64) error) (*machine, error) {
	if err := m.CheckProbabilities(); err != nil {
		return nil, err
	}
	a := m.Alphabet
	k := &machine{
		alphabet: a, documents: m.Documents, kind: a.Kind(), escape: a.Escape(), start: a.Start(),
		streams: make([]stream, streams), x: make([]int32, streams), y: make([]int32, streams), odds: newOdds(a.Size(), lacks(a)), progress: progress,
	}
	if how == fixed {
		k.window = m.Network.NewInferenceWindow(1, streams, pool)
		k.window.Starts()
		k.reset()
		return k, nil
	}
	var err error
	if k.learner, err = newLearner(m, streams, how, pool); err != nil {
		return nil, err
	}
	k.window = k.learner.window
	k.reset()
	return k, nil
}

// reset goes to the beginning of a text. What was learned stays.
func (k *machine) reset() {
	k.window.Reset()
	for s := range k.streams {
		k.x[s] = k.start
		k.streams[s] = stream{starts: true, end: corpus.DocumentSplitter{Kind: k.documents}, unknown: unknown{mostSince}}
		if k.alphabet.Lowercase() {
			k.streams[s].cases = newCases()
		}
	}
}

// code codes the tokens of a block. It fails with model.ErrNotFinite, errDiverged, and what progress returns.
func (k *machine) code(c coder, tokens []token) error {
	S := len(k.streams)
	least, more := len(tokens)/S, len(tokens)%S // the first streams have a token more
	steps := least
	if more > 0 {
		steps++
	}
	V := k.alphabet.Size()
	for t := range steps {
		starts := k.window.Starts()[:S]
		for s := range k.streams {
			starts[s] = k.streams[s].starts
			k.streams[s].starts = false
		}
		k.read = append(k.read[:0], k.x...)
		copy(k.y, k.x)
		k.window.Forward(k.read)
		logits := k.window.Logits()
		active := S
		if t == least {
			active = more
		}
		for s := range active {
			if !k.odds.set(logits[s*V:][:V], k.streams[s].unknown.weight()) {
				return model.ErrNotFinite
			}
			k.token(c, s, &tokens[s*least+min(s, more)+t])
		}
		if k.learner != nil {
			if err := k.learner.follow(k.read, k.y, starts); err != nil {
				return err
			}
		}
		if err := k.tell(int64(active)); err != nil {
			return err
		}
		if c.failed() {
			return nil // the caller asks why
		}
	}
	return nil
}

// tellEvery is how many symbols are coded between two calls of Progress.
const tellEvery = 1 << 11

func (k *machine) tell(symbols int64) error {
	if k.symbols += symbols; k.progress == nil || k.symbols-k.told < tellEvery {
		return nil
	}
	k.told = k.symbols
	return k.progress(k.symbols)
}

// token codes the next token of a stream.
func (k *machine) token(c coder, s int, next *token) {
	own, lost := &k.streams[s], int32(k.alphabet.Size()) // lost is the choice that stands for an unknown symbol
	i := next.id
	if i == lacking {
		i = lost
	}
	if k.learner != nil {
		i = k.learner.choose(c, s, k.odds, i)
	} else {
		i = int32(c.choose(k.odds.weights, k.odds.total, int(i)))
	}
	own.unknown.follow(i == lost)
	switch k.x[s] = i; {
	case i == lost:
		next.id, k.x[s] = lacking, k.start
		next.text = spell(c, k.kind, next.text)
	case i == k.escape:
		next.id = i
		next.text = spell(c, k.kind, next.text)
	case own.cases != nil:
		next.id = i
		next.text = own.cases.code(c, []byte(k.alphabet.Symbol(i)), next.text)
	default:
		next.id, next.text = i, nil
	}
	k.y[s] = k.x[s]
	if own.end.Kind == corpus.Lines || own.end.Kind == corpus.Paragraphs {
		if own.end.Add(k.text(*next)) {
			k.x[s], own.starts = k.start, true
			own.end = corpus.DocumentSplitter{Kind: own.end.Kind}
		}
	}
}

// text returns the text of a token.
func (k *machine) text(t token) string {
	if t.text != nil {
		return string(t.text)
	}
	return k.alphabet.Symbol(t.id)
}
