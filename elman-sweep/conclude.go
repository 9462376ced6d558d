package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed-f4dd853e/elman/elman-sweep/findings"
	"github.com/seed-f4dd853e/elman/internal/regular"
	"github.com/seed-f4dd853e/elman/model"
)

func reportCommand() *cobra.Command {
	f := &openFlags{}
	c := &cobra.Command{
		Use:   "report STUDY.toml",
		Short: "Write the report of a study, also before it is done",
		Long: `Write the report into the folder report of the study: runs.csv with a row for each run, tables.csv, report.md
and report.html with mean, range and every seed of each condition, Welch's t-tests and curves, and the figures as
PNG and SVG.`,
		Example: "  elman-sweep report cells.toml",
		Args:    exactArgs(1, "a study: a TOML file"),
		RunE: func(c *cobra.Command, args []string) error {
			p, err := f.read(args[0])
			if err != nil {
				return err
			}
			_, err = p.report()
			return err
		},
	}
	f.declareFolder(c)
	return c
}

func bestCommand() *cobra.Command {
	f := &openFlags{}
	asJSON := false
	c := &cobra.Command{
		Use:   "best STUDY.toml",
		Short: "Print the path of the best model by validation loss",
		Example: `  elman-sweep best cells.toml
  elman sample $(elman-sweep best cells.toml)`,
		Args: exactArgs(1, "a study: a TOML file"),
		RunE: func(c *cobra.Command, args []string) error {
			p, err := f.read(args[0])
			if err != nil {
				return err
			}
			all, err := findings.Read(p.Study, p.folder)
			if err != nil {
				return err
			}
			best, err := all.Best()
			if err != nil {
				return err
			}
			if asJSON {
				return json.NewEncoder(os.Stdout).Encode(map[string]any{"folder": best.Folder, "condition": best.Run.Condition, "seed": best.Run.Seed, "result": best.Result})
			}
			fmt.Println(filepath.Join(best.Folder, model.FileName))
			return nil
		},
	}
	f.declareFolder(c)
	c.Flags().BoolVar(&asJSON, "json", false, "print the run and its results as JSON")
	return c
}

// report writes the report and returns what it says.
func (p *project) report() (*findings.Findings, error) {
	all, err := findings.Read(p.Study, p.folder)
	if err != nil {
		return nil, err
	}
	all.Faults = readFaults(filepath.Join(p.folder, faultsName))
	folder := filepath.Join(p.folder, "report")
	if err := all.Write(folder); err != nil {
		return nil, err
	}
	fmt.Println(filepath.Join(folder, findings.ReportName))
	return all, nil
}

// mostFaults is how many bytes of faults a report shows: the last ones.
const mostFaults = 1 << 20

// readFaults returns what a report shows of a file of faults; where it cannot be read, why.
func readFaults(path string) string {
	f, size, err := regular.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return ""
	}
	var text []byte
	if err == nil {
		defer f.Close()
		text, err = io.ReadAll(io.NewSectionReader(f, max(0, size-mostFaults), mostFaults))
	}
	if err != nil {
		return fmt.Sprintf("%s cannot be read: %v", path, err)
	}
	if size > mostFaults {
		_, last, _ := strings.Cut(string(text), "\n")
		return fmt.Sprintf("The last of the faults in %s:\n%s", filepath.Base(path), last)
	}
	return string(text)
}

// conclude writes the report of a study that is done.
func (p *project) conclude() error {
	all, err := p.report()
	if err != nil {
		return err
	}
	done, failed := all.Done()
	switch {
	case done == failed && failed > 0:
		return fmt.Errorf("all %d runs failed; the report says why", failed)
	case failed > 0:
		return fmt.Errorf("%d of %d runs failed; the report says why", failed, done)
	}
	return nil
}
