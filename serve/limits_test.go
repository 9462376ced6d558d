package serve

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/seed-f4dd853e/elman/corpus"
)

// TestBusy: what is too much is answered 429 with a time to come again, and when there is room again, served.
func TestBusy(t *testing.T) {
	l := testLimits()
	l.States, l.Bodies, l.Body, l.Scoring = 2, 3000, 2000, 0
	engine := testEngine()
	engine.Workers, engine.Rows, engine.Waiting = 1, 2, 1
	ts := startOf(t, untrained(t, corpus.Chars, verse, 1), engine, func(o *Options) { o.Limits = l })

	first := get[StateAnswer](ts, "POST", "/state", body{})
	second := get[StateAnswer](ts, "POST", "/state/"+first.ID+"/copy", nil)
	ts.wrong(429, "2 states are kept", "POST", "/state", body{})
	ts.wrong(429, "2 states are kept", "POST", "/state/"+first.ID+"/copy", nil)
	ts.call("DELETE", "/state/"+first.ID, nil)
	third := get[StateAnswer](ts, "POST", "/state", body{})

	ts.wrong(413, "more than 2000 bytes", "POST", "/tokenize", body{"prompt": strings.Repeat("a", 2000)})
	ts.wrong(400, "more texts than there are places", "POST", "/v1/completions", body{"n": 4})
	get[Completion](ts, "POST", "/v1/completions", body{"n": 2})

	// Requests that are under way hold what they have read.
	slow := ts.dial()
	fmt.Fprintf(slow, "POST /tokenize HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1900\r\n\r\n%s", strings.Repeat(" ", 1800))
	until(t, "the slow request is read", func() bool { return ts.bodies.Load() >= 1800 })
	ts.wrong(429, "more than 3000 bytes", "POST", "/tokenize", body{"prompt": strings.Repeat("a", 1500)})
	slow.Close()
	until(t, "it is forgotten", func() bool { return ts.bodies.Load() == 0 })
	get[TokenizeAnswer](ts, "POST", "/tokenize", body{"prompt": strings.Repeat("a", 1500)})

	// Places of the pool.
	free := make(chan struct{})
	var tasks sync.WaitGroup
	for range ts.pool.most {
		tasks.Go(func() { ts.pool.do(context.Background(), "", func(*turn) error { <-free; return nil }) })
	}
	until(t, "all turns are taken", func() bool { return ts.pool.len() == ts.pool.most })
	ts.wrong(429, "requests to score or predict", "POST", "/score", body{"text": "a"})
	ts.wrong(429, "requests to score or predict", "POST", "/next", body{"text": "a"})
	ts.call("DELETE", "/state/"+second.ID, nil)
	ts.wrong(429, "requests to score or predict", "POST", "/state", body{})
	ts.wrong(429, "requests to score or predict", "POST", "/state/"+third.ID+"/copy", body{})
	if n := ts.states.len(); n != 1 {
		t.Errorf("%d states are kept, of which 1 is known to a client", n)
	}
	close(free)
	tasks.Wait()
	get[ScoreAnswer](ts, "POST", "/score", body{"text": "a"})
}

// dial opens a connection.
func (ts *testServer) dial() net.Conn {
	ts.t.Helper()
	c, err := net.Dial("tcp", strings.TrimPrefix(ts.url, "http://"))
	if err != nil {
		ts.t.Fatal(err)
	}
	ts.t.Cleanup(func() { c.Close() })
	return c
}

// TestDeadlines: who sends slowly, or not at all, is given up in time.
func TestDeadlines(t *testing.T) {
	l := testLimits()
	l.Header, l.Read, l.Idle = 100*time.Millisecond, 100*time.Millisecond, 100*time.Millisecond
	ts := start(t, func(o *Options) { o.Limits = l })
	for name, sent := range map[string]string{
		"half a head":                "POST /tokenize HT",
		"half a body":                "POST /tokenize HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{",
		"of a route that reads none": "GET /v1/models HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{",
		"of no route":                "POST /nowhere HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{",
		"whole, then nothing":        "GET /v1/models HTTP/1.1\r\nHost: localhost\r\n\r\n",
	} {
		c := ts.dial()
		io.WriteString(c, sent)
		answer, err := io.ReadAll(c) // ends when the server closes the connection
		if err != nil && !strings.Contains(err.Error(), "reset") {
			t.Errorf("%s: %v", name, err)
		}
		if name == "half a body" && !strings.Contains(string(answer), " 408 ") {
			t.Errorf("%s: %s", name, answer)
		}
	}
	until(t, "connections are closed", func() bool { return ts.connections.Load() == 0 })
}

