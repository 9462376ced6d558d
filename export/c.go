package export

import (
	"bufio"
	"cmp"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/model"
)

// cHeader is a single header in C99, without allocation. Where fmaf rounds once, as the standard wants it, its logits are those of
// Elman, bit for bit; weights in 8 bits stay so. docs/export.md has a program that samples. Of a network of codes
// (rnn.Config.Codes) the outputs take the place of logits, and there is nothing to sample.
var cHeader = Format{Name: "c", Summary: "a C99 header without allocation, the same bits", Suffix: ".h", Write: writeC}

//go:embed c_runtime.h
var cRuntime string

//go:embed c_sample.h
var cSample string

func writeC(w io.Writer, m *model.Model, o Options) error {
	network, err := json.Marshal(m.Network.Config())
	if err != nil {
		return err
	}
	h := &cFile{w: bufio.NewWriterSize(w, 1<<16), name: cName(o.Name)}
	t := translateC(m.Network)
	guard := strings.ToUpper(h.name) + "_H"
	h.text(`/* name_: a recurrent language model that Elman trained, for C99. Include it in one file of a program.
 *
 * A text begins with name_start; then each name_step reads a symbol and predicts the next one. The first symbol
 * to read is NAME_START. Build without -ffast-math, and with -mfma or the like where the processor has multiply-adds.
 *
 * network    %s
 * alphabet   %v
 * documents  %s: a text ends where name_ends is true
 * hash       %s
 */
#ifndef %s
#define %s

#include <float.h>
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define NAME_SYMBOLS %d
#define NAME_OUTPUTS %d
#define NAME_START %d

`, commentSafe(string(network)), m.Alphabet, cmp.Or(m.Documents, corpus.Whole), m.Hash(), guard, guard,
		m.Alphabet.Size(), t.outputs(), m.Alphabet.Start())
	h.alphabet(m.Alphabet)
	h.text("/* Weights. */\n\n")
	for _, a := range t.arrays {
		h.array(a)
	}
	if m.Documents == corpus.Paragraphs {
		t.state.WriteString("\tunsigned char any, line; /* whether any line, and the one at hand, is not blank */\n")
	}
	h.text("/* The state of a text, and room to work in. It may be copied. */\ntypedef struct {\n%s} name_state;\n\n", &t.state)
	h.raw(cRuntime)
	h.text("\n/* Begins a text. */\nstatic inline void name_start(name_state *s) {\n\tmemset(s, 0, sizeof *s);\n%s}\n", &t.start)
	h.text("\n/* Reads a symbol, and leaves the %s in %s, NAME_OUTPUTS of them. */\n", t.output, t.output)
	h.text("static inline void name_step(name_state *s, int symbol, float *%s) {\n%s}\n", t.output, &t.step)
	h.raw(cEnds[cmp.Or(m.Documents, corpus.Whole)])
	if m.CheckProbabilities() == nil {
		h.raw(cSample)
	}
	h.text("\n#endif\n")
	return h.w.Flush()
}

// cName returns a name for identifiers of C.
func cName(name string) string {
	name = strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			return r
		}
		return '_'
	}, name)
	if name = strings.Trim(name, "_"); name == "" || name[0] <= '9' {
		name = strings.TrimSuffix("model_"+name, "_")
	}
	return name
}

// commentSafe keeps a text from ending the comment that it is in.
func commentSafe(s string) string { return strings.ReplaceAll(s, "*/", "* /") }

// A cFile writes a header. Its texts have name_ and NAME_ where identifiers begin.
type cFile struct {
	w    *bufio.Writer
	name string
}

func (h *cFile) raw(s string) {
	strings.NewReplacer("name_", h.name+"_", "NAME_", strings.ToUpper(h.name)+"_").WriteString(h.w, s) // an error stays with w
}

func (h *cFile) text(format string, args ...any) { h.raw(fmt.Sprintf(format, args...)) }

// A cArray is weights.
type cArray struct {
	name, comment string
	floats        []float32 // or
	bytes         []int8
}

