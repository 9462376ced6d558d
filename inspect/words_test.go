package inspect

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/rnn"
	"github.com/seed-f4dd853e/elman/score"
)

// TestWordScanner: words and the pieces with their last letters, however the text is cut.
func TestWordScanner(t *testing.T) {
	for _, tt := range []struct {
		pieces string // between bars
		want   string // WORD@PIECE
	}{
		{"th|e ca|t.", "the@1 cat@2"},
		{" upon| the|,|", "upon@0 the@1"},
		{"don't 'tis' o’er", "don't@0 tis@0 o’er@0"},
		{"a|'|b|'|", "a'b@2"},
		{"na\xc3|\xaf|ve \xe2\x80|\x94x", "naïve@2 x@3"},
		{"e|\u0301a b1c", "e\u0301a@1 b@1 c@1"},
		{"one two three", "one@0 two@0 three@0"},
		{"", ""},
	} {
		var s wordScanner
		var got []string
		ended := func(word []byte, last int) { got = append(got, fmt.Sprintf("%s@%d", word, last)) }
		for _, piece := range strings.Split(tt.pieces, "|") {
			s.read([]byte(piece), ended)
		}
		s.end(ended)
		if got := strings.Join(got, " "); got != tt.want {
			t.Errorf("%q: %s, want %s", tt.pieces, got, tt.want)
		}
	}
}

func TestFrequentWords(t *testing.T) {
	text := corpus.FromBytes("text", []byte("b a c, a b! a; d"))
	if got, err := frequentWords(text, 3); err != nil || !slices.Equal(got, []string{"a", "b", "c"}) {
		t.Errorf("%v, error %v", got, err)
	}
	if got, err := frequentWords(corpus.FromBytes("text", []byte("12 .")), 3); err != nil || len(got) != 0 {
		t.Errorf("of none %v, error %v", got, err)
	}
}

// TestMeanStatesByDefinition compares mean states of words and symbols with a plain computation from a trace, for symbols that
// are parts of words and whole ones, in documents too.
func TestMeanStatesByDefinition(t *testing.T) {
	const H = 4
	for _, tt := range []struct {
		kind      corpus.Kind
		documents corpus.Documents
	}{{corpus.Chars, corpus.Whole}, {corpus.Bytes, corpus.Lines}, {corpus.Words, corpus.Whole}} {
		m := verseModel(t, corpus.Options{Kind: tt.kind, Documents: tt.documents}, rnn.Config{Cell: "gru", Hidden: H})
		text := someText(40)
		chosen, err := frequentWords(corpus.FromBytes("text", []byte(text)), 6)
		if err != nil {
			t.Fatal(err)
		}
		words, ids := &MeanStates{Model: m, Chosen: chosen}, &MeanStates{Model: m}
		trace := &Trace{Quantities: []string{"h"}}
		if _, err := Read(t.Context(), m, corpus.FromBytes("text", []byte(text)), score.Extras{}, words, ids, trace); err != nil {
			t.Fatal(err)
		}
		h := trace.Values(0, "h")
		row := func(byteAt int) int { // the symbol with a byte
			at := 0
			for i, x := range trace.Symbols {
				if at += len(x.Text); at > byteAt {
					return i
				}
			}
			return -1
		}
		check := func(of string, leaves []Leaf, means [][]float64, rows func(text string) []int) {
			t.Helper()
			for i, l := range leaves {
				all := rows(l.Text)
				if int(l.Count) != len(all) {
					t.Errorf("%s: %s %q occurs %d times, want %d", tt.kind, of, l.Text, l.Count, len(all))
				}
				for j := range H {
					want := 0.0
					for _, r := range all {
						want += float64(h[r*H+j]) / float64(len(all))
					}
					if math.Abs(means[i][j]-want) > 1e-6 {
						t.Errorf("%s: %s %q has unit %d at %v, want %v", tt.kind, of, l.Text, j, means[i][j], want)
					}
				}
			}
		}
		leaves, means := words.States(6)
		if len(leaves) != 6 {
			t.Errorf("%s: %d words, want 6", tt.kind, len(leaves))
		}
		check("word", leaves, means, func(word string) (rows []int) {
			var s wordScanner
			for i := range len(text) {
				s.read([]byte{text[i]}, func(w []byte, last int) {
					if string(w) == word {
						rows = append(rows, row(last))
					}
				})
			}
			s.end(func(w []byte, last int) {
				if string(w) == word {
					rows = append(rows, row(last))
				}
			})
			return rows
		})
		leaves, means = ids.States(5)
		check("symbol", leaves, means, func(text string) (rows []int) {
			for i, x := range trace.Symbols {
				if label(m.Alphabet, x.ID) == text {
					rows = append(rows, i)
				}
			}
			return rows
		})
	}
}

func TestNewick(t *testing.T) {
	tree := Cluster([][]float64{{0}, {10}, {1}}, Average)
	if got := tree.newick([]Leaf{{"a", 1}, {"don't", 1}, {"c", 1}}); got != "('don''t':9.5,('a':1,'c':1):8.5);" {
		t.Errorf("%s", got)
	}
	members := tree.members([]Leaf{{"a", 1}, {"b", 1}, {"c", 1}})
	if got := strings.Join(members[len(members)-1], " "); got != "b a c" {
		t.Errorf("the members are %s", got)
	}
}

// FuzzWordScanner: the words of a text are the same however it is cut.
func FuzzWordScanner(f *testing.F) {
	for _, text := range []string{"don't 'tis", "na\xc3\xafve \xe2\x80\x94x", "\xff\xc3a", "e\u0301'’b"} {
		f.Add([]byte(text), 2)
	}
	f.Fuzz(func(t *testing.T, text []byte, at int) {
		at = min(max(0, at), len(text))
		words := func(pieces ...[]byte) (all []string) {
			var s wordScanner
			ended := func(word []byte, last int) {
				if all = append(all, string(word)); len(word) == 0 || last >= len(pieces) {
					t.Errorf("%q: word %q in piece %d", text, word, last)
				}
			}
			for _, p := range pieces {
				s.read(p, ended)
			}
			s.end(ended)
			return all
		}
		if got, want := words(text[:at], text[at:]), words(text); !slices.Equal(got, want) {
			t.Errorf("%q cut at %d: %q, want %q", text, at, got, want)
		}
	})
}
