package corpus

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// TestFromDisk: a text that is read from files where bytes are needed is the text in memory, wherever blocks end: within
// characters, words, documents, line breaks.
func TestFromDisk(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	var memory, disk Text
	for i := range 5 {
		var b strings.Builder
		for b.Len() < []int{3 * blockSize, 0, 1, 20 * blockSize, blockSize}[i] {
			b.WriteString(texts[rng.IntN(len(texts))])
			b.WriteString([]string{"", "\n", "\r\n", "\n\n", "日本\n"}[rng.IntN(5)])
		}
		if i == 3 {
			b.WriteString(strings.Repeat("long", 15*blockSize) + "’s end")
		}
		path := filepath.Join(t.TempDir(), fmt.Sprint(i))
		if err := os.WriteFile(path, []byte(b.String()), 0o666); err != nil {
			t.Fatal(err)
		}
		memory.add(textPart(path, b.String()))
		if b.Len() == 0 {
			disk.add(textPart(path, ""))
			continue
		}
		disk.add(partOnDisk(t, path))
	}
	defer disk.Close()
	for _, kind := range Kinds() {
		for _, documents := range DocumentKinds() {
			t.Run(fmt.Sprintf("%s/%s", kind, documents), func(t *testing.T) { compareTexts(t, &disk, &memory, kind, documents) })
		}
	}
	want := make([]byte, memory.size)
	memory.ReadAt(want, 0)
	for range 200 {
		from := rng.Int64N(disk.size)
		got := make([]byte, min(rng.Int64N(3*blockSize), disk.size-from))
		if _, err := disk.ReadAt(got, from); err != nil || !bytes.Equal(got, want[from:][:len(got)]) {
			t.Fatalf("%d bytes at %d of the text on disk are others than in memory: %v", len(got), from, err)
		}
	}
}

// TestLineBreaks counts how lines end, in memory and on disk, across blocks and files.
func TestLineBreaks(t *testing.T) {
	const bom = "\ufeff"
	for _, tt := range []struct {
		files []string
		want  LineBreaks
	}{
		{[]string{"no line"}, LineBreaks{}},
		{[]string{"a\nb\n\n", "c\n"}, LineBreaks{LF: 4}},
		{[]string{"a\r\nb\r\n", "c\n\rd\r"}, LineBreaks{LF: 1, CRLF: 2, CR: 2}},
		{[]string{bom + "a\n", "b\n"}, LineBreaks{LF: 2, BOM: true}},
		{[]string{"a\n", bom + "b\n"}, LineBreaks{LF: 2}},
		{[]string{strings.Repeat("x", blockSize*mostBlocks-1) + "\r\n"}, LineBreaks{CRLF: 1}},
		{[]string{strings.Repeat("x", blockSize-1) + "\r\n\n" + strings.Repeat("\r\n", 20*blockSize)}, LineBreaks{LF: 1, CRLF: 20*blockSize + 1}},
	} {
		var memory, disk Text
		for i, file := range tt.files {
			path := filepath.Join(t.TempDir(), fmt.Sprint(i))
			if err := os.WriteFile(path, []byte(file), 0o666); err != nil {
				t.Fatal(err)
			}
			memory.add(textPart(path, file))
			disk.add(partOnDisk(t, path))
		}
		for _, text := range []*Text{&memory, &disk} {
			c, err := New(text, Options{})
			if err != nil {
				t.Fatal(err)
			}
			if c.LineBreaks != tt.want {
				t.Errorf("%.20q: %+v, want %+v", tt.files, c.LineBreaks, tt.want)
			}
		}
		disk.Close()
	}
}