func (h *cFile) array(a cArray) {
	kind, n := "float", len(a.floats)
	if a.bytes != nil {
		kind, n = "int8_t", len(a.bytes)
	}
	h.text("/* %s */\nstatic const %s name_%s[%d] = {", a.comment, kind, a.name, n)
	for i := range n {
		if i%8 == 0 {
			h.w.WriteString("\n\t")
		}
		if a.bytes != nil {
			h.w.Write(strconv.AppendInt(h.w.AvailableBuffer(), int64(a.bytes[i]), 10))
			h.w.WriteByte(',')
			continue
		}
		h.w.Write(appendC(h.w.AvailableBuffer(), a.floats[i]))
	}
	h.w.WriteString("\n};\n\n")
}

// appendC appends a number as C has it, exactly.
func appendC(b []byte, x float32) []byte {
	switch {
	case x != x:
		return append(b, "NAN,"...)
	case x-x != 0 && x > 0:
		return append(b, "INFINITY,"...)
	case x-x != 0:
		return append(b, "-INFINITY,"...)
	}
	return append(strconv.AppendFloat(b, float64(x), 'x', -1, 32), 'f', ',')
}

// alphabet writes the texts of symbols, and which of them are spaced or unwritten.
func (h *cFile) alphabet(a *corpus.Alphabet) {
	h.text("/* The text of each symbol: its bytes, and how many they are. */\nstatic const char *const name_text[NAME_SYMBOLS] = {\n")
	for id := range int32(a.Size()) {
		h.w.WriteString("\t" + cString(a.Symbol(id)) + ",\n")
	}
	h.text("};\nstatic const int name_length[NAME_SYMBOLS] = {")
	for id := range int32(a.Size()) {
		if id%16 == 0 {
			h.w.WriteString("\n\t")
		}
		fmt.Fprintf(h.w, "%d,", len(a.Symbol(id)))
	}
	h.w.WriteString("\n};\n\n")
	d := describe(a)
	h.membership("unwritten", "stands for no text, so that it is never drawn", d.Unwritten)
	h.membership("space_after", "is a word, and has a space before the next one", d.SpaceAfter)
	h.membership("space_before", "is a word, and has a space after the one before", d.SpaceBefore)
	h.text(`/* Whether a space lies between two symbols that has no symbol of its own. */
static inline int name_space(int before, int symbol) { return name_space_after(before) && name_space_before(symbol); }

`)
}

// membership writes a function that says whether a symbol is one of some.
func (h *cFile) membership(name, meaning string, ids []int32) {
	h.text("/* Whether a symbol %s. */\nstatic inline int name_%s(int symbol) {\n", meaning, name)
	if len(ids) == 0 {
		h.text("\t(void)symbol;\n\treturn 0;\n}\n")
		return
	}
	for i, first := 0, 0; i < len(ids); i = first { // runs of numbers
		for first = i + 1; first < len(ids) && ids[first] == ids[first-1]+1; first++ {
		}
		h.text("\tif (symbol >= %d && symbol <= %d) return 1;\n", ids[i], ids[first-1])
	}
	h.text("\treturn 0;\n}\n")
}

// cString returns a string literal of the bytes of s.
func cString(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, c := range []byte(s) {
		switch {
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case c >= ' ' && c < 127 && c != '?': // ?? might begin a trigraph
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, "\\%03o", c)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// cEnds says where documents end, as corpus.DocumentSplitter does.
var cEnds = map[corpus.Documents]string{
	corpus.Whole: `
/* Whether the text ends after a symbol, so that the next one begins with name_start. */
static inline int name_ends(name_state *s, int symbol) {
	(void)s;
	(void)symbol;
	return 0;
}
`,
	corpus.Lines: `
/* Whether the text ends after a symbol, so that the next one begins with name_start. */
static inline int name_ends(name_state *s, int symbol) {
	(void)s;
	return memchr(name_text[symbol], '\n', (size_t)name_length[symbol]) != NULL;
}
`,
	corpus.Paragraphs: `
/* Whether the text ends after a symbol, so that the next one begins with name_start. Ask once for each symbol. */
static inline int name_ends(name_state *s, int symbol) {
	for (int i = 0; i < name_length[symbol]; i++) {
		char c = name_text[symbol][i];
		if (c == '\n') {
			if (s->any && !s->line) return 1;
			s->any = s->any || s->line;
			s->line = 0;
		} else if (c == 0 || strchr(" \t\v\f\r", c) == NULL) {
			s->line = 1;
		}
	}
	return 0;
}
`,
}
