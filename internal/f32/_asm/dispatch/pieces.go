package dispatch

import (
	"fmt"
	"strings"

	"github.com/seed-f4dd853e/elman/internal/f32/_asm/ir"
)

// pieces is how the function of a kernel begins that is told how to cut its slices.
type pieces struct {
	checks string // of the lengths
	loop   string // of calls of itself for all but the last piece: between ordinary calls the runtime can stop the goroutine
	also   string // what the result for the last piece is combined with
}

func newPieces(d ir.Definition) pieces {
	switch {
	case d.Elementwise:
		return elements(d)
	case d.PerRow != nil:
		return rows(d)
	}
	return pieces{}
}

// elements cuts after so many elements.
func elements(d ir.Definition) (p pieces) {
	params, results := d.Parameters()
	first := ""
	for _, s := range params {
		switch {
		case s.Type != "[]float32":
		case first == "":
			first = s.Name
		default:
			p.checks += fmt.Sprintf("sameLength(%q, len(%s), len(%s))\n", d.Name, first, s.Name)
		}
	}
	one, rest := cut(d, func(s *ir.Param) string {
		if !s.IsSlice() {
			return ""
		}
		return "piece"
	})
	if len(results) == 1 && results[0].Type == "bool" {
		p.loop = "all := true\n"
		one, p.also = fmt.Sprintf("all = %s && all", one), " && all"
	}
	p.loop += fmt.Sprintf("for len(%s) > piece {\n%s\n%s\n}\n", first, one, rest)
	return p
}

// rows cuts after so many rows.
func rows(d ir.Definition) (p pieces) {
	params, _ := d.Parameters()
	count, width := params[len(params)-2].Name, params[len(params)-1].Name
	for i, per := range d.PerRow {
		if s := params[i]; per != "" {
			p.checks += fmt.Sprintf("sameLength(%q, %s, len(%s))\n", d.Name, times(count, per), s.Name)
		}
	}
	one, rest := cut(d, func(s *ir.Param) string {
		switch {
		case s.Name == count:
			return "some"
		case !s.IsSlice() || d.PerRow[s.Index] == "":
			return ""
		}
		return times("some", d.PerRow[s.Index])
	})
	p.loop = fmt.Sprintf("if %[1]s == 0 {\nreturn\n}\nfor %[1]s > 1 && %[1]s*%[2]s > cellPiece {\nsome := max(1, cellPiece/%[2]s)\n%[3]s\n%[4]s\n%[1]s -= some\n}\n",
		count, width, one, rest)
	return p
}

func times(rows, per string) string {
	if per == "1" {
		return rows
	}
	return rows + "*" + per
}

// cut returns a call of the function with the first elements of its slices, and the assignment that leaves the rest. first
// returns how many they are, or what a number is in that call; "" leaves the parameter as it is.
func cut(d ir.Definition, first func(*ir.Param) string) (call, rest string) {
	params, _ := d.Parameters()
	var args, slices, rests []string
	for _, s := range params {
		switch n := first(s); {
		case n == "":
			args = append(args, s.Name)
		case s.IsSlice():
			args = append(args, fmt.Sprintf("%s[:%s]", s.Name, n))
			slices, rests = append(slices, s.Name), append(rests, fmt.Sprintf("%s[%s:]", s.Name, n))
		default:
			args = append(args, n)
		}
	}
	return fmt.Sprintf("%s(%s)", d.Name, strings.Join(args, ", ")),
		fmt.Sprintf("%s = %s", strings.Join(slices, ", "), strings.Join(rests, ", "))
}
