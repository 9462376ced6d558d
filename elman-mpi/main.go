// Command elman-mpi is elman with trainings that the processes of an MPI job share:
//
//	mpirun -n 4 elman-mpi train book.txt --shards 8
//
// The weights are those of `elman train book.txt --shards 8`, bit for bit. Rank 0 is the program that reads, writes and talks; the
// others compute gradients.
package main

import (
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/seed-f4dd853e/elman/internal/cli"
	"github.com/seed-f4dd853e/elman/internal/f32"
	"github.com/seed-f4dd853e/elman/rnn"
	"github.com/seed-f4dd853e/elman/train"
	"github.com/seed-f4dd853e/elman/train/ranks"
)

func main() {
	c, err := start()
	if err != nil {
		fmt.Fprintln(os.Stderr, "elman-mpi:", err)
		os.Exit(1)
	}
	if c.Rank() > 0 {
		signal.Ignore(os.Interrupt, syscall.SIGTERM, syscall.SIGHUP) // rank 0 saves, and then ends all
		if err := ranks.Serve(c); err != nil {
			fmt.Fprintf(os.Stderr, "elman-mpi: rank %d: %v\n", c.Rank(), err)
			c.abort()
		}
		c.end()
		return
	}
	code := cli.MainWith(window(c), os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	ranks.End(c)
	c.end()
	os.Exit(code)
}

// window returns what makes windows that all ranks share, and nil where there is one rank.
func window(c *comm) train.WindowFunc {
	if c.Size() == 1 {
		return nil
	}
	return func(net *rnn.Network, use rnn.WindowUse, pool *f32.Pool) (train.Window, error) {
		return ranks.New(c, net, use, pool)
	}
}
