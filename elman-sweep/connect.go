package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/spf13/cobra"

	"github.com/seed-f4dd853e/elman/elman-sweep/queue"
)

// clusterFlags say how to connect to a NATS server that was not started here.
type clusterFlags struct{ url, name, creds, ca string }

func (f *clusterFlags) declare(c *cobra.Command) {
	c.Flags().StringVar(&f.name, "name", queue.DefaultName, "name of the study's queue, if a NATS server has several")
	c.Flags().StringVar(&f.creds, "creds", "", "NATS credentials file")
	c.Flags().StringVar(&f.ca, "tls-ca", "", "certificate (PEM) that the server's is checked with")
}

// connect connects to a server, for which it waits if it is not there yet. Later the connection is mended, however long that takes.
func (f *clusterFlags) connect(ctx context.Context, wait time.Duration) (*nats.Conn, error) {
	var failed atomic.Pointer[error] // to reach it, in the last attempt
	o := []nats.Option{nats.MaxReconnects(-1), nats.ReconnectWait(500 * time.Millisecond), nats.RetryOnFailedConnect(true), nats.Name("elman-sweep"),
		nats.ReconnectErrHandler(func(_ *nats.Conn, err error) { failed.Store(&err) })}
	if f.creds != "" {
		o = append(o, nats.UserCredentials(f.creds))
	}
	if f.ca != "" {
		o = append(o, nats.RootCAs(f.ca))
	}
	nc, err := nats.Connect(f.url, o...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.address(), err)
	}
	for begun := time.Now(); !nc.IsConnected(); {
		err := nc.LastError() // of what was connected to
		if last := failed.Load(); err == nil && last != nil {
			err = *last
		}
		switch {
		case ctx.Err() != nil:
			err = context.Cause(ctx)
		case errors.Is(err, nats.ErrAuthorization):
			err = fmt.Errorf("the server refuses the token or credentials: %w", err)
		case errors.As(err, new(*tls.CertificateVerificationError)):
			err = fmt.Errorf("%w; --tls-ca names the certificate to check it with", err)
		case time.Since(begun) > wait:
			err = fmt.Errorf("no server at %s for %v: %w", f.address(), wait, err)
		default:
			time.Sleep(50 * time.Millisecond)
			continue
		}
		nc.Close()
		return nil, err
	}
	return nc, nil
}

// address returns the URL without the token.
func (f *clusterFlags) address() string {
	if u, err := url.Parse(f.url); err == nil {
		u.User = nil
		return u.String()
	}
	return "the server"
}
