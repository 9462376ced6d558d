// Command _asm writes the assembly of f32's kernels, and the Go code that calls it. Run it through go generate in
// internal/f32.
package main

import (
	"fmt"
	"log"
	"os"
	"strings"

	"github.com/seed-f4dd853e/elman/internal/f32/_asm/amd64"
	"github.com/seed-f4dd853e/elman/internal/f32/_asm/ir"
	"github.com/seed-f4dd853e/elman/internal/f32/_asm/kernels"
)

func main() {
	log.SetFlags(0)
	for _, t := range []*ir.Target{amd64.AVX512, amd64.AVX2} {
		for _, f := range kernels.Families {
			text, err := amd64.File(t, f.Of(t))
			if err != nil {
				log.Fatal(err)
			}
			name := fmt.Sprintf("%s_%s_amd64.s", f.Name, strings.ToLower(t.Name))
			if err := os.WriteFile(os.Args[1]+"/"+name, text, 0o644); err != nil {
				log.Fatal(err)
			}
		}
	}
}
