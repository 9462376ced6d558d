package serve

import (
	"crypto/rand"
	"net/http"
	"sync"
	"time"

	"github.com/seed-f4dd853e/elman"
)

// states are the states of models that clients keep between requests. Whoever knows the token of one may use it.
type states struct {
	most int
	idle time.Duration
	done func(*served) // with the model of a state

	mu     sync.Mutex
	all    map[string]*state
	closed bool
}

// A state is a model that has read a text.
type state struct {
	token   string
	m       *served
	use     sync.Mutex // one request at a time
	session *elman.Session
	expires time.Time // guarded by states.mu
}

func newStates(most int, idle time.Duration, done func(*served)) *states {
	return &states{most: most, idle: idle, done: done, all: map[string]*state{}}
}

func (ss *states) len() int {
	ss.mu.Lock()
	defer ss.mu.Unlock()
	return len(ss.all)
}

// add keeps a state, which the request has taken. The model is the caller's, and becomes that of the state if there is no error.
func (ss *states) add(m *served, session *elman.Session, now time.Time) (*state, error) {
	ss.expire(now)
	ss.mu.Lock()
	defer ss.mu.Unlock()
	switch {
	case ss.closed:
		return nil, errDraining()
	case len(ss.all) >= ss.most:
		again := ss.idle
		for _, st := range ss.all {
			again = min(again, st.expires.Sub(now))
		}
		return nil, Busy(max(again, time.Second), "%d states are kept, the most that this server keeps; delete one, or try again", ss.most)
	}
	st := &state{token: "state-" + rand.Text(), m: m, session: session, expires: now.Add(ss.idle)}
	st.use.Lock()
	ss.all[st.token] = st
	return st, nil
}

// take returns a state for one request, which must give it back. Its time begins anew.
func (ss *states) take(token string, now time.Time) (*state, error) {
	ss.mu.Lock()
	defer ss.mu.Unlock()
	st := ss.all[token]
	if st == nil || now.After(st.expires) {
		return nil, NotFound("state_not_found", "id", "there is no such state; one that is not used for %v is forgotten", ss.idle)
	}
	if !st.use.TryLock() {
		return nil, refused(http.StatusConflict, "state_in_use", "another request uses this state")
	}
	st.expires = now.Add(ss.idle)
	return st, nil
}

func (ss *states) giveBack(st *state, now time.Time) {
	ss.mu.Lock()
	st.expires = now.Add(ss.idle)
	ss.mu.Unlock()
	st.use.Unlock()
}

// remove forgets a state that was taken.
func (ss *states) remove(st *state) {
	ss.mu.Lock()
	_, kept := ss.all[st.token]
	delete(ss.all, st.token)
	ss.mu.Unlock()
	st.use.Unlock()
	if kept {
		ss.done(st.m)
	}
}

// expire forgets states whose time is over. One that a request uses stays.
func (ss *states) expire(now time.Time) {
	ss.forget(func(st *state) bool { return now.After(st.expires) })
}

// close forgets all states, and keeps no more. Nothing uses one any longer.
func (ss *states) close() {
	ss.mu.Lock()
	ss.closed = true
	ss.mu.Unlock()
	ss.forget(func(*state) bool { return true })
}

func (ss *states) forget(whether func(*state) bool) {
	ss.mu.Lock()
	var gone []*state
	for token, st := range ss.all {
		if whether(st) && st.use.TryLock() {
			st.use.Unlock() // nobody finds it any more
			delete(ss.all, token)
			gone = append(gone, st)
		}
	}
	ss.mu.Unlock()
	for _, st := range gone {
		ss.done(st.m)
	}
}
