package experiment

import (
	"context"
	"fmt"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/notebook"
	"github.com/seed-f4dd853e/elman/train"
)

// The losses that the notebook printed after 10,000 and 20,000 characters of its first three passes over ae, buu, ciii, in
// nats per character; each is a mean over the 10,000 before.
var printedLetters = [][]float64{
	{0.825909765546, 0.563045342452},
	{0.514185060425, 0.529015320716},
	{0.581612858615, 0.562677598285},
}

// lettersSize is the length of a text of 10,000 words, give or take a few.
const lettersSize = 27104

// notebookLetters trains three networks on a language of which the entropy is known: nothing can stay below its Entropy, and
// who remembers only one or two characters does no better than 0.648 or 0.500.
func notebookLetters(ctx context.Context, l *lab) error {
	letters, err := corpus.FindLanguage("letters")
	if err != nil {
		return err
	}
	l.result.Source = letters.Name
	floor := letters.Entropy().Nats
	l.printf("10,000 words ae, buu, ciii; entropy %.4f nats per character\n", floor)
	l.printf("Losses in training are means over 10,000 characters, nats per character.\n")
	seed := l.Seed
	var results [][]float64
	for i := range uint64(5) {
		l.Seed = seed + i
		losses, err := l.lettersOnce(ctx, letters, i == 0)
		if err != nil {
			return err
		}
		results = append(results, losses)
	}
	l.printf("\nLosses on 10,000 words that the network has not seen, nats per character.\n")
	networks := []string{"SRN as published", "SRN corrected", "RNN over 15 steps"}
	l.table("seed", networks[0], networks[1], networks[2])
	sums := make([]float64, len(networks))
	for i, losses := range results {
		l.row(int(seed)+i, losses[0], losses[1], losses[2])
		for j, loss := range losses {
			sums[j] += loss
		}
	}
	l.printf("\n")
	l.finding("entropy of the language", floor, "nats/char")
	for j, name := range networks {
		l.finding(name+": above the entropy, mean of the seeds", sums[j]/float64(len(results))-floor, "nats/char")
	}
	return nil
}

// lettersOnce trains the three networks on one text and returns their losses on another. If told to, it prints the losses on
// the way beside those of the notebook.
func (l *lab) lettersOnce(ctx context.Context, letters corpus.Language, tell bool) ([]float64, error) {
	text := letters.Generate(l.Seed, 2*lettersSize)
	c, err := corpus.New(corpus.FromBytes(letters.Name, text), corpus.Options{Closed: true, Valid: 0.5})
	if err != nil {
		return nil, err
	}
	small := func(s *train.Settings) {
		s.Network.Hidden = 32
		if l.Epochs == 0 {
			s.HowLong.Epochs = 5
		}
	}
	_, srn, err := l.fit(ctx, c, "notebook-srn", small)
	if err != nil {
		return nil, err
	}
	_, rnn, err := l.fit(ctx, c, "notebook-rnn", small)
	if err != nil {
		return nil, err
	}

	_, ids := notebook.Encode(string(text))
	half := ids[:c.Train().Len()]
	published := notebook.NewSRN(c.Alphabet.Size(), 32, 0.1, l.Seed)
	published.ContextBug = true
	if tell {
		l.table("iteration", "notebook printed", "as published", "corrected")
	}
	for pass := range srn {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		row := 0
		published.Epoch(half, 10000, func(pairs int, loss float64) {
			if tell {
				var printed any
				if pass < len(printedLetters) && row < len(printedLetters[pass]) && pairs == (row+1)*10000 {
					printed = printedLetters[pass][row]
				}
				l.row(fmt.Sprintf("%d:%d", pass+1, pairs), printed, loss, srn[pass][row].Loss)
			}
			row++
		})
	}
	return []float64{published.Evaluate(ids[len(half):]), validLoss(srn), validLoss(rnn)}, nil
}

// validLoss returns the last one of a training.
func validLoss(passes [][]train.Report) float64 {
	last := passes[len(passes)-1]
	return *last[len(last)-1].ValidLoss
}
