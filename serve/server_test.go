package serve

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/rnn"
	"github.com/seed-f4dd853e/elman/serve/schedule"
)

// full says whether tests take their full size.
var full = os.Getenv("ELMAN_TEST_FULL") != ""

const verse = "Shall I compare thee to a summer's day?\nThou art more lovely and more temperate:\n"

// untrained returns a model of the symbols of text with weights drawn far apart, so that it has decided tastes.
func untrained(t testing.TB, kind corpus.Kind, text string, seed uint64) *model.Model {
	t.Helper()
	o := corpus.Defaults()
	o.Kind = kind
	c, err := corpus.New(corpus.FromBytes("test", []byte(text)), o)
	if err != nil {
		t.Fatal(err)
	}
	network, err := rnn.New(rnn.Config{Cell: "lstm", Symbols: c.Alphabet.Size(), Hidden: 19})
	if err != nil {
		t.Fatal(err)
	}
	network.Init(rnn.Init{Normal: 0.7}, seed)
	return &model.Model{Network: network, Alphabet: c.Alphabet}
}

// save writes a model into a run folder of that name, and returns the folder.
func save(t testing.TB, m *model.Model, name string) string {
	t.Helper()
	folder := filepath.Join(t.TempDir(), name)
	if err := os.Mkdir(folder, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := m.Save(filepath.Join(folder, model.FileName)); err != nil {
		t.Fatal(err)
	}
	return folder
}

// A testServer is a server that listens, and its address.
type testServer struct {
	*Server
	t    testing.TB
	url  string
	m    *model.Model
	end  context.CancelFunc
	done chan error
}

// testLimits are limits for tests.
func testLimits() *Limits {
	l := DefaultLimits()
	return &l
}

func testEngine() schedule.Limits {
	l := EngineLimits()
	l.Workers = 2
	return l
}

// start serves the model of characters of a verse as "verse", changed as change says. The test's end drains it.
func start(t testing.TB, change func(*Options)) *testServer {
	return startOf(t, untrained(t, corpus.Chars, verse, 1), testEngine(), change)
}

func startOf(t testing.TB, m *model.Model, engine schedule.Limits, change func(*Options)) *testServer {
	t.Helper()
	models, err := OpenModels([]string{save(t, m, "verse")}, engine)
	if err != nil {
		t.Fatal(err)
	}
	o := Options{Models: models, Limits: testLimits()}
	if change != nil {
		change(&o)
	}
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, end := context.WithCancel(context.Background())
	ts := &testServer{Server: s, t: t, url: "http://" + l.Addr().String(), m: m, end: end, done: make(chan error, 1)}
	go func() { ts.done <- s.Serve(ctx, l) }()
	t.Cleanup(func() {
		http.DefaultClient.CloseIdleConnections()
		end()
		if err := <-ts.done; err != nil {
			t.Errorf("the end: %v", err)
		}
		ts.done <- nil
	})
	return ts
}

// stop ends the server, and returns how that went.
func (ts *testServer) stop() error {
	ts.end()
	err := <-ts.done
	ts.done <- nil
	return err
}

// call sends a request with a body, a string or what becomes JSON, and returns status and answer.
func (ts *testServer) call(method, path string, body any, headers ...string) (int, http.Header, []byte) {
	ts.t.Helper()
	var r io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		r = strings.NewReader(b)
	default:
		text, err := json.Marshal(b)
		if err != nil {
			ts.t.Fatal(err)
		}
		r = bytes.NewReader(text)
	}
	q, err := http.NewRequest(method, ts.url+path, r)
	if err != nil {
		ts.t.Fatal(err)
	}
	if r != nil {
		q.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		if q.Header.Set(headers[i], headers[i+1]); headers[i] == "Host" {
			q.Host = headers[i+1]
		}
	}
	a, err := http.DefaultClient.Do(q)
	if err != nil {
		ts.t.Fatal(err)
	}
	defer a.Body.Close()
	text, err := io.ReadAll(a.Body)
	if err != nil {
		ts.t.Fatal(err)
	}
	return a.StatusCode, a.Header, text
}

// get reads the answer to a request that must succeed.
func get[T any](ts *testServer, method, path string, body any) (answer T) {
	ts.t.Helper()
	status, _, text := ts.call(method, path, body)
	if status/100 != 2 {
		ts.t.Fatalf("%s %s %.300v: %d %.300s", method, path, body, status, text)
	}
	if len(text) > 0 {
		if err := json.Unmarshal(text, &answer); err != nil {
			ts.t.Fatalf("%s %s: %v in %s", method, path, err, text)
		}
	}
	return answer
}

// wrong wants a request to fail, with a status and a message that has a text in it, in the form of OpenAI's API.
func (ts *testServer) wrong(status int, want, method, path string, body any, headers ...string) *Error {
	ts.t.Helper()
	got, h, text := ts.call(method, path, body, headers...)
	var e errorBody
	if err := json.Unmarshal(text, &e); err != nil || e.Error == nil || got != status || !strings.Contains(e.Error.Message, want) || e.Error.Type == "" ||
		h.Get("Content-Type") != "application/json" {
		ts.t.Fatalf("%s %s %.300v: status %d %.300s; want %d with %q (%v)", method, path, body, got, text, status, want, err)
	}
	for _, field := range []string{"message", "type", "param", "code"} {
		if !strings.Contains(string(text), fmt.Sprintf("%q:", field)) {
			ts.t.Errorf("%s %s: no %s in %s", method, path, field, text)
		}
	}
	if again := h.Get("Retry-After"); (status == 429 || status == 503) != (again != "") {
		ts.t.Errorf("%s %s: status %d with Retry-After %q", method, path, status, again)
	}
	return e.Error
}

// events reads a stream of server-sent events to its end, and returns the data of each.
func (ts *testServer) events(path string, body any) (events []string) {
	ts.t.Helper()
	status, h, text := ts.call("POST", path, body)
	if status != 200 || h.Get("Content-Type") != "text/event-stream" {
		ts.t.Fatalf("%s: status %d, %s: %s", path, status, h.Get("Content-Type"), text)
	}
	for _, event := range strings.Split(strings.TrimSuffix(string(text), "\n\n"), "\n\n") {
		data, ok := strings.CutPrefix(event, "data: ")
		if !ok || strings.Contains(data, "\n") {
			ts.t.Fatalf("%s: event %q", path, event)
		}
		events = append(events, data)
	}
	return events
}

// until waits for something that must come.
func until(t testing.TB, what string, ready func() bool) {
	t.Helper()
	for range 6000 { // a minute
		if ready() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("waited in vain until %s", what)
}
