package page

import (
	"bytes"
	"cmp"
	"html/template"
	"math"
	"strings"
)

// text writes the symbols as HTML: a <div> for each line and a <span> for each symbol, whose class is the level of its bits.
// The style sheet draws line breaks, so that text which is copied has them once; between the elements there is no space,
// since it would show.
func (p *Page) text(surprise *Scale) template.HTML {
	var b strings.Builder
	open := false
	end := func() {
		if open {
			b.WriteString("</div>")
		}
		open = false
	}
	for _, s := range p.Symbols {
		if s.Begins != "" {
			end()
			name, _ := show(s.Begins)
			b.WriteString("<h3>" + template.HTMLEscapeString(name) + "</h3>")
		}
		if !open {
			b.WriteString("<div>")
			open = true
		}
		shown, _ := show(s.Text)
		class := surprise.class(s.Bits)
		switch {
		case shown == "\n":
			b.WriteString(`<span class="` + class + ` n"></span>`)
			end()
			continue
		case strings.HasPrefix(shown, "⟨"):
			class = `"` + class + ` o"`
		}
		b.WriteString("<span class=" + class + ">" + template.HTMLEscapeString(shown) + "</span>")
	}
	end()
	return template.HTML(b.String())
}

// A catalogue numbers things in the order in which they come.
type catalogue[T comparable] struct {
	all []T
	at  map[T]uint32
}

func (c *catalogue[T]) number(x T) uint32 {
	n, ok := c.at[x]
	if !ok {
		if c.at == nil {
			c.at = map[T]uint32{}
		}
		n = uint32(len(c.all))
		c.at[x] = n
		c.all = append(c.all, x)
	}
	return n
}

// A name is what is drawn for a symbol, and what it is called where that differs.
type name [2]string

// nameOf returns the name of a text. The space before a word is drawn, since a cell of a table would not show it.
func nameOf(text string) name {
	shown, called := show(text)
	if word, spaced := strings.CutPrefix(shown, " "); spaced && word != "" {
		return name{"␣" + word, cmp.Or(called, shown)}
	}
	return name{shown, called}
}

// other is the name of all symbols outside the alphabet.
var other = name{"�", "anything else"}

func (g *Guess) name() name {
	if g.Other {
		return other
	}
	return nameOf(g.Text)
}

// columns are what the page's script needs to know of each symbol.
type columns struct {
	Top     int    `json:"top"`     // guesses for each symbol
	Names   []name `json:"names"`   // of symbols
	Guesses []name `json:"guesses"` // of what was guessed

	Text  column  `json:"text"`           // [n] numbers of Names
	Bits  column  `json:"bits"`           // [n] in thousandths
	Ranks *column `json:"rank,omitempty"` // [n]
	Guess column  `json:"guess"`          // [n x Top] numbers of Guesses
	Odds  column  `json:"odds"`           // [n x Top] bits in hundredths

	Influence *packedInfluence `json:"influence,omitempty"`
}

func (p *Page) columns() *columns {
	c := &columns{}
	for _, s := range p.Symbols {
		c.Top = max(c.Top, len(s.Top))
	}
	var texts catalogue[string]
	var guesses catalogue[name]
	var text, bits, ranks, guess, odds []uint32
	for _, s := range p.Symbols {
		text, ranks = append(text, texts.number(s.Text)), append(ranks, uint32(s.Rank))
		bits = append(bits, fixed(s.Bits, 1000))
		for i := range c.Top {
			g := Guess{Other: true, Bits: math.MaxUint16} // where a symbol has fewer guesses than others
			if i < len(s.Top) {
				g = s.Top[i]
			}
			guess = append(guess, guesses.number(g.name()))
			odds = append(odds, min(fixed(g.Bits, 100), math.MaxUint16))
		}
	}
	for _, t := range texts.all {
		c.Names = append(c.Names, nameOf(t))
	}
	c.Guesses = guesses.all
	c.Text, c.Bits, c.Guess, c.Odds = newColumn("column-text", text), newColumn("column-bits", bits), newColumn("column-guess", guess), newColumn("column-odds", odds)
	if p.ranked() {
		column := newColumn("column-rank", ranks)
		c.Ranks = &column
	}
	if p.Influence != nil {
		c.Influence = p.Influence.pack()
	}
	return c
}

// ranked reports whether ranks are known.
func (p *Page) ranked() bool { return len(p.Symbols) > 0 && p.Symbols[0].Rank > 0 }

func (c *columns) blobs() []blob {
	all := []blob{c.Text.blob, c.Bits.blob, c.Guess.blob, c.Odds.blob}
	if c.Ranks != nil {
		all = append(all, c.Ranks.blob)
	}
	if c.Influence != nil {
		all = append(all, c.Influence.blob, c.Influence.Scale.blob)
	}
	return all
}

// fixed returns x in units of 1/scale.
func fixed(x float64, scale float64) uint32 {
	return uint32(math.Round(min(max(x*scale, 0), math.MaxUint32)))
}

// A column is a number for each symbol, in as few bytes as the largest takes.
type column struct {
	blob
	Width int `json:"width"` // bytes: 1, 2 or 4
}

func newColumn(id string, numbers []uint32) column {
	most := uint32(0)
	for _, x := range numbers {
		most = max(most, x)
	}
	c := column{Width: 1}
	for c.Width < 4 && most>>(8*c.Width) > 0 {
		c.Width *= 2
	}
	var b bytes.Buffer
	for _, x := range numbers {
		for i := range c.Width {
			b.WriteByte(byte(x >> (8 * i)))
		}
	}
	c.blob = newBlob(id, b.Bytes())
	return c
}
