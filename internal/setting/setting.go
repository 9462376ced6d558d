// Package setting makes errors that name settings. The packages which check a setting know it by its name in JSON; whoever
// offers it to users knows another, such as a flag, and puts that in its place.
package setting

import (
	"fmt"
	"strings"
)

// A Name is the name of a setting in JSON, the last part of its path: "clip_norm".
type Name string

// An Error says what is wrong with a setting. Its arguments of type Name may be shown otherwise: see Render.
type Error struct {
	format string
	args   []any
}

// Errorf returns an *Error: Errorf("%v is %d, must be at least 1", setting.Name("batch"), batch).
func Errorf(format string, args ...any) error { return &Error{format, args} }

// Error shows the names as they are.
func (e *Error) Error() string { return fmt.Sprintf(e.format, e.args...) }

// Render is Error with each name shown as show says.
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

// Names returns the settings that the error speaks of, the one that is wrong first.
func (e *Error) Names() []Name {
	var names []Name
	for _, a := range e.args {
		if n, ok := a.(Name); ok {
			names = append(names, n)
		}
	}
	return names
}

// Find returns the entry with a name in a registry, which is a slice of all entries in the order that users see, or an error
// that lists the names there are. what says what the name is of.
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
