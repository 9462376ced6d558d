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

	"github.com/nats-io/nats.go"

	"github.com/seed-f4dd853e/elman/elman-sweep/runner"
	"github.com/seed-f4dd853e/elman/elman-sweep/study"
)

// newCoordinator returns the coordinator of a study of one run, and what it says.
func newCoordinator(t *testing.T, ctx context.Context, q *Queue) (*Coordinator, *[]string) {
	t.Helper()
	text := filepath.Join(t.TempDir(), "play.txt")
	write(t, text, "to be or not to be")
	write(t, filepath.Join(filepath.Dir(text), "study.toml"), "[texts]\nplay = 'play.txt'\n")
	s, err := study.Read(filepath.Join(filepath.Dir(text), "study.toml"))
	if err != nil {
		t.Fatal(err)
	}
	faults := &[]string{}
	c := &Coordinator{Queue: q, Study: s, Folder: t.TempDir(), Runner: &runner.Runner{}, Fault: func(text string) { *faults = append(*faults, text) }}
	if err := c.Begin(ctx); err != nil {
		t.Fatal(err)
	}
	return c, faults
}

// ordered returns how many orders are in the queue.
func ordered(t *testing.T, ctx context.Context, q *Queue) int {
	t.Helper()
	info, err := q.runs.Info(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return int(info.State.Msgs)
}

// TestHostileOrder: an order that names files outside the folder of runs is told, and nothing is done.
func TestHostileOrder(t *testing.T) {
	ctx, q := newQueue(t)
	folder := t.TempDir()
	precious := filepath.Join(folder, "precious")
	write(t, filepath.Join(precious, "thesis"), "")
	if err := q.publish(ctx, runKind, order{Task: study.Task{ID: "../../precious"}}); err == nil {
		t.Error("a subject with dots was published") // NATS takes no such subject, but the order in it may say so
	}
	text := mustJSON(order{Task: study.Task{ID: "../../precious"}})
	if _, err := q.js.Publish(ctx, q.subject(runKind, "1"), text); err != nil {
		t.Fatal(err)
	}
	w := &Worker{Queue: q, Folder: filepath.Join(folder, "a"), Runner: &runner.Runner{Machine: "attic"}, Wait: time.Second}
	if err := w.next(ctx); err != nil {
		t.Error(err)
	}
	keys, err := q.faults.Keys(ctx)
	if err != nil || len(keys) != 1 {
		t.Fatalf("%d faults (%v), want one", len(keys), err)
	}
	if text, _ := q.get(ctx, q.faults, keys[0]); !strings.HasPrefix(text, "an order in the queue is not usable: ") {
		t.Errorf("the fault is %q", text)
	}
	if _, err := os.Stat(filepath.Join(precious, "thesis")); err != nil {
		t.Error(err)
	}
	if n := ordered(t, ctx, q); n != 0 {
		t.Errorf("%d orders are left", n)
	}
}

// TestDamagedInput: a text that is damaged on a worker's disk is brought again.
func TestDamagedInput(t *testing.T) {
	ctx, q := newQueue(t)
	c, _ := newCoordinator(t, ctx, q)
	r := &c.Study.Runs[0]
	if err := c.sendInputs(ctx, r); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "play.txt")
	write(t, path, "to be or not to bf")
	w := &Worker{Queue: q, Runner: &runner.Runner{Where: func(study.File) string { return path }}, Wait: time.Minute}
	if err := w.inputs(ctx, &r.Task); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(path); err != nil || string(text) != "to be or not to be" {
		t.Errorf("the text is %q (%v)", text, err)
	}
}

