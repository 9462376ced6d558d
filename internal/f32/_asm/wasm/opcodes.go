package wasm

// An opcode is an instruction: of one byte, or from vectorOps on of the vectors.
type opcode uint32

const vectorOps = 0x1000 // the prefix 0xfd

// Control, locals and integers.
const (
	ifThen       = 0x04
	elseThen     = 0x05
	loop         = 0x03
	end          = 0x0b
	branchIf     = 0x0d
	ret          = 0x0f
	call         = 0x10
	callIndirect = 0x11
	localGet     = 0x20
	localSet     = 0x21
	localTee     = 0x22
	noValue      = 0x40 // the type of a block

	i32Load   opcode = 0x28
	f32Load   opcode = 0x2a
	f32Store  opcode = 0x38
	f32Const  opcode = 0x43
	i32Const  opcode = 0x41
	i32Eqz    opcode = 0x45
	i32Eq     opcode = 0x46
	i32Ne     opcode = 0x47
	i32LtS    opcode = 0x48
	i32GtS    opcode = 0x4a
	i32LeS    opcode = 0x4c
	i32GeS    opcode = 0x4e
	f32Ne     opcode = 0x5c
	i32Add    opcode = 0x6a
	i32Sub    opcode = 0x6b
	i32Mul    opcode = 0x6c
	i32And    opcode = 0x71
	i32Shl    opcode = 0x74
	i32ShrU   opcode = 0x76
	f32OfI32  opcode = 0xb2
	selectOne opcode = 0x1b
)

// Vectors.
const (
	v128Load opcode = vectorOps + iota
	_
	_
	_
	_
	_
	_
	_
	_
	v128Load32Splat
	_
	v128Store
	v128Const
	i8x16Shuffle
	i8x16Swizzle
	i8x16Splat
	_
	i32x4Splat
	_
	f32x4Splat
)

const (
	f32x4ExtractLane  opcode = vectorOps + 0x1f
	i32x4Eq           opcode = vectorOps + 0x37
	i32x4GtS          opcode = vectorOps + 0x3b
	f32x4Eq           opcode = vectorOps + 0x41
	f32x4Ne           opcode = vectorOps + 0x42
	f32x4Lt           opcode = vectorOps + 0x43
	f32x4Gt           opcode = vectorOps + 0x44
	f32x4Le           opcode = vectorOps + 0x45
	f64x2Ne           opcode = vectorOps + 0x48
	f64x2Lt           opcode = vectorOps + 0x49
	f64x2Gt           opcode = vectorOps + 0x4a
	v128Not           opcode = vectorOps + 0x4d
	v128And           opcode = vectorOps + 0x4e
	v128AndNot        opcode = vectorOps + 0x4f
	v128Or            opcode = vectorOps + 0x50
	v128Xor           opcode = vectorOps + 0x51
	v128BitSelect     opcode = vectorOps + 0x52
	v128AnyTrue       opcode = vectorOps + 0x53
	v128Store32Lane   opcode = vectorOps + 0x5a
	v128Store64Lane   opcode = vectorOps + 0x5b
	v128Load32Zero    opcode = vectorOps + 0x5c
	f32x4DemoteF64x2  opcode = vectorOps + 0x5e
	f64x2PromoteF32x4 opcode = vectorOps + 0x5f
	v128Load8x8S      opcode = vectorOps + 0x01
	i16x8NarrowI32    opcode = vectorOps + 0x85
	i16x8ExtendU8     opcode = vectorOps + 0x89
	i32x4ExtendU16    opcode = vectorOps + 0xa9
	i32x4Shl          opcode = vectorOps + 0xab
	i32x4ShrS         opcode = vectorOps + 0xac
	i32x4ShrU         opcode = vectorOps + 0xad
	i32x4Add          opcode = vectorOps + 0xae
	i32x4Sub          opcode = vectorOps + 0xb1
	i8x16Add          opcode = vectorOps + 0x6e
	i32x4DotI16x8     opcode = vectorOps + 0xba
	i64x2Add          opcode = vectorOps + 0xce
	i64x2Eq           opcode = vectorOps + 0xd6
	i64x2LtS          opcode = vectorOps + 0xd8
	f32x4Neg          opcode = vectorOps + 0xe1
	f32x4Sqrt         opcode = vectorOps + 0xe3
	f32x4Add          opcode = vectorOps + 0xe4
	f32x4Sub          opcode = vectorOps + 0xe5
	f32x4Mul          opcode = vectorOps + 0xe6
	f32x4Div          opcode = vectorOps + 0xe7
	f32x4PMin         opcode = vectorOps + 0xea
	f32x4PMax         opcode = vectorOps + 0xeb
	f64x2Abs          opcode = vectorOps + 0xec
	f64x2Add          opcode = vectorOps + 0xf0
	f64x2Sub          opcode = vectorOps + 0xf1
	f64x2Mul          opcode = vectorOps + 0xf2

	f32x4OfI32x4 opcode = vectorOps + 0xfa

	// Relaxed: what an engine may choose is tested or does not occur.
	f32x4RelaxedMAdd       opcode = vectorOps + 0x105
	f32x4RelaxedNMAdd      opcode = vectorOps + 0x106
	i32x4RelaxedLaneSelect opcode = vectorOps + 0x10b
)

// op appends an instruction and what follows it.
func (f *function) op(op opcode, immediate ...byte) {
	if op >= vectorOps {
		f.body = unsigned(append(f.body, 0xfd), uint64(op-vectorOps))
	} else {
		f.body = append(f.body, byte(op))
	}
	f.body = append(f.body, immediate...)
}

func (f *function) number(op opcode, n int) {
	f.op(op)
	f.body = unsigned(f.body, uint64(n))
}

func (f *function) get(local int) { f.number(localGet, local) }
func (f *function) set(local int) { f.number(localSet, local) }

// tee is set that leaves the value.
func (f *function) tee(local int) { f.number(localTee, local) }

func (f *function) integer(n int64) {
	f.op(i32Const)
	f.body = signed(f.body, n)
}

// local returns a fresh local.
func (f *function) local(t valueType) int {
	f.locals = append(f.locals, t)
	return len(f.params) + len(f.locals) - 1
}

// memory appends an access to what the stack's address and an offset say. Elements may lie anywhere: alignment is a hint.
func (f *function) memory(op opcode, offset int, lane ...byte) {
	f.op(op, 0)
	f.body = append(unsigned(f.body, uint64(offset)), lane...)
}

// lanes32 appends a vector constant of four 32-bit lanes.
func (f *function) lanes32(lane func(i int) uint32) {
	f.op(v128Const)
	for i := range 4 {
		x := lane(i)
		f.body = append(f.body, byte(x), byte(x>>8), byte(x>>16), byte(x>>24))
	}
}

// bothLanes64 appends a vector constant of two equal 64-bit lanes.
func (f *function) bothLanes64(x uint64) {
	f.lanes32(func(i int) uint32 { return uint32(x >> (i % 2 * 32)) })
}

// shuffle appends a choice of four lanes among the eight of the two vectors on the stack.
func (f *function) shuffle(lanes ...byte) {
	f.op(i8x16Shuffle)
	for _, l := range lanes {
		f.body = append(f.body, 4*l, 4*l+1, 4*l+2, 4*l+3)
	}
}
