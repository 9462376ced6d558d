package cli

import (
	"slices"

	"github.com/seed-f4dd853e/elman/internal/report"
	"github.com/seed-f4dd853e/elman/pairs"
)

// A pairsRow is a set, the sets of a field, or all of them.
type pairsRow struct {
	scope string // set, field, items or sets: the last two are all, by items and by the mean over sets
	name  string
	field string
	sets  []int
}

// rows returns the sets, then, where there is more than one, the fields and all.
func (j *judging) rows() (rows []pairsRow) {
	all := pairsRow{scope: "items", name: "all items"}
	var fields []pairsRow
	for i, s := range j.sets {
		rows = append(rows, pairsRow{scope: "set", name: s.Name, field: s.Field, sets: []int{i}})
		all.sets = append(all.sets, i)
		if s.Field == "" {
			continue
		}
		k := slices.IndexFunc(fields, func(r pairsRow) bool { return r.field == s.Field })
		if k < 0 {
			k, fields = len(fields), append(fields, pairsRow{scope: "field", name: "all of " + s.Field, field: s.Field})
		}
		fields[k].sets = append(fields[k].sets, i)
	}
	if len(j.sets) == 1 {
		return rows
	}
	mean := all
	mean.scope, mean.name = "sets", "mean of the sets"
	return append(append(rows, fields...), all, mean)
}

// tally counts what a judge says of the items of a row.
func (j *judging) tally(judge int, r pairsRow) (t pairs.Tally) {
	for _, i := range r.sets {
		t.Join(pairs.TallyOf(j.judged[judge][i]))
	}
	return t
}

// accuracy returns the share of a row that is right.
func (j *judging) accuracy(judge int, r pairsRow) float64 {
	if r.scope != "sets" {
		return j.tally(judge, r).Accuracy()
	}
	sum := 0.0
	for _, i := range r.sets {
		sum += pairs.TallyOf(j.judged[judge][i]).Accuracy()
	}
	return sum / float64(len(r.sets))
}

// spread returns the accuracies of the models, without the baseline.
func (j *judging) spread(r pairsRow) report.Spread {
	var all []float64
	for i := range j.models {
		all = append(all, j.accuracy(i, r))
	}
	return report.SpreadOf(all)
}

// A pairsRecord is what json and csv tell of a row and a judge, of a published figure, or of the mean of the models.
type pairsRecord struct {
	Scope      string   `json:"scope"`
	Set        string   `json:"set,omitempty"`
	Field      string   `json:"field,omitempty"`
	Model      string   `json:"model"`
	Source     string   `json:"source,omitempty"` // of a published figure
	Items      *int     `json:"items,omitempty"`
	Right      *int     `json:"right,omitempty"`
	Ties       *int     `json:"ties,omitempty"`
	Unreadable *int     `json:"unreadable,omitempty"`
	Accuracy   float64  `json:"accuracy"`
	Low        *float64 `json:"low,omitempty"` // of the 95 % interval
	High       *float64 `json:"high,omitempty"`
	SD         *float64 `json:"sd,omitempty"` // of the models' accuracies
}

// records returns everything by set.
func (j *judging) records() (all []pairsRecord) {
	for _, r := range j.rows() {
		head := pairsRecord{Scope: r.scope, Field: r.field}
		if r.scope == "set" {
			head.Set = r.name
		}
		for i, judge := range j.judges {
			rec := head
			rec.Model, rec.Accuracy = judge.Name, j.accuracy(i, r)
			t := j.tally(i, r)
			rec.Items, rec.Right, rec.Ties, rec.Unreadable = &t.Items, &t.Right, &t.Ties, &t.Unreadable
			if r.scope != "sets" { // a mean of means is no share of independent items
				low, high := t.Interval()
				rec.Low, rec.High = &low, &high
			}
			all = append(all, rec)
		}
		if j.models > 1 {
			s := j.spread(r)
			rec := head
			rec.Model, rec.Accuracy, rec.SD = "mean of the models", s.Mean, &s.SD
			all = append(all, rec)
		}
		if r.scope == "set" {
			all = append(all, publishedRecords(head)...)
		}
	}
	return all
}

// publishedRecords returns what is published of a set.
func publishedRecords(head pairsRecord) (all []pairsRecord) {
	for _, source := range pairs.Sources() {
		for k, x := range source.Accuracy[head.Set] {
			rec := head
			rec.Model, rec.Source, rec.Accuracy = source.Models[k], source.Name, x
			all = append(all, rec)
		}
	}
	return all
}
