//go:build js && wasm

// Command bench measures what its arguments name, as elman bench does, where it runs: in a page or in Node. It prints a line
// of JSON for each figure.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/seed-f4dd853e/elman/internal/bench"
	"github.com/seed-f4dd853e/elman/internal/f32"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(names []string) error {
	_, list, err := bench.Select(names)
	if err != nil {
		return err
	}
	return bench.Run(context.Background(), list, []string{f32.Active()}, 1, func(f bench.Figure) {
		line, err := json.Marshal(f)
		if err != nil {
			line = []byte(err.Error())
		}
		fmt.Println(string(line))
	})
}
