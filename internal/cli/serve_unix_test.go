//go:build unix

package cli_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/rnn"
)

// A serving is elman serve as a program of its own.
type serving struct {
	t       *testing.T
	program *exec.Cmd
	url     string
	log     bytes.Buffer
	ended   chan error
}

// wildModel writes a model with weights drawn far apart.
func wildModel(t *testing.T, file string, documents corpus.Documents, seed uint64) *model.Model {
	t.Helper()
	o := corpus.Defaults()
	o.Documents = documents
	c, err := corpus.New(corpus.FromBytes("text", []byte(strings.Repeat("Shall I compare thee?\nThou art!\n", 5))), o)
	if err != nil {
		t.Fatal(err)
	}
	network, err := rnn.New(rnn.Config{Symbols: c.Alphabet.Size(), Hidden: 13, Cell: "gru"})
	if err != nil {
		t.Fatal(err)
	}
	network.Init(rnn.Init{Normal: 0.7}, seed)
	m := &model.Model{Network: network, Alphabet: c.Alphabet, Documents: documents}
	if err := m.Save(file); err != nil {
		t.Fatal(err)
	}
	return m
}

// startServing starts the program, in a session of its own: without a terminal, or if tty is not nil with that.
func startServing(t *testing.T, tty *os.File, args ...string) *serving {
	t.Helper()
	s := &serving{t: t, program: exec.Command("elman", append([]string{"serve", "--listen", "127.0.0.1:0", "--drain", "1h"}, args...)...), ended: make(chan error, 1)}
	s.program.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	s.program.Stderr = &s.log
	if tty != nil {
		s.program.Stdin, s.program.SysProcAttr.Setctty = tty, true
	}
	out, err := s.program.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.program.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if s.url = strings.TrimSpace(line); !strings.HasPrefix(s.url, "http://127.0.0.1:") {
		t.Fatalf("it says %q, %v: %s", line, err, s.log.String())
	}
	go func() { s.ended <- s.program.Wait() }()
	t.Cleanup(func() { s.program.Process.Kill() })
	return s
}

func (s *serving) post(path string, body, answer any) {
	s.t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		s.t.Fatal(err)
	}
	a, err := http.Post(s.url+path, "application/json", bytes.NewReader(text))
	if err != nil {
		s.t.Fatal(err)
	}
	defer a.Body.Close()
	text, err = io.ReadAll(a.Body)
	if err != nil || a.StatusCode != 200 || json.Unmarshal(text, answer) != nil {
		s.t.Fatalf("%s: %d %s, %v", path, a.StatusCode, text, err)
	}
}

type completion struct {
	Fingerprint string `json:"system_fingerprint"`
	Choices     []struct{ Text string }
}

// end sends a signal and wants the program to end well, and soon.
func (s *serving) end(signal syscall.Signal) {
	s.t.Helper()
	s.program.Process.Signal(signal)
	select {
	case err := <-s.ended:
		if err != nil {
			s.t.Errorf("%v: %v\n%s", signal, err, s.log.String())
		}
	case <-time.After(10 * time.Minute):
		s.t.Errorf("%v does not end it", signal)
	}
}

// command runs elman and returns the objects that it prints.
func command(t *testing.T, args ...string) (objects []map[string]any) {
	t.Helper()
	out, err := exec.Command("elman", args...).Output()
	if err != nil {
		t.Fatalf("elman %q: %v", args, err)
	}
	for line := range strings.Lines(string(out)) {
		var x map[string]any
		if err := json.Unmarshal([]byte(line), &x); err != nil {
			t.Fatalf("elman %q: %v in %s", args, err, line)
		}
		objects = append(objects, x)
	}
	return objects
}