// TestLongAnswers: an answer may take longer than any of its parts, and than a request may take to come.
func TestLongAnswers(t *testing.T) {
	l := testLimits()
	l.Read, l.Write = 300*time.Millisecond, 300*time.Millisecond
	ts := start(t, func(o *Options) {
		o.Limits = l
		o.Routes = []Route{{Method: "POST", Path: "/long", Summary: "Take long", Request: body{}, Events: true, Handle: func(w http.ResponseWriter, r *http.Request) error {
			if err := ReadJSON(w, r, &body{}, false); err != nil {
				return err
			}
			events := NewEvents(w)
			for i := range 2 {
				time.Sleep(2 * l.Read)
				if err := r.Context().Err(); err != nil {
					t.Errorf("before event %d: %v", i, err)
				}
				if err := events.Send(i); err != nil {
					t.Errorf("event %d: %v", i, err)
				}
			}
			return events.Done()
		}}}
	})
	if events := ts.events("/long", body{}); !slices.Equal(events, []string{"0", "1", "[DONE]"}) {
		t.Errorf("%q", events)
	}
}

// TestStatesAreForgotten: a state that nobody uses goes by itself.
func TestStatesAreForgotten(t *testing.T) {
	l := testLimits()
	l.StateIdle = 50 * time.Millisecond
	ts := start(t, func(o *Options) { o.Limits = l })
	get[StateAnswer](ts, "POST", "/state", body{"text": "Thou"})
	until(t, "it is forgotten", func() bool { return ts.states.len() == 0 })
	until(t, "its model is given back", func() bool {
		ts.models.mu.Lock()
		defer ts.models.mu.Unlock()
		return ts.models.all[0].users == 0
	})
}

// TestRetryAfter: whoever comes again when he is told to is not early.
func TestRetryAfter(t *testing.T) {
	for wait, want := range map[time.Duration]string{0: "", time.Millisecond: "1", time.Second: "1", 1500 * time.Millisecond: "2"} {
		w := httptest.NewRecorder()
		if Busy(wait, "busy").write(w); w.Code != 429 || w.Header().Get("Retry-After") != want {
			t.Errorf("%v: %d, Retry-After %q, want %q", wait, w.Code, w.Header().Get("Retry-After"), want)
		}
	}
}

// TestWholeAnswersAreBounded: what large answers take while they are made, and until they are read, is bounded; small ones come.
func TestWholeAnswersAreBounded(t *testing.T) {
	const endless = 1 << 29
	l := testLimits()
	l.Length, l.Answer, l.Answers = endless, math.MaxInt, 2*endless*numberBytes+1<<20
	ts := start(t, func(o *Options) { o.Limits = l })
	large := ts.dial()
	io.WriteString(large, completionText(body{"max_tokens": endless, "logprobs": 0}))
	until(t, "it is under way", func() bool { return ts.answers.Load() == 2*endless*numberBytes })
	ts.wrong(429, "answers under way", "POST", "/v1/completions", body{"max_tokens": 50000, "logprobs": 0})
	ts.wrong(429, "answers under way", "POST", "/score", body{"text": strings.Repeat("a", 30000), "per": "symbol"})
	completion(ts, body{"logprobs": 5})
	ts.events("/v1/completions", body{"max_tokens": 50000, "logprobs": 0, "stream": true})
	if n := ts.answers.Load(); n != 2*endless*numberBytes {
		t.Errorf("%d bytes are counted", n)
	}
	large.Close()
	until(t, "it is given up", func() bool { return ts.answers.Load() == 0 })
	get[ScoreAnswer](ts, "POST", "/score", body{"text": strings.Repeat("a", 30000), "per": "symbol"})
}

