package serve

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
)

// TestPoolTakesTurns: of clients with many tasks and with one, each has its turn; what is one too many is refused, for all and for one.
func TestPoolTakesTurns(t *testing.T) {
	p := newPool(8)
	p.free, p.most, p.each = 1, 9, 5
	var mu sync.Mutex
	var order []string
	var tasks sync.WaitGroup
	free := make(chan struct{})
	put := func(client string, want int) {
		tasks.Go(func() {
			err := p.do(context.Background(), client, func(*turn) error {
				mu.Lock()
				order = append(order, client)
				mu.Unlock()
				<-free
				return nil
			})
			if err != nil {
				t.Errorf("%s: %v", client, err)
			}
		})
		until(t, "it waits", func() bool { return p.len() == want })
	}
	refused := func(client string) {
		t.Helper()
		if err := p.do(context.Background(), client, func(*turn) error { return nil }); err == nil || asError(err).Status != 429 {
			t.Errorf("one too many of %s: %v", client, err)
		}
	}
	for i := range 5 {
		put("greedy", i+1)
	}
	refused("greedy")
	for i, client := range []string{"a", "b", "b", "c"} {
		put(client, 6+i)
	}
	refused("d")

	gone, leave := context.WithCancel(context.Background()) // one that goes before its turn has none
	leave()
	p.most++
	if err := p.do(gone, "c", func(*turn) error { t.Error("a task of somebody who has gone"); return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("gone: %v", err)
	}
	close(free)
	tasks.Wait()
	if got, want := strings.Join(order, " "), "greedy greedy a b c greedy b greedy greedy"; got != want {
		t.Errorf("turns: %s, want %s", got, want)
	}
	if p.free != 1 || p.tasks != 0 || len(p.lines)+len(p.turns) != 0 {
		t.Errorf("in the end: %+v", p)
	}
}

// TestPoolWithoutTurn: while a task waits for somebody else, others have its turn; then it has one again, or is told why not.
func TestPoolWithoutTurn(t *testing.T) {
	p := newPool(0)
	p.free, p.most, p.each = 1, 1, 1
	ctx, cancel := context.WithCancel(context.Background())
	other := func(tr *turn) func() error {
		return func() error { return p.do(context.Background(), "b", func(*turn) error { return nil }) }
	}
	err := p.do(ctx, "a", func(tr *turn) error {
		if err := tr.without(other(tr)); err != nil || p.free != 0 || p.tasks != 1 {
			t.Errorf("%v, %+v", err, p)
		}
		return tr.without(func() error { return io.ErrClosedPipe })
	})
	if err != io.ErrClosedPipe || p.free != 1 || p.tasks != 0 {
		t.Errorf("%v, %+v", err, p)
	}
	err = p.do(ctx, "a", func(tr *turn) error {
		return tr.without(func() error {
			taken := make(chan struct{})
			go p.do(context.Background(), "b", func(*turn) error { close(taken); <-ctx.Done(); return nil })
			<-taken
			cancel()
			return nil
		})
	})
	until(t, "the other ends", func() bool { return p.len() == 0 })
	if err != nil && !errors.Is(err, context.Canceled) || p.free != 1 || len(p.lines)+len(p.turns) != 0 {
		t.Errorf("%v, %+v", err, p)
	}
}

// TestSlowReadersOfScores: who asks for a stream of scores and does not read it holds up nobody.
func TestSlowReadersOfScores(t *testing.T) {
	ts := start(t, nil)
	n := ts.pool.free + 2
	text := asJSON(body{"text": strings.Repeat(verse, 2000), "per": "symbol", "top": 20, "stream": true})
	var slow []net.Conn
	for range n {
		c := ts.dial()
		c.(*net.TCPConn).SetReadBuffer(4096)
		fmt.Fprintf(c, "POST /score HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", len(text), text)
		slow = append(slow, c)
	}
	until(t, "all wait for their readers", func() bool { return ts.running.Load() == int64(n) && ts.pool.len() == 0 })
	if a := get[ScoreAnswer](ts, "POST", "/score", body{"text": "Thou art"}); a.Sum.Symbols != 8 {
		t.Errorf("%+v", a)
	}
	for _, c := range slow {
		c.Close()
	}
	until(t, "they are given up", func() bool { return ts.running.Load() == 0 })
}
