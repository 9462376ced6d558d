// Package cli is the command line: flags, terminal output, exit codes. Each command is one file and one line in commands.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed-f4dd853e/elman/internal/f32"
	"github.com/seed-f4dd853e/elman/train"
)

// commands lists every command in the order of --help.
var commands = []func(*env) *cobra.Command{
	trainCommand,
	sampleCommand,
	corpusCommand,
	experimentCommand,
	benchCommand,
	hashCommand,
	versionCommand,
}

// An env is what a command may touch of the world.
type env struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	kernels        string
}

// Exit codes.
const (
	exitOK    = 0
	exitError = 1 // the work failed
	exitUsage = 2 // the command line is wrong
)

// A usageError is a command line that cannot be meant.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// usagef makes a usage error.
func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// Main runs one command and returns the exit code. Results go to stdout, progress and errors to stderr; an error is one
// line.
func Main(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	e := &env{stdin: stdin, stdout: stdout, stderr: stderr}
	root := e.root()
	root.SetArgs(args)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the program at once
	err := root.ExecuteContext(ctx)
	if err == nil {
		return exitOK
	}
	fmt.Fprintf(stderr, "elman: %s\n", oneLine(err))
	if usage := (usageError{}); errors.As(err, &usage) {
		return exitUsage
	}
	return exitError
}

// oneLine makes one line of an error that has several.
func oneLine(err error) string {
	return strings.Join(strings.FieldsFunc(err.Error(), func(r rune) bool { return r == '\n' || r == '\r' }), "; ")
}

func (e *env) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "elman",
		Short: "Train, sample and measure recurrent language models on a CPU",
		Long: `Elman trains recurrent language models on your own text, on your own CPU.

The same text, settings and seed give the same weights, bit for bit, on any processor,
with any number of threads, interrupted and resumed or not.`,
		Example: `  elman train                        # learn to write endless mock-Elizabethan dialogue
  elman train book.txt --out novel   # learn from a text of your own
  elman sample novel --length 500    # write 500 symbols more`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usagef("unknown command %q; elman --help lists them", args[0])
			}
			return c.Help()
		},
	}
	root.SetIn(e.stdin)
	root.SetOut(e.stdout)
	root.SetErr(e.stderr)
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return usagef("%w; see %s --help", err, c.CommandPath())
	})
	root.PersistentFlags().StringVar(&e.kernels, "kernels", "auto",
		"kernel set: auto, avx512, avx2, neon or go; never changes a bit")
	root.PersistentPreRunE = func(*cobra.Command, []string) error {
		if err := f32.Use(e.kernels); err != nil {
			return usageError{err}
		}
		return nil
	}
	for _, c := range commands {
		root.AddCommand(c(e))
	}
	return root
}

// arguments checks the number of arguments that are not flags.
func arguments(least, most int, what string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) < least || most >= 0 && len(args) > most {
			return usagef("%s wants %s, not %d arguments; see %s --help", c.CommandPath(), what, len(args), c.CommandPath())
		}
		return nil
	}
}

// checkThreads checks --threads.
func checkThreads(n int) error {
	if n < 1 || n > 1024 {
		return usagef("--threads is %d, must be 1 to 1024", n)
	}
	return nil
}

// interrupted says whether an error is a Ctrl-C that was heeded.
func interrupted(err error) bool {
	return errors.Is(err, train.ErrInterrupted) || errors.Is(err, context.Canceled)
}
