package score

import (
	"container/list"
	"context"

	"github.com/seed-f4dd853e/elman/model"
)

// Streams lets a Scorer read several texts in turns, each told apart by a key: the lines of each host in a log, say. Each text
// has its own state, so that what is scored of it depends on the pieces of that text alone, not on what comes between them. (A
// scorer that adapts has one set of weights, which learn from all texts.)
type Streams struct {
	s     *Scorer
	limit int

	key    string // of the text that the scorer is in
	in     bool   // there is one
	keys   map[string]*list.Element
	recent list.List // of *keyed, the latest first; not the one that the scorer is in
}

// A keyed is a text that waits for its next piece.
type keyed struct {
	key   string
	place *model.Place
}

// NewStreams returns streams of a scorer, which nothing else may use. At most limit texts, 1 or more, are remembered: then the
// one whose last piece is the longest ago is forgotten, and begins anew if it continues.
func NewStreams(s *Scorer, limit int) *Streams {
	return &Streams{s: s, limit: limit, keys: map[string]*list.Element{}}
}

// Text scores the next piece of the text with this key. Its errors are those of Scorer.Text.
func (t *Streams) Text(ctx context.Context, key string, piece []byte, emit func(Symbol) error) error {
	if !t.in || key != t.key {
		t.leave()
		t.enter(key)
	}
	return t.s.Text(ctx, piece, emit)
}

// Reset forgets all texts.
func (t *Streams) Reset() {
	clear(t.keys)
	t.recent.Init()
	t.in = false
	t.s.Reset()
}

// leave puts the text at hand aside.
func (t *Streams) leave() {
	if !t.in {
		return
	}
	t.keys[t.key] = t.recent.PushFront(&keyed{t.key, t.s.Place()})
}

func (t *Streams) enter(key string) {
	t.key, t.in = key, true
	if waiting, ok := t.keys[key]; ok {
		t.recent.Remove(waiting)
		delete(t.keys, key)
		t.s.GoTo(waiting.Value.(*keyed).place)
		return
	}
	if t.recent.Len() >= t.limit {
		last := t.recent.Back()
		t.recent.Remove(last)
		delete(t.keys, last.Value.(*keyed).key)
	}
	t.s.GoTo(&model.Place{Feed: t.s.m.Alphabet.Feed(nil, t.s.Documents), Last: -1})
}
