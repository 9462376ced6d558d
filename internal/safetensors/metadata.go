package safetensors

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/seed-f4dd853e/elman/internal/strictjson"
)

// Bounds on the objects in the metadata; ours are three deep and have a dozen fields.
const (
	maxDepth  = 8
	maxFields = 64
	maxField  = 64      // bytes of a name
	maxObject = 1 << 12 // bytes, the large field left out; package json takes several times that to decode it
)

// An Object is a JSON object that an entry of the metadata holds. It is valid, and no field in it is there twice.
type Object struct {
	Text  []byte // with null in place of the large field
	Large []byte // the text of the large field, a part of the header; nil if there is none
}

// HasMetadata says whether the metadata has this key.
func (f *File) HasMetadata(key string) bool { return f.find([]byte(key)) >= 0 }

// Object returns the object under a key of the metadata. One of its fields may be large, and the caller reads that; all
// others together take 4 KiB at most.
//
// It is stricter than package json, for which a field that is there twice is fine, and one in capitals the same: names
// are of small letters, digits and _, without escapes, 64 at most.
func (f *File) Object(key, large string) (o Object, err error) {
	i := f.find([]byte(key))
	if i < 0 {
		return o, fmt.Errorf("no entry %q in the metadata", key)
	}
	text := f.metadata[i].value
	r := strictjson.New(text)
	begin, end := 0, 0
	err = checkObject(r, maxDepth, func(name []byte) {
		if string(name) == large {
			r.Peek()
			begin = r.Offset()
		}
	}, func(name []byte) {
		if string(name) == large {
			end = r.Offset()
		}
	})
	if err == nil {
		err = r.End()
	}
	if rest := len(text) - (end - begin); err == nil && rest > maxObject {
		err = fmt.Errorf("%d bytes, want at most %d", rest, maxObject)
	}
	if err != nil {
		return o, fmt.Errorf("metadata: %w", err)
	}
	if end == 0 {
		return Object{Text: text}, nil
	}
	return Object{slices.Concat(text[:begin], []byte("null"), text[end:]), text[begin:end]}, nil
}

// checkObject reads an object up to so many objects and arrays deep. It calls before and after around each of its values.
func checkObject(r *strictjson.Reader, depth int, before, after func(name []byte)) error {
	var seen [maxFields][]byte
	n := 0
	return r.Object(maxFields, func(name []byte) error {
		if !isField(name) {
			return fmt.Errorf("unknown field %s", strictjson.Quote(name))
		}
		for _, other := range seen[:n] {
			if bytes.Equal(name, other) {
				return fmt.Errorf("%s is there twice", strictjson.Quote(name))
			}
		}
		seen[n] = name
		n++
		before(name)
		if err := checkValue(r, depth-1); err != nil {
			return err
		}
		after(name)
		return nil
	})
}

func checkValue(r *strictjson.Reader, depth int) error {
	switch c := r.Peek(); {
	case c == '"':
		_, err := r.String()
		return err
	case c != '{' && c != '[':
		return r.Word()
	case depth == 0:
		return fmt.Errorf("more than %d brackets within each other", maxDepth)
	case c == '{':
		return checkObject(r, depth, ignore, ignore)
	}
	return r.Array(strictjson.NoLimit, func() error { return checkValue(r, depth-1) })
}

func ignore([]byte) {}

// isField says whether a name is one that fields of ours may have.
func isField(name []byte) bool {
	return 0 < len(name) && len(name) <= maxField && !slices.ContainsFunc(name, func(c byte) bool { return !('a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '_') })
}

// Decode fills v, which must have a field for each of the object's: a damaged "activation" would go unseen otherwise, and
// its default take its place.
func (o Object) Decode(v any) error {
	d := json.NewDecoder(bytes.NewReader(o.Text))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return objectError(err)
	}
	return nil
}

// ReadObject decodes the object under a key of the metadata.
func (f *File) ReadObject(key string, v any) error {
	o, err := f.Object(key, "")
	if err != nil {
		return err
	}
	return o.Decode(v)
}

// objectError puts an error of package json into words about the file.
func objectError(err error) error {
	if e, ok := errors.AsType[*json.UnmarshalTypeError](err); ok { // whose own words are about Go's structs
		if e.Field == "" {
			return fmt.Errorf("metadata: %s where %s should be", shorten(e.Value), kind(e))
		}
		return fmt.Errorf("metadata: %s: %s where %s should be", e.Field, shorten(e.Value), kind(e))
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
