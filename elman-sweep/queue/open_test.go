package queue

import "testing"

// TestOpenEarly: a worker that comes while the server still begins is told to wait, not refused for its self-test.
func TestOpenEarly(t *testing.T) {
	ctx, q := newQueue(t)
	if _, err := Open(ctx, q.js.Conn(), DefaultName); err == nil {
		t.Error("a study that has not begun is open to workers")
	}
	if _, err := q.state.PutString(ctx, selfTestKey, "0123"); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(ctx, q.js.Conn(), DefaultName); err != nil {
		t.Error(err)
	}
}
