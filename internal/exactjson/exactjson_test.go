package exactjson

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
)

type inner struct {
	Rate  float64 `json:"rate"`
	Name  string  `json:"name"`
	Sizes []int   `json:"sizes"`
}

type outer struct {
	Steps int64 `json:"steps"`
	Net   inner `json:"net"`
	On    bool  `json:"on"`
}

func TestDecode(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{ // want "" means that it is decoded
		{"all fields", `{"steps":3,"net":{"rate":0.5,"name":"a\"{","sizes":[1,2]},"on":true}`, ""},
		{"white space around", " {\n\"steps\" : 3 }\n\t ", ""},
		{"the same name in two objects", `{"net":{"rate":1}}`, ""},
		{"nothing", ``, "is empty"},
		{"cut", `{"steps":3`, "ends in the middle"},
		{"cut within an object", `{"net":{"rate":1}`, "ends in the middle"},
		{"something behind", `{"steps":3}{}`, `"{}" follows the end`},
		{"a bracket behind", `{"steps":3}]`, `"]" follows the end`},
		{"unknown", `{"stepz":3}`, `unknown field "stepz"`},
		{"unknown inside", `{"net":{"weight_decax":1}}`, `unknown field "weight_decax"`},
		{"capitals", `{"Steps":3}`, `unknown field "Steps"`},
		{"a letter that folds to s", "{\"\u017fteps\":3}", "unknown field \"\u017fteps\""},
		{"escaped", `{"steps":1,"\u0073teps":3}`, `"steps" is there twice`},
		{"twice", `{"steps":3,"steps":3}`, `"steps" is there twice`},
		{"twice inside", `{"net":{"sizes":[],"sizes":[]}}`, `"sizes" is there twice`},
		{"a string for a number", `{"steps":"3"}`, "steps: string where a whole number should be"},
		{"a fraction for a whole number", `{"steps":3.5}`, "steps: number 3.5 where a whole number should be"},
		{"too large a number", `{"net":{"rate":1e999}}`, "net.rate: number 1e999 where a number should be"},
		{"an array for an object", `{"net":[]}`, "net: array where an object should be"},
		{"a number for an object", `1`, "number where an object should be"},
		{"no JSON", `{"steps":x}`, "invalid character 'x' looking for beginning of value"},
		{"too deep", strings.Repeat(`[`, 1000), "more than 16 brackets within each other"},
		{"a long name", `{"` + strings.Repeat("x", 1000) + `":1}`, `unknown field "` + strings.Repeat("x", 60) + `"...`},
	} {
		var got outer
		err := Decode([]byte(tt.text), &got)
		if tt.want != "" {
			if fmt.Sprint(err) != tt.want {
				t.Errorf("%s: error %v\nwant %s", tt.name, err, tt.want)
			}
			continue
		}
		var want outer
		if err2 := json.Unmarshal([]byte(tt.text), &want); err != nil || err2 != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, %v; want %+v, %v", tt.name, got, err, want, err2)
		}
	}
}

// FuzzDecode: no panic, one short line of error, and what is decoded is what package json decodes of it.
func FuzzDecode(f *testing.F) {
	for _, s := range []string{`{"steps":3,"net":{"rate":0.5,"name":"a","sizes":[1,2]},"on":true}`, `{"steps":1,"steps":2}`, `[[[`, `{"a":{}}1`, `"`, `{"net":null}`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var got, want outer
		if err := Decode([]byte(text), &got); err != nil {
			if s := err.Error(); strings.ContainsAny(s, "\n\r") || len(s) > 500 {
				t.Errorf("Decode(%q): error %q", text, s)
			}
			return
		}
		if err := json.Unmarshal([]byte(text), &want); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("Decode(%q) = %+v, json.Unmarshal %+v, %v", text, got, want, err)
		}
	})
}
