package queue

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/seed-f4dd853e/elman/elman-sweep/runner"
)

// DefaultName is the name of a study's streams and buckets; a shared NATS cluster can have several.
const DefaultName = "sweep"

// DefaultLease is how long a worker may be silent before its run is given to another.
const DefaultLease = 30 * time.Second

// A Queue is what a study has in NATS.
type Queue struct {
	name  string
	js    jetstream.JetStream
	runs  jetstream.Stream
	lease time.Duration // for the server: workers ask the consumer

	results     jetstream.KeyValue // by the run's ID: an outcome
	verified    jetstream.KeyValue // by the run's ID: an outcome of another worker
	checkpoints jetstream.KeyValue // by the run's ID: a manifest
	holders     jetstream.KeyValue // by the kind of order and the run's ID: the machine that does it
	state       jetstream.KeyValue // facts of the study: see the keys below
	faults      jetstream.KeyValue // messages of workers
	files       jetstream.ObjectStore
}

// Keys of the state.
const (
	selfTestKey = "selftest"
	ownerKey    = "owner"
	studyKey    = "study"    // the hash of all runs
	finishedKey = "finished" // workers may go
	refusedKey  = "refused." // and a machine's key: why it may not work
)

// An outcome is a result and the files of its folder.
type outcome struct {
	Result *runner.Result `json:"result"`
	Files  manifest       `json:"files,omitempty"`
}

func (q *Queue) subject(kind, id string) string { return q.name + "." + kind + "." + id }

// Kinds of messages.
const (
	runKind    = "run"
	verifyKind = "verify"
)

// Create makes a study's streams and buckets, or opens them. Lease is DefaultLease if 0.
func Create(ctx context.Context, nc *nats.Conn, name string, lease time.Duration) (*Queue, error) {
	js, err := jetstream.New(nc)
	if err != nil {
		return nil, err
	}
	if lease == 0 {
		lease = DefaultLease
	}
	q := &Queue{name: name, js: js, lease: lease}
	limited, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	return q, persist(limited, q.create)
}

// create makes what is missing.
func (q *Queue) create(ctx context.Context) (err error) {
	name, js := q.name, q.js
	q.runs, err = js.CreateOrUpdateStream(ctx, jetstream.StreamConfig{
		Name: name, Subjects: []string{name + ".>"}, Retention: jetstream.WorkQueuePolicy, Storage: jetstream.FileStorage,
	})
	if err != nil {
		return fmt.Errorf("the queue %s: %w", name, err)
	}
	for bucket, to := range q.buckets() {
		if *to, err = js.CreateOrUpdateKeyValue(ctx, jetstream.KeyValueConfig{Bucket: name + "-" + bucket, Storage: jetstream.FileStorage}); err != nil {
			return fmt.Errorf("the table %s: %w", bucket, err)
		}
	}
	if q.files, err = js.CreateOrUpdateObjectStore(ctx, jetstream.ObjectStoreConfig{Bucket: name + "-files", Storage: jetstream.FileStorage}); err != nil {
		return fmt.Errorf("the store of files: %w", err)
	}
	return q.createConsumer(ctx)
}

func (q *Queue) buckets() map[string]*jetstream.KeyValue {
	return map[string]*jetstream.KeyValue{"results": &q.results, "verified": &q.verified, "checkpoints": &q.checkpoints, "holders": &q.holders, "state": &q.state, "faults": &q.faults}
}

// Open opens what a server has created. It is an error while that has not begun with the study.
func Open(ctx context.Context, nc *nats.Conn, name string) (*Queue, error) {
	js, err := jetstream.New(nc)
	if err != nil {
		return nil, err
	}
	q := &Queue{name: name, js: js}
	if q.runs, err = js.Stream(ctx, name); err != nil {
		return nil, fmt.Errorf("the queue %s: %w", name, err)
	}
	for bucket, to := range q.buckets() {
		if *to, err = js.KeyValue(ctx, name+"-"+bucket); err != nil {
			return nil, fmt.Errorf("the table %s: %w", bucket, err)
		}
	}
	if q.files, err = js.ObjectStore(ctx, name+"-files"); err != nil {
		return nil, fmt.Errorf("the store of files: %w", err)
	}
	if begun, err := q.get(ctx, q.state, selfTestKey); err != nil || begun == "" {
		return nil, cmp.Or(err, errors.New("the server has not begun with the study yet"))
	}
	return q, nil
}

