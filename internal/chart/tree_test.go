package chart

import (
	"io"
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var someTree = Chart{Title: "a tree", X: "distance", Tree: &Tree{
	Labels: []string{"cat", "book", "dog", "rock\n"},
	Merges: []Merge{{2, 0, 0.5, 2}, {1, 3, 1, 2}, {4, 5, 2.5, 4}},
}}

// TestTree: every leaf has its label, from the top in the order of the merges, and is as far right as the others.
func TestTree(t *testing.T) {
	svg := string(draw1(t, someTree, "svg"))
	labels := regexp.MustCompile(`<text x="([0-9.]+)" y="([0-9.-]+)"[^>]*\n[^>]*>(cat|book|dog|rock[^<]*)<`).FindAllStringSubmatch(svg, -1)
	var names, places []string
	for _, l := range labels {
		places, names = append(places, l[1]), append(names, l[3])
	}
	if want := []string{"dog", "cat", "book", "rockU+000A"}; !slices.Equal(names, want) {
		t.Errorf("labels %q, want %q", names, want)
	}
	if slices.Sort(places); len(slices.Compact(places)) != 1 {
		t.Errorf("labels at %q, want one place", places)
	}
	for _, text := range []string{">a tree<", ">distance<", ">0.0<", ">2.5<"} {
		if !strings.Contains(svg, text) {
			t.Errorf("no %q", text)
		}
	}
	alone := Chart{Tree: &Tree{Labels: []string{"a"}}}
	draw1(t, alone, "svg") // has no height at all
	var mixed strings.Builder
	if err := Write(&mixed, "svg", sample, someTree); err != nil || !strings.Contains(mixed.String(), ">dog<") || !strings.Contains(mixed.String(), ">smooth<") {
		t.Errorf("lines above a tree: error %v", err)
	}
}

// TestNoTree: merges that make none are told.
func TestNoTree(t *testing.T) {
	for want, merges := range map[string][]Merge{
		"1 merges of 3 leaves":      {{0, 1, 1, 2}},
		"merge 1 joins cluster 1":   {{0, 1, 1, 2}, {1, 2, 1, 3}},
		"merge 0 joins cluster 3":   {{0, 3, 1, 2}, {1, 2, 1, 3}},
		"merge 0 joins cluster -1":  {{-1, 0, 1, 2}, {1, 2, 1, 3}},
		"merge 1 has a height of N": {{0, 1, 1, 2}, {2, 3, math.NaN(), 3}},
		"merge 0 has a height of -": {{0, 1, -1, 2}, {2, 3, 1, 3}},
	} {
		c := Chart{Tree: &Tree{Labels: []string{"a", "b", "c"}, Merges: merges}}
		if err := Write(io.Discard, "svg", c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: error %v, want %s", merges, err, want)
		}
	}
	both := someTree
	both.Lines = sample.Lines
	if err := Write(io.Discard, "svg", both); err == nil || !strings.Contains(err.Error(), "a tree stands alone") {
		t.Errorf("a tree with lines: error %v", err)
	}
	if err := Write(io.Discard, "svg"); err == nil {
		t.Error("no chart, and no error")
	}
}
