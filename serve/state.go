package serve

import (
	"context"
	"net/http"
	"time"

	"github.com/seed-f4dd853e/elman"
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
	if err := s.read(r, session, q.Text); err != nil {
		s.models.giveBack(m)
		return err
	}
	return s.keep(w, r, m, session)
}

// keep keeps a new state, of a model that is the caller's, and tells of it. If that fails nobody would know of the state: it goes.
func (s *Server) keep(w http.ResponseWriter, r *http.Request, m *served, session *elman.Session) error {
	st, err := s.states.add(m, session, time.Now())
	if err != nil {
		s.models.giveBack(m)
		return err
	}
	if err := s.tellState(w, r, http.StatusCreated, st); err != nil {
		s.states.remove(st)
		return err
	}
	s.states.giveBack(st, time.Now())
	return nil
}

// mostHeld is how many bytes of a word that has not ended a state holds back.
const mostHeld = 16 << 10

// read lets a session read a text in its turn. If that fails, the session is of no more use.
func (s *Server) read(r *http.Request, session *elman.Session, text string) error {
	if text == "" {
		return nil
	}
	if err := s.inTurn(r, func(ctx context.Context) error { return session.Read(ctx, text) }); err != nil {
		return inField("text", err)
	}
	if held := session.Place().Feed.Waiting(); held > mostHeld { // it would grow with each request
		return Invalid("text", "the text ends within a word of %d bytes, more than the %d that a state holds back", held, mostHeld)
	}
	return nil
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
	err := s.inTurn(r, func(ctx context.Context) (err error) {
		sum, err = st.session.Sum(ctx)
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
		session := st.session.Clone()
		if err := s.read(r, session, q.Text); err != nil {
			return err
		}
		before := st.session
		st.session = session
		if err := s.tellState(w, r, http.StatusOK, st); err != nil { // such as 429: the client will try again
			st.session = before
			return err
		}
		return nil
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
		err := s.inTurn(r, func(ctx context.Context) (err error) {
			d, err = st.session.Next(ctx)
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
		return s.keep(w, r, s.models.share(st.m), st.session.Clone())
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
