//go:build unix

package run

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/seed-f4dd853e/elman/model"
)

// TestPipesAndDevices puts a pipe, a device without end and a folder in the place of each file of a run. A failure is a test
// that hangs.
func TestPipesAndDevices(t *testing.T) {
	for _, file := range []string{InfoName, lockName, MetricsName, SamplesName, StateName, ModelName} {
		for _, kind := range []string{"pipe", "/dev/zero", "folder"} {
			name := filepath.Join(t.TempDir(), "run")
			path := filepath.Join(name, file)
			f, err := Create(name)
			if err == nil {
				err = f.WriteInfo(Info{Settings: []byte("{}")})
			}
			if err != nil {
				t.Fatal(err)
			}
			f.Close()
			os.Remove(path)
			switch kind {
			case "pipe":
				err = syscall.Mkfifo(path, 0o600)
			case "folder":
				err = os.Mkdir(path, 0o700)
			default:
				err = os.Symlink(kind, path)
			}
			if err != nil {
				t.Skip("this file system has no ", kind, ": ", err)
			}
			_, errs := ReadInfo(name)
			for _, use := range []func() error{
				func() error {
					f, err := Resume(name)
					if err == nil {
						defer f.Close()
						err = f.AppendReport(Metrics{Step: 1}, "sample")
					}
					return err
				},
				func() error { _, err := ReadMetrics(name); return err },
				func() error {
					s, err := OpenState(name)
					if err == nil {
						s.Close()
					}
					return err
				},
				func() error { _, err := model.Load(name); return err },
			} {
				if err := use(); err != nil && strings.Contains(err.Error(), "is not a regular file") {
					errs = err
				}
			}
			if errs == nil || !strings.Contains(errs.Error(), "is not a regular file") {
				t.Errorf("%s is a %s: error %v", file, kind, errs)
			}
		}
	}
}
