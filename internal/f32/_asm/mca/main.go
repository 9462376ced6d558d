// Command mca shows what llvm-mca, a model of processors, says of the kernels' inner loops: of the products floating-point
// operations per cycle, of the others cycles per vector. It is a model and not silicon: it knows nothing of caches.
//
//	go run -C internal/f32/_asm ./mca
//
// It needs llvm-mca-22 and llvm-objdump-22 (Debian's llvm-22).
package main

import (
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/seed-f4dd853e/elman/internal/f32/_asm/amd64"
	"github.com/seed-f4dd853e/elman/internal/f32/_asm/arm64"
	"github.com/seed-f4dd853e/elman/internal/f32/_asm/ir"
	"github.com/seed-f4dd853e/elman/internal/f32/_asm/kernels"
)

var (
	avx2 = amd64.Architecture.Sets[1].Target
	zen3 = machine{"x86_64", "znver3"}
	arms = []machine{{"aarch64", "neoverse-n1"}, {"aarch64", "neoverse-v1"}, {"aarch64", "apple-m1"}}
)

func main() {
	log.SetFlags(0)
	folder, err := os.MkdirTemp("", "mca")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(folder)
	if err := pointwise(folder); err != nil {
		log.Fatal(err)
	}
}

// build returns the path of a binary with all kernels of an architecture.
func build(folder, arch string) (string, error) {
	binary := filepath.Join(folder, arch)
	c := exec.Command("go", "test", "-c", "-o", binary, ".")
	c.Dir, c.Stderr = "..", os.Stderr
	c.Env = append(os.Environ(), "GOARCH="+arch)
	return binary, c.Run()
}

const prefix = "github.com/seed-f4dd853e/elman/internal/f32."

// perVector returns the cycles that a kernel's loops take for each vector of the target.
func perVector(d ir.Definition, t *ir.Target, binary string, m machine) (float64, error) {
	loops, err := inBinary(described(d, t), binary, prefix+d.Name+t.Name+".abi0")
	if err != nil {
		return 0, err
	}
	sum, last := 0., 0
	for _, l := range loops {
		if first := l.elements >= last || last == 0; first {
			c, err := m.cycles(l.text)
			if err != nil {
				return 0, err
			}
			sum += c * float64(t.Lanes) / float64(l.elements)
		}
		last = l.elements
	}
	return sum, nil
}

func pointwise(folder string) error {
	amd, err := build(folder, "amd64")
	if err != nil {
		return err
	}
	arm, err := build(folder, "arm64")
	if err != nil {
		return err
	}
	for _, f := range kernels.Families[1:] {
		for _, d := range f.Kernels {
			if len(described(d, arm64.NEON)) == 0 {
				continue
			}
			base, err := perVector(d, avx2, amd, zen3)
			if err != nil {
				return err
			}
			fmt.Printf("| %s | %.1f |", d.Name, base)
			for _, m := range arms {
				c, err := perVector(d, arm64.NEON, arm, m)
				if err != nil {
					return err
				}
				fmt.Printf(" %.1f | %.2f |", c, c/base)
			}
			fmt.Println()
		}
	}
	return nil
}
