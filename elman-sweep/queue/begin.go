package queue

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/nats-io/nats.go/jetstream"
)

// begin writes the facts of the study, and empties the queue if it is of another one.
func (c *Coordinator) begin(ctx context.Context) error {
	all := sha256.New()
	for _, r := range c.Study.Runs {
		fmt.Fprintln(all, r.ID, r.MeasuresHash())
	}
	if err := c.own(ctx); err != nil {
		return err
	}
	if err := c.forgive(ctx); err != nil {
		return err
	}
	var err error
	if c.refused, err = c.Queue.refused(ctx); err != nil {
		return err
	}
	now := hex.EncodeToString(all.Sum(nil))
	before, err := c.Queue.get(ctx, c.Queue.state, studyKey)
	if err != nil {
		return err
	}
	if before != now {
		if err := c.Queue.runs.Purge(ctx); err != nil {
			return err
		}
	}
	for key, value := range map[string]string{selfTestKey: c.Runner.SelfTest, studyKey: now, finishedKey: ""} {
		if _, err := c.Queue.state.PutString(ctx, key, value); err != nil {
			return err
		}
	}
	return nil
}

// own claims the queue for the study's folder: two studies in one queue would empty it for each other.
func (c *Coordinator) own(ctx context.Context) error {
	path := filepath.Join(c.Folder, "queue")
	id, err := os.ReadFile(path)
	if err != nil || len(id) == 0 {
		id = []byte(rand.Text())
		if err := os.MkdirAll(c.Folder, 0o777); err != nil {
			return &permanent{err}
		}
		if err := os.WriteFile(path, id, 0o666); err != nil {
			return &permanent{err}
		}
	}
	_, err = c.Queue.state.Create(ctx, ownerKey, id)
	if !errors.Is(err, jetstream.ErrKeyExists) {
		return err
	}
	owner, err := c.Queue.get(ctx, c.Queue.state, ownerKey)
	if err == nil && owner != string(id) {
		err = &permanent{fmt.Errorf("the queue %q on this server is that of another study, or of this one in another folder; choose another --name", c.Queue.name)}
	}
	return err
}

// forgive lets machines work again.
func (c *Coordinator) forgive(ctx context.Context) error {
	for ; len(c.Forgive) > 0; c.Forgive = c.Forgive[1:] {
		name := c.Forgive[0]
		why, err := c.Queue.get(ctx, c.Queue.state, refusedKey+machineKey(name))
		if err != nil {
			return err
		}
		if why == "" { // or was forgiven before the server was killed
			c.fault(fmt.Sprintf("machine %q is not refused", name))
			continue
		}
		if err := c.Queue.state.Delete(ctx, refusedKey+machineKey(name)); err != nil {
			return err
		}
	}
	return nil
}
