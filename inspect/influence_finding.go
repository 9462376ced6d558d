package inspect

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/internal/chart"
	"github.com/seed-f4dd853e/elman/internal/report"
	"github.com/seed-f4dd853e/elman/rnn"
)

// An InfluenceResult is how much earlier symbols moved the predictions of a text's first symbols.
type InfluenceResult struct {
	Symbols int `json:"symbols"`
	Span    int `json:"span"`
	// Means over the symbols by distance, [Span] from 1 on: of |Product| and of Norm, in bits.
	Product []float64     `json:"product"`
	Norm    []float64     `json:"norm"`
	At      *InfluencedAt `json:"at,omitempty"`

	All *Influence `json:"-"`
}

// An InfluencedAt is the influence on one symbol.
type InfluencedAt struct {
	Offset  int             `json:"offset"` // bytes
	Symbol  string          `json:"symbol"`
	Bytes   string          `json:"bytes,omitempty"`  // Symbol in hexadecimal where it is not UTF-8
	Target  *string         `json:"target,omitempty"` // the symbol predicted, where it is not the one that came
	Bits    float64         `json:"bits"`             // of the symbol predicted; of one that the alphabet lacks, without its spelling
	Earlier []EarlierSymbol `json:"earlier"`
}

// An EarlierSymbol is a symbol that moved a prediction.
type EarlierSymbol struct {
	Back    int     `json:"back"`   // by how many symbols it is earlier, from 1
	Offset  int     `json:"offset"` // bytes
	Symbol  string  `json:"symbol"`
	Bytes   string  `json:"bytes,omitempty"` // Symbol in hexadecimal where it is not UTF-8
	Product float64 `json:"product"`         // bits
	Norm    float64 `json:"norm"`            // bits
}

// influenceWork is how many floating-point operations influence may take unless it is asked for by name: a LSTM of 256 units and 65
// symbols gets 20,000 symbols of a text.
const influenceWork = 7.5e11

// leastInfluenced is the number of symbols that every network gets.
const leastInfluenced = 200

// affordable returns how many symbols that amount of work is enough for.
func affordable(c rnn.Config, span int) int {
	all, _ := c.MultiplyAdds()
	decoder := c.Hidden * c.Symbols                                                                              // for the symbol that is predicted alone
	return max(leastInfluenced, int(influenceWork/4/(float64(span)*float64(int(all)-decoder)+float64(decoder)))) // forward and back
}

// beginInfluence follows the gradient back to earlier symbols.
func beginInfluence(a *Analysis) (Observer, conclusion) {
	if a.Span == 0 {
		return nil, nil
	}
	return nil, func(ctx context.Context, s *report.Section) (any, error) {
		most := max(1, a.Shown)
		if !slices.Contains(a.Of, "influence") {
			most = min(most, affordable(a.Model.Network.Config(), a.Span))
		}
		in, err := a.readInfluenced(most)
		if err != nil {
			return nil, err
		}
		if in.text.Len() < 2 {
			return nil, errShort(int64(in.text.Len()), 2)
		}
		at := 0
		if a.At != nil {
			if at, err = in.holding(*a.At); err != nil {
				return nil, err
			}
		}
		o := InfluenceSettings{Span: a.Span, Workers: a.Workers, Progress: func(done float64) { a.Progress("following influence", done) }}
		found, err := InfluenceOf(ctx, a.Model.Network, in.text, 0, min(most, in.text.Len()), o)
		if err != nil {
			return nil, err
		}
		r := &InfluenceResult{Symbols: found.Symbols, Span: found.Span, All: found}
		r.Product, r.Norm = found.Means()
		if a.At != nil {
			if r.At, err = in.at(ctx, a, found, at); err != nil {
				return nil, err
			}
			r.At.tell(s, a.Model.Alphabet)
			return r, nil
		}
		r.tell(s)
		return r, nil
	}
}

// An influencedText is the beginning of a text, with the texts of its symbols.
type influencedText struct {
	text  Sequence
	texts []string
	ends  []int // [symbols] bytes up to the end of each
}

// readInfluenced reads the first symbols of the text, and up to the one at a.At.
func (a *Analysis) readInfluenced(most int) (*influencedText, error) {
	in := &influencedText{}
	feed := a.Model.Alphabet.Feed(a.Text, a.Model.Documents)
	size := 0
	wanted := func() bool {
		n := in.text.Len()
		return n < most || a.At != nil && int64(size) <= *a.At && n < mostRead
	}
	for wanted() {
		var steps corpus.Steps
		if err := feed.Read(&steps, 1024); err != nil {
			return nil, err
		}
		if len(steps.X) == 0 {
			break
		}
		in.text.X, in.text.Y, in.text.Starts = append(in.text.X, steps.X...), append(in.text.Y, steps.Y...), append(in.text.Starts, steps.Starts...)
		for _, text := range steps.Text {
			size += len(text)
			in.texts, in.ends = append(in.texts, string(text)), append(in.ends, size)
		}
	}
	return in, nil
}

// offset returns where symbol i begins.
func (in *influencedText) offset(i int) int { return in.ends[i] - len(in.texts[i]) }

// hexBytes returns a text in hexadecimal if it is not UTF-8, which JSON cannot hold, and else nothing.
func hexBytes(text string) string {
	if utf8.ValidString(text) {
		return ""
	}
	return hex.EncodeToString([]byte(text))
}

