package queue

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/seed-f4dd853e/elman/elman-sweep/runner"
	"github.com/seed-f4dd853e/elman/elman-sweep/study"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/train/run"
)

// A Coordinator offers the runs of a study, collects their results in the study's folder, and has some repeated.
type Coordinator struct {
	Queue   *Queue
	Study   *study.Study
	Folder  string         // of the study
	Runner  *runner.Runner // of this machine, which decides when two others disagree
	Shared  bool           // all workers are in this process, and use Folder
	Verify  float64        // share of runs to repeat
	Forgive []string       // machines that were refused and may work again
	Done    func(Finished) // receives each run that is done, also by earlier calls; may be nil
	Fault   func(string)   // receives what went wrong; may be nil

	runs     map[string]*study.Run
	done     map[string]*runner.Result
	checked  map[string]bool // repeated, with the same weights
	awaiting map[string]bool // a repetition is in the queue
	sent     map[string]bool // inputs that are in the store, by their hashes
	refused  map[string]bool // machines that compute wrongly
}

// Finished is a run that is done.
type Finished struct {
	Run    *study.Run
	Result *runner.Result
	Before bool // by an earlier call
}

// Begin tells workers which study it is. It comes before Run and before workers start.
func (c *Coordinator) Begin(ctx context.Context) error {
	c.runs, c.done = map[string]*study.Run{}, map[string]*runner.Result{}
	c.checked, c.awaiting, c.sent = map[string]bool{}, map[string]bool{}, map[string]bool{}
	for i, r := range c.Study.Runs {
		c.runs[r.ID] = &c.Study.Runs[i]
	}
	return c.persist(ctx, c.begin)
}

// Run offers what is missing, and returns when all is done.
func (c *Coordinator) Run(ctx context.Context) error {
	if err := c.offer(ctx); err != nil { // before the tables are watched: it removes what is out of date from them
		return err
	}
	watching, stop := context.WithCancel(ctx)
	defer stop()
	var updates [3]<-chan jetstream.KeyValueEntry
	for i, table := range []jetstream.KeyValue{c.Queue.results, c.Queue.verified, c.Queue.faults} {
		w, err := table.WatchAll(watching, jetstream.IgnoreDeletes())
		if err != nil {
			return err
		}
		defer w.Stop()
		updates[i] = w.Updates()
	}
	for !c.finished() {
		var err error
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case e, ok := <-updates[0]:
			err = open(ok, func() error {
				return c.persist(ctx, func(ctx context.Context) error { return c.collect(ctx, e) })
			})
		case e, ok := <-updates[1]:
			err = open(ok, func() error { return c.compare(ctx, e) })
		case e, ok := <-updates[2]:
			err = open(ok, func() error { return c.note(ctx, e) })
		}
		if err != nil {
			return err
		}
	}
	return c.persist(ctx, func(ctx context.Context) error {
		_, err := c.Queue.state.PutString(ctx, finishedKey, "yes")
		return err
	})
}

// open calls f, unless the table's updates have ended.
func open(ok bool, f func() error) error {
	if !ok {
		return errors.New("the server has closed the connection; start again")
	}
	return f()
}

// persist is persist that tells people when it takes long.
func (c *Coordinator) persist(ctx context.Context, try func(context.Context) error) error {
	n := 0
	return persist(ctx, func(ctx context.Context) error {
		err := try(ctx)
		if n++; err != nil && n == 8 {
			c.fault(fmt.Sprintf("the server tries again and again: %v", err))
		}
		return err
	})
}

// finished reports whether every run has a result, and each repetition has been compared.
func (c *Coordinator) finished() bool { return len(c.done) == len(c.runs) && len(c.awaiting) == 0 }

