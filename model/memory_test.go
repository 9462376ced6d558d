package model

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/internal/safetensors"
	"github.com/seed-f4dd853e/elman/rnn"
)

// withSymbols returns a file of a model with these symbols and all weights 0.
func withSymbols(t testing.TB, kind corpus.Kind, symbols []string, hidden, layers int) []byte {
	t.Helper()
	v, h := len(symbols), hidden
	object, err := json.Marshal(header{Format: 2, Network: rnn.Config{Symbols: v, Hidden: h, Layers: layers}, Alphabet: corpus.Form{Kind: kind}})
	if err != nil {
		t.Fatal(err)
	}
	var ts []safetensors.Source
	for l, in := 0, v; l < layers; l, in = l+1, h {
		ts = append(ts, zeros(fmt.Sprint("rnn.weight_ih_l", l), h, in), zeros(fmt.Sprint("rnn.bias_ih_l", l), h),
			zeros(fmt.Sprint("rnn.weight_hh_l", l), h, h), zeros(fmt.Sprint("rnn.bias_hh_l", l), h))
	}
	ts = append(ts, zeros("decoder.weight", v, h), zeros("decoder.bias", v))
	return crafted(string(object), append(ts, alphabetTensors(symbols...)...)...)
}

// some returns n symbols in ascending order, each a string of the code that it is given.
func some(n int, symbol func(i int) string) (all []string) {
	for i := range n {
		all = append(all, symbol(i))
	}
	return all
}

