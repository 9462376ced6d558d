package findings

import (
	"fmt"
	"math"
	"path/filepath"
	"strings"

	"github.com/seed-f4dd853e/elman/internal/chart"
	"github.com/seed-f4dd853e/elman/internal/report"
)

// Document returns the report.
func (f *Findings) Document() (*report.Document, error) {
	done, failed := f.Done()
	d := &report.Document{Title: f.Study.Name}
	d.Summary = fmt.Sprintf("%d of %d runs are done, of %d conditions.", done, len(f.Rows), len(f.Conditions))
	if failed > 0 {
		d.Summary += fmt.Sprintf(" %d failed.", failed)
	}
	d.Sections = append(d.Sections, f.conditions())
	if tests := f.comparison(); tests != nil {
		d.Sections = append(d.Sections, tests)
	}
	curves, err := f.curves()
	if err != nil {
		return nil, err
	}
	if curves != nil {
		d.Sections = append(d.Sections, curves)
	}
	d.Sections = append(d.Sections, f.runs())
	if f.Faults != "" {
		s := &report.Section{Name: "faults", Title: "Faults"}
		s.Add(report.Quote{Text: f.Faults})
		d.Sections = append(d.Sections, s)
	}
	return d, nil
}

// title names a value for people.
func title(name string) string {
	known := map[string]string{"valid_loss": "validation loss (nats)", "loss": "training loss (nats)", "test_loss": "test loss (nats)",
		"verdict_loss": "verdict: loss (nats)", "ahead_of_ngram": "ahead of the best n-gram (nats)"}
	if t, ok := known[name]; ok {
		return t
	}
	return strings.ReplaceAll(name, "_", " ")
}

// conditions shows mean and range of every value, and a figure with every seed.
func (f *Findings) conditions() *report.Section {
	s := &report.Section{Name: "conditions", Title: "Conditions"}
	if best, err := f.Best(); err == nil {
		loss, _ := best.value(Main)
		s.Say("The best model by validation is run %s: %s, seed %d, with %s nats.", best.Run.ID, best.Run.Condition, best.Run.Seed, report.Fixed(4)(loss))
	}
	t := &report.Table{Caption: "Mean over the seeds, and the range in brackets.", Columns: []string{"condition", "seeds"}}
	for _, name := range f.Values {
		t.Columns = append(t.Columns, title(name))
	}
	for _, c := range f.Conditions {
		cells := []report.Cell{report.Word("%s", c.Name), report.Whole(len(c.values(Main)))}
		for _, name := range f.Values {
			if values := c.values(name); len(values) > 0 {
				cells = append(cells, report.SpreadOf(values).Cell())
			} else {
				cells = append(cells, report.Missing)
			}
		}
		t.Row(cells...)
	}
	s.Add(t)
	if figure := f.seeds(); figure != nil {
		s.Add(figure)
	}
	return s
}

// mostDrawn is how many conditions a figure can show.
const mostDrawn = 12

// seeds draws every run: a dot above its condition's number.
func (f *Findings) seeds() *report.Figure {
	if len(f.Conditions) < 2 || len(f.Conditions) > 3*mostDrawn {
		return nil
	}
	c := chart.Chart{X: "condition, in the order of the table", Y: title(Main)}
	all := chart.Points{}
	for i, condition := range f.Conditions {
		c.XNames = append(c.XNames, fmt.Sprint(i+1))
		for _, x := range condition.values(Main) {
			all.X, all.Y = append(all.X, float64(i)), append(all.Y, x)
		}
	}
	if len(all.X) == 0 {
		return nil
	}
	c.Points = []chart.Points{all}
	return &report.Figure{Name: "seeds", Caption: "Validation loss of every run, by condition.", Charts: []chart.Chart{c}}
}

