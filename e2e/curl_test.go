package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// A curlAnswer is what curl got, of the fields that are checked.
type curlAnswer struct {
	Fingerprint string `json:"system_fingerprint"`
	Choices     []struct{ Text string }
	Error       struct{ Message string }
	Sum         struct{ Bits float64 }
	Top         []struct{ Text string }
}

// curl runs each command with curl that docs/serving.md shows, in a shell, with another address.
func (s *service) curl(t *testing.T) {
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("LEFT OUT: the commands of docs/serving.md were not tried: there is no curl")
	}
	doc, err := os.ReadFile("../docs/serving.md")
	if err != nil {
		t.Fatal(err)
	}
	commands := regexp.MustCompile(`(?m)^\$ (curl (?:.*\\\n)*.*)$`).FindAllStringSubmatch(string(doc), -1)
	var got []curlAnswer
	for _, c := range commands {
		out, err := exec.Command("sh", "-c", strings.ReplaceAll(c[1], "localhost:8080", strings.TrimPrefix(s.address, "http://"))).Output()
		if err != nil {
			t.Fatalf("%s: %v", c[1], err)
		}
		var a curlAnswer
		if err := json.Unmarshal(out, &a); err != nil {
			t.Fatalf("%s: %v: %s", c[1], err, out)
		}
		got = append(got, a)
	}
	if len(got) != 4 {
		t.Fatalf("docs/serving.md has %d commands with curl, want 4", len(got))
	}
	complete, refused, score, next := got[0], got[1], got[2], got[3]
	want := s.samples(t, "--prompt", "DUCHESS:", "--length", "60", "--temperature", "0.5", "--seed", "2")[0]
	if "DUCHESS:"+complete.Choices[0].Text != want {
		t.Errorf("the completion is %q, elman sample writes %q", complete.Choices[0].Text, want)
	}
	if !strings.Contains(string(doc), fmt.Sprintf("%q", refused.Error.Message)) {
		t.Errorf("docs/serving.md does not show the error %q", refused.Error.Message)
	}
	sum := 0.0
	for _, b := range s.bits(t, "The king is here.") {
		sum += b
	}
	if score.Sum.Bits != sum {
		t.Errorf("the text has %v bits, elman score tells %v", score.Sum.Bits, sum)
	}
	if hash := strings.Fields(s.elman("hash", s.run))[0]; len(next.Top) != 2 || next.Fingerprint != hash || score.Fingerprint != hash {
		t.Errorf("the next symbols are %+v", next)
	}
}
