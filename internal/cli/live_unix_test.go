//go:build unix

package cli_test

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/rnn"
)

// lines are those of a text that tests write one by one.
var lines = []string{"the cat sat on the mat\n", "the cat sat\n", "on the mat the cat sat on the mat\n", "\n", "a cat\n", "m"}

// modelFile makes a model that was not trained.
func modelFile(t *testing.T, folder string) string {
	t.Helper()
	c, err := corpus.New(corpus.FromBytes("text", []byte(strings.Join(lines, ""))), corpus.Options{})
	if err != nil {
		t.Fatal(err)
	}
	network, err := rnn.New(rnn.Config{Symbols: c.Alphabet.Size(), Hidden: 8})
	if err != nil {
		t.Fatal(err)
	}
	network.Init(rnn.Init{}, 1)
	file := filepath.Join(folder, "model")
	if err := (&model.Model{Network: network, Alphabet: c.Alphabet}).Save(file); err != nil {
		t.Fatal(err)
	}
	return file
}

// A dialogue is a program that answers what it reads.
type dialogue struct {
	t       *testing.T
	program *exec.Cmd
	in      io.WriteCloser
	out     *bufio.Reader
	errors  strings.Builder
}

func startDialogue(t *testing.T, folder string, args ...string) *dialogue {
	t.Helper()
	d := &dialogue{t: t, program: exec.Command("elman", args...)}
	d.program.Dir, d.program.Stderr = folder, &d.errors
	var err error
	if d.in, err = d.program.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := d.program.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	d.out = bufio.NewReader(out)
	if err := d.program.Start(); err != nil {
		t.Fatal(err)
	}
	hangs := time.AfterFunc(time.Minute, func() { d.program.Process.Kill() })
	t.Cleanup(func() { hangs.Stop() })
	return d
}

// say writes to the program.
func (d *dialogue) say(text string) {
	d.t.Helper()
	if _, err := io.WriteString(d.in, text); err != nil {
		d.t.Fatalf("%v; stderr %q", err, d.errors.String())
	}
}

// hear waits for the next line that the program writes.
func (d *dialogue) hear() string {
	d.t.Helper()
	line, err := d.out.ReadString('\n')
	if err != nil {
		d.t.Fatalf("%v after %q; stderr %q", err, line, d.errors.String())
	}
	return line
}

// end returns what is still to be heard, and the exit code.
func (d *dialogue) end() (string, int) {
	d.t.Helper()
	rest, err := io.ReadAll(d.out)
	if err != nil {
		d.t.Fatal(err)
	}
	d.program.Wait()
	return string(rest), d.program.ProcessState.ExitCode()
}

