package wasm

import (
	"bytes"
	"encoding/hex"
	"testing"

	"github.com/seed-f4dd853e/elman/internal/f32/_asm/kernels"
)

// TestNumbers has the examples of the specification and the ends of ranges.
func TestNumbers(t *testing.T) {
	for _, tt := range []struct {
		n                int64
		signed, unsigned string
	}{
		{0, "00", "00"},
		{63, "3f", "3f"},
		{64, "c000", "40"},
		{127, "ff00", "7f"},
		{128, "8001", "8001"},
		{624485, "e58e26", "e58e26"},
		{-1, "7f", ""},
		{-64, "40", ""},
		{-65, "bf7f", ""},
		{-123456, "c0bb78", ""},
	} {
		if got := hex.EncodeToString(signed(nil, tt.n)); got != tt.signed {
			t.Errorf("%d as a signed number: %s, want %s", tt.n, got, tt.signed)
		}
		if got := hex.EncodeToString(unsigned(nil, uint64(tt.n))); tt.n >= 0 && got != tt.unsigned {
			t.Errorf("%d as an unsigned number: %s, want %s", tt.n, got, tt.unsigned)
		}
	}
}

// TestModules walks through the sections, which must come in order and fill the file. That engines take them, and what the
// kernels compute, the tests of package f32 show.
func TestModules(t *testing.T) {
	modules := Modules(kernels.Families)
	for name, module := range modules {
		rest, last, found := bytes.TrimPrefix(module, []byte("\x00asm\x01\x00\x00\x00")), byte(0), 0
		for len(rest) > 0 {
			id := rest[0]
			size, after := number(rest[1:])
			if id <= last || size > len(after) {
				t.Fatalf("%s: section %d of %d bytes after section %d, %d bytes are left", name, id, size, last, len(after))
			}
			last, rest, found = id, after[size:], found+1
		}
		if last != 10 || found < 5 {
			t.Errorf("%s: %d sections, the last is %d", name, found, last)
		}
	}
	if len(modules) != 3 {
		t.Errorf("%d modules", len(modules))
	}
}

// number reads an unsigned number in LEB128.
func number(b []byte) (n int, rest []byte) {
	for i, x := range b {
		n |= int(x&0x7f) << (7 * i)
		if x < 0x80 {
			return n, b[i+1:]
		}
	}
	return n, nil
}
