package regular

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	for _, size := range []int{0, 1, 99, 100, 101, 5000} {
		want := strings.Repeat("x", size)
		if err := os.WriteFile(path, []byte(want), 0o666); err != nil {
			t.Fatal(err)
		}
		got, err := Read(path, 100)
		switch {
		case size <= 100 && (err != nil || string(got) != want):
			t.Errorf("%d bytes: %q, %v", size, got, err)
		case size > 100 && fmt.Sprint(err) != "has more than 100 bytes":
			t.Errorf("%d bytes where 100 are allowed: %d bytes, %v", size, len(got), err)
		}
	}
}

func TestMakesAFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new")
	if _, _, err := OpenFile(path, os.O_WRONLY, 0o666); !os.IsNotExist(err) {
		t.Errorf("no file, and none to be made: %v", err)
	}
	f, size, err := OpenFile(path, os.O_WRONLY|os.O_CREATE, 0o666)
	if err != nil || size != 0 {
		t.Fatal(size, err)
	}
	f.Close()
}