func compareTexts(t *testing.T, got, want *Text, kind Kind, documents Documents) {
	var all [2][]int32
	var steps [2]Steps
	var facts [2]string
	for i, text := range []*Text{got, want} {
		c, err := New(text, Options{Kind: kind, Documents: documents, Valid: 0.3})
		if err != nil {
			t.Fatal(err)
		}
		facts[i] = fmt.Sprint(c.Alphabet.symbols, c.index, c.documents, c.n, c.train, c.Hash(), c.LineBreaks)
		r, err := c.Train().Streams(7)
		if err != nil {
			t.Fatal(err)
		}
		x, y := make([]int32, 7*90), make([]int32, 7*90)
		r.Starts = make([]bool, len(x))
		r.Shuffle(3, 1)
		for err = r.SetPosition(0); ; {
			var n int
			if err == nil {
				n, err = r.Next(x, y)
			}
			if err != nil {
				t.Fatal(err)
			}
			if n == 0 {
				break
			}
			all[i] = append(append(all[i], x[:7*n]...), y[:7*n]...)
		}
		if err := c.Alphabet.Feed(text, documents).Read(&steps[i], 1<<30); err != nil || len(steps[i].X) != int(c.n) {
			t.Fatalf("a feed of %d symbols has %d: %v", c.n, len(steps[i].X), err)
		}
	}
	if facts[0] != facts[1] {
		t.Errorf("on disk %.200s, in memory %.200s", facts[0], facts[1])
	}
	if !slices.Equal(all[0], all[1]) {
		t.Error("streams differ")
	}
	a, b := steps[0], steps[1]
	if !slices.Equal(a.X, b.X) || !slices.Equal(a.Y, b.Y) || !slices.Equal(a.Starts, b.Starts) || !bytes.Equal(a.bytes, b.bytes) {
		t.Error("feeds differ")
	}
}

// TestChangedText changes a file in every way while a text of it is being read, right after the first half was. Where bytes
// that were to be read are others than at the first reading, that is an error; where the text is still what it was, there
// is none.
func TestChangedText(t *testing.T) {
	const line = "the rain in Spain stays mainly in the plain\n"
	whole := strings.Repeat(line, 4000)
	half := len(whole) / 2
	for _, tt := range []struct {
		name   string
		change func(path string) error
		err    bool
	}{
		{"truncated", func(path string) error { return os.Truncate(path, int64(half)) }, true},
		{"truncated to nothing", func(path string) error { return os.Truncate(path, 0) }, true},
		{"rewritten with the same size", func(path string) error { return os.WriteFile(path, []byte(strings.ToUpper(whole)), 0o666) }, true},
		{"one byte", func(path string) error { return writeAt(path, "R", int64(len(whole)-len(line)+4)) }, true},
		{"one byte before the half", func(path string) error { return writeAt(path, "R", 4) }, false},
		{"rewritten with the same bytes", func(path string) error { return writeAt(path, whole, 0) }, false},
		{"appended to", func(path string) error { return writeAt(path, line, int64(len(whole))) }, false},
		{"replaced", func(path string) error {
			if err := os.WriteFile(path+".new", []byte(strings.ToUpper(whole)), 0o666); err != nil {
				return err
			}
			return os.Rename(path+".new", path)
		}, false},
		{"deleted", os.Remove, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, documents := range []Documents{Whole, Lines} {
				text := onDisk(t, whole)
				path := text.parts[0].name
				c, err := New(text, Options{Documents: documents})
				if err != nil {
					t.Fatal(err)
				}
				streams, err := c.Train().Streams(2)
				if err != nil {
					t.Fatal(err)
				}
				x, y := make([]int32, half), make([]int32, half) // half of each stream
				streams.Starts = make([]bool, half)
				if _, err := streams.Next(x, y); err != nil {
					t.Fatal(err)
				}
				feed := c.Alphabet.Feed(text, documents)
				var steps Steps
				if err := feed.Read(&steps, half); err != nil {
					t.Fatal(err)
				}
				if err := tt.change(path); err != nil {
					t.Fatal(err)
				}
				_, err = streams.Next(x, y)
				checkChange(t, "streams", path, err, tt.err)
				checkChange(t, "a feed", path, feed.Read(&steps, len(whole)), tt.err)
				_, err = io.Copy(io.Discard, io.NewSectionReader(text, int64(half), int64(half)))
				checkChange(t, "ReadAt", path, err, tt.err)
			}
		})
	}
}

func checkChange(t *testing.T, what, path string, err error, want bool) {
	t.Helper()
	if errors.Is(err, ErrChanged) != want || err != nil && (!strings.HasPrefix(err.Error(), path+" changed while it was read") || strings.Contains(err.Error(), "\n")) {
		t.Errorf("%s: error %v, want one about %s: %v", what, err, path, want)
	}
}

