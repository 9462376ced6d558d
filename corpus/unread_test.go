package corpus

import (
	"io"
	"testing"
)

// FuzzUnread takes a text apart with alphabets that lack most of it, and puts it together again.
func FuzzUnread(f *testing.F) {
	for _, text := range []string{"", "a b", "3,4  (two)", "a\xff b\xfe", "Aye, he's here.\n", " a  b", "é\xc3", "a,b ,c d-e 'f'"} {
		f.Add(text)
	}
	var all []*Alphabet
	for _, kind := range Kinds() {
		for _, closed := range []bool{false, true} {
			c, err := New(FromBytes("x", []byte("a b, c.\n")), Options{Kind: kind, Closed: closed})
			if err != nil {
				f.Fatal(err)
			}
			all = append(all, c.Alphabet)
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, a := range all {
			feed, u := a.Feed(nil, Whole), a.Unreader()
			feed.Unknown = true
			feed.Append([]byte(text))
			var got []byte
			for {
				step, err := feed.Next()
				if err == io.EOF {
					break
				}
				if err != nil {
					t.Fatal(err)
				}
				symbol := string(a.AsSpelled(step.Text))
				if step.Y >= 0 && step.Y != a.Escape() && symbol != a.Symbol(step.Y) {
					t.Errorf("%v: %q stands for %q", a, symbol, a.Symbol(step.Y))
				}
				got = u.Append(got, symbol)
			}
			if string(got) != text {
				t.Errorf("%v: %q becomes %q", a, text, got)
			}
		}
	})
}
