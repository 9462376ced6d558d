package corpus

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/seed-f4dd853e/elman/internal/strictjson"
)

// An alphabetFile is the JSON form. Bytes are numbers, since JSON has no strings of bytes.
type alphabetFile struct {
	Kind    Kind     `json:"kind"`
	Open    bool     `json:"open,omitempty"`
	Symbols []string `json:"symbols,omitempty"`
	Bytes   []int    `json:"bytes,omitempty"`
}

// MarshalJSON writes {"kind": "chars", "open": true, "symbols": ["a", "b"]}, or for bytes {"kind": "bytes", "bytes": [97, 98]}.
func (a *Alphabet) MarshalJSON() ([]byte, error) {
	file := alphabetFile{Kind: a.kind, Open: a.open}
	for i := range a.symbols.len() {
		if s := a.symbols.at(i); a.kind == Bytes {
			file.Bytes = append(file.Bytes, int(s[0]))
		} else {
			file.Symbols = append(file.Symbols, s)
		}
	}
	return json.Marshal(file)
}

// UnmarshalJSON reads what MarshalJSON wrote. It fails on symbols that are out of order, double, or not of the kind.
func (a *Alphabet) UnmarshalJSON(text []byte) error {
	made, err := parseAlphabet(slices.Clone(text), -1)
	if err != nil {
		return err
	}
	*a = *made
	return nil
}

// ReadAlphabet reads what MarshalJSON wrote, and spoils it: escapes are resolved in place. It fails as UnmarshalJSON does,
// and, before it takes memory for them, unless there are so many symbols, the escape included.
func ReadAlphabet(text []byte, size int) (*Alphabet, error) { return parseAlphabet(text, size) }

// An alphabetText is what one walk over the JSON form finds.
type alphabetText struct {
	kind    Kind
	open    bool
	symbols []byte // the text of the array, found to be right; nil if there is none
	count   int    // of symbols
	size    int    // of their names, in bytes
	bytes   *namer // nil if there are none
}

// parseAlphabet walks over the text twice: to count the symbols, and to take their names. A size of -1 is any.
func parseAlphabet(text []byte, size int) (*Alphabet, error) {
	t, err := walkAlphabet(text)
	if err == nil {
		err = t.check(size)
	}
	var a *Alphabet
	if err == nil {
		a, err = t.names().alphabet(t.kind, t.open)
	}
	if err != nil {
		return nil, fmt.Errorf("alphabet: %w", err)
	}
	return a, nil
}

// walkAlphabet finds the fields of the JSON form and counts the symbols.
func walkAlphabet(text []byte) (t alphabetText, err error) {
	r := strictjson.New(text)
	var seen []string
	err = r.Object(strictjson.NoLimit, func(name []byte) (err error) {
		switch string(name) {
		case "kind":
			t.kind, err = readKind(r)
		case "open":
			t.open, err = r.Bool()
		case "symbols":
			err = t.readSymbols(r)
		case "bytes":
			t.bytes, err = readBytes(r)
		default:
			return fmt.Errorf("unknown field %s", strictjson.Quote(name))
		}
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if slices.Contains(seen, string(name)) {
			return fmt.Errorf("%s is there twice", name)
		}
		seen = append(seen, string(name))
		return nil
	})
	if err == nil {
		err = r.End()
	}
	return t, err
}

func readKind(r *strictjson.Reader) (Kind, error) {
	name, err := r.String()
	if err != nil {
		return "", err
	}
	i := slices.IndexFunc(Kinds(), func(k Kind) bool { return string(k) == string(name) })
	if i < 0 {
		return "", fmt.Errorf("%s: there are bytes, chars, words", strictjson.Quote(name))
	}
	return Kinds()[i], nil
}

// readSymbols counts.
func (t *alphabetText) readSymbols(r *strictjson.Reader) error {
	r.Peek()
	begin := r.Offset()
	err := r.Array(strictjson.NoLimit, func() error {
		name, err := r.String()
		t.count++
		t.size += strictjson.UnquotedLen(name)
		return err
	})
	t.symbols = r.Since(begin)
	return err
}

// readBytes reads numbers, of which there cannot be more than 256.
func readBytes(r *strictjson.Reader) (*namer, error) {
	n := newNamer(256, 256)
	return n, r.Array(256, func() error {
		b, err := r.Uint(8)
		n.add([]byte{byte(b)})
		return err
	})
}

// check sees that the fields go together, and that there are so many symbols.
func (t *alphabetText) check(size int) error {
	count := t.count
	if t.bytes != nil {
		count = len(t.bytes.ends)
	}
	if t.open {
		count++
	}
	switch {
	case t.kind == "":
		return errors.New("kind is missing")
	case t.kind == Bytes && t.symbols != nil:
		return errors.New("kind is bytes, and there are symbols")
	case t.kind != Bytes && t.bytes != nil:
		return fmt.Errorf("kind is %s, and there are bytes", t.kind)
	case size >= 0 && count != size:
		return fmt.Errorf("%d symbols, want %d", count, size)
	}
	return nil
}

// names takes the names out of the text.
func (t *alphabetText) names() names {
	switch {
	case t.bytes != nil:
		return t.bytes.names()
	case t.symbols == nil:
		return names{}
	}
	n := newNamer(t.count, t.size)
	r := strictjson.New(t.symbols)
	r.Array(strictjson.NoLimit, func() error { // has been read before: cannot fail
		raw, err := r.String()
		n.add(strictjson.Unquote(raw[:0], raw))
		return err
	})
	return n.names()
}
