package queue

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/seed-f4dd853e/elman/elman-sweep/runner"
	"github.com/seed-f4dd853e/elman/elman-sweep/study"
	"github.com/seed-f4dd853e/elman/train/run"
)

// A Worker takes runs from a queue, one at a time in each of its slots.
type Worker struct {
	Queue  *Queue
	Runner *runner.Runner
	Folder string // for the folders of runs
	// Shared says that Folder/runs is that of the study itself: nothing needs to be sent, and inputs lie where Runner.Where says.
	Shared bool
	Slots  int
	// Every is the time between two copies of a checkpoint in the store.
	Every time.Duration
	Tell  func(format string, values ...any) // what people may want to know; may be nil
	// Wait is how long the worker waits for a server that does not answer, before it gives up.
	Wait time.Duration

	turns chan struct{} // holds one for each run in work

	mu     sync.Mutex
	orders map[string]bool // in work, by their keys
}

// ErrFinished says that all runs are done.
var ErrFinished = errors.New("the study is finished")

// A refusal is why a machine may not work.
type refusal struct{ text string }

func (r *refusal) Error() string { return r.text }

// Check compares the self-test of this machine's elman with that of the server, which is told about a difference.
func (w *Worker) Check(ctx context.Context) error {
	want, err := w.Queue.get(ctx, w.Queue.state, selfTestKey)
	if err != nil {
		return err
	}
	if own := w.Runner.SelfTest; own != want {
		err := &refusal{fmt.Sprintf("machine %s is refused: its elman (%s, self-test %s) computes other bits than the server's (%s)", w.Runner.Machine, w.Runner.Version, own, want)}
		w.Queue.fault(ctx, err.text)
		return err
	}
	return nil
}

// Run works until ctx ends, the study is finished (ErrFinished), or the machine is refused.
func (w *Worker) Run(ctx context.Context) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	w.Runner.Fault = func(id, message string) { w.fault(ctx, id, message) }
	if !w.Shared {
		w.Runner.Where = func(f study.File) string { return filepath.Join(w.Folder, "inputs", f.SHA256[:16], f.Name) }
	}
	w.turns = make(chan struct{}, w.Slots)
	takers := w.Slots
	if w.Shared { // one more takes the next run while another's result is written: other machines do not wait for it here
		takers++
	}
	var all sync.WaitGroup
	for range takers {
		all.Go(func() {
			if err := w.slot(ctx); err != nil {
				stop(err)
			}
		})
	}
	all.Wait()
	return context.Cause(ctx)
}

// inTurn does a run when one of the slots is free.
func (w *Worker) inTurn(ctx context.Context, t *study.Task, folder string) (*runner.Result, error) {
	select {
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	case w.turns <- struct{}{}:
	}
	defer func() { <-w.turns }()
	return w.Runner.Run(ctx, t, folder)
}

// idle is how long a slot waits for a run before it asks whether there will be one.
const idle = 2 * time.Second

func (w *Worker) slot(ctx context.Context) error {
	answered := time.Now()
	for ctx.Err() == nil {
		err := w.next(ctx)
		switch {
		case err == nil:
			answered = time.Now()
			continue
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, ErrFinished) || errors.As(err, new(*refusal)) || errors.As(err, new(*permanent)) || errors.As(err, new(runner.MachineError)):
			return err
		case time.Since(answered) > w.Wait:
			return fmt.Errorf("the server has not answered for %v: %w", w.Wait, err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(200 * time.Millisecond):
		}
	}
	return nil
}

// next does the next run, if there is one soon.
func (w *Worker) next(ctx context.Context) error {
	limited, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	if err := w.admitted(limited); err != nil {
		return err
	}
	if finished, err := w.Queue.get(limited, w.Queue.state, finishedKey); err != nil {
		return err
	} else if finished != "" {
		return ErrFinished
	}
	consumer, lease, err := w.Queue.consumer(limited)
	if err != nil {
		return err
	}
	waiting, stop := context.WithTimeout(ctx, idle)
	defer stop()
	msg, err := consumer.Next(jetstream.FetchContext(waiting))
	if errors.Is(err, nats.ErrTimeout) || errors.Is(err, jetstream.ErrNoMessages) || errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		return nil
	} else if err != nil {
		return err
	}
	return w.take(ctx, msg, lease)
}

// admitted returns a refusal if this machine may not work: it computes wrongly, or not what the server does, which may have been
// started again with another elman.
func (w *Worker) admitted(ctx context.Context) error {
	why, err := w.Queue.get(ctx, w.Queue.state, refusedKey+machineKey(w.Runner.Machine))
	if err != nil {
		return err
	}
	if why != "" {
		return &refusal{why}
	}
	return w.Check(ctx)
}

// errDone says that another worker has done a run meanwhile.
var errDone = errors.New("done")

// do does a run unless it is done, and puts its outcome into the table.
func (w *Worker) do(ctx context.Context, o order, msg jetstream.Msg) error {
	t := &o.Task
	if o.Verify != "" {
		return w.verify(ctx, o, msg)
	}
	var old *outcome
	err := w.persist(ctx, func(ctx context.Context) (err error) {
		old, err = w.Queue.outcome(ctx, w.Queue.results, t.ID)
		return err
	})
	if err != nil {
		return err
	}
	if old != nil && old.Result.Done(t) {
		return nil
	}
	folder := filepath.Join(w.Folder, "runs", t.ID)
	if w.Shared { // it may have been written just before a kill
		if result, err := runner.ReadResult(folder); err == nil && result.Done(t) {
			return w.deliver(ctx, w.Queue.results, outcome{Result: result})
		}
	}
	result, files, err := w.train(ctx, t, folder)
	if err == errDone {
		return nil
	}
	if err != nil {
		return err
	}
	if w.Shared {
		if err := result.Write(folder); err != nil {
			return &permanent{err}
		}
	}
	if err := w.deliver(ctx, w.Queue.results, outcome{result, files}); err != nil {
		return err
	}
	if !w.Shared {
		os.RemoveAll(folder)
	}
	return nil
}

