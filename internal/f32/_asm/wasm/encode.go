package wasm

// The binary format of WebAssembly, as far as kernels need it (WebAssembly specification 3.0, chapter 5).

// A valueType is the type of a parameter, a result or a local.
type valueType byte

const (
	i32  valueType = 0x7f
	f32  valueType = 0x7d
	v128 valueType = 0x7b
)

// unsigned appends n in LEB128.
func unsigned(b []byte, n uint64) []byte {
	for n >= 0x80 {
		b = append(b, byte(n)|0x80)
		n >>= 7
	}
	return append(b, byte(n))
}

// signed is unsigned for signed integers.
func signed(b []byte, n int64) []byte {
	for n < -64 || n > 63 {
		b = append(b, byte(n)|0x80)
		n >>= 7
	}
	return append(b, byte(n)&0x7f)
}

func name(b []byte, s string) []byte { return append(unsigned(b, uint64(len(s))), s...) }

// A signature is the type of a function.
type signature struct {
	params, results string // of value types
}

// A module is a module in the making.
type module struct {
	types   []signature
	imports [][]byte
	funcs   []*function
	table   int    // the size of a table that it has and exports
	exports []byte // entries
	names   int    // how many
	fill    []int  // functions that it writes to the imported table from place 0 on
}

// A function is one function of a module.
type function struct {
	signature
	locals []valueType
	body   []byte
}

// typeIndex returns the place of a function type, which it adds if it is new.
func (m *module) typeIndex(s signature) uint64 {
	for i, t := range m.types {
		if t == s {
			return uint64(i)
		}
	}
	m.types = append(m.types, s)
	return uint64(len(m.types) - 1)
}

// add adds a function and returns its index.
func (m *module) add(f *function) int {
	m.typeIndex(f.signature)
	m.funcs = append(m.funcs, f)
	return len(m.funcs) - 1
}

const (
	exportedFunction = 0x00
	exportedTable    = 0x01
)

func (m *module) export(called string, kind byte, index int) {
	m.exports = unsigned(append(name(m.exports, called), kind), uint64(index))
	m.names++
}

// importMemory and importTable take what the loader hands over.
func (m *module) importMemory(from, called string) {
	m.imports = append(m.imports, append(name(name(nil, from), called), 0x02, 0x00, 0x00))
}

func (m *module) importTable(from, called string) {
	m.imports = append(m.imports, append(name(name(nil, from), called), 0x01, functions, 0x00, 0x00))
}

const functions = 0x70 // the type of a table's entries

// bytes returns the module as a file.
func (m *module) bytes() []byte {
	out := []byte("\x00asm\x01\x00\x00\x00")
	section := func(id byte, count int, content []byte) {
		if count > 0 {
			content = append(unsigned(nil, uint64(count)), content...)
			out = append(unsigned(append(out, id), uint64(len(content))), content...)
		}
	}
	var types, imports, kinds, table, fill, code []byte
	for _, t := range m.types {
		types = name(name(append(types, 0x60), t.params), t.results)
	}
	for _, i := range m.imports {
		imports = append(imports, i...)
	}
	for _, f := range m.funcs {
		kinds = unsigned(kinds, m.typeIndex(f.signature))
		body := f.bytes()
		code = append(unsigned(code, uint64(len(body))), body...)
	}
	tables := min(m.table, 1)
	if tables > 0 {
		table = unsigned(unsigned([]byte{functions, 0x01}, uint64(m.table)), uint64(m.table))
	}
	if len(m.fill) > 0 {
		fill = append(fill, 0x00, 0x41, 0x00, 0x0b) // from i32.const 0 on
		fill = unsigned(fill, uint64(len(m.fill)))
		for _, f := range m.fill {
			fill = unsigned(fill, uint64(f))
		}
	}
	section(1, len(m.types), types)
	section(2, len(m.imports), imports)
	section(3, len(m.funcs), kinds)
	section(4, tables, table)
	section(7, m.names, m.exports)
	section(9, min(len(m.fill), 1), fill)
	section(10, len(m.funcs), code)
	return out
}

// bytes returns the locals, in runs of the same type, and the body.
func (f *function) bytes() []byte {
	runs, count := []byte(nil), 0
	for i := 0; i < len(f.locals); count++ {
		n := 1
		for i+n < len(f.locals) && f.locals[i+n] == f.locals[i] {
			n++
		}
		runs = append(unsigned(runs, uint64(n)), byte(f.locals[i]))
		i += n
	}
	out := append(unsigned(nil, uint64(count)), runs...)
	return append(append(out, f.body...), end)
}
