package bundle

import (
	"bytes"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
)

// bundled returns a program of 999 bytes with a model of 77.
func bundled(t testing.TB) (program, model, file []byte) {
	program, model = bytes.Repeat([]byte("program!"), 125)[:999], bytes.Repeat([]byte("m"), 77)
	var b bytes.Buffer
	if err := Write(&b, bytes.NewReader(program), model); err != nil {
		t.Fatal(err)
	}
	return program, model, b.Bytes()
}

func read(t *testing.T, r io.Reader) string {
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestBothComeBack(t *testing.T) {
	program, model, file := bundled(t)
	b, err := Find(bytes.NewReader(file), int64(len(file)))
	if err != nil || b == nil {
		t.Fatalf("Find: %v, %v; want a bundle", b, err)
	}
	if err := b.Verify(); err != nil {
		t.Errorf("Verify: %v", err)
	}
	if got := read(t, b.Program); got != string(program) {
		t.Errorf("the program is %.20q..., %d bytes; want %d", got, len(got), len(program))
	}
	if got := read(t, b.Model); got != string(model) {
		t.Errorf("the model is %.20q..., %d bytes; want %d", got, len(got), len(model))
	}
}

// TestAnyFlippedBitIsFound flips each bit of a bundle in turn.
func TestAnyFlippedBitIsFound(t *testing.T) {
	_, _, file := bundled(t)
	for i := range 8 * len(file) {
		file[i/8] ^= 1 << (i % 8)
		b, err := Find(bytes.NewReader(file), int64(len(file)))
		if err == nil && b != nil {
			err = b.Verify()
		}
		if !errors.Is(err, ErrDamaged) {
			t.Fatalf("bit %d of byte %d of %d: %v, want ErrDamaged", i%8, i/8, len(file), err)
		}
		file[i/8] ^= 1 << (i % 8)
	}
}

func TestNoBundle(t *testing.T) {
	program, _, file := bundled(t)
	for name, file := range map[string][]byte{"nothing": nil, "a program": program, "a short file": []byte("x"), "one cut off": file[:len(file)-1]} {
		if b, err := Find(bytes.NewReader(file), int64(len(file))); b != nil || err != nil {
			t.Errorf("Find in %s: %v, %v; want nil, nil", name, b, err)
		}
	}
}

func TestReads(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(self)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := Reads(f); err != nil {
		t.Errorf("this test has the package: %v", err)
	}
	for _, before := range []int{0, 1, 1<<18 - 17, 1<<18 - 16, 1<<18 - 7, 1 << 18, 1<<19 - 20, 1<<19 + 3} {
		for _, after := range []int{0, 5, 1 << 18} {
			if err := Reads(strings.NewReader(strings.Repeat("-", before) + head + strings.Repeat("-", after))); err != nil {
				t.Errorf("the mark after %d bytes and before %d: %v", before, after, err)
			}
			if err := Reads(strings.NewReader(strings.Repeat("<", before) + head[1:] + strings.Repeat("-", after))); before == 0 && !errors.Is(err, ErrNotElman) {
				t.Errorf("half a mark and %d bytes: %v, want ErrNotElman", after, err)
			}
		}
	}
}

func FuzzFind(f *testing.F) {
	_, _, file := bundled(f)
	f.Add(file)
	f.Add(file[900:])
	f.Fuzz(func(t *testing.T, file []byte) {
		b, err := Find(bytes.NewReader(file), int64(len(file)))
		if err != nil || b == nil {
			return
		}
		if b.Verify() == nil {
			var again bytes.Buffer
			if err := Write(&again, b.Program, []byte(read(t, b.Model))); err != nil || !bytes.Equal(again.Bytes(), file) {
				t.Errorf("the same parts make another bundle, %v", err)
			}
		}
	})
}
