package queue

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed-f4dd853e/elman/elman-sweep/runner"
	"github.com/seed-f4dd853e/elman/elman-sweep/study"
)

// newQueue starts a server and returns a study's queue, as a server and as a worker see it.
func newQueue(t *testing.T) (context.Context, *Queue) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	s, err := StartServer(ServerOptions{Folder: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	nc, err := s.Connect("")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	q, err := Create(ctx, nc, DefaultName, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	return ctx, q
}

func write(t *testing.T, path, text string) {
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

// TestCheckpoint sends a checkpoint to another machine, then one with a flipped bit, which is named and not used.
func TestCheckpoint(t *testing.T) {
	ctx, q := newQueue(t)
	from, to := t.TempDir(), t.TempDir()
	files := map[string]string{"run.json": "{}", "state.safetensors": strings.Repeat("s", 300_000), "metrics.jsonl": "",
		"teacher/run.json": "{ }", "teacher/state.safetensors": "t"}
	for name, text := range files {
		write(t, filepath.Join(from, name), text)
	}
	write(t, filepath.Join(from, ".state.safetensors.x.tmp"), "half")
	m, err := q.upload(ctx, "1", from, false)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := q.checkpoints.Put(ctx, "1", mustJSON(saved{[]string{"cellar"}, m})); err != nil {
		t.Fatal(err)
	}
	w := &Worker{Queue: q, Runner: &runner.Runner{Machine: "attic"}}
	task := &study.Task{ID: "1"}
	folder := filepath.Join(to, "runs", "1")
	if err := w.fetch(ctx, task, folder); err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		if got, err := os.ReadFile(filepath.Join(folder, name)); err != nil || string(got) != text {
			t.Errorf("%s has %d bytes, want %d (%v)", name, len(got), len(text), err)
		}
	}
	if entries, _ := os.ReadDir(folder); len(entries) != len(files)-2+2 || !slices.Equal(readMachines(folder), []string{"cellar"}) {
		t.Errorf("%d files were sent, want %d, and the name of the machine %q", len(entries), len(files), readMachines(folder))
	}

	name := objectName("1", m["state.safetensors"])
	if _, err := q.files.PutString(ctx, name, strings.Repeat("s", 299_999)+"r"); err != nil {
		t.Fatal(err)
	}
	os.RemoveAll(folder)
	if err := w.fetch(ctx, task, folder); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(folder); err == nil {
		t.Error("the damaged checkpoint is used")
	}
	keys, err := q.faults.Keys(ctx)
	if err != nil || len(keys) != 1 {
		t.Fatalf("%d faults, want one (%v)", len(keys), err)
	}
	text, _ := q.get(ctx, q.faults, keys[0])
	if want := "run 1 on machine attic begins anew, because its checkpoint is not usable: state.safetensors: "; !strings.HasPrefix(text, want) || !strings.HasSuffix(text, errDamaged.Error()) {
		t.Errorf("the fault is %q, want %q", text, want)
	}
}

// TestIncomplete makes sure that a file of which the store has lost a part is not waited for, and is sent again.
func TestIncomplete(t *testing.T) {
	ctx, q := newQueue(t)
	path := filepath.Join(t.TempDir(), "state")
	write(t, path, strings.Repeat("s", 3*chunk))
	sha, err := q.put(ctx, "1", path)
	if err != nil {
		t.Fatal(err)
	}
	info, err := q.files.GetInfo(ctx, objectName("1", sha))
	if err != nil {
		t.Fatal(err)
	}
	stream, err := q.js.Stream(ctx, "OBJ_"+info.Bucket)
	if err != nil {
		t.Fatal(err)
	}
	if err := stream.DeleteMsg(ctx, 2); err != nil {
		t.Fatal(err)
	}
	if err := q.take(ctx, "1", sha, path+"2"); !errors.Is(err, errDamaged) {
		t.Errorf("got %v, want %v", err, errDamaged)
	}
	if _, err := q.put(ctx, "1", path); err != nil {
		t.Fatal(err)
	}
	if err := q.take(ctx, "1", sha, path+"2"); err != nil {
		t.Error(err)
	}
}

// TestForget makes sure that the files of an older checkpoint leave the store, and those that the new one has too stay.
func TestForget(t *testing.T) {
	ctx, q := newQueue(t)
	dir := t.TempDir()
	write(t, filepath.Join(dir, "a"), "same")
	write(t, filepath.Join(dir, "b"), "old")
	old, err := q.upload(ctx, "1", dir, false)
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "b"), "new")
	now, err := q.upload(ctx, "1", dir, false)
	if err != nil {
		t.Fatal(err)
	}
	if err := q.forget(ctx, "1", old, now); err != nil {
		t.Fatal(err)
	}
	there, err := q.files.List(ctx)
	if err != nil || len(there) != 2 {
		t.Errorf("%d objects are left, want 2 (%v)", len(there), err)
	}
	if err := q.download(ctx, "1", now, t.TempDir()); err != nil {
		t.Error(err)
	}
}

