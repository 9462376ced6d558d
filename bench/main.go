// Command bench trains the same networks with Elman, with the numpy program that Elman began as, and with PyTorch, in
// turns on the same cores, and prints the speeds side by side.
//
//	go run ./bench [flags] [CONTEST ...]
package main

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/seed-f4dd853e/elman/corpus"
)

//go:embed *.py
var scripts embed.FS

func main() {
	if len(os.Args) == 3 && os.Args[1] == "-worker" { // how a round starts its Elman
		exit(serve(os.Args[2], os.Stdin, os.Stdout))
	}
	b := arena{python: "/usr/bin/python3"}
	if p := os.Getenv("PYTHON"); p != "" {
		b.python = p
	}
	flag.IntVar(&b.rounds, "rounds", 5, "rounds of each side")
	flag.DurationVar(&b.length, "length", 2*time.Second, "of a round")
	asJSON := flag.Bool("json", false, "print one JSON object")
	flag.Usage = usage
	flag.Parse()
	if b.rounds < 1 || b.length <= 0 {
		fmt.Fprintln(os.Stderr, "bench: -rounds and -length must be positive")
		os.Exit(2)
	}
	list, err := choose(flag.Args())
	if err != nil {
		fmt.Fprintf(os.Stderr, "bench: %v\n", err)
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	exit(b.run(ctx, list, *asJSON))
}

func exit(err error) {
	if err != nil {
		fmt.Fprintf(os.Stderr, "bench: %v\n", err)
		os.Exit(1)
	}
	os.Exit(0)
}

func usage() {
	fmt.Fprintf(os.Stderr, "usage: go run ./bench [flags] [CONTEST ...]\n\ncontests, all of them by default:\n")
	for _, c := range contests() {
		fmt.Fprintf(os.Stderr, "  %-14s %s\n", c.Name, c.What)
	}
	fmt.Fprintf(os.Stderr, "\nflags (PYTHON names the interpreter, /usr/bin/python3 if it is not set):\n")
	flag.PrintDefaults()
}

// choose returns the contests named, or all.
func choose(names []string) ([]contest, error) {
	all := contests()
	if len(names) == 0 {
		return all, nil
	}
	var list []contest
	for _, name := range names {
		i := slices.IndexFunc(all, func(c contest) bool { return c.Name == name })
		if i < 0 {
			return nil, fmt.Errorf("contest %q: go run ./bench -help lists them", name)
		}
		list = append(list, all[i])
	}
	return list, nil
}

// An arena is what all contests of one run share.
type arena struct {
	python string
	rounds int
	length time.Duration
	folder string // of the scripts and the text
}

// A report is all that a run found out.
type report struct {
	System   string   `json:"system"`
	Cores    int      `json:"cores"`
	Load     string   `json:"load,omitempty"` // average of the last minute, before the run
	Text     string   `json:"text"`
	Symbols  int      `json:"symbols"`
	Rounds   int      `json:"rounds"`
	Length   float64  `json:"round_seconds"`
	Contests []result `json:"contests"`
}

func (b *arena) run(ctx context.Context, list []contest, asJSON bool) error {
	r := report{
		System: runtime.GOOS + "/" + runtime.GOARCH, Cores: runtime.NumCPU(), Load: load(),
		Rounds: b.rounds, Length: b.length.Seconds(),
	}
	var err error
	if b.folder, err = os.MkdirTemp("", "elman-bench-"); err != nil {
		return err
	}
	defer os.RemoveAll(b.folder)
	if err := b.prepare(&r); err != nil {
		return err
	}
	if !asJSON {
		r.print(os.Stdout)
	}
	for _, c := range list {
		result, err := b.hold(ctx, c, r.Symbols)
		if ctx.Err() != nil {
			return errors.New("interrupted")
		}
		if err != nil {
			return fmt.Errorf("%s: %w", c.Name, err)
		}
		if !asJSON {
			result.print(os.Stdout)
		}
		r.Contests = append(r.Contests, result)
	}
	if asJSON {
		return json.NewEncoder(os.Stdout).Encode(r)
	}
	return nil
}

// textSize is more than any side reads in one run at the notebook's sizes.
const textSize = 1 << 19

// prepare lays out the scripts and the text.
func (b *arena) prepare(r *report) error {
	if err := os.CopyFS(b.folder, scripts); err != nil {
		return err
	}
	language, err := corpus.FindLanguage("play")
	if err != nil {
		return err
	}
	text := language.Generate(1, textSize)
	c, err := corpus.New(corpus.FromBytes("play", text), corpus.Options{Closed: true})
	if err != nil {
		return err
	}
	r.Text, r.Symbols = fmt.Sprintf("elman corpus play --size %d --seed 1", textSize), c.Alphabet.Size()
	return os.WriteFile(b.text(), text, 0o600)
}

func (b *arena) text() string { return filepath.Join(b.folder, "play.txt") }

// load returns the load average, where the system tells.
func load() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return ""
	}
	average, _, _ := strings.Cut(string(text), " ")
	return average
}
