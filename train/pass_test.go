package train

import (
	"math"
	"testing"

	"github.com/seed-f4dd853e/elman/rnn"
)

// The loss of the last pass is the mean of the losses that each training step reports; of a first pass, of its last quarter.
func TestPassLoss(t *testing.T) {
	t.Parallel()
	c := chars(t, rhyme(100))
	for _, window := range []int{1188, 1 << 10, 20, 2} { // 1 window in a pass; 2 windows; fewer windows than parts; more
		s := Settings{Network: rnn.Config{Hidden: 4}, Batch: 2, Window: window, ReportEvery: 1, Budget: Budget{Epochs: 3}}
		var symbols, losses []float64
		var last int64
		mustRun(t, c, s, Options{Report: func(r Report) {
			symbols, losses = append(symbols, float64(r.Symbols-last)), append(losses, r.Loss)
			last = r.Symbols
			share := map[float64]float64{1: 0.25, 2: 1, 3: 1}[r.Epoch] // of the steps of a pass
			if share == 0 {
				return
			}
			sum, n, steps := 0.0, 0.0, len(losses)/int(r.Epoch)
			for i := len(losses) - max(1, int(math.Ceil(share*float64(steps)))); i < len(losses); i++ {
				sum, n = sum+losses[i]*symbols[i], n+symbols[i]
			}
			// A quarter is one of whole parts, not of whole windows.
			if off := math.Abs(r.PassLoss - sum/n); off > 1e-12 && !(share < 1 && steps%passParts != 0 && off < 0.01) {
				t.Errorf("window of %d, epoch %v: loss of the last pass %v, want %v", window, r.Epoch, r.PassLoss, sum/n)
			}
		}})
	}
}

// In the first half of the first pass the loss is not known: the network learns too fast.
func TestPassLossUnknown(t *testing.T) {
	var p passLoss
	for position := range int64(100) {
		p.add(position, 100, 2, 1)
		epochs := float64(position+1) / 100
		want := 2.0
		if epochs < 0.5 {
			want = 0
		}
		if got := p.mean(epochs); got != want {
			t.Errorf("after %v passes: %v, want %v", epochs, got, want)
		}
	}
	if got := new(passLoss).mean(5); got != 0 {
		t.Errorf("of a checkpoint without losses: %v, want 0", got)
	}
}
