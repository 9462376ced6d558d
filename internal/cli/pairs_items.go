package cli

import (
	"fmt"
	"strings"

	"github.com/seed-f4dd853e/elman/internal/report"
	"github.com/seed-f4dd853e/elman/pairs"
)

// each calls f for each item and judge.
func (j *judging) each(f func(s *pairs.Set, item *pairs.Item, judge int, judged *pairs.Judged)) {
	for k, s := range j.sets {
		for i, item := range s.Items {
			for judge := range j.judges {
				f(s, item, judge, &j.judged[judge][k][i])
			}
		}
	}
}

// An itemRecord is what json and csv tell of an item and a judge.
type itemRecord struct {
	File        string          `json:"file"`
	Set         string          `json:"set"`
	Field       string          `json:"field,omitempty"`
	Item        string          `json:"item"`
	Model       string          `json:"model"`
	Outcome     pairs.Outcome   `json:"outcome"`
	Predictions []pairs.Outcome `json:"predictions,omitempty"` // of a suite
	GoodBits    *float64        `json:"good_bits,omitempty"`   // of a pair
	BadBits     *float64        `json:"bad_bits,omitempty"`
	Good        string          `json:"good,omitempty"`
	Bad         string          `json:"bad,omitempty"`
	Error       string          `json:"error,omitempty"` // why it is unreadable
}

func (j *judging) itemRecord(s *pairs.Set, item *pairs.Item, judge int, judged *pairs.Judged) itemRecord {
	r := itemRecord{File: s.File, Set: s.Name, Field: s.Field, Item: item.Name, Model: j.judges[judge].Name, Outcome: judged.Outcome}
	if judged.Err != nil {
		r.Error = judged.Reason()
	}
	if !s.Paired {
		r.Predictions = judged.Predictions
		return r
	}
	if item.Err == nil {
		r.Good, r.Bad = item.Texts[0].String(), item.Texts[1].String()
	}
	if judged.Err == nil {
		good, bad := judged.Total(0).Float(), judged.Total(1).Float()
		r.GoodBits, r.BadBits = &good, &bad
	}
	return r
}

func (j *judging) printItems() {
	switch j.f.format {
	case "csv":
		j.row("file", "set", "field", "item", "model", "outcome", "predictions", "good_bits", "bad_bits", "good", "bad", "error")
	case "text":
		j.printLegend()
	}
	j.each(func(s *pairs.Set, item *pairs.Item, judge int, judged *pairs.Judged) {
		if j.f.format == "text" {
			j.printItem(s, item, judge, judged)
			return
		}
		r := j.itemRecord(s, item, judge, judged)
		if j.f.format == "json" {
			writeJSONLine(j.out, r)
			return
		}
		var predictions []string
		for _, o := range r.Predictions {
			predictions = append(predictions, o.String())
		}
		j.row(r.File, r.Set, r.Field, r.Item, r.Model, r.Outcome.String(), strings.Join(predictions, " "), exact(r.GoodBits), exact(r.BadBits), r.Good, r.Bad, r.Error)
	})
}

// printItem prints an item for people: a pair with its sentences in two lines, an item of a suite with the regions that its
// predictions compare.
func (j *judging) printItem(s *pairs.Set, item *pairs.Item, judge int, judged *pairs.Judged) {
	head := fmt.Sprintf("%-10s  ", judged.Outcome)
	if len(j.judges) > 1 {
		head = fmt.Sprintf("%d  %s", judge+1, head)
	}
	switch {
	case judged.Err != nil:
		j.line(head, fmt.Sprintf("%s, %s: %s", textName(s.File), item.Where, judged.Reason()))
	case s.Paired:
		blank := strings.Repeat(" ", len(head))
		j.line(fmt.Sprintf("%s%9.2f  ", head, judged.Total(0).Float()), item.Texts[0].String())
		j.line(fmt.Sprintf("%s%9.2f  ", blank, judged.Total(1).Float()), item.Texts[1].String())
	default:
		var regions []string
		seen := map[pairs.Reference]bool{}
		for _, f := range s.Predictions {
			for _, ref := range f.References() {
				if !seen[ref] {
					seen[ref] = true
					regions = append(regions, fmt.Sprintf("%v %.2f", ref, judged.Region(item, ref)))
				}
			}
		}
		j.line(head, fmt.Sprintf("%s item %s: %s", s.Name, item.Name, strings.Join(regions, ", ")))
	}
}

func (j *judging) line(prefix, text string) { writeProse(j.out, prefix, text, j.width) }

// A regionRecord is what json and csv tell of a region and a judge.
type regionRecord struct {
	File      string  `json:"file"`
	Set       string  `json:"set"`
	Field     string  `json:"field,omitempty"`
	Item      string  `json:"item"`
	Model     string  `json:"model"`
	Condition string  `json:"condition"`
	Region    int     `json:"region"`
	Bits      float64 `json:"bits"`
	Text      string  `json:"text"`
}

func (j *judging) printRegions() {
	switch j.f.format {
	case "csv":
		j.row("file", "set", "field", "item", "model", "condition", "region", "bits", "text")
	case "text":
		j.printLegend()
	}
	j.each(func(s *pairs.Set, item *pairs.Item, judge int, judged *pairs.Judged) {
		if judged.Err != nil {
			return
		}
		for k, t := range item.Texts {
			for i, region := range t.Regions {
				r := regionRecord{s.File, s.Name, s.Field, item.Name, j.judges[judge].Name, t.Condition, region.Number, judged.Bits[k][i].Float(), region.Text}
				switch j.f.format {
				case "json":
					writeJSONLine(j.out, r)
				case "csv":
					j.row(r.File, r.Set, r.Field, r.Item, r.Model, r.Condition, fmt.Sprint(r.Region), report.Exact(r.Bits), r.Text)
				default:
					j.printRegion(judge, &r)
				}
			}
		}
	})
}

func (j *judging) printRegion(judge int, r *regionRecord) {
	head := fmt.Sprintf("%9.3f  ", r.Bits)
	if len(j.judges) > 1 {
		head = fmt.Sprintf("%d  %s", judge+1, head)
	}
	j.line(head, fmt.Sprintf("%s %s (%d;%%%s%%)  %s", r.Set, r.Item, r.Region, r.Condition, r.Text))
}
