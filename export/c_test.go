package export

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/generate"
	"github.com/seed-f4dd853e/elman/internal/random"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/rnn"
)

var full = os.Getenv("ELMAN_TEST_FULL") != ""

// Ways to compile.
var (
	strict = []string{"-std=c99", "-pedantic", "-Wall", "-Wextra", "-Werror", "-O2", "-ffp-contract=off"}
	fast   = []string{"-std=gnu11", "-O3", "-march=native"}
)

// compileC compiles a program of C in folder and returns its path. Without a compiler it skips the test.
func compileC(t *testing.T, folder, source string, flags []string) string {
	t.Helper()
	compiler := ""
	for _, name := range []string{"cc", "gcc", "clang"} {
		if path, err := exec.LookPath(name); err == nil {
			compiler = path
			break
		}
	}
	if compiler == "" {
		t.Skip("there is no C compiler here")
	}
	file, program := filepath.Join(folder, "main.c"), filepath.Join(folder, "main")
	if err := os.WriteFile(file, []byte(source), 0o666); err != nil {
		t.Fatal(err)
	}
	c := exec.Command(compiler, append(slices.Clone(flags), "-o", program, file, "-lm")...)
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%.2000s", c.Args, err, out)
	}
	return program
}

// writeHeader exports a model to folder/NAME.h.
func writeHeader(t *testing.T, folder, name string, m *model.Model) {
	t.Helper()
	var b bytes.Buffer
	if err := cHeader.Write(&b, m, Options{Name: name}); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, name+".h"), b.Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
}

// eachStep reads symbols, four bytes each, and writes the outputs after each; below 0 it begins a text.
const eachStep = `#include "m.h"
#include <stdio.h>
int main(void) {
	static m_state s;
	static float out[M_OUTPUTS];
	int32_t symbol;
	m_start(&s);
	while (fread(&symbol, sizeof symbol, 1, stdin) == 1) {
		if (symbol < 0) m_start(&s);
		else {
			m_step(&s, symbol, out);
			fwrite(out, sizeof out, 1, stdout);
		}
	}
	return 0;
}
`

// TestCHasTheSameBits compares the header's outputs over 10,000 symbols with those of Elman, for settings drawn from the registries.
func TestCHasTheSameBits(t *testing.T) {
	networks, steps := 4, 1000
	if full {
		networks, steps = 50, 10_000
	}
	settings := append(drawSettings(networks), rnn.Config{Cell: "elman", Activation: "relu", Symbols: 20, Hidden: 8, Layers: 1, Block: true,
		Embedding: 8, MLP: 600, Precision: rnn.Int8}) // more inputs than products of 8 bits sum at once
	for i, c := range settings {
		t.Run(strings.Trim(fmt.Sprintf("%+v", c), "{}"), func(t *testing.T) {
			m, r := randomModel(c, uint64(i)), random.New(uint64(i), "symbols", 0)
			folder := t.TempDir()
			writeHeader(t, folder, "m", m)
			flags := strict
			if full && i%4 == 3 {
				flags = fast
			}
			program := exec.Command(compileC(t, folder, eachStep, flags))
			var in []byte
			var want []float32
			w := m.Network.NewWindow(1, 1, nil)
			starts := w.Starts()
			for step := range steps {
				symbol := int32(r.IntN(c.Symbols))
				if starts[0] = step > 0 && r.IntN(100) == 0; starts[0] {
					in = binary.LittleEndian.AppendUint32(in, math.MaxUint32)
				}
				in = binary.LittleEndian.AppendUint32(in, uint32(symbol))
				w.Forward([]int32{symbol})
				if c.Codes > 0 {
					want = append(want, w.CodeOutputs()...)
				} else {
					want = append(want, w.Logits()...)
				}
			}
			program.Stdin = bytes.NewReader(in)
			out, err := program.Output()
			if err != nil || len(out) != 4*len(want) {
				t.Fatalf("the program ends with %v and %d bytes, want %d", err, len(out), 4*len(want))
			}
			for j, x := range want {
				if got := math.Float32frombits(binary.LittleEndian.Uint32(out[4*j:])); math.Float32bits(got) != math.Float32bits(x) && !(got != got && x != x) {
					n := len(want) / steps
					t.Fatalf("output %d after %d symbols is %v in C, want %v", j%n, j/n+1, got, x)
				}
			}
		})
	}
}

// drawSymbols samples with the random numbers that it reads.
const drawSymbols = `#include "m.h"
#include <stdio.h>
int main(void) {
	static m_state s;
	static float logits[M_SYMBOLS];
	int symbol = M_START, before = -1;
	double u;
	m_start(&s);
	while (fread(&u, sizeof u, 1, stdin) == 1) {
		m_step(&s, symbol, logits);
		symbol = m_draw(logits, TEMPERATUREf, u);
		if (m_space(before, symbol)) putchar(' ');
		fwrite(m_text[symbol], 1, (size_t)m_length[symbol], stdout);
		if (m_ends(&s, symbol)) m_start(&s);
		before = symbol;
	}
	return 0;
}
`

// textModel returns a model of a text with characters of one to four bytes, quotes, backslashes and what might be a trigraph.
func textModel(t *testing.T, symbols corpus.Kind, documents corpus.Documents) *model.Model {
	t.Helper()
	o := corpus.Defaults()
	o.Kind = symbols
	c, err := corpus.New(corpus.FromBytes("text", []byte(strings.Repeat("The \"king\" said \\n, ??= 'жук' 𝔊!\n\tIs it 1990?\n\n", 20))), o)
	if err != nil {
		t.Fatal(err)
	}
	m := randomModel(rnn.Config{Cell: "gru", Symbols: c.Alphabet.Size(), Hidden: 9, Layers: 1}, 1)
	m.Alphabet, m.Documents = c.Alphabet, documents
	return m
}

