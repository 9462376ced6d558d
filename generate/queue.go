package generate

import "sync"

// A queue hands out numbers 0 to n-1 in order, but none too far ahead of the lowest unfinished one.
type queue struct {
	mu       sync.Mutex
	moved    sync.Cond
	n, ahead int
	next     int
	oldest   int          // the lowest unfinished number
	finished map[int]bool // finished numbers above it
	closed   bool
}

func newQueue(n, ahead int) *queue {
	q := &queue{n: n, ahead: ahead, finished: map[int]bool{}}
	q.moved.L = &q.mu
	return q
}

// take returns the next number, for which it waits if it has to and may. ok is false if there is none, or the queue was closed.
func (q *queue) take(wait bool) (number int, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	tooFar := func() bool { return q.next-q.oldest >= q.ahead }
	for wait && !q.closed && q.next < q.n && tooFar() {
		q.moved.Wait()
	}
	if q.closed || q.next == q.n || tooFar() {
		return 0, false
	}
	q.next++
	return q.next - 1, true
}

func (q *queue) finish(number int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.finished[number] = true
	for q.finished[q.oldest] {
		delete(q.finished, q.oldest)
		q.oldest++
	}
	q.moved.Broadcast()
}

// close ends all calls of take.
func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.moved.Broadcast()
}