// holding returns the symbol that holds the byte at an offset.
func (in *influencedText) holding(offset int64) (int, error) {
	i := slices.IndexFunc(in.ends, func(end int) bool { return int64(end) > offset })
	switch n := len(in.ends); {
	case i >= 0:
		return i, nil
	case n >= mostRead:
		return 0, nothing{fmt.Errorf("byte %d is beyond the first %d symbols, which end at byte %d; inspect a part of the text", offset, n, in.ends[n-1])}
	case n > 0:
		return 0, nothing{fmt.Errorf("no symbol holds byte %d: the text has %d bytes", offset, in.ends[n-1])}
	}
	return 0, nothing{errors.New("the text is empty")}
}

// at returns the influence on symbol i.
func (in *influencedText) at(ctx context.Context, a *Analysis, found *Influence, i int) (*InfluencedAt, error) {
	text := in.text
	if a.Target != nil {
		text.Y = slices.Clone(text.Y)
		text.Y[i] = *a.Target
	}
	if i >= found.Symbols || a.Target != nil {
		var err error
		if found, err = InfluenceOf(ctx, a.Model.Network, text, i, i+1, InfluenceSettings{Span: a.Span, Workers: a.Workers}); err != nil {
			return nil, err
		}
	}
	at := &InfluencedAt{Offset: in.offset(i), Symbol: in.texts[i], Bytes: hexBytes(in.texts[i]), Bits: found.Bits[i-found.From], Earlier: []EarlierSymbol{}}
	if a.Target != nil {
		target := a.Model.Alphabet.Symbol(*a.Target)
		at.Target = &target
	}
	for k := 1; k <= found.Reach[i-found.From]; k++ {
		product, norm := found.At(i, k)
		at.Earlier = append(at.Earlier, EarlierSymbol{k, in.offset(i - k), in.texts[i-k], hexBytes(in.texts[i-k]), product, norm})
	}
	return at, nil
}

// shownEarlier is how many earlier symbols a terminal shows, and drawnEarlier a picture.
const (
	shownEarlier = 16
	drawnEarlier = 48
)

func (at *InfluencedAt) tell(s *report.Section, a *corpus.Alphabet) {
	predicted, came := at.Symbol, ""
	if at.Target != nil {
		predicted, came = *at.Target, fmt.Sprintf(", where %q came", at.Symbol)
	}
	s.Say("By how much earlier symbols moved the prediction of %q at byte %d%s; it takes %s bits. The numbers are the gradient of log2 p with respect to what the network read of each symbol. Its product with that input is above 0 where a symbol made %[1]q more likely.",
		predicted, at.Offset, came, report.Fixed(3)(at.Bits))
	t := &report.Table{Columns: []string{"back", "offset", "symbol", "gradient × input", "norm"}, Shown: shownEarlier}
	bars := chart.Chart{Title: fmt.Sprintf("What moves the prediction of %q at byte %d", predicted, at.Offset), X: "gradient × input, bits", Y: "earlier symbols, the nearest first", Bars: []chart.Bars{{}}}
	for _, e := range at.Earlier {
		name := labelOf(e.Symbol)
		t.Row(report.Whole(e.Back), report.Whole(e.Offset), report.Word("%s", name), report.Number(e.Product, report.Signed(4)), report.Number(e.Norm, report.Fixed(4)))
		if e.Back <= drawnEarlier {
			bars.Rows, bars.Bars[0].Values = append(bars.Rows, fmt.Sprintf("%s  −%d", name, e.Back)), append(bars.Bars[0].Values, e.Product)
		}
	}
	if len(at.Earlier) > 0 {
		s.Add(&report.Figure{Caption: fmt.Sprintf("Influence of earlier symbols on the prediction of %q.", predicted), Charts: []chart.Chart{bars}})
	}
	s.Add(t)
}

func (r *InfluenceResult) tell(s *report.Section) {
	s.Say("How much the prediction of a symbol depends on the symbols before it: the gradient of log2 p of the symbol that came with respect to what the network read of the symbol k before, over the first %s symbols (Simonyan and others 2014; Li and others 2016). The page colours by it: choose influence, and point at a symbol.", report.Grouped(int64(r.Symbols)))
	t := &report.Table{Caption: "Means by distance, in bits.", Columns: []string{"k", "|gradient × input|", "norm"}}
	product, norm := chart.Line{Name: "|gradient × input|"}, chart.Line{Name: "norm of the gradient"}
	for k := 1; k <= r.Span; k++ {
		x, p, q := float64(k), r.Product[k-1], r.Norm[k-1]
		product.X, product.Y, norm.X, norm.Y = append(product.X, x), append(product.Y, p), append(norm.X, x), append(norm.Y, q)
		if k <= 3 || slices.Contains(shownDistances, k) || k == r.Span {
			t.Row(report.Whole(k), report.Number(p, report.Digits(3)), report.Number(q, report.Digits(3)))
		}
	}
	drawn := chart.Chart{X: "symbols back, k", Y: "mean influence, bits", LogY: true, LegendBelow: true, Lines: []chart.Line{product, norm}}
	s.Add(&report.Figure{Caption: "The influence of a symbol on the prediction k symbols later.", Charts: []chart.Chart{drawn}}, t)
}
