package serve

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/model"
)

// sizes of the fault test; with ELMAN_TEST_FULL those of a bad day.
func sizes() (hostile, garbage, good int) {
	if full {
		return 200, 10_000, 40
	}
	return 12, 200, 8
}

// TestFaults lets clients that send a byte now and then, that never read, that break off and that send garbage come together with
// good ones, while models are reloaded. Good ones get whole answers, equal bit for bit to those of a quiet server. Then no goroutine,
// connection, state, row or byte of the others is left.
func TestFaults(t *testing.T) {
	leaks := goleak.IgnoreCurrent()
	hostile, garbage, good := sizes()
	l := testLimits()
	l.Read, l.Write, l.Header, l.Idle = 10*time.Second, 10*time.Second, 10*time.Second, 10*time.Second // of which a busy machine may take some
	ts := start(t, func(o *Options) { o.Limits = l })
	requests := make([]body, good)
	want := make([]Completion, good)
	for i := range requests {
		requests[i] = body{"model": "verse", "prompt": strings.Repeat("day ", i*i), "max_tokens": 300 + 40*i, "n": 1 + i%3, "seed": i, "stop": []string{"zzz"}, "temperature": 0.9}
		want[i] = get[Completion](ts, "POST", "/v1/completions", requests[i])
	}

	ctx, end := context.WithCancel(context.Background())
	var enemies sync.WaitGroup
	for i := range hostile {
		enemies.Go(func() { ts.sendSlowly(ctx) })
		enemies.Go(func() { ts.neverRead(ctx) })
		enemies.Go(func() { ts.breakOff(ctx, i) })
	}
	for i := range garbage / 100 {
		enemies.Go(func() { ts.sendGarbage(100, uint64(i)) })
	}
	path := filepath.Join(ts.models.args[0], model.FileName)
	same, other := untrained(t, corpus.Chars, verse, 1), untrained(t, corpus.Chars, verse+"0123", 2)
	enemies.Go(func() {
		for i := range 6 { // what is served is one of two models
			if err := []*model.Model{other, same}[i%2].Save(path); err != nil {
				t.Error(err)
			}
			if err := ts.Reload(); err != nil {
				t.Error(err)
			}
		}
	})
	var friends sync.WaitGroup
	var answered, compared atomic.Int32
	for i := range requests {
		friends.Go(func() {
			for round := range 3 {
				c, err := ts.ask(requests[i], (i+round)%2 == 0)
				if err != nil {
					t.Errorf("request %d: %v", i, err)
					continue
				}
				if answered.Add(1); c.Fingerprint != want[i].Fingerprint { // of the other model
					continue
				}
				for k, choice := range c.Choices {
					if choice.Text != want[i].Choices[k].Text || *choice.FinishReason != *want[i].Choices[k].FinishReason {
						t.Errorf("request %d, choice %d: %q\nalone %q", i, k, choice.Text, want[i].Choices[k].Text)
					}
				}
				compared.Add(1)
			}
		})
	}
	friends.Wait()
	end()
	enemies.Wait()
	if answered.Load() != int32(3*good) || compared.Load() == 0 {
		t.Errorf("%d of %d answers came, %d were compared", answered.Load(), 3*good, compared.Load())
	}
	http.DefaultClient.CloseIdleConnections()
	until(t, "nothing is left", func() bool {
		running := 0
		for _, m := range ts.models.list() {
			stats := m.engine.Stats()
			running += stats.Running + stats.Waiting + stats.Paused
		}
		return ts.connections.Load() == 0 && ts.running.Load() == 0 && ts.bodies.Load() == 0 && running == 0 && ts.pool.len() == 0
	})
	if err := ts.stop(); err != nil {
		t.Errorf("the end: %v", err)
	}
	if err := goleak.Find(leaks); err != nil {
		t.Error(err)
	}
}

