package cli

import (
	"bytes"
	"regexp"
	"strconv"

	"github.com/seed-f4dd853e/elman/score"
)

// mostKeys is how many keys of --key are remembered: a state of the network for each.
const mostKeys = 4096

// A keyOf returns the key of a line.
type keyOf func(line []byte) string

// newKeyOf returns what --key says: the number of a field, or a regular expression of which the first group is the key, or if
// it has none, all that matches. Lines without the field or a match share the key "".
func newKeyOf(key string) (keyOf, error) {
	if n, err := strconv.Atoi(key); err == nil {
		if n < 1 {
			return nil, usagef("--key is %d, must be the number of a field, from 1 on, or a regular expression", n)
		}
		return func(line []byte) string {
			fields := bytes.Fields(line)
			if n > len(fields) {
				return ""
			}
			return string(fields[n-1])
		}, nil
	}
	r, err := regexp.Compile(key)
	if err != nil {
		return nil, usagef("--key: %v", err)
	}
	return func(line []byte) string {
		found := r.FindSubmatch(bytes.TrimSuffix(bytes.TrimSuffix(line, []byte("\n")), []byte("\r")))
		switch len(found) {
		case 0:
			return ""
		case 1:
			return string(found[0])
		}
		return string(found[1])
	}, nil
}

// readKeyed scores lines, each as the next of those with its key.
func (s *scoring) readKeyed(streams *score.Streams, lines [][]byte, add func(i int, x score.Symbol) error) error {
	for i, line := range lines {
		if err := streams.Text(s.unhurried(), s.keyOf(line), line, func(x score.Symbol) error { return add(i, x) }); err != nil {
			return err
		}
	}
	return nil
}
