package cli_test

import (
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/sys/unix"
)

// canMount says whether this process may make small file systems.
func canMount(t *testing.T) bool {
	dir := t.TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size=64k"); err != nil {
		t.Logf("no small file system: mount: %v", err)
		return false
	}
	unix.Unmount(dir, unix.MNT_DETACH)
	return true
}

// disk makes a folder a file system of its own, or changes the size of one.
func disk(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: disk FOLDER SIZE")
	}
	dir, flags := ts.MkAbs(args[0]), uintptr(0)
	if ts.Getenv("DISK") == dir {
		flags = unix.MS_REMOUNT
	}
	ts.Check(unix.Mount("tmpfs", dir, "tmpfs", flags, "size="+args[1]))
	if flags == 0 {
		ts.Setenv("DISK", dir)
		ts.Defer(func() { unix.Unmount(dir, unix.MNT_DETACH) })
	}
}
