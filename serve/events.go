package serve

import (
	"encoding/json"
	"net/http"
)

// Events write an answer as server-sent events. The first of them sends the head of the answer, of status 200.
type Events struct {
	w     http.ResponseWriter
	buf   []byte
	begun bool
}

// NewEvents returns events for an answer.
func NewEvents(w http.ResponseWriter) *Events { return &Events{w: w} }

// Send sends a value as an event, at once.
func (e *Events) Send(x any) error {
	data, err := json.Marshal(x)
	if err != nil {
		return err
	}
	e.buf = append(append(append(e.buf[:0], "data: "...), data...), "\n\n"...)
	return e.write(e.buf)
}

// write sends whole events. It fails when the client is gone or does not read.
func (e *Events) write(events []byte) error {
	if !e.begun {
		h := e.w.Header()
		h.Set("Content-Type", "text/event-stream")
		h.Set("Cache-Control", "no-cache")
		h.Set("X-Accel-Buffering", "no") // nginx shall not wait for more
		e.begun = true
	}
	if _, err := e.w.Write(events); err != nil {
		return errGone
	}
	if err := http.NewResponseController(e.w).Flush(); err != nil {
		return errGone
	}
	return nil
}

// Done sends the last event of OpenAI's API.
func (e *Events) Done() error { return e.write([]byte("data: [DONE]\n\n")) }

// Fail ends the events with an error. If none was sent it returns the error, so that the answer is a usual one.
func (e *Events) Fail(err error) error {
	if !e.begun || err == errGone {
		return err
	}
	if failed := asError(err); failed.Status != StatusClosed {
		return e.Send(errorBody{failed})
	}
	return err
}
