package queue

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/seed-f4dd853e/elman/elman-sweep/runner"
)

// compare takes the repetition of a run.
func (c *Coordinator) compare(ctx context.Context, e jetstream.KeyValueEntry) error {
	if e == nil || !c.awaiting[e.Key()] {
		return nil
	}
	o, err := parseOutcome(e.Value())
	if err != nil {
		return err
	}
	return c.judge(ctx, o.Result)
}

// judge compares two results of a run. If they differ, this machine trains it too, and who differs from it computes wrongly.
func (c *Coordinator) judge(ctx context.Context, second *runner.Result) error {
	first := c.done[second.ID]
	delete(c.awaiting, second.ID)
	if first.Hash == second.Hash {
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
	for _, r := range []*runner.Result{first, second} {
		if r.Hash != right.Hash {
			if err := c.exclude(ctx, r, right); err != nil {
				return err
			}
		}
	}
	if first.Hash == right.Hash {
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
		if r.Machine == wrong.Machine {
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

// forgive lets machines work again.
func (c *Coordinator) forgive(ctx context.Context) error {
	for ; len(c.Forgive) > 0; c.Forgive = c.Forgive[1:] {
		name := c.Forgive[0]
		why, err := c.Queue.get(ctx, c.Queue.state, refusedKey+machineKey(name))
		if err != nil {
			return err
		}
		if why == "" {
			return &permanent{fmt.Errorf("machine %q is not refused", name)}
		}
		if err := c.Queue.state.Delete(ctx, refusedKey+machineKey(name)); err != nil {
			return err
		}
	}
	return nil
}