// offer finds the runs that are done and puts the others into the queue, unless they are there.
func (c *Coordinator) offer(ctx context.Context) error {
	var queued map[string]bool
	err := c.persist(ctx, func(ctx context.Context) (err error) {
		queued, err = c.queued(ctx)
		return err
	})
	if err != nil {
		return err
	}
	for _, r := range c.Study.Runs {
		result, err := runner.ReadResult(c.runFolder(r.ID))
		if err != nil {
			return err
		}
		if result.Done(&r.Task) && c.refuses(result) {
			if err := c.again(ctx, r.ID); err != nil {
				return err
			}
			continue
		}
		if result.Done(&r.Task) {
			if err := c.finish(ctx, result, true); err != nil {
				return err
			}
			continue
		}
		if err := c.persist(ctx, func(ctx context.Context) error { return c.offerRun(ctx, &r, queued) }); err != nil {
			return err
		}
	}
	return nil
}

// offerRun puts a run into the queue, unless it is there, or waits to be collected.
func (c *Coordinator) offerRun(ctx context.Context, r *study.Run, queued map[string]bool) error {
	old, err := c.Queue.outcome(ctx, c.Queue.results, r.ID)
	if err != nil {
		return err
	}
	if old != nil && old.Result.Done(&r.Task) {
		return nil
	}
	if old != nil { // a failure, or without what is measured now
		if err := c.Queue.results.Delete(ctx, r.ID); err != nil {
			return err
		}
	}
	if queued[c.Queue.subject(runKind, r.ID)] {
		return nil
	}
	if err := c.sendInputs(ctx, r); err != nil {
		return err
	}
	if err := c.sendCheckpoint(ctx, r); err != nil {
		return err
	}
	return c.Queue.publish(ctx, runKind, order{Task: r.Task})
}

// queued returns the subjects in the queue.
func (c *Coordinator) queued(ctx context.Context) (map[string]bool, error) {
	info, err := c.Queue.runs.Info(ctx, jetstream.WithSubjectFilter(c.Queue.name+".>"))
	if err != nil {
		return nil, err
	}
	there := map[string]bool{}
	for subject := range info.State.Subjects {
		there[subject] = true
	}
	return there, nil
}

// sendInputs puts the files that a run reads into the store.
func (c *Coordinator) sendInputs(ctx context.Context, r *study.Run) error {
	if c.Shared {
		return nil
	}
	for _, f := range r.Files() {
		if c.sent[f.SHA256] {
			continue
		}
		sha, err := c.Queue.put(ctx, inputs, f.Path)
		if err == nil && sha != f.SHA256 {
			err = &permanent{fmt.Errorf("%s has changed since the study was read", f.Path)}
		}
		if err != nil {
			return err
		}
		c.sent[f.SHA256] = true
	}
	return nil
}

// sendCheckpoint puts what this machine has trained of a run into the store.
func (c *Coordinator) sendCheckpoint(ctx context.Context, r *study.Run) error {
	folder := c.runFolder(r.ID)
	if _, err := os.Stat(filepath.Join(folder, run.InfoName)); err != nil || c.Shared {
		return nil
	}
	files, err := c.Queue.upload(ctx, r.ID, folder, false)
	if err == nil {
		_, err = c.Queue.checkpoints.Put(ctx, r.ID, mustJSON(saved{append(readMachines(folder), c.Runner.Machine), files}))
	}
	return err
}

func (c *Coordinator) runFolder(id string) string { return filepath.Join(c.Folder, "runs", id) }

// collect takes a result from the table into the study's folder.
func (c *Coordinator) collect(ctx context.Context, e jetstream.KeyValueEntry) error {
	if e == nil || c.runs[e.Key()] == nil || c.done[e.Key()] != nil {
		return nil // the end of what was there, another study's, or a repetition
	}
	o, err := parseOutcome(e.Key(), e.Value())
	if err == nil && o.Result.SelfTest != c.Runner.SelfTest {
		err = fmt.Errorf("it is by machine %s, whose elman has another self-test", o.Result.Machine)
	}
	if err != nil {
		c.fault(fmt.Sprintf("run %s: its result cannot be read: %v", e.Key(), err))
		return c.again(ctx, e.Key())
	}
	if c.refuses(o.Result) {
		return c.again(ctx, e.Key())
	}
	r := c.runs[e.Key()]
	if o.Result.Error == "" && !o.Result.Done(&r.Task) {
		return nil // of other measures; it is in the queue again
	}
	if !c.Shared {
		if err := c.receive(ctx, o); err != nil { // also if a part of a file was lost
			if !errors.As(err, new(*permanent)) {
				return err
			}
			c.fault(fmt.Sprintf("run %s by machine %s: %v", e.Key(), o.Result.Machine, err))
			return c.again(ctx, e.Key())
		}
		if err := o.Result.Write(c.runFolder(e.Key())); err != nil {
			return err
		}
		if err := c.tidy(ctx, e.Key(), o.Files); err != nil {
			return err
		}
	}
	return c.finish(ctx, o.Result, false)
}

