package train

import (
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/rnn"
)

// TestFullDisk trains on a file system too small for a second copy of the state, then on one with room.
func TestFullDisk(t *testing.T) {
	disk := t.TempDir()
	if err := unix.Mount("tmpfs", disk, "tmpfs", 0, "size=64k"); err != nil {
		t.Skipf("no small file system: mount: %v", err)
	}
	defer unix.Unmount(disk, unix.MNT_DETACH)
	c := chars(t, rhyme(150))
	s := Settings{Network: rnn.Config{Hidden: 32}, Batch: 2, Window: 10, HowLong: HowLong{Steps: 50}, ReportEvery: 10}
	whole, folder := filepath.Join(t.TempDir(), "whole"), filepath.Join(disk, "run")
	mustRun(t, c, s, Options{Folder: whole, Sample: hashSample})

	_, err := Run(t.Context(), c, s, Options{Folder: folder, Sample: hashSample})
	if err == nil || !strings.Contains(err.Error(), "no space left on device") || strings.Contains(err.Error(), "\n") {
		t.Fatalf("error %v", err)
	}
	if _, err := model.Load(folder); err != nil {
		t.Errorf("the model saved before the disk was full: %v", err)
	}
	if err := unix.Mount("tmpfs", disk, "tmpfs", unix.MS_REMOUNT, "size=1m"); err != nil {
		t.Fatal(err)
	}
	mustRun(t, c, s, Options{Folder: folder, Resume: true, Sample: hashSample})
	sameFolders(t, "after a full disk", whole, folder)
}
