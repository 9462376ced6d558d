package score

import "math"

// losses are the losses of one predictor on n symbols, summed over blocks of neighbours. Neighbouring losses depend on each
// other, so the standard error is that of blocks, between which little dependence is left.
type losses struct {
	n, block int64
	sums     []float64 // [block]
}

const (
	longBlock = 256 // symbols: some lines of text
	fewBlocks = 16  // into which a shorter text is divided
)

func newLosses(n int64) *losses {
	block := max(1, min(longBlock, n/fewBlocks))
	return &losses{n, block, make([]float64, (n+block-1)/block)}
}

// add adds the nats of symbol i.
func (x *losses) add(i int64, nats float64) { x.sums[i/x.block] += nats }

// join adds the losses of another predictor on the same symbols.
func (x *losses) join(y *losses) {
	for i, sum := range y.sums {
		x.sums[i] += sum
	}
}

// minus returns by how much x exceeds y, block by block.
func (x *losses) minus(y *losses) *losses {
	d := newLosses(x.n)
	for i := range d.sums {
		d.sums[i] = x.sums[i] - y.sums[i]
	}
	return d
}

// mean returns the nats per symbol.
func (x *losses) mean() float64 {
	sum := 0.0
	for _, s := range x.sums {
		sum += s
	}
	return sum / float64(x.n)
}

// error returns the standard error of the mean. A single block does not tell it: it is then the mean itself.
func (x *losses) error() float64 {
	mean, squares := x.mean(), 0.0
	for i, s := range x.sums {
		size := min(x.block, x.n-int64(i)*x.block) // the last block may be shorter
		d := s - float64(mean*float64(size))
		squares += float64(d * d)
	}
	blocks := float64(len(x.sums))
	if blocks < 2 {
		return math.Abs(mean)
	}
	return math.Sqrt(squares*blocks/(blocks-1)) / float64(x.n)
}
