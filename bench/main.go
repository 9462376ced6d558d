// Command bench trains the same networks with Elman, with the numpy program that Elman began as, and with PyTorch, in
// turns on the same cores, and prints the speeds side by side.
//
//	go run ./bench [flags] [NAME ...]
//	go run ./bench quality [flags]
//	go run ./bench products [flags] [NAME ...]
//	go run ./bench serving [flags] MODEL
//	go run ./bench scoring [flags] MODEL TEXT
//
// The second trains one of them for minutes and compares the validation loss. The third compares the matrix products of
// training steps with OpenBLAS's. The fourth measures a server with many clients, the fifth how fast texts are scored, beside
// onnxruntime.
package main

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"
)

//go:embed *.py *.mjs
var scripts embed.FS

func main() {
	if len(os.Args) == 3 { // how a round starts its Elman
		switch os.Args[1] {
		case "-worker":
			exit(serve(os.Args[2], os.Stdin, os.Stdout))
		case "-products":
			exit(serveProducts(os.Args[2], os.Stdin, os.Stdout))
		}
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if len(os.Args) > 1 {
		switch os.Args[1] {
		case "quality":
			exit(quality(ctx, os.Args[2:]))
		case "products":
			exit(products(ctx, os.Args[2:]))
		case "serving":
			exit(serving(ctx, os.Args[2:]))
		case "scoring":
			exit(scoring(ctx, os.Args[2:]))
		}
	}
	exit(speed(ctx, os.Args[1:]))
}

// A usageError is a command line that cannot be meant.
type usageError struct{ error }

func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// exit ends the program as an error says: with 2 after wrong usage, with 1 after a failure.
func exit(err error) {
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		os.Exit(0)
	case errors.As(err, new(usageError)):
		fmt.Fprintf(os.Stderr, "bench: %v\n", err)
		os.Exit(2)
	}
	fmt.Fprintf(os.Stderr, "bench: %v\n", err)
	os.Exit(1)
}

// parse reads flags. The package flag prints its usage where it should be one line, so it says nothing by itself.
func parse(fl *flag.FlagSet, args []string, usage string) error {
	fl.SetOutput(io.Discard)
	err := fl.Parse(args)
	if errors.Is(err, flag.ErrHelp) {
		fmt.Fprintf(os.Stderr, "%s\nflags (PYTHON names the interpreter, /usr/bin/python3 if it is not set):\n", usage)
		fl.SetOutput(os.Stderr)
		fl.PrintDefaults()
		return err
	}
	if err != nil {
		return usageError{err}
	}
	return nil
}

// textSize is more than any side reads in one run at the notebook's sizes.
const textSize = 1 << 19

// speed is the command that compares speeds.
func speed(ctx context.Context, args []string) error {
	var b suite
	fl := flag.NewFlagSet("bench", flag.ContinueOnError)
	fl.IntVar(&b.rounds, "rounds", 3, "rounds of each side")
	fl.DurationVar(&b.length, "length", time.Second/2, "of a round at least; one has a whole training step")
	fl.IntVar(&b.cores, "cores", min(2, runtime.NumCPU()), "leave out sides on more cores")
	sides := fl.Bool("sides", false, "print every side too")
	asJSON := fl.Bool("json", false, "print one JSON object")
	kernels := b.kernelFlag(fl)
	if err := parse(fl, args, usage()); err != nil {
		return err
	}
	if err := kernels(); err != nil {
		return err
	}
	if b.rounds < 1 || b.length <= 0 || b.cores < 1 {
		return usagef("-rounds, -length and -cores must be positive")
	}
	list, err := choose(cases(b.kernels), fl.Args())
	if err != nil {
		return usageError{err}
	}
	if err := b.open("", textSize, 0); err != nil {
		return err
	}
	defer b.close()
	r := b.report()
	if !*asJSON {
		r.print(os.Stdout)
		if !*sides {
			printHead(os.Stdout)
		}
	}
	for _, c := range list {
		result, err := b.run(ctx, c, nil)
		if ctx.Err() != nil {
			return errors.New("interrupted")
		}
		if err != nil {
			return fmt.Errorf("%s: %w", c.Name, err)
		}
		r.Cases = append(r.Cases, result)
		if *asJSON {
			continue
		}
		if *sides {
			result.printSides(os.Stdout)
			continue
		}
		result.printRatios(os.Stdout)
	}
	if *asJSON {
		return json.NewEncoder(os.Stdout).Encode(r)
	}
	if *sides {
		printHead(os.Stdout)
		for _, result := range r.Cases {
			result.printRatios(os.Stdout)
		}
	}
	r.printAbout(os.Stdout)
	return nil
}

func usage() string {
	var s strings.Builder
	s.WriteString("usage: go run ./bench [flags] [NAME ...]\n       go run ./bench quality [flags]\n       go run ./bench products [flags] [NAME ...]\n       go run ./bench serving [flags] MODEL\n       go run ./bench scoring [flags] MODEL TEXT\n\ncases; a part of a name selects all that have it:\n")
	for _, c := range cases("auto") {
		n := c.settings
		fmt.Fprintf(&s, "  %-14s B=%d T=%d, %s\n", c.Name, n.Batch, n.Window, c.What)
	}
	return s.String()
}

// choose returns the cases that have any of the names as a part of theirs, or all.
func choose(all []benchCase, names []string) ([]benchCase, error) {
	if len(names) == 0 {
		return all, nil
	}
	for _, name := range names {
		if !slices.ContainsFunc(all, func(c benchCase) bool { return strings.Contains(c.Name, name) }) {
			return nil, fmt.Errorf("%q is in no case's name; go run ./bench -help lists them", name)
		}
	}
	return slices.DeleteFunc(all, func(c benchCase) bool {
		return !slices.ContainsFunc(names, func(name string) bool { return strings.Contains(c.Name, name) })
	}), nil
}

// A report is all that a run found out.
type report struct {
	System  string   `json:"system"`
	Cores   int      `json:"cores"`
	Load    string   `json:"load,omitempty"` // average of the last minute, before the run
	CPU     string   `json:"processor,omitempty"`
	Kernels string   `json:"kernels"` // Elman's
	Text    string   `json:"text,omitempty"`
	Symbols int      `json:"symbols,omitempty"`
	Rounds  int      `json:"rounds"`
	Length  float64  `json:"round_seconds"`
	Cases   []result `json:"cases,omitempty"`
}
