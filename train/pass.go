package train

import "fmt"

// A passLoss holds the losses of the last pass over the text, each window's as it was before the update that learned from it:
// the online (prequential) loss. A pass is divided into parts, of which each new one replaces that of the pass before.
type passLoss struct {
	Sum  [passParts]float64 `json:"sum"`
	Over [passParts]int64   `json:"over"` // symbols
	At   int                `json:"at"`   // the part read last
}

const passParts = 16

// add adds the loss, summed over n symbols, of a window that begins at a position of a pass of the given length.
func (p *passLoss) add(position, length int64, loss float64, n int) {
	part := int(position * passParts / length)
	if part != p.At || position == 0 {
		p.Sum[part], p.Over[part], p.At = 0, 0, part
	}
	p.Sum[part] += loss
	p.Over[part] += int64(n)
}

// mean returns the mean loss of the last pass. In the first two it is that of the last quarter of a pass, because a network
// learns most when it knows nothing. It returns 0, for unknown, in the first half of the first.
func (p *passLoss) mean(epochs float64) float64 {
	parts := passParts
	switch {
	case epochs < 0.5:
		return 0
	case epochs < 2:
		parts /= 4
	}
	var sum float64
	var over int64
	for i := range parts {
		part := (p.At + passParts - i) % passParts
		sum += p.Sum[part]
		over += p.Over[part]
	}
	if over == 0 { // a checkpoint of an earlier version
		return 0
	}
	return sum / float64(over)
}

// check returns an error unless the losses can be those of a run that has read so many symbols.
func (p *passLoss) check(symbols int64) error {
	if p.At < 0 || p.At >= passParts {
		return fmt.Errorf("at is %d of %d parts", p.At, passParts)
	}
	for i, over := range p.Over {
		if over < 0 || over > symbols || p.Sum[i] < 0 {
			return fmt.Errorf("part %d has a loss of %v over %d of %d symbols", i, p.Sum[i], over, symbols)
		}
	}
	return nil
}
