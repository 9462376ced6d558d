package export

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/seed-f4dd853e/elman/corpus"
)

// TestAlphabet writes texts with nothing but the JSON of an alphabet, as other programs do.
func TestAlphabet(t *testing.T) {
	const learned = "The king's men, all of them: they went \"home\"; the king stayed.\n\nTHE END \u00e9\u4e16 the them then king\n"
	for _, tt := range []struct {
		name    string
		options corpus.Options
	}{
		{"bytes", corpus.Options{Kind: corpus.Bytes}},
		{"closed bytes", corpus.Options{Kind: corpus.Bytes, Closed: true}},
		{"characters", corpus.Options{Kind: corpus.Chars}},
		{"lower-case characters", corpus.Options{Kind: corpus.Chars, Lowercase: true}},
		{"words", corpus.Options{Kind: corpus.Words}},
		{"subwords", corpus.Options{Kind: corpus.Subwords, AlphabetSize: 270}},
		{"lower-case subwords", corpus.Options{Kind: corpus.Subwords, AlphabetSize: 270, Lowercase: true}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, err := corpus.New(corpus.FromBytes("text", []byte(learned)), tt.options)
			if err != nil {
				t.Fatal(err)
			}
			a := c.Alphabet
			b, err := json.Marshal(describe(a))
			if err != nil {
				t.Fatal(err)
			}
			var d alphabet
			if err := json.Unmarshal(b, &d); err != nil {
				t.Fatal(err)
			}
			ids, err := a.Encode("They, the king; \"THE end\"\nmen then \u00e9\u4e16 went home.")
			if err != nil {
				ids, err = a.Encode("the king then.\n")
			}
			if err != nil {
				t.Fatal(err)
			}
			var text []byte
			for i, id := range ids {
				if i > 0 && slices.Contains(d.SpaceAfter, ids[i-1]) && slices.Contains(d.SpaceBefore, id) {
					text = append(text, ' ')
				}
				text = append(text, encode(d.Symbols[id], d.Encoding)...)
			}
			if want := a.Decode(ids); string(text) != want {
				t.Errorf("the symbols %v make %q, want %q", ids, text, want)
			}
			if len(d.Symbols) != a.Size() || d.Start != a.Start() || !slices.Equal(d.Unwritten, a.Unwritten()) || (d.Escape == nil) != (a.Escape() < 0) {
				t.Errorf("%s", b)
			}
			for i, pair := range d.Merges {
				if d.Symbols[256+i] != d.Symbols[pair[0]]+d.Symbols[pair[1]] {
					t.Errorf("%q is not made of %q and %q", d.Symbols[256+i], d.Symbols[pair[0]], d.Symbols[pair[1]])
				}
			}
			if (len(d.Merges) > 0) != (a.Kind() == corpus.Subwords) || (len(d.SpaceAfter) > 0) != (a.Kind() == corpus.Words) {
				t.Errorf("%s", b)
			}
		})
	}
}

// encode is what Python and JavaScript do with these names.
func encode(s, encoding string) (b []byte) {
	if encoding == "utf8" {
		return []byte(s)
	}
	for _, r := range s {
		if r > 0xff {
			panic("no character of Latin-1")
		}
		b = append(b, byte(r))
	}
	return b
}
