package ir

import (
	"slices"
	"testing"
)

// narrow is a target of four lanes without masks, wide one that holds a vector in one register.
var (
	narrow = &Target{Name: "Narrow", Lanes: 4, Registers: 32, Group: 2, Chains: 4}
	wide   = &Target{Name: "Wide", Lanes: 16, Registers: 32, Group: 1, Chains: 2, Masks: true}
)

func describe(t *Target, signature string, body func(k *Kernel)) *Func {
	return Describe(Definition{Name: "test", Signature: signature, Body: body}, t)
}

// ops lists the operations of some nodes, those of loops and branches in brackets.
func ops(nodes []Node) (list []Op) {
	for _, n := range nodes {
		switch n := n.(type) {
		case *Instr:
			list = append(list, n.Op)
		case *Loop:
			list = append(list, ops(n.Body)...)
		case *If:
			list = append(append(list, ops(n.Then)...), ops(n.Else)...)
		}
	}
	return list
}

func TestSignature(t *testing.T) {
	f := describe(wide, "(dst, x []float32, l *[16]float32, n int) (m, sum float32)", func(*Kernel) {})
	var got []Param
	for _, p := range append(slices.Clone(f.Params), f.Results...) {
		got = append(got, *p)
	}
	want := []Param{
		{"dst", "[]float32", 0, false}, {"x", "[]float32", 1, false}, {"l", "*[16]float32", 2, false}, {"n", "int", 3, false},
		{"m", "float32", 0, true}, {"sum", "float32", 1, true},
	}
	if !slices.Equal(got, want) {
		t.Errorf("parameters and results %v, want %v", got, want)
	}
}

// TestSetWritesDirectly: the instruction that has just computed a value writes to the variable, and no move is needed.
func TestSetWritesDirectly(t *testing.T) {
	f := describe(narrow, "(a float32)", func(k *Kernel) {
		sum := k.Zeros()
		k.Set(sum, k.Add(sum, k.Param("a")))
	})
	if got, want := ops(f.Body), []Op{Zero, Zero, Zero, Zero, Add, Add, Add, Add}; !slices.Equal(got, want) {
		t.Errorf("operations %v, want %v", got, want)
	}
}

// TestSetMoves: what was computed before other instructions, or is a parameter, has to be moved.
func TestSetMoves(t *testing.T) {
	f := describe(wide, "(a float32)", func(k *Kernel) {
		sum := k.Zeros()
		early := k.Add(sum, k.Param("a"))
		k.Mul(sum, sum)
		k.Set(sum, early)
		k.Set(sum, k.Param("a"))
	})
	if got, want := ops(f.Body), []Op{Zero, Add, Mul, Move, Move}; !slices.Equal(got, want) {
		t.Errorf("operations %v, want %v", got, want)
	}
}

// TestLives: a value from before a loop that the loop reads is alive to the loop's end, and so dies at no instruction of it;
// one that the loop makes dies where it is read last.
func TestLives(t *testing.T) {
	var outer, inner, last *Instr
	f := describe(wide, "(n int)", func(k *Kernel) {
		n, x := k.ParamInt("n"), k.Zeros()
		k.Times(n, func() {
			y := k.Add(x, x)
			outer = (*k.into)[len(*k.into)-1].(*Instr)
			z := k.Mul(y, y)
			inner = (*k.into)[len(*k.into)-1].(*Instr)
			k.Sqrt(z)
			last = (*k.into)[len(*k.into)-1].(*Instr)
		})
	})
	l := Lives(f)
	if l.Dies(outer.Args[0], outer) {
		t.Error("a value from before a loop dies in it")
	}
	if !l.Dies(inner.Args[0], inner) || !l.Dies(last.Args[0], last) {
		t.Error("a value that a loop makes does not die where it is read last")
	}
	if got := l.Pressure(Vector); got != 2 {
		t.Errorf("%d vectors are alive at once, want 2: the one from before and one more", got)
	}
}

func TestReadBeforeSet(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic for a register that is read and never set")
		}
	}()
	Lives(describe(wide, "()", func(k *Kernel) { k.Add(Vec{k.Register()}, k.Const("one", 1)) }))
}

// TestInterleave: as many computations side by side as the target's chains are, which the registers of a step share.
func TestInterleave(t *testing.T) {
	f := describe(wide, "(x []float32)", func(k *Kernel) {
		s := Step{k: k, hi: 1}
		one := k.Const("one", 1)
		s.Interleave(
			func() { k.Add(k.Add(one, one), one) },
			func() { k.Mul(k.Mul(one, one), one) },
			func() { k.Sub(one, one) })
	})
	if got, want := ops(f.Body), []Op{Add, Mul, Add, Mul, Sub}; !slices.Equal(got, want) {
		t.Errorf("operations %v, want %v", got, want)
	}
}

// TestSameConstant: a constant is one register, whatever it is called.
func TestSameConstant(t *testing.T) {
	describe(wide, "()", func(k *Kernel) {
		if a, b := k.Const("half", 0.5), k.Bits("bits", 0x3f000000); a[0] != b[0] {
			t.Error("the same bits are two registers")
		}
		if a, b := k.Const("zero", 0), k.Bits("minusZero", 1<<31); a[0] == b[0] {
			t.Error("0 and -0 are one register")
		}
	})
}
