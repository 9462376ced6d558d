package queue

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/seed-f4dd853e/elman/elman-sweep/study"
)

// An order is a message of the queue.
type order struct {
	Task study.Task `json:"task"`
	// Verify is the machine whose result is repeated elsewhere; "" for a first time.
	Verify string `json:"verify,omitempty"`
}

// key names an order among those of a study.
func (o order) key() string {
	if o.Verify != "" {
		return verifyKind + "." + o.Task.ID
	}
	return runKind + "." + o.Task.ID
}

// take does the run of a message, and tells the server meanwhile that it is being done.
func (w *Worker) take(ctx context.Context, msg jetstream.Msg, lease time.Duration) error {
	var o order
	err := json.Unmarshal(msg.Data(), &o)
	if err == nil {
		err = o.Task.Check()
	}
	if err != nil {
		msg.Term()
		return w.Queue.fault(ctx, fmt.Sprintf("an order in the queue is not usable: %v", err))
	}
	done, ok := w.begin(o)
	if !ok { // this machine was silent for longer than the lease, and was given its own run
		return msg.NakWithDelay(lease)
	}
	defer done()
	alive, stop := context.WithCancel(ctx)
	var pulse sync.WaitGroup
	pulse.Go(func() { every(alive, lease/4, func() { msg.InProgress() }) }) // or the run is given to another worker
	release := w.hold(ctx, o)
	err = w.do(ctx, o, msg)
	release()
	stop()
	pulse.Wait()
	if err == errLater {
		return msg.NakWithDelay(verifyDelay)
	}
	if err != nil {
		msg.Nak() // another worker goes on at once
		return err
	}
	// When this fails the run is given to another worker, who finds the result and does nothing.
	limited, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	msg.DoubleAck(limited)
	return nil
}

// begin notes that an order is in work, until done; not ok if it is already.
func (w *Worker) begin(o order) (done func(), ok bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	key := o.key()
	if w.orders[key] {
		return nil, false
	}
	if w.orders == nil {
		w.orders = map[string]bool{}
	}
	w.orders[key] = true
	return func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.orders, key)
	}, true
}

// hold notes that this machine does what an order says, until release, and tells of a machine that has begun it and did not
// release it. It is for people alone: where the server does not answer, nothing is noted.
func (w *Worker) hold(ctx context.Context, o order) (release func()) {
	if w.Shared {
		return func() {}
	}
	key := o.key()
	limited, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	if before, err := w.Queue.get(limited, w.Queue.holders, key); err == nil && before != "" {
		w.Queue.fault(limited, fmt.Sprintf("run %s: machine %s has fallen silent; machine %s goes on with it", o.Task.ID, before, w.Runner.Machine))
	}
	w.Queue.holders.PutString(limited, key, w.Runner.Machine)
	return func() {
		limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		w.Queue.holders.Purge(limited, key)
	}
}
