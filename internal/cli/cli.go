// Package cli is the command line: flags, terminal output, exit codes. Each command is one file and one line in commands.
package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/seed-f4dd853e/elman/internal/f32"
	"github.com/seed-f4dd853e/elman/internal/setting"
	"github.com/seed-f4dd853e/elman/internal/term"
	"github.com/seed-f4dd853e/elman/internal/termtext"
	"github.com/seed-f4dd853e/elman/train"
)

// commands lists every command in the order of --help.
var commands = []func(*env) *cobra.Command{
	trainCommand,
	sampleCommand,
	nextCommand,
	scoreCommand,
	pairsCommand,
	inspectCommand,
	plotCommand,
	pageCommand,
	corpusCommand,
	experimentCommand,
	benchCommand,
	quantizeCommand,
	compressCommand,
	decompressCommand,
	exportCommand,
	bundleCommand,
	importCommand,
	serveCommand,
	hashCommand,
	versionCommand,
}

func init() { cobra.EnableCommandSorting = false }

// An env is the environment of a command: streams, context, kernel set.
type env struct {
	stdin          io.Reader
	stdout, stderr io.Writer      // a terminal gets no controls of a text from them
	painted        io.Writer      // standard output for text that has colours and is sanitized already
	screen, page   *term.Terminal // where standard error and standard output lead to, nil for files and pipes
	results        *os.File       // standard output, nil if it is no file
	messages       *os.File       // standard error, nil if it is no file
	kernels        string
	window         train.WindowFunc // of trainings, nil for those of this process
	inside         string           // path of this program if it has a model inside, which commands use when none is named; else ""
	cancel         context.CancelCauseFunc
	saving         atomic.Bool                        // a training must not end before it is saved
	breakable      atomic.Pointer[context.CancelFunc] // ends what a Ctrl-C ends in place of the program
	flush          func()                             // of what stdout and stderr hold back

	signals chan os.Signal
	hangup  atomic.Pointer[func()] // what SIGHUP does, nil if it ends the command
}

// say writes to standard error.
func (e *env) say(text string) {
	io.WriteString(e.stderr, text)
	e.flush()
}

// proseWidth is the widest prose in the sources, in columns.
const proseWidth = 100

// layOut returns lines for standard output: on a terminal wrapped at its width, below their last columns.
func (e *env) layOut(lines string) string {
	if e.page == nil {
		return lines
	}
	return termtext.WrapColumns(lines, min(e.page.Width(), proseWidth))
}

// layOutProse is layOut for paragraphs, which may have line breaks of their own.
func (e *env) layOutProse(text string) string {
	if e.page == nil {
		return text
	}
	return e.layOut(termtext.Join(text))
}

// layOutHelp makes help fit the terminal.
func (e *env) layOutHelp(root *cobra.Command) {
	help := root.HelpFunc()
	root.SetHelpFunc(func(c *cobra.Command, args []string) {
		var b bytes.Buffer
		c.SetOut(&b)
		help(c, args)
		c.SetOut(nil)
		io.WriteString(e.stdout, e.layOutProse(b.String()))
	})
}

// Exit codes.
const (
	exitOK    = 0
	exitError = 1 // the work failed
	exitUsage = 2 // the command line is wrong

	exitInterrupted = 128 + int(syscall.SIGINT)  // 130, by any signal
	exitPipe        = 128 + int(syscall.SIGPIPE) // 141: nobody reads what is written
)

// A usageError is an error of the command line: exit code 2.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// usagef makes a usage error.
func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// Main runs one command and returns the exit code. Results go to stdout, progress and errors to stderr; an error is one
// line.
func Main(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	return MainWith(nil, args, stdin, stdout, stderr)
}

// MainWith is Main with trainings whose windows are made by a function (train.Options.Window), nil for those of this process.
func MainWith(window train.WindowFunc, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	e := &env{stdin: stdin, window: window, screen: term.Open(stderr), page: term.Open(stdout)}
	e.results, _ = stdout.(*os.File)
	e.messages, _ = stderr.(*os.File)
	results, painted, prose := term.NewWriter(stdout, e.page), term.NewPainted(stdout, e.page), term.NewProse(stderr, e.screen)
	e.flush = func() { results.Flush(); painted.Flush(); prose.Flush() }
	end := func(err error) { e.cancel(err) }
	failed := &failure{name: "standard output", end: end}
	e.stdout, e.painted = output{results, failed}, output{painted, failed}
	e.stderr = output{prose, &failure{name: "standard error", end: end}}
	var damaged error
	if e.inside, damaged = modelInside(); damaged != nil {
		return e.exitCode(nil, damaged)
	}
	return e.untilInterrupted(func(ctx context.Context) int {
		root := e.root()
		root.SetArgs(args)
		command, err := root.ExecuteContextC(ctx)
		if written := failed.get(); written != nil {
			err = written
		}
		e.flush()
		if cause := context.Cause(ctx); errors.Is(cause, syscall.EPIPE) {
			err = cause
		}
		return e.exitCode(command, err)
	})
}

