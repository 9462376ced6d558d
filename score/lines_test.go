package score

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/seed-f4dd853e/elman/corpus"
)

// TestLongLine: a line that is alone, or has come to be, goes on in windows of one stream.
func TestLongLine(t *testing.T) {
	m := untrained(t, corpus.Options{})
	long := []byte(strings.Repeat(verse, 20))
	lines := [][]byte{long}
	s := New(m, Extras{})
	want := bits(t, s, string(long))
	for range 2 {
		var got []Bits
		if err := s.Lines(context.Background(), lines, func(i int, x Symbol) error {
			if i == len(lines)-1 {
				got = append(got, x.Bits)
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got, want) {
			t.Errorf("the last of %d lines takes other bits than alone", len(lines))
		}
		if side := s.lines.window.Rows(); side > 0 != (len(lines) > 1) || s.lines.single.Rows() == 0 {
			t.Errorf("%d lines: the last window of many streams had %d rows, that of one %d", len(lines), side, s.lines.single.Rows())
		}
		lines = nil
		for range fewLines {
			lines = append(lines, long[:lineSteps+1])
		}
		lines = append(lines, long)
	}
}
