package serve

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"
)

// A notes is what the log and the metrics tell of one request.
type notes struct {
	limits  *Limits
	bodies  *atomic.Int64 // bytes of all requests under way
	body    int64         // of this one
	answers *atomic.Int64 // bytes of all whole answers under way
	answer  int64         // of this one
	id      string
	client  string
	model   string
	prompt  int // symbols read
	written int // symbols written
	status  int
	bytes   int64
}

type notesKey struct{}

// note returns the notes of a request.
func note(r *http.Request) *notes { return r.Context().Value(notesKey{}).(*notes) }

// smallAnswer is how many bytes of an answer are not worth counting.
const smallAnswer = 256 << 10

// reserve counts the bytes of a whole answer among those of all, until the request ends: a client may take its time to read them. It
// fails if there are too many.
func (n *notes) reserve(bytes int64) error {
	more := bytes - n.answer
	if bytes <= smallAnswer || more <= 0 {
		return nil
	}
	n.answer = bytes
	if n.answers.Add(more) > n.limits.Answers {
		return Busy(time.Second, "answers under way have more than %d bytes, the most that this server keeps; try again, or ask for less at a time", n.limits.Answers)
	}
	return nil
}

// A recorder counts what is written, and gives the client time to take each part of it.
type recorder struct {
	http.ResponseWriter
	*notes
}

func (w *recorder) WriteHeader(status int) {
	if w.status == 0 && status >= 200 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *recorder) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	done := 0
	for part := range slices.Chunk(b, partSize) {
		http.NewResponseController(w.ResponseWriter).SetWriteDeadline(time.Now().Add(w.limits.Write))
		n, err := w.ResponseWriter.Write(part)
		w.bytes += int64(n)
		if done += n; err != nil {
			return done, err
		}
	}
	return done, nil
}

// partSize is how many bytes a client has to take within Limits.Write.
const partSize = 64 << 10

// Unwrap lets http.ResponseController reach the connection.
func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// recorded serves a request with what, and tells of it in log and metrics.
func (s *Server) recorded(route *Route, what func(http.ResponseWriter, *http.Request) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		begun := time.Now()
		n := &notes{limits: &s.limits, bodies: &s.bodies, answers: &s.answers, id: requestID(r), client: client(r)}
		r = r.WithContext(context.WithValue(r.Context(), notesKey{}, n))
		rec := &recorder{w, n}
		rec.Header().Set("X-Request-Id", n.id)
		rec.Header().Set("X-Content-Type-Options", "nosniff")
		s.running.Add(1)
		defer func() { s.running.Add(-1); s.bodies.Add(-n.body); s.answers.Add(-n.answer) }()
		defer func() {
			if p := recover(); p != nil {
				s.log.Error("panic", "request", n.id, "panic", p, "stack", stack())
				if n.status == 0 {
					asError(errPanic).write(rec)
				}
				s.finish(route, r, n, begun)
				panic(http.ErrAbortHandler) // the answer may be half of one: the client must see that it broke off
			}
			s.finish(route, r, n, begun)
		}()
		if err := what(rec, r); err != nil {
			if cause := context.Cause(r.Context()); cause != nil && errors.Is(err, context.Canceled) { // which may be the server's
				err = cause
			}
			e := asError(err)
			switch {
			case e.Status == StatusClosed:
				n.status = StatusClosed
			case n.status == 0:
				if e.Status >= 500 {
					s.log.Error("request failed", "request", n.id, "route", route.Pattern(), "error", err)
				}
				e.write(rec)
			}
		}
	})
}

func (s *Server) finish(route *Route, r *http.Request, n *notes, begun time.Time) {
	took := time.Since(begun)
	if n.status == 0 {
		n.status = http.StatusOK
	}
	s.metrics.request(route.label(), n.status, took)
	if route.Quiet && n.status < 400 {
		return
	}
	attributes := []slog.Attr{
		slog.String("method", r.Method), slog.String("path", logPath(r.URL.Path)), slog.Int("status", n.status), slog.Duration("took", took),
		slog.Int64("bytes", n.bytes), slog.String("client", n.client), slog.String("request", n.id),
	}
	if n.model != "" {
		attributes = append(attributes, slog.String("model", n.model))
	}
	if n.prompt > 0 || n.written > 0 {
		attributes = append(attributes, slog.Int("read", n.prompt), slog.Int("written", n.written))
	}
	s.log.LogAttrs(r.Context(), slog.LevelInfo, "request", attributes...)
}

// requestID returns the client's own name for a request, if it gives one that is fit for a log, else a new one.
func requestID(r *http.Request) string {
	id := r.Header.Get("X-Request-Id")
	if id != "" && len(id) <= 64 && !strings.ContainsFunc(id, func(c rune) bool {
		return !(c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '-' || c == '_' || c == '.')
	}) {
		return id
	}
	return "req-" + rand.Text()
}

// logPath returns a path without what is secret in it: whoever knows the name of a state may use it.
func logPath(path string) string {
	if name, ok := strings.CutPrefix(path, "/state/"); ok {
		_, rest, more := strings.Cut(name, "/")
		if path = "/state/{id}"; more {
			path += "/" + rest
		}
	}
	return cut(path, 200)
}

// cut shortens what a client sent.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return s[:n] + "..."
}
