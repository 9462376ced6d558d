package serve

import (
	"context"
	"errors"
	"net/http"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/score"
)

// NextRequest asks what may follow a text.
type NextRequest struct {
	Model string `json:"model,omitempty" doc:"may be left out if there is only one"`
	Text  string `json:"text,omitempty" doc:"the text before; left out: the beginning of a text"`
	Top   *int   `json:"top,omitempty" doc:"how many symbols to tell of, the likeliest first; 0 means all, left out 10"`
}

// NextAnswer is a model's prediction of the next symbol. Its numbers are those of elman next.
type NextAnswer struct {
	Model       string   `json:"model"`
	Fingerprint string   `json:"system_fingerprint"`
	Entropy     float64  `json:"entropy" doc:"of the prediction, in bits"`
	Top         []Likely `json:"top"`
}

func (s *Server) next(w http.ResponseWriter, r *http.Request) error {
	var q NextRequest
	if err := ReadJSON(w, r, &q, true); err != nil {
		return err
	}
	top, err := topOf(q.Top)
	if err != nil {
		return err
	}
	m, err := s.use(r, q.Model)
	if err != nil {
		return err
	}
	defer s.models.giveBack(m)
	var d score.Distribution
	err = s.inTurn(r, func(ctx context.Context) (err error) {
		d, err = m.m.Next(ctx, q.Text)
		return err
	})
	if err != nil {
		return inField("text", err)
	}
	WriteJSON(w, http.StatusOK, predicted(m, d, top))
	return nil
}

// topOf returns how many symbols to tell of, 0 for all.
func topOf(top *int) (int, error) {
	switch {
	case top == nil:
		return 10, nil
	case *top < 0:
		return 0, Invalid("top", "top is %d, must be 0 (all symbols) or more", *top)
	}
	return *top, nil
}

func predicted(m *served, d score.Distribution, top int) NextAnswer {
	if top == 0 {
		top = len(d.P)
	}
	a := NextAnswer{Model: m.name, Fingerprint: m.hash, Entropy: d.Entropy().Float(), Top: []Likely{}}
	for _, p := range d.Top(top) {
		a.Top = append(a.Top, Likely{Text: p.Text, Hex: hexOf(p.Text), ID: p.ID, P: &p.P, Bits: p.Bits.Float(), Escape: p.Escape})
	}
	return a
}

// inField says in which field an unknown symbol is.
func inField(field string, err error) error {
	if unknown, ok := errors.AsType[*corpus.UnknownSymbolError](err); ok {
		return Invalid(field, "%s: %v", field, unknown)
	}
	return err
}
