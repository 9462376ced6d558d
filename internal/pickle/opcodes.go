package pickle

import (
	"math"
	"slices"
)

// The opcodes, with their names in pickletools.
const (
	opMark           = '('
	opStop           = '.'
	opPop            = '0'
	opPopMark        = '1'
	opDup            = '2'
	opBinInt         = 'J'
	opBinInt1        = 'K'
	opBinInt2        = 'M'
	opNone           = 'N'
	opBinPersID      = 'Q'
	opReduce         = 'R'
	opBinString      = 'T'
	opShortBinString = 'U'
	opBinUnicode     = 'X'
	opAppend         = 'a'
	opBuild          = 'b'
	opGlobal         = 'c'
	opDict           = 'd'
	opAppends        = 'e'
	opBinGet         = 'h'
	opLongBinGet     = 'j'
	opList           = 'l'
	opBinPut         = 'q'
	opLongBinPut     = 'r'
	opSetItem        = 's'
	opTuple          = 't'
	opSetItems       = 'u'
	opBinFloat       = 'G'
	opEmptyTuple     = ')'
	opEmptyList      = ']'
	opEmptyDict      = '}'
	opBinBytes       = 'B'
	opShortBinBytes  = 'C'

	opProto    = 0x80 // protocol 2
	opNewObj   = 0x81
	opTuple1   = 0x85
	opTuple2   = 0x86
	opTuple3   = 0x87
	opNewTrue  = 0x88
	opNewFalse = 0x89
	opLong1    = 0x8a
	opLong4    = 0x8b

	opShortBinUnicode = 0x8c // protocol 4
	opBinUnicode8     = 0x8d
	opBinBytes8       = 0x8e
	opEmptySet        = 0x8f
	opAddItems        = 0x90
	opFrozenSet       = 0x91
	opNewObjEx        = 0x92
	opStackGlobal     = 0x93
	opMemoize         = 0x94
	opFrame           = 0x95

	opByteArray8 = 0x96 // protocol 5
)

// step runs the next opcode.
func (m *machine) step() {
	op := byte(m.number(1))
	if m.err == nil && !m.scalar(op) && !m.container(op) && !m.object(op) {
		m.fail("opcode 0x%02x is none that Python 3 writes with protocols 2 to 5", op)
	}
}

// scalar runs the opcodes that push a value of their own, and those without a value.
func (m *machine) scalar(op byte) bool {
	switch op {
	case opProto:
		if p := m.number(1); p > 5 {
			m.fail("protocol %d is unknown", p)
		}
	case opFrame: // a hint to read so many bytes at once
		m.number(8)
	case opStop:
		m.result, m.stopped = m.pop(), true
	case opNone:
		m.push(nil)
	case opNewTrue, opNewFalse:
		m.push(op == opNewTrue)
	case opBinInt:
		m.push(int64(int32(m.number(4))))
	case opBinInt1:
		m.push(int64(m.number(1)))
	case opBinInt2:
		m.push(int64(m.number(2)))
	case opLong1:
		m.long(m.number(1))
	case opLong4:
		m.long(m.number(4))
	case opBinFloat: // big-endian
		var bits uint64
		for _, b := range []byte(m.take(8)) {
			bits = bits<<8 | uint64(b)
		}
		m.push(math.Float64frombits(bits))
	case opShortBinString, opShortBinUnicode:
		m.push(m.take(m.number(1)))
	case opBinString, opBinUnicode:
		m.push(m.take(m.number(4)))
	case opBinUnicode8:
		m.push(m.take(m.number(8)))
	case opShortBinBytes:
		m.push(Bytes(m.take(m.number(1))))
	case opBinBytes:
		m.push(Bytes(m.take(m.number(4))))
	case opBinBytes8, opByteArray8:
		m.push(Bytes(m.take(m.number(8))))
	default:
		return false
	}
	return true
}

// long pushes a whole number of n bytes, in two's complement. One that int64 does not hold becomes an object.
func (m *machine) long(n uint64) {
	digits := m.take(n)
	if n > 8 {
		m.push(&Object{Class: Global{"builtins", "int"}, Args: Tuple{Bytes(digits)}})
		return
	}
	var x uint64
	for i, b := range []byte(digits) {
		x |= uint64(b) << (8 * i)
	}
	shift := 64 - 8*n // extends the sign
	m.push(int64(x<<shift) >> shift)
}

