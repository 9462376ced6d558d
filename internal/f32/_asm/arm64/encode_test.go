package arm64

import (
	"fmt"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// words has for each instruction that Go's assembler lacks the word for some registers, and how other assemblers write it.
var words = []struct {
	emit func(l *lowering)
	word string
	text string
}{
	{three("FADD"), "0x4e31d7e3", "fadd v3.4s, v31.4s, v17.4s"},
	{three("FSUB"), "0x4eb1d7e3", "fsub v3.4s, v31.4s, v17.4s"},
	{three("FMUL"), "0x6e31dfe3", "fmul v3.4s, v31.4s, v17.4s"},
	{three("FDIV"), "0x6e31ffe3", "fdiv v3.4s, v31.4s, v17.4s"},
	{three("FMAX"), "0x4e31f7e3", "fmax v3.4s, v31.4s, v17.4s"},
	{three("FMIN"), "0x4eb1f7e3", "fmin v3.4s, v31.4s, v17.4s"},
	{three("FCMEQ"), "0x4e31e7e3", "fcmeq v3.4s, v31.4s, v17.4s"},
	{three("FCMGE"), "0x6e31e7e3", "fcmge v3.4s, v31.4s, v17.4s"},
	{three("FCMGT"), "0x6eb1e7e3", "fcmgt v3.4s, v31.4s, v17.4s"},
	{three("CMGT"), "0x4eb137e3", "cmgt v3.4s, v31.4s, v17.4s"},
	{three("BIC"), "0x4e711fe3", "bic v3.16b, v31.16b, v17.16b"},
	{three("SMULL"), "0x0e31c3e3", "smull v3.8h, v31.8b, v17.8b"},
	{two("FSQRT"), "0x6ea1fbe3", "fsqrt v3.4s, v31.4s"},
	{two("FNEG"), "0x6ea0fbe3", "fneg v3.4s, v31.4s"},
	{two("CMLT"), "0x4ea0abe3", "cmlt v3.4s, v31.4s, #0"},
	{two("NOT"), "0x6e205be3", "mvn v3.16b, v31.16b"},
	{two("UMAXV"), "0x6eb0abe3", "umaxv s3, v31.4s"},
	{two("SCVTF"), "0x4e21dbe3", "scvtf v3.4s, v31.4s"},
	{two("XTN"), "0x0e612be3", "xtn v3.4h, v31.4s"},
	{two("XTNB"), "0x0e212be3", "xtn v3.8b, v31.8h"},
	{two("SADALP"), "0x4e606be3", "sadalp v3.4s, v31.8h"},
	{func(l *lowering) { l.shiftRightSigned(1, 31, 3) }, "0x4f3f07e3", "sshr v3.4s, v31.4s, #1"},
	{func(l *lowering) { l.shiftRightSigned(23, 31, 3) }, "0x4f2907e3", "sshr v3.4s, v31.4s, #23"},
	{func(l *lowering) { l.shiftRightSigned(32, 31, 3) }, "0x4f2007e3", "sshr v3.4s, v31.4s, #32"},
	{func(l *lowering) { l.multiplyAddElement(17, 0, 31, 3) }, "0x4f9113e3", "fmla v3.4s, v31.4s, v17.s[0]"},
	{func(l *lowering) { l.multiplyAddElement(17, 1, 31, 3) }, "0x4fb113e3", "fmla v3.4s, v31.4s, v17.s[1]"},
	{func(l *lowering) { l.multiplyAddElement(17, 2, 31, 3) }, "0x4f911be3", "fmla v3.4s, v31.4s, v17.s[2]"},
	{func(l *lowering) { l.multiplyAddElement(17, 3, 31, 3) }, "0x4fb11be3", "fmla v3.4s, v31.4s, v17.s[3]"},
	{func(l *lowering) { l.load(-256, 25, 31) }, "0x3cd0033f", "ldur q31, [x25, #-256]"},
	{func(l *lowering) { l.load(0, 25, 31) }, "0x3cc0033f", "ldur q31, [x25]"},
	{func(l *lowering) { l.load(255, 25, 31) }, "0x3ccff33f", "ldur q31, [x25, #255]"},
}

func three(name string) func(l *lowering) { return func(l *lowering) { l.op3(name, 17, 31, 3) } }
func two(name string) func(l *lowering)   { return func(l *lowering) { l.op2(name, 31, 3) } }

func TestWords(t *testing.T) {
	tested := map[string]bool{}
	for _, tt := range words {
		l := &lowering{}
		tt.emit(l)
		fields := strings.Fields(l.out.String())
		if fields[0] != "WORD" || fields[1] != "$"+tt.word {
			t.Errorf("%s: %s, want WORD $%s", tt.text, strings.TrimSpace(l.out.String()), tt.word)
		}
		tested[fields[3]] = true
	}
	for name := range lacking {
		if !tested[name] {
			t.Errorf("no test of %s", name)
		}
	}
}

// TestWordsOfAnAssembler compares the words with those of LLVM's assembler, where there is one.
func TestWordsOfAnAssembler(t *testing.T) {
	assembler := ""
	for _, name := range []string{"llvm-mc-22", "llvm-mc"} {
		if path, err := exec.LookPath(name); err == nil {
			assembler = path
			break
		}
	}
	if assembler == "" {
		t.Skip("no llvm-mc")
	}
	var source strings.Builder
	for _, tt := range words {
		fmt.Fprintln(&source, tt.text)
	}
	c := exec.Command(assembler, "--triple=aarch64", "--show-encoding")
	c.Stdin = strings.NewReader(source.String())
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	encodings := regexp.MustCompile(`encoding: \[0x(..),0x(..),0x(..),0x(..)\]`).FindAllStringSubmatch(string(out), -1)
	if len(encodings) != len(words) {
		t.Fatalf("%d encodings of %d instructions: %s", len(encodings), len(words), out)
	}
	for i, e := range encodings {
		if word := "0x" + e[4] + e[3] + e[2] + e[1]; word != words[i].word {
			t.Errorf("%s: %s here, %s from %s", words[i].text, words[i].word, word, assembler)
		}
	}
}
