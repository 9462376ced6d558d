package rnn

const (
	rateOfUnit   = 4.096
	rateOfBlocks = 0.3125
	highestRate  = 0.02
)

// UsualRate returns the learning rate at which AdamW trains a network of this cell and width well, from initial weights of this package
// and with the mean gradient of a window: lower the more units there are, for the Elman cell and the GRU, and in blocks. docs/defaults.md
// has the runs behind it.
func (c Config) UsualRate() float64 {
	rate := rateOfUnit / float64(max(1, c.Hidden))
	if cell, err := FindCell(c.Cell); err == nil {
		rate *= cell.RateFactor
	}
	if c.Block {
		rate *= rateOfBlocks
	}
	return min(highestRate, rate)
}
