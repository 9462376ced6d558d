// Package export writes models for other programs. A new format is a file of its own and its line in formats.
package export

import (
	"io"

	"github.com/seed-f4dd853e/elman/internal/setting"
	"github.com/seed-f4dd853e/elman/model"
)

// A Format is a form in which other programs read a model.
type Format struct {
	Name    string // what users call it: "onnx"
	Summary string // a line for people who choose one
	Suffix  string // of the file's name: ".onnx"
	State   bool   // it knows Options.State
	// Write writes the model. The same model and options give the same bytes. It fails on models that the format cannot
	// hold, before it has written anything.
	Write func(w io.Writer, m *model.Model, o Options) error
}

// Options are what users choose beside the format.
type Options struct {
	// State makes the states of the network inputs and outputs, so that a text can be read in parts; otherwise each call begins
	// a text. Formats without Format.State ignore it.
	State bool
	// Name begins the names of what the file defines, where the format has such names; "" means model.
	Name string
}

// formats lists every format, the default first.
var formats = []Format{onnx, cHeader}

// Formats returns every format.
func Formats() []Format { return formats }

// FindFormat returns the format with this name, or an error that lists all names.
func FindFormat(name string) (Format, error) {
	return setting.Find("to", name, formats, func(f Format) string { return f.Name })
}
