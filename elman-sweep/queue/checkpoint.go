package queue

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"time"

	"github.com/seed-f4dd853e/elman/train/run"
)

// checkpoints copies those of a run into the store, so that another machine can go on.
type checkpoints struct {
	worker *Worker
	id     string
	folder string
	at     time.Time // of the checkpoint that was copied
}

// repeat copies each new checkpoint, at most one in the given time.
func (c *checkpoints) repeat(ctx context.Context, every time.Duration) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			c.save(ctx) // an error is mended by the next time
		}
	}
}

// save copies the checkpoint if it is a new one, and then removes the one before.
func (c *checkpoints) save(ctx context.Context) error {
	info, err := os.Stat(filepath.Join(c.folder, run.StateName))
	if err != nil || info.ModTime().Equal(c.at) {
		return err
	}
	q := c.worker.Queue
	m, err := q.upload(ctx, c.id, c.folder, false)
	if err != nil {
		return err
	}
	old, err := q.checkpoint(ctx, c.id)
	if err != nil {
		return err
	}
	if _, err := q.checkpoints.Put(ctx, c.id, mustJSON(m)); err != nil {
		return err
	}
	c.at = info.ModTime()
	return q.forget(ctx, c.id, old, m)
}

// checkpoint returns the files of a run's checkpoint, nil if there is none.
func (q *Queue) checkpoint(ctx context.Context, id string) (m manifest, err error) {
	text, err := q.get(ctx, q.checkpoints, id)
	if text == "" || err != nil {
		return nil, err
	}
	if err := json.Unmarshal([]byte(text), &m); err != nil {
		return nil, &permanent{err}
	}
	if err := m.check(); err != nil {
		return nil, &permanent{err}
	}
	return m, nil
}
