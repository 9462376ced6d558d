package serve

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/internal/setting"
	"github.com/seed-f4dd853e/elman/model"
)

// An Error is an answer that says what is wrong, in the form of OpenAI's API.
type Error struct {
	Message string  `json:"message"`
	Type    string  `json:"type"`  // invalid_request_error, rate_limit_error or server_error
	Param   *string `json:"param"` // the field of the request, where it is one
	Code    *string `json:"code"`  // for programs, where there is more to tell than by Status

	Status     int           `json:"-"` // of HTTP
	RetryAfter time.Duration `json:"-"` // when to try again; 0 leaves it open
}

func (e *Error) Error() string { return e.Message }

// errorBody is an answer that holds an Error.
type errorBody struct {
	Error *Error `json:"error"`
}

// Kinds of errors.
const (
	kindInvalid = "invalid_request_error"
	kindBusy    = "rate_limit_error"
	kindServer  = "server_error"
)

// StatusClosed is the status in logs and metrics of a request whose client went away before the answer, as nginx has it.
const StatusClosed = 499

// Invalid returns an error of status 400 about a field of the request, or about all of it if the field is "".
func Invalid(field, format string, args ...any) *Error {
	return &Error{Status: http.StatusBadRequest, Type: kindInvalid, Param: optional(field), Message: fmt.Sprintf(format, args...)}
}

// NotFound returns an error of status 404 with a code.
func NotFound(code, field, format string, args ...any) *Error {
	e := Invalid(field, format, args...)
	e.Status, e.Code = http.StatusNotFound, optional(code)
	return e
}

// Busy returns an error of status 429: the server has too much to do now.
func Busy(again time.Duration, format string, args ...any) *Error {
	return &Error{Status: http.StatusTooManyRequests, Type: kindBusy, Code: optional("rate_limit_exceeded"), RetryAfter: again, Message: fmt.Sprintf(format, args...)}
}

// refused returns an error of another status with a code.
func refused(status int, code, format string, args ...any) *Error {
	e := Invalid("", format, args...)
	e.Status, e.Code = status, optional(code)
	return e
}

// errGone is the end of an answer whose client has gone, or takes nothing.
var errGone = &Error{Status: StatusClosed, Type: kindServer, Message: "the client has gone, or does not read"}

func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// errDraining is the answer to a request that comes when the server is about to end.
func errDraining() *Error {
	return &Error{Status: http.StatusServiceUnavailable, Type: kindServer, Code: optional("shutting_down"), RetryAfter: 5 * time.Second,
		Message: "the server is ending; try again, or another one"}
}

// fields has the names that requests use for settings of the library.
var fields = map[setting.Name]string{"length": "max_tokens", "count": "n"}

// asError makes an answer of any error.
func asError(err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	if wrong, ok := errors.AsType[*setting.Error](err); ok {
		name := func(n setting.Name) string { return cmp.Or(fields[n], string(n)) }
		field := ""
		if names := wrong.Names(); len(names) > 0 {
			field = name(names[0])
		}
		return Invalid(field, "%s", wrong.Render(name))
	}
	if large, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return refused(http.StatusRequestEntityTooLarge, "too_large", "the request has more than %d bytes, the most that this server reads", large.Limit)
	}
	if _, ok := errors.AsType[*corpus.UnknownSymbolError](err); ok {
		return Invalid("", "%v", err)
	}
	if errors.Is(err, model.ErrCodes) {
		return Invalid("model", "%v", err)
	}
	if errors.Is(err, context.Canceled) {
		return &Error{Status: StatusClosed, Type: kindServer, Message: "the request was given up"}
	}
	return &Error{Status: http.StatusInternalServerError, Type: kindServer, Message: err.Error()}
}

// write answers a request with the error.
func (e *Error) write(w http.ResponseWriter) {
	if e.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(e.RetryAfter.Seconds()))))
	}
	WriteJSON(w, e.Status, errorBody{e})
}

// WriteJSON answers a request with a value, or with an error if it is large and much is to be written already.
func WriteJSON(w http.ResponseWriter, status int, x any) {
	body, err := json.Marshal(x)
	if err != nil { // a number that is not finite
		status, body = http.StatusInternalServerError, []byte(`{"error":{"message":"the answer cannot be written as JSON","type":"server_error","param":null,"code":null}}`)
	}
	if answer, ok := w.(*recorder); ok {
		if err := answer.reserve(int64(len(body))); err != nil {
			asError(err).write(w)
			return
		}
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Content-Length", strconv.Itoa(len(body)+1))
	w.WriteHeader(status)
	w.Write(append(body, '\n')) // to a client that is gone, in vain
}
