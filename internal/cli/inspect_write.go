package cli

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
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
	"github.com/seed-f4dd853e/elman/internal/page"
	"github.com/seed-f4dd853e/elman/internal/report"
	"github.com/seed-f4dd853e/elman/score"
)

// usualOut is the default name of the page.
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

// read reads the beginning of the text again, for an observer.
func (in *inspection) read(o inspect.Observer) error {
	_, err := inspect.Read(in.ctx, in.model, in.text, score.Extras{Rank: true, Top: in.top}, o)
	if errors.Is(err, errEnough) {
		return nil
	}
	return err
}

func (in *inspection) writePage(out string) error {
	r := newRecorder(in.model, in.show, in.interesting())
	if probed := inspect.Numbers[*inspect.ProbeResult](in.results); probed != nil {
		r.addFeatures(probed)
	}
	if c := inspect.Numbers[*inspect.Components](in.results); c != nil {
		r.addComponents(c)
	}
	if err := in.read(r); err != nil {
		return err
	}
	p := r.text
	if moved := inspect.Numbers[*inspect.InfluenceResult](in.results); moved != nil {
		p.page.Influence = &page.Influence{Span: moved.Span, Values: moved.All.Product}
	}
	var on []string
	for _, u := range in.together {
		on = append(on, u.ID())
	}
	p.page.On, p.page.Threshold = strings.Join(on, ", "), in.threshold
	p.sum = in.results.Sum
	p.describe(in.name, []string{in.path})
	p.page.Title = fmt.Sprintf("Inside %s, reading %s", filepath.Base(filepath.Clean(in.name)), filepath.Base(textName(in.path)))
	p.page.About = describeNetwork(in.model.Network.Config())
	for _, x := range in.results.All {
		p.page.Sections = append(p.page.Sections, x.Section)
	}
	return writePage(out, &p.page)
}

// wanted returns the findings. One of --of without a result is an error.
func (in *inspection) wanted() ([]inspect.Result, error) {
	for _, x := range in.results.All {
		if len(in.of) > 0 && x.Err != nil {
			return nil, fmt.Errorf("no finding %s: %w", x.Name, x.Err)
		}
	}
	return in.results.All, nil
}

func (in *inspection) writePictures(out string) error {
	findings, err := in.wanted()
	if err != nil {
		return err
	}
	var charts []chart.Chart
	for _, x := range findings {
		for i, f := range report.Of[*report.Figure](x.Section.Blocks) {
			if errors.Is(chart.Write(io.Discard, "svg", f.Charts...), chart.ErrEmpty) {
				continue // the others are drawn all the same
			}
			for _, c := range f.Charts {
				if c.Title == "" && i == 0 {
					c.Title = x.Title
				}
				charts = append(charts, c)
			}
		}
	}
	if len(charts) == 0 {
		return fmt.Errorf("%s: there is nothing to draw", out)
	}
	return writePicture(out, charts...)
}

func (in *inspection) writeTables(out string) error {
	findings, err := in.wanted()
	if err != nil {
		return err
	}
	var tables []*report.Table
	for _, x := range findings {
		tables = append(tables, report.Of[*report.Table](x.Section.Blocks)...)
	}
	return writeBytes(out, report.CSV(tables...))
}

// print writes the findings.
func (in *inspection) print(t *report.Terminal) error {
	sum := in.results.Sum
	symbols := report.Grouped(sum.Symbols) + " symbols"
	if sum.Symbols == 1 {
		symbols = "1 symbol"
	}
	head := fmt.Sprintf("%s reading %s: %s, %s bits per character, perplexity %s", in.name, textName(in.path),
		symbols, report.Fixed(4)(sum.PerChar()), perplexity(sum.Perplexity()))
	t.Block(report.Paragraph(head))
	for _, x := range in.results.All {
		t.Section(x.Section)
	}
	return t.Err()
}

// printJSON writes one object: the sum of the text, the numbers of each finding by name, and why any are missing.
func (in *inspection) printJSON(w io.Writer) error {
	sum := in.results.Sum
	fields := []jsonField{
		{"model", in.name}, {"text", textName(in.path)}, {"symbols", sum.Symbols},
		{"bits_per_char", report.Finite(sum.PerChar())}, {"perplexity", report.Finite(sum.Perplexity())}, // of a symbol
	}
	missing := map[string]string{}
	for _, x := range in.results.All {
		if x.Err != nil {
			missing[x.Name] = x.Err.Error()
		} else if _, err := json.Marshal(x.Numbers); err != nil {
			missing[x.Name] = "its numbers are not finite"
		} else {
			fields = append(fields, jsonField{x.Name, x.Numbers})
		}
	}
	if len(missing) > 0 {
		fields = append(fields, jsonField{"missing", missing})
	}
	return writeObject(w, fields)
}

// A jsonField is a name and a value of an object that keeps its order.
type jsonField struct {
	name  string
	value any
}

