package generate

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/seed-f4dd853e/elman/internal/f32"
	"github.com/seed-f4dd853e/elman/model"
)

// A sampler chooses symbols by their logits. It computes in float32, and in sums of float64 of one order, so it makes the same
// choice on every processor.
type sampler struct {
	never []int32 // symbols never chosen
	p     []float32
	ends  []float64
	ids   []int32
}

// A taste says how a sampler chooses.
type taste struct {
	temperature float32
	topK        int     // 0: all
	topP        float64 // 1: all
}

func newSampler(symbols int, never []int32) *sampler {
	return &sampler{never: never, p: make([]float32, symbols), ends: make([]float64, symbols)}
}

var errNotFinite = fmt.Errorf("%w: its weights are damaged", model.ErrNotFinite)

// choose returns the likeliest symbol, the first of equals, if the temperature is 0; otherwise it draws one with u in [0,
// 1). It overwrites the logits of those never chosen.
func (s *sampler) choose(logits []float32, by taste, u float64) (int32, error) {
	for _, id := range s.never {
		logits[id] = float32(math.Inf(-1))
	}
	if by.temperature == 0 {
		return likeliest(logits)
	}
	p, err := s.probabilities(logits, by)
	if err != nil {
		return 0, err
	}
	return draw(p, s.ends, u), nil
}

func likeliest(logits []float32) (int32, error) {
	best := 0
	for i, x := range logits {
		if x != x {
			return 0, errNotFinite
		}
		if x > logits[best] {
			best = i
		}
	}
	if math.IsInf(float64(logits[best]), 0) {
		return 0, errNotFinite
	}
	return int32(best), nil
}

// probabilities returns softmax(logits / temperature), with 0 for the symbols that top-k, and then top-p among the rest, rule
// out. They are not normalized again: draw does not need it. The slice is valid until the next call.
func (s *sampler) probabilities(logits []float32, by taste) ([]float32, error) {
	if by.temperature == 1 { // the same bits in half the time
		f32.Softmax(s.p, logits)
	} else {
		m := f32.Max(logits) // subtracted before the division, or a low temperature would make it infinite
		for i, x := range logits {
			s.p[i] = (x - m) / by.temperature
		}
		f32.Softmax(s.p, s.p)
	}
	if s.p[0] != s.p[0] { // then all are NaN
		return nil, errNotFinite
	}
	if (by.topK == 0 || by.topK >= len(logits)) && by.topP == 1 {
		return s.p, nil
	}

	s.ids = s.ids[:0]
	for i := range logits {
		s.ids = append(s.ids, int32(i))
	}
	slices.SortFunc(s.ids, func(a, b int32) int { // by logit: p may round different logits to equal values
		return cmp.Or(cmp.Compare(logits[b], logits[a]), cmp.Compare(a, b))
	})
	keep := len(s.ids)
	if by.topK > 0 {
		keep = min(keep, by.topK)
	}
	keep = nucleus(s.p, s.ids[:keep], by.topP)
	for _, id := range s.ids[keep:] {
		s.p[id] = 0
	}
	return s.p, nil
}

// nucleus returns how many of ids, from the first on, reach the share topP of their mass (Holtzman and others, The curious
// case of neural text degeneration, 2020).
func nucleus(p []float32, ids []int32, topP float64) int {
	if topP == 1 {
		return len(ids)
	}
	var mass float64
	for _, id := range ids {
		mass += float64(p[id])
	}
	enough, sum := topP*mass, 0.0
	for n, id := range ids {
		if sum += float64(p[id]); sum >= enough {
			return n + 1
		}
	}
	return len(ids)
}

// draw lays the probabilities end to end, by ascending symbol, and returns the symbol at the share u of their total. The
// slice ends receives the end of each.
func draw(p []float32, ends []float64, u float64) int32 {
	end := 0.0
	for i, x := range p {
		end += float64(x)
		ends[i] = end
	}
	at := u * end
	for i, end := range ends {
		if at < end { // never where x = 0
			return int32(i)
		}
	}
	for i := len(p) - 1; i > 0; i-- { // u*end was rounded up to the end
		if p[i] > 0 {
			return int32(i)
		}
	}
	return 0
}