// TestRefusedCheckpoint: nobody goes on from a checkpoint that a refused machine had a part in, and a run that is repeated has none.
func TestRefusedCheckpoint(t *testing.T) {
	ctx, q := newQueue(t)
	c, _ := newCoordinator(t, ctx, q)
	id := c.Study.Runs[0].ID
	from := t.TempDir()
	write(t, filepath.Join(from, "run.json"), "{}")
	files, err := q.upload(ctx, id, from, false)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := q.checkpoints.Put(ctx, id, mustJSON(saved{[]string{"bad", "good"}, files})); err != nil {
		t.Fatal(err)
	}
	fetched := func() bool {
		w := &Worker{Queue: q, Shared: true, Runner: &runner.Runner{Machine: "attic"}, Wait: time.Minute}
		folder := filepath.Join(t.TempDir(), id)
		if err := w.fetch(ctx, &study.Task{ID: id}, folder); err != nil {
			t.Fatal(err)
		}
		_, err := os.Stat(filepath.Join(folder, "run.json"))
		return err == nil
	}
	if !fetched() {
		t.Error("the checkpoint is not fetched before a machine is refused")
	}
	if _, err := q.state.PutString(ctx, refusedKey+machineKey("bad"), "it computes wrongly"); err != nil {
		t.Fatal(err)
	}
	if fetched() {
		t.Error("the checkpoint of a refused machine is used")
	}
	if err := c.again(ctx, id); err != nil {
		t.Fatal(err)
	}
	if s, err := q.checkpoint(ctx, id); s.Files != nil || err != nil {
		t.Errorf("a run that is repeated has the checkpoint %v (%v)", s, err)
	}
	if n := ordered(t, ctx, q); n != 1 {
		t.Errorf("%d orders, want one", n)
	}
	if c.refused["bad"] = true; !c.refuses(&runner.Result{Machine: "good", Before: []string{"bad"}}) || c.refuses(&runner.Result{Machine: "good"}) {
		t.Error("a result is refused if a refused machine had a part in it, and only then")
	}
}

// TestDoneMeanwhile: a checkpoint that is gone because the run is done is no fault, and the run is not begun again.
func TestDoneMeanwhile(t *testing.T) {
	ctx, q := newQueue(t)
	c, _ := newCoordinator(t, ctx, q)
	task := &c.Study.Runs[0].Task
	if _, err := q.checkpoints.Put(ctx, task.ID, mustJSON(saved{[]string{"attic"}, manifest{"run.json": "00"}})); err != nil {
		t.Fatal(err)
	}
	w := &Worker{Queue: q, Shared: true, Runner: &runner.Runner{Machine: "cellar"}, Wait: time.Minute}
	fetch := func() error { return w.fetch(ctx, task, filepath.Join(t.TempDir(), "run")) }
	if err := fetch(); err != nil {
		t.Fatal(err)
	}
	done := outcome{Result: &runner.Result{ID: task.ID, Hash: "aa", Measures: task.MeasuresHash()}}
	if err := w.deliver(ctx, q.results, done); err != nil {
		t.Fatal(err)
	}
	before, _ := q.faults.Keys(ctx)
	if err := fetch(); err != errDone {
		t.Errorf("error %v, want %v", err, errDone)
	}
	if now, _ := q.faults.Keys(ctx); len(before) != 1 || len(now) != 1 {
		t.Errorf("%d faults before the run was done, %d after; want one", len(before), len(now))
	}
}

// TestCollect gives the coordinator results that it must not take: each is told, and the run is ordered once more.
func TestCollect(t *testing.T) {
	ctx, q := newQueue(t)
	c, faults := newCoordinator(t, ctx, q)
	id := c.Study.Runs[0].ID
	good := func() *runner.Result {
		return &runner.Result{ID: id, Hash: "aa", Measures: c.Study.Runs[0].MeasuresHash(), Machine: "attic"}
	}
	other, both, wrong := good(), good(), good()
	other.ID, both.Error, wrong.SelfTest = "1", "an error too", "another"
	for _, tt := range []struct {
		name, value, fault string
	}{
		{"no JSON", "x", "its result cannot be read"},
		{"another run's", string(mustJSON(outcome{Result: other})), `it is of run "1"`},
		{"a hash and an error", string(mustJSON(outcome{Result: both})), "not either a hash or an error"},
		{"another self-test", string(mustJSON(outcome{Result: wrong})), "machine attic, whose elman has another self-test"},
		{"a file outside", string(mustJSON(outcome{good(), manifest{"../x": "00"}})), `is named "../x"`},
		{"outside by the teacher", string(mustJSON(outcome{good(), manifest{"teacher/../../x": "00"}})), `is named "teacher/../../x"`},
		{"without its files", string(mustJSON(outcome{Result: good()})), "run " + id + " by machine attic: "},
	} {
		*faults = nil
		before := ordered(t, ctx, q)
		if _, err := q.results.PutString(ctx, id, tt.value); err != nil {
			t.Fatal(err)
		}
		e, err := q.results.Get(ctx, id)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.collect(ctx, e); err != nil || c.done[id] != nil {
			t.Errorf("%s: error %v, done %v", tt.name, err, c.done[id])
		}
		if len(*faults) != 1 || !strings.Contains((*faults)[0], tt.fault) {
			t.Errorf("%s: faults %q, want %q", tt.name, *faults, tt.fault)
		}
		if now := ordered(t, ctx, q); now != before+1 {
			t.Errorf("%s: %d orders, before %d", tt.name, now, before)
		}
	}
}

