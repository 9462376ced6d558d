package corpus

import (
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// TestRarePairs: a pair that occurs once makes no symbol.
func TestRarePairs(t *testing.T) {
	for text, want := range map[string]int{"abcd": 256, "ab cd ab": 257} {
		c, err := New(FromBytes("text", []byte(text)), Options{Kind: Subwords})
		if err != nil {
			t.Fatal(err)
		}
		if got := c.Alphabet.Size(); got != want {
			t.Errorf("%q has %d subwords, want %d", text, got, want)
		}
	}
}

// TestBPE holds learning and reading against testdata/bpe.py, which does both by the definition: the pair that is merged next is
// looked for in the whole text, and a text is segmented merge after merge.
func TestBPE(t *testing.T) {
	b, err := os.ReadFile(filepath.Join("testdata", "bpe.json"))
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Learn, Read string
		Size, Least int
		Merges      [][2]int32
		IDs         []int32
	}
	if err := json.Unmarshal(b, &cases); err != nil {
		t.Fatal(err)
	}
	unhex := func(s string) []byte {
		b, err := hex.DecodeString(s)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	for i, tt := range cases {
		var want []int32
		for _, m := range tt.Merges {
			want = append(want, m[:]...)
		}
		c, err := New(FromBytes("text", unhex(tt.Learn)), Options{Kind: Subwords, MinCount: tt.Least, AlphabetSize: tt.Size})
		if err != nil {
			t.Fatal(err)
		}
		if got := c.Alphabet.Merges(); !slices.Equal(got, want) {
			t.Errorf("case %d: merges %v\nwant %v", i, got, want)
			continue
		}
		if ids, err := c.Alphabet.Encode(string(unhex(tt.Read))); err != nil || !slices.Equal(ids, tt.IDs) {
			t.Errorf("case %d: %q is %v, %v\nwant %v", i, unhex(tt.Read), ids, err, tt.IDs)
		}
	}
	if len(cases) < 10 {
		t.Errorf("%d cases", len(cases))
	}
}
