package train

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/rnn"
	"github.com/seed-f4dd853e/elman/train/run"
)

// smallDisk mounts a file system of a size until the test ends. Without the right to, the test is skipped, and .ci/run says
// so.
func smallDisk(t *testing.T, size string) string {
	t.Helper()
	disk := t.TempDir()
	if err := unix.Mount("tmpfs", disk, "tmpfs", 0, "size="+size); err != nil {
		t.Skipf("no small file system: mount: %v", err)
	}
	t.Cleanup(func() { unix.Unmount(disk, unix.MNT_DETACH) })
	return disk
}

// TestFullDisk trains on a file system too small for a second copy of the state, then on one with room.
func TestFullDisk(t *testing.T) {
	disk := smallDisk(t, "192k")
	c := chars(t, rhyme(150))
	s := Settings{Network: rnn.Config{Hidden: 32}, Batch: 2, Window: 10, Budget: Budget{Steps: 50}, ReportEvery: 10}
	whole, folder := filepath.Join(t.TempDir(), "whole"), filepath.Join(disk, "run")
	mustRun(t, c, s, Options{Folder: whole, Sample: hashSample})

	_, err := runPartial(t.Context(), c, s, Options{Folder: folder, Sample: hashSample})
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

// TestDiskFullAgainAndAgain gives a run 4 kB more each time that its disk is full, so that every file gets its turn to be
// the one that finds no room. The best model so far is never lost, and the run ends as an undisturbed one.
func TestDiskFullAgainAndAgain(t *testing.T) {
	disk := smallDisk(t, "4k")
	c := chars(t, rhyme(150))
	s := Settings{Network: rnn.Config{Hidden: 32}, Batch: 2, Window: 10, Budget: Budget{Steps: 300}, ReportEvery: 2}
	whole, folder := filepath.Join(t.TempDir(), "whole"), filepath.Join(disk, "run")
	mustRun(t, c, s, Options{Folder: whole, Sample: hashSample})

	failed := map[string]int{} // by what could not be written
	best := int64(0)
	for kB := 4; ; kB += 4 {
		if err := unix.Mount("tmpfs", disk, "tmpfs", unix.MS_REMOUNT, fmt.Sprintf("size=%dk", kB)); err != nil {
			t.Fatal(err)
		}
		_, held := os.Stat(filepath.Join(folder, run.InfoName))
		_, err := runPartial(t.Context(), c, s, Options{Folder: folder, Resume: held == nil, Sample: hashSample})
		if err == nil {
			break
		}
		if !strings.Contains(err.Error(), "no space left on device") || strings.Contains(err.Error(), "\n") || kB > 1024 {
			t.Fatalf("%d kB: error %v", kB, err)
		}
		for _, file := range []string{model.FileName, run.StateName, run.MetricsName, run.SamplesName, run.InfoName} {
			if strings.Contains(err.Error(), file+":") {
				failed[file]++
			}
		}
		best = checkBest(t, folder, best)
	}
	t.Logf("full while writing: %v", failed)
	for _, file := range []string{model.FileName, run.StateName, run.MetricsName, run.SamplesName} {
		if failed[file] == 0 && os.Getpagesize() == 4096 { // or 4 kB more are no more
			t.Errorf("the disk was never full when %s was written", file)
		}
	}
	sameFolders(t, "after a disk full again and again", whole, folder)
}
