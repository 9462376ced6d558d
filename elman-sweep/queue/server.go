// Package queue shares the runs of a study out to workers over NATS JetStream: a queue of runs, each given to another worker if
// the first one dies, a table of results, and a store of files by their hashes. Nothing breaks if a run is done twice, because
// both give the same bits.
package queue

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strconv"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

// ServerOptions are those of an embedded server.
type ServerOptions struct {
	Folder string      // for its files
	Listen string      // host:port; "" lets only this process connect
	Token  string      // that workers must name; "" means none
	TLS    *tls.Config // nil means none
}

// A Server is an embedded NATS server.
type Server struct{ own *server.Server }

const startTime = 30 * time.Second

// StartServer starts an embedded server.
func StartServer(o ServerOptions) (*Server, error) {
	options := &server.Options{
		ServerName: "elman-sweep", JetStream: true, StoreDir: o.Folder, SyncAlways: true, // a result that was told must stay
		NoSigs: true, NoLog: true, Authorization: o.Token, TLSConfig: o.TLS, TLS: o.TLS != nil, TLSTimeout: 10,
		JetStreamMaxMemory: 16 << 20, DontListen: o.Listen == "", MaxPayload: 8 << 20,
	}
	if o.Listen != "" {
		host, port, err := net.SplitHostPort(o.Listen)
		if err != nil {
			return nil, fmt.Errorf("the address %q must be HOST:PORT, such as 0.0.0.0:4222", o.Listen)
		}
		options.Host = host
		if options.Port, err = strconv.Atoi(port); err != nil {
			return nil, fmt.Errorf("the address %q must end in a port, such as 0.0.0.0:4222", o.Listen)
		}
		if options.Port == 0 {
			options.Port = server.RANDOM_PORT
		}
		// The server itself only logs that it cannot listen.
		test, err := net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(max(0, options.Port))))
		if err != nil {
			return nil, err
		}
		test.Close()
	}
	s, err := server.NewServer(options)
	if err != nil {
		return nil, err
	}
	s.Start()
	if !s.ReadyForConnections(startTime) {
		s.Shutdown()
		return nil, errors.New("the embedded server did not start; is its folder damaged, or the disk full?")
	}
	return &Server{s}, nil
}

// URL returns what workers connect to.
func (s *Server) URL() string { return s.own.ClientURL() }

// Connect connects from within this process.
func (s *Server) Connect(token string) (*nats.Conn, error) {
	o := []nats.Option{nats.InProcessServer(s.own), nats.MaxReconnects(-1), nats.Name("elman-sweep")}
	if token != "" {
		o = append(o, nats.Token(token))
	}
	return nats.Connect("", o...)
}

// Close ends the server when its files are written.
func (s *Server) Close() {
	s.own.Shutdown()
	s.own.WaitForShutdown()
}