// receive writes the files of a run into the study's folder. The model must be the one of the result.
func (c *Coordinator) receive(ctx context.Context, o *outcome) error {
	folder := c.runFolder(o.Result.ID)
	if err := c.Queue.download(ctx, o.Result.ID, o.Files, folder); err != nil || o.Result.Error != "" {
		return err
	}
	m, err := model.Load(folder)
	if err == nil {
		_, err = run.ReadMetrics(folder) // which the report needs
	}
	if err != nil {
		return &permanent{err}
	}
	if hash := m.Hash(); hash != o.Result.Hash {
		return &permanent{fmt.Errorf("the model's hash is %.16s, that of the result %.16s", hash, o.Result.Hash)}
	}
	return nil
}

// tidy removes the files of a run from the store.
func (c *Coordinator) tidy(ctx context.Context, id string, files manifest) error {
	if err := c.Queue.forget(ctx, id, files, nil); err != nil {
		return err
	}
	return c.Queue.dropCheckpoint(ctx, id)
}

// again puts a run into the queue once more, from its beginning.
func (c *Coordinator) again(ctx context.Context, id string) error {
	delete(c.done, id)
	return c.persist(ctx, func(ctx context.Context) error {
		if err := c.Queue.results.Delete(ctx, id); err != nil {
			return err
		}
		if err := c.Queue.verified.Delete(ctx, id); err != nil {
			return err
		}
		if err := c.Queue.dropCheckpoint(ctx, id); err != nil {
			return err
		}
		if err := os.RemoveAll(c.runFolder(id)); err != nil {
			return &permanent{err}
		}
		return c.Queue.publish(ctx, runKind, order{Task: c.runs[id].Task})
	})
}

// finish counts a run, and has it repeated if it was chosen.
func (c *Coordinator) finish(ctx context.Context, r *runner.Result, before bool) error {
	c.done[r.ID] = r
	if c.Done != nil {
		c.Done(Finished{c.runs[r.ID], r, before})
	}
	if r.Error != "" || c.checked[r.ID] || !chosen(r.ID, c.Verify) {
		return nil
	}
	c.awaiting[r.ID] = true
	var old *outcome
	err := c.persist(ctx, func(ctx context.Context) (err error) {
		old, err = c.orderRepetition(ctx, r)
		return err
	})
	if old != nil && err == nil {
		err = c.judge(ctx, old.Result)
	}
	return err
}

// orderRepetition puts the repetition of a run into the queue, unless it is there, or returns its outcome.
func (c *Coordinator) orderRepetition(ctx context.Context, r *runner.Result) (*outcome, error) {
	queued, err := c.queued(ctx)
	if err != nil || queued[c.Queue.subject(verifyKind, r.ID)] {
		return nil, err
	}
	old, err := c.Queue.outcome(ctx, c.Queue.verified, r.ID)
	if old != nil || err != nil {
		return old, err
	}
	if err := c.sendInputs(ctx, c.runs[r.ID]); err != nil {
		return nil, err
	}
	return nil, c.Queue.publish(ctx, verifyKind, order{Task: c.runs[r.ID].Task, Verify: r.Machine})
}

// note takes a worker's message about a fault.
func (c *Coordinator) note(ctx context.Context, e jetstream.KeyValueEntry) error {
	if e == nil {
		return nil
	}
	c.fault(strings.ToValidUTF8(string(e.Value()), "?"))
	return c.persist(ctx, func(ctx context.Context) error { return c.Queue.faults.Delete(ctx, e.Key()) })
}

func (c *Coordinator) fault(text string) {
	if c.Fault != nil {
		c.Fault(text)
	}
}
