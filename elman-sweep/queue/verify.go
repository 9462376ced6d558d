package queue

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

const (
	// verifyDelay is how long a repetition waits for another machine, after it was offered to the one that did the run.
	verifyDelay = time.Second
	// verifyOffers is how often it waits, before a lone machine repeats its own run.
	verifyOffers = 10
)

// errLater puts an order back for another machine.
var errLater = errors.New("later")

// chosen reports whether a run belongs to the share that is repeated: by its ID, so that every server chooses the same ones.
func chosen(id string, share float64) bool {
	b, err := hex.DecodeString(id)
	return err == nil && len(b) >= 8 && float64(binary.BigEndian.Uint64(b)>>11)/(1<<53) < share
}

// verify repeats a run from its beginning, where no checkpoint can hide a difference.
func (w *Worker) verify(ctx context.Context, o order, msg jetstream.Msg) error {
	meta, err := msg.Metadata()
	if err != nil {
		return err
	}
	if o.Verify == w.Runner.Machine && meta.NumDelivered <= verifyOffers && !w.Shared {
		return errLater
	}
	folder := filepath.Join(w.Folder, "verify", o.Task.ID)
	defer os.RemoveAll(folder)
	if err := os.RemoveAll(folder); err != nil {
		return &permanent{err}
	}
	if !w.Shared {
		if err := w.inputs(ctx, &o.Task); err != nil {
			return err
		}
	}
	task := o.Task
	task.Measures = nil
	result, err := w.inTurn(ctx, &task, folder)
	if err != nil {
		return err
	}
	return w.deliver(ctx, w.Queue.verified, outcome{Result: result})
}

// machineKey returns the key of a machine in the state.
func machineKey(name string) string { return hex.EncodeToString([]byte(name)) }

// refused returns the machines that were found to compute wrongly.
func (q *Queue) refused(ctx context.Context) (map[string]bool, error) {
	machines := map[string]bool{}
	keys, err := q.state.Keys(ctx)
	if err != nil && !errors.Is(err, jetstream.ErrNoKeysFound) {
		return nil, err
	}
	for _, key := range keys {
		if coded, ok := strings.CutPrefix(key, refusedKey); ok {
			if name, err := hex.DecodeString(coded); err == nil {
				machines[string(name)] = true
			}
		}
	}
	return machines, nil
}
