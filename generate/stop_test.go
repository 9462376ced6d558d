package generate

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func TestStopper(t *testing.T) {
	for _, tt := range []struct {
		stops  string // separated by |
		pieces []string
		want   []string // passed on piece by piece; what is held at the end comes last, unless stopped
		stop   bool
	}{
		{"", []string{"a", "b"}, []string{"a", "b", ""}, false},
		{"x", []string{"a", "b"}, []string{"a", "b", ""}, false},
		{"b", []string{"a", "b", "c"}, []string{"a", ""}, true},
		{"\n\n", []string{"a", "\n", "b", "\n", "\n"}, []string{"a", "", "\nb", "", ""}, true},
		{"\n\n", []string{"a", "\n"}, []string{"a", "", "\n"}, false},
		{"aab", []string{"a", "a", "a", "b"}, []string{"", "", "a", ""}, true},
		{"abac", []string{"a", "b", "a", "b", "a", "c"}, []string{"", "", "", "ab", "", ""}, true},
		{"END", []string{"the E", "N", "EN", "D and more"}, []string{"the ", "", "EN", ""}, true},
		{"é", []string{"è", "é"}, []string{"è", ""}, true},
		{"é", []string{"\xc3", "\xa8", "\xc3", "\xa9"}, []string{"", "è", "", ""}, true},
		{"b|xyz", []string{"a", "x", "y", "b"}, []string{"a", "", "", "xy"}, true},
		{"cd|bcde", []string{"a", "b", "c", "d"}, []string{"a", "", "", "b"}, true},
		{"cd|bcd", []string{"ab", "c", "de"}, []string{"a", "", ""}, true},
		{"d|bcd", []string{"abcde"}, []string{"a"}, true},
	} {
		got, stopped := passedOn(newStopper(strings.Split(tt.stops, "|")), tt.pieces)
		if !slices.Equal(got, tt.want) || stopped != tt.stop {
			t.Errorf("stops %q in %q: %q, stopped %v; want %q, %v", tt.stops, tt.pieces, got, stopped, tt.want, tt.stop)
		}
	}
}

// passedOn returns what a stopper lets pass of each piece.
func passedOn(s stopper, pieces []string) (out []string, stopped bool) {
	held := ""
	for _, piece := range pieces {
		held += piece
		n, stopped := s.add(piece)
		pass := held[:len(held)-n]
		if out = append(out, pass); stopped {
			return out, true
		}
		held = held[len(pass):]
	}
	return append(out, held), false
}

// TestStopperAgainstSearch looks for stop texts of few letters, which begin again within themselves, in pieces of any length.
func TestStopperAgainstSearch(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	letters := func(n int) string {
		b := make([]byte, n)
		for i := range b {
			b[i] = "ab"[r.IntN(2)]
		}
		return string(b)
	}
	found := 0
	for range 5000 {
		var pieces, stops []string
		for range r.IntN(20) {
			pieces = append(pieces, letters(r.IntN(4)))
		}
		for range 1 + r.IntN(3) {
			stops = append(stops, letters(1+r.IntN(7)))
		}
		want, text := strings.Join(pieces, ""), ""
		stop := false
		for _, piece := range pieces { // the first piece with which a stop text appears decides
			text += piece
			for _, s := range stops {
				if at := strings.Index(text, s); at >= 0 && at < len(want) {
					want, stop = text[:at], true
				}
			}
			if stop {
				found++
				break
			}
		}
		got, stopped := passedOn(newStopper(stops), pieces)
		if strings.Join(got, "") != want || stopped != stop {
			t.Fatalf("stops %q in %q: %q, stopped %v; want %q, %v", stops, pieces, got, stopped, want, stop)
		}
	}
	if found < 500 {
		t.Errorf("only %d texts stopped", found)
	}
}
