package queue

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/seed-f4dd853e/elman/train/run"
)

// A saved checkpoint is files in the store, and the machines that have trained it, one after another: if one of them turns out to
// compute wrongly, the checkpoint is worth nothing.
type saved struct {
	Machines []string `json:"machines"`
	Files    manifest `json:"files"`
}

// checkpoints copies those of a run into the store, so that another machine can go on.
type checkpoints struct {
	worker *Worker
	id     string
	folder string
	before []string  // machines that have trained it before this one
	at     time.Time // of the checkpoint that was copied
}

// repeat copies each new checkpoint, at most one in the given time.
func (c *checkpoints) repeat(ctx context.Context, pause time.Duration) {
	every(ctx, pause, func() { c.save(ctx) }) // an error is mended by the next time
}

// save copies the checkpoint if it is a new one, and then removes the one before.
func (c *checkpoints) save(ctx context.Context) error {
	info, err := os.Stat(filepath.Join(c.folder, run.StateName))
	if err != nil { // perhaps its teacher learns
		info, err = os.Stat(filepath.Join(c.folder, run.TeacherName, run.StateName))
	}
	if err != nil || info.ModTime().Equal(c.at) {
		return err
	}
	q := c.worker.Queue
	files, err := q.upload(ctx, c.id, c.folder, false)
	if err != nil {
		return err
	}
	old, err := q.checkpoint(ctx, c.id)
	if err != nil {
		return err
	}
	if _, err := q.checkpoints.Put(ctx, c.id, mustJSON(saved{append(slices.Clone(c.before), c.worker.Runner.Machine), files})); err != nil {
		return err
	}
	c.at = info.ModTime()
	return q.forget(ctx, c.id, old.Files, files)
}

// checkpoint returns what is saved of a run; without files if there is nothing. What cannot be read counts as nothing, and is
// removed.
func (q *Queue) checkpoint(ctx context.Context, id string) (saved, error) {
	text, err := q.get(ctx, q.checkpoints, id)
	if text == "" || err != nil {
		return saved{}, err
	}
	var s saved
	if err := json.Unmarshal([]byte(text), &s); err != nil || s.Files.check() != nil {
		return saved{}, q.checkpoints.Delete(ctx, id)
	}
	return s, nil
}

// dropCheckpoint removes what is saved of a run.
func (q *Queue) dropCheckpoint(ctx context.Context, id string) error {
	s, err := q.checkpoint(ctx, id)
	if err != nil || s.Files == nil {
		return err
	}
	if err := q.forget(ctx, id, s.Files, nil); err != nil {
		return err
	}
	return q.checkpoints.Delete(ctx, id)
}

// machinesName is the file of a run's folder that names the machines which trained it before this one. It is not copied.
const machinesName = ".machines"

// readMachines returns them.
func readMachines(folder string) []string {
	text, err := os.ReadFile(filepath.Join(folder, machinesName))
	if err != nil || len(text) == 0 {
		return nil
	}
	return strings.Split(string(text), "\n")
}

func writeMachines(folder string, machines []string) error {
	return os.WriteFile(filepath.Join(folder, machinesName), []byte(strings.Join(machines, "\n")), 0o666)
}