// TestConnections: there are no more than the limit; others wait for one to close.
func TestConnections(t *testing.T) {
	l := testLimits()
	l.Connections = 3
	ts := start(t, func(o *Options) { o.Limits = l })
	var held []net.Conn
	for range 3 {
		held = append(held, ts.dial())
	}
	until(t, "they are open", func() bool { return ts.connections.Load() == 3 })
	late := ts.dial() // the system takes it, the server does not
	io.WriteString(late, "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
	if n := ts.connections.Load(); n != 3 {
		t.Errorf("%d connections", n)
	}
	held[0].Close()
	a, err := http.ReadResponse(bufio.NewReader(late), nil)
	if err != nil || a.StatusCode != 200 {
		t.Errorf("when there is room: %v, %v", a, err)
	}
}

// TestStatesExpire: a state that nobody uses is forgotten, one that is in use is not, and its model is given back.
func TestStatesExpire(t *testing.T) {
	gone := 0
	ss := newStates(3, time.Minute, func(*served) { gone++ })
	now := time.Unix(1000, 0)
	add := func(now time.Time) (*state, error) {
		st, err := ss.add(nil, nil, now)
		if err == nil {
			ss.giveBack(st, now)
		}
		return st, err
	}
	a, _ := add(now)
	b, _ := add(now)
	if _, err := ss.take(a.token, now); err != nil {
		t.Fatal(err)
	}
	if _, err := ss.take(a.token, now); err == nil || asError(err).Status != http.StatusConflict {
		t.Errorf("taken twice: %v", err)
	}
	late := now.Add(time.Minute + 1)
	if _, err := ss.take(b.token, late); err == nil {
		t.Error("a state is there although its time is over")
	}
	ss.expire(late)
	if ss.len() != 1 || gone != 1 {
		t.Errorf("%d are kept, %d were given back; want 1, that in use, and 1", ss.len(), gone)
	}
	ss.giveBack(a, late)
	if _, err := ss.take(a.token, late.Add(time.Minute)); err != nil {
		t.Errorf("its time begins anew with each use: %v", err)
	}
	ss.remove(a)
	if ss.len() != 0 || gone != 2 {
		t.Errorf("%d are kept, %d given back", ss.len(), gone)
	}
	for range 3 {
		if _, err := add(now); err != nil {
			t.Error(err)
		}
	}
	if _, err := add(now.Add(30 * time.Second)); asError(err).RetryAfter != 30*time.Second {
		t.Errorf("one too many: %v", err)
	}
	if _, err := add(late); err != nil {
		t.Errorf("when their time is over: %v", err)
	}
	ss.close()
	if _, err := ss.add(nil, nil, now); ss.len() != 0 || gone != 6 || asError(err).Status != 503 {
		t.Errorf("closed: %d are kept, %d given back, %v", ss.len(), gone, err)
	}
}

func TestLimitsCheck(t *testing.T) {
	if err := DefaultLimits().Check(); err != nil {
		t.Error(err)
	}
	for _, change := range []func(*Limits){
		func(l *Limits) { l.Body = 0 }, func(l *Limits) { l.N = -1 }, func(l *Limits) { l.Write = 0 }, func(l *Limits) { l.Rate = -1 }, func(l *Limits) { l.States = -1 },
	} {
		l := DefaultLimits()
		if change(&l); l.Check() == nil {
			t.Errorf("%+v is no error", l)
		}
	}
	engine := testEngine()
	engine.Rows = 0
	if _, err := OpenModels(nil, engine); err == nil || !strings.Contains(err.Error(), "rows is 0") {
		t.Errorf("no rows: %v", err)
	}
}

// TestLog: a request is a line of the log, with what it did and nothing that it said.
func TestLog(t *testing.T) {
	var log lockedBuffer
	ts := start(t, func(o *Options) { o.Log = slog.New(slog.NewTextHandler(&log, nil)) })
	ts.call("POST", "/v1/completions", body{"prompt": "secret", "max_tokens": 5}, "X-Request-Id", "mine-1")
	ts.call("GET", "/health", nil, "X-Request-Id", "quiet")
	ts.call("GET", "/nowhere", nil, "X-Request-Id", "a\tb")
	st := get[StateAnswer](ts, "POST", "/state", body{})
	ts.call("GET", "/state/"+st.ID, nil)
	ts.call("PUT", "/state/"+st.ID+"/read", nil)
	_, h, _ := ts.call("GET", "/v1/models", nil)
	if !strings.HasPrefix(h.Get("X-Request-Id"), "req-") || h.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("%v", h)
	}
	until(t, "it is told", func() bool { return strings.Count(log.String(), "msg=request") == 6 })
	for _, want := range []string{"method=POST path=/v1/completions status=200", "request=mine-1 model=verse read=6 written=5", "client=127.0.0.1", "path=/nowhere status=404", "path=/state/{id} status=200", "path=/state/{id}/read status=405", "took="} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("no %q in %s", want, log.String())
		}
	}
	for _, not := range []string{"secret", "quiet", "a\\tb", st.ID} {
		if strings.Contains(log.String(), not) {
			t.Errorf("%q is in %s", not, log.String())
		}
	}
}

