// Package strictjson reads JSON that nobody vouches for, such as the header of a file from elsewhere.
//
// A Reader walks over a text from value to value and takes no memory for it, however the text is made: strings and names
// are parts of the text, and an error quotes little of it. Who reads says what may come next, how deep and how many of it.
//
// It is stricter than package encoding/json: a string must be valid UTF-8, and an escaped surrogate must have its other
// half. Whether names are there twice is for the caller to see.
package strictjson

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A Reader reads a text once, from front to back. After an error it is of no more use.
type Reader struct {
	text []byte
	at   int
}

// New returns a reader of a text.
func New(text []byte) *Reader { return &Reader{text: text} }

// errCut says that the text ends where more must follow.
var errCut = errors.New("ends in the middle")

// Peek returns the first byte of what comes next, 0 at the end of the text.
func (r *Reader) Peek() byte {
	for ; r.at < len(r.text); r.at++ {
		switch c := r.text[r.at]; c {
		case ' ', '\t', '\r', '\n':
		default:
			return c
		}
	}
	return 0
}

// Offset returns how much of the text has been read, in bytes. After Peek that is where the next value begins.
func (r *Reader) Offset() int { return r.at }

// Since returns the text from an offset up to where reading stands.
func (r *Reader) Since(offset int) []byte { return r.text[offset:r.at] }

// End fails if anything but space follows.
func (r *Reader) End() error {
	if r.Peek(); r.at < len(r.text) {
		return errors.New("something follows the closing }")
	}
	return nil
}

// Object reads an object of at most so many entries. For each it calls value, which reads the value; the name is as String
// returns it.
func (r *Reader) Object(most int, value func(name []byte) error) error {
	return r.list('{', '}', func(n int) error {
		if n == most {
			return fmt.Errorf("more than %d entries", most)
		}
		name, err := r.String()
		if err != nil {
			return err
		}
		if err := r.take(':'); err != nil {
			return err
		}
		return value(name)
	})
}

// Array reads an array of at most so many values. It calls value to read each.
func (r *Reader) Array(most int, value func() error) error {
	return r.list('[', ']', func(n int) error {
		if n == most {
			return fmt.Errorf("more than %d values", most)
		}
		return value()
	})
}

// list reads items with commas between them, within brackets.
func (r *Reader) list(open, closing byte, item func(n int) error) error {
	if err := r.take(open); err != nil {
		return err
	}
	for n := 0; ; n++ {
		if n == 0 && r.Peek() == closing {
			break
		}
		if err := item(n); err != nil {
			return err
		}
		if r.Peek() != ',' {
			break
		}
		r.at++
	}
	return r.take(closing)
}

// take reads one byte of punctuation.
func (r *Reader) take(want byte) error {
	if r.Peek() != want {
		return r.unexpected(string(want))
	}
	r.at++
	return nil
}

// String reads a string and returns what stands between its quotes, a part of the text with its escapes as they are. They
// are valid; Unquote resolves them.
func (r *Reader) String() ([]byte, error) {
	if r.Peek() != '"' {
		return nil, r.unexpected("a string")
	}
	start := r.at + 1
	for i := start; i < len(r.text); i++ {
		switch c := r.text[i]; {
		case c == '"':
			raw := r.text[start:i]
			if !utf8.Valid(raw) {
				return nil, errors.New("is not valid UTF-8")
			}
			r.at = i + 1
			return raw, nil
		case c < ' ':
			return nil, fmt.Errorf("byte 0x%02x within a string", c)
		case c == '\\':
			_, size := escape(r.text[i:])
			if size == 0 {
				return nil, fmt.Errorf("%s is no escape", strconv.QuoteToASCII(string(r.text[i:min(i+6, len(r.text))])))
			}
			i += size - 1
		}
	}
	return nil, errCut
}

// Uint reads a whole number below 2^bits.
func (r *Reader) Uint(bits int) (uint64, error) {
	word := r.word()
	if len(word) > 0 && len(word) <= maxWord && (word[0] != '0' || len(word) == 1) {
		if n, err := strconv.ParseUint(string(word), 10, bits); err == nil { // no signs, fractions, exponents
			r.at += len(word)
			return n, nil
		}
	}
	return 0, r.unexpected(fmt.Sprintf("a whole number below 2^%d", bits))
}

// maxWord bounds the length of numbers; a float64 has 24 characters at most.
const maxWord = 40

// Bool reads true or false.
func (r *Reader) Bool() (bool, error) {
	word := r.word()
	value := string(word) == "true"
	if !value && string(word) != "false" {
		return false, r.unexpected("true or false")
	}
	r.at += len(word)
	return value, nil
}

