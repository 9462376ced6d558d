package schedule

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/generate"
)

// TestClientsTakeTurns: a client with many rows without end does not keep the others from theirs.
func TestClientsTakeTurns(t *testing.T) {
	for _, workers := range []int{1, 3} {
		e := start(t, untrained(t, corpus.Options{}), limits(workers, 2, 100))
		ctx, cancel := context.WithCancel(t.Context())
		greedy := Request{Client: "greedy", Whole: true}
		for i := range 20 {
			greedy.Rows = append(greedy.Rows, options(1<<30, uint64(i)))
		}
		reply, err := e.Do(ctx, greedy)
		if err != nil {
			t.Fatal(err)
		}
		var reads sync.WaitGroup
		reads.Go(func() {
			for err := error(nil); err == nil; _, err = reply.Read() {
			}
		})
		for i := range 10 {
			r, err := e.Do(t.Context(), Request{Client: "modest", Rows: []generate.RowOptions{options(50, uint64(i))}})
			if err != nil {
				t.Fatal(err)
			}
			if texts, err := read(r, 1); err != nil || texts[0] == "" {
				t.Errorf("%q, %v", texts, err)
			}
		}
		cancel()
		reads.Wait()
	}
}

// TestFewestFirst: where all places are taken, the next to join is a row of the client that has the fewest, not one more of a client
// whose rows came earlier.
func TestFewestFirst(t *testing.T) {
	l := limits(0, 4, 100) // no worker but that of the test
	e := start(t, untrained(t, corpus.Options{}), l)
	e.limits.Workers = 1
	w := &worker{e: e, batch: e.g.NewBatch(l.Rows)}
	clients := map[string]int{"greedy": 9, "modest": 2, "third": 1}
	var replies []*Reply
	for _, client := range []string{"greedy", "modest", "third"} {
		q := Request{Client: client}
		for i := range clients[client] {
			q.Rows = append(q.Rows, options(1<<30, uint64(i)))
		}
		r, err := e.Do(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		if replies = append(replies, r); client == "greedy" {
			w.prepare()
		}
	}
	running := func() (all []int) {
		for _, client := range []string{"greedy", "modest", "third"} {
			all = append(all, e.queue.client(client).running)
		}
		return all
	}
	if w.prepare(); !slices.Equal(running(), []int{4, 0, 0}) {
		t.Errorf("before their turn is over %v run", running())
	}
	w.step += int64(l.Turn)
	if w.prepare(); !slices.Equal(running(), []int{2, 1, 1}) {
		t.Errorf("%v run, want 2, 1, 1", running())
	}
	for _, r := range replies {
		r.Close()
	}
	if w.letGo(); len(w.rows) > 0 {
		t.Errorf("%d rows are left", len(w.rows))
	}
}

// TestQueueTakesTurns: clients take turns, in the order of their arrival, and so do the rows of each; rows may go.
func TestQueueTakesTurns(t *testing.T) {
	q := queue{clients: map[string]*client{}}
	put := func(name string, number int) *row {
		x := &row{client: q.client(name), number: number}
		q.add(x)
		return x
	}
	put("a", 0)
	put("a", 1)
	gone := put("a", 2)
	put("a", 3)
	put("b", 0)
	put("c", 0)
	alone := put("d", 0)
	put("b", 1)
	q.remove(gone)
	q.remove(alone)
	q.first(q.client("b"))
	var order []string
	for x := q.next(); x != nil; x = q.next() {
		order = append(order, fmt.Sprint(x.client.name, x.number))
	}
	if got, want := strings.Join(order, " "), "b0 a0 c0 b1 a1 a3"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// TestIdleWorkersGetRows: a worker that has more than its share sends rows to one that has nothing to do.
func TestIdleWorkersGetRows(t *testing.T) {
	l := limits(0, 4, 0)
	l.Waiting = 4
	e := start(t, untrained(t, corpus.Options{}), l) // no worker but those of the test
	e.limits.Workers = 2
	one, other := &worker{e: e, batch: e.g.NewBatch(l.Rows)}, &worker{e: e, batch: e.g.NewBatch(l.Rows)}
	var q Request
	for i := range 3 {
		q.Rows = append(q.Rows, options(1<<30, uint64(i)))
	}
	r, err := e.Do(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	if one.prepare(); len(one.rows) != 2 {
		t.Errorf("the first worker takes %d rows of 3", len(one.rows))
	}
	for x := e.queue.next(); x != nil; x = e.queue.next() { // as if the other had ended its rows meanwhile
		one.join(x)
	}
	one.batch.Step()
	e.idle = 1
	if one.prepare(); len(one.rows) != 2 || e.stats.Waiting != 1 {
		t.Errorf("the first worker keeps %d rows of 3, %d wait", len(one.rows), e.stats.Waiting)
	}
	e.idle = 0
	if other.prepare(); len(other.rows) != 1 {
		t.Errorf("the other worker has %d rows", len(other.rows))
	}
	r.Close()
	one.letGo()
	other.letGo()
}

// TestReadAlong: who reads along gets tokens again and again, long before a row pauses.
func TestReadAlong(t *testing.T) {
	l := limits(0, 2, 2) // no worker but that of the test
	l.Buffer = 100
	e := start(t, untrained(t, corpus.Options{}), l)
	e.limits.Workers = 1
	w := &worker{e: e, batch: e.g.NewBatch(l.Rows)}
	r, err := e.Do(t.Context(), Request{Rows: []generate.RowOptions{options(1<<30, 1), options(1<<30, 2)}})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 4 {
		w.prepare()
		w.batch.Step()
		if w.wake(true); !r.ready {
			t.Fatalf("after time step %d the reader is not woken", i)
		}
		if events, err := r.Read(); err != nil || len(events) != 2 {
			t.Fatalf("read %d: %d events, %v", i, len(events), err)
		}
	}
	r.Close()
	w.letGo()
}
