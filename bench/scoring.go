package main

import (
	"context"
	"encoding/csv"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/seed-f4dd853e/elman/model"
)

// scoring is the command that measures how fast `elman score` and `elman pairs` read, beside onnxruntime with the same network, which
// computes the logits alone.
func scoring(ctx context.Context, args []string) (err error) {
	var b scoringBench
	fl := flag.NewFlagSet("scoring", flag.ContinueOnError)
	fl.StringVar(&b.elman, "elman", "elman", "the program that scores")
	fl.StringVar(&b.modules, "onnxruntime", ".", "folder in which npm installed onnxruntime-node")
	fl.StringVar(&b.kernels, "kernels", "auto", "Elman's kernel set")
	fl.IntVar(&b.rounds, "rounds", 5, "turns of each side")
	if err := parse(fl, args, "usage: go run ./bench scoring [flags] MODEL TEXT\n"); err != nil {
		return err
	}
	if fl.NArg() != 2 || b.rounds < 1 {
		return usagef("scoring takes a model and a text of lines, and -rounds must be positive")
	}
	if b.folder, err = os.MkdirTemp("", "elman-bench-"); err != nil {
		return err
	}
	defer os.RemoveAll(b.folder)
	err = b.open(ctx, fl.Arg(0), fl.Arg(1))
	if err == nil {
		err = b.measure(ctx)
	}
	b.peer.close()
	if ctx.Err() != nil {
		return errors.New("interrupted")
	}
	return err
}

// A scoringBench is a model, a text and onnxruntime.
type scoringBench struct {
	elman, modules, kernels string
	rounds                  int
	folder                  string // for the text as tables, and the model for onnxruntime

	model string
	lines string // file
	chars float64
	peer  *worker
	about string // of the peer
}

func (b *scoringBench) open(ctx context.Context, name, text string) error {
	m, err := model.Load(name)
	if err != nil {
		return err
	}
	data, err := os.ReadFile(text)
	if err != nil {
		return err
	}
	lines := strings.FieldsFunc(string(data), func(r rune) bool { return r == '\n' })
	if len(lines) < 2 {
		return fmt.Errorf("%s has %d lines, at least 2 are needed", text, len(lines))
	}
	b.model, b.lines = name, filepath.Join(b.folder, "lines.txt")
	joined := strings.Join(lines, "\n") + "\n"
	b.chars = float64(utf8.RuneCountInString(joined))
	if err := os.WriteFile(b.lines, []byte(joined), 0o666); err != nil {
		return err
	}
	items, pairs := [][]string{{"sentence"}}, [][]string{{"good", "bad"}}
	for i, line := range lines {
		items = append(items, []string{line})
		if i%2 == 1 {
			pairs = append(pairs, []string{lines[i-1], line})
		}
	}
	if err := errors.Join(b.table("items.csv", items), b.table("pairs.csv", pairs)); err != nil {
		return err
	}
	return b.startPeer(ctx, m.Alphabet.Size())
}

func (b *scoringBench) table(name string, rows [][]string) error {
	f, err := os.Create(filepath.Join(b.folder, name))
	if err != nil {
		return err
	}
	return errors.Join(csv.NewWriter(f).WriteAll(rows), f.Close())
}

// startPeer starts onnxruntime, on one core.
func (b *scoringBench) startPeer(ctx context.Context, symbols int) error {
	exported := filepath.Join(b.folder, "model.onnx")
	if out, err := exec.CommandContext(ctx, b.elman, "export", b.model, "--to", "onnx", "--state", "--out", exported).CombinedOutput(); err != nil {
		return fmt.Errorf("elman export: %w: %s", err, strings.TrimSpace(string(out)))
	}
	script, err := scripts.ReadFile("onnxruntime.mjs")
	if err != nil {
		return err
	}
	modules, err := filepath.Abs(b.modules)
	if err != nil {
		return err
	}
	file := filepath.Join(b.folder, "onnxruntime.mjs")
	if err := os.WriteFile(file, script, 0o666); err != nil {
		return err
	}
	peer, h, err := launch(exec.CommandContext(ctx, "node", file, modules, exported, fmt.Sprint(symbols)), 1)
	if err != nil {
		return fmt.Errorf("onnxruntime: %w", err)
	}
	if b.peer, b.about = peer, h.About; h.Missing {
		return fmt.Errorf("%s has no onnxruntime; make it with: npm install --ignore-scripts onnxruntime-node", modules)
	}
	return nil
}

