package term

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/seed-f4dd853e/elman/train"
)

// TestStatus compares, byte by byte, what a terminal gets from a status and from results that share it.
func TestStatus(t *testing.T) {
	var screen bytes.Buffer
	width := 20
	s := &Status{write: func(text string) { screen.WriteString(text) }, width: func() int { return width }, stop: func() {}}
	out := s.Results(&screen, &Terminal{})
	due := func(what string, done float64) func() {
		return func() {
			s.due.Store(true)
			s.Tell(what, done)
		}
	}
	write := func(text string) func() { return func() { out.Write([]byte(text)) } }
	for _, tt := range []struct {
		name string
		do   func()
		want string
	}{
		{"not due: nothing", func() { s.Tell("reading", 0.5) }, ""},
		{"a line", due("reading x", 0.42), "\rreading x 42 %"},
		{"a shorter one covers it", due("read", 0.5), "\rread 50 %     "},
		{"too long a one is cut, in front of the last column", due("reading a novel of a thousand pages", 1), "\rreading a no… 100 %"},
		{"escape sequences are shown", due("\x1b[2J", 0), "\r␛[2J 0 %           "},
		{"results take its place", write("row\n"), "\r        \rrow\n"},
		{"and nothing more while it is not there", write("half a"), "half a"},
		{"no line within a line of results", due("read", 0.5), ""},
		{"results again", write(" row\n"), " row\n"},
		{"a line again", due("read", 0.6), "\rread 60 %"},
		{"no window to speak of", func() { width = 3; due("read", 0.6)(); width = 20 }, ""},
		{"the end", s.End, "\r         \r"},
		{"nothing after it", due("read", 0.7), ""},
	} {
		screen.Reset()
		if tt.do(); screen.String() != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, &screen, tt.want)
		}
	}
	var nobody *Status
	nobody.Tell("reading", 1)
	nobody.End()
	if nobody.Results(&screen, &Terminal{}) != &screen || s.Results(&screen, nil) != &screen {
		t.Error("results make room where nothing is on their screen")
	}
}

// TestHeartbeat writes a line after a minute without one, and not before.
func TestHeartbeat(t *testing.T) {
	var b strings.Builder
	now := after(0)
	p := &Lines{w: &b, job: Job{Name: "play"}, now: func() time.Time { return now }}
	p.Start(0)
	for _, tt := range []struct {
		name    string
		seconds float64
		news    train.Progress
		want    string
	}{
		{"at first", 0, train.Progress{Loss: 3}, ""},
		{"within the minute", 59, train.Progress{Step: 590, Symbols: 59000, Epoch: 0.59, Done: 0.0059, Loss: 2}, ""},
		{"after a minute", 61, train.Progress{Step: 610, Symbols: 61000, Epoch: 0.61, Done: 0.0061, Loss: 2},
			"step 610, epoch 0.61: loss so far 2.0000 nats (2.885 bits), 1000 symbols/s, 0.6 % done, about 2:50 h left\n"},
		{"soon after", 62, train.Progress{Step: 620, Symbols: 62000, Done: 0.0062, Loss: 2}, ""},
		{"at its end", 62, train.Progress{Phase: train.Validating, Step: 620, Symbols: 62000, Done: 0.0062, Loss: 2}, ""},
		{"in a validation", 122, train.Progress{Phase: train.Validating, PhaseDone: 0.5, Step: 620, Symbols: 62000, Epoch: 0.62, Done: 0.0062, Loss: 2},
			"step 620, epoch 0.62: validating 50 %, 1000 symbols/s, 0.6 % done, about 2:45 h left\n"},
	} {
		b.Reset()
		now = after(tt.seconds)
		if p.Progress(tt.news); b.String() != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, b.String(), tt.want)
		}
	}
}
