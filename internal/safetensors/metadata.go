package safetensors

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
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
	if err := checkFields(b); err != nil {
		return fmt.Errorf("metadata: %w", err)
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

// maxFields bounds the fields of one object; ours have a dozen.
const maxFields = 64

// checkFields returns an error if some object in a JSON text, at any depth, has a field twice or more fields than any of
// ours. Package json takes fields in capitals for the same, and so does checkFields. What is no JSON is not its business.
//
// It walks over the bytes instead of asking a decoder for tokens, which takes a string of the heap for each symbol of an
// alphabet.
func checkFields(text []byte) error {
	if !json.Valid(text) {
		return nil
	}
	var open [][]string // the fields so far of each object around, in one case of letters
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '{', '[':
			open = append(open, nil)
		case '}', ']':
			open = open[:len(open)-1]
		case '"':
			end := i + stringLength(text[i:])
			if isField(text[end:]) {
				var name string
				json.Unmarshal(text[i:end], &name) // cannot fail on valid JSON
				fields := &open[len(open)-1]
				fold := strings.ToLower(strings.ToUpper(name))
				if slices.Contains(*fields, fold) {
					return fmt.Errorf("%s is there twice", quote(name))
				}
				if *fields = append(*fields, fold); len(*fields) > maxFields {
					return fmt.Errorf("more than %d fields, with %s", maxFields, quote(name))
				}
			}
			i = end - 1
		}
	}
	return nil
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