// A reading is a way to read the text.
type reading struct {
	name    string
	batch   int      // of onnxruntime
	command []string // of elman
	threads int
}

// readings returns all ways. Speeds are given in times of the first, and those by the clock in times of one core's.
func (b *scoringBench) readings() []reading {
	table, pairs := filepath.Join(b.folder, "items.csv"), filepath.Join(b.folder, "pairs.csv")
	lines := func(of ...string) []string {
		return append([]string{"score", b.model, b.lines, "--documents", "line"}, of...)
	}
	return []reading{
		{name: "onnxruntime, batch 32", batch: 32},
		{name: "onnxruntime, batch 1", batch: 1},
		{name: "score --per file", command: lines()},
		{name: "score --per line", command: lines("--per", "line")},
		{name: "score --per word", command: lines("--per", "word")},
		{name: "score --per symbol", command: lines("--per", "symbol")},
		{name: "score --per symbol --top 3", command: lines("--per", "symbol", "--top", "3")},
		{name: "score --table", command: []string{"score", b.model, "--table", table, "--text", "sentence"}},
		{name: "pairs", command: []string{"pairs", b.model, pairs}},
		{name: "score --per line, one core", command: lines("--per", "line"), threads: 1},
		{name: "score --per line, two cores", command: lines("--per", "line"), threads: 2},
	}
}

// measure takes turns, and compares what was measured in the same turn: by the clock what has threads, all else by processor time.
func (b *scoringBench) measure(ctx context.Context) error {
	all := b.readings()
	speeds, ratios := make([][]float64, len(all)), make([][]float64, len(all))
	for range b.rounds {
		base := 0.0
		for i, r := range all {
			speed, err := b.read(ctx, r)
			if err != nil {
				return fmt.Errorf("%s: %w", r.name, err)
			}
			if i == 0 || r.threads == 1 {
				base = speed
			}
			speeds[i], ratios[i] = append(speeds[i], speed), append(ratios[i], speed/base)
		}
	}
	fmt.Printf("%.0f characters, %s, Elman's kernels %s, %s\n\n", b.chars, processor(), b.kernels, b.about)
	fmt.Printf("%-28s %12s %6s %s\n", "", "characters/s", "times", "from, to")
	for i, r := range all {
		fmt.Printf("%-28s %12.0f %6.2f %.2f, %.2f\n", r.name, summarize(speeds[i]).Median, summarize(ratios[i]).Median, slices.Min(ratios[i]), slices.Max(ratios[i]))
	}
	return nil
}

// read returns the characters read in a second.
func (b *scoringBench) read(ctx context.Context, r reading) (speed float64, err error) {
	if r.batch > 0 {
		var a answer
		if err := b.peer.ask(fmt.Sprintf("%d 1", r.batch), &a); err != nil {
			return 0, err
		}
		return a.Chars / a.CPU, nil
	}
	threads := max(1, r.threads)
	cmd := exec.CommandContext(ctx, b.elman, append(r.command, "--threads", fmt.Sprint(threads), "--kernels", b.kernels)...)
	var complaint strings.Builder
	cmd.Stdout, cmd.Stderr = io.Discard, &complaint
	start := time.Now()
	if err := startOn(cmd, threads); err != nil {
		return 0, err
	}
	if err := cmd.Wait(); err != nil {
		return 0, fmt.Errorf("%w: %s", err, strings.TrimSpace(complaint.String()))
	}
	took := time.Since(start)
	if r.threads == 0 {
		took = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	}
	return b.chars / took.Seconds(), nil
}
