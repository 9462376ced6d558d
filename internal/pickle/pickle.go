// Package pickle reads pickles, in which Python stores objects, as data. A pickle is a program for a small stack machine that
// may ask for any function of Python to be called. This reader calls nothing: a call becomes an [Object], which says what would
// have been called with which arguments.
//
// It knows the opcodes that Python 3 writes with protocols 2 to 5, except for buffers outside the pickle, and names any other.
// Memory is in proportion to the text, and bounded: a count or length is compared with what is there before it is believed.
//
// The values are nil, bool, int64, float64, string, Bytes, Tuple, *List, *Dict, Global, *Object and Reference. Values may be shared,
// and a list, dict or object may contain itself: whoever walks them must remember where they were.
//
// The opcodes are documented in Python's pickletools.
package pickle

import (
	"errors"
	"fmt"
	"strings"
)

// Limits of a pickle. The largest vocabularies that checkpoints hold have some hundred thousand words, the number of their tensors is
// far smaller. A value takes up to about 100 bytes.
const (
	MaxSize   = 1 << 25 // bytes
	maxValues = 1 << 21
)

// Bytes are Python's bytes.
type Bytes string

// A Tuple is a Python tuple.
type Tuple []any

// A List is a Python list, or a set.
type List struct{ Items []any }

// A Dict is a Python dict or collections.OrderedDict, in the order in which it was filled. A key may occur twice: the later one
// counts.
type Dict struct{ Items []Item }

// An Item is a key of a Dict and its value.
type Item struct{ Key, Value any }

// Get returns the value of a key that is a string, or nil.
func (d *Dict) Get(key string) any {
	for i := len(d.Items) - 1; i >= 0; i-- {
		if d.Items[i].Key == any(key) { // any other key is unequal, or of a type that compares
			return d.Items[i].Value
		}
	}
	return nil
}

// A Global is the name of a class or function.
type Global struct{ Module, Name string }

func (g Global) String() string { return g.Module + "." + g.Name }

// An Object is what a call of a class or function would have returned.
type Object struct {
	Class Global
	Args  Tuple
	State any    // what would have become its attributes, usually a *Dict; nil if nothing
	Items []Item // what it would have held if it is a dict of another class
}

// A Reference is the name of an object outside the pickle.
type Reference struct{ ID any }

var errEnds = errors.New("the pickle ends in the middle")

// Load reads a pickle. Nothing may follow it.
func Load(text string) (any, error) {
	if len(text) > MaxSize {
		return nil, fmt.Errorf("the pickle has %d bytes, more than %d", len(text), MaxSize)
	}
	m := &machine{text: text, memo: map[uint32]any{}}
	for !m.stopped && m.err == nil {
		start := m.at
		m.step()
		if m.err != nil {
			return nil, fmt.Errorf("byte %d of the pickle: %w", start, m.err)
		}
	}
	if m.at < len(text) {
		return nil, fmt.Errorf("%d bytes follow the pickle", len(text)-m.at)
	}
	return m.result, nil
}

// A machine runs a pickle. The first error stays; after it methods return zero values.
type machine struct {
	text    string
	at      int // bytes read
	stack   []any
	marks   []int // where the values after each mark begin
	memo    map[uint32]any
	values  int // pushed, marked or stored so far
	stopped bool
	result  any
	err     error
}

func (m *machine) fail(format string, args ...any) {
	if m.err == nil {
		m.err = fmt.Errorf(format, args...)
	}
}

// take returns the next n bytes.
func (m *machine) take(n uint64) string {
	if m.err != nil || n > uint64(len(m.text)-m.at) {
		if m.err == nil {
			m.err = errEnds
		}
		return ""
	}
	s := m.text[m.at : m.at+int(n)]
	m.at += int(n)
	return s
}

// number returns the next n bytes, at most 8, as a little-endian number.
func (m *machine) number(n int) (x uint64) {
	for i, b := range []byte(m.take(uint64(n))) {
		x |= uint64(b) << (8 * i)
	}
	return x
}

// line returns the text before the next line feed.
func (m *machine) line() string {
	n := strings.IndexByte(m.text[m.at:], '\n')
	if n < 0 {
		n = len(m.text) // beyond what is there
	}
	return strings.TrimSuffix(m.take(uint64(n)+1), "\n")
}

func (m *machine) push(v any) {
	m.count()
	if m.err == nil {
		m.stack = append(m.stack, v)
	}
}

// count counts a value that takes memory.
func (m *machine) count() {
	if m.values++; m.values > maxValues {
		m.fail("it makes more than %d values", maxValues)
	}
}

// bottom returns how many values lie below the last mark.
func (m *machine) bottom() int {
	if len(m.marks) == 0 {
		return 0
	}
	return m.marks[len(m.marks)-1]
}

// top returns the last value.
func (m *machine) top() any {
	if len(m.stack) <= m.bottom() {
		m.fail("a value is missing on the stack")
		return nil
	}
	return m.stack[len(m.stack)-1]
}

// pop removes and returns the last value.
func (m *machine) pop() any {
	v := m.top()
	if m.err == nil {
		m.stack = m.stack[:len(m.stack)-1]
	}
	return v
}

// popMark removes the last mark and returns the values after it, which the next push overwrites.
func (m *machine) popMark() []any {
	if m.err != nil || len(m.marks) == 0 {
		m.fail("a mark is missing on the stack")
		return nil
	}
	at := m.bottom()
	items := m.stack[at:]
	m.stack, m.marks = m.stack[:at], m.marks[:len(m.marks)-1]
	return items
}
