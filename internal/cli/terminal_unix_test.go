//go:build unix

package cli_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/charmbracelet/x/term"
	"github.com/charmbracelet/x/vt"
	"github.com/creack/pty"

	"github.com/seed-f4dd853e/elman/model"
)

// A console is a program on a terminal of its own, which shows what the program writes as a real one would.
type console struct {
	t       *testing.T
	program *exec.Cmd
	master  *os.File
	line    *os.File // the program's end
	before  *term.State
	ended   chan struct{} // closed when all that the program wrote is on the screen

	mu      sync.Mutex
	changed chan struct{} // closed when the screen changes
	screen  *vt.Emulator
	hidden  bool // the cursor
	raw     bytes.Buffer
}

// onTerminal starts a program in a new folder. The environment gets more variables.
func onTerminal(t *testing.T, width, height int, environ []string, args ...string) *console {
	t.Helper()
	c := &console{t: t, changed: make(chan struct{}), ended: make(chan struct{}), screen: vt.NewEmulator(width, height)}
	c.screen.SetCallbacks(vt.Callbacks{CursorVisibility: func(visible bool) { c.hidden = !visible }})
	var err error
	if c.master, c.line, err = pty.Open(); err != nil {
		t.Skip("no terminals here: ", err)
	}
	c.check(pty.Setsize(c.line, &pty.Winsize{Cols: uint16(width), Rows: uint16(height)}))
	c.before, err = term.GetState(c.line.Fd())
	c.check(err)
	c.program = exec.Command(args[0], args[1:]...)
	c.program.Stdin, c.program.Stdout, c.program.Stderr = c.line, c.line, c.line
	c.program.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	c.program.Env = append(append(os.Environ(), "TERM=xterm-256color", "LC_ALL=C.UTF-8", "NO_COLOR=", "TERM_PROGRAM=", "SSH_TTY=", "GORACE=atexit_sleep_ms=0"), environ...)
	c.program.Dir = t.TempDir()
	c.check(c.program.Start())
	go c.read()
	go c.answer()
	return c
}

func (c *console) check(err error) {
	c.t.Helper()
	if err != nil {
		c.t.Fatal(err)
	}
}