// ask sends a request that must be answered, again if there is too much to do, and returns the whole answer.
func (ts *testServer) ask(f body, stream bool) (c Completion, err error) {
	f = body{"stream": stream, "model": f["model"], "prompt": f["prompt"], "max_tokens": f["max_tokens"], "n": f["n"], "seed": f["seed"], "stop": f["stop"], "temperature": f["temperature"]}
	for {
		a, err := http.Post(ts.url+"/v1/completions", "application/json", bytes.NewReader(asJSON(f)))
		if err != nil {
			return c, err
		}
		text, err := io.ReadAll(a.Body)
		a.Body.Close()
		switch {
		case err != nil:
			return c, err
		case a.StatusCode == http.StatusTooManyRequests:
			time.Sleep(50 * time.Millisecond)
			continue
		case a.StatusCode != http.StatusOK:
			return c, fmt.Errorf("status %d: %s", a.StatusCode, text)
		case !stream:
			return c, decodeJSON(text, &c, true)
		}
		var events []string
		for event := range strings.SplitSeq(strings.TrimSpace(string(text)), "\n\n") {
			events = append(events, strings.TrimPrefix(event, "data: "))
		}
		if events[len(events)-1] != "[DONE]" {
			return c, fmt.Errorf("a stream breaks off: %.300q", events[len(events)-1])
		}
		return joined(ts.t.(*testing.T), events, f["n"].(int)), nil
	}
}

// connect opens a connection that ends with ctx.
func (ts *testServer) connect(ctx context.Context) net.Conn {
	c, err := net.Dial("tcp", strings.TrimPrefix(ts.url, "http://"))
	if err != nil {
		ts.t.Error(err)
		return nil
	}
	context.AfterFunc(ctx, func() { c.Close() })
	return c
}

func completionText(f body) string {
	text := asJSON(f)
	return fmt.Sprintf("POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", len(text), text)
}

// sendSlowly sends a request a byte at a time, until the server gives it up.
func (ts *testServer) sendSlowly(ctx context.Context) {
	for ctx.Err() == nil {
		c := ts.connect(ctx)
		if c == nil {
			return
		}
		for _, b := range []byte(completionText(body{"prompt": "day", "max_tokens": 1000})) {
			if _, err := c.Write([]byte{b}); err != nil {
				break
			}
			select {
			case <-time.After(100 * time.Millisecond):
			case <-ctx.Done():
			}
		}
		c.Close()
	}
}

// neverRead asks for much and reads nothing of it.
func (ts *testServer) neverRead(ctx context.Context) {
	c := ts.connect(ctx)
	if c == nil {
		return
	}
	c.(*net.TCPConn).SetReadBuffer(4096)
	io.WriteString(c, completionText(body{"max_tokens": 50000, "logprobs": 5, "stream": true, "n": 2}))
	<-ctx.Done()
}

// breakOff asks for much and goes, after some bytes of the answer, again and again.
func (ts *testServer) breakOff(ctx context.Context, seed int) {
	for n := 0; n < 10 && ctx.Err() == nil; n++ {
		c := ts.connect(ctx)
		if c == nil {
			return
		}
		io.WriteString(c, completionText(body{"max_tokens": 50000, "stream": (seed+n)%3 > 0, "n": 2, "prompt": strings.Repeat("day ", 1000)}))
		c.SetReadDeadline(time.Now().Add(20 * time.Millisecond))
		io.CopyN(io.Discard, c, int64(seed*500))
		c.Close()
		select {
		case <-time.After(200 * time.Millisecond):
		case <-ctx.Done():
		}
	}
}

// sendGarbage sends requests with some of their bytes wrong.
func (ts *testServer) sendGarbage(n int, seed uint64) {
	random := rand.New(rand.NewPCG(1, seed))
	whole := []byte(completionText(body{"prompt": []string{"day", "art"}, "max_tokens": 5, "logprobs": 2, "stop": []string{"x"}, "seed": 7, "echo": true}))
	var c net.Conn
	for range n {
		if c == nil {
			if c = ts.connect(context.Background()); c == nil {
				return
			}
		}
		text := bytes.Clone(whole)
		for range 1 + random.IntN(8) {
			text[random.IntN(len(text))] = byte(random.IntN(256))
		}
		c.SetDeadline(time.Now().Add(200 * time.Millisecond))
		c.Write(text[:len(text)-random.IntN(2)*random.IntN(len(text))])
		a, err := http.ReadResponse(bufio.NewReader(c), nil)
		if err == nil {
			io.Copy(io.Discard, a.Body)
			a.Body.Close()
			if a.StatusCode >= 500 && a.StatusCode != http.StatusHTTPVersionNotSupported && a.StatusCode != http.StatusNotImplemented { // both are net/http's own
				ts.t.Errorf("status %d to %q", a.StatusCode, text)
			}
		}
		if err != nil || a.Close || random.IntN(3) == 0 {
			c.Close()
			c = nil
		}
	}
	if c != nil {
		c.Close()
	}
}

