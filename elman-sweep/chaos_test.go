//go:build unix

package main

import (
	"encoding/csv"
	"fmt"
	"math"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A cast is the processes of a study on many machines: a server and workers, each in a folder of its own.
type cast struct {
	t       testing.TB
	dir     string // of the study
	address string
	serve   []string // further arguments
	server  *exec.Cmd
	workers []*exec.Cmd
}

func newCast(t testing.TB, dir string, serve ...string) *cast {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c := &cast{t: t, dir: dir, address: l.Addr().String(), serve: serve}
	t.Cleanup(func() {
		for _, p := range append(c.workers, c.server) {
			c.kill(p)
		}
	})
	return c
}

// start starts elman-sweep, whose messages go to a file.
func (c *cast) start(name string, args ...string) *exec.Cmd {
	c.t.Helper()
	return c.startBy([]string{filepath.Join(bin, "elman-sweep")}, name, args...)
}

// startBy starts it by another program.
func (c *cast) startBy(program []string, name string, args ...string) *exec.Cmd {
	c.t.Helper()
	p := exec.Command(program[0], append(program[1:], args...)...)
	log, err := os.OpenFile(filepath.Join(c.dir, name+".log"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o666)
	if err != nil {
		c.t.Fatal(err)
	}
	defer log.Close()
	p.Dir, p.Stdout, p.Stderr = c.dir, log, log
	if err := p.Start(); err != nil {
		c.t.Fatal(err)
	}
	return p
}

func (c *cast) startServer() {
	c.server = c.start("server", append([]string{"serve", "study.toml", "--listen", c.address, "--token", "secret", "--lease", "1s"}, c.serve...)...)
}

// work starts worker number i, in a new folder.
func (c *cast) work(i int, args ...string) *exec.Cmd {
	return c.workAt("nats://secret@"+c.address, i, args...)
}

// workAt is work for the server of a URL.
func (c *cast) workAt(url string, i int, args ...string) *exec.Cmd {
	folder, err := os.MkdirTemp(c.dir, "machine-")
	if err != nil {
		c.t.Fatal(err)
	}
	name := fmt.Sprintf("worker%d", i)
	return c.start(name, append([]string{"work", url, "--folder", folder, "--machine", name, "--workers", "1", "--checkpoint-every", "100ms"}, args...)...)
}

// kill ends a process as a power cut would.
func (c *cast) kill(p *exec.Cmd) {
	if p != nil && p.ProcessState == nil {
		p.Process.Kill()
		p.Wait()
	}
}

// log returns what the server and the workers have said.
func (c *cast) log() string {
	var all strings.Builder
	files, _ := filepath.Glob(filepath.Join(c.dir, "*.log"))
	for _, f := range files {
		text, _ := os.ReadFile(f)
		fmt.Fprintf(&all, "--- %s\n%s", filepath.Base(f), text)
	}
	return all.String()
}

// finish waits for the server to end.
func (c *cast) finish() {
	c.t.Helper()
	late := time.AfterFunc(2*time.Minute, func() { c.server.Process.Signal(syscall.SIGTERM) })
	defer late.Stop()
	if err := c.server.Wait(); err != nil {
		c.t.Fatalf("the server: %v\n%s", err, c.log())
	}
}

// TestChaos kills workers and the server at random times, and deletes their machines.
func TestChaos(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 0))
	dir := newStudy(t, strings.Replace(small, "seeds = 2", "seeds = 3", 1)+"[measure]\nscore = 'play.txt'\n")
	want := plain(t, dir)
	c := newCast(t, dir, "--verify", "0.2")
	c.startServer()
	for i := range 3 {
		c.workers = append(c.workers, c.work(i))
	}
	for range 6 {
		time.Sleep(time.Duration(100+rng.IntN(900)) * time.Millisecond)
		if i := rng.IntN(5); i < len(c.workers) {
			c.kill(c.workers[i])
			c.workers[i] = c.work(i)
		} else {
			c.kill(c.server)
			c.startServer()
		}
	}
	c.finish()
	compare(t, dir, want)
	checkReport(t, dir, want)
	if t.Failed() {
		t.Log(c.log())
	}
}

