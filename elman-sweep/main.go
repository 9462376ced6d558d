// Command elman-sweep runs studies: many trainings of elman, on one machine, on many, or on a cluster. Run elman-sweep --help.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
)

// Exit codes, as those of elman.
const (
	exitError       = 1
	exitUsage       = 2
	exitInterrupted = 130
)

// A usageError is an error of the command line or of a study.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// commands lists every command in the order of --help.
var commands = []func() *cobra.Command{
	planCommand,
	runCommand,
	serveCommand,
	workCommand,
	reportCommand,
	bestCommand,
	slurmCommand,
	oneCommand,
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	os.Exit(exitCode(ctx, root().ExecuteContext(ctx)))
}

// exitCode reports an error and returns the exit code.
func exitCode(ctx context.Context, err error) int {
	if err == nil {
		return 0
	}
	fmt.Fprintf(os.Stderr, "elman-sweep: %v\n", err)
	switch usage := (usageError{}); {
	case ctx.Err() != nil:
		return exitInterrupted
	case errors.As(err, &usage):
		return exitUsage
	}
	return exitError
}

func root() *cobra.Command {
	cobra.EnableCommandSorting = false
	root := &cobra.Command{
		Use:   "elman-sweep",
		Short: "Run studies: many trainings of elman on one or many machines",
		Long: `A study is a TOML file: texts, settings, axes, seeds. elman-sweep makes a run of each combination and
trains it with elman, so that its weights are those of plain elman train, bit for bit, on any machine.
docs/sweep.md has a tutorial.`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return c.Help()
			}
			return usagef("unknown command %.40q; elman-sweep --help lists them", args[0])
		},
	}
	root.CompletionOptions.HiddenDefaultCmd = true
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	for _, make := range commands {
		root.AddCommand(make())
	}
	return root
}

// exactArgs is cobra.ExactArgs with an error of the command line.
func exactArgs(n int, what string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) != n {
			return usagef("%s needs %s", c.CommandPath(), what)
		}
		return nil
	}
}
