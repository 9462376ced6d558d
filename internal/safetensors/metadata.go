package safetensors

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// ReadObject fills v from the metadata entry of the given key, which must be there and hold one JSON object.
//
// It is stricter than package json, for which a field that v lacks and a field that is there twice are both fine: a
// damaged "activation" would go unseen, and its default take its place. Such an object is an error that names the field.
func (f *File) ReadObject(key string, v any) error {
	text, ok := f.Metadata[key]
	if !ok {
		return fmt.Errorf("no entry %q in the metadata", key)
	}
	b := []byte(text)
	if name, twice := repeated(b); twice {
		return fmt.Errorf("metadata: %s is there twice", quote(name))
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return objectError(err)
	}
	if _, err := d.Token(); err != io.EOF {
		return errors.New("metadata: something follows the closing }")
	}
	return nil
}

// objectError puts an error of package json into words about the file.
func objectError(err error) error {
	if e, ok := errors.AsType[*json.UnmarshalTypeError](err); ok { // whose own words are about Go's structs
		if e.Field == "" {
			return fmt.Errorf("metadata: %s where %s should be", shorten(e.Value), kind(e))
		}
		return fmt.Errorf("metadata: %s: %s where %s should be", e.Field, shorten(e.Value), kind(e))
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("metadata: ends in the middle")
	}
	return fmt.Errorf("metadata: %s", shorten(strings.TrimPrefix(err.Error(), "json: ")))
}

func kind(e *json.UnmarshalTypeError) string {
	if k := e.Type.Kind().String(); k != "struct" && k != "ptr" {
		return k
	}
	return "an object"
}

// shorten keeps an error that quotes the file within a line.
func shorten(s string) string {
	if len(s) > 200 {
		return strings.ToValidUTF8(s[:200], "") + "..."
	}
	return s
}

// repeated returns the first field of an object in a JSON text that is there twice, at any depth. Package json takes
// fields in capitals for the same, and so does repeated. A text that is no JSON repeats nothing.
//
// It walks over the bytes instead of asking a decoder for tokens, which takes a string of the heap for each symbol of an
// alphabet.
func repeated(text []byte) (name string, twice bool) {
	if !json.Valid(text) {
		return "", false
	}
	var open []map[string]bool // the fields of each object around, nil for an array
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '{':
			open = append(open, map[string]bool{})
		case '[':
			open = append(open, nil)
		case '}', ']':
			open = open[:len(open)-1]
		case '"':
			end := i + stringLength(text[i:])
			if isField(text[end:]) {
				json.Unmarshal(text[i:end], &name) // cannot fail on valid JSON
				fold, fields := strings.ToLower(strings.ToUpper(name)), open[len(open)-1]
				if fields[fold] {
					return name, true
				}
				fields[fold] = true
			}
			i = end - 1
		}
	}
	return "", false
}

// stringLength returns the bytes that the string at the start of valid JSON takes, quotes included.
func stringLength(text []byte) int {
	for i := 1; ; i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
}

// isField says whether a colon follows.
func isField(text []byte) bool {
	text = bytes.TrimLeft(text, " \t\r\n")
	return len(text) > 0 && text[0] == ':'
}
