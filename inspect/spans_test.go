package inspect

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/seed-f4dd853e/elman/score"
)

// TestSpansByDefinition compares spans, that reach over chunks and end at documents, with a plain search.
func TestSpansByDefinition(t *testing.T) {
	const H, n = 3, 4000
	r := rand.New(rand.NewPCG(1, 2))
	values, ends := make([]float32, n*H), make([]bool, n)
	for i := range values {
		if values[i] = r.Float32()*2 - 1; i >= H && r.IntN(4) > 0 {
			values[i] = values[i-H]
		}
	}
	for i := range ends {
		ends[i] = r.IntN(50) == 0
	}
	conditions := []Condition{{Unit: Unit{0, "h", 2}}, {Unit: Unit{0, "h", 0}, Negative: true}}
	spans := &Spans{Units: conditions, Threshold: 0.1, Most: 40}
	text := func(i int) []byte { return []byte("abc"[:1+i%3]) }
	for first := 0; first < n; {
		last := min(n, first+1+r.IntN(200))
		c := &Chunk{First: int64(first), Ends: ends[first:last], layers: 1, names: []string{"h"}, values: [][]float32{values[first*H : last*H]}}
		for i := first; i < last; i++ {
			c.Symbols = append(c.Symbols, score.Symbol{Text: text(i)})
		}
		if err := spans.Observe(c); err != nil {
			t.Fatal(err)
		}
		first = last
	}
	got := spans.Result()

	want := &SpanResult{Units: conditions, Threshold: 0.1, Symbols: n}
	offset, open := 0, Span{}
	for i := range n {
		on := values[i*H+2] > 0.1 && values[i*H] < -0.1
		if on {
			if open.Symbols == 0 {
				open.Offset = int64(offset)
			}
			open.Symbols++
			open.Text += string(text(i))
			open.Size = int64(len(open.Text))
			want.On++
		}
		offset += len(text(i))
		if open.Symbols > 0 && (!on || ends[i] || i == n-1) {
			want.Count++
			want.Longest = append(want.Longest, open)
			open = Span{}
		}
	}
	slices.SortStableFunc(want.Longest, func(a, b Span) int { return int(b.Symbols - a.Symbols) })
	want.Longest = want.Longest[:40]
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%d spans with %d symbols, the longest %v; want %d with %d, %v", got.Count, got.On, got.Longest[0], want.Count, want.On, want.Longest[0])
	}
}

func TestConditions(t *testing.T) {
	for _, tt := range []struct {
		c  Condition
		x  float32
		id string
		on bool
	}{
		{Condition{Unit: Unit{1, "h", 3}}, 0.4, "2:3", true},
		{Condition{Unit: Unit{1, "h", 3}}, 0.3, "2:3", false},
		{Condition{Unit: Unit{1, "h", 3}}, -0.4, "2:3", false},
		{Condition{Unit: Unit{0, "h", 3}, Negative: true}, -0.4, "-1:3", true},
		{Condition{Unit: Unit{0, "h", 3}, Negative: true}, 0.4, "-1:3", false},
	} {
		if on, id := tt.c.on(tt.x, 0.3), tt.c.ID(); on != tt.on || id != tt.id {
			t.Errorf("%+v at %v: on %v, ID %s; want %v, %s", tt.c, tt.x, on, id, tt.on, tt.id)
		}
	}
}
