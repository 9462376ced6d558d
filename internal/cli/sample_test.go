package cli

import (
	"bufio"
	"strings"
	"testing"

	"github.com/seed-f4dd853e/elman/generate"
	"github.com/seed-f4dd853e/elman/internal/term"
)

// TestSampleWriter: samples that come side by side leave in order, the first unfinished one piece by piece; what breaks off
// leaves what was whole.
func TestSampleWriter(t *testing.T) {
	pieces := []generate.Piece{
		{Sample: 0, Text: "a"}, {Sample: 1, Text: "b"}, {Sample: 2, Text: "\xd0"},
		{Sample: 0, Text: "A"}, {Sample: 1, Text: "B", Last: true}, {Sample: 2, Text: "\xb6", Last: true},
		{Sample: 0, Last: true},
		{Sample: 4, Text: "\xff\x1b", Last: true}, {Sample: 3, Text: "c"}, {Sample: 5, Text: "lost"}, {Sample: 6, Text: "e", Last: true},
	}
	for _, tt := range []struct {
		name   string
		asJSON bool
		steps  []string // what has been written after each piece
		end    string
	}{
		{"text", false, []string{"a", "a", "a", "aA", "aA", "aA", "aA\nbB\nж\n", "aA\nbB\nж\n", "aA\nbB\nж\nc", "aA\nbB\nж\nc", "aA\nbB\nж\nc"},
			"aA\nbB\nж\nc\n\xff\x1b\ne\n"},
		{"json", true, []string{"", "", "", "", "", "", first3, first3, first3, first3, first3},
			first3 + `{"sample":4,"text":"\ufffd\u001b","hex":"ff1b"}` + "\n" + `{"sample":6,"text":"e"}` + "\n"},
	} {
		var b strings.Builder
		w := &sampleWriter{out: bufio.NewWriter(&b), asJSON: tt.asJSON, waiting: map[int]*waitingSample{}}
		for i, p := range pieces {
			if err := w.piece(p); err != nil || b.String() != tt.steps[i] {
				t.Errorf("%s: after %+v %q, %v; want %q", tt.name, p, b.String(), err, tt.steps[i])
			}
		}
		if err := w.end(); err != nil || b.String() != tt.end {
			t.Errorf("%s: at the end %q, %v; want %q", tt.name, b.String(), err, tt.end)
		}
	}
}

// TestSampleWriterGoesOn: a sample that waited and is not finished is written as far as it is, and goes on piece by piece.
func TestSampleWriterGoesOn(t *testing.T) {
	var b strings.Builder
	w := &sampleWriter{out: bufio.NewWriter(&b), waiting: map[int]*waitingSample{}}
	for _, step := range []struct {
		p    generate.Piece
		want string
	}{
		{generate.Piece{Sample: 0, Text: "a"}, "a"}, {generate.Piece{Sample: 1, Text: "b"}, "a"},
		{generate.Piece{Sample: 0, Text: "A", Last: true}, "aA\nb"}, {generate.Piece{Sample: 1, Text: "c"}, "aA\nbc"},
		{generate.Piece{Sample: 1, Last: true}, "aA\nbc\n"}, {generate.Piece{Sample: 2, Text: "d"}, "aA\nbc\nd"},
	} {
		if err := w.piece(step.p); err != nil || b.String() != step.want {
			t.Errorf("after %+v %q, %v; want %q", step.p, b.String(), err, step.want)
		}
	}
}

const first3 = `{"sample":0,"text":"aA"}` + "\n" + `{"sample":1,"text":"bB"}` + "\n" + `{"sample":2,"text":"ж"}` + "\n"

// TestSamplesOfBytes: a terminal gets characters whole that come byte by byte, and what is none as �.
func TestSamplesOfBytes(t *testing.T) {
	for text, want := range map[string]string{
		"жук":              "жук\n",
		"日\xe6\x97":        "日��\n", // cut by the end
		"\xe6\x97a":        "��a\n",
		"\xf0\x9f\x98\x80": "😀\n",
		"\x80\x80\x80\x80": "����\n",
		"\xe2\x80\xae":     "�\n", // turns the direction
	} {
		var b strings.Builder
		w := &sampleWriter{out: bufio.NewWriter(term.NewWriter(&b, &term.Terminal{})), waiting: map[int]*waitingSample{}}
		for i := range len(text) {
			if err := w.piece(generate.Piece{Text: text[i:][:1], Last: i == len(text)-1}); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.end(); err != nil { // there is nothing left to end
			t.Fatal(err)
		}
		if b.String() != want {
			t.Errorf("%q comes as %q, want %q", text, b.String(), want)
		}
	}
}
