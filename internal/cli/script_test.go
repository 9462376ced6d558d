package cli_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/seed-f4dd853e/elman/browser"
	"github.com/seed-f4dd853e/elman/internal/cli"
)

var update = flag.Bool("update", false, "rewrite what scripts compare output with")

// full says whether tests take their full size, which shows little more.
var full = os.Getenv("ELMAN_TEST_FULL") != ""

// TestMain makes this test binary all the programs that the scripts run.
func TestMain(m *testing.M) {
	if strings.Contains(filepath.Base(os.Args[0]), ".test") && signal.Ignored(syscall.SIGHUP) {
		signal.Notify(make(chan os.Signal, 1), syscall.SIGHUP) // or all that is started here would ignore it too
	}
	testscript.Main(m, map[string]func(){
		"elman":     func() { os.Exit(cli.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) },
		"digest":    func() { exit(digest(os.Args[1])) },
		"objects":   func() { exit(objects(os.Args[1:])) },
		"fifo":      func() { exit(fifo(os.Args[1:])) },
		"silent":    func() { exit(silent(os.Args[1:])) },
		"deaf":      func() { exit(deaf(os.Args[1:])) },
		"interrupt": func() { exit(interrupt(os.Args[1:])) },
		"total":     func() { exit(total(os.Args[1:])) },
		"full":      func() { exit(into("/dev/full", os.Args[1:])) },
		"append":    func() { exit(into(os.Args[1], os.Args[2:])) },
		"doomed":    cli.PanicInPanel,
		"peak":      func() { exit(peak(os.Args[1:])) },
	})
}

func exit(err error) {
	if failed, ok := errors.AsType[*exec.ExitError](err); ok {
		os.Exit(failed.ExitCode())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// TestScripts runs every script in testdata/script. Beside the commands of testscript they know
//
//	exits CODE PROGRAM ARG...   the program fails with the code, one line on stderr and none on stdout
//	await FILE                  waits until a background program has made the file
//	capture NAME REGEXP         sets a variable to what the group matches in the last stderr
//	add NAME A B                sets a variable to A + B
//	bytes FILE HEX...           writes a file of bytes
//	cut FILE N TO               copies the first N bytes of a file
//	flip FILE N                 flips a bit of the Nth byte from the end, N below 0
//	disk FOLDER SIZE            makes a folder a small file system, where [mount] allows it
//
// and the programs
//
//	digest FOLDER               prints names and hashes of all files in a folder
//	objects KEY...              wants JSON objects on stdin, each with the keys
//	total KEY...                adds up numbers of the JSON objects on stdin; null is 0
//	peak ARG...                 is elman, and tells on stderr about the memory that it took
//	full PROGRAM ARG...         runs a program with /dev/full as its stdout
//	append FILE PROGRAM ARG...  runs a program whose stdout is added to a file
//	interrupt [-term] [-hup] [-stuck] PROGRAM ARG...    runs a program, and sends it a Ctrl-C or another signal once it has
//	                            written something to stdout; -stuck reads no more
//	fifo NAME PROGRAM ARG...    runs a program that reads a pipe, and sends it a Ctrl-C
//	silent PROGRAM ARG...       runs a program whose stdin never ends, and sends it a Ctrl-C
//	deaf PROGRAM ARG...         runs a program whose stdout is closed after the first byte
func TestScripts(t *testing.T) {
	mounts := canMount(t)
	checkpoints, err := filepath.Abs(filepath.Join("..", "..", "torch", "testdata"))
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("GORACE", "atexit_sleep_ms=0") // with -race each program would wait for a second
			e.Setenv("CHECKPOINTS", checkpoints)    // of PyTorch
			return nil
		},
		Condition: func(cond string) (bool, error) {
			switch cond {
			case "devfull":
				_, err := os.Stat("/dev/full")
				return err == nil, nil
			case "mount":
				return mounts, nil
			case "terminals":
				_, err := os.Stat("/dev/ptmx")
				return err == nil, nil
			case "built": // by go generate ./browser
				_, err := browser.Built()
				return err == nil, nil
			}
			return false, fmt.Errorf("unknown condition %q", cond)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits, "await": await, "capture": capture, "add": add, "bytes": writeBytes, "cut": cut, "flip": flip, "disk": disk,
		},
	})
}

// exits runs a program that must refuse.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM ARG...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	code := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		failed, ok := errors.AsType[*exec.ExitError](err)
		if !ok {
			ts.Fatalf("%v", err)
		}
		code = failed.ExitCode()
	}
	stdout, stderr := ts.ReadFile("stdout"), ts.ReadFile("stderr")
	if code != want || stdout != "" || !oneLine(stderr) {
		ts.Fatalf("%s exits with %d, want %d; stdout %q, want none; stderr %q, want one line", strings.Join(args[1:], " "), code, want, stdout, stderr)
	}
}

// oneLine says whether stderr is one line of ours.
func oneLine(stderr string) bool {
	return strings.HasPrefix(stderr, "elman: ") && strings.Index(stderr, "\n") == len(stderr)-1 && len(stderr) < 400
}

func await(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: await FILE")
	}
	for range 6000 { // a minute
		if _, err := os.Stat(ts.MkAbs(args[0])); err == nil {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	ts.Fatalf("nobody makes %s", args[0])
}

func capture(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: capture NAME REGEXP")
	}
	found := regexp.MustCompile("(?m)" + args[1]).FindStringSubmatch(ts.ReadFile("stderr"))
	if len(found) != 2 {
		ts.Fatalf("no match for %s in stderr", args[1])
	}
	ts.Setenv(args[0], found[1])
}

