package safetensors

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"
)

func TestChecksum(t *testing.T) {
	sum := NewChecksum()
	sum.Begin("a", 2, 1)
	sum.Add([]float32{1, -2})
	sum.Begin("b", 0)
	want := fmt.Sprintf("%x", sha256.Sum256([]byte("a [2 1]\n\x00\x00\x80\x3f\x00\x00\x00\xc0b [0]\n")))
	if got := sum.String(); got != want {
		t.Errorf("checksum %s, want %s", got, want)
	}
	long := make([]float32, 5000)
	for i := range long {
		long[i] = float32(i)
	}
	whole, parts := NewChecksum(), NewChecksum()
	whole.Add(long)
	parts.Add(long[:1])
	parts.Add(long[1:3000])
	parts.Add(long[3000:])
	if whole.String() != parts.String() {
		t.Error("the checksum depends on how the values are cut")
	}
}

func TestVerify(t *testing.T) {
	sum := NewChecksum()
	for value, want := range map[string]string{
		sum.String(): "<nil>", "": "tensors differ", strings.ToUpper(sum.String()): "tensors differ", strings.Repeat("0", 64): "tensors differ",
	} {
		f := &File{metadata: []pair{{[]byte(ChecksumKey), []byte(value)}}}
		if err := fmt.Sprint(f.Verify(sum)); !strings.HasPrefix(err, want) {
			t.Errorf("%q: error %s, want %s", value, err, want)
		}
	}
	if err := (&File{}).Verify(sum); err != nil {
		t.Errorf("no checksum: error %v", err)
	}
}

func BenchmarkChecksum(b *testing.B) {
	values := make([]float32, 1<<20)
	b.SetBytes(4 << 20)
	for b.Loop() {
		sum := NewChecksum()
		sum.Add(values)
		_ = sum.String()
	}
}
