// Command elman trains, samples and measures recurrent language models on a CPU. Run elman --help.
package main

import (
	"os"

	"github.com/seed-f4dd853e/elman/internal/cli"
)

func main() { os.Exit(cli.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }
