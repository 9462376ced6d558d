package inspect

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"syscall"
	"testing"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/internal/report"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/rnn"
)

// findings inspects a text, and makes sure that everything there is can be written: numbers as JSON, sections as HTML.
func findings(t *testing.T, name string, m *model.Model, text string) map[string]Result {
	t.Helper()
	a := &Analysis{Model: m, Text: corpus.FromBytes("text", []byte(text)), Disable: []Unit{{0, "h", 1}}, Shown: 50, SampleLength: 5, Seed: 1,
		Span: 6, Leaves: 5, On: []Condition{{Unit: Unit{0, "h", 1}}}, Threshold: 0.01}
	r, err := a.Run(context.Background())
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	all := map[string]Result{}
	for _, x := range r.All {
		all[x.Name] = x
		if (x.Err == nil) != (x.Numbers != nil) {
			t.Errorf("%s, %s: numbers %v and error %v", name, x.Name, x.Numbers, x.Err)
		}
		if len(x.Section.Blocks) == 0 {
			t.Errorf("%s, %s: nothing is told", name, x.Name)
		}
		if _, err := report.SectionHTML(x.Section); err != nil {
			t.Errorf("%s, %s: %v", name, x.Name, err)
		}
		var printed strings.Builder
		report.NewTerminal(&printed, 80).Section(x.Section)
		if strings.Contains(printed.String(), "NaN") {
			t.Errorf("%s, %s:\n%s", name, x.Name, &printed)
		}
	}
	return all
}

// TestFindings: every finding has a result for an ordinary model and text.
func TestFindings(t *testing.T) {
	m := verseModel(t, corpus.Options{}, rnn.Config{Cell: "lstm", Hidden: 4})
	all := findings(t, "ordinary", m, someText(20))
	for _, f := range Findings() {
		if found, err := FindFinding(f.Name); err != nil || found.Title != f.Title || f.Doc == "" {
			t.Errorf("finding %s is %+v, error %v", f.Name, found, err)
		}
		x, ok := all[f.Name]
		if !ok || x.Err != nil {
			t.Errorf("%s: told %v, error %v", f.Name, ok, x.Err)
			continue
		}
		if _, err := json.Marshal(x.Numbers); err != nil {
			t.Errorf("%s: %v", f.Name, err)
		}
		if len(report.Of[*report.Table](x.Section.Blocks)) == 0 {
			t.Errorf("%s has no table", f.Name)
		}
	}
	if a := all["ablation"].Numbers.(*Ablation); a.Whole.Symbols != 50 {
		t.Errorf("units are disabled on %d symbols, want the 50 that are shown", a.Whole.Symbols)
	}
	if _, err := FindFinding("nothing"); err == nil || !strings.Contains(err.Error(), "units, saturation, reach, influence") {
		t.Errorf("no such finding: error %v", err)
	}
}

// TestFindingsOfLittle: what a text or a network is too small for says so, and the rest is told.
func TestFindingsOfLittle(t *testing.T) {
	gated := verseModel(t, corpus.Options{}, rnn.Config{Cell: "lstm", Hidden: 3})
	for name, tt := range map[string]struct {
		m       *model.Model
		text    string
		missing string
	}{
		"one symbol":  {gated, "S", "units reach influence clusters"},
		"two symbols": {gated, "Sh", "units reach clusters"},
		"the same":    {gated, strings.Repeat("S", 120), "clusters"},
		"no gates":    {verseModel(t, corpus.Options{}, rnn.Config{Activation: "relu", Hidden: 2}), someText(10), "saturation"},
	} {
		all := findings(t, name, tt.m, tt.text)
		for _, f := range Findings() {
			if x := all[f.Name]; (x.Err != nil) != strings.Contains(tt.missing, f.Name) {
				t.Errorf("%s, %s: error %v", name, f.Name, x.Err)
			}
		}
	}
}

// TestFindingsOfExtremeModels: weights near the ends of what a number can be leave findings that can be told.
func TestFindingsOfExtremeModels(t *testing.T) {
	for name, weight := range map[string]float32{"huge": 3.4e38, "large": 1e18, "tiny": 1e-45, "zero": 0} {
		for _, cell := range []string{"lstm", "elman"} {
			for _, param := range []string{"rnn.weight_ih_l0", "rnn.weight_hh_l0", "decoder.bias"} {
				m := verseModel(t, corpus.Options{}, rnn.Config{Cell: cell, Activation: map[string]string{"elman": "relu"}[cell], Hidden: 2})
				for _, p := range m.Network.Params() {
					if p.Name == param {
						for i := range p.Value {
							if p.Value[i] = weight; i%2 > 0 {
								p.Value[i] = -weight
							}
						}
					}
				}
				m.Network.Updated()
				a := &Analysis{Model: m, Text: corpus.FromBytes("text", []byte(someText(10)))}
				if _, err := a.Run(context.Background()); err != nil { // it explodes before there is anything to tell
					continue
				}
				findings(t, name+" "+param+" of "+cell, m, someText(10))
			}
		}
	}
}

// TestConclude: a finding without a result says why; an error of reading the text ends the analysis.
func TestConclude(t *testing.T) {
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	disk := &fs.PathError{Op: "read", Path: "text", Err: syscall.EIO}
	for _, tt := range []struct {
		ctx         context.Context
		err         error
		ends, tells error
	}{
		{t.Context(), nil, nil, nil},
		{t.Context(), errShort(2, 3), nil, errShort(2, 3)},
		{t.Context(), errNone, nil, errNone},
		{t.Context(), model.ErrNotFinite, nil, model.ErrNotFinite},
		{t.Context(), disk, disk, nil},
		{t.Context(), fmt.Errorf("text %w", corpus.ErrChanged), corpus.ErrChanged, nil},
		{cancelled, nil, context.Canceled, nil},
		{cancelled, errNone, context.Canceled, nil},
	} {
		r := &Result{Section: &report.Section{}}
		err := r.conclude(tt.ctx, func(context.Context, *report.Section) (any, error) { return 1, tt.err })
		if !errors.Is(err, tt.ends) || fmt.Sprint(r.Err) != fmt.Sprint(tt.tells) {
			t.Errorf("%v: ends with %v and tells %v, want %v and %v", tt.err, err, r.Err, tt.ends, tt.tells)
		}
		if (r.Numbers != nil) != (err == nil && r.Err == nil) || len(r.Section.Blocks) > 0 != (r.Err != nil) {
			t.Errorf("%v: numbers %v, told %v", tt.err, r.Numbers, r.Section.Blocks)
		}
	}
}