// wrongElman writes a program that is elman, but for some arguments.
func wrongElman(t testing.TB, from, to string) string {
	path := filepath.Join(t.TempDir(), "elman")
	script := fmt.Sprintf("#!/bin/sh\nfor a; do\n shift\n [ \"$a\" = %s ] && a=%s\n set -- \"$@\" \"$a\"\ndone\nexec %s \"$@\"\n", from, to, filepath.Join(bin, "elman"))
	if err := os.WriteFile(path, []byte(script), 0o777); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestWrongMachines makes sure that a machine whose elman computes other bits is refused before it works, and one that computes
// wrongly now and then is found and named; what it did is done again.
func TestWrongMachines(t *testing.T) {
	dir := newStudy(t, small)
	want := plain(t, dir)
	c := newCast(t, dir, "--verify", "1")
	c.startServer()
	another := c.work(7, "--elman", wrongElman(t, "--hidden=20", "--hidden=21")) // of the self-test
	if err := another.Wait(); err == nil || !strings.Contains(c.log(), "machine worker7 is refused: its elman") {
		t.Errorf("a worker with another elman ended with %v; all logs:\n%s", err, c.log())
	}
	bad := c.work(8, "--elman", wrongElman(t, "--steps-total=30", "--steps-total=29"))
	for len(runFolders(dir)) < 3 { // it has done some alone
		time.Sleep(10 * time.Millisecond)
	}
	c.workers = append(c.workers, c.work(0), bad)
	c.finish()
	compare(t, dir, want)
	faults, err := os.ReadFile(filepath.Join(dir, "study", "faults.log"))
	if err != nil || !strings.Contains(string(faults), "machine worker8 computes wrongly: run ") || !strings.Contains(string(faults), "machine worker7 is refused") ||
		strings.Contains(string(faults), "worker0") {
		t.Errorf("faults are %s (%v), want those of workers 7 and 8", faults, err)
	}
	if t.Failed() {
		t.Log(c.log())
	}
}

// TestRun interrupts and kills a study on one machine, and goes on with it.
func TestRun(t *testing.T) {
	dir := newStudy(t, small)
	want := plain(t, dir)
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGKILL} {
		c := newCast(t, dir)
		p := c.start("run", "run", "study.toml", "--workers", "2")
		before := len(runFolders(dir))
		for len(runFolders(dir)) < before+2 {
			time.Sleep(time.Millisecond)
		}
		p.Process.Signal(signal)
		if err := p.Wait(); err == nil {
			t.Errorf("after signal %v the study ended well:\n%s", signal, c.log())
		}
	}
	first := results(t, dir)
	must(t, dir, "elman-sweep", "resume", "study.toml")
	compare(t, dir, want)
	checkReport(t, dir, want)
	for path, at := range first {
		if now := results(t, dir)[path]; !now.Equal(at) {
			t.Errorf("%s was finished, and has been written again", path)
		}
	}
}

