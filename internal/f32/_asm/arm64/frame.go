package arm64

import (
	"fmt"

	"github.com/seed-f4dd853e/elman/internal/f32/_asm/ir"
)

// A frame is where the caller puts a function's parameters and finds its results.
type frame struct {
	offsets map[*ir.Param]int
	size    int
}

// sizes of the types of parameters, on which they are aligned too; a slice's address is aligned.
var sizes = map[string]int{"bool": 1, "float32": 4, "uint32": 4, "int": 8, "uintptr": 8}

func newFrame(fn *ir.Func) frame {
	f := frame{offsets: map[*ir.Param]int{}}
	place := func(ps []*ir.Param) {
		for _, p := range ps {
			size, align := 8, 8
			switch s, ok := sizes[p.Type]; {
			case ok:
				size, align = s, s
			case p.IsSlice():
				size = 24
			case p.Type[0] != '*':
				panic(fmt.Sprintf("arm64: %s: size of %s", fn.Name, p.Type))
			}
			f.size = (f.size + align - 1) / align * align
			f.offsets[p] = f.size
			f.size += size
		}
	}
	place(fn.Params)
	if len(fn.Results) > 0 {
		f.size = (f.size + 7) / 8 * 8
	}
	place(fn.Results)
	return f
}

// at returns an operand: a parameter or result, or the part _base or _len of a slice.
func (f frame) at(p *ir.Param, part string) string {
	offset := f.offsets[p]
	if part == "_len" {
		offset += 8
	}
	return fmt.Sprintf("%s%s+%d(FP)", p.Name, part, offset)
}
