package page

import (
	"bytes"
	"compress/flate"
	"encoding/base64"
	"fmt"
	"html/template"
	"slices"
)

// A blob is packed data: deflated, in base64.
type blob struct {
	ID      string        `json:"id"` // of the element that holds it
	Content template.HTML `json:"-"`
}

func newBlob(id string, content []byte) blob {
	return blob{ID: id, Content: template.HTML(base64.StdEncoding.EncodeToString(deflate(content)))}
}

func deflate(content []byte) []byte {
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, flate.DefaultCompression)
	if err != nil {
		panic(err) // a level that there is
	}
	w.Write(content)
	w.Close()
	return b.Bytes()
}

// A packed is a field in the file.
type packed struct {
	blob
	Group    string  `json:"group"`
	Quantity string  `json:"quantity"`
	Meaning  string  `json:"meaning"`
	All      int     `json:"all"`   // units that the field has
	Units    []int   `json:"units"` // those of them that are here
	Shown    int     `json:"shown"` // symbols, from the first
	Levels   int     `json:"levels"`
	Low      float64 `json:"low"`
	High     float64 `json:"high"`
}

// Levels that fields are packed with. On real networks 63 levels of 256 units over 20,000 symbols take 2.8 MB for the
// output of an LSTM and 3.5 MB for one of its gates, 31 take 2.2 and 3.0, 15 take 1.6 and 2.2; of 15 the eye sees no steps.
var grades = []int{63, 31, 15}

// coarsest is the grade of gates.
const coarsest = 15

// fewest is the beginning of a text below which a quantity is left out.
const fewest = 100

// pack chooses what fits into this many bytes: first small fields, then states for the whole text, as precise as possible,
// then the gates of the units in Whole, then the gates of all units for a beginning of the text.
func pack(fields []*Field, room int) []packed {
	room = room / 4 * 3 // base64
	var out []packed
	add := func(f *Field, units []int, symbols, levels int) {
		if symbols < min(fewest, f.symbols()) || len(units) == 0 {
			return
		}
		content := deflate(f.coarse(units, symbols, levels))
		room -= len(content)
		out = append(out, packed{
			blob:  blob{ID: fmt.Sprintf("field-%d", len(out)), Content: template.HTML(base64.StdEncoding.EncodeToString(content))},
			Group: f.Group, Quantity: f.Quantity, Meaning: f.Meaning, All: f.Units, Units: units,
			Shown: symbols, Levels: levels, Low: f.Low, High: f.High,
		})
	}
	var states, gates []*Field
	for _, f := range fields {
		f.settle()
		switch f.Rank {
		case Always:
			add(f, f.every(), f.symbols(), grades[0])
		case State:
			states = append(states, f)
		case Gate:
			gates = append(gates, f)
		}
	}

	wanted := estimate(gates, (*Field).wanted, coarsest)
	reserved := max(0, min(wanted, room/5))
	levels, size := coarsest, 0
	for _, levels = range grades {
		size = estimate(states, (*Field).every, levels)
		if left := room - reserved; size <= left && len(gates) == 0 || size <= left/20*17 { // gates get a beginning at least
			break
		}
	}
	share := float64(room-reserved) / float64(max(1, size))
	for _, f := range states {
		add(f, f.every(), f.beginning(share), levels)
	}

	all := estimate(gates, (*Field).every, coarsest)
	if all > room {
		share = float64(room) / float64(max(1, wanted))
		for _, f := range gates {
			add(f, f.wanted(), f.beginning(share), coarsest)
		}
	}
	share = float64(room) / float64(max(1, all))
	for _, f := range gates {
		add(f, f.every(), f.beginning(share), coarsest)
	}
	return out
}

func (f *Field) every() []int {
	units := make([]int, f.Units)
	for u := range units {
		units[u] = u
	}
	return units
}

func (f *Field) wanted() []int {
	units := slices.Clone(f.Whole)
	slices.Sort(units)
	return slices.Compact(units)
}

// beginning returns a share of the symbols; a little less if not all of them fit, since sizes are estimates.
func (f *Field) beginning(share float64) int {
	if share >= 1 {
		return f.symbols()
	}
	return int(max(0, share) * 0.97 * float64(f.symbols()))
}

// estimate returns the approximate packed size of some units of fields, by packing every eighth of them.
func estimate(fields []*Field, of func(*Field) []int, levels int) int {
	total := 0
	for _, f := range fields {
		units := of(f)
		var some []int
		for i := 0; i < len(units); i += 8 {
			some = append(some, units[i])
		}
		if len(some) > 0 {
			total += len(deflate(f.coarse(some, f.symbols(), levels))) * len(units) / len(some)
		}
	}
	return total
}