// TestLiveLines writes line after line, each when the one before has been answered. The answers are those to the whole file.
func TestLiveLines(t *testing.T) {
	folder := t.TempDir()
	file := modelFile(t, folder)
	if err := os.WriteFile(filepath.Join(folder, "text"), []byte(strings.Join(lines, "")), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, more := range [][]string{nil, {"--adapt"}, {"--documents", "line"}, {"--documents", "line", "--adapt"}, {"--key", "2"}} {
		args := append([]string{"score", file, "--per", "line"}, more...)
		whole := exec.Command("elman", append(args, "text")...)
		whole.Dir = folder
		want, err := whole.Output()
		if err != nil {
			t.Fatal(err)
		}
		d := startDialogue(t, folder, args...)
		got := ""
		for _, line := range lines {
			d.say(line)
			if strings.HasSuffix(line, "\n") {
				got += d.hear()
			}
		}
		d.in.Close()
		rest, code := d.end()
		if got += rest; got != string(want) || code != 0 {
			t.Errorf("%v: exit code %d, answers\n%s\nwant\n%s", more, code, got, want)
		}
	}
}

// TestLiveInterrupt interrupts a program that reads and adapts: all that has come is told and kept, and another call goes on.
func TestLiveInterrupt(t *testing.T) {
	folder := t.TempDir()
	args := []string{"score", modelFile(t, folder), "--per", "line", "--adapt", "--format", "json"}
	if err := os.WriteFile(filepath.Join(folder, "text"), []byte(strings.Join(lines, "")), 0o666); err != nil {
		t.Fatal(err)
	}
	whole := exec.Command("elman", append(args, "--adapt-model", "whole.safetensors", "text")...)
	whole.Dir = folder
	want, err := whole.Output()
	if err != nil {
		t.Fatal(err)
	}
	got := ""
	for i, line := range lines {
		d := startDialogue(t, folder, append(args, "--adapt-state", "state", "--adapt-model", fmt.Sprint(i, ".safetensors"))...)
		d.say(line)
		if last := i == len(lines)-1; last {
			d.in.Close()
		} else {
			got += d.hear()
			d.program.Process.Signal(os.Interrupt)
		}
		rest, code := d.end()
		if want := []int{130, 0}[max(0, i-len(lines)+2)]; code != want {
			t.Fatalf("line %d: exit code %d, want %d; stderr %q", i, code, want, d.errors.String())
		}
		got += rest
		if said := fmt.Sprintf("elman: interrupted after line %d of standard input, as state knows; the same command goes on there\n", i+1); code != 0 && !strings.HasSuffix(d.errors.String(), said) {
			t.Errorf("line %d: stderr %q, want %q", i, d.errors.String(), said)
		}
	}
	if want := strings.ReplaceAll(string(want), `"file":"text"`, `"file":"-"`); got != want {
		t.Errorf("a text that is continued after each line:\n%s\nwant\n%s", got, want)
	}
	hash := func(name string) string {
		m, err := model.Load(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		return m.Hash()
	}
	if hash(fmt.Sprint(len(lines)-1, ".safetensors")) != hash("whole.safetensors") || hash("whole.safetensors") == hash("model") {
		t.Error("the model that was learned is not the one of the whole text")
	}
}

// TestFilesInterrupted interrupts a program that adapts to files, in the second of three. What it told, and what the same command
// tells then, is what it tells at once.
func TestFilesInterrupted(t *testing.T) {
	folder := t.TempDir()
	args := []string{"score", modelFile(t, folder), "first", "text", "text", "--adapt", "--documents", "line", "--format", "csv", "--per"}
	for name, n := range map[string]int{"first": 3, "text": 1500} { // of which a pipe holds less than half
		if err := os.WriteFile(filepath.Join(folder, name), []byte(strings.Repeat("é cat\n", n)), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	for _, per := range [][]string{{"line"}, {"symbol"}, {"word", "--spillover", "1"}, {"line", "--documents", "whole", "--key", "^(.)"}} {
		args := append(slices.Clone(args), per...)
		whole := exec.Command("elman", args...)
		whole.Dir = folder
		want, err := whole.Output()
		if err != nil {
			t.Fatal(err)
		}
		if last := "\ntext,1500,2,cat,10496,10499,8996,8999,3,"; per[0] == "word" && strings.Count(string(want), last) != 2 {
			t.Errorf("--per word: the last words are not %q", last)
		}
		args = append(args, "--adapt-state", fmt.Sprint(len(per), per[0], ".state"))
		d := startDialogue(t, folder, args...)
		got := ""
		for !strings.Contains(got, "\ntext,") {
			got += d.hear()
		}
		d.program.Process.Signal(os.Interrupt)
		told, code := d.end()
		if got += told; code != 130 || !strings.Contains(d.errors.String(), " of text, as ") {
			t.Fatalf("--per %s: exit code %d, want 130; stderr %q", per[0], code, d.errors.String())
		}
		d = startDialogue(t, folder, args...)
		d.hear() // the names of the columns
		rest, code := d.end()
		if got += rest; code != 0 || got != string(want) {
			i := 0
			for i < min(len(got), len(want)) && got[i] == want[i] {
				i++
			}
			t.Errorf("--per %s: exit code %d, %d bytes told, want %d; they differ at %.200q, want %.200q", per[0], code, len(got), len(want), got[i:], want[i:])
		}
	}
}

// TestWholeFilesInterrupted interrupts a program that adapts to files, the same named twice, and tells their sums alone, until it
// comes to its end. A file's row comes once, with the sum of all calls.
func TestWholeFilesInterrupted(t *testing.T) {
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "text"), []byte(strings.Repeat("the cat\n", 12_000)), 0o666); err != nil {
		t.Fatal(err)
	}
	args := []string{"score", modelFile(t, folder), "text", "text", "--adapt", "--format", "csv"}
	whole := exec.Command("elman", args...)
	whole.Dir = folder
	want, err := whole.Output()
	if err != nil {
		t.Fatal(err)
	}
	got, interrupted, wait := "", 0, 100*time.Millisecond
	for code := 130; code != 0; wait += 50 * time.Millisecond {
		d := startDialogue(t, folder, append(args, "--adapt-state", "state")...)
		time.AfterFunc(wait, func() { d.program.Process.Signal(os.Interrupt) })
		var told string
		if told, code = d.end(); code != 0 && code != 130 {
			t.Fatalf("exit code %d; stderr %q", code, d.errors.String())
		}
		if header, rows, found := strings.Cut(told, "\n"); found {
			if got == "" {
				got = header + "\n"
			}
			got += rows
		}
		if strings.Contains(d.errors.String(), " of text, as state knows") {
			interrupted++
		}
	}
	if got != string(want) || interrupted == 0 {
		t.Errorf("interrupted in a text %d times:\n%swant\n%s", interrupted, got, want)
	}
}

// TestLongLineInterrupted: an interruption does not wait for the end of a long line, and then nothing is kept.
func TestLongLineInterrupted(t *testing.T) {
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "text"), []byte("a cat\n"+strings.Repeat("the cat ", 4_000_000)), 0o666); err != nil {
		t.Fatal(err)
	}
	d := startDialogue(t, folder, "score", modelFile(t, folder), "text", "--adapt", "--adapt-state", "state")
	time.AfterFunc(time.Second/2, func() { d.program.Process.Signal(os.Interrupt) })
	told, code := d.end()
	if _, err := os.Stat(filepath.Join(folder, "state")); code != 130 || told != "" || err == nil {
		t.Errorf("exit code %d, told %q, and there is a state: %t; stderr %q", code, told, err == nil, d.errors.String())
	}
	if said := "interrupted"; !strings.Contains(d.errors.String(), said) {
		t.Errorf("stderr %q, want %q", d.errors.String(), said)
	}
}

