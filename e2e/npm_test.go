package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// openAIVersions are those of npm's openai that are tried: the last of each line that people use.
var openAIVersions = []string{"6.49.0", "7.59.0"}

// npm installs packages of npm in a folder.
func npm(folder string, packages ...string) error {
	program, err := exec.LookPath("npm")
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(folder, "package.json"), []byte("{}"), 0o666); err != nil { // else npm looks for one above
		return err
	}
	install := exec.Command(program, append([]string{"install", "--ignore-scripts", "--no-audit", "--no-fund"}, packages...)...)
	install.Dir = folder
	if out, err := install.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %.300s", err, out)
	}
	return nil
}

// openAIForJavaScript uses OpenAI's own library for JavaScript. testdata/openai.mjs checks what needs nothing of elman beside the server.
func (s *service) openAIForJavaScript(t *testing.T) {
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("LEFT OUT: OpenAI's library for JavaScript was not tried: there is no node")
	}
	script, err := os.ReadFile("testdata/openai.mjs")
	if err != nil {
		t.Fatal(err)
	}
	want := s.samples(t, "--prompt", "ROMEO:\nThe", "--length", "60", "--temperature", "0.8", "--seed", "7", "--count", "2")
	for _, version := range openAIVersions {
		t.Run(version, func(t *testing.T) {
			folder := t.TempDir()
			s.write(t, filepath.Join(folder, "openai.mjs"), string(script))
			if err := npm(folder, "openai@"+version); err != nil {
				t.Skipf("LEFT OUT: openai@%s was not tried: %v", version, err)
			}
			before := s.metric(t, gone)
			c := exec.Command(node, "openai.mjs", s.address)
			c.Dir = folder
			c.Stderr = os.Stderr
			out, err := c.Output()
			if err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			var got struct{ Texts, Faults []string }
			if err := json.Unmarshal(out, &got); err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			if !slices.Equal(got.Texts, want) {
				t.Errorf("it got %q, elman sample writes %q", got.Texts, want)
			}
			if len(got.Faults) > 0 {
				t.Error(strings.Join(got.Faults, "\n"))
			}
			s.becomes(t, rowsRunning, "0")
			s.becomes(t, gone, oneMore(before))
		})
	}
}