// TestDrain: when the server is to end, requests that it has are answered to their end, and no others are taken.
func TestDrain(t *testing.T) {
	leaks := goleak.IgnoreCurrent()
	l := testLimits()
	l.Drain = time.Hour // as long as it takes
	ts := start(t, func(o *Options) { o.Limits = l })
	f := body{"model": "verse", "max_tokens": 30000, "seed": 3, "n": 2, "prompt": nil, "stop": nil, "temperature": nil}
	want := get[Completion](ts, "POST", "/v1/completions", f)
	var asked sync.WaitGroup
	for i := range 8 {
		asked.Go(func() {
			c, err := ts.ask(f, i%2 == 0)
			if err != nil {
				t.Errorf("request %d: %v", i, err)
				return
			}
			for k, choice := range c.Choices {
				if choice.Text != want.Choices[k].Text {
					t.Errorf("request %d, choice %d was cut at %d", i, k, len(choice.Text))
				}
			}
		})
	}
	until(t, "all are under way", func() bool { return ts.running.Load() == 8 })
	kept := ts.dial()
	if err := ts.stop(); err != nil {
		t.Errorf("the end: %v", err)
	}
	asked.Wait()
	kept.Close()
	if _, err := net.Dial("tcp", strings.TrimPrefix(ts.url, "http://")); err == nil {
		t.Error("the server listens after its end")
	}
	http.DefaultClient.CloseIdleConnections()
	if err := goleak.Find(leaks); err != nil {
		t.Error(err)
	}
}

// TestDraining: while the server ends, who reaches it by another way is told so.
func TestDraining(t *testing.T) {
	l := testLimits()
	l.Length, l.Answer, l.Answers, l.Drain = 1<<30, 1<<30, 1<<40, time.Hour
	ts := start(t, func(o *Options) { o.Limits = l })
	long := ts.dial()
	io.WriteString(long, completionText(body{"max_tokens": 1 << 29}))
	until(t, "it is under way", func() bool { return ts.running.Load() == 1 })
	ts.end()
	until(t, "it drains", ts.draining.Load)
	for path, status := range map[string]int{"/ready": 503, "/v1/models": 503, "/health": 200} {
		w := httptest.NewRecorder()
		if ts.Handler().ServeHTTP(w, httptest.NewRequest("GET", "http://localhost"+path, nil)); w.Code != status || (w.Header().Get("Retry-After") != "") != (status == 503) {
			t.Errorf("%s: %d %v, want %d", path, w.Code, w.Header(), status)
		}
	}
	long.Close()
}

// TestDrainTooLong: requests that do not finish in time are given up, and told so.
func TestDrainTooLong(t *testing.T) {
	l := testLimits()
	l.Drain, l.Length, l.Answer, l.Answers = 50*time.Millisecond, 1<<30, 1<<30, 1<<40
	ts := start(t, func(o *Options) { o.Limits = l })
	var asked sync.WaitGroup
	for _, stream := range []bool{false, true} {
		asked.Go(func() {
			_, err := ts.ask(body{"model": "verse", "max_tokens": 1 << 29, "n": 1, "prompt": nil, "stop": nil, "seed": 1, "temperature": nil}, stream)
			if err == nil || !strings.Contains(err.Error(), "the server is ending") {
				t.Errorf("stream %v: %v", stream, err)
			}
		})
	}
	long := strings.Repeat(verse, 12_000)
	for path, f := range map[string]body{"/score": {"text": long}, "/score ": {"text": long, "per": "symbol", "stream": true}, "/next": {"text": long}, "/state": {"text": long}} {
		asked.Go(func() {
			a, err := http.Post(ts.url+strings.TrimSpace(path), "application/json", bytes.NewReader(asJSON(f)))
			if err != nil {
				t.Errorf("%s: %v", path, err)
				return
			}
			defer a.Body.Close()
			if text, err := io.ReadAll(a.Body); err != nil || !strings.Contains(string(text[max(0, len(text)-300):]), "the server is ending") || f["stream"] == nil && a.StatusCode != 503 {
				t.Errorf("%s: %d %.300q, %v", path, a.StatusCode, text, err)
			}
		})
	}
	until(t, "all are under way", func() bool { return ts.running.Load() == 6 })
	if err := ts.stop(); err == nil || !strings.Contains(err.Error(), "given up") {
		t.Errorf("the end: %v", err)
	}
	asked.Wait()
	if !errors.Is(ts.models.Add("late", ts.m), errClosed) {
		t.Error("a model is added after the end")
	}
}
