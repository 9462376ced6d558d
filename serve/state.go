package serve

import (
	"context"
	"net/http"
	"time"

	"github.com/seed-f4dd853e/elman/score"
)

// StateRequest asks to keep a model's state.
type StateRequest struct {
	Model string `json:"model,omitempty" doc:"may be left out if there is only one"`
	Text  string `json:"text,omitempty" doc:"to read first"`
}

// ReadRequest lets a state read on.
type ReadRequest struct {
	Text string `json:"text"`
}

// StateNextRequest asks what may follow.
type StateNextRequest struct {
	Top *int `json:"top,omitempty" doc:"how many symbols to tell of, the likeliest first; 0 means all, left out 10"`
}

// StateAnswer describes a state.
type StateAnswer struct {
	ID          string        `json:"id" doc:"whoever knows it may use the state"`
	Model       string        `json:"model"`
	Fingerprint string        `json:"system_fingerprint"`
	Expires     int64         `json:"expires_at" doc:"Unix time after which it is forgotten, unless it is used"`
	Sum         score.Figures `json:"sum" doc:"the surprisal of all that it has read"`
}

func (s *Server) newState(w http.ResponseWriter, r *http.Request) error {
	var q StateRequest
	if err := ReadJSON(w, r, &q, true); err != nil {
		return err
	}
	m, err := s.use(r, q.Model)
	if err != nil {
		return err
	}
	session := m.m.Session()
	if err = s.read(r, m, session.Read, q.Text); err == nil {
		var st *state
		if st, err = s.states.add(m, session, time.Now()); err == nil {
			return s.tellState(w, r, http.StatusCreated, st)
		}
	}
	s.models.giveBack(m)
	return err
}

// read lets a session read a text in its turn.
func (s *Server) read(r *http.Request, m *served, read func(context.Context, string) error, text string) error {
	if text == "" {
		return nil
	}
	err := s.pool.do(r.Context(), func() error { return read(r.Context(), text) })
	return inField("text", err)
}

// withState lends the state that a path names.
func (s *Server) withState(r *http.Request, use func(*state) error) error {
	st, err := s.states.take(r.PathValue("id"), time.Now())
	if err != nil {
		return err
	}
	defer func() { s.states.giveBack(st, time.Now()) }()
	note(r).model = st.m.name
	return use(st)
}

// tellState describes a state that this request uses.
func (s *Server) tellState(w http.ResponseWriter, r *http.Request, status int, st *state) error {
	var sum score.Sum
	err := s.pool.do(r.Context(), func() (err error) {
		sum, err = st.session.Sum(r.Context())
		return err
	})
	if err != nil {
		return err
	}
	WriteJSON(w, status, StateAnswer{ID: st.token, Model: st.m.name, Fingerprint: st.m.hash, Expires: time.Now().Add(s.limits.StateIdle).Unix(), Sum: sum.Figures()})
	return nil
}

func (s *Server) showState(w http.ResponseWriter, r *http.Request) error {
	return s.withState(r, func(st *state) error { return s.tellState(w, r, http.StatusOK, st) })
}

func (s *Server) readState(w http.ResponseWriter, r *http.Request) error {
	var q ReadRequest
	if err := ReadJSON(w, r, &q, true); err != nil {
		return err
	}
	return s.withState(r, func(st *state) error {
		if err := s.read(r, st.m, st.session.Read, q.Text); err != nil {
			return err
		}
		return s.tellState(w, r, http.StatusOK, st)
	})
}

func (s *Server) stateNext(w http.ResponseWriter, r *http.Request) error {
	var q StateNextRequest
	if err := ReadJSON(w, r, &q, true); err != nil {
		return err
	}
	top, err := topOf(q.Top)
	if err != nil {
		return err
	}
	return s.withState(r, func(st *state) error {
		var d score.Distribution
		err := s.pool.do(r.Context(), func() (err error) {
			d, err = st.session.Next(r.Context())
			return err
		})
		if err != nil {
			return err
		}
		WriteJSON(w, http.StatusOK, predicted(st.m, d, top))
		return nil
	})
}

func (s *Server) copyState(w http.ResponseWriter, r *http.Request) error {
	return s.withState(r, func(st *state) error {
		st2, err := s.states.add(s.models.share(st.m), st.session.Clone(), time.Now())
		if err != nil {
			s.models.giveBack(st.m)
			return err
		}
		return s.tellState(w, r, http.StatusCreated, st2)
	})
}

func (s *Server) deleteState(w http.ResponseWriter, r *http.Request) error {
	st, err := s.states.take(r.PathValue("id"), time.Now())
	if err != nil {
		return err
	}
	s.states.remove(st)
	w.WriteHeader(http.StatusNoContent)
	return nil
}
