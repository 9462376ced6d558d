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
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/seed-f4dd853e/elman/internal/f32"
)

// commands lists every command in the order of --help.
var commands = []func(*env) *cobra.Command{
	trainCommand,
	sampleCommand,
	scoreCommand,
	corpusCommand,
	experimentCommand,
	benchCommand,
	inspectCommand,
	plotCommand,
	hashCommand,
	versionCommand,
}

// An env is what a command may touch of the world.
type env struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	keys, screen   *os.File // stdin and stderr if they are terminals, else nil
	page           *os.File // stdout likewise
	interrupt      func()   // does what a first Ctrl-C does
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
	out := &output{w: stdout}
	screen := terminal(stderr)
	stderr = forPeople(stderr, screen)
	ctx, interrupt := context.WithCancel(context.Background())
	defer interrupt()
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	e := &env{stdin: stdin, stdout: out, stderr: stderr, keys: terminal(stdin), screen: screen, page: terminal(stdout), interrupt: interrupt}
	root := e.root()
	root.SetArgs(args)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the program at once
	command, err := root.ExecuteContextC(ctx)
	if err == nil {
		err = out.err
	}
	if err == nil {
		return exitOK
	}
	fmt.Fprintf(stderr, "elman: %s\n", describe(command, err))
	if usage := (usageError{}); errors.As(err, &usage) {
		return exitUsage
	}
	return exitError
}

// An output is standard output. It remembers that writing failed, so that no command needs to look.
type output struct {
	w   io.Writer
	err error
}

func (o *output) Write(b []byte) (int, error) {
	if o.err != nil {
		return 0, o.err
	}
	n, err := o.w.Write(b)
	if err != nil {
		o.err = fmt.Errorf("standard output: %w", reason(err))
	}
	return n, o.err
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
	}
	group(root)
	root.SetIn(e.stdin)
	root.SetOut(e.stdout)
	root.SetErr(e.stderr)
	root.SetFlagErrorFunc(flagError)
	root.PersistentFlags().StringVar(&e.kernels, "kernels", "auto",
		"kernel set: auto, avx512, avx2 or go; never changes a bit")
	root.PersistentPreRunE = func(*cobra.Command, []string) error {
		if err := f32.Use(e.kernels); err != nil {
			return usageError{err}
		}
		return nil
	}
	for _, c := range commands {
		root.AddCommand(c(e))
	}
	tame(root)
	return root
}

// tame gives the commands that cobra adds itself the manners of ours: an argument they have no use for is an error.
func tame(root *cobra.Command) {
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	for _, c := range root.Commands() {
		switch c.Name() {
		case "help":
			c.Args = func(_ *cobra.Command, args []string) error {
				if found, rest, err := root.Find(args); err != nil || len(rest) > 0 {
					return unknownCommand(found, rest)
				}
				return nil
			}
		case "completion":
			group(c)
			for _, shell := range c.Commands() {
				shell.Args = arguments(0, 0, "")
			}
		}
	}
}

// group makes c a command that does nothing without one of its subcommands.
func group(c *cobra.Command) {
	c.Args = cobra.ArbitraryArgs
	c.SuggestionsMinimumDistance = 2
	c.RunE = func(c *cobra.Command, args []string) error {
		if len(args) > 0 {
			return unknownCommand(c, args)
		}
		return c.Help()
	}
}

// unknownCommand says that the first of args is none of c's subcommands.
func unknownCommand(c *cobra.Command, args []string) error {
	guess := ""
	if near := c.SuggestionsFor(args[0]); len(near) > 0 {
		guess = fmt.Sprintf("did you mean %s? ", near[0])
	}
	return usagef("unknown command %q; %s%s --help lists them", strings.Join(append(names(c), args[0]), " "), guess, c.CommandPath())
}

// names returns the path of c below the program's own name.
func names(c *cobra.Command) []string { return strings.Fields(c.CommandPath())[1:] }

// arguments checks the number of arguments that are not flags; what names those that are needed.
func arguments(least, most int, what string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		switch {
		case len(args) < least:
			return usagef("%s needs %s; see %s --help", strings.Join(names(c), " "), what, c.CommandPath())
		case len(args) > most:
			return usagef("unexpected argument %q; see %s --help", args[most], c.CommandPath())
		}
		return nil
	}
}

// flagError says in our words what is wrong with a flag.
func flagError(c *cobra.Command, err error) error {
	if invalid := (*pflag.InvalidValueError)(nil); errors.As(err, &invalid) {
		want := "a whole number"
		switch invalid.GetFlag().Value.Type() {
		case "uint64":
			want = "a whole number, 0 or more"
		case "float64":
			want = "a number"
		case "duration":
			want = "a time such as 90s or 10m"
		case "bool":
			want = "true or false"
		}
		err = fmt.Errorf("--%s is %q, must be %s", invalid.GetFlag().Name, invalid.GetValue(), want)
	}
	return usagef("%w; see %s --help", err, c.CommandPath())
}

// checkThreads checks --threads.
func checkThreads(n int) error {
	if n < 1 || n > 1024 {
		return usagef("--threads is %d, must be 1 to 1024", n)
	}
	return nil
}
