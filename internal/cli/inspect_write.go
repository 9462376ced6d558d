package cli

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/seed-f4dd853e/elman/inspect"
	"github.com/seed-f4dd853e/elman/internal/atomicfile"
	"github.com/seed-f4dd853e/elman/internal/chart"
	"github.com/seed-f4dd853e/elman/internal/npz"
)

// usualOut is the page's name where --out gives none.
func usualOut(model string) string {
	return strings.TrimSuffix(filepath.Clean(model), ".safetensors") + "-inspect.html"
}

// write writes all files that are wanted.
func (in *inspection) write() error {
	for _, out := range in.outs {
		in.status.Tell("writing "+out, 0)
		if err := in.writeOne(out); err != nil {
			return err
		}
	}
	return nil
}

func (in *inspection) writeOne(out string) error {
	switch ending(out) {
	case ".html":
		return in.writePage(out)
	case ".csv":
		if len(in.of) > 0 {
			return in.writeTables(out)
		}
		return in.writeSymbols(out)
	case ".npz":
		return in.writeArrays(out)
	}
	return in.writePictures(out)
}

// read reads the beginning of the text once more, under the eyes of an observer.
func (in *inspection) read(guesses int, o inspect.Observer) error {
	_, err := inspect.Read(in.ctx, in.model, in.text, guesses, o)
	if errors.Is(err, errEnough) {
		return nil
	}
	return err
}

func (in *inspection) writePage(out string) error {
	r := newRecorder(in.model.Network.Config(), in.show, in.interesting())
	if in.found.Units != nil {
		r.addFeatures(in.found.Units)
	}
	r.addComponents(in.found.Components)
	if err := in.read(in.top, r); err != nil {
		return err
	}
	p := r.text
	p.sum = in.found.sum
	p.describe(in.name, []string{in.path}, in.model.Alphabet)
	p.page.Title = fmt.Sprintf("Inside %s, reading %s", filepath.Base(filepath.Clean(in.name)), filepath.Base(textName(in.path)))
	p.page.About = describeNetwork(in.model.Network.Config())
	for i := range in.findings {
		s, err := in.findings[i].section()
		if err != nil {
			return err
		}
		p.page.Sections = append(p.page.Sections, s)
	}
	return writePage(out, &p.page)
}

// pictured returns the findings that pictures and tables are made of.
func (in *inspection) pictured() ([]finding, error) {
	if len(in.of) == 0 {
		return in.findings, nil
	}
	var some []finding
	for _, name := range in.of {
		i := slices.IndexFunc(in.findings, func(f finding) bool { return f.name == name })
		if i < 0 {
			return nil, fmt.Errorf("there is nothing to tell about %s: the text is too short", name)
		}
		some = append(some, in.findings[i])
	}
	return some, nil
}

func (in *inspection) writePictures(out string) error {
	some, err := in.pictured()
	if err != nil {
		return err
	}
	var charts []chart.Chart
	for _, f := range some {
		for i, d := range f.charts {
			if d.chart.Title == "" && i == 0 {
				d.chart.Title = f.title
			}
			charts = append(charts, d.chart)
		}
	}
	if len(charts) == 0 {
		return fmt.Errorf("%s: there is nothing to draw", out)
	}
	return writePicture(out, charts...)
}

func (in *inspection) writeTables(out string) error {
	some, err := in.pictured()
	if err != nil {
		return err
	}
	var b bytes.Buffer
	for i := range some {
		if i > 0 {
			b.WriteString("\n")
		}
		if err := some[i].csv(&b); err != nil {
			return err
		}
	}
	return writeBytes(out, b.Bytes())
}

func writeBytes(out string, content []byte) error {
	return atomicfile.Write(out, func(w io.Writer) error {
		_, err := w.Write(content)
		return err
	})
}

// writeSymbols writes a line for each symbol: where it is, its bits, what was expected, and what some units did.
func (in *inspection) writeSymbols(out string) error {
	return atomicfile.Write(out, func(w io.Writer) error {
		s := &symbolTable{in: in, csv: csv.NewWriter(w), units: in.interesting()}
		for _, q := range in.model.Network.Config().Quantities() {
			s.quantities = append(s.quantities, q.Name)
		}
		head := []string{"offset", "symbol", "bits"}
		for i := range in.top {
			head = append(head, fmt.Sprintf("guess %d", i+1), fmt.Sprintf("bits %d", i+1))
		}
		for _, u := range s.units {
			for _, q := range s.quantities {
				head = append(head, fmt.Sprintf("%v %s", u, q))
			}
		}
		s.csv.Write(head)
		if err := in.read(in.top, s); err != nil {
			return err
		}
		s.csv.Flush()
		return s.csv.Error()
	})
}

// A symbolTable is an Observer that writes a line for each symbol.
type symbolTable struct {
	in         *inspection
	csv        *csv.Writer
	units      []unitID
	quantities []string
	written    int
	offset     int // bytes
}

// Needs implements inspect.Observer.
func (s *symbolTable) Needs() []string { return s.quantities }

// Observe implements inspect.Observer.
func (s *symbolTable) Observe(stretch *inspect.Stretch) error {
	H := s.in.model.Network.Config().Hidden
	for i, x := range stretch.Symbols {
		if s.written == s.in.show {
			return errEnough
		}
		s.written++
		row := []string{strconv.Itoa(s.offset), string(x.Text), number(x.Bits.Float())}
		s.offset += len(x.Text)
		for _, a := range x.Top {
			row = append(row, s.in.model.Alphabet.Symbol(a.ID), number(a.Bits.Float()))
		}
		for len(row) < 3+2*s.in.top { // of a small alphabet
			row = append(row, "")
		}
		for _, u := range s.units {
			for _, q := range s.quantities {
				row = append(row, strconv.FormatFloat(float64(stretch.Values(u.layer, q)[i*H+u.unit]), 'g', -1, 32))
			}
		}
		s.csv.Write(row)
	}
	return s.csv.Error()
}

// writeArrays writes the symbols' numbers and bits, and all quantities of all layers, [symbols x H].
func (in *inspection) writeArrays(out string) error {
	c := in.model.Network.Config()
	trace := &inspect.Trace{Most: in.show}
	for _, q := range c.Quantities() {
		trace.Quantities = append(trace.Quantities, q.Name)
	}
	stop := &limit{most: in.show}
	if _, err := inspect.Read(in.ctx, in.model, in.text, 0, trace, stop); err != nil && !errors.Is(err, errEnough) {
		return err
	}
	n := len(trace.Symbols)
	ids, bits := make([]int32, n), make([]float64, n)
	for i, x := range trace.Symbols {
		ids[i], bits[i] = x.ID, x.Bits.Float()
	}
	arrays := []npz.Array{{Name: "ids", Shape: []int{n}, Data: ids}, {Name: "bits", Shape: []int{n}, Data: bits}}
	for layer := range c.Layers {
		for _, q := range trace.Quantities {
			arrays = append(arrays, npz.Array{Name: fmt.Sprintf("layer%d_%s", layer+1, q), Shape: []int{n, c.Hidden}, Data: trace.Values(layer, q)})
		}
	}
	return atomicfile.Write(out, func(w io.Writer) error { return npz.Write(w, arrays...) })
}

// limit is an Observer that ends a reading.
type limit struct{ most, seen int }

func (*limit) Needs() []string { return nil }

func (l *limit) Observe(s *inspect.Stretch) error {
	if l.seen += len(s.Symbols); l.seen >= l.most {
		return errEnough
	}
	return nil
}