type lockedBuffer struct {
	mu   sync.Mutex
	text strings.Builder
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// TestPanic: an error of the program ends one request, and is told.
func TestPanic(t *testing.T) {
	var log lockedBuffer
	ts := start(t, func(o *Options) {
		o.Log = slog.New(slog.NewTextHandler(&log, nil))
		o.Routes = []Route{{Method: "GET", Path: "/broken", Summary: "Break", Handle: func(http.ResponseWriter, *http.Request) error { panic("by design") }}}
	})
	if a, err := http.Get(ts.url + "/broken"); err == nil {
		text, failed := io.ReadAll(a.Body)
		a.Body.Close()
		if a.StatusCode != 500 || failed == nil && !strings.Contains(string(text), "server_error") {
			t.Errorf("%d %s", a.StatusCode, text)
		}
	}
	until(t, "it is told", func() bool { return strings.Contains(log.String(), "by design") })
	get[ModelList](ts, "GET", "/v1/models", nil)
	if n := ts.running.Load(); n > 1 {
		t.Errorf("%d requests run", n)
	}
}

// TestMetrics: what was done is counted.
func TestMetrics(t *testing.T) {
	ts := start(t, nil)
	completion(ts, body{"prompt": "day", "n": 2})
	get[ScoreAnswer](ts, "POST", "/score", body{"text": "Thou"})
	ts.wrong(404, "", "GET", "/nowhere/"+strings.Repeat("x", 50), nil)
	until(t, "requests are counted", func() bool {
		_, _, text := ts.call("GET", "/metrics", nil)
		for _, want := range []string{
			`elman_symbols_total{kind="read",model="verse"} 3`, `elman_symbols_total{kind="written",model="verse"} 60`, `elman_symbols_total{kind="scored",model="verse"} 4`,
			`elman_requests_total{route="POST /v1/completions",status="200"} 1`, `elman_requests_total{route="unknown",status="404"} 1`, `elman_requests_running 1`,
			`elman_rows_running{model="verse"} 0`, `elman_rows_waiting{model="verse"} 0`, `elman_model_info{hash="` + ts.m.Hash() + `",model="verse"} 1`, `elman_states 0`,
			`elman_reloads_total{result="ok"} 0`, `go_goroutines`,
		} {
			if !strings.Contains(string(text), want) {
				return false
			}
		}
		return true
	})
	_, _, text := ts.call("GET", "/metrics", nil)
	if strings.Contains(string(text), "/nowhere") {
		t.Error("paths of clients become labels, without bound")
	}
	if err := ts.models.Add("t1", ts.m); err != nil {
		t.Fatal(err)
	}
	completion(ts, body{"model": "t1"})
	ts.models.Remove("t1")
	if _, _, text := ts.call("GET", "/metrics", nil); strings.Contains(string(text), `"t1"`) {
		t.Error("models that were trained for a while stay labels, without bound")
	}
}