// TestCSamples: given the same random numbers, C writes the text that Elman writes, for all kinds of symbols and documents.
func TestCSamples(t *testing.T) {
	for i, tt := range []struct {
		symbols     corpus.Kind
		documents   corpus.Documents
		temperature float64
	}{{corpus.Chars, corpus.Paragraphs, 1}, {corpus.Words, corpus.Lines, 0.7}, {corpus.Subwords, corpus.Whole, 2}, {corpus.Bytes, corpus.Whole, 0}} {
		if i%2 == 1 && !full {
			continue
		}
		t.Run(fmt.Sprint(tt.symbols, " ", tt.documents), func(t *testing.T) {
			m := textModel(t, tt.symbols, tt.documents)
			o := generate.Defaults()
			o.Length, o.Temperature, o.Seed = 3000, tt.temperature, 5
			want, err := generate.New(m).Strings(context.Background(), o)
			if err != nil {
				t.Fatal(err)
			}
			folder := t.TempDir()
			writeHeader(t, folder, "m", m)
			program := exec.Command(compileC(t, folder, strings.ReplaceAll(drawSymbols, "TEMPERATURE", fmt.Sprintf("%.1f", tt.temperature)), strict))
			var in []byte
			for numbers := random.New(o.Seed, "sample", 0); len(in) < 8*o.Length; {
				in = binary.LittleEndian.AppendUint64(in, math.Float64bits(numbers.Float64()))
			}
			program.Stdin = bytes.NewReader(in)
			if out, err := program.Output(); err != nil || string(out) != want[0] {
				t.Errorf("C writes %.200q (%d bytes), %v; want %.200q (%d bytes)", out, len(out), err, want[0], len(want[0]))
			}
		})
	}
}

// TestCHasEveryCell: the registry of cells and that of C's are the same.
func TestCHasEveryCell(t *testing.T) {
	for _, cell := range rnn.Cells() {
		if _, ok := cCells[cell.Name]; !ok {
			t.Errorf("C lacks the cell %s", cell.Name)
		}
		for _, activation := range cell.Activations {
			if !strings.Contains(cRuntime, "void name_"+activation+"(") {
				t.Errorf("C lacks the activation %s", activation)
			}
		}
	}
	if len(cCells) != len(rnn.Cells()) {
		t.Errorf("C has %d cells, package rnn %d", len(cCells), len(rnn.Cells()))
	}
}

func TestCName(t *testing.T) {
	for name, want := range map[string]string{"novel": "novel", "": "model", "3 men": "model_3_men", "a-b.c": "a_b_c", "__x__": "x", "жук": "model", "7": "model_7"} {
		if got := cName(name); got != want {
			t.Errorf("cName(%q) = %q, want %q", name, got, want)
		}
	}
}

// TestCTwice: the same model gives the same header, and two headers go into one program.
func TestCTwice(t *testing.T) {
	m := textModel(t, corpus.Bytes, corpus.Lines)
	folder := t.TempDir()
	var both [2]bytes.Buffer
	for i := range both {
		if err := cHeader.Write(&both[i], m, Options{Name: "one"}); err != nil {
			t.Fatal(err)
		}
	}
	if !slices.Equal(both[0].Bytes(), both[1].Bytes()) {
		t.Error("the same model gives two headers")
	}
	writeHeader(t, folder, "one", m)
	writeHeader(t, folder, "two", m)
	compileC(t, folder, "#include \"one.h\"\n#include \"two.h\"\nint main(void) { return ONE_SYMBOLS - TWO_SYMBOLS; }\n", strict)
}

// TestCGolden fixes the header, for machines without a C compiler: what it has was compared with Elman where there is one.
func TestCGolden(t *testing.T) {
	const want = "73a224ac3b6393c834988145fb7ff351f6a667790f69319833f39e5bab37bee9"
	m := textModel(t, corpus.Chars, corpus.Lines)
	var b bytes.Buffer
	if err := cHeader.Write(&b, m, Options{}); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprintf("%x", sha256.Sum256(b.Bytes())); got != want {
		t.Errorf("the header has SHA-256 %s, want %s: where there is a C compiler, run the tests with ELMAN_TEST_FULL=1, then put the new one here", got, want)
	}
}

// TestCPage compiles the program in docs/export.md and lets it write.
func TestCPage(t *testing.T) {
	page, err := os.ReadFile("../docs/export.md")
	if err != nil {
		t.Fatal(err)
	}
	_, source, _ := strings.Cut(string(page), "\n```c\n")
	source, _, found := strings.Cut(source, "```\n")
	if !found {
		t.Fatal("docs/export.md has no program in C")
	}
	m, err := model.Load("../browser/play.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	writeHeader(t, folder, "play", m)
	out, err := exec.Command(compileC(t, folder, source, strict), "7", "0.5").Output()
	if want := "Sells the curse that my sweet tears do not\nBetray the ship that the word.\n"; err != nil || len(out) != 301 || !strings.HasPrefix(string(out), want) {
		t.Errorf("the program in docs/export.md writes %q (%d bytes), %v; want 301 bytes, %q first", out, len(out), err, want)
	}
}
