package cli_test

import (
	"bytes"
	"debug/elf"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/seed-f4dd853e/elman/internal/cli"
)

// TestBundleInAnEmptyRoot runs a bundle where there is nothing but itself and a folder to write into: no /proc to say what the
// program is called, no /tmp, no /dev.
func TestBundleInAnEmptyRoot(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root may change its root")
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if !static(t, self) {
		t.Skip("this test binary needs libraries: run the test with CGO_ENABLED=0")
	}
	folder := t.TempDir()
	run, root := filepath.Join(folder, "run"), filepath.Join(folder, "root")
	if err := os.MkdirAll(filepath.Join(root, "kept"), 0o777); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"train", "--language", "play", "--size", "6000", "--hidden", "12", "--steps-total", "20", "--quiet", "--out", run},
		{"bundle", run, "--out", filepath.Join(root, "elman")}, // the name by which a test binary knows what to do
	} {
		var out bytes.Buffer
		if code := cli.Main(args, strings.NewReader(""), &out, &out); code != 0 {
			t.Fatalf("elman %v: exit code %d, %s", args, code, &out)
		}
	}
	inside := func(stdin string, args ...string) string {
		t.Helper()
		c := &exec.Cmd{Path: "/elman", Args: slices.Insert(args, 0, "/elman"), Dir: "/", Env: []string{"PATH=/"}, // testscript takes the folder from os.Args[0]
			Stdin: strings.NewReader(stdin), SysProcAttr: &syscall.SysProcAttr{Chroot: root}}
		out, err := c.CombinedOutput()
		if err != nil {
			t.Errorf("elman %v in an empty root: %v, %s", args, err, out)
		}
		return string(out)
	}
	var want bytes.Buffer
	cli.Main([]string{"sample", run, "--length", "40"}, strings.NewReader(""), &want, &want)
	if got := inside("", "sample", "--length", "40"); got != want.String() {
		t.Errorf("elman sample in an empty root writes %q, want %q", got, want.String())
	}
	for _, tt := range []struct{ stdin, args, want string }{
		{"", "", "Elman with a language model inside: lstm"},
		{"The king.\n", "score", "standard input by /elman: 10 symbols"},
		{"", "next --prompt The", " bits  "},
		{strings.Repeat("The king.\n", 50), "inspect --of saturation --out kept/gates.csv", "forget gate"},
		{"The king.\n", "compress --out kept/packed", "kept/packed: "},
		{"", "decompress kept/packed --out -", "The king.\n"},
		{"", "bundle --extract --out kept/model.safetensors", "the model in /elman"},
		{"", "hash kept/model.safetensors", strings.TrimSpace(inside("", "hash"))},
	} {
		if got := inside(tt.stdin, strings.Fields(tt.args)...); !strings.Contains(got, tt.want) {
			t.Errorf("elman %s in an empty root writes %q, want %q among it", tt.args, got, tt.want)
		}
	}
	extracted, err := os.ReadFile(filepath.Join(root, "kept", "model.safetensors"))
	original, _ := os.ReadFile(filepath.Join(run, "model.safetensors"))
	if err != nil || !bytes.Equal(extracted, original) {
		t.Errorf("the model that came out has %d bytes, want the %d that went in, %v", len(extracted), len(original), err)
	}
}

// static reports whether a program needs no dynamic loader.
func static(t *testing.T, path string) bool {
	f, err := elf.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	return !slices.ContainsFunc(f.Progs, func(p *elf.Prog) bool { return p.Type == elf.PT_INTERP })
}
