package wasm

import (
	"fmt"

	"github.com/seed-f4dd853e/elman/internal/f32/_asm/ir"
)

// plain is the operations that are one instruction on their arguments.
var plain = map[ir.Op]opcode{
	ir.Add: f32x4Add, ir.Sub: f32x4Sub, ir.Mul: f32x4Mul, ir.Div: f32x4Div, ir.Sqrt: f32x4Sqrt,
	ir.AddI: i32x4Add, ir.SubI: i32x4Sub, ir.And: v128And, ir.Or: v128Or, ir.Xor: v128Xor,
	ir.CmpEQ: f32x4Eq, ir.CmpLT: f32x4Lt, ir.CmpGT: f32x4Gt, ir.CmpGTI: i32x4GtS,
	ir.FloatOf: f32x4OfI32x4, ir.IntSub: i32Sub, ir.IntMove: 0, ir.Move: 0,
}

// swapped is those whose arguments are the other way round: pmin(x, y) is y < x ? y : x, and andnot(x, y) is x & ^y.
var swapped = map[ir.Op]opcode{ir.Min: f32x4PMin, ir.Max: f32x4PMax, ir.AndNot: v128AndNot}

// shifts is those with a number of bits.
var shifts = map[ir.Op]opcode{
	ir.ShlI: i32x4Shl, ir.ShrI: i32x4ShrU, ir.SarI: i32x4ShrS, ir.IntShl: i32Shl, ir.IntShr: i32ShrU,
}

// instr emits one instruction.
func (l *lowering) instr(in *ir.Instr) {
	l.taken = 0
	if op, ok := plain[in.Op]; ok {
		l.args(in)
		if op != 0 {
			l.op(op)
		}
		l.out(in, in.Dst)
		return
	}
	if op, ok := swapped[in.Op]; ok {
		l.in(in.Args[1])
		l.in(in.Args[0])
		l.op(op)
		l.out(in, in.Dst)
		return
	}
	if op, ok := shifts[in.Op]; ok {
		l.args(in)
		l.integer(in.Imm)
		l.op(op)
		l.out(in, in.Dst)
		return
	}
	if in.Op == ir.AddPairs {
		l.in(in.Args[2])
		l.in(in.Args[0])
		l.in(in.Args[1])
		l.op(i32x4DotI16x8)
		l.op(i32x4Add)
		l.out(in, in.Dst)
		return
	}
	if !l.multiplyAdd(in) && !l.integers(in) && !l.lanes(in) && !l.memoryAccess(in) {
		panic(fmt.Sprintf("wasm: operation %d", in.Op))
	}
}

func (l *lowering) args(in *ir.Instr) {
	for _, a := range in.Args {
		l.in(a)
	}
}

func (l *lowering) multiplyAdd(in *ir.Instr) bool {
	switch in.Op {
	case ir.FMA, ir.FNMA, ir.FMS:
	default:
		return false
	}
	l.in(in.Args[0])
	if in.Op == ir.FNMA && !l.relaxed {
		l.op(f32x4Neg)
	}
	l.in(in.Args[1])
	l.in(in.Args[2])
	if in.Op == ir.FMS {
		l.op(f32x4Neg)
	}
	switch {
	case !l.relaxed:
		l.number(call, multiplyAddIndex)
	case in.Op == ir.FNMA:
		l.op(f32x4RelaxedNMAdd)
	default:
		l.op(f32x4RelaxedMAdd)
	}
	l.out(in, in.Dst)
	return true
}

// integers emits what works on integers, and the results of the function.
func (l *lowering) integers(in *ir.Instr) bool {
	switch in.Op {
	case ir.IntConst:
		l.integer(in.Imm)
	case ir.IntAdd, ir.IntMul:
		l.args(in)
		if len(in.Args) == 1 {
			l.integer(in.Imm)
		}
		if in.Op == ir.IntAdd {
			l.op(i32Add)
		} else {
			l.op(i32Mul)
		}
	case ir.IntShlAdd:
		l.args(in)
		l.integer(in.Imm)
		l.op(i32Shl)
		l.op(i32Add)
	case ir.IntLea:
		l.pushAddress(in.Mem)
	case ir.IntLoad:
		l.memory(i32Load, l.address(in.Mem))
	case ir.ParamInt, ir.ParamLen:
		l.get(l.param(l.fn.Params[in.Imm], in.Op == ir.ParamLen))
	case ir.ResultFloat:
		l.args(in)
		l.op(f32x4ExtractLane, 0)
		l.set(l.results[in.Imm])
		return true
	case ir.ResultBool:
		l.args(in)
		l.set(l.results[0])
		return true
	case ir.Return:
		l.leave()
		return true
	default:
		return false
	}
	l.out(in, in.Dst)
	return true
}

// address pushes base and index and returns the offset from there.
func (l *lowering) address(m ir.Mem) (offset int) {
	l.in(m.Base)
	if m.Index != nil {
		l.in(m.Index)
		if shift := map[int]int64{2: 1, 4: 2, 8: 3}[m.Scale]; shift > 0 {
			l.integer(shift)
			l.op(i32Shl)
		}
		l.op(i32Add)
	}
	if m.Disp < 0 {
		l.integer(int64(m.Disp))
		l.op(i32Add)
		return 0
	}
	return m.Disp
}

// pushAddress is address with the offset added.
func (l *lowering) pushAddress(m ir.Mem) {
	if offset := l.address(m); offset > 0 {
		l.integer(int64(offset))
		l.op(i32Add)
	}
}

// memoryAccess emits loads and stores.
func (l *lowering) memoryAccess(in *ir.Instr) bool {
	switch in.Op {
	case ir.Load:
		l.memory(v128Load, l.address(in.Mem))
	case ir.BroadcastMem, ir.SpreadPair:
		l.memory(v128Load32Splat, l.address(in.Mem))
	case ir.LoadPairs:
		l.memory(v128Load8x8S, l.address(in.Mem))
	case ir.LoadBytes:
		l.memory(v128Load32Zero, l.address(in.Mem))
		l.op(i16x8ExtendU8)
		l.op(i32x4ExtendU16)
	case ir.LoadTail:
		l.loadTail(in)
	case ir.Store:
		offset := l.address(in.Mem)
		l.in(in.Args[0])
		l.memory(v128Store, offset)
		return true
	case ir.StoreShort:
		offset := l.address(in.Mem)
		l.in(in.Args[0])
		l.in(in.Args[0])
		l.op(i16x8NarrowI32)
		l.memory(v128Store64Lane, offset, 0)
		return true
	case ir.StoreFirst:
		offset := l.address(in.Mem)
		l.in(in.Args[0])
		l.memory(v128Store32Lane, offset, 0)
		return true
	case ir.StoreTail:
		l.storeTail(in.Args[0], in.Args[1:], in.Mem)
		return true
	case ir.StoreLanes:
		l.in(in.Args[0])
		l.integer(0)
		l.op(i32GtS)
		l.when(func() { l.storeTail(in.Args[0], in.Args[1:], in.Mem) }, func() {})
		return true
	case ir.Prefetch: // there is none
		return true
	default:
		return false
	}
	l.out(in, in.Dst)
	return true
}
