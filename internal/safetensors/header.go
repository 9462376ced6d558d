package safetensors

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"unicode/utf8"

	"github.com/seed-f4dd853e/elman/internal/exactjson"
)

const metadataKey = "__metadata__"

// Limits of a header, each far beyond those of real models: the largest network, of 64 blocks with all that there is, has 1,027 tensors, the
// state of its training eight times as many, and frameworks have at most 64 dimensions.
const (
	maxTensors  = 1 << 14
	maxMetadata = 1 << 8
	maxName     = 1 << 10 // bytes
	maxRank     = 64
	maxEntry    = 1 << 12 // bytes of the value of a name
)

// An entry is a tensor and its position.
type entry struct {
	Tensor
	begin, end int64 // within the data
}

// parse fills in metadata and entries from the header's JSON.
func (f *File) parse(header []byte) error {
	if len(header) == 0 || header[0] != '{' {
		return errors.New("does not begin with {")
	}
	if !utf8.Valid(header) {
		return errors.New("is not valid UTF-8")
	}
	d := json.NewDecoder(bytes.NewReader(header))
	err := eachField(d, func(name string) error {
		if name == metadataKey {
			if f.metadata != nil {
				return twice(name)
			}
			return f.readMetadata(d)
		}
		if len(f.entries) == maxTensors {
			return fmt.Errorf("more than %d tensors", maxTensors)
		}
		e, err := readEntry(d, name)
		f.entries = append(f.entries, e)
		return err
	})
	if err != nil {
		return err
	}
	if rest := bytes.TrimSpace(header[d.InputOffset():]); len(rest) > 0 {
		return errors.New("something follows the closing }")
	}
	slices.SortFunc(f.entries, func(a, b entry) int { return cmp.Compare(a.Name, b.Name) })
	for i := 1; i < len(f.entries); i++ {
		if f.entries[i].Name == f.entries[i-1].Name {
			return twice(f.entries[i].Name)
		}
	}
	return nil
}

// eachField reads an object; field reads the value of each name.
func eachField(d *json.Decoder, field func(name string) error) error {
	t, err := d.Token()
	if err != nil {
		return describe(err)
	}
	if t != json.Delim('{') {
		return errors.New("no object where one should be")
	}
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return describe(err)
		}
		name := t.(string) // the decoder accepts nothing else here
		if len(name) > maxName {
			return fmt.Errorf("%s is a name of more than %d bytes", quote(name), maxName)
		}
		if err := field(name); err != nil {
			return err
		}
	}
	_, err = d.Token() // the closing }
	return describe(err)
}

func twice(name string) error { return fmt.Errorf("%s is there twice", quote(name)) }

func (f *File) readMetadata(d *json.Decoder) error {
	f.metadata = map[string]string{}
	err := eachField(d, func(key string) error {
		if _, ok := f.metadata[key]; ok {
			return twice(key)
		}
		if len(f.metadata) == maxMetadata {
			return fmt.Errorf("more than %d entries", maxMetadata)
		}
		t, err := d.Token()
		if err != nil {
			return describe(err)
		}
		value, ok := t.(string)
		if !ok {
			return fmt.Errorf("%s: no string", quote(key))
		}
		f.metadata[key] = value
		return nil
	})
	if err != nil {
		return fmt.Errorf("%s: %w", metadataKey, err)
	}
	return nil
}

// readEntry reads the value of a tensor's name.
func readEntry(d *json.Decoder, name string) (e entry, err error) {
	var text json.RawMessage
	if err := d.Decode(&text); err != nil {
		return e, fmt.Errorf("tensor %s: %w", quote(name), describe(err))
	}
	if e, err = parseEntry(text); err != nil {
		return e, fmt.Errorf("tensor %s: %w", quote(name), err)
	}
	e.Name = name
	return e, nil
}

func parseEntry(text []byte) (e entry, err error) {
	if len(text) > maxEntry {
		return e, fmt.Errorf("%d bytes, want at most %d", len(text), maxEntry)
	}
	var fields struct {
		Type    *string  `json:"dtype"`
		Shape   *[]int   `json:"shape"`
		Offsets *[]int64 `json:"data_offsets"`
	}
	if err := exactjson.Decode(text, &fields); err != nil {
		return e, err
	}
	if fields.Type == nil || fields.Shape == nil || fields.Offsets == nil {
		return e, errors.New(`needs "dtype", "shape" and "data_offsets"`)
	}
	e.Type, e.Shape = *fields.Type, *fields.Shape
	switch offsets := *fields.Offsets; {
	case sizes[e.Type] == 0:
		return e, fmt.Errorf("dtype %s is unknown", quote(e.Type))
	case len(e.Shape) > maxRank:
		return e, fmt.Errorf("shape has more than %d dimensions", maxRank)
	case len(offsets) != 2:
		return e, fmt.Errorf("data_offsets are %d numbers, want 2", len(offsets))
	case offsets[0] < 0 || offsets[1] < offsets[0]:
		return e, fmt.Errorf("data_offsets [%d, %d] are no part of the data", offsets[0], offsets[1])
	default:
		e.begin, e.end = offsets[0], offsets[1]
		return e, nil
	}
}

// bytes returns the size in bytes of a tensor of this type and shape.
func (t Tensor) bytes() (int64, error) {
	total := sizes[t.Type]
	for _, n := range t.Shape {
		if n < 0 {
			return 0, fmt.Errorf("shape %v has a negative size", t.Shape)
		}
		if n > 0 && total > math.MaxInt64/int64(n) {
			return 0, fmt.Errorf("shape %v is too large", t.Shape)
		}
		total *= int64(n)
	}
	return total, nil
}

// checkCover checks that each tensor has the size of its type and shape, and that together they cover the data.
func (f *File) checkCover() error {
	byPlace := slices.Clone(f.entries)
	slices.SortFunc(byPlace, func(a, b entry) int { // by end too: empty tensors first where both begin
		return cmp.Or(cmp.Compare(a.begin, b.begin), cmp.Compare(a.end, b.end), cmp.Compare(a.Name, b.Name))
	})
	var end int64
	for _, e := range byPlace {
		if err := e.check(end); err != nil {
			return fmt.Errorf("tensor %s: %w", quote(e.Name), err)
		}
		end = e.end
	}
	if size := f.Size(); end != size {
		return fmt.Errorf("tensors take %d bytes, the file holds %d", end, size)
	}
	return nil
}

// check compares the offsets with the size of a tensor and the end of the one before.
func (e *entry) check(before int64) error {
	size, err := e.bytes()
	switch {
	case err != nil:
		return err
	case e.end-e.begin != size:
		return fmt.Errorf("data_offsets [%d, %d], want %d bytes for %s %v", e.begin, e.end, size, e.Type, e.Shape)
	case e.begin > before:
		return fmt.Errorf("data_offsets [%d, %d] leave a hole behind byte %d", e.begin, e.end, before)
	case e.begin < before:
		return fmt.Errorf("data_offsets [%d, %d] overlap the tensor before, which ends at %d", e.begin, e.end, before)
	}
	return nil
}

func describe(err error) error { return exactjson.Describe(err) }

// quote quotes a name from a file for an error of one line.
func quote(name string) string { return exactjson.Quote(name) }
