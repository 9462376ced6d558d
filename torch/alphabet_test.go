package torch

import (
	"archive/zip"
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/internal/pickle"
)

func TestReadAlphabet(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{ // symbols with bars between
		{"a list", `["a", "\n", "c"]`, "a|\n|c"},
		{"symbols to numbers", `{"a": 2, "b": 0, "c": 1}`, "b|c|a"},
		{"numbers to symbols", `{"2": "a", "0": "b", "1": "c"}`, "b|c|a"},
		{"digits to numbers", `{"0": 2, "1": 0, "2": 1}`, "1|2|0"},
		{"inside an object", `{"seed": 3, "model": {"stoi": {"a": 2, "b": 0, "c": 1}}}`, "b|c|a"},
		{"a text of JSON", `"abc"`, "a|b|c"},
		{"a text of JSON by name", `{"chars": "abc"}`, "a|b|c"},
		{"lines", "c\nthe\n\n", "c|the|\n"},
		{"lines of Windows", "\ufeffc\r\nthe\r\nd\r\n", "c|the|d"},
		{"a row", "cab\n", "c|a|b"},
		{"a row that ends with a line feed", "ca\n", "c|a|\n"},
		{"a row with a line feed inside", "c\nb", "c|\n|b"},
		{"a row like a list", `[1]`, "[|1|]"},
		{"a row like a number", "201\n", "2|0|1"},
	} {
		got, err := readAlphabet([]byte(tt.text), 3)
		if err != nil || strings.Join(got, "|") != tt.want {
			t.Errorf("%s: %q, %v; want %q", tt.name, got, err, tt.want)
		}
	}
}

func TestNewAlphabet(t *testing.T) {
	for _, tt := range []struct {
		name    string
		symbols []string
		kind    corpus.Kind
		want    string // form and symbols
		rows    []int
	}{
		{"characters", []string{"b", "é", "\n", "a"}, "", "4 chars: \"\\n\" \"a\" \"b\" \"é\"", []int{2, 3, 0, 1}},
		{"the escape is last", []string{"<unk>", "b", "a"}, "", "2 chars and the escape: \"a\" \"b\" \"\ufffd\"", []int{2, 1, 0}},
		{"words", []string{"the", ",", "cat", "<unk>"}, "", "3 words and the escape: \",\" \"cat\" \"the\" \"\ufffd\"", []int{1, 2, 0, 3}},
		{"characters as words", []string{"b", "a"}, corpus.Words, "2 words: \"a\" \"b\"", []int{1, 0}},
		{"bytes", []string{"\u00ff", "<unk>", "a"}, corpus.Bytes, "2 bytes and the escape: \"a\" \"\\xff\" \"\ufffd\"", []int{2, 0, 1}},
	} {
		a, rows, err := newAlphabet(tt.symbols, tt.kind)
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		got := a.String() + ":"
		for id := range a.Size() {
			got += fmt.Sprintf(" %q", a.Symbol(int32(id)))
		}
		if got != tt.want || !slices.Equal(rows, tt.rows) {
			t.Errorf("%s: %s, rows %v; want %s, %v", tt.name, got, rows, tt.want, tt.rows)
		}
	}
}

func TestAllBytes(t *testing.T) {
	symbols, _, err := (&checkpoint{}).alphabet(&layout{symbols: 256}, Options{Symbols: corpus.Bytes})
	if err != nil {
		t.Fatal(err)
	}
	a, rows, err := newAlphabet(symbols, corpus.Bytes)
	if err != nil || a.Size() != 256 || a.Symbol(200) != "\xc8" || rows[200] != 200 {
		t.Errorf("alphabet %v, rows %v, error %v", a, rows, err)
	}
}

// TestAlphabetsInCheckpoints finds alphabets where programs leave them.
func TestAlphabetsInCheckpoints(t *testing.T) {
	weights := network(2, 3, forged("1", 9, 0, shapeOf(3, 3), shapeOf(3, 1)))
	list := func(a, b string) string { return "](" + text(a) + text(b) + "e" }
	object := func(state, items string) string { return "cargparse\nNamespace\n)\x81" + items + state + "b" }
	for _, tt := range []struct{ name, beside, want string }{
		{"a list", text("itos") + list("x", "y"), "itos: x y"},
		{"a text", text("chars") + text("yx"), "chars: x y"},
		{"a text of another name", text("device") + text("yx"), "no alphabet of 2 symbols, one for each row of the output layer, is in the file; give one: alphabet FILE"},
		{"attributes", text("args") + object(dict(text("chars"), list("x", "y")), ""), "args.chars: x y"},
		{"a dict of another class", text("hyper_parameters") + object("}", "("+text("vocab")+list("x", "y")+"u"), "hyper_parameters.vocab: x y"},
		{"twice the same", text("itos") + list("x", "y") + text("stoi") + dict(text("x"), "K\x00", text("y"), "K\x01"), "itos: x y"},
		{"two others", text("itos") + list("x", "y") + text("stoi") + dict(text("x"), "K\x01", text("y"), "K\x00"),
			`the file has two alphabets, "itos" and "stoi"; say which it is: alphabet FILE`},
		{"another length", text("chars") + text("xyz"), `no alphabet of 2 symbols, one for each row of the output layer, is in the file; "chars" has 3 symbols; give one: alphabet FILE`},
		{"numbers from 1 on", text("stoi") + dict(text("x"), "K\x01", text("y"), "K\x02"),
			`no alphabet of 2 symbols, one for each row of the output layer, is in the file; "stoi" has 2 symbols, and none of number 0; give one: alphabet FILE`},
	} {
		b := packed(t, "}("+text("state_dict")+weights+tt.beside+"u", zip.Store)
		made, err := Read(bytes.NewReader(b), int64(len(b)), Options{})
		got := fmt.Sprint(err)
		if err == nil {
			got = made.Alphabet + ":"
			for id := range made.Model.Alphabet.Size() {
				got += " " + made.Model.Alphabet.Symbol(int32(id))
			}
		}
		if got != tt.want {
			t.Errorf("%s: %s\nwant %s", tt.name, got, tt.want)
		}
	}
}

// TestSharedAlphabets: a value that a file names many times is kept once, and texts are kept up to a limit.
func TestSharedAlphabets(t *testing.T) {
	list, all := &pickle.List{}, &pickle.Dict{}
	for i := range 1000 {
		list.Items = append(list.Items, fmt.Sprint(i))
	}
	text := strings.Repeat("x", mostLetters/4)
	for i := range 100 {
		all.Items = append(all.Items, pickle.Item{Key: fmt.Sprint("list", i), Value: list}, pickle.Item{Key: fmt.Sprint("tok", i), Value: text})
	}
	lists, texts, first := 0, 0, []string(nil)
	for _, a := range findAlphabets(all) {
		if strings.HasPrefix(a.name, "tok") {
			texts++
			continue
		}
		if first == nil {
			first = a.symbols
		}
		if lists++; len(a.symbols) != 1000 || &a.symbols[0] != &first[0] {
			t.Errorf("%s %s, in memory of its own", a.name, a.describe())
		}
	}
	if lists != 100 || texts != 4 {
		t.Errorf("%d lists and %d texts, want 100 and 4", lists, texts)
	}
}