func writeAt(path, text string, at int64) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteAt([]byte(text), at)
	return errors.Join(err, f.Close())
}

// TestChangedBetweenReadings: a second corpus of a text must find what the first did.
func TestChangedBetweenReadings(t *testing.T) {
	text := onDisk(t, strings.Repeat("one\n", 5000))
	if _, err := New(text, Options{}); err != nil {
		t.Fatal(err)
	}
	if err := writeAt(text.parts[0].name, "two", 400); err != nil {
		t.Fatal(err)
	}
	if _, err := New(text, Options{}); !errors.Is(err, ErrChanged) {
		t.Errorf("error %v", err)
	}
}

// TestChangedBeforeReading: a file that is shorter at the first reading than when it was opened is not read as if it went on.
func TestChangedBeforeReading(t *testing.T) {
	for _, size := range []int64{0, 100, blockSize, blockSize + 100} {
		text := onDisk(t, strings.Repeat("one\n", 5000))
		if err := os.Truncate(text.parts[0].name, size); err != nil {
			t.Fatal(err)
		}
		if _, err := New(text, Options{}); !errors.Is(err, ErrChanged) {
			t.Errorf("%d bytes are left: error %v", size, err)
		}
	}
}

// busy is a file that somebody writes to after each of the first readings.
type busy struct {
	writes, growths int // of other bytes, of more bytes
	text            string
	stamp           int
}

func (b *busy) ReadAt(p []byte, offset int64) (int, error) {
	n, err := strings.NewReader(b.text).ReadAt(p, offset)
	switch {
	case b.writes > 0:
		b.text = string(b.text[0]+1) + b.text[1:]
		b.writes--
		b.stamp++
	case b.growths > 0:
		b.text += "more"
		b.growths--
		b.stamp++
	}
	return n, err
}

func (b *busy) Stat() (os.FileInfo, error) { return stamped{stamp: b.stamp}, nil }

type stamped struct {
	os.FileInfo
	stamp int
}

func (s stamped) ModTime() time.Time { return time.Unix(int64(s.stamp), 0) }

func TestReadAtRest(t *testing.T) {
	for _, tt := range []struct {
		b    busy
		want string
		err  error
	}{
		{busy{}, "abc", nil},
		{busy{writes: 1}, "bbc", nil},
		{busy{writes: 2, growths: 5}, "cbc", nil},
		{busy{growths: 100}, "abc", nil},
		{busy{writes: 100}, "", ErrChanged},
	} {
		tt.b.text = "abc"
		got, err := readAtRest(&tt.b, stamped{}, 3)
		if string(got) != tt.want || err != tt.err {
			t.Errorf("%+v: %q, %v; want %q, %v", tt.b, got, err, tt.want, tt.err)
		}
	}
	short := busy{text: "ab"}
	if _, err := readAtRest(&short, stamped{}, 3); err != io.EOF {
		t.Errorf("a file that is shorter than it was: error %v", err)
	}
}

// TestMarksAtBlocks: a character that could continue out of sight, and is due in the index, is noted there once.
func TestMarksAtBlocks(t *testing.T) {
	for symbols := indexStep; symbols <= 2*indexStep; symbols += indexStep {
		for end := symbols/blockSize + 1; end < 2*symbols/blockSize; end++ {
			for before := range utf8.UTFMax {
				wide := end*blockSize - before - symbols // characters of two bytes, so that the next begins there
				s := strings.Repeat("é", wide) + strings.Repeat("x", symbols-wide) + strings.Repeat("é", 2*indexStep)
				var index [2][]mark
				for i, text := range []*Text{onDisk(t, s), FromBytes("text", []byte(s))} {
					c, err := New(text, Options{})
					if err != nil {
						t.Fatal(err)
					}
					index[i] = c.index
				}
				if !slices.Equal(index[0], index[1]) {
					t.Fatalf("symbol %d is %d bytes before the end of block %d: index %v on disk, %v in memory", symbols, before, end, index[0], index[1])
				}
			}
		}
	}
}
