package serve

import (
	"runtime"
	"time"

	"github.com/seed-f4dd853e/elman/internal/setting"
	"github.com/seed-f4dd853e/elman/serve/schedule"
)

// Limits bound what a request may ask for, and what the server does at a time. A limit that is met is answered with an error
// that names it. Start from DefaultLimits.
type Limits struct {
	Body     int64 // bytes of a request
	Bodies   int64 // bytes of all requests that are being read or answered
	Prompt   int   // symbols of one prompt
	Prompts  int   // prompts of one request
	N        int   // choices for each prompt
	Rows     int   // prompts times choices of one request
	Length   int   // symbols to write for each choice
	Stops    int   // stop texts
	Stop     int   // bytes of each
	Logprobs int   // likely symbols to tell of at each position
	Answer   int   // numbers in an answer that is not streamed: symbols, and likely symbols at each of them
	Answers  int64 // bytes of all such answers under way, but for those below 256 KiB

	States    int           // kept at a time
	StateIdle time.Duration // how long one is kept without being used

	Connections int     // at a time
	Rate        float64 // requests per second of a client, each with a burst of two seconds; 0 means any number
	Scoring     int     // requests to score or predict that may wait; so many as there are processors run

	Header time.Duration // for the head of a request to come
	Read   time.Duration // for its body
	Write  time.Duration // for each part of an answer to be taken
	Idle   time.Duration // of a connection between requests
	Drain  time.Duration // for requests to finish when the server ends
}

// DefaultLimits returns limits for a machine of a few processors and some hundred clients.
func DefaultLimits() Limits {
	return Limits{
		Body: 1 << 20, Bodies: 16 << 20, Prompt: 1 << 20, Prompts: 256, N: 128, Rows: 256, Length: 1 << 16, Stops: 16, Stop: 256, Logprobs: 100, Answer: 1 << 20, Answers: 256 << 20,
		States: 256, StateIdle: 10 * time.Minute,
		Connections: 4096, Scoring: 64,
		Header: 10 * time.Second, Read: 30 * time.Second, Write: 30 * time.Second, Idle: 2 * time.Minute, Drain: 30 * time.Second,
	}
}

// EngineLimits returns limits for the engine of each model. A row's tokens that wait for their reader are those of some
// milliseconds, which is how often a stream is told.
func EngineLimits() schedule.Limits {
	l := schedule.DefaultLimits()
	l.Workers, l.Buffer, l.PerClient = runtime.GOMAXPROCS(0), 256, 1024
	return l
}

func checkEngine(l schedule.Limits) error {
	for _, x := range []struct {
		name         setting.Name
		value, least int
	}{{"workers", l.Workers, 1}, {"rows", l.Rows, 1}, {"queue", l.Waiting, 0}, {"per_client", l.PerClient, 1}, {"buffer", l.Buffer, 1}, {"turn", l.Turn, 1}} {
		if x.value < x.least || x.value > 1<<20 {
			return setting.Errorf("%v is %d, must be %d to %d", x.name, x.value, x.least, 1<<20)
		}
	}
	return nil
}

// Check returns an error that names a limit out of range, or nil.
func (l Limits) Check() error {
	for _, x := range []struct {
		name  setting.Name
		value int64
	}{
		{"max_body", l.Body}, {"max_bodies", l.Bodies}, {"max_prompt", int64(l.Prompt)}, {"max_prompts", int64(l.Prompts)}, {"max_n", int64(l.N)}, {"max_rows", int64(l.Rows)},
		{"max_length", int64(l.Length)}, {"max_stops", int64(l.Stops)}, {"max_stop", int64(l.Stop)}, {"max_answer", int64(l.Answer)}, {"max_answers", l.Answers},
		{"max_connections", int64(l.Connections)}, {"read_timeout", int64(l.Read)}, {"header_timeout", int64(l.Header)},
		{"write_timeout", int64(l.Write)}, {"idle_timeout", int64(l.Idle)}, {"state_idle", int64(l.StateIdle)},
	} {
		if x.value < 1 {
			return setting.Errorf("%v is %d, must be above 0", x.name, x.value)
		}
	}
	if l.Body > l.Bodies {
		return setting.Errorf("%v is %d, must be at most %v, %d", setting.Name("max_body"), l.Body, setting.Name("max_bodies"), l.Bodies)
	}
	for _, x := range []struct {
		name  setting.Name
		value float64
	}{
		{"max_logprobs", float64(l.Logprobs)}, {"max_states", float64(l.States)}, {"rate", l.Rate}, {"max_scoring", float64(l.Scoring)}, {"drain", float64(l.Drain)},
	} {
		if !(x.value >= 0) { // which NaN is not
			return setting.Errorf("%v is %v, must be 0 or more", x.name, x.value)
		}
	}
	return nil
}
