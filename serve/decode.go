package serve

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"os"
	"strings"
	"time"
	"unicode/utf8"
)

// ReadJSON reads the body of a request into what into points to. If it is strict, a field that is not known is an error: the routes
// of our own are, while clients of others' APIs send fields that came later. Its errors are of type *Error.
func ReadJSON(w http.ResponseWriter, r *http.Request, into any, strict bool) error {
	limits := note(r).limits
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "application/json" {
		return refused(http.StatusUnsupportedMediaType, "content_type", "the request needs the header Content-Type: application/json, and has %.100q", r.Header.Get("Content-Type"))
	}
	body, err := io.ReadAll(&budgetReader{http.MaxBytesReader(w, r.Body, limits.Body), note(r)})
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return refused(http.StatusRequestTimeout, "timeout", "the request did not come within %v", limits.Read)
	}
	if err != nil {
		if asError(err).Status < 500 { // too large, or too much at a time
			return err
		}
		return Invalid("", "the request breaks off: %v", err)
	}
	// The server goes on reading, to see the client go. That has no deadline.
	if err := http.NewResponseController(w).SetReadDeadline(time.Time{}); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	return decodeJSON(body, into, strict)
}

// A budgetReader counts what is read, until the request ends, among all that the server has read of requests under way.
type budgetReader struct {
	r io.Reader
	n *notes
}

func (b *budgetReader) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	b.n.body += int64(n)
	if b.n.bodies.Add(int64(n)) > b.n.limits.Bodies {
		return n, Busy(time.Second, "requests under way have more than %d bytes, the most that this server keeps; try again", b.n.limits.Bodies)
	}
	return n, err
}

func decodeJSON(body []byte, into any, strict bool) error {
	if !utf8.Valid(body) { // package json would put other characters there
		return Invalid("", "the request is not valid UTF-8, which JSON must be; convert it")
	}
	d := json.NewDecoder(bytes.NewReader(body))
	if strict {
		d.DisallowUnknownFields()
	}
	err := d.Decode(into)
	if err == nil {
		if _, err = d.Token(); err == io.EOF {
			return nil
		}
		return Invalid("", "the request goes on after its JSON object")
	}
	if kind, ok := errors.AsType[*json.UnmarshalTypeError](err); ok && kind.Field != "" {
		return Invalid(kind.Field, "%s is a %.40s, must be %s", kind.Field, kind.Value, wanted(kind))
	}
	if e, ok := errors.AsType[*Error](err); ok { // of a field that reads itself
		return e
	}
	if err == io.EOF || errors.Is(err, io.ErrUnexpectedEOF) {
		return Invalid("", "the request is not a whole JSON object")
	}
	return Invalid("", "the request is not the JSON object that is wanted: %.200s", strings.TrimPrefix(err.Error(), "json: "))
}

// wanted says in words what a field takes.
func wanted(e *json.UnmarshalTypeError) string {
	switch kind := e.Type.Kind().String(); {
	case strings.HasPrefix(kind, "int"), strings.HasPrefix(kind, "uint"):
		return "a whole number in range"
	case strings.HasPrefix(kind, "float"):
		return "a number"
	case kind == "bool":
		return "true or false"
	case kind == "string":
		return "a string"
	case kind == "slice":
		return "a list"
	}
	return "an object"
}
