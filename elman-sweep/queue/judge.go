package queue

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/seed-f4dd853e/elman/elman-sweep/runner"
)

// compare takes the repetition of a run.
func (c *Coordinator) compare(ctx context.Context, e jetstream.KeyValueEntry) error {
	if e == nil || !c.awaiting[e.Key()] {
		return nil
	}
	o, err := parseOutcome(e.Key(), e.Value())
	if err == nil {
		return c.judge(ctx, o.Result)
	}
	c.fault(fmt.Sprintf("run %s: its repetition cannot be read: %v", e.Key(), err))
	return c.persist(ctx, func(ctx context.Context) error {
		if err := c.Queue.verified.Delete(ctx, e.Key()); err != nil {
			return err
		}
		return c.Queue.publish(ctx, verifyKind, order{Task: c.runs[e.Key()].Task, Verify: c.done[e.Key()].Machine})
	})
}

// refuses reports whether a machine that computes wrongly had a part in a result.
func (c *Coordinator) refuses(r *runner.Result) bool {
	return slices.ContainsFunc(append([]string{r.Machine}, r.Before...), func(m string) bool { return c.refused[m] })
}

// agree reports whether a repetition gives the same weights and the same losses.
func agree(r, repeated *runner.Result) bool {
	for _, v := range repeated.Values {
		if x, ok := r.Get(v.Name); !ok || x != v.Value {
			return false
		}
	}
	return r.Hash == repeated.Hash
}

// judge compares two results of a run. If they differ, or are of one machine, this machine trains it too, and who differs from it
// computes wrongly.
func (c *Coordinator) judge(ctx context.Context, second *runner.Result) error {
	first := c.done[second.ID]
	delete(c.awaiting, second.ID)
	if agree(first, second) && (first.Machine != second.Machine || c.Shared) {
		c.checked[second.ID] = true
		return nil
	}
	task := c.runs[second.ID].Task
	task.Measures = nil
	folder := filepath.Join(c.Folder, "arbiter", second.ID)
	defer os.RemoveAll(filepath.Dir(folder))
	right, err := c.Runner.Run(ctx, &task, folder)
	if err != nil {
		return err
	}
	if right.Error != "" {
		return &permanent{fmt.Errorf("run %s has two results, and this machine cannot decide between them: %s", second.ID, right.Error)}
	}
	for _, r := range []*runner.Result{first, second} {
		if agree(r, right) {
			continue
		}
		if len(r.Before) > 0 { // one of several machines
			c.fault(fmt.Sprintf("run %s is wrong, which machines %s and %s have trained one after another; it is repeated", r.ID, strings.Join(r.Before, ", "), r.Machine))
			if err := c.again(ctx, r.ID); err != nil {
				return err
			}
			continue
		}
		if err := c.exclude(ctx, r, right); err != nil {
			return err
		}
	}
	if agree(first, right) {
		c.checked[second.ID] = true
	}
	return nil
}

// exclude names a machine that computes wrongly, refuses it, and repeats its runs.
func (c *Coordinator) exclude(ctx context.Context, wrong, right *runner.Result) error {
	what := fmt.Sprintf("weights %.16s", wrong.Hash)
	if wrong.Error != "" {
		what = fmt.Sprintf("an error (%s)", wrong.Error)
	}
	text := fmt.Sprintf("machine %s computes wrongly: run %s gave %s, here and by definition %.16s; the machine is refused, and its runs are repeated",
		wrong.Machine, wrong.ID, what, right.Hash)
	c.fault(text)
	err := c.persist(ctx, func(ctx context.Context) error {
		_, err := c.Queue.state.PutString(ctx, refusedKey+machineKey(wrong.Machine), text)
		return err
	})
	if err != nil {
		return err
	}
	c.refused[wrong.Machine] = true
	var its []string
	for id, r := range c.done {
		if c.refuses(r) {
			its = append(its, id)
		}
	}
	slices.Sort(its)
	for _, id := range its {
		delete(c.awaiting, id)
		if err := c.again(ctx, id); err != nil {
			return err
		}
	}
	return nil
}
