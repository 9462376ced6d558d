// Package setting makes errors that name settings. Packages that check a setting know it by its name in JSON; the command line
// replaces that name by the flag.
package setting

import (
	"fmt"
	"strings"
)

// A Name is the name of a setting in JSON, the last part of its path: "clip_norm".
type Name string

// An Error says what is wrong with a setting. Render replaces its arguments of type Name.
type Error struct {
	format string
	args   []any
}

// Errorf returns an *Error: Errorf("%v is %d, must be at least 1", setting.Name("batch"), batch).
func Errorf(format string, args ...any) error { return &Error{format, args} }

// Error returns the message with the names in JSON.
func (e *Error) Error() string { return fmt.Sprintf(e.format, e.args...) }

// Render returns the message with each name replaced by show.
func (e *Error) Render(show func(Name) string) string {
	args := make([]any, len(e.args))
	for i, a := range e.args {
		if n, ok := a.(Name); ok {
			a = show(n)
		}
		args[i] = a
	}
	return fmt.Sprintf(e.format, args...)
}

// Unwrap returns the errors among the arguments.
func (e *Error) Unwrap() (wrapped []error) {
	for _, a := range e.args {
		if err, ok := a.(error); ok {
			wrapped = append(wrapped, err)
		}
	}
	return wrapped
}

// Names returns the settings named in the error, the wrong one first.
func (e *Error) Names() []Name {
	var names []Name
	for _, a := range e.args {
		if n, ok := a.(Name); ok {
			names = append(names, n)
		}
	}
	return names
}

// Find returns the entry of a registry with this name, or an error that lists all names. A registry is a slice of all
// entries in the order that users see; what is the word for an entry.
func Find[E any](what Name, name string, all []E, nameOf func(E) string) (found E, err error) {
	for _, e := range all {
		if nameOf(e) == name {
			return e, nil
		}
	}
	var names []string
	for _, e := range all {
		names = append(names, nameOf(e))
	}
	return found, Errorf("%v is %.40q, must be %v", what, name, Alternatives(names))
}

// Alternatives joins words: a, b or c.
func Alternatives(words []string) string {
	last := len(words) - 1
	if last < 1 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:last], ", ") + " or " + words[last]
}