// Word reads a number of any kind, true, false or null.
func (r *Reader) Word() error {
	word := r.word()
	if len(word) == 0 || len(word) > maxWord || !json.Valid(word) {
		return r.unexpected("a value")
	}
	r.at += len(word)
	return nil
}

// word returns what could be a number, true, false or null.
func (r *Reader) word() []byte {
	r.Peek()
	end := bytes.IndexFunc(r.text[r.at:], func(c rune) bool {
		return !('0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '+' || c == '-' || c == '.')
	})
	if end < 0 {
		end = len(r.text) - r.at
	}
	return r.text[r.at : r.at+end]
}

// unexpected says what comes next instead of what should.
func (r *Reader) unexpected(want string) error {
	c := r.Peek()
	if r.at == len(r.text) {
		return errCut
	}
	what := strconv.QuoteRune(rune(c))
	if word := r.word(); len(word) > 0 {
		what = Shorten(word)
	} else if c == '"' {
		raw, err := r.String()
		if err != nil {
			return err
		}
		what = Quote(raw)
	} else if c >= utf8.RuneSelf {
		what = "a letter"
	}
	return fmt.Errorf("%s where %s should be", what, want)
}

// maxQuote bounds what an error quotes, in bytes; escapes can make that four times as long.
const maxQuote = 40

// Quote makes a string as String returns it fit for an error of one line.
func Quote(raw []byte) string {
	return QuoteText(string(Unquote(nil, raw[:cut(raw, 8*maxQuote)])))
}

// QuoteText makes a text without escapes fit for an error of one line.
func QuoteText(text string) string {
	if len(text) > maxQuote {
		return strconv.Quote(strings.ToValidUTF8(text[:maxQuote], "")) + "..."
	}
	return strconv.Quote(text)
}

// Shorten makes a word of ASCII fit for an error of one line.
func Shorten(word []byte) string {
	if len(word) > 80 {
		return string(word[:80]) + "..."
	}
	return string(word)
}

// cut returns the end of the last whole character or escape that ends by most.
func cut(raw []byte, most int) (end int) {
	for end < len(raw) {
		_, size := char(raw[end:])
		if end+size > most {
			break
		}
		end += size
	}
	return end
}

// Unquote appends what a string stands for to dst, given as String returns it. That takes no more bytes than the string
// itself, so dst may be raw[:0], to resolve the escapes in place.
func Unquote(dst, raw []byte) []byte {
	for len(raw) > 0 {
		i := bytes.IndexByte(raw, '\\')
		if i < 0 {
			i = len(raw)
		}
		dst = append(dst, raw[:i]...)
		if raw = raw[i:]; len(raw) > 0 {
			c, size := escape(raw)
			dst = utf8.AppendRune(dst, c)
			raw = raw[size:]
		}
	}
	return dst
}

// UnquotedLen returns the length of Unquote(nil, raw).
func UnquotedLen(raw []byte) int {
	n := len(raw)
	for i := bytes.IndexByte(raw, '\\'); i >= 0; i = bytes.IndexByte(raw, '\\') {
		c, size := escape(raw[i:])
		n += utf8.RuneLen(c) - size
		raw = raw[i+size:]
	}
	return n
}

// char returns the character that a string begins with, and the bytes it takes.
func char(raw []byte) (c rune, size int) {
	if raw[0] == '\\' {
		return escape(raw)
	}
	return utf8.DecodeRune(raw)
}

// escape returns the character that an escape stands for, and the length of the escape, 0 if it is none.
func escape(b []byte) (c rune, size int) {
	if len(b) < 2 {
		return 0, 0
	}
	if i := bytes.IndexByte([]byte(`"\/bfnrt`), b[1]); i >= 0 {
		return rune("\"\\/\b\f\n\r\t"[i]), 2
	}
	c = unit(b)
	switch {
	case c < 0 || 0xDC00 <= c && c < 0xE000: // a second half
		return 0, 0
	case 0xD800 <= c && c < 0xDC00: // a first half
		low := unit(b[6:])
		if low < 0xDC00 || low >= 0xE000 {
			return 0, 0
		}
		return 0x10000 + (c-0xD800)<<10 + (low - 0xDC00), 12
	}
	return c, 6
}

// unit returns the number of an escape \u1234, -1 if it is none.
func unit(b []byte) rune {
	if len(b) < 6 || b[0] != '\\' || b[1] != 'u' {
		return -1
	}
	var n rune
	for _, d := range b[2:6] {
		switch {
		case '0' <= d && d <= '9':
			n = n<<4 + rune(d-'0')
		case 'a' <= d|0x20 && d|0x20 <= 'f':
			n = n<<4 + rune(d|0x20-'a') + 10
		default:
			return -1
		}
	}
	return n
}

// NoLimit is for objects and arrays of any length.
const NoLimit = math.MaxInt
