package strictjson

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"
)

// walk reads a value of any kind, at most so many objects and arrays deep, and writes it as package json would.
func walk(r *Reader, out *bytes.Buffer, depth int) error {
	quote := func(raw []byte) {
		b, _ := json.Marshal(string(Unquote(nil, raw)))
		out.Write(b)
	}
	item := 0
	comma := func() {
		if item++; item > 1 {
			out.WriteByte(',')
		}
	}
	switch c := r.Peek(); {
	case c == '{' && depth > 0:
		out.WriteByte('{')
		defer out.WriteByte('}')
		return r.Object(NoLimit, func(name []byte) error {
			comma()
			quote(name)
			out.WriteByte(':')
			return walk(r, out, depth-1)
		})
	case c == '[' && depth > 0:
		out.WriteByte('[')
		defer out.WriteByte(']')
		return r.Array(NoLimit, func() error {
			comma()
			return walk(r, out, depth-1)
		})
	case c == '"':
		raw, err := r.String()
		if err == nil {
			quote(raw)
		}
		return err
	}
	begin := r.Offset()
	err := r.Word()
	out.Write(r.Since(begin))
	return err
}

// texts of all that JSON has; those with an error are none, or break a rule of this package.
var texts = []struct{ text, want string }{
	{`{"a":[1,-2.5e+3,true,false,null,"b"],"":{}}`, ""},
	{" \t\r\n{ \"a\" : [ ] } ", ""},
	{`{"\"\\\/\b\f\n\r\t\u00e9\uD83D\uDE00":"ü"}`, ""},
	{`{}x`, "something follows the closing }"},
	{`{`, "ends in the middle"},
	{`{"a`, "ends in the middle"},
	{`{"a":"\`, `"\\" is no escape`},
	{`{"a"`, "ends in the middle"},
	{`{"a":`, "ends in the middle"},
	{`{"a":1`, "ends in the middle"},
	{`[1,`, "ends in the middle"},
	{``, "ends in the middle"},
	{`{"a":1,}`, "'}' where a string should be"},
	{`[1,]`, "']' where a value should be"},
	{`[,1]`, "',' where a value should be"},
	{`[1 2]`, "2 where ] should be"},
	{`{"a" 1}`, "1 where : should be"},
	{`{"a":1 "b"}`, `"b" where } should be`},
	{`{1:2}`, "1 where a string should be"},
	{`{'a':2}`, `'\'' where a string should be`},
	{`[01]`, "01 where a value should be"},
	{`[+1]`, "+1 where a value should be"},
	{`[tru]`, "tru where a value should be"},
	{`[` + strings.Repeat("1", 41) + `]`, strings.Repeat("1", 41) + " where a value should be"},
	{`[é]`, "a letter where a value should be"},
	{`["\x"]`, `"\\x\"]" is no escape`},
	{`["\u12g4"]`, `"\\u12g4" is no escape`},
	{`["\ud83d"]`, `"\\ud83d" is no escape`},
	{`["\ud83dx\ude00"]`, `"\\ud83d" is no escape`},
	{`["\ude00\ud83d"]`, `"\\ude00" is no escape`},
	{`["\ud83d\ud83d"]`, `"\\ud83d" is no escape`},
	{"[\"\xff\"]", "is not valid UTF-8"},
	{"[\"a\nb\"]", "byte 0x0a within a string"},
}

func read(text string) (string, error) {
	r := New([]byte(text))
	var out bytes.Buffer
	err := walk(r, &out, 100)
	if err == nil {
		err = r.End()
	}
	return out.String(), err
}

func TestWalk(t *testing.T) {
	for _, tt := range texts {
		got, err := read(tt.text)
		if tt.want != "" {
			if fmt.Sprint(err) != tt.want {
				t.Errorf("%q: error %v\nwant %s", tt.text, err, tt.want)
			}
			continue
		}
		var want bytes.Buffer
		if err != nil || json.Compact(&want, []byte(tt.text)) != nil || !same(got, want.String()) {
			t.Errorf("%q is read as %s, %v", tt.text, got, err)
		}
	}
}

// same says whether two texts say the same to package json.
func same(a, b string) bool {
	decode := func(text string) string {
		d := json.NewDecoder(strings.NewReader(text))
		d.UseNumber()
		var all []string
		for token, err := d.Token(); err == nil; token, err = d.Token() {
			all = append(all, fmt.Sprintf("%T %q", token, fmt.Sprint(token)))
		}
		return strings.Join(all, "\n")
	}
	return decode(a) == decode(b)
}

func TestLimits(t *testing.T) {
	object := func(most int, text string) error {
		r := New([]byte(text))
		return r.Object(most, func([]byte) error { return r.Word() })
	}
	array := func(most int, text string) error {
		r := New([]byte(text))
		return r.Array(most, r.Word)
	}
	number := func(bits int, text string) error {
		_, err := New([]byte(text)).Uint(bits)
		return err
	}
	boolean := func(text string) error {
		_, err := New([]byte(text)).Bool()
		return err
	}
	for _, tt := range []struct {
		what string
		err  error
		want string
	}{
		{"2 entries of 2", object(2, `{"a":1,"b":1}`), "<nil>"},
		{"3 entries of 2", object(2, `{"a":1,"b":1,"c":1}`), "more than 2 entries"},
		{"an entry of none", object(0, `{"a":1}`), "more than 0 entries"},
		{"2 values of 2", array(2, `[1,1]`), "<nil>"},
		{"3 values of 2", array(2, `[1,1,1]`), "more than 2 values"},
		{"no object", object(2, `[]`), "'[' where { should be"},
		{"no array", array(2, `{}`), "'{' where [ should be"},
		{"255", number(8, "255"), "<nil>"},
		{"0", number(8, "0"), "<nil>"},
		{"256", number(8, "256"), "256 where a whole number below 2^8 should be"},
		{"00", number(8, "00"), "00 where a whole number below 2^8 should be"},
		{"-1", number(8, "-1"), "-1 where a whole number below 2^8 should be"},
		{"1.0", number(8, "1.0"), "1.0 where a whole number below 2^8 should be"},
		{"string", number(8, `"1"`), `"1" where a whole number below 2^8 should be`},
		{"digits without end", number(63, strings.Repeat("1", 5000)), strings.Repeat("1", 80) + "... where a whole number below 2^63 should be"},
		{"true", boolean("true"), "<nil>"},
		{"false", boolean("false"), "<nil>"},
		{"1", boolean("1"), "1 where true or false should be"},
	} {
		if fmt.Sprint(tt.err) != tt.want {
			t.Errorf("%s: error %v, want %s", tt.what, tt.err, tt.want)
		}
	}
}

func TestQuoteFitsALine(t *testing.T) {
	for _, tt := range []struct{ raw, want string }{
		{`a\nb`, `"a\nb"`},
		{strings.Repeat("x", 40), `"` + strings.Repeat("x", 40) + `"`},
		{strings.Repeat("x", 41), `"` + strings.Repeat("x", 40) + `"...`},
		{strings.Repeat(`\u0041`, 5000), `"` + strings.Repeat("A", 40) + `"...`},
		{"x" + strings.Repeat("ü", 5000), `"x` + strings.Repeat("ü", 19) + `"...`},
	} {
		if got := Quote([]byte(tt.raw)); got != tt.want {
			t.Errorf("Quote(%.100q) = %s, want %s", tt.raw, got, tt.want)
		}
	}
}

// TestNoMemory walks over texts that a decoder would multiply.
func TestNoMemory(t *testing.T) {
	text := []byte(`{"a":[` + strings.Repeat(`"\u0041bc",[],{"b":-1.5},true,`, 1000) + `0]}`)
	var value func(r *Reader) error
	value = func(r *Reader) error {
		switch r.Peek() {
		case '{':
			return r.Object(NoLimit, func([]byte) error { return value(r) })
		case '[':
			return r.Array(NoLimit, func() error { return value(r) })
		case '"':
			raw, err := r.String()
			Unquote(raw[:0:len(raw)], []byte(`\u0041bc`))
			return err
		}
		return r.Word()
	}
	if n := testing.AllocsPerRun(10, func() {
		if err := value(New(bytes.Clone(text))); err != nil {
			t.Error(err)
		}
	}); n > 10 { // the copy, and what package json keeps for the next number
		t.Errorf("%v allocations", n)
	}
}

// FuzzWalk: what is accepted is JSON and says what package json finds in it; what is not is none, or one of the few things
// that this package is stricter about.
func FuzzWalk(f *testing.F) {
	for _, tt := range texts {
		f.Add(tt.text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := read(text)
		if err == nil {
			if !json.Valid([]byte(text)) || !utf8.ValidString(text) || !same(got, text) {
				t.Errorf("%q is read as %s", text, got)
			}
			return
		}
		if strings.ContainsAny(err.Error(), "\n\r") || len(err.Error()) > 500 {
			t.Errorf("error of several lines, or a long one: %q", err)
		}
		strict := !utf8.ValidString(text) || strings.Contains(err.Error(), "no escape") || strings.Contains(err.Error(), " where a value should be")
		if json.Valid([]byte(text)) && !strict {
			t.Errorf("%q: error %v", text, err)
		}
	})
}

// FuzzUnquote compares with package json, which reads half a surrogate as U+FFFD, and resolves in place.
func FuzzUnquote(f *testing.F) {
	for _, s := range []string{`a`, `\"\\\/\b\f\n\r\t`, `\u00e9x\uD83D\uDE00`, `\ud83d`, `\ude00\ud83d`, `\\ud83d`, `\ufffd`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		text := []byte(`"` + s + `"`)
		var want string
		valid := utf8.Valid(text) && json.Unmarshal(text, &want) == nil
		r := New(text)
		raw, err := r.String()
		if err == nil {
			err = r.End()
		}
		if err != nil {
			if valid && !strings.Contains(want, "\uFFFD") {
				t.Errorf("%s: error %v, package json reads %q", text, err, want)
			}
			return
		}
		n := UnquotedLen(raw)
		if got := string(Unquote(raw[:0], raw)); !valid || got != want || n != len(want) {
			t.Errorf("%s is %q of %d bytes, package json reads %q", text, got, n, want)
		}
	})
}
