package corpus

import (
	"io"
	"math/rand/v2"
	"strings"
	"testing"
)

// TestOpenFeed appends texts cut anywhere to an open feed, which must read what a feed of the whole text reads.
func TestOpenFeed(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 10))
	parts := []string{"a", "don", "'", "-", "’", " ", " ", "\n", ",", ".", "3", "ж", "日", "\u0301", "é", "\xd0", "\xe6\x97", "\xff", "😀", "\u200d", "\r\n", "\n\n"}
	for _, kind := range Kinds() {
		a := openAlphabet(t, kind, 1, strings.Join(parts[:14], " "))
		for _, documents := range DocumentKinds() {
			for range 300 {
				var b strings.Builder
				for range rng.IntN(12) {
					b.WriteString(parts[rng.IntN(len(parts))])
				}
				text := b.String()
				whole := a.Feed(nil, documents)
				whole.Append([]byte(text))
				want, _ := steps(t, whole)
				f := a.Feed(nil, documents)
				f.Open = true
				var got []string
				waiting := 0
				for rest := text; rest != ""; {
					n := 1 + rng.IntN(len(rest))
					f.Append([]byte(rest[:n]))
					some, size := steps(t, f)
					got, rest = append(got, some...), rest[n:]
					waiting += n - size
				}
				f = f.Clone()
				f.Open = false
				rest, size := steps(t, f)
				if got = append(got, rest...); strings.Join(got, "|") != strings.Join(want, "|") || size != waiting {
					t.Fatalf("%s, %s: %q is read as\n%q, want\n%q; %d bytes waited, %d came at the end", kind, documents, text, got, want, waiting, size)
				}
				if kind == Bytes && waiting > 0 || kind == Chars && waiting > 3 {
					t.Fatalf("%s: %d bytes of %q wait", kind, waiting, text)
				}
			}
		}
	}
}

// TestCloneIsIndependent: what a clone holds back is its own.
func TestCloneIsIndependent(t *testing.T) {
	f := openAlphabet(t, Chars, 1, "é").Feed(nil, Whole)
	f.Open = true
	piece := []byte("\xc3")
	f.Append(piece)
	steps(t, f)
	c := f.Clone()
	piece[0] = 'x'
	c.Append([]byte("\xa9"))
	if got, _ := steps(t, c); len(got) != 1 || !strings.HasSuffix(got[0], "é") {
		t.Errorf("the clone reads %q", got)
	}
}

// steps reads a feed to its end, and returns the bytes too.
func steps(t *testing.T, f *Feed) (all []string, size int) {
	t.Helper()
	for {
		s, err := f.Next()
		if err == io.EOF {
			return all, size
		}
		if err != nil {
			t.Fatal(err)
		}
		size += len(s.Text)
		all = append(all, string(rune('A'+s.X))+string(rune('A'+s.Y))+map[bool]string{true: "*"}[s.Starts]+string(s.Text))
	}
}
