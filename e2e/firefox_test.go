package e2e

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// A marionette is a Firefox that obeys: each message is its length, a colon and a JSON list.
// https://firefox-source-docs.mozilla.org/testing/marionette/Protocol.html
type marionette struct {
	t    *testing.T
	in   *bufio.Reader
	out  net.Conn
	sent int
}

// firefox starts a browser without a window, or skips the test.
func firefox(t *testing.T) *marionette {
	t.Helper()
	var program string
	for _, name := range []string{"firefox-esr", "firefox"} {
		if path, err := exec.LookPath(name); err == nil {
			program = path
			break
		}
	}
	if program == "" {
		t.Skip("there is no firefox here: the page was not opened in it")
	}
	profile := t.TempDir()
	settings := "user_pref(\"marionette.port\", 0);\nuser_pref(\"datareporting.policy.dataSubmissionEnabled\", false);\nuser_pref(\"app.update.enabled\", false);\nuser_pref(\"browser.safebrowsing.update.enabled\", false);\n"
	if err := os.WriteFile(filepath.Join(profile, "user.js"), []byte(settings), 0o666); err != nil {
		t.Fatal(err)
	}
	c := exec.Command(program, "--headless", "--marionette", "--no-remote", "--profile", profile, "about:blank")
	c.Env = append(os.Environ(), "MOZ_HEADLESS=1", "HOME="+profile)
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Process.Kill(); c.Wait() })
	m := &marionette{t: t}
	for range 600 {
		port, err := os.ReadFile(filepath.Join(profile, "MarionetteActivePort"))
		if err == nil {
			if m.out, err = net.Dial("tcp", "127.0.0.1:"+strings.TrimSpace(string(port))); err == nil {
				break
			}
		}
		time.Sleep(100 * time.Millisecond)
	}
	if m.out == nil {
		t.Fatal("firefox does not listen")
	}
	m.out.SetDeadline(time.Now().Add(5 * time.Minute))
	m.in = bufio.NewReader(m.out)
	m.receive() // its greeting
	m.do("WebDriver:NewSession", map[string]any{})
	t.Cleanup(func() { m.out.Close() })
	return m
}

func (m *marionette) receive() []byte {
	m.t.Helper()
	length, err := m.in.ReadString(':')
	if err != nil {
		m.t.Fatal(err)
	}
	n, err := strconv.Atoi(strings.TrimSuffix(length, ":"))
	if err != nil || n > 1<<24 {
		m.t.Fatalf("a message of %q bytes: %v", length, err)
	}
	b := make([]byte, n)
	if _, err := io.ReadFull(m.in, b); err != nil {
		m.t.Fatal(err)
	}
	return b
}

// do sends a command and returns its result.
func (m *marionette) do(command string, with map[string]any) json.RawMessage {
	m.t.Helper()
	m.sent++
	text, err := json.Marshal([]any{0, m.sent, command, with})
	if err != nil {
		m.t.Fatal(err)
	}
	if _, err := fmt.Fprintf(m.out, "%d:%s", len(text), text); err != nil {
		m.t.Fatal(err)
	}
	var answer [4]json.RawMessage // 1, number, error, result
	if err := json.Unmarshal(m.receive(), &answer); err != nil {
		m.t.Fatal(err)
	}
	if string(answer[2]) != "null" {
		m.t.Fatalf("%s: %s", command, answer[2])
	}
	return answer[3]
}

// text evaluates an expression that is a text.
func (m *marionette) text(expression string) string {
	m.t.Helper()
	var result struct{ Value string }
	got := m.do("WebDriver:ExecuteScript", map[string]any{"script": "return String(" + expression + ")", "args": []any{}})
	if err := json.Unmarshal(got, &result); err != nil {
		m.t.Fatal(err)
	}
	return result.Value
}

// until waits for a condition.
func (m *marionette) until(condition string) {
	m.t.Helper()
	for range 1200 {
		if m.text(condition) == "true" {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	m.t.Fatalf("not in two minutes: %s; the page says %q", condition, m.text(`document.querySelector("#problem").textContent`))
}

// TestTabInFirefox: the link that TestTab opens in Chromium gives the same weights there, and those of the command line.
func TestTabInFirefox(t *testing.T) {
	m := firefox(t)
	address, elman := tabSite(t)
	m.do("WebDriver:Navigate", map[string]any{"url": address + "/" + lesson})
	m.until(`document.body.dataset.ready === "yes"`)
	m.text(`document.querySelector("#learn-go").click()`)
	m.until(`document.querySelector("#problem").textContent !== "" || /^[0-9a-f]{64}$/.test(document.querySelector("#hash").textContent)`)
	if problem := m.text(`document.querySelector("#problem").textContent`); problem != "" {
		t.Fatal(problem)
	}
	m.text(`(window.probe = new Worker("worker.mjs", { type: "module" }), window.probe.onmessage = (e) => { window.kernels = e.data.ready?.kernels ?? e.data.failed; })`)
	m.until(`!!window.kernels`)
	t.Log(m.text(`navigator.userAgent`), m.text(`window.kernels`), "kernels;", m.text(`document.querySelector("#learn-status").textContent`))
	run := filepath.Join(t.TempDir(), "run")
	elman(append(strings.Fields(m.text(`document.querySelector("#command").textContent`))[1:], "--out", run, "--quiet")...)
	if got, want := m.text(`document.querySelector("#hash").textContent`), strings.TrimSpace(elman("hash", run)); got != want {
		t.Errorf("firefox learned %s, elman train %s", got, want)
	}
}