const consumerName = "workers"

// createConsumer makes what all workers take runs from. The server alone does, because it says how long the lease is.
func (q *Queue) createConsumer(ctx context.Context) error {
	_, err := q.runs.CreateOrUpdateConsumer(ctx, jetstream.ConsumerConfig{
		Durable: consumerName, AckPolicy: jetstream.AckExplicitPolicy, AckWait: q.lease, MaxAckPending: -1, MaxDeliver: -1,
	})
	return err
}

// consumer returns what workers take runs from, and their lease now.
func (q *Queue) consumer(ctx context.Context) (jetstream.Consumer, time.Duration, error) {
	c, err := q.runs.Consumer(ctx, consumerName)
	if err != nil {
		return nil, 0, err
	}
	return c, c.CachedInfo().Config.AckWait, nil
}

// get returns a value of a table, "" if there is none.
func (q *Queue) get(ctx context.Context, kv jetstream.KeyValue, key string) (string, error) {
	e, err := kv.Get(ctx, key)
	if errors.Is(err, jetstream.ErrKeyNotFound) {
		return "", nil
	} else if err != nil {
		return "", err
	}
	return string(e.Value()), nil
}

// outcome returns that of a run in a table, nil if there is none. One that cannot be read counts as none, and is removed.
func (q *Queue) outcome(ctx context.Context, kv jetstream.KeyValue, id string) (*outcome, error) {
	text, err := q.get(ctx, kv, id)
	if text == "" || err != nil {
		return nil, err
	}
	o, err := parseOutcome(id, []byte(text))
	if err != nil {
		return nil, kv.Delete(ctx, id)
	}
	return o, nil
}

// parseOutcome decodes what a worker has put into a table for a run.
func parseOutcome(id string, text []byte) (*outcome, error) {
	o := &outcome{}
	if err := json.Unmarshal(text, o); err != nil {
		return nil, err
	}
	if o.Result == nil {
		return nil, errors.New("an outcome without a result")
	}
	if err := o.Result.Check(); err != nil {
		return nil, err
	}
	if o.Result.ID != id {
		return nil, fmt.Errorf("it is of run %.40q", o.Result.ID)
	}
	return o, o.Files.check()
}

// publish puts an order into the queue.
func (q *Queue) publish(ctx context.Context, kind string, o order) error {
	_, err := q.js.Publish(ctx, q.subject(kind, o.Task.ID), mustJSON(o))
	return err
}

// fault tells the server what went wrong.
func (q *Queue) fault(ctx context.Context, text string) error {
	_, err := q.faults.Put(ctx, nats.NewInbox()[len("_INBOX."):], []byte(text))
	return err
}

// persist repeats what needs the server until it succeeds or ctx ends: the server may be away for a while. Each step of try
// has a limit of its own: that of JetStream's calls, and transferTime.
func persist(ctx context.Context, try func(context.Context) error) error {
	return persistFor(ctx, math.MaxInt64, try)
}

// persistFor is persist that gives up when it has failed for so long.
func persistFor(ctx context.Context, most time.Duration, try func(context.Context) error) error {
	begun := time.Now()
	for wait := 100 * time.Millisecond; ; wait = min(2*wait, 2*time.Second) {
		err := try(ctx)
		switch {
		case err == nil || ctx.Err() != nil || errors.As(err, new(*permanent)):
			return err
		case errors.Is(err, nats.ErrConnectionClosed): // for good: the credentials have expired, say
			return &permanent{err}
		case time.Since(begun) > most:
			return &permanent{fmt.Errorf("the server has not answered for %v: %w", most, err)}
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(wait):
		}
	}
}

// every calls f again and again with a pause between, until ctx ends.
func every(ctx context.Context, pause time.Duration, f func()) {
	tick := time.NewTicker(pause)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			f()
		}
	}
}

// A permanent error is one that no other attempt mends.
type permanent struct{ error }

func (p *permanent) Unwrap() error { return p.error }

func mustJSON(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // strings and finite numbers
	}
	return b
}
