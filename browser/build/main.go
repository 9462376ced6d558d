// Command build builds the program of the tab where browser.go embeds it; go generate runs it. With the argument play it trains the
// model play.safetensors in place of that, which takes a minute on two cores with AVX2. Both give the same bytes each time, the program with
// the toolchain that go.mod names.
package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/seed-f4dd853e/elman/browser"
)

func main() {
	log.SetFlags(0)
	work := program
	if len(os.Args) == 2 && os.Args[1] == "play" {
		work = play
	} else if len(os.Args) > 1 {
		log.Fatalf("usage: build [play], not %q", os.Args[1:])
	}
	if err := work(context.Background()); err != nil {
		log.Fatal(err)
	}
}

func program(ctx context.Context) error {
	files, err := browser.Build(ctx, ".")
	if err != nil {
		return err
	}
	for name, file := range files {
		if err := os.WriteFile(filepath.Join("built", name), file, 0o666); err != nil {
			return err
		}
	}
	_, err = fmt.Printf("%x  %s, %d bytes\n", sha256.Sum256(files[browser.Program]), browser.Program, len(files[browser.Program]))
	return err
}

// play runs the command line: the model is what everybody gets from it.
func play(ctx context.Context) error {
	folder, err := os.MkdirTemp("", "elman-play-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	run, model := filepath.Join(folder, "play"), filepath.Join(folder, "play.safetensors")
	for _, args := range [][]string{
		{"train", "--language", "play", "--hidden", "128", "--epochs", "8", "--out", run},
		{"quantize", run, "--bits", "8", "--out", model},
	} {
		c := exec.CommandContext(ctx, "go", append([]string{"run", "../cmd/elman"}, args...)...)
		c.Stdout, c.Stderr = os.Stdout, os.Stderr
		if err := c.Run(); err != nil {
			return fmt.Errorf("elman %s: %w", args[0], err)
		}
	}
	file, err := os.ReadFile(model) // elman overwrites no other model
	if err != nil {
		return err
	}
	return os.WriteFile("play.safetensors", file, 0o666)
}
