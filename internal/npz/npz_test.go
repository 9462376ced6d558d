package npz

import (
	"archive/zip"
	"bytes"
	"io"
	"strings"
	"testing"
)

// TestBytes pins a file that numpy 1.24 was seen to read: {'a': array([[1, 2, 3], [4, 5, 6]], dtype=float32), 'n':
// array([-1, 7]), 'b': array([1, 255], dtype=uint8)}.
func TestBytes(t *testing.T) {
	arrays := []Array{
		{"a", []int{2, 3}, []float32{1, 2, 3, 4, 5, 6}},
		{"n", []int{2}, []int64{-1, 7}},
		{"b", []int{2}, []uint8{1, 255}},
	}
	var file, again bytes.Buffer
	if err := Write(&file, arrays...); err != nil {
		t.Fatal(err)
	}
	if err := Write(&again, arrays...); err != nil || !bytes.Equal(file.Bytes(), again.Bytes()) {
		t.Errorf("other bytes the second time, or error %v", err)
	}
	z, err := zip.NewReader(bytes.NewReader(file.Bytes()), int64(file.Len()))
	if err != nil {
		t.Fatal(err)
	}
	pad := func(header string) string { return header + strings.Repeat(" ", 117-len(header)) + "\n" }
	for i, want := range []string{
		"\x93NUMPY\x01\x00\x76\x00" + pad("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3,), }") +
			"\x00\x00\x80\x3f\x00\x00\x00\x40\x00\x00\x40\x40\x00\x00\x80\x40\x00\x00\xa0\x40\x00\x00\xc0\x40",
		"\x93NUMPY\x01\x00\x76\x00" + pad("{'descr': '<i8', 'fortran_order': False, 'shape': (2,), }") +
			"\xff\xff\xff\xff\xff\xff\xff\xff\x07\x00\x00\x00\x00\x00\x00\x00",
		"\x93NUMPY\x01\x00\x76\x00" + pad("{'descr': '|u1', 'fortran_order': False, 'shape': (2,), }") + "\x01\xff",
	} {
		if z.File[i].Name != arrays[i].Name+".npy" {
			t.Errorf("file %d is called %q", i, z.File[i].Name)
		}
		f, err := z.File[i].Open()
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(f)
		if err != nil || string(got) != want {
			t.Errorf("%s is\n%q, want\n%q, error %v", arrays[i].Name, got, want, err)
		}
	}
}

// TestStrings pins arrays that numpy 1.24 was seen to read without pickle: [text[a:b].tobytes() for a, b in zip(offsets,
// offsets[1:])] is [b'a', b”, b'\xc3\xa9\x00', b'\xff'].
func TestStrings(t *testing.T) {
	text, offsets := Strings([]string{"a", "", "é\x00", "\xff"})
	var file bytes.Buffer
	if err := Write(&file, text, offsets); err != nil {
		t.Fatal(err)
	}
	z, err := zip.NewReader(bytes.NewReader(file.Bytes()), int64(file.Len()))
	if err != nil {
		t.Fatal(err)
	}
	pad := func(header string) string { return header + strings.Repeat(" ", 117-len(header)) + "\n" }
	for i, want := range []struct{ name, content string }{
		{"text.npy", "\x93NUMPY\x01\x00\x76\x00" + pad("{'descr': '|u1', 'fortran_order': False, 'shape': (5,), }") + "a\xc3\xa9\x00\xff"},
		{"offsets.npy", "\x93NUMPY\x01\x00\x76\x00" + pad("{'descr': '<i8', 'fortran_order': False, 'shape': (5,), }") +
			"\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x04\x00\x00\x00\x00\x00\x00\x00\x05\x00\x00\x00\x00\x00\x00\x00"},
	} {
		f, err := z.File[i].Open()
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(f); err != nil || z.File[i].Name != want.name || string(got) != want.content {
			t.Errorf("%s is\n%q, want %s\n%q, error %v", z.File[i].Name, got, want.name, want.content, err)
		}
	}
	if text, offsets := Strings[string](nil); text.size() != 0 || offsets.size() != 1 {
		t.Errorf("no strings are %v and %v", text, offsets)
	}
}

func TestRefusals(t *testing.T) {
	for _, a := range []Array{{"a", []int{2, 3}, []float32{1}}, {"a", []int{1}, []string{"x"}}} {
		if err := Write(io.Discard, a); err == nil || !strings.Contains(err.Error(), "array a of shape") {
			t.Errorf("%v: error %v", a, err)
		}
	}
}

type full struct{ room int }

func (f *full) Write(b []byte) (int, error) {
	if f.room -= len(b); f.room < 0 {
		return 0, io.ErrShortWrite
	}
	return len(b), nil
}

func TestFull(t *testing.T) {
	for _, room := range []int{0, 100, 5000, 100_000} {
		if err := Write(&full{room}, Array{"a", []int{100_000}, make([]float32, 100_000)}); err == nil {
			t.Errorf("400 kB into %d bytes", room)
		}
	}
}
