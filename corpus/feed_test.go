package corpus

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// slowDocuments cuts a text line by line.
func slowDocuments(kind Documents, text string) (documents []string) {
	begun, written := "", false
	for line := range strings.Lines(text) {
		begun += line
		blank := strings.Trim(line, " \t\v\f\r\n") == ""
		if strings.HasSuffix(line, "\n") && (kind == Lines || kind == Paragraphs && blank && written) {
			documents, begun, written = append(documents, begun), "", false
			continue
		}
		written = written || !blank
	}
	if begun != "" {
		documents = append(documents, begun)
	}
	return documents
}

// slowSymbols cuts a document into symbols: for each its name in the alphabet and what it is in the text.
func slowSymbols(kind Kind, text string) (names, pieces []string) {
	spaced := false
	add := func(name string, piece string) {
		names, pieces, text = append(names, name), append(pieces, piece), text[len(piece):]
	}
	for text != "" {
		_, size := utf8.DecodeRuneInString(text)
		word, space := slowWord(text), ""
		if word == "" && spaced && text[0] == ' ' {
			word, space = slowWord(text[1:]), " "
		}
		switch {
		case kind == Bytes:
			add(text[:1], text[:1])
		case kind == Chars || word == "":
			add(text[:size], text[:size])
		case spaced && space == "":
			add("", "")
			add(word, word)
		default:
			add(word, space+word)
		}
		last := names[len(names)-1]
		spaced = kind == Words && last != "" && (slowWord(last) != "" || strings.Contains(".,;:!?", last))
	}
	return names, pieces
}

// slowWord returns the word that a text begins with.
func slowWord(text string) (word string) {
	runes := []rune(text)
	is := func(i int) bool {
		return i < len(runes) && (unicode.IsLetter(runes[i]) || unicode.IsNumber(runes[i]) || unicode.IsMark(runes[i]))
	}
	for i := 0; is(i) || i > 0 && i < len(runes) && strings.ContainsRune("'-’", runes[i]) && is(i-1) && is(i+1); i++ {
		word += string(runes[i])
	}
	return word
}

// FuzzFeed compares a feed with the slow reading of the same text: from memory, in pieces, and from a file where a block
// ends within it.
func FuzzFeed(f *testing.F) {
	for i, s := range texts {
		f.Add(s, uint8(i), uint16(i*7))
	}
	f.Add("a\n\nb\n \n\nc 3.14 l’é\xff\xfe", uint8(5), uint16(3))
	f.Add("\r\n\n a\t\n\n'", uint8(8), uint16(8))
	var alphabets []*Alphabet
	for _, kind := range Kinds() {
		c, err := New(FromBytes("texts", []byte(strings.Join(texts, "\n"))), Options{Kind: kind})
		if err != nil {
			f.Fatal(err)
		}
		alphabets = append(alphabets, c.Alphabet)
	}
	f.Fuzz(func(t *testing.T, text string, kinds uint8, edge uint16) {
		kind, documents := Kinds()[kinds%3], DocumentKinds()[kinds/3%3]
		if kind == Bytes || !utf8.ValidString(text) && kind == Words { // a stray byte has no name in a list of names
			text = strings.ToValidUTF8(text, "?")
		}
		if text == "" {
			return
		}
		learned := alphabets[kinds%3]
		start := learned.Start()
		var want Steps
		for _, document := range slowDocuments(documents, text) {
			last := start
			names, pieces := slowSymbols(kind, document)
			for i, name := range names {
				id := learned.Escape()
				for j := range learned.Escape() {
					if learned.Symbol(j) == name {
						id = j
					}
				}
				want.X, want.Y = append(want.X, last), append(want.Y, id)
				want.Starts, want.bytes = append(want.Starts, i == 0), append(want.bytes, pieces[i]...)
				last = id
			}
		}
		feed := learned.Feed(FromBytes("text", []byte(text)), documents)
		var got, all Steps
		for n := int(edge%40) + 1; ; {
			if err := feed.Read(&got, n); err != nil {
				t.Fatal(err)
			}
			if len(got.X) == 0 {
				break
			}
			all.X, all.Y, all.Starts, all.bytes = append(all.X, got.X...), append(all.Y, got.Y...), append(all.Starts, got.Starts...), append(all.bytes, got.bytes...)
		}
		compareSteps(t, "from memory", all, want)

		// Before it are as many documents as make a block end within the text, or just before or behind it.
		before := strings.Repeat("\n\n", blockSize/2-1)
		before = before[:len(before)-2*(int(edge)%(len(text)/2+1))]
		disk := learned.Feed(onDisk(t, before+text), documents)
		for range before {
			if _, err := disk.Next(); err != nil {
				t.Fatal(err)
			}
		}
		if documents == Whole {
			want.X[0], want.Starts[0] = start, false
		} else if documents == Paragraphs { // which begins with the blank lines before it
			return
		}
		if err := disk.Read(&got, len(want.X)+1); err != nil {
			t.Fatal(err)
		}
		compareSteps(t, "from a file", got, want)
	})
}

