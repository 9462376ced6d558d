// Command mca writes docs/arm64.md: what llvm-mca, a model of processors, says of the kernels on NEON.
//
//	go run -C internal/f32/_asm ./mca ../../../docs/arm64.md
//
// It needs llvm-mca-22 and llvm-objdump-22 (Debian's llvm-22).
package main

import (
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/seed-f4dd853e/elman/internal/f32/_asm/amd64"
	"github.com/seed-f4dd853e/elman/internal/f32/_asm/arm64"
	"github.com/seed-f4dd853e/elman/internal/f32/_asm/ir"
	"github.com/seed-f4dd853e/elman/internal/f32/_asm/kernels"
)

var (
	neon = arm64.NEON
	avx2 = amd64.Architecture.Sets[1].Target
	zen3 = machine{"x86_64", "znver3"}
	arms = []machine{{"aarch64", "neoverse-n1"}, {"aarch64", "neoverse-v1"}, {"aarch64", "apple-m1"}}
)

func main() {
	log.SetFlags(0)
	if len(os.Args) != 2 {
		log.Fatal("usage: mca FILE")
	}
	folder, err := os.MkdirTemp("", "mca")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(folder)
	text, err := page(folder)
	if err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile(os.Args[1], []byte(text), 0o644); err != nil {
		log.Fatal(err)
	}
}

func page(folder string) (string, error) {
	arm, err := build(folder, "arm64")
	if err != nil {
		return "", err
	}
	amd, err := build(folder, "amd64")
	if err != nil {
		return "", err
	}
	p, err := products(arm)
	if err != nil {
		return "", err
	}
	v, err := pointwise(arm, amd)
	return fmt.Sprintf(text, p, v), err
}

const text = `# NEON

On arm64 (Apple chips, Graviton, Ampere, Raspberry Pi and others) Elman runs its kernels on NEON, which all these processors
have: ` + "`--kernels neon`" + `, the default there. The bits are those of every other kernel set. The tests compare them under emulation,
which says nothing of speed.

The figures below come from **a model and not from silicon**: llvm-mca 22 computes, for the inner loop of each kernel, how many
cycles a round takes on three cores if everything lies in the first-level cache. ` + "`go run -C internal/f32/_asm ./mca ../../../docs/arm64.md`" + `
writes this page.

## Products

Floating-point operations a cycle, a multiply-add being two. The models end at 16 (Neoverse N1), 32 (Neoverse V1) and 24 (Apple M1).
Products of many rows are cut into tiles of 5 to 8 rows. Few rows wait for B.

| tile | A | neoverse-n1 | neoverse-v1 | apple-m1 |
|---|---|---|---|---|
%s
## All other kernels

Cycles for a vector of four elements with NEON, and for one of eight with AVX2 on znver3; in brackets their ratio. Kernels with
several loops have the sum. Neoverse N1 starts three operations a cycle in the model, of which a store takes two and a division or
square root keeps one of two units busy for seven cycles: kernels that do little else take more than 1.5 times there.

| kernel | AVX2, znver3 | neoverse-n1 | neoverse-v1 | apple-m1 |
|---|---|---|---|---|
%s`

// build returns the path of a binary with all kernels of an architecture.
func build(folder, arch string) (string, error) {
	binary := filepath.Join(folder, arch)
	c := exec.Command("go", "test", "-c", "-o", binary, ".")
	c.Dir, c.Stderr = "..", os.Stderr
	c.Env = append(os.Environ(), "GOOS=linux", "GOARCH="+arch)
	return binary, c.Run()
}

// loopsOf returns a kernel's inner loops.
func loopsOf(d ir.Definition, t *ir.Target, binary string) ([]loop, error) {
	return inBinary(described(d, t), binary, "github.com/seed-f4dd853e/elman/internal/f32."+d.Name+t.Name+".abi0")
}

// products returns the table's rows of the tiles of products, each with its main loop.
func products(arm string) (string, error) {
	var rows strings.Builder
	for _, d := range kernels.Families[0].Kernels {
		as := map[string]string{"tiles": "as it lies", "tilesTransA": "transposed"}[d.Name]
		if as == "" {
			continue
		}
		loops, err := loopsOf(d, neon, arm)
		if err != nil {
			return "", err
		}
		last := tile{}
		for _, l := range loops {
			if l.rows == 0 || l.rows == last.rows && l.columns == last.columns {
				continue
			}
			last = l.tile
			fmt.Fprintf(&rows, "| %d x %d | %s |", l.rows, l.columns, as)
			for _, m := range arms {
				c, err := m.cycles(l.text)
				if err != nil {
					return "", err
				}
				fmt.Fprintf(&rows, " %.1f |", float64(2*l.multiplyAdds)/c)
			}
			rows.WriteByte('\n')
		}
	}
	return rows.String(), nil
}

// pointwise returns the table's rows of all other kernels.
func pointwise(arm, amd string) (string, error) {
	var rows strings.Builder
	for _, f := range kernels.Families[1:] {
		if f.Name == "lowbit" { // products of their own
			continue
		}
		for _, d := range f.Kernels {
			if len(described(d, neon)) == 0 {
				continue
			}
			base, err := perVector(d, avx2, amd, zen3)
			if err != nil {
				return "", err
			}
			fmt.Fprintf(&rows, "| %s | %.1f |", d.Name, base)
			for _, m := range arms {
				c, err := perVector(d, neon, arm, m)
				if err != nil {
					return "", err
				}
				fmt.Fprintf(&rows, " %.1f (%.2f) |", c, c/base)
			}
			rows.WriteByte('\n')
		}
	}
	return rows.String(), nil
}

// perVector returns the cycles that a kernel's loops take for each vector of the target. If some follow each other that are
// the same loop for fewer elements, it is the first that counts: the others are for what it leaves.
func perVector(d ir.Definition, t *ir.Target, binary string, m machine) (float64, error) {
	loops, err := loopsOf(d, t, binary)
	if err != nil {
		return 0, err
	}
	sum, last := 0., 0
	for _, l := range loops {
		if l.seldom {
			continue
		}
		if l.elements >= last {
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
