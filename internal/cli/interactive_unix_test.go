//go:build unix

package cli_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// trained trains a small model of a text and returns its folder.
func trained(t *testing.T, text string, more ...string) string {
	t.Helper()
	folder := t.TempDir()
	file, run := filepath.Join(folder, "text"), filepath.Join(folder, "run")
	if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	args := append([]string{"train", file, "--hidden", "16", "--window", "8", "--steps-total", "80", "--out", run, "--quiet"}, more...)
	if out, err := exec.Command("elman", args...).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return run
}

// TestInteractiveScore: the text that was written together has the bits that elman score gives it.
func TestInteractiveScore(t *testing.T) {
	t.Parallel()
	run := trained(t, strings.Repeat("the cat sat on the mat\na cat\n", 20))
	c := exec.Command("elman", "sample", run, "--interactive", "--length", "1000")
	c.Stdin = strings.NewReader("the\n\na c\n:again\n:undo\n:more 3\n:score\n")
	out, err := c.Output()
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(strings.TrimSuffix(string(out), "\n"), "\n")
	if len(lines) != 8 {
		t.Fatalf("%d lines, want 4 + 3 and the score: %q", len(lines), out)
	}
	text, said := strings.Join(lines[:2], "")+strings.Join(lines[4:7], ""), lines[7]
	score := exec.Command("elman", "score", run, "-")
	score.Stdin = strings.NewReader(text)
	want, err := score.Output()
	if err != nil {
		t.Fatal(err)
	}
	figures := regexp.MustCompile(`\d+ symbols, [\d.]+ bits`).FindString(said)
	if figures == "" || !strings.Contains(string(want), figures) {
		t.Errorf("the text %q has, by :score, %q; by elman score %q", text, said, want)
	}
}

// TestInteractiveLine: each line is answered when it comes, before the next.
func TestInteractiveLine(t *testing.T) {
	d := startDialogue(t, t.TempDir(), "sample", trained(t, strings.Repeat("the cat\n", 20)), "--interactive", "--length", "50")
	for _, line := range []string{"the", "t"} {
		d.say(line + "\n")
		if got := d.hear(); !strings.HasPrefix(got, line) {
			t.Errorf("%q is answered with %q", line, got)
		}
	}
	d.in.Close()
	if rest, code := d.end(); rest != "" || code != 0 || d.errors.String() != "" {
		t.Errorf("exit code %d, told %q and %q; want 0 and no more", code, rest, d.errors.String())
	}
}

// TestInteractiveTerminal talks to a model at a terminal.
func TestInteractiveTerminal(t *testing.T) {
	t.Parallel()
	run := trained(t, strings.Repeat("the cat sat on the mat\n", 20))
	for _, colours := range []string{"NO_COLOR=", "NO_COLOR=1"} {
		c := onTerminal(t, 80, 40, []string{colours}, "elman", "sample", run, "--interactive", "--length", "60")
		enter := func(line string) {
			for _, key := range []byte(line + "\r") {
				c.press(key)
			}
		}
		c.await(false, "Begin a line, and the model ends it.", "\n>")
		enter("the c")
		c.await(false, "> the c\nthe c")
		enter(":foo")
		c.await(false, `unknown command ":foo"; :help lists them`)
		enter(":temp 0.5")
		c.await(false, ":temperature is 0.5\n>")
		enter(":undo")
		c.await(false, "taken back: nothing is left")
		enter(":score")
		c.await(false, "0 symbols, 0.00 bits")
		c.press(ctrlD)
		state, screen := c.end()
		coloured := regexp.MustCompile("\x1b\\[48;").MatchString(c.raw.String())
		if state.ExitCode() != 0 || coloured != (colours == "NO_COLOR=") {
			t.Errorf("%s: exit code %d, coloured %v; the screen shows\n%s", colours, state.ExitCode(), coloured, screen)
		}
	}
}

// TestInteractiveInterrupt: a Ctrl-C ends a line that has no end, and at the prompt the program.
func TestInteractiveInterrupt(t *testing.T) {
	t.Parallel()
	c := onTerminal(t, 80, 40, []string{"NO_COLOR=1"}, "elman", "sample", trained(t, strings.Repeat("ababab", 40), "--closed"), "--interactive", "--length", "1000000000")
	c.await(false, "\n>")
	for _, key := range []byte("ab\r") {
		c.press(key)
	}
	c.await(false, "abababababababab")
	c.press(ctrlC)
	for _, key := range []byte(":temperature\r") {
		c.press(key)
	}
	c.await(false, ":temperature is 1\n>")
	c.press(ctrlC)
	if state, screen := c.end(); state.ExitCode() != 130 || !strings.Contains(screen, "elman: interrupted") {
		t.Errorf("exit code %d after Ctrl-C, want 130; the screen shows\n%s", state.ExitCode(), screen)
	}
}

// awaitPrompt waits until the program asks for a line.
func (c *console) awaitPrompt() {
	c.t.Helper()
	late := time.After(time.Minute)
	for {
		c.mu.Lock()
		raw, changed := c.raw.String(), c.changed
		c.mu.Unlock()
		if strings.HasSuffix(regexp.MustCompile("\x1b\\[[0-9;]*m").ReplaceAllString(raw, ""), "\n> ") {
			return
		}
		select {
		case <-changed:
		case <-c.ended:
			c.t.Fatalf("the program has ended without a prompt: %q", raw)
		case <-late:
			c.program.Process.Kill()
			c.t.Fatalf("no prompt: %q", raw)
		}
	}
}

// TestInteractiveIsSafe: nothing that is typed or drawn is obeyed by the terminal, with colours and without.
func TestInteractiveIsSafe(t *testing.T) {
	t.Parallel()
	const evil = "\x1b]0;pwned\a\x9b5m\u009b6n\u202e\x7f\u200b"
	run := trained(t, strings.Repeat(evil+"\n", 50), "--symbols", "bytes")
	obeyed := regexp.MustCompile("\x1b[^\\[]|\x1b\\[[0-9;]*[^0-9;m]|[\x00-\x08\x0b\x0c\x0e-\x1a\x7f\u0080-\u009f\u200b\u2028-\u202e]")
	for _, colours := range []string{"NO_COLOR=", "NO_COLOR=1"} {
		c := onTerminal(t, 80, 40, []string{colours}, "elman", "sample", run, "--interactive", "--length", "300")
		for _, line := range []string{"]", ":more", ":top", ":undo", ":\u009b", ":quit"} {
			c.awaitPrompt() // or what is typed is echoed in the middle of a sample
			for _, key := range []byte(line + "\r") {
				c.press(key)
			}
		}
		if _, screen := c.end(); strings.Count(screen, "\n>") < 4 {
			t.Errorf("%s: the screen shows\n%s", colours, screen)
		}
		raw := strings.ReplaceAll(c.raw.String(), ":\u009b", "") // the terminal's own echo
		if !utf8.ValidString(raw) || obeyed.MatchString(raw) {
			t.Errorf("%s: the terminal gets %q in %q", colours, obeyed.FindString(raw), raw)
		}
	}
}
