package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// A network is machines in namespaces of their own, with lines to this one.
type network struct {
	t    testing.TB
	name string
}

// bridge is the address of this machine in the network.
const bridge = "10.87.0.100"

func newNetwork(t testing.TB, machines int) *network {
	n := &network{t, fmt.Sprintf("em%d", os.Getpid()%10000)}
	t.Cleanup(func() {
		for i := 1; i <= machines; i++ {
			exec.Command("ip", "netns", "del", n.machine(i)).Run()
		}
		exec.Command("ip", "link", "del", n.name).Run()
	})
	n.run("ip", "link", "add", n.name, "type", "bridge")
	n.run("ip", "addr", "add", bridge+"/24", "dev", n.name)
	n.run("ip", "link", "set", n.name, "up")
	for i := 1; i <= machines; i++ {
		m := n.machine(i)
		n.run("ip", "netns", "add", m)
		n.run("ip", "link", "add", m, "type", "veth", "peer", "name", "eth0", "netns", m)
		n.run("ip", "link", "set", m, "master", n.name, "up")
		n.run("ip", "-n", m, "addr", "add", fmt.Sprintf("10.87.0.%d/24", i), "dev", "eth0")
		n.run("ip", "-n", m, "link", "set", "eth0", "up")
	}
	return n
}

// machine names a machine's namespace, and its line.
func (n *network) machine(i int) string { return fmt.Sprintf("%sm%d", n.name, i) }

func (n *network) run(args ...string) {
	n.t.Helper()
	if out, err := exec.Command(args[0], args[1:]...).CombinedOutput(); err != nil {
		n.t.Fatalf("%v: %v: %s", args, err, out)
	}
}

// slow limits a machine's line, in both directions.
func (n *network) slow(i int, rate string) {
	limit := []string{"root", "tbf", "rate", rate, "burst", "4kb", "latency", "2s"}
	n.run(append([]string{"tc", "qdisc", "add", "dev", n.machine(i)}, limit...)...)
	n.run(append([]string{"ip", "netns", "exec", n.machine(i), "tc", "qdisc", "add", "dev", "eth0"}, limit...)...)
}

// TestNetwork does a study with three machines, of which one has another elman, one dies and leaves a checkpoint in which a bit
// flips, one is cut off for 30 s, and one has a line of 10 kB/s. All runs have the hashes of plain trainings, and faults.log names
// each fault.
func TestNetwork(t *testing.T) {
	if os.Getenv("ELMAN_TEST_FULL") == "" {
		t.Skip("takes a minute; ELMAN_TEST_FULL=1 runs it")
	}
	for _, name := range []string{"ip", "tc"} {
		if _, err := exec.LookPath(name); err != nil || os.Getuid() != 0 {
			t.Skip("only root can have network namespaces, with ip and tc of iproute2")
		}
	}
	dir := newStudy(t, strings.NewReplacer("steps-total = 5000", "steps-total = 10000").Replace("seeds = 2\n"+long)+"[axes]\ncell = ['gru', 'lstm', 'elman']\nlr = [0.001, 0.002, 0.004, 0.008]\n")
	want := plain(t, dir)
	n := newNetwork(t, 3)
	c := newCast(t, dir, "--verify", "0.2")
	c.address = bridge + c.address[strings.LastIndex(c.address, ":"):]
	c.startServer()
	work := func(i int, name string, args ...string) *exec.Cmd {
		folder := filepath.Join(dir, "machine-"+name)
		args = append([]string{"work", "nats://secret@" + c.address, "--folder", folder, "--machine", name, "--workers", "1", "--checkpoint-every", "100ms"}, args...)
		p := c.startBy(append([]string{"ip", "netns", "exec", n.machine(i)}, filepath.Join(bin, "elman-sweep")), name, args...)
		c.workers = append(c.workers, p)
		return p
	}
	if err := work(1, "another", "--elman", wrongElman(t, "--hidden=20", "--hidden=21")).Wait(); err == nil {
		t.Error("a machine with another elman is not refused")
	}
	dying := work(1, "dying")
	c.flip(dying)
	work(1, "first")
	work(2, "cut")
	n.slow(3, "80kbit")
	work(3, "slow")
	c.holds("cut")
	n.run("ip", "link", "set", n.machine(2), "down")
	time.Sleep(30 * time.Second)
	n.run("ip", "link", "set", n.machine(2), "up")
	c.finish()
	compare(t, dir, want)
	checkReport(t, dir, want)
	text, err := os.ReadFile(filepath.Join(dir, "study", "faults.log"))
	if err != nil {
		t.Fatal(err)
	}
	for _, fault := range []string{
		"machine another is refused: its elman (", "machine dying has fallen silent; machine ", "machine cut has fallen silent; machine ",
		"begins anew, because its checkpoint is not usable: state.safetensors: differs from its SHA-256",
	} {
		if !strings.Contains(string(text), fault) {
			t.Errorf("faults.log does not have %q:\n%s", fault, text)
		}
	}
	t.Logf("faults:\n%s", text)
	if log, err := os.ReadFile(filepath.Join(dir, "cut.log")); err != nil || !strings.Contains(string(log), "the study is finished") {
		t.Errorf("the machine that was cut off did not come back (%v)", err)
	}
	if t.Failed() {
		t.Log(c.log())
	}
}

// stores connects to the tables and the store of the study.
func (c *cast) stores(table string) (context.Context, jetstream.KeyValue, jetstream.ObjectStore) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), time.Minute)
	c.t.Cleanup(cancel)
	nc, err := nats.Connect("nats://secret@" + c.address)
	c.check(err)
	c.t.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	c.check(err)
	keys, err := js.KeyValue(ctx, "sweep-"+table)
	c.check(err)
	files, err := js.ObjectStore(ctx, "sweep-files")
	c.check(err)
	return ctx, keys, files
}

func (c *cast) check(err error) {
	c.t.Helper()
	if err != nil {
		c.t.Fatalf("%v\n%s", err, c.log())
	}
}

// holds waits until a machine does a run.
func (c *cast) holds(machine string) {
	c.t.Helper()
	ctx, holders, _ := c.stores("holders")
	for ; ; time.Sleep(20 * time.Millisecond) {
		c.check(ctx.Err())
		keys, _ := holders.Keys(ctx)
		for _, key := range keys {
			if e, err := holders.Get(ctx, key); err == nil && string(e.Value()) == machine {
				return
			}
		}
	}
}

// flip waits for a worker's first checkpoint, kills the worker, and flips a bit of the checkpoint in the store.
func (c *cast) flip(worker *exec.Cmd) {
	c.t.Helper()
	ctx, checkpoints, store := c.stores("checkpoints")
	var keys []string
	for ; len(keys) == 0; time.Sleep(20 * time.Millisecond) {
		c.check(ctx.Err())
		keys, _ = checkpoints.Keys(ctx)
	}
	c.kill(worker)
	entry, err := checkpoints.Get(ctx, keys[0])
	c.check(err)
	var saved struct{ Files map[string]string }
	c.check(json.Unmarshal(entry.Value(), &saved))
	object := keys[0] + "/" + saved.Files["state.safetensors"]
	state, err := store.GetBytes(ctx, object)
	c.check(err)
	state[len(state)/2] ^= 1
	_, err = store.PutBytes(ctx, object, state)
	c.check(err)
}
