package safetensors

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"unicode/utf8"
)

const metadataKey = "__metadata__"

// maxRank bounds the numbers in a shape; frameworks stop at 64 dimensions too.
const maxRank = 64

// Entries of a header take some 20 times their length while they are read. These bounds keep a hostile header from taking
// gigabytes: the deepest network has 1,026 tensors, its state three times that.
const (
	maxTensors  = 1 << 13
	maxMetadata = 1 << 8
)

// parse fills in Metadata and Tensors from the header's JSON. It goes token by token, because a decoder into structs or maps
// would let a second entry of the same name replace the first, unseen.
func (f *File) parse(header []byte) error {
	if !utf8.Valid(header) {
		return errors.New("is not valid UTF-8")
	}
	if len(header) == 0 || header[0] != '{' {
		return errors.New("does not begin with {")
	}
	p := parser{json.NewDecoder(bytes.NewReader(header))}
	p.UseNumber()
	err := p.object(maxTensors+1, func(name string) (err error) {
		if name == metadataKey {
			if f.Metadata, err = p.metadata(); err != nil {
				return fmt.Errorf("%s: %w", metadataKey, err)
			}
			return nil
		}
		t, err := p.tensor()
		if err != nil {
			return fmt.Errorf("tensor %s: %w", quote(name), err)
		}
		t.Name = name
		f.Tensors = append(f.Tensors, t)
		return nil
	})
	if err != nil {
		return err
	}
	if _, err := p.Token(); err != io.EOF { // padding has been skipped
		return errors.New("something follows the closing }")
	}
	return nil
}

type parser struct{ *json.Decoder }

// next is Token for callers that are in the middle of something.
func (p parser) next() (json.Token, error) {
	token, err := p.Token()
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, errors.New("ends in the middle")
	}
	return token, err
}

func (p parser) delimiter(want json.Delim) error {
	token, err := p.next()
	if err != nil {
		return err
	}
	if token != want {
		return fmt.Errorf("%s where %v should be", describe(token), want)
	}
	return nil
}

// object calls value for each key of an object, at most limit of them; value reads what belongs to the key.
func (p parser) object(limit int, value func(key string) error) error {
	if err := p.delimiter('{'); err != nil {
		return err
	}
	seen := map[string]bool{}
	for p.More() {
		token, err := p.next()
		if err != nil {
			return err
		}
		key := token.(string) // or Token would have failed
		if seen[key] {
			return fmt.Errorf("%s is there twice", quote(key))
		}
		if len(seen) == limit {
			return fmt.Errorf("more than %d entries", limit)
		}
		seen[key] = true
		if err := value(key); err != nil {
			return err
		}
	}
	return p.delimiter('}')
}

func (p parser) metadata() (map[string]string, error) {
	m := map[string]string{}
	return m, p.object(maxMetadata, func(key string) (err error) {
		if m[key], err = p.text(); err != nil {
			return fmt.Errorf("%s: %w", quote(key), err)
		}
		return nil
	})
}

func (p parser) tensor() (t Tensor, err error) {
	fields := 0
	err = p.object(3, func(field string) error {
		fields++
		var err error
		switch field {
		case "dtype":
			t.Type, err = p.text()
		case "shape":
			err = p.numbers(maxRank, strconv.IntSize-1, func(n int64) { t.Shape = append(t.Shape, int(n)) })
		case "data_offsets":
			var offsets []int64
			err = p.numbers(2, 63, func(n int64) { offsets = append(offsets, n) })
			if err == nil && len(offsets) != 2 {
				err = fmt.Errorf("%d numbers, want 2", len(offsets))
			}
			if err == nil {
				t.begin, t.end = offsets[0], offsets[1]
			}
		default:
			err = errors.New("is no field of a tensor")
		}
		if err != nil {
			return fmt.Errorf("%s: %w", quote(field), err)
		}
		return nil
	})
	if err == nil && fields != 3 { // none is there twice
		err = errors.New(`needs "dtype", "shape" and "data_offsets"`)
	}
	return t, err
}

func (p parser) text() (string, error) {
	token, err := p.next()
	if err != nil {
		return "", err
	}
	s, ok := token.(string)
	if !ok {
		return "", fmt.Errorf("%s where a string should be", describe(token))
	}
	return s, nil
}

// numbers passes on the numbers of an array, at most limit of them, each a whole number below 2^bits.
func (p parser) numbers(limit, bits int, add func(int64)) error {
	if err := p.delimiter('['); err != nil {
		return err
	}
	for count := 0; p.More(); count++ {
		token, err := p.next()
		if err != nil {
			return err
		}
		if count == limit {
			return fmt.Errorf("more than %d numbers", limit)
		}
		digits, ok := token.(json.Number)
		n, err := strconv.ParseUint(string(digits), 10, bits) // rejects signs, fractions and exponents
		if !ok || err != nil {
			return fmt.Errorf("%s where a whole number below 2^%d should be", describe(token), bits)
		}
		add(int64(n))
	}
	return p.delimiter(']')
}

func describe(token json.Token) string {
	switch token := token.(type) {
	case string:
		return quote(token)
	case json.Number:
		if len(token) > 80 {
			return string(token[:80]) + "..."
		}
		return string(token)
	case nil:
		return "null"
	}
	return fmt.Sprint(token)
}
