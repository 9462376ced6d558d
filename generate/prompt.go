package generate

import (
	"cmp"
	"fmt"
	"strings"
	"sync/atomic"
	"unicode/utf8"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/internal/setting"
	"github.com/seed-f4dd853e/elman/model"
)

// A Prompt is what rows read before they write. Any number of rows, in any number of batches, may share one: those that begin
// after another has read it to its end do not read it again.
type Prompt struct {
	m        *model.Model
	state    []float32               // of the network before; nil means the initial state
	last     int32                   // the symbol before, or -1
	start    int32                   // Alphabet.Start
	first    int32                   // what the network reads first
	given    bool                    // which is a symbol of the prompt itself, predicted by nothing
	ids      []int32                 // what it predicts, and reads then
	starts   []bool                  // of first and of each of ids: the state restarts before it is read
	text     string                  // of ids, as it was given; "" if numbers were
	ends     []int                   // where the text of each of ids ends; nil if numbers were given
	valid    bool                    // the text is valid UTF-8
	splitter corpus.DocumentSplitter // after it

	used   atomic.Bool                 // by a row
	shared atomic.Bool                 // by several
	after  atomic.Pointer[afterPrompt] // nil until a row has read it, if it is shared
}

// An afterPrompt is the network after a prompt. It is never changed.
type afterPrompt struct {
	state  []float32 // [StateLen of one stream]
	logits []float32 // [V]
}

// NewPrompt returns a prompt of a text that continues from a place, nil for the beginning of a text, as score.Scorer reads it. A
// symbol of which the place held back the beginning is part of the prompt. It fails on a symbol that a closed alphabet lacks,
// and with model.ErrCodes.
func (g *Generator) NewPrompt(from *model.Place, text string) (*Prompt, error) {
	p, feed, err := g.beginPrompt(from)
	if err != nil {
		return nil, err
	}
	feed.Append([]byte(text))
	if err := p.read(feed); err != nil {
		return nil, err
	}
	p.valid = utf8.ValidString(p.text)
	return p, nil
}

// NewPromptOf returns a prompt of symbols by their numbers, which the caller must not change later. It fails on a number out of
// range, and with model.ErrCodes.
//
// At the beginning of a text the network reads Alphabet.Start before them. But if the first of them is Alphabet.Start itself, that
// is the one: clients put a token for the beginning of a text before all others. (So a text that begins with a line break has
// to be given as text, or with two of them.)
func (g *Generator) NewPromptOf(from *model.Place, ids []int32) (*Prompt, error) {
	p, feed, err := g.beginPrompt(from)
	if err != nil {
		return nil, err
	}
	if err := p.read(feed); err != nil { // what it held back
		return nil, err
	}
	a := g.m.Alphabet
	for i, id := range ids {
		if id < 0 || int(id) >= a.Size() {
			return nil, setting.Errorf("%v has symbol %d (number %d of it); the alphabet has %d symbols", setting.Name("prompt"), id, i+1, a.Size())
		}
	}
	if p.given = from == nil && len(ids) > 0 && ids[0] == p.start; p.given {
		p.last, ids = ids[0], ids[1:]
	}
	p.ids, p.text, p.ends = append(p.ids, ids...), "", nil
	for _, id := range ids {
		p.starts = append(p.starts, p.splitter.Add(a.Symbol(id)))
	}
	p.valid = !a.Kind().OfBytes() || utf8.ValidString(a.Decode(p.ids))
	return p, nil
}

// beginPrompt returns a prompt of nothing at a place, and the feed there.
func (g *Generator) beginPrompt(from *model.Place) (*Prompt, *corpus.Feed, error) {
	if err := g.m.CheckProbabilities(); err != nil {
		return nil, nil, err
	}
	from = cmp.Or(from, g.m.Beginning())
	feed := from.Feed.Clone()
	feed.Open = false
	p := &Prompt{m: g.m, state: from.State, last: from.Last, start: g.m.Alphabet.Start()}
	p.first, _ = feed.Ahead()
	return p, feed, nil
}

// read reads a feed to its end.
func (p *Prompt) read(feed *corpus.Feed) error {
	var text strings.Builder
	var steps corpus.Steps
	for {
		if err := feed.Read(&steps, 1024); err != nil {
			return fmt.Errorf("prompt: %w", err)
		}
		if len(steps.Y) == 0 {
			break
		}
		p.ids, p.starts = append(p.ids, steps.Y...), append(p.starts, steps.Starts...)
		for _, piece := range steps.Text {
			text.Write(piece)
			p.ends = append(p.ends, text.Len())
		}
	}
	_, fresh := feed.Ahead()
	p.starts = append(p.starts, fresh)
	p.text, p.splitter = text.String(), feed.Splitter()
	return nil
}

// Len returns the number of symbols.
func (p *Prompt) Len() int {
	if p.given {
		return len(p.ids) + 1
	}
	return len(p.ids)
}

// steps is how many time steps it takes to read: one for each of ids, and one to predict what follows.
func (p *Prompt) steps() int { return len(p.ids) + 1 }

// step returns what the network reads at a time step, and whether the state restarts before.
func (p *Prompt) step(t int) (x int32, starts bool) {
	switch starts = p.starts[t]; {
	case t == 0:
		return p.first, starts
	case starts:
		return p.start, true
	}
	return p.ids[t-1], false
}

// piece returns the text of ids[i].
func (p *Prompt) piece(i int) string {
	switch {
	case p.ends == nil:
		return p.m.Alphabet.Piece(p.before(i), p.ids[i])
	case i == 0:
		return p.text[:p.ends[0]]
	}
	return p.text[p.ends[i-1]:p.ends[i]]
}

// before returns the symbol before ids[i], or -1.
func (p *Prompt) before(i int) int32 {
	if i == 0 {
		return p.last
	}
	return p.ids[i-1]
}

// String returns the text.
func (p *Prompt) String() string {
	if p.ends == nil {
		return p.m.Alphabet.Decode(p.ids)
	}
	return p.text
}
