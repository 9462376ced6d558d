package experiment

import (
	"context"
	"fmt"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/language"
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

// A lettersTest holds the size of the training text, and how often losses are reported.
type lettersTest struct{ size, every int }

// notebookLetters trains three networks on a language of known entropy, below which no mean loss stays. A predictor that
// remembers only one or two characters does no better than 0.648 or 0.500.
func notebookLetters(ctx context.Context, s *session) error {
	return s.notebookLetters(ctx, lettersTest{size: 27104, every: 10000}) // of 10,000 words, give or take a few
}

func (s *session) notebookLetters(ctx context.Context, test lettersTest) error {
	letters, err := language.Find("letters")
	if err != nil {
		return err
	}
	s.result.Source = letters.Name
	floor := letters.Entropy().Nats
	s.say("The text: 10,000 words ae, buu, ciii; its entropy is %.4f nats per character.", floor)
	s.say("Training losses are means over 10,000 characters, in nats per character. \"Notebook printed\" is from the notebook's saved output.")
	results, err := perSeed(ctx, s, func(ctx context.Context, t seedRun) (lettersResult, error) { return t.letters(ctx, letters, test) })
	if err != nil {
		return err
	}
	s.table("iteration", "notebook printed", "as published", "corrected")
	for _, row := range results[0].way {
		s.row(row...)
	}
	s.say("Losses on 10,000 new words, in nats per character.")
	networks := []string{"SRN as published", "SRN corrected", "RNN over 15 steps"}
	s.table("seed", networks[0], networks[1], networks[2])
	sums := make([]float64, len(networks))
	for i, r := range results {
		s.row(int(s.result.Seeds[i]), r.unseen[0], r.unseen[1], r.unseen[2])
		for j, loss := range r.unseen {
			sums[j] += loss
		}
	}
	s.finding("entropy of the language", floor, "nats/char")
	for j, name := range networks {
		s.finding(name+": above the entropy, mean of the seeds", sums[j]/float64(len(results))-floor, "nats/char")
	}
	return nil
}

// A lettersResult is the result of three networks on one text.
type lettersResult struct {
	way    [][]any   // losses in training, beside those of the notebook
	unseen []float64 // losses on another text
}

// letters trains the three networks on one text and measures them on another.
func (t seedRun) letters(ctx context.Context, letters language.Language, test lettersTest) (r lettersResult, err error) {
	text := letters.Generate(t.Seed, 2*test.size)
	c, err := corpus.New(corpus.FromBytes(letters.Name, text), corpus.Options{Closed: true, Valid: 0.5})
	if err != nil {
		return r, err
	}
	small := func(s *train.Settings) {
		s.Network.Hidden = 32
		if s.Window == 1 { // the other network reports at the end of epochs
			s.ReportEvery = int64(test.every)
		}
		if t.Epochs == 0 {
			s.Budget.Epochs = 5
		}
	}
	_, srn, err := t.fit(ctx, c, "notebook-srn", small)
	if err != nil {
		return r, err
	}
	_, rnn, err := t.fit(ctx, c, "notebook-rnn", small)
	if err != nil {
		return r, err
	}

	_, ids := notebook.Encode(string(text))
	half := ids[:c.Train().Len()]
	published := notebook.NewSRN(c.Alphabet.Size(), 32, 0.1, t.Seed)
	published.ContextBug = true
	for pass := range srn {
		row := 0
		published.Epoch(half, test.every, func(pairs int, loss float64) bool {
			var printed any
			if pass < len(printedLetters) && row < len(printedLetters[pass]) && pairs == (row+1)*test.every {
				printed = printedLetters[pass][row]
			}
			r.way = append(r.way, []any{fmt.Sprintf("%d:%d", pass+1, pairs), printed, loss, srn[pass][row].Loss})
			row++
			return ctx.Err() == nil
		})
		if err := ctx.Err(); err != nil {
			return r, err
		}
	}
	r.unseen = []float64{published.Evaluate(ids[len(half):]), validLoss(srn), validLoss(rnn)}
	return r, nil
}

// validLoss returns the last validation loss of a training.
func validLoss(passes [][]train.Report) float64 {
	last := passes[len(passes)-1]
	return *last[len(last)-1].ValidLoss
}
