package notebook

import (
	"math/rand/v2"
	"os"
	"strings"
	"testing"
)

// letters is the notebook's second text: n times a, of which 3,000 draws with replacement become b and then 3,000 more
// become c, whatever they were; a reads ae, b buu and c ciii.
func letters(n int, seed uint64) string {
	rng := rand.New(rand.NewPCG(seed, 2))
	words := make([]string, n)
	for i := range words {
		words[i] = "ae"
	}
	for _, word := range []string{"buu", "ciii"} {
		for range 3 * n / 10 {
			words[rng.IntN(n)] = word
		}
	}
	return strings.Join(words, "")
}

// Which word comes next cannot be known, what is inside a word can: the best possible loss is 0.3675 nats per symbol. Who
// remembers one symbol gets to 0.648, two to 0.500, three to the best. So the loss tells how far each network can count: the
// mistaken one to two, the corrected ones beyond. The bounds hold for five seeds in numpy, H = 32, and
// here for six, H = 16, five epochs each. The mistaken one never settles (frozen after the last epoch it measures 0.41 to
// 0.80), so it is judged by its mean over that epoch.
func TestLettersLadder(t *testing.T) {
	if testing.Short() {
		t.Skip("trains for a second or two")
	}
	const floor, epochs = 0.3675, 5
	H := 16
	if os.Getenv("ELMAN_TEST_FULL") != "" {
		H = 32
	}
	symbols, text := Encode(letters(10000, 1))
	_, unseen := Encode(letters(10000, 2))

	mistaken := NewSRN(len(symbols), H, 0.1, 1)
	mistaken.ContextBug = true
	srn := NewSRN(len(symbols), H, 0.1, 1)
	rnn := NewRNN(len(symbols), H, 0.1, 1)
	for _, tt := range []struct {
		name     string
		from, to float64
		epoch    func() float64
		measure  func(training float64) float64
	}{
		{"SRN with the notebook's mistake", 0.41, 0.60,
			func() float64 { return mistaken.Epoch(text, 1, nil) }, func(training float64) float64 { return training }},
		{"SRN", floor - 0.004, 0.395,
			func() float64 { return srn.Epoch(text, 1, nil) }, func(float64) float64 { return srn.Evaluate(unseen) }},
		{"RNN", floor - 0.004, 0.371,
			func() float64 { return rnn.Epoch(text, 15, 1, nil) }, func(float64) float64 { return rnn.Evaluate(unseen) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var training float64
			for range epochs {
				training = tt.epoch()
			}
			if loss := tt.measure(training); loss < tt.from || loss > tt.to {
				t.Errorf("loss after %d epochs = %.4f, want %.4f to %.4f", epochs, loss, tt.from, tt.to)
			} else {
				t.Logf("%.4f nats per symbol", loss)
			}
		})
	}
}