// comparison shows tests between conditions, nil if there are none.
func (f *Findings) comparison() *report.Section {
	tests, all := f.tests(Main)
	if len(tests) == 0 {
		return nil
	}
	s := &report.Section{Name: "tests", Title: "Differences"}
	with := "Each pair of conditions is compared"
	if !all {
		with = fmt.Sprintf("With more than %d conditions, each is compared with the best", allPairs)
	}
	s.Say("%s by Welch's t-test across seeds, on the validation loss: two-sided, without the assumption of equal variances. "+
		"The last column is adjusted for the number of tests by Holm's method. A small p says that the difference is not one of seeds; the difference says whether it matters.", with)
	t := &report.Table{Columns: []string{"condition", "beside", "difference (nats)", "t", "degrees of freedom", "p", "p by Holm"}}
	for _, x := range tests {
		t.Row(report.Word("%s", f.Conditions[x.A].Name), report.Word("%s", f.Conditions[x.B].Name), report.Number(x.Difference, report.Signed(4)),
			report.Number(x.T, report.Signed(2)), report.Number(x.Freedom, report.Fixed(1)), report.Number(x.P, probability), report.Number(x.Adjusted, probability))
	}
	s.Add(t)
	return s
}

// probability formats a p value.
func probability(p float64) string {
	if p < 0.0001 {
		return "< 0.0001"
	}
	return report.Fixed(4)(p)
}

// curves draws the validation loss along the training, nil if there is nothing to draw.
func (f *Findings) curves() (*report.Section, error) {
	c := chart.Chart{X: "symbols read", Y: title(Main), LogX: true, LegendBelow: true}
	for _, condition := range f.Conditions[:min(len(f.Conditions), mostDrawn)] {
		course, err := courseOf(condition)
		if err != nil {
			return nil, err
		}
		if len(course.symbols) > 0 {
			c.Lines = append(c.Lines, chart.Line{Name: condition.Name, X: course.symbols, Y: course.mean, Low: course.lowest, High: course.higher, Dots: len(course.symbols) < 20})
		}
	}
	if len(c.Lines) == 0 {
		return nil, nil
	}
	s := &report.Section{Name: "curves", Title: "Curves"}
	caption := "Validation loss along the training: the mean over seeds, and their range."
	if len(f.Conditions) > mostDrawn {
		caption += fmt.Sprintf(" The first %d conditions.", mostDrawn)
	}
	s.Add(&report.Figure{Name: "curves", Caption: caption, Charts: []chart.Chart{c}})
	return s, nil
}

// runs lists failures, and says where the rest is.
func (f *Findings) runs() *report.Section {
	s := &report.Section{Name: "runs", Title: "Runs"}
	s.Say("%s has a row for each run. A run's folder is runs/ID in the folder of the study; its hash is that of a plain elman train with the same settings.", runsName)
	t := &report.Table{Caption: "Runs that failed:", Columns: []string{"run", "condition", "seed", "error"}}
	for _, r := range f.Rows {
		if r.Result != nil && r.Result.Error != "" {
			t.Row(report.Word("%s", r.Run.ID), report.Word("%s", r.Run.Condition), report.Whole(int64(r.Run.Seed)), report.Word("%s", r.Result.Error))
		}
	}
	if len(t.Rows) > 0 {
		s.Add(t)
	}
	return s
}

// runsTable has a row for each run.
func (f *Findings) runsTable() *report.Table {
	t := &report.Table{Columns: []string{"run", "condition"}}
	for _, a := range f.Study.Axes {
		t.Columns = append(t.Columns, a.Name)
	}
	t.Columns = append(append(t.Columns, "seed"), f.Values...)
	t.Columns = append(t.Columns, "hash", "steps", "seconds", "machine", "elman", "error", "folder")
	for _, r := range f.Rows {
		cells := []report.Cell{report.Word("%s", r.Run.ID), report.Word("%s", r.Run.Condition)}
		for _, v := range r.Run.Values {
			cells = append(cells, report.Word("%s", v))
		}
		cells = append(cells, report.Word("%d", r.Run.Seed))
		for _, name := range f.Values {
			x, ok := r.value(name)
			if !ok {
				x = math.NaN()
			}
			cells = append(cells, number(x, ok))
		}
		if o := r.Result; o != nil {
			cells = append(cells, report.Word("%s", o.Hash), report.Whole(o.Steps), report.Number(o.Seconds, report.Fixed(1)), report.Word("%s", o.Machine),
				report.Word("%s", o.Elman), report.Word("%s", o.Error), report.Word("%s", filepath.ToSlash(filepath.Join("runs", r.Run.ID))))
		} else {
			for range 7 {
				cells = append(cells, report.Missing)
			}
		}
		t.Row(cells...)
	}
	return t
}

func number(x float64, ok bool) report.Cell {
	if !ok {
		return report.Missing
	}
	return report.Number(x, report.Plain)
}