// TestTwice makes sure that two equal results are one, and that two different ones are told.
func TestTwice(t *testing.T) {
	ctx, q := newQueue(t)
	deliver := func(machine, hash string) {
		w := &Worker{Queue: q, Runner: &runner.Runner{Machine: machine}}
		if err := w.deliver(ctx, q.results, outcome{Result: &runner.Result{ID: "1", Hash: hash, Machine: machine}}); err != nil {
			t.Fatal(err)
		}
	}
	deliver("attic", "aa")
	deliver("cellar", "aa")
	if keys, _ := q.faults.Keys(ctx); len(keys) != 0 {
		t.Errorf("%d faults of equal results", len(keys))
	}
	deliver("cellar", "bb")
	keys, err := q.faults.Keys(ctx)
	if err != nil || len(keys) != 1 {
		t.Fatalf("%d faults of different results, want one (%v)", len(keys), err)
	}
	if text, _ := q.get(ctx, q.faults, keys[0]); !strings.Contains(text, "machine attic computed weights aa, machine cellar bb") {
		t.Errorf("the fault is %q", text)
	}
}

// TestForgive refuses a machine, which may not work until it is forgiven.
func TestForgive(t *testing.T) {
	ctx, q := newQueue(t)
	if _, err := q.state.PutString(ctx, refusedKey+machineKey("attic"), "it computes wrongly"); err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	told := ""
	begin := func(forgive ...string) (*Coordinator, error) {
		c := &Coordinator{Queue: q, Folder: folder, Study: &study.Study{}, Runner: &runner.Runner{}, Forgive: forgive, Fault: func(text string) { told += text }}
		return c, c.Begin(ctx)
	}
	w := &Worker{Queue: q, Runner: &runner.Runner{Machine: "attic"}}
	if c, err := begin(); err != nil || !c.refused["attic"] {
		t.Errorf("the machine that was refused is not (%v)", err)
	}
	if err := w.next(ctx); err == nil || err.Error() != "it computes wrongly" {
		t.Errorf("a refused machine works: %v", err)
	}
	if c, err := begin("attic"); err != nil || len(c.refused) > 0 {
		t.Errorf("the machine is not forgiven (%v)", err)
	}
	if err := w.next(ctx); err != nil {
		t.Errorf("a machine that was forgiven may not work: %v", err)
	}
	if _, err := begin("attic"); err != nil || told != `machine "attic" is not refused` {
		t.Errorf("forgiven twice: %v, %q", err, told)
	}
}

func TestChosen(t *testing.T) {
	n := 0
	for i := range 1000 {
		if chosen(study.Digest(i)[:16], 0.05) {
			n++
		}
	}
	if n < 30 || n > 70 || chosen("0000000000000000", 0) || !chosen("ffffffffffffffff", 1) {
		t.Errorf("%d of 1000 runs are chosen for a share of 5 %%", n)
	}
}

// FuzzOutcome looks for results of workers that break the server, or reach files outside a run's folder.
func FuzzOutcome(f *testing.F) {
	f.Add([]byte(`{"result":{"id":"1","hash":"aa"},"files":{"model.safetensors":"00"}}`))
	f.Add([]byte(`{"result":{"id":"1"},"files":{"../x":"00"}}`))
	f.Add([]byte(`{"result":{"id":"1"},"files":{"teacher/../../x":"00"}}`))
	f.Add([]byte(`{"result":{"id":"1"},"files":{"teacher/teacher/x":"00"}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		o, err := parseOutcome("1", text)
		if err != nil {
			return
		}
		for name := range o.Files {
			if dir := filepath.Dir(filepath.Join("runs", name)); dir != "runs" && dir != filepath.Join("runs", "teacher") {
				t.Errorf("the file %q lies outside", name)
			}
		}
	})
}
