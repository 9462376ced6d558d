package serve

import (
	"net"
	"sync"
	"sync/atomic"
)

// bounded returns a listener with at most Limits.Connections connections open. While there are so many, others wait where the
// system keeps them.
func (s *Server) bounded(l net.Listener) net.Listener {
	return &boundedListener{Listener: l, free: make(chan struct{}, s.limits.Connections), closed: make(chan struct{}), open: &s.connections}
}

type boundedListener struct {
	net.Listener
	free   chan struct{}
	open   *atomic.Int64
	once   sync.Once
	closed chan struct{}
}

func (l *boundedListener) Accept() (net.Conn, error) {
	select {
	case l.free <- struct{}{}:
	case <-l.closed:
		return nil, net.ErrClosed
	}
	c, err := l.Listener.Accept()
	if err != nil {
		<-l.free
		return nil, err
	}
	l.open.Add(1)
	return &boundedConn{Conn: c, l: l}, nil
}

func (l *boundedListener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return l.Listener.Close()
}

type boundedConn struct {
	net.Conn
	l    *boundedListener
	once sync.Once
}

func (c *boundedConn) Close() error {
	err := c.Conn.Close()
	c.once.Do(func() {
		c.l.open.Add(-1)
		<-c.l.free
	})
	return err
}
