package rnn

import "sync"

// Windows for inference of one network share the copies of its weights: of several that work side by side each would else take
// as much memory and time to lay them out, and keep the others' out of the third-level cache.

// sharedCopies are those of a network. Windows that are used at the same time may make and refresh them.
type sharedCopies struct {
	one    sync.Mutex
	copies map[copyKey]*sharedCopy
}

// A copyKey names a copy.
type copyKey struct {
	weight    *Param
	transpose bool
	layout    layout
}

// A sharedCopy is a copy of one weight matrix.
type sharedCopy struct {
	rhs
	weightCopies
	bytes int64
}

// share returns the copy that all windows for inference have.
func (w *Window) share(weight *Param, transpose bool, to layout) rhs {
	s := &w.net.shared
	s.one.Lock()
	defer s.one.Unlock()
	key := copyKey{weight, transpose, to}
	c := s.copies[key]
	if c == nil {
		room := allocator{onlyCounts: w.layouts.onlyCounts}
		c = &sharedCopy{rhs: room.rhs(weight, transpose, to), bytes: room.bytes}
		if !room.onlyCounts {
			c.add(weight, c.rhs, transpose)
		}
		if s.copies == nil {
			s.copies = map[copyKey]*sharedCopy{}
		}
		s.copies[key] = c
	}
	w.layouts.bytes += c.bytes
	w.shared = append(w.shared, c)
	return c.rhs
}

// refresh makes these copies for a version of the weights, unless another window has done so.
func (s *sharedCopies) refresh(copies []*sharedCopy, version int) {
	if len(copies) == 0 {
		return
	}
	s.one.Lock()
	defer s.one.Unlock()
	for _, c := range copies {
		c.refresh(version)
	}
}