func add(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: add NAME A B")
	}
	a, err := strconv.Atoi(args[1])
	ts.Check(err)
	b, err := strconv.Atoi(args[2])
	ts.Check(err)
	ts.Setenv(args[0], strconv.Itoa(a+b))
}

// digest prints path and SHA-256 of all files below a folder, in order.
func digest(folder string) error {
	return filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if err == nil {
			fmt.Printf("%s %x\n", filepath.ToSlash(path), sha256.Sum256(b))
		}
		return err
	})
}

// into runs a program whose stdout is added to a file.
func into(file string, args []string) error {
	out, err := os.OpenFile(file, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return err
	}
	defer out.Close()
	c := exec.Command(args[0], args[1:]...)
	c.Stdout, c.Stderr = out, os.Stderr
	return c.Run()
}

// interrupt starts a program and stops it when it has begun to write: as Ctrl-C does, with -term as a shutdown does, with
// -hup as a terminal that is closed. With -stuck nobody reads the rest of what it writes.
func interrupt(args []string) error {
	var signal os.Signal = os.Interrupt
	stuck := false
	for ; strings.HasPrefix(args[0], "-"); args = args[1:] {
		switch args[0] {
		case "-term":
			signal = syscall.SIGTERM
		case "-hup":
			signal = syscall.SIGHUP
		case "-stuck":
			stuck = true
		}
	}
	c := exec.Command(args[0], args[1:]...)
	c.Stderr = os.Stderr
	out, err := c.StdoutPipe()
	if err != nil {
		return err
	}
	if err := c.Start(); err != nil {
		return err
	}
	if _, err := out.Read(make([]byte, 1)); err != nil {
		return err
	}
	if err := c.Process.Signal(signal); err != nil {
		return err
	}
	if !stuck {
		go io.Copy(io.Discard, out) // or the program waits for its reader
	}
	return ended(c)
}

// ended waits for the end of a program that should come soon.
func ended(c *exec.Cmd) error {
	hangs := time.AfterFunc(20*time.Second, func() { c.Process.Kill() })
	defer hangs.Stop()
	return c.Wait()
}

// fifo makes a pipe with a name, starts a program that reads it, writes nothing, and sends the program a Ctrl-C.
func fifo(args []string) error {
	if err := exec.Command("mkfifo", args[0]).Run(); err != nil {
		return err
	}
	defer os.Remove(args[0])
	c := exec.Command(args[1], args[2:]...)
	c.Stdout, c.Stderr = os.Stdout, os.Stderr
	if err := c.Start(); err != nil {
		return err
	}
	go func() {
		in, err := os.OpenFile(args[0], os.O_WRONLY, 0) // when the program reads
		if err == nil {
			defer in.Close()
			c.Process.Signal(os.Interrupt)
		}
		select {}
	}()
	return ended(c)
}

// silent runs a program whose stdin never ends, and sends it a Ctrl-C when it reads.
func silent(args []string) error {
	c := exec.Command(args[0], args[1:]...)
	c.Stdout, c.Stderr = os.Stdout, os.Stderr
	in, err := c.StdinPipe()
	if err != nil {
		return err
	}
	if err := c.Start(); err != nil {
		return err
	}
	go func() {
		in.Write(bytes.Repeat([]byte("aeb\n"), 1<<18)) // more than a pipe holds
		c.Process.Signal(os.Interrupt)
		select {}
	}()
	return ended(c)
}

// deaf runs a program whose reader goes away after the first byte.
func deaf(args []string) error {
	c := exec.Command(args[0], args[1:]...)
	c.Stderr = os.Stderr
	out, err := c.StdoutPipe()
	if err != nil {
		return err
	}
	if err := c.Start(); err != nil {
		return err
	}
	if _, err := out.Read(make([]byte, 1)); err != nil {
		return err
	}
	out.Close()
	return ended(c)
}

// total prints the sum of numbers of all objects.
func total(keys []string) error {
	sum := 0.0
	for in := json.NewDecoder(os.Stdin); ; {
		var object map[string]any
		if err := in.Decode(&object); err == io.EOF {
			fmt.Println(strconv.FormatFloat(sum, 'g', -1, 64))
			return nil
		} else if err != nil {
			return err
		}
		for _, key := range keys {
			switch x := object[key].(type) {
			case float64:
				sum += x
			case nil:
				if _, ok := object[key]; !ok {
					return fmt.Errorf("no key %q in %v", key, object)
				}
			}
		}
	}
}

// peak is elman, and tells on stderr about the memory that it took.
func peak(args []string) error {
	if code := cli.Main(args, os.Stdin, os.Stdout, os.Stderr); code != 0 {
		os.Exit(code)
	}
	status, err := os.ReadFile("/proc/self/status")
	if err == nil {
		_, err = os.Stderr.Write(status)
	}
	return err
}

// objects checks that standard input is JSON objects, at least one, each with the keys.
func objects(keys []string) error {
	in := json.NewDecoder(os.Stdin)
	for n := 0; ; n++ {
		var object map[string]json.RawMessage
		err := in.Decode(&object)
		if err == io.EOF && n > 0 {
			return nil
		}
		if err != nil {
			return fmt.Errorf("object %d: %w", n, err)
		}
		for _, key := range keys {
			if _, ok := object[key]; !ok {
				return fmt.Errorf("object %d: no key %q", n, key)
			}
		}
	}
}
