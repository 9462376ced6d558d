//go:build unix

package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nkeys"
)

// certificate writes one for this machine, that signs itself, and its key.
func certificate(t *testing.T, dir string) (cert, key string) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true}
	public, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	cert, key = filepath.Join(dir, "server.pem"), filepath.Join(dir, "server.key")
	for path, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: public}, key: {Type: "PRIVATE KEY", Bytes: secret}} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cert, key
}

// TestTLS does a study over an encrypted connection. A worker that does not know the certificate gets none of it.
func TestTLS(t *testing.T) {
	dir := newStudy(t, few)
	want := plain(t, dir)
	cert, key := certificate(t, dir)
	c := newCast(t, dir, "--tls-cert", cert, "--tls-key", key)
	c.startServer()
	stranger := c.start("stranger", "work", "tls://secret@"+c.address, "--wait", "1m")
	if err := stranger.Wait(); err == nil || !strings.Contains(c.log(), "certificate signed by unknown authority") {
		t.Errorf("a worker without the certificate ended with %v:\n%s", err, c.log())
	}
	c.workers = append(c.workers, c.workAt("tls://secret@"+c.address, 0, "--tls-ca", cert))
	c.finish()
	compare(t, dir, want)
	if log := c.log(); !strings.Contains(log, "elman-sweep work tls://secret@127.0.0.1:") {
		t.Errorf("the server does not say what to connect to:\n%s", log)
	}
}

// TestCluster does a study with a NATS server of its own, which wants TLS and credentials.
func TestCluster(t *testing.T) {
	dir := newStudy(t, few)
	want := plain(t, dir)
	cert, key := certificate(t, dir)
	url, creds := startNATS(t, dir, cert, key)
	c := newCast(t, dir)
	cluster := []string{"--name", "cells", "--creds", creds, "--tls-ca", cert}
	c.server = c.start("server", append([]string{"serve", "study.toml", "--nats", url}, cluster...)...)
	c.workers = append(c.workers, c.workAt(url, 0, cluster...))
	c.finish()
	compare(t, dir, want)
	stranger := c.start("stranger", "work", url, "--name", "cells", "--tls-ca", cert, "--wait", "1s")
	if err := stranger.Wait(); err == nil || !strings.Contains(c.log(), "the server refuses the token or credentials") {
		t.Errorf("a worker without credentials ended with %v:\n%s", err, c.log())
	}
}

// startNATS starts a server with JetStream and returns its URL, and a file of credentials.
func startNATS(t *testing.T, dir, cert, key string) (url, creds string) {
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	pair := func(create func() (nkeys.KeyPair, error)) (nkeys.KeyPair, string) {
		k, err := create()
		check(err)
		public, err := k.PublicKey()
		check(err)
		return k, public
	}
	operatorKey, operatorName := pair(nkeys.CreateOperator)
	accountKey, accountName := pair(nkeys.CreateAccount)
	_, systemName := pair(nkeys.CreateAccount)
	userKey, userName := pair(nkeys.CreateUser)

	operator := jwt.NewOperatorClaims(operatorName)
	operator.SystemAccount = systemName
	resolver := &server.MemAccResolver{}
	for _, name := range []string{accountName, systemName} {
		account := jwt.NewAccountClaims(name)
		if name == accountName {
			account.Limits.JetStreamLimits = jwt.JetStreamLimits{MemoryStorage: -1, DiskStorage: -1, Streams: -1, Consumer: -1}
		}
		token, err := account.Encode(operatorKey)
		check(err)
		check(resolver.Store(name, token))
	}
	user, err := jwt.NewUserClaims(userName).Encode(accountKey)
	check(err)
	seed, err := userKey.Seed()
	check(err)
	text, err := jwt.FormatUserConfig(user, seed)
	check(err)
	creds = filepath.Join(dir, "me.creds")
	check(os.WriteFile(creds, text, 0o600))

	tlsPair, err := tls.LoadX509KeyPair(cert, key)
	check(err)
	s, err := server.NewServer(&server.Options{
		Host: "127.0.0.1", Port: server.RANDOM_PORT, JetStream: true, StoreDir: filepath.Join(dir, "nats"), NoSigs: true, NoLog: true,
		TLS: true, TLSConfig: &tls.Config{Certificates: []tls.Certificate{tlsPair}}, TLSTimeout: 10,
		TrustedOperators: []*jwt.OperatorClaims{operator}, SystemAccount: systemName, AccountResolver: resolver,
	})
	check(err)
	s.Start()
	t.Cleanup(func() {
		s.Shutdown()
		s.WaitForShutdown()
	})
	if !s.ReadyForConnections(10 * time.Second) {
		t.Fatal("the NATS server does not start")
	}
	return s.ClientURL(), creds
}