// TestServeIsScoreAndSample: what is served has the numbers of elman score and next and the texts of elman sample, to the last digit.
func TestServeIsScoreAndSample(t *testing.T) {
	text := "  Shall\n\nI compare zebras\tto 世界? \n thee!\n\n  Thou art"
	for _, documents := range corpus.DocumentKinds() {
		folder := t.TempDir()
		file, textFile := filepath.Join(folder, "wild"), filepath.Join(folder, "text")
		wildModel(t, file, documents, 1)
		if err := os.WriteFile(textFile, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		s := startServing(t, nil, file, "--log", "off")
		type object = map[string]any
		for per, field := range map[string]string{"file": "", "line": "lines", "word": "words", "symbol": "symbols"} {
			args, q := []string{"score", file, textFile, "--format", "json", "--per", per}, object{"text": text, "per": per}
			if per == "file" {
				delete(q, "per")
			}
			if per == "symbol" {
				args, q["top"] = append(args, "--top", "3"), 3
			}
			var a object
			s.post("/score", q, &a)
			want := command(t, args...)
			var got []any
			if field == "" {
				got = []any{a["sum"]}
			} else {
				got = a[field].([]any)
			}
			if per == "word" && a["lead_bits"] != nil { // which the command tells in a row of its own
				if want[0]["space_bits"] != a["lead_bits"] || want[0]["bits"] != nil {
					t.Errorf("%s: white space before all words has %v bits, in the table %v", documents, a["lead_bits"], want[0])
				}
				want = want[1:]
			}
			if len(got) != len(want) {
				t.Fatalf("%s, per %s: %d, elman score has %d", documents, per, len(got), len(want))
			}
			for i := range want {
				g := got[i].(object)
				for _, key := range []string{"file", "model", "best", "offset", "id"} {
					delete(want[i], key)
					delete(g, key)
				}
				if per == "symbol" { // it is called text where it is served, as in /next
					g["symbol"] = g["text"]
					delete(g, "text")
					for _, x := range g["top"].([]any) {
						x := x.(object)
						x["symbol"] = x["text"]
						delete(x, "text")
						delete(x, "id")
					}
				}
				if want[i]["hex"] == "" {
					delete(want[i], "hex")
				}
				if !reflect.DeepEqual(g, want[i]) {
					t.Errorf("%s, per %s, %d:\n%v\nelman score:\n%v", documents, per, i, g, want[i])
				}
			}
		}
		var next struct{ Top []object }
		s.post("/next", object{"text": "Thou ", "top": 0}, &next)
		for i, want := range command(t, "next", file, "--prompt", "Thou ", "--top", "0", "--json") {
			g := maps.Clone(next.Top[i])
			g["symbol"] = g["text"]
			delete(g, "text")
			delete(g, "id")
			if !reflect.DeepEqual(g, want) {
				t.Errorf("next %d: %v, elman next %v", i, g, want)
			}
		}
		var c completion
		s.post("/v1/completions", object{"prompt": "Thou ", "n": 3, "max_tokens": 50, "seed": 5, "temperature": 0.8, "top_k": 9, "stop": []string{"I", "ou"}}, &c)
		for i, want := range command(t, "sample", file, "--prompt", "Thou ", "--count", "3", "--length", "50", "--seed", "5", "--temperature", "0.8", "--top-k", "9", "--stop", "I", "--stop", "ou", "--json") {
			if got := "Thou " + c.Choices[i].Text; got != want["text"] {
				t.Errorf("sample %d: %q, elman sample %q", i, got, want["text"])
			}
		}
		s.end(syscall.SIGTERM)
	}
}

// TestServeSignals: SIGTERM, Ctrl-C and the loss of the terminal let a request finish. Without a terminal SIGHUP reads the model again.
func TestServeSignals(t *testing.T) {
	file := filepath.Join(t.TempDir(), "wild")
	first := wildModel(t, file, corpus.Whole, 1)
	q := map[string]any{"max_tokens": 60000, "seed": 3}
	var want completion
	tty := func() (screen, other *os.File) {
		screen, other, err := pty.Open()
		if err != nil {
			t.Skipf("no pseudo-terminals: %v", err)
		}
		t.Cleanup(func() { screen.Close(); other.Close() })
		return screen, other
	}
	for _, how := range []string{"SIGTERM", "SIGINT", "terminal"} {
		var screen, other *os.File
		if how == "terminal" {
			screen, other = tty()
		}
		s := startServing(t, other, file, "--log", "off")
		if want.Choices == nil {
			s.post("/v1/completions", q, &want)
		}
		answered := make(chan completion, 1)
		go func() {
			var c completion
			s.post("/v1/completions", q, &c)
			answered <- c
		}()
		for { // until it is under way
			a, err := http.Get(s.url + "/metrics")
			if err != nil {
				t.Fatal(err)
			}
			text, _ := io.ReadAll(a.Body)
			a.Body.Close()
			if strings.Contains(string(text), "elman_requests_running 2") {
				break
			}
		}
		switch how {
		case "SIGTERM":
			s.end(syscall.SIGTERM)
		case "SIGINT":
			s.end(syscall.SIGINT)
		default:
			other.Close()
			screen.Close()
			s.end(0)
		}
		if c := <-answered; len(c.Choices) != 1 || c.Choices[0].Text != want.Choices[0].Text {
			t.Errorf("%s: the answer is not whole", how)
		}
	}

	s := startServing(t, nil, file, "--log", "json")
	var c completion
	if s.post("/v1/completions", map[string]any{}, &c); c.Fingerprint != first.Hash() {
		t.Errorf("the model is %s", c.Fingerprint)
	}
	second := wildModel(t, file, corpus.Whole, 2)
	s.program.Process.Signal(syscall.SIGHUP)
	for range 6000 {
		if s.post("/v1/completions", map[string]any{}, &c); c.Fingerprint == second.Hash() {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if c.Fingerprint != second.Hash() {
		t.Error("SIGHUP does not load the model again")
	}
	s.end(syscall.SIGTERM)
	for _, want := range []string{`"msg":"model loaded","model":"wild"`, fmt.Sprintf("%q", second.Hash()), `"msg":"reloaded"`, `"msg":"ended"`} {
		if !strings.Contains(s.log.String(), want) {
			t.Errorf("no %s in the log:\n%s", want, s.log.String())
		}
	}
}