// TestMemoryOfWholeFiles reads models that are as they should be, with all in their headers that takes memory.
func TestMemoryOfWholeFiles(t *testing.T) {
	word := func(i int) string { // three letters, ascending
		return string([]byte{byte('a' + i/676%26), byte('a' + i/26%26), byte('a' + i%26)})
	}
	for _, tt := range []struct {
		name string
		file []byte
	}{
		{"one high character", withSymbols(t, corpus.Chars, []string{"\U0010FFFF"}, 1, 1)},
		{"a low and a high character", withSymbols(t, corpus.Chars, []string{"a", "\U0010FFFF"}, 1, 1)},
		{"a character of each page", withSymbols(t, corpus.Chars, some(8192, func(i int) string { return string(rune(0x10000 + 128*i)) }), 1, 1)},
		{"the characters of Chinese", withSymbols(t, corpus.Chars, some(20000, func(i int) string { return string(rune(0x4e00 + i)) }), 1, 1)},
		{"short words", withSymbols(t, corpus.Words, some(17576, word), 1, 1)},
		{"long words", withSymbols(t, corpus.Words, some(1000, func(i int) string { return word(i) + strings.Repeat("x", 2000) }), 1, 1)},
		{"one word of a megabyte", withSymbols(t, corpus.Words, []string{strings.Repeat("x", 1<<20)}, 1, 1)},
		{"many layers", withSymbols(t, corpus.Chars, []string{"a"}, 1, 64)},
		{"matrices of a megabyte", withSymbols(t, corpus.Chars, []string{"a", "\U0010FFFF"}, 512, 3)},
		{"a matrix of long rows", withSymbols(t, corpus.Words, some(17576, word), 16, 1)},
	} {
		if _, err := readMeasured(t, tt.name, tt.file); err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

// TestMemoryOfManyLayers reads what Write wrote of the deepest networks, whose weights are less than their names.
func TestMemoryOfManyLayers(t *testing.T) {
	for _, info := range rnn.Cells() {
		cell := info.Name
		network, err := rnn.New(rnn.Config{Cell: cell, Symbols: 1, Hidden: 1, Layers: 64})
		if err != nil {
			t.Fatal(err)
		}
		file := write(t, &Model{Network: network, Alphabet: alphabetOf(t, corpus.Chars, "a")})
		if _, err := readMeasured(t, cell, file); err != nil {
			t.Errorf("%s: %v", cell, err)
		}
	}
}

// repeat joins n texts that may hold their number.
func repeat(n int, format string) string {
	var b strings.Builder
	for i := range n {
		if strings.Contains(format, "%") {
			fmt.Fprintf(&b, format, i)
		} else {
			b.WriteString(format)
		}
	}
	return strings.TrimSuffix(b.String(), ",")
}

// largeHeaders are headers of some megabytes without data, made to take more memory than they have bytes.
func largeHeaders(n int) map[string]string {
	elman := func(network, alphabet string) string {
		return `{"__metadata__":{"elman":"{\"format\":1,\"network\":` + network + `,\"alphabet\":{` + alphabet + `}}"}}`
	}
	const network = `{\"symbols\":1,\"hidden\":1}`
	words := func(format string) string {
		return elman(network, `\"kind\":\"words\",\"symbols\":[`+repeat(n/10, format)+`]`)
	}
	return map[string]string{
		"tensors":                   "{" + repeat(n/50, `"%d":{"dtype":"U8","shape":[],"data_offsets":[0,0]},`) + "}",
		"tensors of many sizes":     "{" + repeat(n/180, `"%d":{"dtype":"U8","shape":[0`+strings.Repeat(",0", 63)+`],"data_offsets":[0,0]},`) + "}",
		"tensors of the same name":  "{" + repeat(n/50, `"x":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},`) + "}",
		"offsets but no tensors":    `{"x":[` + strings.Repeat(`"data_offsets",`, n/15) + "]}",
		"a tensor of many fields":   `{"x":{` + repeat(n/10, `"%d":1,`) + "}}",
		"a shape without end":       `{"x":{"shape":[` + repeat(n/2, "0,") + "]}}",
		"metadata":                  `{"__metadata__":{` + repeat(n/10, `"%d":"",`) + "}}",
		"a value":                   `{"__metadata__":{"elman":"` + strings.Repeat("x", n) + `"}}`,
		"a value of escapes":        `{"__metadata__":{"elman":"` + strings.Repeat(`\u0000`, n/6) + `"}}`,
		"a value of large escapes":  `{"__metadata__":{"elman":"` + strings.Repeat(`\uD83D\uDE00`, n/12) + `"}}`,
		"a value of backslashes":    `{"__metadata__":{"elman":"` + strings.Repeat(`\\`, n/2) + `"}}`,
		"a name":                    `{"` + strings.Repeat("x", n) + `":1}`,
		"a name of escapes":         `{"` + strings.Repeat(`\u0000`, n/6) + `":1}`,
		"a key":                     `{"__metadata__":{"` + strings.Repeat("x", n) + `":""}}`,
		"a type":                    `{"x":{"dtype":"` + strings.Repeat("x", n) + `"}}`,
		"a number":                  `{"x":{"shape":[` + strings.Repeat("1", n) + `]}}`,
		"spaces":                    `{` + strings.Repeat(" ", n) + `}`,
		"brackets":                  strings.Repeat(`{"x":`, n/5),
		"fields":                    elman("{"+repeat(n/10, `\"%d\":1,`)+"}", ""),
		"objects":                   elman("["+strings.Repeat("{},", n/3)+"{}]", ""),
		"arrays":                    elman("["+strings.Repeat("[],", n/3)+"[]]", ""),
		"arrays in arrays":          elman(strings.Repeat("[", n), ""),
		"objects in objects":        elman(strings.Repeat(`{\"x\":`, n/7), ""),
		"numbers":                   elman("["+repeat(n/2, "1,")+"]", ""),
		"a number in the metadata":  elman(strings.Repeat("1", n), ""),
		"a cell":                    elman(`{\"cell\":\"`+strings.Repeat("x", n)+`\"}`, ""),
		"an activation of escapes":  elman(`{\"activation\":\"`+strings.Repeat(`\\u0041`, n/7)+`\"}`, ""),
		"words":                     words(`\"%07d\",`),
		"words of escapes":          words(`\"\\u0061%d\",`),
		"no words":                  words(`\"\",`),
		"bytes":                     elman(network, `\"kind\":\"bytes\",\"bytes\":[`+repeat(n/5, "%d,")+`]`),
		"a word":                    elman(network, `\"kind\":\"words\",\"symbols\":[\"`+strings.Repeat("x", n)+`\"]`),
		"a word of escapes":         elman(network, `\"kind\":\"words\",\"symbols\":[\"`+strings.Repeat(`x\\u0061`, n/8)+`\"]`),
		"a kind":                    elman(network, `\"kind\":\"`+strings.Repeat("x", n)+`\"`),
		"an alphabet of fields":     elman(network, repeat(n/10, `\"x%d\":1,`)),
		"more symbols than weights": elman(fmt.Sprintf(`{\"symbols\":%d,\"hidden\":1}`, n/10), `\"kind\":\"words\",\"symbols\":[`+repeat(n/10, `\"%07d\",`)+`]`),
	}
}

func headerOnly(header string) []byte {
	return append(binary.LittleEndian.AppendUint64(nil, uint64(len(header))), header...)
}

// TestMemoryOfLargeHeaders also gives them the weights of a network of one symbol and one unit, so that reading goes as far
// as it can: into the alphabet of format 1.
func TestMemoryOfLargeHeaders(t *testing.T) {
	small := withSymbols(t, corpus.Words, []string{"a"}, 1, 1)
	tensors := string(small[8:headerEnd(small)])
	tensors = "," + strings.TrimRight(tensors[strings.Index(tensors, `"rnn.weight_ih_l0"`):], " ")
	tensors = tensors[:strings.Index(tensors, `,"alphabet.`)] + "}"
	weights := small[headerEnd(small) : len(small)-5]
	const n = 100_000
	for name, header := range largeHeaders(n) {
		if _, err := readMeasured(t, name, headerOnly(header)); err == nil {
			t.Errorf("%s: no error", name)
		}
		header = strings.TrimSuffix(header, "}") + tensors
		if m, err := readMeasured(t, name+", with weights", append(headerOnly(header), weights...)); err == nil && m.Alphabet.Size() != 1 {
			t.Errorf("%s, with weights: no error", name)
		}
	}
}

// BenchmarkRead reads a model of 4 MB, half of which lies transposed in memory.
func BenchmarkRead(b *testing.B) {
	file := write(b, small(b, "ab", "tanh", 1000, 1))
	b.SetBytes(int64(len(file)))
	for b.Loop() {
		if _, err := read(file); err != nil {
			b.Fatal(err)
		}
	}
}
