package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/spf13/cobra"

	"github.com/seed-f4dd853e/elman/elman-sweep/queue"
	"github.com/seed-f4dd853e/elman/elman-sweep/runner"
)

// workFlags are those of work.
type workFlags struct {
	cluster          clusterFlags
	elman, folder    string
	machine          string
	workers, threads int
	every, wait      time.Duration
}

func workCommand() *cobra.Command {
	f := &workFlags{}
	c := &cobra.Command{
		Use:   "work URL",
		Short: "Do runs for a server on another machine",
		Long: `Do runs that elman-sweep serve offers; it prints the URL. Texts and checkpoints come through the server, so this
machine needs nothing but elman-sweep and elman. Before it takes work, elman must compute the same bits as the
server's. It can be killed at any time: others go on with its runs. It ends when the study is finished.`,
		Example: `  elman-sweep work nats://TOKEN@server:4222
  elman-sweep work tls://TOKEN@server:4222 --tls-ca ca.pem --workers 8`,
		Args: exactArgs(1, "the URL that elman-sweep serve prints"),
		RunE: func(c *cobra.Command, args []string) error {
			f.cluster.url = args[0]
			return f.work(c.Context())
		},
	}
	f.cluster.declare(c)
	fl := c.Flags()
	fl.StringVar(&f.elman, "elman", "", "elman program (default: the one beside this program, or on PATH)")
	fl.StringVar(&f.folder, "folder", "", "folder for runs in work (default: a temporary one)")
	fl.StringVar(&f.machine, "machine", machineName(), "name of this machine in results")
	fl.IntVar(&f.workers, "workers", 0, "runs side by side (default: one for each --threads processors)")
	fl.IntVar(&f.threads, "threads", 1, "threads of each training; does not change the result")
	fl.DurationVar(&f.every, "checkpoint-every", checkpointEvery, "time between two copies of a checkpoint to the server")
	fl.DurationVar(&f.wait, "wait", 10*time.Minute, "how long to wait for a server that does not answer")
	return c
}

// work does runs until the study is finished.
func (f *workFlags) work(ctx context.Context) error {
	if f.threads < 1 || f.workers < 0 || f.every < 100*time.Millisecond {
		return usagef("--threads must be at least 1, --workers at least 0, --checkpoint-every at least 100ms")
	}
	if f.workers == 0 {
		f.workers = max(1, runtime.NumCPU()/f.threads)
	}
	r, err := f.runner(ctx)
	if err != nil {
		return err
	}
	if f.folder == "" {
		if f.folder, err = os.MkdirTemp("", "elman-sweep-"); err != nil {
			return err
		}
		defer os.RemoveAll(f.folder)
	}
	nc, err := f.cluster.connect(ctx, f.wait)
	if err != nil {
		return err
	}
	defer nc.Close()
	q, err := f.open(ctx, nc)
	if err != nil {
		return err
	}
	w := &queue.Worker{Queue: q, Runner: r, Folder: filepath.Clean(f.folder), Slots: f.workers, Every: f.every, Wait: f.wait,
		Tell: func(format string, values ...any) { fmt.Fprintf(os.Stderr, format+"\n", values...) }}
	if err := w.Check(ctx); err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "machine %s does %d runs side by side\n", f.machine, f.workers)
	err = w.Run(ctx)
	switch {
	case errors.Is(err, queue.ErrFinished):
		fmt.Fprintln(os.Stderr, err)
		return nil
	case ctx.Err() != nil:
		return errors.New("interrupted; others go on with these runs")
	}
	return err
}

// runner returns what does runs here.
func (f *workFlags) runner(ctx context.Context) (*runner.Runner, error) {
	elman, err := runner.FindElman(f.elman)
	if err != nil {
		return nil, err
	}
	r := &runner.Runner{Elman: elman, Machine: f.machine, Threads: f.threads}
	if r.Version, err = elman.Version(ctx); err != nil {
		return nil, err
	}
	r.SelfTest, err = elman.SelfTest(ctx)
	return r, err
}

// open opens the study's queue, and waits for a server that is not there yet.
func (f *workFlags) open(ctx context.Context, nc *nats.Conn) (*queue.Queue, error) {
	for begun := time.Now(); ; {
		limited, cancel := context.WithTimeout(ctx, 5*time.Second)
		q, err := queue.Open(limited, nc, f.cluster.name)
		cancel()
		if err == nil || ctx.Err() != nil {
			return q, err
		}
		if time.Since(begun) > f.wait {
			return nil, fmt.Errorf("no study at the server for %v: %w", f.wait, err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(300 * time.Millisecond):
		}
	}
}
