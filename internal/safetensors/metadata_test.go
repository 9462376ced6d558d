package safetensors

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"
)

type object struct {
	Size int      `json:"size"`
	Kind string   `json:"kind"`
	In   *object  `json:"in"`
	List []object `json:"list"`
}

// objects are texts of metadata, each with its error; also the seeds of the fuzzer.
var objects = []struct{ text, want string }{
	{`{"size":1,"kind":"a\"{[:","in":{"size":2},"list":[{"size":3},{"size":4}]}`, "<nil>"},
	{` { "size" : 1 } `, "<nil>"},
	{`{}`, "<nil>"},
	{`{"size":1,"size":1}`, `metadata: "size" is there twice`},
	{`{"SIZE" :1}`, `metadata: unknown field "SIZE"`}, // which package json takes for size
	{`{"ſize":1}`, `metadata: unknown field "ſize"`},  // and this too
	{`{"\u0073ize":1}`, `metadata: unknown field "size"`},
	{`{"":1}`, `metadata: unknown field ""`},
	{`{"in":{"kind":"","list":[],"kind":""}}`, `metadata: "kind" is there twice`},
	{`{"list":[{},{"size":1,"in":{},"size":1}]}`, `metadata: "size" is there twice`},
	{`{"sise":1}`, `metadata: unknown field "sise"`},
	{`{"in":{"a\nb":1}}`, `metadata: unknown field "a\nb"`},
	{`{"size":"1"}`, "metadata: size: string where int should be"},
	{`{"size":1.5}`, "metadata: size: number 1.5 where int should be"},
	{`{"in":{"list":{}}}`, "metadata: in.list: object where slice should be"},
	{`{"list":[1]}`, "metadata: list: number where an object should be"},
	{`[]`, "metadata: '[' where { should be"},
	{`{"size":1`, "metadata: ends in the middle"},
	{``, "metadata: ends in the middle"},
	{`{"size":1}x`, "metadata: something follows the closing }"},
	{`{"size":1}{"size":1}`, "metadata: something follows the closing }"},
	{`{"kind":"` + strings.Repeat("x", 1000), "metadata: ends in the middle"},
	{`{"` + strings.Repeat("x", 64) + `":1}`, `metadata: unknown field "` + strings.Repeat("x", 64) + `"`},
	{`{"` + strings.Repeat("x", 65) + `":1}`, `metadata: unknown field "` + strings.Repeat("x", 40) + `"...`},
	{`{"list":[{` + numbered(65) + `}]}`, "metadata: more than 64 entries"},
	{`{"list":` + strings.Repeat("[", 8), "metadata: more than 8 brackets within each other"},
	{`{"size":` + strings.Repeat("1", 41) + `}`, "metadata: " + strings.Repeat("1", 41) + " where a value should be"},
	{`{"kind":"` + strings.Repeat("x", 4096) + `"}`, "metadata: 4107 bytes, want at most 4096"},
	{`{"kind":"\ud83d"}`, `metadata: "\\ud83d" is no escape`},
}

// numbered returns n fields.
func numbered(n int) string {
	var fields []string
	for i := range n {
		fields = append(fields, fmt.Sprintf(`"%d":0`, i))
	}
	return strings.Join(fields, ",")
}

func TestReadObject(t *testing.T) {
	for _, tt := range objects {
		f := &File{metadata: []pair{{[]byte("k"), []byte(tt.text)}}}
		var v object
		if err := fmt.Sprint(f.ReadObject("k", &v)); err != tt.want {
			t.Errorf("%.100s: error %s\nwant %s", tt.text, err, tt.want)
		}
	}
	if err := fmt.Sprint((&File{}).ReadObject("k", new(object))); err != `no entry "k" in the metadata` {
		t.Errorf("no metadata: error %s", err)
	}
}

// FuzzObject compares what is accepted with a walk over the tokens of package json.
func FuzzObject(f *testing.F) {
	for _, tt := range objects {
		f.Add([]byte(tt.text))
	}
	f.Add([]byte(`{"list":[],"in":{"list":[null,true,-1.5e3,"\ud83d\ude00"]}} `))
	f.Fuzz(func(t *testing.T, text []byte) {
		if surrogate.Match(text) {
			return
		}
		file := &File{metadata: []pair{{[]byte("k"), text}}}
		o, err := file.Object("k", "list")
		if got, want := err == nil, plain(text); got != want {
			t.Fatalf("Object(%q): %v, plain rules: %v", text, err, want)
		}
		if err != nil {
			return
		}
		var all, rest map[string]json.RawMessage
		if json.Unmarshal(text, &all) != nil || json.Unmarshal(o.Text, &rest) != nil {
			t.Fatalf("Object(%q) = %q, which is no JSON", text, o.Text)
		}
		if list, ok := all["list"]; ok != (o.Large != nil) || !bytes.Equal(list, o.Large) || ok && string(rest["list"]) != "null" {
			t.Errorf("Object(%q): large field %q, want %q", text, o.Large, list)
		}
		delete(all, "list")
		delete(rest, "list")
		if fmt.Sprint(all) != fmt.Sprint(rest) {
			t.Errorf("Object(%q) = %q without the large field", text, o.Text)
		}
	})
}

// plain says whether a text is an object as Object wants it, by the tokens of package json.
func plain(text []byte) bool {
	if !json.Valid(text) || !utf8.Valid(text) || bytes.TrimLeft(text, " \t\r\n")[0] != '{' {
		return false
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var value func(depth int) bool
	value = func(depth int) bool {
		token, _ := d.Token()
		if n, ok := token.(json.Number); ok {
			return len(n) <= 40
		}
		delim, ok := token.(json.Delim)
		if ok && depth == 0 {
			return false
		}
		seen := map[string]bool{}
		for ok && d.More() {
			if delim == '{' {
				before := d.InputOffset()
				key, _ := d.Token()
				name := key.(string)
				raw := text[before:d.InputOffset()]
				if seen[name] || len(seen) == maxFields || name == "" || len(name) > maxField || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789_") != "" || bytes.ContainsRune(raw, '\\') {
					return false
				}
				seen[name] = true
			}
			if !value(depth - 1) {
				return false
			}
		}
		if ok {
			d.Token()
		}
		return true
	}
	if !value(maxDepth) {
		return false
	}
	var all map[string]json.RawMessage
	json.Unmarshal(text, &all)
	return len(text)-len(all["list"]) <= maxObject
}

// surrogate finds what could be half of one, which package json reads as U+FFFD. Package strictjson has the test of those.
var surrogate = regexp.MustCompile(`(?i)\\ud[89a-f]`)