func writeObject(w io.Writer, fields []jsonField) error {
	var b bytes.Buffer
	for i, f := range fields {
		b.WriteByte("{,"[min(i, 1)])
		fmt.Fprintf(&b, "%q:", f.name)
		value, err := json.Marshal(f.value)
		if err != nil {
			return err
		}
		b.Write(value)
	}
	b.WriteString("}\n")
	_, err := w.Write(b.Bytes())
	return err
}

func writeBytes(out string, content []byte) error {
	return atomicfile.Write(out, func(w io.Writer) error {
		_, err := w.Write(content)
		return err
	})
}

// writeSymbols writes a line for each symbol: position, bits, rank, likely symbols, and the values of some units.
func (in *inspection) writeSymbols(out string) error {
	return atomicfile.Write(out, func(w io.Writer) error {
		s := &symbolTable{in: in, csv: csv.NewWriter(w), units: in.interesting()}
		for _, q := range in.model.Network.Config().Quantities() {
			s.quantities = append(s.quantities, q.Name)
		}
		head := []string{"offset", "symbol", "bits", "rank"}
		for i := range in.top {
			head = append(head, fmt.Sprintf("guess %d", i+1), fmt.Sprintf("bits %d", i+1))
		}
		for _, u := range s.units {
			for _, q := range s.quantities {
				head = append(head, u.ID()+" "+q)
			}
		}
		s.csv.Write(head)
		if err := in.read(s); err != nil {
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
	units      []inspect.Unit
	quantities []string
	written    int
	offset     int // bytes
}

// Needs implements inspect.Observer.
func (s *symbolTable) Needs() []string { return s.quantities }

// Observe implements inspect.Observer.
func (s *symbolTable) Observe(c *inspect.Chunk) error {
	H := s.in.model.Network.Config().Hidden
	for i, x := range c.Symbols {
		if s.written == s.in.show {
			return errEnough
		}
		s.written++
		row := []string{strconv.Itoa(s.offset), strings.ToValidUTF8(string(x.Text), "\ufffd"), report.Exact(x.Bits.Float()), strconv.Itoa(x.Rank)}
		s.offset += len(x.Text)
		for _, a := range x.Top {
			row = append(row, strings.ToValidUTF8(s.in.model.Alphabet.Piece(x.Previous, a.ID), "\ufffd"), report.Exact(a.Bits.Float()))
		}
		for len(row) < 4+2*s.in.top { // of a small alphabet
			row = append(row, "")
		}
		for _, u := range s.units {
			for _, q := range s.quantities {
				row = append(row, strconv.FormatFloat(float64(c.Values(u.Layer, q)[i*H+u.Unit]), 'g', -1, 32))
			}
		}
		s.csv.Write(row)
	}
	return s.csv.Error()
}

// writeArrays writes the symbols' texts, numbers and bits, all quantities of all layers, [symbols x H], and with --of influence
// that of earlier symbols, [symbols x span].
func (in *inspection) writeArrays(out string) error {
	c := in.model.Network.Config()
	trace := &inspect.Trace{Most: in.show}
	for _, q := range c.Quantities() {
		trace.Quantities = append(trace.Quantities, q.Name)
	}
	stop := &limit{most: in.show}
	if _, err := inspect.Read(in.ctx, in.model, in.text, score.Extras{}, trace, stop); err != nil && !errors.Is(err, errEnough) {
		return err
	}
	n := len(trace.Symbols)
	ids, bits, texts := make([]int32, n), make([]float64, n), make([][]byte, n)
	for i, x := range trace.Symbols {
		ids[i], bits[i], texts[i] = x.ID, x.Bits.Float(), x.Text
	}
	text, offsets := npz.Strings(texts)
	arrays := []npz.Array{{Name: "ids", Shape: []int{n}, Data: ids}, {Name: "bits", Shape: []int{n}, Data: bits}, text, offsets}
	for layer := range c.Layers {
		for _, q := range trace.Quantities {
			arrays = append(arrays, npz.Array{Name: fmt.Sprintf("layer%d_%s", layer+1, q), Shape: []int{n, c.Hidden}, Data: trace.Values(layer, q)})
		}
	}
	if moved := inspect.Numbers[*inspect.InfluenceResult](in.results); moved != nil && slices.Contains(in.of, "influence") {
		all := moved.All
		arrays = append(arrays, npz.Array{Name: "influence", Shape: []int{all.Symbols, all.Span}, Data: all.Product},
			npz.Array{Name: "influence_norm", Shape: []int{all.Symbols, all.Span}, Data: all.Norm})
	}
	return atomicfile.Write(out, func(w io.Writer) error { return npz.Write(w, arrays...) })
}

// limit is an Observer that ends a reading.
type limit struct{ most, seen int }

func (*limit) Needs() []string { return nil }

func (l *limit) Observe(c *inspect.Chunk) error {
	if l.seen += len(c.Symbols); l.seen >= l.most {
		return errEnough
	}
	return nil
}