// checkReport makes sure that the report is complete, that its CSV has each run once, and that the best model is the best.
func checkReport(t testing.TB, dir string, want map[string]string) {
	t.Helper()
	folder := filepath.Join(dir, "study", "report")
	for _, name := range []string{"report.html", "report.md", "tables.csv", "curves.svg", "curves.png", "seeds.svg"} {
		if info, err := os.Stat(filepath.Join(folder, name)); err != nil || info.Size() == 0 {
			t.Errorf("the report's %s: %v", name, err)
		}
	}
	in, err := os.Open(filepath.Join(folder, "runs.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	rows, err := csv.NewReader(in).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	column := func(row []string, name string) string { return row[slices.Index(rows[0], name)] }
	seen := map[string]bool{}
	best, least := "", math.Inf(1)
	for _, row := range rows[1:] {
		id := column(row, "run")
		if seen[id] || column(row, "hash") != want[id] {
			t.Errorf("row %v: it comes twice, or its hash is not %.16s", row, want[id])
		}
		seen[id] = true
		if loss, err := strconv.ParseFloat(column(row, "valid_loss"), 64); err != nil {
			t.Error(err)
		} else if loss < least {
			best, least = id, loss
		}
	}
	if len(seen) != len(want) {
		t.Errorf("%d runs in the CSV, want %d", len(seen), len(want))
	}
	if got, want := must(t, dir, "elman-sweep", "best", "study.toml"), filepath.Join("study", "runs", best, "model.safetensors")+"\n"; got != want {
		t.Errorf("best is %s, want %s", got, want)
	}
}

// long is a study of one run that takes a second and has many reports, so many checkpoints.
const long = `[texts]
play = "play.txt"
[settings]
batch = 4
window = 8
hidden = 24
steps-total = 5000
report-every = 200
`

// TestMoves makes sure that a run which one machine has begun goes on from its checkpoint on another.
func TestMoves(t *testing.T) {
	dir := newStudy(t, long)
	want := plain(t, dir)
	c := newCast(t, dir)
	c.startServer()
	first := c.work(0)
	c.workers = append(c.workers, first)
	for {
		if states, _ := filepath.Glob(filepath.Join(dir, "machine-*", "runs", "*", "state.safetensors")); len(states) > 0 {
			break
		}
		time.Sleep(time.Millisecond)
	}
	first.Process.Signal(syscall.SIGTERM)
	first.Wait()
	c.workers = append(c.workers, c.work(1))
	c.finish()
	compare(t, dir, want)
	if log, err := os.ReadFile(filepath.Join(dir, "worker1.log")); err != nil || !strings.Contains(string(log), "goes on from a checkpoint of another attempt") {
		t.Errorf("the second worker began anew (%v):\n%s", err, c.log())
	}
}

// TestFailure makes sure that a run which fails is told, does not hold up the others, and is mended by the next call without
// training again.
func TestFailure(t *testing.T) {
	dir := newStudy(t, strings.Replace(small, "seeds = 2", "seeds = 1", 1)+"[measure]\npairs = 'play.txt'\n")
	want := plain(t, dir)
	out, err := program(t, dir, "elman-sweep", "run", "study.toml")
	if err == nil || !strings.Contains(out, "all 4 runs failed") || !strings.Contains(out, "pairs: elman: ") {
		t.Errorf("got %v and\n%s, want 4 failures of pairs", err, out)
	}
	before := map[string]time.Time{}
	for _, folder := range runFolders(dir) {
		info, err := os.Stat(filepath.Join(folder, "model.safetensors"))
		if err != nil {
			t.Fatal(err)
		}
		before[folder] = info.ModTime()
	}
	if err := os.WriteFile(filepath.Join(dir, "study.toml"), []byte(strings.Replace(small, "seeds = 2", "seeds = 1", 1)), 0o666); err != nil {
		t.Fatal(err)
	}
	must(t, dir, "elman-sweep", "run", "study.toml")
	compare(t, dir, want)
	for folder, at := range before {
		if info, err := os.Stat(filepath.Join(folder, "model.safetensors")); err != nil || !info.ModTime().Equal(at) {
			t.Errorf("%s was trained again (%v)", folder, err)
		}
	}
}

// TestSlurm does a study by the script of a job array, as Slurm would start it.
func TestSlurm(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("there is no bash")
	}
	dir := newStudy(t, strings.Replace(small, "seeds = 2", "seeds = [5]", 1))
	want := plain(t, dir)
	script := must(t, dir, "elman-sweep", "slurm", "study.toml", "--tasks", "2", "--at-once", "1", "--sbatch", "partition=cpu")
	for _, line := range []string{"#SBATCH --array=0-1%1\n", "#SBATCH --requeue\n", "#SBATCH --partition=cpu\n"} {
		if !strings.Contains(script, line) {
			t.Errorf("the script lacks %q:\n%s", line, script)
		}
	}
	for task := range 2 {
		c := exec.Command(bash, "-c", script)
		c.Env = append(os.Environ(), fmt.Sprintf("SLURM_ARRAY_TASK_ID=%d", task))
		if out, err := c.CombinedOutput(); err != nil {
			t.Fatalf("task %d: %v\n%s", task, err, out)
		}
	}
	compare(t, dir, want)
}

// results returns when the results of a study were written.
func results(t testing.TB, dir string) map[string]time.Time {
	at := map[string]time.Time{}
	paths, _ := filepath.Glob(filepath.Join(dir, "study", "runs", "*", "result.json"))
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		at[path] = info.ModTime()
	}
	return at
}
