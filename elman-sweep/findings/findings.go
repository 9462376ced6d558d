// Package findings makes the report of a study from the folders of its runs: a row for each run, mean and spread of each
// condition with every seed, tests between conditions, and curves.
package findings

import (
	"fmt"
	"path/filepath"
	"slices"

	"github.com/seed-f4dd853e/elman/elman-sweep/runner"
	"github.com/seed-f4dd853e/elman/elman-sweep/study"
	"github.com/seed-f4dd853e/elman/train/run"
)

// Findings are the results of a study.
type Findings struct {
	Study      *study.Study
	Rows       []Row       // the runs in the study's order, also those without a result
	Conditions []Condition // in the study's order
	Values     []string    // names of what was measured
	Faults     string      // the file of faults
}

// A Row is a run and what came out of it.
type Row struct {
	Run    *study.Run
	Result *runner.Result // nil if there is none yet
	Folder string
}

// value returns a measured number.
func (r Row) value(name string) (float64, bool) {
	if r.Result == nil {
		return 0, false
	}
	return r.Result.Get(name)
}

// A Condition is the runs that differ by their seeds alone.
type Condition struct {
	Name string
	Rows []Row
}

// values returns a measured number of each run that has it.
func (c Condition) values(name string) (all []float64) {
	for _, r := range c.Rows {
		if x, ok := r.value(name); ok {
			all = append(all, x)
		}
	}
	return all
}

// Main is the value that conditions are compared by: lower is better.
const Main = "valid_loss"

// Read reads the results in the folder of a study.
func Read(s *study.Study, folder string) (*Findings, error) {
	f := &Findings{Study: s}
	at := map[string]int{}
	for i := range s.Runs {
		r := &s.Runs[i]
		row := Row{Run: r, Folder: filepath.Join(folder, "runs", r.ID)}
		var err error
		if row.Result, err = runner.ReadResult(row.Folder); err != nil {
			return nil, err
		}
		f.Rows = append(f.Rows, row)
		k, ok := at[r.Condition]
		if !ok {
			k = len(f.Conditions)
			at[r.Condition] = k
			f.Conditions = append(f.Conditions, Condition{Name: r.Condition})
		}
		f.Conditions[k].Rows = append(f.Conditions[k].Rows, row)
		if row.Result == nil {
			continue
		}
		for _, v := range row.Result.Values {
			if !slices.Contains(f.Values, v.Name) {
				f.Values = append(f.Values, v.Name)
			}
		}
	}
	return f, nil
}

// Best returns the run with the lowest validation loss.
func (f *Findings) Best() (Row, error) {
	best := -1
	for i, r := range f.Rows {
		x, ok := r.value(Main)
		if !ok {
			continue
		}
		if best < 0 {
			best = i
		} else if least, _ := f.Rows[best].value(Main); x < least {
			best = i
		}
	}
	if best < 0 {
		return Row{}, fmt.Errorf("no run of %s is done yet", f.Study.Path)
	}
	return f.Rows[best], nil
}

// Done returns how many runs have a result, and how many of these failed.
func (f *Findings) Done() (done, failed int) {
	for _, r := range f.Rows {
		if r.Result != nil {
			done++
			if r.Result.Error != "" {
				failed++
			}
		}
	}
	return done, failed
}

// A course is the validation loss of a condition along the training: over the seeds that have a report at a point.
type course struct {
	symbols              []float64
	mean, lowest, higher []float64
}

// courseOf reads the reports of a condition's runs.
func courseOf(c Condition) (course, error) {
	sums := map[int64][]float64{}
	for _, r := range c.Rows {
		if r.Result == nil || r.Result.Error != "" {
			continue
		}
		reports, err := run.ReadMetrics(r.Folder)
		if err != nil {
			return course{}, err
		}
		for _, m := range reports {
			if m.ValidLoss != nil {
				sums[m.Symbols] = append(sums[m.Symbols], *m.ValidLoss)
			}
		}
	}
	var at []int64
	for s := range sums {
		at = append(at, s)
	}
	slices.Sort(at)
	var all course
	for _, s := range at {
		mean := 0.0
		for _, x := range sums[s] {
			mean += x / float64(len(sums[s]))
		}
		all.symbols, all.mean = append(all.symbols, float64(s)), append(all.mean, mean)
		all.lowest, all.higher = append(all.lowest, slices.Min(sums[s])), append(all.higher, slices.Max(sums[s]))
	}
	return all, nil
}
