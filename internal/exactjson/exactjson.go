// Package exactjson decodes JSON strictly. Package encoding/json ignores unknown fields, takes the last of two fields with
// one name, takes "Hidden" for "hidden", and stops at the end of the first value. In a file that defines a model, each of
// these hides damage or a mistyped setting.
package exactjson

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

const (
	maxDepth  = 16     // brackets within each other
	maxName   = 64     // bytes of a field's name
	maxFields = 1 << 8 // of an object
)

// Decode decodes one JSON value into v. Names of fields consist of lower-case ASCII letters, digits and _; v must have each
// field, and each may occur once. Errors are one line of at most about 300 bytes, whatever the text is.
func Decode(text []byte, v any) error {
	if err := checkNames(text); err != nil {
		return err
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	return Describe(d.Decode(v))
}

// An open is an object or array that has not been closed yet.
type open struct {
	names map[string]bool // of an object's fields so far; nil in an array
	name  bool            // whether a name comes next
}

// checkNames reads a text token by token and checks the names, and that nothing follows the value.
func checkNames(text []byte) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber() // keeps the text: nothing overflows here
	var stack []open
	for {
		token, err := d.Token()
		if err == io.EOF && len(stack) == 0 {
			return errors.New("is empty")
		} else if err != nil {
			return Describe(err)
		}
		top := len(stack) - 1
		if top >= 0 && stack[top].name {
			if name, ok := token.(string); ok {
				if err := stack[top].add(name); err != nil {
					return err
				}
				continue
			}
		}
		switch token {
		case json.Delim('{'), json.Delim('['):
			if len(stack) == maxDepth {
				return fmt.Errorf("more than %d brackets within each other", maxDepth)
			}
			next := open{}
			if token == json.Delim('{') {
				next = open{map[string]bool{}, true}
			}
			stack = append(stack, next)
			continue
		case json.Delim('}'), json.Delim(']'):
			stack = stack[:top]
		}
		if len(stack) > 0 { // a value of an object or an array has ended
			stack[len(stack)-1].name = stack[len(stack)-1].names != nil
			continue
		}
		if rest := bytes.TrimSpace(text[d.InputOffset():]); len(rest) > 0 {
			return fmt.Errorf("%s follows the end", Quote(string(rest)))
		}
		return nil
	}
}

// add adds the name of a field.
func (o *open) add(name string) error {
	switch {
	case name == "" || len(name) > maxName || slices.ContainsFunc([]byte(name), notOfAName):
		return fmt.Errorf("unknown field %s", Quote(name))
	case o.names[name]:
		return fmt.Errorf("%s is there twice", Quote(name))
	case len(o.names) == maxFields:
		return fmt.Errorf("more than %d fields in an object", maxFields)
	}
	o.names[name], o.name = true, false
	return nil
}

func notOfAName(c byte) bool {
	return !('a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '_')
}

// Describe turns an error of package json, which speaks of Go types, into one short line about the text. It returns nil for
// nil.
func Describe(err error) error {
	if err == nil {
		return nil
	}
	if e, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		if e.Field == "" {
			return fmt.Errorf("%s where %s should be", shorten(e.Value), kind(e))
		}
		return fmt.Errorf("%s: %s where %s should be", shorten(e.Field), shorten(e.Value), kind(e))
	}
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return errors.New("ends in the middle")
	}
	return errors.New(shorten(strings.TrimPrefix(err.Error(), "json: ")))
}

func kind(e *json.UnmarshalTypeError) string {
	switch k := e.Type.Kind().String(); k {
	case "struct", "ptr", "map":
		return "an object"
	case "slice", "array":
		return "an array"
	case "int", "int64", "uint64":
		return "a whole number"
	case "float64":
		return "a number"
	case "bool":
		return "true or false"
	default:
		return "a " + k
	}
}

// Quote quotes a text from a file for an error of one line.
func Quote(s string) string {
	if len(s) > 60 {
		return fmt.Sprintf("%q...", strings.ToValidUTF8(s[:60], ""))
	}
	return fmt.Sprintf("%q", s)
}

// shorten keeps an error that quotes the file within a line.
func shorten(s string) string {
	if len(s) > 200 {
		return strings.ToValidUTF8(s[:200], "") + "..."
	}
	return s
}
