package safetensors

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
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
	{`{"size":1,"SIZE" :1}`, `metadata: "SIZE" is there twice`},
	{`{"size":1,"ſize":1}`, `metadata: "ſize" is there twice`}, // which package json folds to s
	{`{"size":1,"\u0073ize":1}`, `metadata: "size" is there twice`},
	{`{"in":{"kind":"","list":[],"kind":""}}`, `metadata: "kind" is there twice`},
	{`{"list":[{},{"size":1,"in":{},"size":1}]}`, `metadata: "size" is there twice`},
	{`{"sise":1}`, `metadata: unknown field "sise"`},
	{`{"in":{"a\nb":1}}`, `metadata: unknown field "a\nb"`},
	{`{"size":"1"}`, "metadata: size: string where int should be"},
	{`{"size":1.5}`, "metadata: size: number 1.5 where int should be"},
	{`{"in":{"list":{}}}`, "metadata: in.list: object where slice should be"},
	{`{"list":[1]}`, "metadata: list: number where an object should be"},
	{`[]`, "metadata: array where an object should be"},
	{`{"size":1`, "metadata: ends in the middle"},
	{``, "metadata: ends in the middle"},
	{`{"size":1}x`, "metadata: something follows the closing }"},
	{`{"size":1}{"size":1}`, "metadata: something follows the closing }"},
	{`{"kind":"` + strings.Repeat("x", 1000), "metadata: ends in the middle"},
	{`{"` + strings.Repeat("x", 1000) + `":1}`, `metadata: unknown field "` + strings.Repeat("x", 185) + "..."},
	{`{"list":[{` + numbered(65) + `}]}`, `metadata: more than 64 fields, with "64"`},
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
		f := &File{Metadata: map[string]string{"k": tt.text}}
		var v object
		if err := fmt.Sprint(f.ReadObject("k", &v)); err != tt.want {
			t.Errorf("%.100s: error %s\nwant %s", tt.text, err, tt.want)
		}
	}
	if err := fmt.Sprint((&File{}).ReadObject("k", new(object))); err != `no entry "k" in the metadata` {
		t.Errorf("no metadata: error %s", err)
	}
}

// FuzzFields compares the walk over bytes with one over the tokens of package json.
func FuzzFields(f *testing.F) {
	for _, tt := range objects {
		f.Add([]byte(tt.text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		got := checkFields(text)
		if !json.Valid(text) {
			if got != nil {
				t.Errorf("checkFields(%q) = %v of what is no JSON", text, got)
			}
			return
		}
		if want := checkTokens(text); (got == nil) != want {
			t.Errorf("checkFields(%q) = %v, fields in order: %v", text, got, want)
		}
	})
}

// checkTokens is the plain twin of checkFields for valid JSON: it says whether all is well.
func checkTokens(text []byte) bool {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var value func() bool
	value = func() bool {
		token, _ := d.Token()
		delim, _ := token.(json.Delim)
		seen := map[string]bool{}
		fine := true
		for (delim == '{' || delim == '[') && d.More() {
			if delim == '{' {
				key, _ := d.Token()
				fold := strings.ToLower(strings.ToUpper(key.(string)))
				fine = fine && !seen[fold] && len(seen) < maxFields
				seen[fold] = true
			}
			fine = value() && fine
		}
		if delim != 0 {
			d.Token()
		}
		return fine
	}
	return value()
}
