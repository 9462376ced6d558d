package safetensors

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/seed-f4dd853e/elman/internal/strictjson"
)

const metadataKey = "__metadata__"

// Bounds on what a header may hold, each far beyond what models have: the deepest network has 258 tensors, its state
// three times that, and frameworks stop at 64 dimensions too.
const (
	maxTensors  = 1 << 13
	maxMetadata = 1 << 8
	maxName     = 1 << 10 // bytes
	maxRank     = 64
)

// An entry is a tensor as the header has it. Name and shape are parts of the header: a copy of each would multiply a
// header of many entries.
type entry struct {
	name       []byte
	shape      []byte // [2,3], found to be right
	begin, end int64  // within the data
	dtype      dtype
}

// countEntries returns a little more than there are in a header, and no more than its length allows.
func countEntries(header []byte) int {
	const shortest = len(`"":{"dtype":"U8","shape":[],"data_offsets":[0,0]}`)
	return min(bytes.Count(header, []byte(`"data_offsets"`)), len(header)/shortest, maxTensors)
}

// A pair is an entry of the metadata, two parts of the header.
type pair struct{ key, value []byte }

// parse fills in metadata and entries from the header's JSON. It resolves escapes in place: the header is no JSON any more
// when it is done.
func (f *File) parse(header []byte) error {
	if len(header) == 0 || header[0] != '{' {
		return errors.New("does not begin with {")
	}
	f.entries = make([]entry, 0, countEntries(header))
	r := strictjson.New(header)
	seen := false
	err := r.Object(strictjson.NoLimit, func(raw []byte) error {
		name, err := resolve(raw)
		if err != nil {
			return err
		}
		if string(name) != metadataKey {
			if len(f.entries) == maxTensors {
				return fmt.Errorf("more than %d tensors", maxTensors)
			}
			e, err := readEntry(r)
			if err != nil {
				return fmt.Errorf("tensor %s: %w", quote(string(name)), err)
			}
			e.name = name
			f.entries = append(f.entries, e)
			return nil
		}
		if seen {
			return twice(name)
		}
		seen = true
		if err := f.readMetadata(r); err != nil {
			return fmt.Errorf("%s: %w", metadataKey, err)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := r.End(); err != nil { // padding has been skipped
		return err
	}
	slices.SortFunc(f.entries, func(a, b entry) int { return bytes.Compare(a.name, b.name) })
	for i := 1; i < len(f.entries); i++ {
		if bytes.Equal(f.entries[i].name, f.entries[i-1].name) {
			return twice(f.entries[i].name)
		}
	}
	return nil
}

// resolve replaces the escapes of a name in place.
func resolve(raw []byte) ([]byte, error) {
	if name := strictjson.Unquote(raw[:0], raw); len(name) <= maxName {
		return name, nil
	}
	return nil, fmt.Errorf("%s is a name of more than %d bytes", strictjson.Quote(raw), maxName)
}

func twice(name []byte) error { return fmt.Errorf("%s is there twice", quote(string(name))) }

func (f *File) readMetadata(r *strictjson.Reader) error {
	return r.Object(maxMetadata, func(raw []byte) error {
		key, err := resolve(raw)
		if err != nil {
			return err
		}
		if f.find(key) >= 0 {
			return twice(key)
		}
		value, err := r.String()
		if err != nil {
			return fmt.Errorf("%s: %w", quote(string(key)), err)
		}
		f.metadata = append(f.metadata, pair{key, strictjson.Unquote(value[:0], value)})
		return nil
	})
}

// find returns the place of a key in the metadata, -1 if it is not there.
func (f *File) find(key []byte) int {
	return slices.IndexFunc(f.metadata, func(p pair) bool { return bytes.Equal(p.key, key) })
}

// readEntry reads what belongs to the name of a tensor.
func readEntry(r *strictjson.Reader) (e entry, err error) {
	var have struct{ dtype, shape, offsets bool }
	err = r.Object(3, func(field []byte) (err error) {
		var again bool
		switch string(field) {
		case "dtype":
			again, have.dtype = have.dtype, true
			e.dtype, err = readType(r)
		case "shape":
			again, have.shape = have.shape, true
			e.shape, err = readShape(r)
		case "data_offsets":
			again, have.offsets = have.offsets, true
			e.begin, e.end, err = readOffsets(r)
		default:
			err = errors.New("is no field of a tensor")
		}
		switch {
		case again:
			return fmt.Errorf("%s is there twice", strictjson.Quote(field))
		case err != nil:
			return fmt.Errorf("%s: %w", strictjson.Quote(field), err)
		}
		return nil
	})
	if err == nil && !(have.dtype && have.shape && have.offsets) {
		err = errors.New(`needs "dtype", "shape" and "data_offsets"`)
	}
	return e, err
}

func readType(r *strictjson.Reader) (dtype, error) {
	name, err := r.String()
	if err != nil {
		return 0, err
	}
	t := slices.IndexFunc(types[:], func(t elementType) bool { return t.name == string(name) })
	if t < 0 {
		return 0, fmt.Errorf("%s is unknown", strictjson.Quote(name))
	}
	return dtype(t), nil
}

// readShape reads the sizes of a shape and returns their text.
func readShape(r *strictjson.Reader) ([]byte, error) {
	r.Peek()
	begin := r.Offset()
	err := r.Array(maxRank, func() error {
		_, err := r.Uint(strconv.IntSize - 1)
		return err
	})
	if err != nil {
		return nil, err
	}
	return r.Since(begin), nil
}

func readOffsets(r *strictjson.Reader) (begin, end int64, err error) {
	var offsets [2]int64
	n := 0
	err = r.Array(len(offsets), func() error {
		x, err := r.Uint(63)
		offsets[n] = int64(x)
		n++
		return err
	})
	if err == nil && n != len(offsets) {
		err = fmt.Errorf("%d numbers, want 2", n)
	}
	return offsets[0], offsets[1], err
}

// sizes calls size with each size of the shape.
func (e *entry) sizes(size func(n int)) {
	r := strictjson.New(e.shape)
	r.Array(maxRank, func() error { // has been read before: cannot fail
		n, err := r.Uint(strconv.IntSize - 1)
		size(int(n))
		return err
	})
}

// hasShape says whether the shape is this one.
func (e *entry) hasShape(shape []int) bool {
	same, rank := true, 0
	e.sizes(func(n int) {
		same = same && rank < len(shape) && shape[rank] == n
		rank++
	})
	return same && rank == len(shape)
}

// bytes returns the size that type and shape ask for.
func (e *entry) bytes() (int64, error) {
	total, fits := types[e.dtype].bytes, true
	e.sizes(func(n int) {
		if fits = fits && (n == 0 || total <= math.MaxInt64/int64(n)); fits {
			total *= int64(n)
		}
	})
	if !fits {
		return 0, fmt.Errorf("shape %v is too large", e.tensor().Shape)
	}
	return total, nil
}

// tensor returns a copy for those who ask.
func (e *entry) tensor() Tensor {
	t := Tensor{Name: string(e.name), Type: types[e.dtype].name}
	e.sizes(func(n int) { t.Shape = append(t.Shape, n) })
	return t
}

// checkCover checks that each tensor is as long as its type and shape say, and that together they cover the data. It
// leaves the entries in the order of their names.
func (f *File) checkCover() error {
	slices.SortFunc(f.entries, func(a, b entry) int { // by end too: empty tensors first where both begin
		return cmp.Or(cmp.Compare(a.begin, b.begin), cmp.Compare(a.end, b.end), bytes.Compare(a.name, b.name))
	})
	var end int64
	for i := range f.entries {
		e := &f.entries[i]
		want, err := e.bytes()
		if err == nil {
			err = e.check(want, end)
		}
		if err != nil {
			return fmt.Errorf("tensor %s: %w", quote(string(e.name)), err)
		}
		end = e.end
	}
	if size := f.Size(); end != size {
		return fmt.Errorf("tensors take %d bytes, the file holds %d", end, size)
	}
	slices.SortFunc(f.entries, func(a, b entry) int { return bytes.Compare(a.name, b.name) })
	return nil
}

// check compares the offsets with the size of a tensor and the end of the one before.
func (e *entry) check(size, before int64) error {
	switch {
	case e.begin > e.end || e.end-e.begin != size:
		t := e.tensor()
		return fmt.Errorf("data_offsets [%d, %d], want %d bytes for %s %v", e.begin, e.end, size, t.Type, t.Shape)
	case e.begin > before:
		return fmt.Errorf("data_offsets [%d, %d] leave a hole behind byte %d", e.begin, e.end, before)
	case e.begin < before:
		return fmt.Errorf("data_offsets [%d, %d] overlap the tensor before, which ends at %d", e.begin, e.end, before)
	}
	return nil
}
