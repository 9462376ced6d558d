package compress

import "math/bits"

// A coder is one direction of arithmetic coding: an encoder writes the choices that it is given, a decoder ignores what it is
// given and returns the choices that it reads. So one piece of code says how a text is coded, in both directions.
//
// Both are range coders (Martin 1979). The code is a number in [0, 1), written as bytes; each choice narrows the interval it lies
// in to a share that is as wide as the choice is probable. low and size of the interval have 64 bits, and size is kept at 2^56 or
// more, so that totals of up to 2^32 cost less than 2^-24 of a bit for each choice.
type coder interface {
	// choose codes one of len(weights) choices, each as probable as its share of total, the sum of all weights.
	choose(weights []uint32, total uint64, i int) int
	// flip codes a bit that is 1 with a probability of one/2^24, where one is above 0 and below 2^24.
	flip(one uint32, bit int) int
	// number codes one of n equally probable numbers, from 0 on; n is at most 2^32.
	number(n uint64, x uint64) uint64
	// failed reports whether a decoder has read past the end of its code.
	failed() bool
}

// flipTotal is what the weights of both sides of a flip add up to.
const flipTotal = 1 << 24

// leastSize is the least size of the interval between two choices.
const leastSize = 1 << 56

// An encoder appends a code to out.
type encoder struct {
	out       []byte
	low, size uint64
	begun     int // length of out when the code began, behind which no carry goes
}

// begin begins a new code at the end of out.
func (e *encoder) begin(out []byte) { *e = encoder{out: out, size: 1<<64 - 1, begun: len(out)} }

func (e *encoder) choose(weights []uint32, total uint64, i int) int {
	var start uint64
	for _, w := range weights[:i] {
		start += uint64(w)
	}
	e.narrow(start, uint64(weights[i]), e.size/total)
	return i
}

func (e *encoder) flip(one uint32, bit int) int {
	if bit == 1 {
		e.narrow(0, uint64(one), e.size/flipTotal)
	} else {
		e.narrow(uint64(one), uint64(flipTotal-one), e.size/flipTotal)
	}
	return bit
}

func (e *encoder) number(n, x uint64) uint64 {
	e.narrow(x, 1, e.size/n)
	return x
}

func (e *encoder) failed() bool { return false }

// narrow goes to the part of the interval that begins after start units and is n units long.
func (e *encoder) narrow(start, n, unit uint64) {
	var carry uint64
	if e.low, carry = bits.Add64(e.low, start*unit, 0); carry > 0 {
		e.carry()
	}
	for e.size = n * unit; e.size < leastSize; e.size <<= 8 {
		e.out = append(e.out, byte(e.low>>56))
		e.low <<= 8
	}
}

// carry adds 1 to the bytes written. They are not all 255, since the code is below 1.
func (e *encoder) carry() {
	for i := len(e.out) - 1; i >= e.begun; i-- {
		if e.out[i]++; e.out[i] != 0 {
			return
		}
	}
}

// end returns out with the rest of the code: the fewest bytes that lie in the interval whatever a decoder takes to follow them,
// which is zeros. Zeros at the end are left out.
func (e *encoder) end() []byte {
	for n := 0; ; n++ { // bytes
		rest := uint64(1)<<(64-8*n) - 1 // 2^64-1 for n = 0
		up, carry := bits.Add64(e.low, rest, 0)
		up &^= rest
		if n < 8 && (carry > 0 && up == 0 && -e.low >= e.size || carry == 0 && up-e.low >= e.size) {
			continue
		}
		if carry > 0 {
			e.carry()
		}
		for range n {
			e.out = append(e.out, byte(up>>56))
			up <<= 8
		}
		return e.out
	}
}

// A decoder reads the code in. After its end it reads zeros.
type decoder struct {
	in         []byte
	code, size uint64 // code is what the number lies above the beginning of the interval
	past       int    // zeros read after the end
}

func (d *decoder) begin(in []byte) {
	*d = decoder{in: in, size: 1<<64 - 1}
	for range 8 {
		d.code = d.code<<8 | uint64(d.next())
	}
}

func (d *decoder) next() byte {
	if len(d.in) == 0 {
		d.past++
		return 0
	}
	b := d.in[0]
	d.in = d.in[1:]
	return b
}

func (d *decoder) choose(weights []uint32, total uint64, _ int) int {
	unit := d.size / total
	at := min(d.code/unit, total-1)
	var start uint64
	for i, w := range weights {
		if at < start+uint64(w) {
			d.narrow(start, uint64(w), unit)
			return i
		}
		start += uint64(w)
	}
	panic("compress: weights that do not add up to their total")
}

func (d *decoder) flip(one uint32, _ int) int {
	unit := d.size / flipTotal
	if d.code/unit < uint64(one) {
		d.narrow(0, uint64(one), unit)
		return 1
	}
	d.narrow(uint64(one), uint64(flipTotal-one), unit)
	return 0
}

func (d *decoder) number(n, _ uint64) uint64 {
	unit := d.size / n
	x := min(d.code/unit, n-1)
	d.narrow(x, 1, unit)
	return x
}

func (d *decoder) narrow(start, n, unit uint64) {
	d.code -= start * unit
	for d.size = n * unit; d.size < leastSize; d.size <<= 8 {
		d.code = d.code<<8 | uint64(d.next())
	}
}

// failed reports whether more was read than the 8 bytes that a decoder is ahead.
func (d *decoder) failed() bool { return d.past > 8 }