// container runs the opcodes of tuples, lists, sets, dicts, the stack and the memo.
func (m *machine) container(op byte) bool {
	switch op {
	case opMark:
		m.count()
		m.marks = append(m.marks, len(m.stack))
	case opPop:
		if len(m.stack) == m.bottom() && len(m.marks) > 0 {
			m.popMark()
		} else {
			m.pop()
		}
	case opPopMark:
		m.popMark()
	case opDup:
		m.push(m.top())
	case opEmptyTuple:
		m.push(Tuple{})
	case opTuple1, opTuple2, opTuple3:
		m.tuple(int(op) - opTuple1 + 1)
	case opTuple:
		m.push(Tuple(slices.Clone(m.popMark())))
	case opEmptyList, opEmptySet:
		m.push(&List{})
	case opList, opFrozenSet:
		m.push(&List{slices.Clone(m.popMark())})
	case opAppend:
		m.extend([]any{m.pop()})
	case opAppends, opAddItems:
		m.extend(m.popMark())
	case opEmptyDict:
		m.push(&Dict{})
	case opDict:
		items := slices.Clone(m.popMark())
		m.push(&Dict{})
		m.set(items)
	case opSetItem:
		value := m.pop()
		key := m.pop()
		m.set([]any{key, value})
	case opSetItems:
		m.set(m.popMark())
	case opBinPut:
		m.put(m.number(1))
	case opLongBinPut:
		m.put(m.number(4))
	case opMemoize:
		m.put(uint64(len(m.memo)))
	case opBinGet:
		m.get(m.number(1))
	case opLongBinGet:
		m.get(m.number(4))
	default:
		return false
	}
	return true
}

// tuple makes a tuple of the last n values.
func (m *machine) tuple(n int) {
	if len(m.stack)-m.bottom() < n {
		m.fail("a value is missing on the stack")
		return
	}
	at := len(m.stack) - n
	items := Tuple(slices.Clone(m.stack[at:]))
	m.stack = m.stack[:at]
	m.push(items)
}

// extend adds items to the list on the stack. What objects contain is left out.
func (m *machine) extend(items []any) {
	switch list := m.top().(type) {
	case *List:
		list.Items = append(list.Items, items...)
	case *Object:
	default:
		m.fail("items are added to what is no list")
	}
}

// set adds keys and values, in turns, to the dict on the stack, or to the object that is a dict.
func (m *machine) set(items []any) {
	var to *[]Item
	switch dict := m.top().(type) {
	case *Dict:
		to = &dict.Items
	case *Object:
		to = &dict.Items
	default:
		m.fail("a key is set in what is no dict")
		return
	}
	if len(items)%2 != 0 {
		m.fail("a key of a dict has no value")
		return
	}
	for pair := range slices.Chunk(items, 2) {
		switch pair[0].(type) {
		case nil, bool, int64, float64, string, Bytes, Global, *Object: // compare by ==
			*to = append(*to, Item{pair[0], pair[1]})
		case Tuple: // a key nobody looks up
		default:
			m.fail("a key of a dict is a list, dict or reference")
		}
	}
}

// put stores the last value in the memo under a number.
func (m *machine) put(number uint64) {
	m.count()
	m.memo[uint32(number)] = m.top()
}

// get pushes what the memo has under a number.
func (m *machine) get(number uint64) {
	v, ok := m.memo[uint32(number)]
	if !ok {
		m.fail("value %d was not stored before", number)
	}
	m.push(v)
}

// object runs the opcodes that name classes and functions, and call them.
func (m *machine) object(op byte) bool {
	switch op {
	case opGlobal:
		module := m.line()
		m.push(Global{module, m.line()})
	case opStackGlobal:
		name, ok := m.pop().(string)
		module, also := m.pop().(string)
		if !ok || !also {
			m.fail("the name of a class or function is no text")
		}
		m.push(Global{module, name})
	case opReduce, opNewObj:
		args := m.pop()
		m.call(m.pop(), args)
	case opNewObjEx:
		m.pop() // arguments with names
		args := m.pop()
		m.call(m.pop(), args)
	case opBuild:
		state := m.pop()
		switch object := m.top().(type) {
		case *Object:
			object.State = state
		case *Dict: // attributes of an OrderedDict
		default:
			m.fail("attributes are set of what is no object")
		}
	case opBinPersID:
		m.push(Reference{m.pop()})
	default:
		return false
	}
	return true
}

// call pushes what a call would return: an object, or of dicts that are empty at first, a dict.
func (m *machine) call(class, args any) {
	g, ok := class.(Global)
	if object, made := class.(*Object); made { // such as a method, which a call would have returned
		g, ok = object.Class, true
	}
	tuple, also := args.(Tuple)
	if !ok || !also {
		m.fail("what is called is no class or function, or its arguments are no tuple")
		return
	}
	switch g {
	case Global{"collections", "OrderedDict"}, Global{"collections", "defaultdict"}, Global{"builtins", "dict"}, Global{"__builtin__", "dict"}:
		if len(tuple) == 0 || g.Name == "defaultdict" {
			m.push(&Dict{})
			return
		}
	case Global{"builtins", "set"}, Global{"__builtin__", "set"}: // of protocol 2
		if len(tuple) == 1 {
			if list, ok := tuple[0].(*List); ok {
				m.push(list)
				return
			}
		}
	}
	m.push(&Object{Class: g, Args: tuple})
}
