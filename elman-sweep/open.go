package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/seed-f4dd853e/elman/elman-sweep/runner"
	"github.com/seed-f4dd853e/elman/elman-sweep/study"
	"github.com/seed-f4dd853e/elman/internal/atomicfile"
	"github.com/seed-f4dd853e/elman/internal/regular"
)

// A project is a study with its folder, and the elman that trains for it.
type project struct {
	*study.Study
	folder   string
	elman    *runner.Elman
	version  string
	selfTest string
}

// openFlags are those of commands that work on a study.
type openFlags struct{ out, elman string }

func (f *openFlags) declare(c *cobra.Command) {
	f.declareFolder(c)
	c.Flags().StringVar(&f.elman, "elman", "", "elman program (default: the one beside this program, or on PATH)")
}

func (f *openFlags) declareFolder(c *cobra.Command) {
	c.Flags().StringVar(&f.out, "out", "", "folder of the study (default: the study's name without .toml)")
}

// read reads a study.
func (f *openFlags) read(path string) (*project, error) {
	s, err := study.Read(path)
	if err != nil {
		return nil, usageError{err}
	}
	p := &project{Study: s, folder: f.out}
	if p.folder == "" {
		if p.folder = strings.TrimSuffix(path, filepath.Ext(path)); p.folder == path {
			return nil, usagef("%s has no ending, so its folder would have the same name; rename it to %s.toml, or name a folder with --out", path, path)
		}
	}
	return p, nil
}

// open reads a study, finds elman, and makes sure that it computes the same bits as the one that began the study.
func (f *openFlags) open(ctx context.Context, path string) (*project, error) {
	p, err := f.read(path)
	if err != nil {
		return nil, err
	}
	if p.elman, err = runner.FindElman(f.elman); err != nil {
		return nil, err
	}
	if p.version, err = p.elman.Version(ctx); err != nil {
		return nil, err
	}
	if p.selfTest, err = p.elman.SelfTest(ctx); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Join(p.folder, runsName), 0o777); err != nil {
		return nil, err
	}
	return p, p.claim()
}

// Names in the folder of a study.
const (
	runsName     = "runs"
	selfTestName = "selftest"
	checkedName  = "checked"
)

// runFolder returns the folder of a run.
func (p *project) runFolder(id string) string { return filepath.Join(p.folder, runsName, id) }

// claim notes the self-test of the elman that begins a study, and refuses another: the results would not belong together.
func (p *project) claim() error {
	path := filepath.Join(p.folder, selfTestName)
	text, err := regular.Read(path, 1<<10)
	if errors.Is(err, fs.ErrNotExist) {
		return replaceFile(path, p.selfTest+"\n")
	}
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if begun := strings.TrimSpace(string(text)); begun != p.selfTest {
		return fmt.Errorf("%s computes other bits (self-test %s) than the elman that began this study (%s); take that one, or another folder with --out",
			p.elman.Path, p.selfTest, begun)
	}
	return nil
}

func replaceFile(path, text string) error {
	return atomicfile.Write(path, func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	})
}

// runner returns what does runs of the study on this machine.
func (p *project) runner(threads int) *runner.Runner {
	return &runner.Runner{Elman: p.elman, Version: p.version, SelfTest: p.selfTest, Machine: machineName(), Threads: threads,
		Where: func(f study.File) string { return f.Path }}
}

// machineName names this machine in results and faults.
func machineName() string {
	name, err := os.Hostname()
	if err != nil {
		return "unknown"
	}
	return name
}

// check asks elman about the settings of each condition, so that a wrong setting is known at once and not after hours. What was
// checked before is not checked again.
func (p *project) check(ctx context.Context) error {
	all := sha256.New()
	fmt.Fprintln(all, p.version, p.selfTest)
	for _, r := range p.Runs {
		fmt.Fprintln(all, r.ID)
	}
	mark, path := hex.EncodeToString(all.Sum(nil))+"\n", filepath.Join(p.folder, checkedName)
	if text, err := regular.Read(path, 1<<10); err == nil && string(text) == mark {
		return nil
	}
	work, ctx := errgroup.WithContext(ctx)
	work.SetLimit(runtime.NumCPU())
	seen := map[string]bool{}
	for _, r := range p.Runs {
		if seen[r.Condition] {
			continue
		}
		seen[r.Condition] = true
		work.Go(func() error {
			if err := p.elman.Check(ctx, &r.Task); errors.As(err, new(runner.MachineError)) {
				return err
			} else if err != nil {
				return usagef("%s: condition %s: %w", p.Path, r.Condition, err)
			}
			return nil
		})
	}
	if err := work.Wait(); err != nil {
		return err
	}
	return replaceFile(path, mark)
}
