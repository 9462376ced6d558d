package main

import (
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"

	"github.com/seed-f4dd853e/elman/internal/f32/_asm/ir"
)

// A loop is the inner loop of a kernel, as it is described and as instructions.
type loop struct {
	elements int  // that a round takes, of slices
	seldom   bool // it is in the second branch of an If
	tile          // of products
	text     string
}

// A tile is what a round of a product's loop computes: multiply-adds by element on a tile of rows by columns.
type tile struct{ rows, columns, multiplyAdds int }

// described returns the inner loops of a kernel without their instructions.
func described(d ir.Definition, t *ir.Target) (loops []loop) {
	var walk func(nodes []ir.Node, seldom bool) (inner bool)
	walk = func(nodes []ir.Node, seldom bool) bool {
		inner := true
		for _, n := range nodes {
			switch n := n.(type) {
			case *ir.If:
				inner = walk(n.Then, seldom) && inner
				inner = walk(n.Else, true) && inner
			case *ir.Loop:
				inner = false
				if walk(n.Body, seldom) {
					loops = append(loops, loop{elements: elements(n.Body, t), seldom: seldom, tile: tileOf(n.Body, t)})
				}
			}
		}
		return inner
	}
	walk(ir.Describe(d, t).Body, false)
	return loops
}

// elements returns how many elements of a slice a round takes: there is an index that grows by four times as much as the
// count shrinks; otherwise the round goes down the rows and loads some vectors from each of several slices.
func elements(body []ir.Node, t *ir.Target) int {
	loads, bases := 0, map[*ir.Reg]bool{}
	shrinks := map[int64]bool{}
	var grows []int64
	for _, n := range body {
		in, ok := n.(*ir.Instr)
		switch {
		case !ok:
		case in.Op == ir.Load:
			loads++
			bases[in.Mem.Base] = true
		case in.Op == ir.IntAdd && len(in.Args) == 1 && in.Imm < 0:
			shrinks[-in.Imm] = true
		case in.Op == ir.IntAdd && len(in.Args) == 1:
			grows = append(grows, in.Imm)
		}
	}
	for _, g := range grows {
		if shrinks[g/4] {
			return int(g / 4)
		}
	}
	return t.Lanes * loads / max(1, len(bases))
}

// tileOf counts the sums and the vectors of B that are multiplied by elements of A.
func tileOf(body []ir.Node, t *ir.Target) tile {
	sums, rights, count := map[*ir.Reg]bool{}, map[*ir.Reg]bool{}, 0
	for _, n := range body {
		if in, ok := n.(*ir.Instr); ok && in.Op == ir.FMAE {
			sums[in.Dst], rights[in.Args[0]] = true, true
			count++
		}
	}
	if count == 0 {
		return tile{}
	}
	vectors := len(rights) * len(sums) / count // of one step of k
	return tile{len(sums) / vectors, vectors * t.Lanes, count * t.Lanes}
}

// A machine is a processor that llvm-mca has a model of.
type machine struct{ triple, cpu string }

// inBinary adds to each described loop of a kernel the instructions that a binary has for it.
func inBinary(loops []loop, binary, symbol string) ([]loop, error) {
	out, err := exec.Command("llvm-objdump-22", "--disassemble", "--no-show-raw-insn", "--mattr=+all",
		"--disassemble-symbols="+symbol, binary).Output()
	if err != nil {
		return nil, fmt.Errorf("llvm-objdump-22: %w", err)
	}
	texts := innerLoops(instructions(string(out)))
	if len(texts) != len(loops) {
		return nil, fmt.Errorf("%s: %d loops in the binary, %d in the description", symbol, len(texts), len(loops))
	}
	for i := range loops {
		loops[i].text = texts[i]
	}
	return loops, nil
}

// An instruction is a line of a disassembly.
type instruction struct {
	at   uint64
	text string
	to   uint64 // of a branch
}

var (
	line    = regexp.MustCompile(`^\s*([0-9a-f]+):\s+(\S.*)$`)
	comment = regexp.MustCompile(`( <| # | // ).*`)
	branch  = regexp.MustCompile(`^(j[a-z]+|b|b\.[a-z]+|cbn?z|tbn?z)\s+(.*?)0x([0-9a-f]+)$`)
)

func instructions(disassembly string) (list []instruction) {
	for l := range strings.Lines(disassembly) {
		m := line.FindStringSubmatch(strings.TrimRight(l, "\n"))
		if m == nil {
			continue
		}
		in := instruction{text: strings.TrimSpace(comment.ReplaceAllString(m[2], ""))}
		in.at, _ = strconv.ParseUint(m[1], 16, 64)
		if b := branch.FindStringSubmatch(in.text); b != nil {
			in.to, _ = strconv.ParseUint(b[3], 16, 64)
			in.text = b[1] + " " + b[2]
		}
		list = append(list, in)
	}
	return list
}

// innerLoops returns the texts of those loops that have no other within them, in their order.
func innerLoops(list []instruction) (texts []string) {
	last := uint64(0) // where the loop before ends
	for i, in := range list {
		if in.to == 0 || in.to > in.at || in.to < list[0].at || in.to <= last && last > 0 {
			continue
		}
		from := i
		for list[from].at > in.to {
			from--
		}
		var text strings.Builder
		for j, in := range list[from : i+1] {
			if in.to == 0 {
				fmt.Fprintln(&text, in.text)
			} else {
				fmt.Fprintf(&text, "%s L%d\nL%[2]d:\n", in.text, j)
			}
		}
		texts = append(texts, text.String())
		last = in.at
	}
	return texts
}

var total = regexp.MustCompile(`Total Cycles:\s+(\d+)`)

const rounds = 200

// cycles returns how many a round of a loop takes.
func (m machine) cycles(text string) (float64, error) {
	c := exec.Command("llvm-mca-22", "-mtriple="+m.triple, "-mcpu="+m.cpu, fmt.Sprint("-iterations=", rounds), "-")
	c.Stdin, c.Stderr = strings.NewReader(text), os.Stderr
	out, err := c.Output()
	if err != nil {
		return 0, fmt.Errorf("llvm-mca-22 -mcpu=%s: %w", m.cpu, err)
	}
	n, err := strconv.Atoi(total.FindStringSubmatch(string(out))[1])
	return float64(n) / rounds, err
}