// exitCode reports the error of a command, if any, and returns the exit code.
func (e *env) exitCode(command *cobra.Command, err error) int {
	if err == nil {
		return exitOK
	}
	if errors.Is(err, syscall.EPIPE) {
		return exitPipe
	}
	e.say("elman: " + describe(command, err) + "\n")
	switch usage := (usageError{}); {
	case isInterrupted(err):
		return exitInterrupted
	case errors.As(err, &usage):
		return exitUsage
	}
	return exitError
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
		"auto, avx512, avx2, neon or go; results do not change")
	root.PersistentPreRunE = func(c *cobra.Command, args []string) error {
		if err := checkEmpty(c, args); err != nil {
			return err
		}
		if err := f32.Use(e.kernels); err != nil {
			return usageError{err}
		}
		return nil
	}
	for _, c := range commands {
		root.AddCommand(c(e))
	}
	if e.inside != "" {
		e.useInside(root)
	}
	configureCobra(root)
	e.layOutHelp(root)
	return root
}

// mayBeEmpty are the flags whose empty value is what it says: no text.
var mayBeEmpty = []string{"prompt", "stop", "join"}

// checkEmpty fails if a flag is given without a value or an argument is empty, as by a shell variable that is not set: that is a
// mistake, and not the wish for the default.
func checkEmpty(c *cobra.Command, args []string) (err error) {
	if i := slices.Index(args, ""); i >= 0 {
		return usagef("argument %d is empty; give it a name, or leave it out", i+1)
	}
	c.Flags().Visit(func(f *pflag.Flag) {
		empty := f.Value.Type() == "string" && f.Value.String() == ""
		if list, ok := f.Value.(pflag.SliceValue); ok {
			values := list.GetSlice()
			empty = len(values) == 0 || slices.Contains(values, "")
		}
		if empty && err == nil && !slices.Contains(mayBeEmpty, f.Name) {
			err = usagef("--%s is empty; give it a value, or leave it out", f.Name)
		}
	})
	return err
}

// configureCobra makes cobra's own commands behave like the others: a superfluous argument is an error.
func configureCobra(root *cobra.Command) {
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

// unknownCommand returns an error if the first of args is not a subcommand of c.
func unknownCommand(c *cobra.Command, args []string) error {
	guess := ""
	if near := c.SuggestionsFor(args[0]); len(near) > 0 {
		guess = fmt.Sprintf("did you mean %s? ", near[0])
	}
	return usagef("unknown command %q; %s%s --help lists them", strings.Join(append(names(c), args[0]), " "), guess, c.CommandPath())
}

// names returns the path of c below the program's own name.
func names(c *cobra.Command) []string { return strings.Fields(c.CommandPath())[1:] }

// arguments checks the number of arguments that are not flags; what names the required ones.
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

// flagError rewords an error of package pflag.
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
	if unknown := (*pflag.NotExistError)(nil); errors.As(err, &unknown) {
		if near := nearestFlag(c, unknown.GetSpecifiedName()); near != "" {
			err = fmt.Errorf("%w (did you mean --%s?)", err, near)
		}
	}
	return usagef("%w; see %s --help", err, c.CommandPath())
}

// nearestFlag returns the flag of c most similar to name, "" if none is: it differs in at most two letters, or begins with
// name.
func nearestFlag(c *cobra.Command, name string) string {
	nearest, least := "", 3
	c.Flags().VisitAll(func(f *pflag.Flag) {
		n := setting.Distance(name, f.Name)
		if len(name) > 2 && strings.HasPrefix(f.Name, name) {
			n = min(n, 2)
		}
		if n < least && n < len(f.Name) {
			nearest, least = f.Name, n
		}
	})
	return nearest
}

// checkThreads checks --threads.
func checkThreads(n int) error {
	if n < 1 || n > 1024 {
		return usagef("--threads is %d, must be 1 to 1024", n)
	}
	return nil
}
