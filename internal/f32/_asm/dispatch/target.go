// Package dispatch writes the Go code that calls kernels: functions that branch on the active kernel set. What it needs to
// know of an architecture is a table, which the package that lowers kernels to it provides.
package dispatch

import (
	"fmt"
	"strings"

	"github.com/seed-f4dd853e/elman/internal/f32/_asm/ir"
	"github.com/seed-f4dd853e/elman/internal/f32/_asm/kernels"
)

// An Architecture is the kernel sets that one kind of build has.
type Architecture struct {
	Name    string   // with which the names of files end
	Build   string   // the constraint of such builds, as in Go: "amd64 && !purego"
	Imports []string // of the conditions in Sets
	Sets    []*Set   // fastest first
	// File returns the assembly of some kernels of a family in one of the sets. Nil stands for no assembly.
	File func(t *ir.Target, kernels []ir.Definition) ([]byte, error)
	// Declare returns the Go declaration of a kernel in one of the sets. Nil stands for a function in assembly.
	Declare func(s *Set, d ir.Definition) string
}

// A Set is one implementation of the kernels.
type Set struct {
	*ir.Target
	Runs string // the Go expression that is true on processors with this set
}

// Flag returns the set's name on the command line.
func (s *Set) Flag() string { return strings.ToLower(s.Name) }

// Has says whether the set has a kernel.
func (s *Set) Has(d ir.Definition) bool { return d.Only == nil || d.Only(s.Target) }

// Assembly returns the architecture's files of assembly by their names.
func (a *Architecture) Assembly(families []kernels.Family) (map[string][]byte, error) {
	files := map[string][]byte{}
	for _, s := range a.Sets {
		if a.File == nil {
			break
		}
		for _, f := range families {
			var has []ir.Definition
			for _, d := range f.Kernels {
				if s.Has(d) {
					has = append(has, d)
				}
			}
			if len(has) == 0 {
				continue
			}
			text, err := a.File(s.Target, has)
			if err != nil {
				return nil, err
			}
			files[fmt.Sprintf("%s_%s_%s.s", f.Name, s.Flag(), a.Name)] = text
		}
	}
	return files, nil
}
