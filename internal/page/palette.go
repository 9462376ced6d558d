package page

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// A Scale maps values from Low to High to colours, in levels. Lightness changes in one direction, or from 0 in both if Low is
// negative, so a scale can be read in grey and with colour blindness. The level of 0 has no colour.
type Scale struct {
	prefix      string // of the classes of its levels
	Low, High   float64
	Levels      int
	light, dark []Colour // what the colours lie between, on a light and on a dark ground
	any         []Colour // likewise where the ground is not known; nil for scales of pages alone
}

// A Ground is a background.
type Ground int

// Grounds. A terminal may not say what it has.
const (
	Unknown Ground = iota
	Light
	Dark
)

// A Colour is red, green and blue.
type Colour struct{ R, G, B uint8 }

var (
	// Surprise is that of bits, half a bit to a level, where nothing asks for more than 10.
	Surprise = &Scale{prefix: "s", Low: 0, High: 10, Levels: 21,
		light: []Colour{{255, 255, 255}, {255, 236, 190}, {252, 192, 98}, {236, 128, 40}, {184, 66, 20}, {102, 24, 18}},
		dark:  []Colour{{24, 26, 30}, {64, 42, 20}, {130, 74, 16}, {206, 118, 24}, {252, 182, 76}, {255, 240, 200}},
		any:   []Colour{{150, 150, 150}, {196, 164, 108}, {234, 160, 50}, {240, 112, 40}, {222, 60, 50}, {190, 30, 110}}}
	// rank is that of ranks: 1, to 10, to 100, and beyond (Gehrmann, Strobelt and Rush 2019). Its values are those levels.
	rank = &Scale{prefix: "r", Low: 0, High: 3, Levels: 4,
		light: []Colour{{255, 255, 255}, {214, 236, 150}, {240, 150, 60}, {120, 30, 110}},
		dark:  []Colour{{24, 26, 30}, {34, 62, 30}, {176, 92, 24}, {236, 176, 255}}}
	// share is that of gates and other values from 0 to 1.
	share = &Scale{prefix: "q", Low: 0, High: 1, Levels: 16,
		light: []Colour{{255, 255, 255}, {205, 226, 243}, {130, 180, 220}, {52, 120, 186}, {16, 60, 120}},
		dark:  []Colour{{24, 26, 30}, {26, 52, 84}, {36, 98, 158}, {92, 162, 222}, {206, 232, 255}}}
	// signed is that of states: blue below 0, orange above.
	signed = &Scale{prefix: "d", Low: -1, High: 1, Levels: 33,
		light: []Colour{{14, 52, 110}, {44, 112, 184}, {140, 190, 228}, {255, 255, 255}, {250, 190, 120}, {222, 106, 30}, {130, 42, 10}},
		dark:  []Colour{{196, 226, 255}, {84, 156, 222}, {30, 74, 124}, {24, 26, 30}, {116, 60, 18}, {222, 124, 40}, {255, 222, 170}}}
)

// A page whose symbols take more bits, as words do, has a longer scale: the first of these that all but one in a hundred of
// its symbols lie within, but none far beyond the bits of a symbol drawn at random. Otherwise the spelling of a few words that
// the alphabet lacks would leave all others pale.
var longer = []float64{10, 15, 20, 30, 40, 60, 80, 100, 150, 200}

// surprise returns the scale of the page's bits.
func (p *Page) surprise() *Scale {
	scale := *Surprise
	if n := len(p.Symbols); n > 0 {
		bits := make([]float64, n)
		for i, s := range p.Symbols {
			bits[i] = s.Bits
		}
		slices.Sort(bits)
		i := 0
		enough := math.Inf(1)
		if p.Size > 0 {
			enough = 1.25 * math.Log2(float64(p.Size))
		}
		for i < len(longer)-1 && longer[i] < min(bits[(n-1)*99/100], enough) {
			i++
		}
		scale.High = longer[i]
	}
	return &scale
}

// scales are all that a page may need.
var scales = []*Scale{Surprise, rank, share, signed}

// Level returns the level of a value, from 0.
func (s *Scale) Level(x float64) int {
	at := (x - s.Low) / (s.High - s.Low) * float64(s.Levels-1)
	if s.prefix != Surprise.prefix { // whose last level is all above the scale
		at = math.Round(at)
	}
	return int(min(max(at, 0), float64(s.Levels-1)))
}

func (s *Scale) class(x float64) string { return fmt.Sprintf("%s%d", s.prefix, s.Level(x)) }

// Colour returns that of a level, and that of the letters on it.
func (s *Scale) Colour(level int, on Ground) (ground, letters Colour) {
	between := map[Ground][]Colour{Unknown: s.any, Light: s.light, Dark: s.dark}[on]
	at := float64(level) / float64(s.Levels-1) * float64(len(between)-1)
	i := min(int(at), len(between)-2)
	ground = mix(between[i], between[i+1], at-float64(i))
	if ground.luminance() > 0.18 { // where dark letters are as legible as white ones
		return ground, Colour{}
	}
	return ground, Colour{255, 255, 255}
}

func mix(a, b Colour, share float64) Colour {
	part := func(a, b uint8) uint8 { return uint8(math.Round(float64(a) + float64(share*(float64(b)-float64(a))))) }
	return Colour{part(a.R, b.R), part(a.G, b.G), part(a.B, b.B)}
}

// luminance is that of the Web Content Accessibility Guidelines, 0 to 1.
func (c Colour) luminance() float64 {
	linear := func(x uint8) float64 { return math.Pow(float64(x)/255, 2.2) }
	return float64(0.2126*linear(c.R)) + float64(0.7152*linear(c.G)) + float64(0.0722*linear(c.B))
}

func (c Colour) hex() string { return fmt.Sprintf("#%02x%02x%02x", c.R, c.G, c.B) }

// paletteCSS gives the levels of all scales their colours.
func paletteCSS() string {
	var b strings.Builder
	rules := func(on Ground) {
		for _, s := range scales {
			for level := range s.Levels {
				if s.plain(level) {
					continue
				}
				ground, letters := s.Colour(level, on)
				fmt.Fprintf(&b, ".%s%d{background:%s;color:%s%s}\n", s.prefix, level, ground.hex(), letters.hex(), s.side(level))
			}
		}
	}
	rules(Light)
	b.WriteString("@media (prefers-color-scheme:dark){\n")
	rules(Dark)
	b.WriteString("}\n")
	return b.String()
}

// side marks what lies below 0 by a line at its upper edge: in grey both sides are dark.
func (s *Scale) side(level int) string {
	if s.Low < 0 && level < s.Levels/2-1 {
		return ";box-shadow:inset 0 .14em color-mix(in srgb,currentColor 40%,transparent)"
	}
	return ""
}

// plain says whether a level has no colour.
func (s *Scale) plain(level int) bool {
	if s.Low < 0 {
		return level == s.Levels/2
	}
	return level == 0
}
