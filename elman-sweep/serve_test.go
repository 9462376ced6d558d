package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gofrs/flock"

	"github.com/seed-f4dd853e/elman/elman-sweep/study"
)

// TestUsage makes sure that no flag is without effect silently.
func TestUsage(t *testing.T) {
	for _, tt := range []struct{ line, want string }{
		{"serve s.toml --nats nats://x --listen 0.0.0.0:1", "--listen is for a server of its own"},
		{"serve s.toml --nats nats://x --token a", "--token is for a server of its own"},
		{"serve s.toml --nats nats://x --tls-cert a --tls-key b", "--tls-cert is for a server of its own"},
		{"frob s.toml", `unknown command "frob"`},
		{"serve s.toml --creds a", "--creds is for the server of --nats"},
		{"serve s.toml --tls-ca a", "--tls-ca is for the server of --nats"},
		{"one s.toml --threads 0", "--threads must be at least 1"},
		{"one s.toml --index 1 --index-env X", "leave out one"},
	} {
		out, err := program(t, t.TempDir(), append([]string{"elman-sweep"}, strings.Fields(tt.line)...)...)
		if err == nil || err.Error() != "exit status 2" || !strings.Contains(out, tt.want) {
			t.Errorf("%s: got %v and %s, want an error of usage: %s", tt.line, err, out, tt.want)
		}
	}
}

// TestToken makes sure that a file which a kill left empty does not let everybody in.
func TestToken(t *testing.T) {
	p := &project{folder: t.TempDir()}
	path := filepath.Join(p.folder, "token")
	if err := os.WriteFile(path, []byte("\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	first, err := p.ownToken()
	if err != nil || len(first) < 20 {
		t.Fatalf("the token is %q (%v)", first, err)
	}
	if again, err := p.ownToken(); err != nil || again != first {
		t.Errorf("the token is %q (%v), was %q", again, err, first)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm()&0o077 != 0 && os.PathSeparator == '/' {
		t.Errorf("others can read the token: %v (%v)", info.Mode(), err)
	}
	if left, _ := os.ReadDir(p.folder); len(left) != 1 {
		t.Errorf("the folder has %v", left)
	}
}

// TestCommand makes sure that what a server prints is all that another machine needs.
func TestCommand(t *testing.T) {
	f := &serveFlags{cluster: clusterFlags{name: "two cells", creds: "me.creds"}}
	f.tellCommand("tls://nats.example.org")
	if want := "elman-sweep work tls://nats.example.org --creds me.creds --name 'two cells'"; f.command != want {
		t.Errorf("got %s, want %s", f.command, want)
	}
}

// TestLock tells a folder in use from one that cannot be locked.
func TestLock(t *testing.T) {
	p := &project{folder: t.TempDir()}
	other := flock.New(filepath.Join(p.folder, "lock"))
	if ok, err := other.TryLock(); !ok || err != nil {
		t.Fatal(ok, err)
	}
	if _, err := p.lock(); err == nil || !strings.Contains(err.Error(), "another elman-sweep works") {
		t.Errorf("a folder in use: %v", err)
	}
	other.Close()
	p.folder = filepath.Join(p.folder, "none")
	if _, err := p.lock(); err == nil || !strings.Contains(err.Error(), "cannot be locked") {
		t.Errorf("no folder: %v", err)
	}
}

// TestWhere finds a text that has another name than in the queue.
func TestWhere(t *testing.T) {
	p := &project{Study: &study.Study{Runs: []study.Run{{Task: study.Task{Texts: []study.File{{Name: "new.txt", SHA256: "1", Path: "/a/new.txt"}}}}}}}
	if got := p.where()(study.File{Name: "old.txt", SHA256: "1"}); got != "/a/new.txt" {
		t.Errorf("the text lies at %q", got)
	}
}

// TestFaults makes sure that a report has the faults, or says why not.
func TestFaults(t *testing.T) {
	p := &project{folder: t.TempDir()}
	path := filepath.Join(p.folder, faultsName)
	if got := readFaults(path); got != "" {
		t.Errorf("without faults: %q", got)
	}
	for range 2 {
		if err := p.logFault("attic is refused"); err != nil {
			t.Fatal(err)
		}
	}
	if got := readFaults(path); strings.Count(got, "attic is refused\n") != 2 {
		t.Errorf("two faults: %q", got)
	}
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	f.WriteString(strings.Repeat(strings.Repeat("x", 1023)+"\n", 17<<10) + "the end\n")
	f.Close()
	if got := readFaults(path); !strings.HasPrefix(got, "The last of the faults in faults.log:\nxx") || !strings.HasSuffix(got, "\nthe end\n") || len(got) > mostFaults+100 {
		t.Errorf("%d bytes of 17 MB: %.100q", len(got), got)
	}
	os.Remove(path)
	os.Mkdir(path, 0o777)
	if got := readFaults(path); !strings.Contains(got, "cannot be read") {
		t.Errorf("no file: %q", got)
	}
	if p.logFault("x") == nil {
		t.Error("a fault that could not be written is not told")
	}
}
