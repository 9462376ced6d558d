package arm64

import "fmt"

// Instructions on vectors of four float32s or 32-bit integers, or on all bits. As everywhere in Go's assembler, the result
// is the last operand and the first source the one before it.

// lacking is the instructions that Go's assembler does not know: their bits, all registers being 0.
var lacking = map[string]uint32{
	// Three registers.
	"FADD":  0x4e20d400,
	"FSUB":  0x4ea0d400,
	"FMUL":  0x6e20dc00,
	"FDIV":  0x6e20fc00,
	"FMAX":  0x4e20f400,
	"FMIN":  0x4ea0f400,
	"FCMEQ": 0x4e20e400,
	"FCMGE": 0x6e20e400,
	"FCMGT": 0x6ea0e400,
	"CMGT":  0x4ea03400,
	"BIC":   0x4e601c00,

	"SMULL": 0x0e20c000, // eight products of 8 bits

	// Two registers.
	"FSQRT":  0x6ea1f800,
	"FNEG":   0x6ea0f800,
	"CMLT":   0x4ea0a800, // with 0, as integers
	"NOT":    0x6e205800,
	"UMAXV":  0x6eb0a800, // the result in the lowest lane
	"SCVTF":  0x4e21d800,
	"XTN":    0x0e612800, // four integers of 32 bits as 16 bits
	"XTNB":   0x0e212800, // XTN that makes eight of 16 bits into 8 bits
	"SADALP": 0x4e606800, // adds sums of neighbours, of eight integers of 16 bits, to four of 32

	"SSHR": 0x4f000400, // by a count
	"FMLA": 0x4f801000, // by an element
	"LDUR": 0x3cc00000, // 16 bytes, from -256 to 255 bytes behind a general register
}

// known is what Go's assembler calls the others, and how it arranges their lanes.
var known = map[string]struct{ name, lanes string }{
	"FMLA":  {"VFMLA", "S4"},
	"FMLS":  {"VFMLS", "S4"},
	"ADD":   {"VADD", "S4"},
	"SUB":   {"VSUB", "S4"},
	"CMTST": {"VCMTST", "S4"},
	"TRN1":  {"VTRN1", "S4"},
	"TRN2":  {"VTRN2", "S4"},
	"TRN1D": {"VTRN1", "D2"},
	"TRN2D": {"VTRN2", "D2"},
	"AND":   {"VAND", "B16"},
	"ORR":   {"VORR", "B16"},
	"EOR":   {"VEOR", "B16"},
	"BSL":   {"VBSL", "B16"},
	"BIT":   {"VBIT", "B16"},
	"BIF":   {"VBIF", "B16"},
}

// op3 emits d = n op m.
func (l *lowering) op3(name string, m, n, d int) {
	if k, ok := known[name]; ok {
		l.emit("%s V%d.%[5]s, V%[3]d.%[5]s, V%[4]d.%[5]s", k.name, m, n, d, k.lanes)
		return
	}
	l.word(encoding(name)|uint32(m)<<16|uint32(n)<<5|uint32(d), "%s V%d.S4, V%d.S4, V%d.S4", name, m, n, d)
}

// op2 emits d = op n.
func (l *lowering) op2(name string, n, d int) {
	l.word(encoding(name)|uint32(n)<<5|uint32(d), "%s V%d.S4, V%d.S4", name, n, d)
}

// shiftRightSigned emits d = n >> by.
func (l *lowering) shiftRightSigned(by int64, n, d int) {
	l.word(encoding("SSHR")|uint32(64-by)<<16|uint32(n)<<5|uint32(d), "SSHR $%d, V%d.S4, V%d.S4", by, n, d)
}

// multiplyAddElement emits d += n * m.S[lane].
func (l *lowering) multiplyAddElement(m int, lane int64, n, d int) {
	w := encoding("FMLA") | uint32(lane&1)<<21 | uint32(m)<<16 | uint32(lane>>1)<<11 | uint32(n)<<5 | uint32(d)
	l.word(w, "FMLA V%d.S[%d], V%d.S4, V%d.S4", m, lane, n, d)
}

// load emits the load of 16 bytes. Within its reach LDUR is the better instruction: by the model of Neoverse N1 it is one
// operation, and that with a scaled displacement, which Go's assembler prefers, two.
func (l *lowering) load(disp, base, d int) {
	if disp < -256 || disp > 255 {
		l.emit("FMOVQ %d(R%d), F%d", disp, base, d)
		return
	}
	l.word(encoding("LDUR")|uint32(disp&0x1ff)<<12|uint32(base)<<5|uint32(d), "LDUR %d(R%d), F%d", disp, base, d)
}

func (l *lowering) word(w uint32, format string, args ...any) {
	l.emit("WORD $0x%08x // %s", w, fmt.Sprintf(format, args...))
}

func encoding(name string) uint32 {
	w, ok := lacking[name]
	if !ok {
		panic("arm64: no instruction " + name)
	}
	return w
}
