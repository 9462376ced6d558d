//go:build !js

package main

import (
	"fmt"
	"os"
)

func main() {
	fmt.Fprintln(os.Stderr, "this program works in a browser: elman page writes the page that runs it")
	os.Exit(1)
}
