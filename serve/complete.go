package serve

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/seed-f4dd853e/elman/generate"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/serve/schedule"
)

func (s *Server) complete(w http.ResponseWriter, r *http.Request) error {
	var q CompletionRequest
	if err := ReadJSON(w, r, &q, false); err != nil {
		return err
	}
	o, err := q.options(s.limits)
	if err != nil {
		return err
	}
	m, from, err := s.placeOf(r, &q)
	if err != nil {
		return err
	}
	defer s.models.giveBack(m)
	prompts, err := s.prompts(m, from, &q)
	if err != nil {
		return err
	}
	if numbers := q.numbers(prompts); !q.Stream && numbers > s.limits.Answer {
		return Invalid("max_tokens", "the answer could have %d numbers, more than the %d without stream; ask for a stream, or for less", numbers, s.limits.Answer)
	} else if !q.Stream {
		bytes := int64(numbers)
		if q.Logprobs != nil {
			bytes *= numberBytes
		}
		if err := note(r).reserve(bytes); err != nil {
			return err
		}
	}
	c := s.newCompleting(w, r, m, &q)
	for i, p := range prompts {
		c.prompt += p.Len()
		for k := range or(q.N, 1) {
			o.Prompt, o.Sample = p, k
			c.rows = append(c.rows, o)
			c.choices = append(c.choices, &choiceWriter{index: i*or(q.N, 1) + k, logprobs: q.Logprobs != nil})
		}
	}
	return c.run(r.Context())
}

// numberBytes is about how much memory a number takes, with its symbol, until the answer is written.
const numberBytes = 64

// placeOf returns the model of a request, which must be given back, and the place in a text where it continues, nil for the
// beginning.
func (s *Server) placeOf(r *http.Request, q *CompletionRequest) (m *served, from *model.Place, err error) {
	if q.State == "" {
		m, err = s.use(r, q.Model)
		return m, nil, err
	}
	st, err := s.states.take(q.State, time.Now())
	if err != nil {
		return nil, nil, err
	}
	defer s.states.giveBack(st, time.Now())
	if q.Model != "" && q.Model != st.m.name {
		return nil, nil, Invalid("model", "the state is one of the model %s", st.m.name)
	}
	note(r).model = st.m.name
	return s.models.share(st.m), st.session.Place(), nil
}

// prompts reads the prompts of a request.
func (s *Server) prompts(m *served, from *model.Place, q *CompletionRequest) (all []*generate.Prompt, err error) {
	g := m.engine.Generator()
	texts := q.Prompt.Texts
	if len(texts)+len(q.Prompt.Tokens) == 0 {
		texts = []string{""}
	}
	for _, text := range texts {
		p, err := g.NewPrompt(from, text)
		if err != nil {
			return nil, inField("prompt", err)
		}
		if p.Len() > s.limits.Prompt {
			return nil, errLong(p.Len(), s.limits.Prompt)
		}
		all = append(all, p)
	}
	for _, ids := range q.Prompt.Tokens {
		p, err := g.NewPromptOf(from, ids)
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	return all, nil
}

// A completing answers one request.
type completing struct {
	s       *Server
	w       http.ResponseWriter
	m       *served
	q       *CompletionRequest
	n       *notes
	rows    []generate.RowOptions
	choices []*choiceWriter
	answer  Completion
	prompt  int // symbols of all prompts

	events     *Events
	head, tail []byte // of each event, around its choice
	buf        []byte
}

func (s *Server) newCompleting(w http.ResponseWriter, r *http.Request, m *served, q *CompletionRequest) *completing {
	return &completing{s: s, w: w, m: m, q: q, n: note(r), events: NewEvents(w), answer: Completion{
		ID: "cmpl-" + note(r).id, Object: "text_completion", Created: time.Now().Unix(), Model: m.name, Fingerprint: m.hash,
		Seed: uint64(*q.Seed), Choices: []Choice{},
	}}
}

func (c *completing) run(ctx context.Context) error {
	reply, err := c.m.engine.Do(ctx, schedule.Request{Client: c.n.client, Rows: c.rows, Whole: !c.q.Stream})
	switch {
	case errors.Is(err, schedule.ErrBusy):
		return Busy(time.Second, "%v", err)
	case errors.Is(err, schedule.ErrTooMany):
		return Invalid("n", "%v", err)
	case errors.Is(err, schedule.ErrClosed):
		return errDraining()
	case err != nil:
		return err
	}
	defer reply.Close()
	defer c.count()
	if c.q.Stream {
		return c.stream(reply)
	}
	for {
		err := c.read(reply)
		if err == io.EOF {
			return c.whole()
		}
		if err != nil {
			return err
		}
	}
}

// read takes the next tokens.
func (c *completing) read(reply *schedule.Reply) error {
	events, err := reply.Read()
	if err != nil {
		return err
	}
	for _, e := range events {
		if e.Err != nil {
			return e.Err
		}
		c.choices[e.Row].add(e.Token)
	}
	return nil
}

// total returns how much was read and written so far.
func (c *completing) total() *Usage {
	u := Usage{Prompt: c.prompt}
	for _, choice := range c.choices {
		u.Completion += choice.written
	}
	u.Total = u.Prompt + u.Completion
	return &u
}

// count tells log and metrics.
func (c *completing) count() {
	u := c.total()
	c.n.prompt, c.n.written = u.Prompt, u.Completion
	c.s.metrics.symbols.WithLabelValues(c.m.name, "read").Add(float64(u.Prompt))
	c.s.metrics.symbols.WithLabelValues(c.m.name, "written").Add(float64(u.Completion))
}

// whole answers with whole choices.
func (c *completing) whole() error {
	for _, choice := range c.choices {
		c.answer.Choices = append(c.answer.Choices, choice.take())
	}
	c.answer.Usage = c.total()
	WriteJSON(c.w, http.StatusOK, c.answer)
	return nil
}

// eventTime is the least time between two writes of a stream, while this many are under way. What was written meanwhile comes in
// one event for each choice: to hand over each symbol alone takes the processor longer than to write it, and nobody reads so fast.
// With many clients events alone would keep it busy: 256 get half as many symbols again where each waits 5 ms and not 3.
func eventTime(streams int64) time.Duration {
	return min(max(3*time.Millisecond, time.Duration(streams)*20*time.Microsecond), 25*time.Millisecond)
}

// stream answers with events.
func (c *completing) stream(reply *schedule.Reply) error {
	if err := c.frame(); err != nil {
		return err
	}
	c.s.streams.Add(1)
	defer c.s.streams.Add(-1)
	for {
		switch err := c.read(reply); {
		case err == io.EOF:
			return c.endStream()
		case err != nil:
			return c.events.Fail(err)
		}
		if err := c.tell(); err != nil {
			return err
		}
		time.Sleep(eventTime(c.s.streams.Load()))
	}
}

// frame makes what all events have in common, so that it is made once.
func (c *completing) frame() error {
	event, err := json.Marshal(c.answer)
	c.head, c.tail, _ = bytes.Cut(event, []byte(`"choices":[]`))
	c.head = append([]byte("data: "), append(c.head, `"choices":[`...)...)
	c.tail = append([]byte("]"), append(c.tail, "\n\n"...)...)
	return err
}

// tell sends what the choices have to tell, each in an event.
func (c *completing) tell() error {
	c.buf = c.buf[:0]
	for _, choice := range c.choices {
		if !choice.waiting() {
			continue
		}
		part, err := json.Marshal(choice.take())
		if err != nil {
			return c.events.Fail(err)
		}
		c.buf = append(append(append(c.buf, c.head...), part...), c.tail...)
	}
	if len(c.buf) == 0 {
		return nil
	}
	return c.events.write(c.buf)
}

func (c *completing) endStream() error {
	if o := c.q.StreamOptions; o != nil && o.IncludeUsage {
		c.answer.Usage = c.total()
		if err := c.events.Send(c.answer); err != nil {
			return err
		}
	}
	return c.events.Done()
}
