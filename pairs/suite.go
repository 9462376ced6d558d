package pairs

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A suite is SyntaxGym's JSON. Parts that are not needed are not read.
type suite struct {
	Meta struct {
		Name   string
		Metric string
	}
	Predictions []struct {
		Type    string
		Formula string
	}
	Items []json.RawMessage
}

// A suiteItem is an item of a suite.
type suiteItem struct {
	Number     json.Number `json:"item_number"`
	Conditions []struct {
		Name    string `json:"condition_name"`
		Regions []struct {
			Number  int     `json:"region_number"`
			Content *string `json:"content"`
		} `json:"regions"`
	} `json:"conditions"`
}

// readSuite reads a suite of SyntaxGym.
func readSuite(file string, data []byte) (*Set, error) {
	if !utf8.Valid(data) {
		return nil, errNotUTF8
	}
	var s suite
	if err := json.Unmarshal(data, &s); err != nil {
		return nil, fmt.Errorf("is no suite of SyntaxGym%s%s", reason(err), place(data, err))
	}
	set := &Set{Name: s.Meta.Name, File: file}
	if set.Name == "" {
		set.Name = newRowsReader(file, Options{}).base()
	}
	switch {
	case s.Meta.Metric != "sum":
		return nil, fmt.Errorf("has the metric %.40q; only sum is supported, as the others depend on how a model cuts its text into symbols", s.Meta.Metric)
	case len(s.Predictions) == 0:
		return nil, errors.New("has no predictions")
	case len(s.Items) == 0:
		return nil, errors.New("has no items")
	}
	for _, p := range s.Predictions {
		if p.Type != "formula" {
			return nil, fmt.Errorf("has a prediction of type %.40q, want formula", p.Type)
		}
		f, err := ParseFormula(p.Formula)
		if err != nil {
			return nil, err
		}
		set.Predictions = append(set.Predictions, f)
	}
	for i, raw := range s.Items {
		set.Items = append(set.Items, readItem(i+1, raw))
	}
	return set, set.checkReferences()
}

// place says at which line of a file an error of package json is.
func place(data []byte, err error) string {
	offset := int64(-1)
	if syntax := (*json.SyntaxError)(nil); errors.As(err, &syntax) {
		offset = syntax.Offset
	}
	if kind := (*json.UnmarshalTypeError)(nil); errors.As(err, &kind) {
		offset = kind.Offset
	}
	if offset < 0 {
		return ""
	}
	return fmt.Sprintf(" at line %d", 1+bytes.Count(data[:min(offset, int64(len(data)))], []byte("\n")))
}

// readItem reads an item of a suite, the number-th of its file.
func readItem(number int, raw json.RawMessage) *Item {
	item := &Item{Name: strconv.Itoa(number)}
	var read suiteItem
	err := json.Unmarshal(raw, &read)
	if read.Number != "" {
		item.Name = read.Number.String()
	}
	item.Where = "item " + item.Name
	if err != nil {
		item.Err = fmt.Errorf("is no item%s", reason(err))
		return item
	}
	if item.Texts, err = read.texts(); err != nil {
		item.Texts, item.Err = nil, err
	}
	return item
}

// texts returns the sentences of an item.
func (item *suiteItem) texts() (all []Text, err error) {
	if len(item.Conditions) == 0 {
		return nil, errors.New("has no conditions")
	}
	for _, c := range item.Conditions {
		t := Text{Condition: c.Name}
		if slices.ContainsFunc(all, func(other Text) bool { return other.Condition == c.Name }) {
			return nil, fmt.Errorf("has the condition %.40q twice", c.Name)
		}
		for _, r := range c.Regions {
			switch {
			case r.Number < 1:
				return nil, fmt.Errorf("has a region_number %d in the condition %.40q, want 1 or more", r.Number, c.Name)
			case slices.ContainsFunc(t.Regions, func(other Region) bool { return other.Number == r.Number }):
				return nil, fmt.Errorf("has the region %d twice in the condition %.40q", r.Number, c.Name)
			case r.Content == nil:
				return nil, fmt.Errorf("has no content in region %d of the condition %.40q", r.Number, c.Name)
			}
			t.Regions = append(t.Regions, Region{r.Number, strings.TrimSpace(*r.Content)})
		}
		if t.String() == "" {
			return nil, fmt.Errorf("has no text in the condition %.40q", c.Name)
		}
		all = append(all, t)
	}
	return all, nil
}

// checkReferences makes items errors that lack what a formula needs. It fails if all do.
func (s *Set) checkReferences() error {
	readable := 0
	var first error
	for _, item := range s.Items {
		for _, f := range s.Predictions {
			for _, ref := range f.References() {
				if item.Err == nil && !item.has(ref) {
					item.Texts, item.Err = nil, fmt.Errorf("has no region %v, which a prediction needs", ref)
				}
			}
		}
		if item.Err == nil {
			readable++
		} else if first == nil {
			first = fmt.Errorf("%s: %w", item.Where, item.Err)
		}
	}
	if readable == 0 {
		return first
	}
	return nil
}

// has reports whether an item has a region.
func (item *Item) has(ref Reference) bool {
	for _, t := range item.Texts {
		if t.Condition == ref.Condition {
			return ref.Region == 0 || slices.ContainsFunc(t.Regions, func(r Region) bool { return r.Number == ref.Region })
		}
	}
	return false
}