// train does a run in a folder and sends its files: checkpoints along the way, the rest at the end.
func (w *Worker) train(ctx context.Context, t *study.Task, folder string) (*runner.Result, manifest, error) {
	if err := w.fetch(ctx, t, folder); err != nil {
		return nil, nil, err
	}
	saving, stop := context.WithCancel(ctx)
	defer stop()
	c := &checkpoints{worker: w, id: t.ID, folder: folder, before: readMachines(folder)}
	var copies sync.WaitGroup
	if !w.Shared {
		copies.Go(func() { c.repeat(saving, w.Every) })
	}
	result, err := w.inTurn(ctx, t, folder)
	stop()
	copies.Wait()
	if w.Shared {
		return result, nil, err
	}
	if errors.As(err, new(*refusal)) { // nobody goes on from here
		return nil, nil, err
	}
	if err != nil { // interrupted: others go on from here
		late, cancel := context.WithTimeout(context.WithoutCancel(ctx), 20*time.Second)
		defer cancel()
		c.save(late)
		return nil, nil, err
	}
	result.Before = c.before
	var files manifest
	if result.Error == "" {
		err = w.persist(ctx, func(ctx context.Context) (err error) {
			files, err = w.Queue.upload(ctx, t.ID, folder, true)
			return err
		})
	}
	return result, files, err
}

// fetch brings what a run needs to this machine: its inputs, and where it was begun elsewhere, its checkpoint.
func (w *Worker) fetch(ctx context.Context, t *study.Task, folder string) error {
	if !w.Shared {
		if err := w.inputs(ctx, t); err != nil {
			return err
		}
	}
	if _, err := os.Stat(filepath.Join(folder, run.InfoName)); err == nil {
		return nil // begun here
	}
	err := w.persist(ctx, func(ctx context.Context) error {
		s, err := w.Queue.checkpoint(ctx, t.ID)
		if s.Files == nil || err != nil {
			return err
		}
		if bad, err := w.Queue.refused(ctx); err != nil {
			return err
		} else if slices.ContainsFunc(s.Machines, func(m string) bool { return bad[m] }) {
			return nil
		}
		if err := w.Queue.download(ctx, t.ID, s.Files, folder); err != nil {
			return err
		}
		w.tell("run %s goes on from a checkpoint of another attempt", t.ID)
		if err := writeMachines(folder, s.Machines); err != nil {
			return &permanent{err}
		}
		return nil
	})
	if errors.As(err, new(*permanent)) && ctx.Err() == nil {
		if o, err := w.Queue.outcome(ctx, w.Queue.results, t.ID); err == nil && o != nil && o.Result.Done(t) {
			return errDone // and the server has removed the checkpoint
		}
		w.fault(ctx, t.ID, fmt.Sprintf("begins anew, because its checkpoint is not usable: %v", err))
		return os.RemoveAll(folder)
	}
	return err
}

// inputs brings the files that a run reads to this machine.
func (w *Worker) inputs(ctx context.Context, t *study.Task) error {
	for _, f := range t.Files() {
		path := w.Runner.Where(f)
		if have, err := study.HashFile(path); err == nil && have.SHA256 == f.SHA256 {
			continue
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			return &permanent{err}
		}
		if err := w.persist(ctx, func(ctx context.Context) error { return w.Queue.take(ctx, inputs, f.SHA256, path) }); err != nil {
			return fmt.Errorf("input %s: %w", f.Name, err)
		}
	}
	return nil
}

// deliver puts an outcome into a table. If another worker has done the same run, both must agree.
func (w *Worker) deliver(ctx context.Context, table jetstream.KeyValue, o outcome) error {
	return w.persist(ctx, func(ctx context.Context) error {
		_, err := table.Create(ctx, o.Result.ID, mustJSON(o))
		if !errors.Is(err, jetstream.ErrKeyExists) {
			return err
		}
		first, err := w.Queue.outcome(ctx, table, o.Result.ID)
		if err != nil || first == nil {
			return err
		}
		a, b := first.Result, o.Result
		if a.Measures != b.Measures || a.Error != "" && b.Error == "" { // the study measures something else now, or it failed before
			_, err := table.Put(ctx, b.ID, mustJSON(o))
			return err
		}
		if a.Hash != b.Hash && a.Error == "" && b.Error == "" {
			return w.Queue.fault(ctx, fmt.Sprintf("run %s: machine %s computed weights %.16s, machine %s %.16s: repeat the study with --verify 1 to see which is wrong", a.ID, a.Machine, a.Hash, b.Machine, b.Hash))
		}
		return nil
	})
}

// fault tells the server, and people here, about a run.
func (w *Worker) fault(ctx context.Context, id, message string) {
	text := fmt.Sprintf("run %s on machine %s %s", id, w.Runner.Machine, message)
	w.tell("%s", text)
	w.persist(ctx, func(ctx context.Context) error { return w.Queue.fault(ctx, text) })
}

// persist is persist that gives up after Wait.
func (w *Worker) persist(ctx context.Context, try func(context.Context) error) error {
	return persistFor(ctx, w.Wait, try)
}

func (w *Worker) tell(format string, values ...any) {
	if w.Tell != nil {
		w.Tell(format, values...)
	}
}