// TestOwner: two studies do not share a queue, and one study finds its own again.
func TestOwner(t *testing.T) {
	ctx, q := newQueue(t)
	first, _ := newCoordinator(t, ctx, q)
	if err := q.publish(ctx, runKind, order{Task: first.Study.Runs[0].Task}); err != nil {
		t.Fatal(err)
	}
	second := *first
	second.Folder = t.TempDir()
	if err := second.Begin(ctx); err == nil || !strings.Contains(err.Error(), "is that of another study") {
		t.Errorf("error %v", err)
	}
	if n := ordered(t, ctx, q); n != 1 {
		t.Errorf("%d orders of the first study, want one", n)
	}
	if err := first.Begin(ctx); err != nil {
		t.Error(err)
	}
	first.Study.Runs = nil // the file has changed
	if err := first.Begin(ctx); err != nil || ordered(t, ctx, q) != 0 {
		t.Errorf("orders of runs that the study no longer has are left (%v)", err)
	}
}

// TestOtherMeasures: a result with what is measured now takes the place of an older one, and a success that of a failure.
func TestOtherMeasures(t *testing.T) {
	ctx, q := newQueue(t)
	w := &Worker{Queue: q, Runner: &runner.Runner{Machine: "attic"}, Wait: time.Minute}
	for _, r := range []runner.Result{{ID: "1", Error: "no"}, {ID: "1", Hash: "aa"}, {ID: "1", Hash: "aa", Measures: "words"}} {
		if err := w.deliver(ctx, q.results, outcome{Result: &r}); err != nil {
			t.Fatal(err)
		}
		o, err := q.outcome(ctx, q.results, "1")
		if err != nil || o.Result.Hash != r.Hash || o.Result.Measures != r.Measures {
			t.Errorf("the result is %+v (%v), want %+v", o, err, r)
		}
	}
}

// TestBegin: a machine that is given an order which it has in work does not begin it again.
func TestBegin(t *testing.T) {
	w := &Worker{}
	run := order{Task: study.Task{ID: "1"}}
	done, ok := w.begin(run)
	if _, again := w.begin(run); !ok || again {
		t.Errorf("begun %v, then %v", ok, again)
	}
	if _, ok := w.begin(order{Task: study.Task{ID: "1"}, Verify: "attic"}); !ok {
		t.Error("the repetition of a run in work is not begun")
	}
	done()
	if _, ok := w.begin(run); !ok {
		t.Error("an order that is done is not begun again")
	}
}

// TestPersist: what needs the server is given up after a while, and at once where waiting does not help.
func TestPersist(t *testing.T) {
	for _, tt := range []struct {
		err   error
		tries int
	}{{errors.New("no answer"), 2}, {nats.ErrConnectionClosed, 1}, {&permanent{errors.New("full")}, 1}} {
		n := 0
		err := persistFor(t.Context(), 10*time.Millisecond, func(context.Context) error {
			n++
			return tt.err
		})
		if !errors.Is(err, tt.err) && !strings.Contains(err.Error(), tt.err.Error()) || !errors.As(err, new(*permanent)) || n != tt.tries {
			t.Errorf("%v: %d tries, want %d; error %v", tt.err, n, tt.tries, err)
		}
	}
	if got := transferTime(1 << 40); got < 24*time.Hour {
		t.Errorf("a terabyte may take %v", got)
	}
}

// TestAgree compares hashes and losses.
func TestAgree(t *testing.T) {
	loss := func(x float64) []runner.Value { return []runner.Value{{Name: "valid_loss", Value: x}} }
	first := &runner.Result{Hash: "aa", Values: slices.Concat(loss(1), []runner.Value{{Name: "words", Value: 3}})}
	for _, tt := range []struct {
		second runner.Result
		want   bool
	}{{runner.Result{Hash: "aa", Values: loss(1)}, true}, {runner.Result{Hash: "bb", Values: loss(1)}, false}, {runner.Result{Hash: "aa", Values: loss(2)}, false}} {
		if got := agree(first, &tt.second); got != tt.want {
			t.Errorf("%+v: %v", tt.second, got)
		}
	}
}