// TestFeedAfterError: a feed that met what its alphabet lacks can read another text.
func TestFeedAfterError(t *testing.T) {
	c := open(t, Chars, 0, "ab")
	f := c.Alphabet.Feed(nil, Whole)
	var s Steps
	for _, tt := range []struct {
		text string
		want int
	}{{"abb", 3}, {"ab!a", -1}, {"ba", 2}} {
		f.Reset()
		f.Append([]byte(tt.text))
		if err := f.Read(&s, 10); (err != nil) != (tt.want < 0) || err == nil && len(s.X) != tt.want {
			t.Errorf("%q: %d time steps, error %v", tt.text, len(s.X), err)
		}
	}
}

// TestFeedReset: after Reset nothing is left of the text before, wherever that was left.
func TestFeedReset(t *testing.T) {
	texts := []string{"one", " two one\n", "one\n\n", "\n", " ", "two’s"}
	for _, kind := range Kinds() {
		c := open(t, kind, 0, "one two one two’s\n\n one")
		for _, documents := range DocumentKinds() {
			used := c.Alphabet.Feed(nil, documents)
			for _, before := range texts {
				for _, text := range texts {
					var got, want Steps
					for _, f := range []*Feed{used, c.Alphabet.Feed(nil, documents)} {
						got, want = want, Steps{}
						f.Append([]byte(text))
						if err := f.Read(&want, 100); err != nil {
							t.Fatal(err)
						}
					}
					compareSteps(t, fmt.Sprintf("%s by %s: %q after %q", kind, documents, text, before), got, want)
					used.Reset()
					used.Append([]byte(before))
					if err := used.Read(&got, 100); err != nil {
						t.Fatal(err)
					}
					used.Reset()
				}
			}
		}
	}
}

func compareSteps(t *testing.T, what string, got, want Steps) {
	t.Helper()
	if !slices.Equal(got.X, want.X) || !slices.Equal(got.Y, want.Y) || !slices.Equal(got.Starts, want.Starts) || string(got.bytes) != string(want.bytes) {
		t.Errorf("%s:\n%v %v %v %q, want\n%v %v %v %q", what, got.X, got.Y, got.Starts, got.bytes, want.X, want.Y, want.Starts, want.bytes)
	}
}

// TestFeedPosition reads lines, each with a feed that continues from the position of the one before.
func TestFeedPosition(t *testing.T) {
	text := "a dog sat, and\nso did I.\n\n\n I sat on\nit\n\nsat\n"
	for _, kind := range Kinds() {
		for _, documents := range DocumentKinds() {
			c, err := New(FromBytes("text", []byte(text)), Options{Kind: kind})
			if err != nil {
				t.Fatal(err)
			}
			feed := c.Alphabet.Feed(nil, documents)
			whole := c.Alphabet.Feed(nil, documents)
			whole.Append([]byte(text))
			for line := range strings.Lines(text) {
				if feed, err = c.Alphabet.FeedAt(documents, feed.Position()); err != nil {
					t.Fatal(err)
				}
				feed.Append([]byte(line))
				for {
					got, err := feed.Next()
					if err == io.EOF {
						break
					}
					want, _ := whole.Next()
					if err != nil || got.X != want.X || got.Y != want.Y || got.Starts != want.Starts || string(got.Text) != string(want.Text) {
						t.Fatalf("%s, %s: %+v in lines, %+v in the whole text; %v", kind, documents, got, want, err)
					}
				}
			}
			if _, err := c.Alphabet.FeedAt(documents, FeedPosition{Last: int32(c.Alphabet.Size())}); err == nil {
				t.Errorf("%s: a symbol that the alphabet lacks is no error", kind)
			}
		}
	}
}

// TestFeedEach shows in which order Each calls, and what ends it.
func TestFeedEach(t *testing.T) {
	a := open(t, Chars, 0, "ab\nba\n").Alphabet
	stop := errors.New("stop")
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	for _, tt := range []struct {
		name string
		ctx  context.Context
		text string
		next error // of the step that predicts b
		want string
		err  error
	}{
		{"to the end", context.Background(), "a\na", nil, `begin "\n", "a", "\n", begin "\n", "a", `, nil},
		{"nothing", context.Background(), "", nil, "", nil},
		{"an error of next", context.Background(), "aba", stop, `begin "\n", "a", "b", `, stop},
		{"an interruption", cancelled, "aba", nil, "", context.Canceled},
		{"an unknown symbol", context.Background(), "az", nil, `begin "\n", "a", `, &UnknownSymbolError{"z", 1}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			feed, got := a.Feed(nil, Lines), ""
			feed.Append([]byte(tt.text))
			err := feed.Each(tt.ctx, func(x int32) { got += fmt.Sprintf("begin %q, ", a.Symbol(x)) }, func(s Step) error {
				got += fmt.Sprintf("%q, ", s.Text)
				if string(s.Text) == "b" {
					return tt.next
				}
				return nil
			})
			if got != tt.want || fmt.Sprint(err) != fmt.Sprint(tt.err) {
				t.Errorf("Each of %q: %s%v; want %s%v", tt.text, got, err, tt.want, tt.err)
			}
		})
	}
}
