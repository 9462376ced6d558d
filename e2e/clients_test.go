package e2e

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A service is elman serve with one small model, named play. One client may have 32 texts at a time.
type service struct {
	address   string
	folder    string
	elman     func(args ...string) string
	run, held string // the model, and a text that it has not seen
}

// perClient is how many texts one client may have written at a time.
const perClient = 32

// TestClients lets programs that people use talk to elman serve.
func TestClients(t *testing.T) {
	s := &service{elman: program(t), folder: t.TempDir()}
	text := filepath.Join(s.folder, "play.txt")
	s.run, s.held = filepath.Join(s.folder, "play"), filepath.Join(s.folder, "held.txt")
	for file, args := range map[string][]string{text: {"--size", "60000", "--seed", "7"}, s.held: {"--size", "1500", "--seed", "8"}} {
		s.write(t, file, s.elman(append([]string{"corpus", "play"}, args...)...))
	}
	s.elman("train", text, "--cell", "lstm", "--hidden", "48", "--layers", "2", "--steps-total", "150", "--out", s.run, "--quiet")
	s.address = served(t, s.folder, s.run, "--per-client", fmt.Sprint(perClient))
	t.Run("OpenAI for Go", s.openAIForGo)
	t.Run("OpenAI for JavaScript", s.openAIForJavaScript)
	t.Run("curl", s.curl)
	t.Run("lm-evaluation-harness", s.harness)
}

func (s *service) write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

// samples returns what elman sample writes.
func (s *service) samples(t *testing.T, args ...string) (texts []string) {
	t.Helper()
	for line := range strings.Lines(s.elman(append([]string{"sample", s.run, "--json"}, args...)...)) {
		var sample struct{ Text string }
		if err := json.Unmarshal([]byte(line), &sample); err != nil {
			t.Fatal(err)
		}
		texts = append(texts, sample.Text)
	}
	return texts
}

// bits returns what elman score tells of each symbol of a text.
func (s *service) bits(t *testing.T, text string) (all []float64) {
	t.Helper()
	file := filepath.Join(s.folder, "scored.txt")
	s.write(t, file, text)
	for line := range strings.Lines(s.elman("score", s.run, file, "--per", "symbol", "--format", "json")) {
		var symbol struct{ Bits float64 }
		if err := json.Unmarshal([]byte(line), &symbol); err != nil {
			t.Fatal(err)
		}
		all = append(all, symbol.Bits)
	}
	return all
}

// asScored returns the bits of a natural logarithm as elman score tells them: in units of 1/2^24, so that parts add up exactly.
func asScored(logprob float64) float64 { return math.Round(-logprob/math.Ln2*(1<<24)) / (1 << 24) }

// metric returns a line of /metrics, without its name and labels: "" if there is none.
func (s *service) metric(t *testing.T, name string) string {
	t.Helper()
	r, err := http.Get(s.address + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	all, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(all)) {
		if value, ok := strings.CutPrefix(line, name+" "); ok {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

const (
	rowsRunning = `elman_rows_running{model="play"}`
	gone        = `elman_requests_total{route="POST /v1/completions",status="499"}`
)

// becomes waits until a metric has a value.
func (s *service) becomes(t *testing.T, name, want string) {
	t.Helper()
	got := ""
	for range 600 {
		if got = s.metric(t, name); got == want {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("%s is %q, want %q", name, got, want)
}