// read brings what the program writes to the screen.
func (c *console) read() {
	defer close(c.ended)
	b := make([]byte, 1<<16)
	for {
		n, err := c.master.Read(b)
		c.mu.Lock()
		c.raw.Write(b[:n])
		c.screen.Write(b[:n])
		close(c.changed)
		c.changed = make(chan struct{})
		c.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// answer types what a terminal answers by itself.
func (c *console) answer() {
	b := make([]byte, 1<<10)
	for {
		n, err := c.screen.Read(b)
		if err != nil {
			return
		}
		c.master.Write(b[:n])
	}
}

// await waits until the screen, or the window of a panel, shows all texts.
func (c *console) await(panel bool, texts ...string) string {
	c.t.Helper()
	late := time.After(time.Minute)
	for {
		c.mu.Lock()
		shown, changed, window := c.screen.String(), c.changed, c.screen.IsAltScreen()
		c.mu.Unlock()
		if window == panel && containsAll(shown, texts) {
			return shown
		}
		select {
		case <-changed:
		case <-c.ended:
			c.t.Fatalf("the program has ended, and the screen does not show %q but\n%s", texts, shown)
		case <-late:
			c.program.Process.Kill()
			c.t.Fatalf("the screen does not show %q but\n%s", texts, shown)
		}
	}
}

func containsAll(text string, parts []string) bool {
	for _, part := range parts {
		if !strings.Contains(text, part) {
			return false
		}
	}
	return true
}

// press types a key.
func (c *console) press(key byte) {
	c.t.Helper()
	_, err := c.master.Write([]byte{key})
	c.check(err)
}

// end waits for the end of the program, wants the terminal as it was before, and returns how it ended and what is on the
// screen.
func (c *console) end() (*os.ProcessState, string) {
	c.t.Helper()
	c.program.Wait()
	after, err := term.GetState(c.line.Fd())
	c.check(err)
	if !reflect.DeepEqual(after, c.before) {
		c.t.Errorf("the terminal's state is %+v, before it was %+v", after, c.before)
	}
	c.line.Close()
	<-c.ended
	c.master.Close()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.hidden || c.screen.IsAltScreen() {
		c.t.Errorf("cursor hidden %v, alternative screen %v; want neither", c.hidden, c.screen.IsAltScreen())
	}
	return c.program.ProcessState, c.screen.String()
}

const ctrlC, ctrlD, ctrlZ = 3, 4, 26

// endless is a training that goes on until it is stopped.
var endless = []string{"elman", "train", "--language", "letters", "--size", "20000", "--hidden", "4", "--optimizer", "adam", "--report-every", "100", "--threads", "1",
	"--steps-total", "1000000000", "--out", "run"}

// TestPanelInterrupted stops a training from its panel, by key and by signals; it ends as it does without a panel.
func TestPanelInterrupted(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		stop func(*console)
	}{
		{"Ctrl-C", func(c *console) { c.press(ctrlC) }},
		{"SIGTERM", func(c *console) { c.check(c.program.Process.Signal(syscall.SIGTERM)) }},
		{"SIGHUP", func(c *console) { c.check(c.program.Process.Signal(syscall.SIGHUP)) }},
	} {
		c := onTerminal(t, 160, 40, nil, endless...)
		c.await(true, "elman train: letters, run folder run", "best validation", "── training  ╌╌ validation", "sample of step", "symbols/s")
		tt.stop(c)
		state, screen := c.end()
		if state.ExitCode() != 130 {
			t.Errorf("%s: exit code %d, want 130", tt.name, state.ExitCode())
		}
		if want := []string{"letters: 18", "run folder run; Ctrl-C saves", "nats", "elman: interrupted; the run is saved: repeat the command with --out run --resume to go on"}; !containsAll(screen, want) ||
			strings.Count(screen, "\nstep ") != 1 || strings.Contains(screen, "^C") {
			t.Errorf("%s: the screen does not show %q and one report but\n%s", tt.name, want, screen)
		}
		if _, err := os.Stat(filepath.Join(c.program.Dir, "run", "state.safetensors")); err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

// TestPanelEnds trains to the end in a panel whose window changes, resumes the run in another, and wants the same bits as
// without a panel.
func TestPanelEnds(t *testing.T) {
	t.Parallel()
	c := onTerminal(t, 160, 40, nil, endless...)
	c.await(true, "sample of step")
	c.mu.Lock()
	c.screen.Resize(40, 10)
	c.mu.Unlock()
	c.check(pty.Setsize(c.line, &pty.Winsize{Cols: 40, Rows: 10}))
	c.await(true, "elman train: letters, run folder run\n░", "Ctrl-C saves the run and stops", "\nbest validation")
	c.press(ctrlC)
	c.end()
	folder := filepath.Join(c.program.Dir, "run")
	// Whatever step that was, the whole is a multiple of it.
	var step int64
	b, err := os.ReadFile(filepath.Join(folder, "metrics.jsonl"))
	c.check(err)
	lines := strings.Split(strings.TrimSpace(string(b)), "\n")
	if _, err := fmt.Sscanf(lines[len(lines)-1], `{"step":%d`, &step); err != nil {
		t.Fatal(err)
	}
	total := fmt.Sprint(step + 500)
	args := append(endless[:len(endless)-4:len(endless)-4], "--steps-total", total, "--out", folder)
	c = onTerminal(t, 160, 40, nil, append(args, "--resume")...)
	c.await(true, "── training") // of earlier reports too
	state, screen := c.end()
	if want := []string{"going on after training step", "step " + total, "done: try elman sample " + folder, "model.safetensors"}; state.ExitCode() != 0 || !containsAll(screen, want) {
		t.Errorf("exit code %d; the screen does not show %q but\n%s", state.ExitCode(), want, screen)
	}
	whole := exec.Command("elman", append(args, "--out", filepath.Join(c.program.Dir, "whole"), "--quiet")[1:]...)
	if out, err := whole.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	got, err := model.Load(folder)
	c.check(err)
	want, err := model.Load(filepath.Join(c.program.Dir, "whole"))
	c.check(err)
	if got.Hash() != want.Hash() {
		t.Errorf("with a panel the model is %s, without %s", got.Hash(), want.Hash())
	}
}

// TestPanelInsist stops a training within a training step of many seconds, by a second Ctrl-C, or by a signal and a
// Ctrl-C: the program ends as it does without a panel.
func TestPanelInsist(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name       string
		ask, again func(*console)
	}{
		{"Ctrl-C twice", func(c *console) { c.press(ctrlC) }, func(c *console) { c.press(ctrlC) }},
		{"SIGTERM and Ctrl-C", func(c *console) { c.check(c.program.Process.Signal(syscall.SIGTERM)) }, func(c *console) { c.press(ctrlC) }},
	} {
		c := onTerminal(t, 80, 24, nil, "elman", "train", "--hidden", "2048", "--batch", "1", "--window", "4096", "--threads", "1", "--out", "run")
		c.await(true, "step 0", "Ctrl-C saves the run and stops")
		tt.ask(c)
		c.await(true, "finishing the training step, saving", "Ctrl-C again ends at once")
		tt.again(c)
		state, screen := c.end()
		if state.ExitCode() != 130 || !strings.Contains(screen, "elman: interrupted") {
			t.Errorf("%s: ends with %v, want exit code 130; the screen shows\n%s", tt.name, state, screen)
		}
	}
}

// TestPanelSuspended: Ctrl-Z gives the terminal back, with keys that show, and fg takes it again.
func TestPanelSuspended(t *testing.T) {
	t.Parallel()
	c := onTerminal(t, 80, 24, nil, "sh", "-c", "set -m; "+strings.Join(endless, " ")+"; echo stopped; read answer; fg; echo ended with $?")
	c.await(true, "sample of step")
	c.press(ctrlZ)
	c.await(false, "stopped")
	for _, key := range "yes" {
		c.press(byte(key))
	}
	c.await(false, "yes")
	c.press('\n')
	c.await(true, "elman train: letters", "Ctrl-C saves the run and stops")
	c.press(ctrlC)
	c.await(false, "ended with 130")
	if _, screen := c.end(); !strings.Contains(screen, "the run is saved") {
		t.Errorf("the screen shows\n%s", screen)
	}
}

// TestPanelPanics gives the terminal back before a panic of the training is told.
func TestPanelPanics(t *testing.T) {
	t.Parallel()
	c := onTerminal(t, 160, 60, nil, "doomed")
	state, screen := c.end()
	if want := []string{"step 7, epoch", "panic: out of luck"}; state.ExitCode() != 2 || !containsAll(screen, want) {
		t.Errorf("exit code %d; the screen does not show %q but\n%s", state.ExitCode(), want, screen)
	}
}

// TestPanelManners looks for what terminals are sent: no colours with NO_COLOR, nothing but text to one that can no more,
// or that belongs to another program.
func TestPanelManners(t *testing.T) {
	t.Parallel()
	steps := func(n string) []string {
		return append(endless[:len(endless)-4:len(endless)-4], "--steps-total", n, "--out", "run")
	}
	short, long := steps("500"), steps("5000") // long enough for a bar to grow
	background := []string{"sh", "-c", "set -m; " + strings.Join(short, " ") + " & wait $!"}
	for _, tt := range []struct {
		name        string
		environ     []string
		args        []string
		want, never []string // never are regular expressions
	}{
		{"colours", []string{"COLORTERM="}, short, []string{"\x1b[?1049h", "\x1b[32m"}, nil},
		{"NO_COLOR", []string{"NO_COLOR=1"}, short, []string{"\x1b[?1049h"}, []string{`\x1b\[[0-9;]*[39][0-9][0-9;]*m`}},
		{"TERM=dumb", []string{"TERM=dumb"}, short, []string{"\nstep 100,", "\nstep 500,", "done: try"}, []string{`\x1b`, `\a`}},
		{"no TERM", []string{"TERM="}, short, []string{"\nstep 100,", "done: try"}, []string{`\x1b`}},
		{"no UTF-8", []string{"LC_ALL=C"}, long, []string{"\x1b[?1049h", "####", "done: try"}, []string{`[\x80-\xff]`}},
		{"--quiet", nil, append(short, "--quiet"), []string{"run/model.safetensors"}, []string{`\x1b`, "step"}},
		{"in the background", nil, background, []string{"\nstep 100,", "done: try"}, []string{`\x1b`}},
	} {
		c := onTerminal(t, 80, 24, tt.environ, tt.args...)
		state, _ := c.end()
		raw := c.raw.String()
		if state.ExitCode() != 0 || !containsAll(raw, tt.want) {
			t.Errorf("%s: exit code %d; the terminal does not get %q but %q", tt.name, state.ExitCode(), tt.want, raw)
		}
		for _, never := range tt.never {
			if regexp.MustCompile(never).MatchString(raw) {
				t.Errorf("%s: the terminal gets %q: %q", tt.name, never, raw)
			}
		}
	}
}

// TestHostileSample learns escape sequences by heart and wants none of them on a terminal, in a panel or in plain lines.
func TestHostileSample(t *testing.T) {
	t.Parallel()
	const evil = "\x1b]0;pwned\a\x9b5m\x1bP"
	text := filepath.Join(t.TempDir(), "\x1b]2;evil\a.txt")
	if err := os.WriteFile(text, bytes.Repeat([]byte(evil), 200), 0o666); err != nil {
		t.Skip("no such names here: ", err)
	}
	args := []string{"elman", "train", text, "--symbols", "bytes", "--hidden", "16", "--report-every", "50", "--steps-total", "400", "--out", "run"}
	for _, kind := range []string{"xterm", "dumb"} {
		c := onTerminal(t, 160, 40, []string{"TERM=" + kind}, args...)
		_, screen := c.end()
		raw := c.raw.String()
		if !utf8.ValidString(raw) {
			t.Errorf("TERM=%s: the terminal gets bytes that are no characters: %q", kind, raw)
		}
		for _, never := range []string{"\x1b]", "\x1bP", "\u009b", "\a"} {
			if regexp.MustCompile(never).MatchString(raw) {
				t.Errorf("TERM=%s: the terminal gets %q", kind, never)
			}
		}
		if want := "␛]0;pwned␇�5m␛P"; !strings.Contains(screen, want) {
			t.Errorf("TERM=%s: the screen does not show %q but\n%s", kind, want, screen)
		}
	}
}

// TestTerminalIsSafe: whatever a command says on a terminal, and on whichever stream, nothing of a text, a prompt or a name
// is obeyed; a file gets the bytes.
func TestTerminalIsSafe(t *testing.T) {
	t.Parallel()
	const evil = "\x1b]0;pwned\a\x9b5m\u009b6n\u202e\x7f\u200b\u2028\U000e0041"
	folder := t.TempDir()
	text, run := filepath.Join(folder, "text"), filepath.Join(folder, evil)
	if err := os.WriteFile(text, []byte(strings.Repeat(evil+"\n", 50)), 0o666); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("elman", "train", text, "--symbols", "bytes", "--hidden", "16", "--steps-total", "60", "--out", run, "--quiet").CombinedOutput(); err != nil {
		t.Skipf("no such names here: %v: %s", err, out)
	}
	obeyed := regexp.MustCompile("\x1b[^\\[]|\x1b\\[[0-9;]*[^0-9;m]|[\x00-\x08\x0b\x0c\x0e-\x1a\x7f\u0080-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e007f]")
	for _, args := range [][]string{
		{"sample", run, "--length", "300"},
		{"sample", run, "--prompt", evil, "--length", "2"},
		{"sample", run, "--prompt", evil, "--length", "2", "--json", "--count", "2"},
		{"score", run, text},
		{"score", run, text, "--per", "line"},
		{"score", run, text, "--per", "line", "--color", "never"},
		{"score", run, text, "--per", "line", "--format", "csv"},
		{"score", run, text, "--per", "line", "--format", "json"},
		{"score", run, text, "--per", "symbol", "--top", "2"},
		{"score", run, text, "--per", "symbol", "--top", "2", "--format", "csv"},
		{"score", run, text, "--per", "symbol", "--top", "2", "--format", "json"},
		{"inspect", run, text, "--out", filepath.Join(folder, "page.html")},
		{"plot", run},
		{"score", run, evil},
		{"score", evil},
		{"plot", run, "--of", evil},
		{"train", text, "--cell", evil},
		{evil},
	} {
		c := onTerminal(t, 80, 60, nil, append([]string{"elman"}, args...)...)
		c.end()
		if raw := c.raw.String(); !utf8.ValidString(raw) || obeyed.MatchString(raw) {
			t.Errorf("%q: the terminal gets %q in %q", args, obeyed.FindString(raw), raw)
		}
	}
	out, err := exec.Command("elman", "sample", run, "--prompt", evil, "--length", "1").Output()
	if err != nil || !strings.HasPrefix(string(out), evil) {
		t.Errorf("a pipe gets %q, %v; want the prompt as it is", out, err)
	}
}

// TestWordsStayWhole: what is said on a narrow terminal is broken between words alone.
func TestWordsStayWhole(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	run, text := filepath.Join(folder, "run"), filepath.Join(folder, "text")
	if err := os.WriteFile(text, []byte(strings.Repeat("The quick brown fox jumps over the lazy dog, and sphinx of black quartz judges my vow.\n", 60)), 0o666); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("elman", "train", text, "--hidden", "4", "--steps-total", "1", "--out", run, "--quiet").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for _, args := range [][]string{
		{"train", text, "--hidden", "4", "--steps-total", "1", "--out", filepath.Join(folder, "dumb")},
		{"score", run, text, "--per", "line"},
		{"score", run, text, "--per", "line", "--color", "never"},
		{"score", run, text},
		{"score", run, text, "--verdict"},
	} {
		c := onTerminal(t, 56, 200, []string{"TERM=dumb"}, append([]string{"elman"}, args...)...)
		if _, screen := c.end(); len(screen) < 100 {
			t.Errorf("%q shows %q", args, screen)
		}
		for line := range strings.SplitSeq(strings.ReplaceAll(c.raw.String(), "\r\n", "\n"), "\n") {
			if utf8.RuneCountInString(line) > 56 && strings.Contains(strings.TrimSpace(line), " ") {
				t.Errorf("%q: the terminal breaks %q", args, line)
			}
		}
	}
}

// TestScoreTells shows how much of a long text is scored, on a line that is gone when the program ends.
func TestScoreTells(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	long := filepath.Join(folder, "long.txt")
	if err := os.WriteFile(long, bytes.Repeat([]byte("aebuuciii"), 1<<22), 0o666); err != nil {
		t.Fatal(err)
	}
	small := exec.Command("elman", "train", "--language", "letters", "--size", "2000", "--hidden", "4", "--steps-total", "1", "--out", filepath.Join(folder, "run"), "--quiet")
	if out, err := small.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	c := onTerminal(t, 160, 10, nil, "elman", "score", filepath.Join(folder, "run"), long)
	c.await(false, "scoring "+long, " %")
	c.press(ctrlC)
	state, screen := c.end()
	if state.ExitCode() != 130 || !strings.Contains(screen, "\nelman: interrupted") && !strings.HasPrefix(screen, "elman: interrupted") || strings.Contains(screen, "scoring") {
		t.Errorf("exit code %d; the screen shows\n%s", state.ExitCode(), screen)
	}

	c = onTerminal(t, 80, 10, nil, "elman", "score", filepath.Join(folder, "run"))
	c.await(false, "reading standard input; end it with Ctrl-D")
	for _, key := range []byte{'a', 'e', '\r', ctrlD} {
		c.press(key)
	}
	if state, screen := c.end(); state.ExitCode() != 0 || !strings.Contains(screen, ": 3 symbols, ") {
		t.Errorf("text that is typed: exit code %d; the screen shows\n%s", state.ExitCode(), screen)
	}
}

// TestColours: text that is scored has colours on a terminal, unless it or its user does not want any, and nothing of the
// text itself is obeyed. Findings of inspect are as harmless.
func TestColours(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	text, run := filepath.Join(folder, "text"), filepath.Join(folder, "run")
	if err := os.WriteFile(text, bytes.Repeat([]byte("ab\x1b]0;pwned\a\xff\n"), 30), 0o666); err != nil {
		t.Fatal(err)
	}
	small := exec.Command("elman", "train", text, "--symbols", "bytes", "--hidden", "4", "--window", "8", "--batch", "2", "--steps-total", "1", "--out", run, "--quiet")
	if out, err := small.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	lines := []string{"elman", "score", run, text, "--per", "line"}
	const colour, fine, any = `\x1b\[48;5;\d+;38;5;\d+m`, `\x1b\[48;2;\d+;\d+;\d+;38;2;`, `\x1b`
	for _, tt := range []struct {
		name        string
		environ     []string
		args        []string
		want, never string // regular expressions
	}{
		{"a terminal", []string{"COLORTERM="}, lines, colour, fine},
		{"24 bits", []string{"COLORTERM=truecolor"}, lines, fine, colour},
		{"NO_COLOR", []string{"NO_COLOR=1"}, lines, "bits|ab", any},
		{"TERM=dumb", []string{"TERM=dumb"}, lines, "ab", any},
		{"never", nil, append(lines, "--color", "never"), "ab", any},
		{"NO_COLOR, and always", []string{"NO_COLOR=1", "COLORTERM="}, append(lines, "--color", "always"), colour, fine},
		{"inspect", []string{"TERM=dumb"}, []string{"elman", "inspect", run, text, "--ablate", "1:0", "--out", "page.html"}, "The same without unit 1:0", any},
	} {
		c := onTerminal(t, 160, 60, tt.environ, tt.args...)
		state, _ := c.end()
		raw := c.raw.String()
		if state.ExitCode() != 0 || !regexp.MustCompile(tt.want).MatchString(raw) || regexp.MustCompile(tt.never).MatchString(raw) {
			t.Errorf("%s: exit code %d; want %s and not %s in %q", tt.name, state.ExitCode(), tt.want, tt.never, raw)
		}
		if strings.Contains(raw, "\x1b]") || strings.Contains(raw, "\a") {
			t.Errorf("%s: the text is obeyed: %q", tt.name, raw)
		}
	}
}

// TestSlowTerminal reads nothing of what a panel draws and draws again, while the training goes on all the same.
func TestSlowTerminal(t *testing.T) {
	t.Parallel()
	c := onTerminal(t, 160, 40, nil, endless...)
	c.await(true, "sample of step")
	metrics := filepath.Join(c.program.Dir, "run", "metrics.jsonl")
	size := func() int64 {
		info, err := os.Stat(metrics)
		c.check(err)
		return info.Size()
	}
	c.mu.Lock() // the terminal's side reads no more
	before := size()
	for i := range 100 { // each makes the panel draw all of it
		c.check(pty.Setsize(c.line, &pty.Winsize{Cols: uint16(150 + i%10), Rows: 40}))
	}
	for i := 0; size() < before+2000; i++ { // some 10 reports
		if i == 6000 {
			c.program.Process.Kill()
			t.Fatal("the training waits for its terminal")
		}
		time.Sleep(10 * time.Millisecond)
	}
	c.mu.Unlock()
	c.press(ctrlC)
	if state, screen := c.end(); state.ExitCode() != 130 {
		t.Errorf("exit code %d; the screen shows\n%s", state.ExitCode(), screen)
	}
}