// TestLiveThenFile interrupts what comes live, and goes on with a file as standard input, all of it.
func TestLiveThenFile(t *testing.T) {
	folder := t.TempDir()
	args := []string{"score", modelFile(t, folder), "--per", "line", "--format", "csv", "--adapt", "--adapt-state", "state"}
	d := startDialogue(t, folder, args...)
	d.say("the cat\n")
	d.hear()
	d.hear()
	d.program.Process.Signal(os.Interrupt)
	if _, code := d.end(); code != 130 {
		t.Fatalf("exit code %d, want 130; stderr %q", code, d.errors.String())
	}
	name := filepath.Join(folder, "text")
	if err := os.WriteFile(name, []byte("sat on\nthe mat\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	in, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	more := exec.Command("elman", args...)
	more.Dir, more.Stdin = folder, in
	out, err := more.Output()
	if got := string(out); err != nil || strings.Count(got, "\n") != 3 || !strings.Contains(got, "\n-,2,") || !strings.Contains(got, ",sat on,") {
		t.Errorf("error %v, told %q; want lines 2 and 3", err, got)
	}
}

// TestErrorNamesLine: a line far behind the first is named by its number.
func TestErrorNamesLine(t *testing.T) {
	folder := t.TempDir()
	name := filepath.Join(folder, "text")
	if err := os.WriteFile(name, []byte(strings.Repeat("the cat\n", 1000)+"a zebra\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	c, err := corpus.New(corpus.FromBytes("text", []byte(strings.Join(lines, ""))), corpus.Options{Closed: true})
	if err != nil {
		t.Fatal(err)
	}
	network, err := rnn.New(rnn.Config{Symbols: c.Alphabet.Size(), Hidden: 2})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(folder, "closed")
	if err := (&model.Model{Network: network, Alphabet: c.Alphabet}).Save(file); err != nil {
		t.Fatal(err)
	}
	program := exec.Command("elman", "score", file, "text", "--documents", "line", "--adapt") // which reads a few lines at a time
	program.Dir = folder
	if out, err := program.CombinedOutput(); err == nil || !strings.Contains(string(out), `text, line 1001: "z" (at byte 2) is not in the alphabet`) {
		t.Errorf("error %v, told %q; want one of line 1001", err, out)
	}
}

// TestLiveFailure reads standard input that cannot be read.
func TestLiveFailure(t *testing.T) {
	folder := t.TempDir()
	in, err := os.Open(folder)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	program := exec.Command("elman", "score", modelFile(t, folder), "--per", "line")
	program.Stdin = in
	if out, err := program.CombinedOutput(); err == nil || !strings.Contains(string(out), "standard input: ") || strings.Contains(string(out), "empty") {
		t.Errorf("error %v, told %q", err, out)
	}
}

// TestLivePartialLine: a line that is not complete when a Ctrl-C comes is told.
func TestLivePartialLine(t *testing.T) {
	folder := t.TempDir()
	d := startDialogue(t, folder, "score", modelFile(t, folder), "--per", "line")
	d.say("the cat\nthe ")
	d.hear()
	d.program.Process.Signal(os.Interrupt)
	if rest, code := d.end(); code != 130 || strings.Count(rest, "\n") != 1 || !strings.HasSuffix(rest, "  the \n") {
		t.Errorf("exit code %d, told %q; want 130, and the line \"the \"", code, rest)
	}
}

// TestLiveTerminal types a line and waits for its bits on the screen before the next.
func TestLiveTerminal(t *testing.T) {
	c := onTerminal(t, 60, 12, []string{"NO_COLOR=1"}, "elman", "score", modelFile(t, t.TempDir()), "--per", "line", "--adapt")
	c.await(false, "reading standard input")
	for _, line := range []string{"the cat", "a mat"} {
		for _, key := range []byte(line + "\r") {
			c.press(key)
		}
		c.await(false, "  "+line)
	}
	c.press(3)
	if state, _ := c.end(); state.ExitCode() != 130 {
		t.Errorf("exit code %d after Ctrl-C, want 130", state.ExitCode())
	}
}
