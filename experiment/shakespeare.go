package experiment

import (
	"context"
	"fmt"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/generate"
	"github.com/seed-f4dd853e/elman/internal/random"
	"github.com/seed-f4dd853e/elman/language"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/notebook"
	"github.com/seed-f4dd853e/elman/train"
)

// The losses that the notebook printed, in its first pass over 99,993 characters of a text it calls shake.txt. It counts
// from 0 and prints after number 10,000, or 1,000, so its first sums have one term more than the divisor: they are larger
// than means by 1/10,000 and 1/1,000.
var (
	// nats per character, means over 10,000 characters
	printedSRN = []float64{3.25361170453, 3.03968336464, 2.99101845237, 2.94292884998, 2.92818305171, 2.90854702316}
	// nats per window of 15 characters, means over 1,000 windows
	printedRNN = []float64{42.463785534, 36.1611592987, 34.146330537, 33.9993924337, 32.9134378005, 32.3726121883}
)

// notebookSize is the length of the notebook's text.
const notebookSize = 99993

// shakespeare returns the training text: the one given, or as many characters of "play" as the notebook had.
func (s *session) shakespeare() (*corpus.Corpus, string, error) { return s.text(notebookSize, 0) }

// text returns the text given, or this many characters of "play", as a corpus with a share held out, and as bytes.
func (s *session) text(size int, valid float64) (*corpus.Corpus, string, error) {
	text, source := s.Text, s.Source
	if text == nil {
		play, err := language.Find("play")
		if err != nil {
			return nil, "", err
		}
		text, source = play.Generate(s.Seed, size), "play"
	}
	s.result.Source = source
	// The alphabet is closed, as the notebook's is: nothing could stand for a symbol that the training section lacks.
	c, err := corpus.New(corpus.FromBytes(source, text), corpus.Options{Closed: true, AllSymbols: true, Valid: valid})
	if err != nil {
		return nil, "", err
	}
	s.say("%s: %d characters, an alphabet of %d.", source, c.Train().Len()+c.Valid().Len(), c.Alphabet.Size())
	return c, string(text), nil
}

// fit trains with one of the notebook's recipes and returns the model and the reports of each epoch.
func (t seedRun) fit(ctx context.Context, c *corpus.Corpus, recipe string, change func(*train.Settings)) (*model.Model, [][]train.Report, error) {
	r, err := train.FindRecipe(recipe)
	if err != nil {
		return nil, nil, err
	}
	all := func(s *train.Settings) {
		r.Change(s)
		if t.Epochs > 0 {
			s.Budget.Epochs = t.Epochs
		}
		if change != nil {
			change(s)
		}
	}
	passes := [][]train.Report{nil}
	result, err := t.train(ctx, recipe, c, all, train.Options{Report: func(r train.Report) {
		last := len(passes) - 1
		passes[last] = append(passes[last], r)
		if r.EpochEnd {
			passes = append(passes, nil)
		}
	}})
	if err != nil {
		return nil, nil, err
	}
	return result.Model, passes[:len(passes)-1], nil
}

// mean returns the mean loss of an epoch.
func mean(reports []train.Report, before int64) float64 {
	sum, n := 0.0, before
	for _, r := range reports {
		sum += float64(r.Loss * float64(r.Symbols-n))
		n = r.Symbols
	}
	return sum / float64(n-before)
}

// write samples the engine's model as the notebook does: 200 characters at temperature 1.
func (s *session) write(ctx context.Context, name string, m *model.Model) error {
	o := generate.Defaults()
	o.Seed = s.Seed
	texts, err := generate.New(m).Strings(ctx, o)
	if err != nil {
		return err
	}
	s.sample(name, texts[0])
	return nil
}

// decode returns the text of the notebook's symbols.
func decode(symbols []rune, ids []int) string {
	text := make([]rune, len(ids))
	for i, id := range ids {
		text[i] = symbols[id]
	}
	return string(text)
}

// notebookSRN trains the simple network twice: exactly as the notebook does, and on the engine with the correct gradient.
func notebookSRN(ctx context.Context, s *session) error { return s.notebookSRN(ctx, 10000) }

func (s *session) notebookSRN(ctx context.Context, every int) error {
	c, text, err := s.shakespeare()
	if err != nil {
		return err
	}
	m, passes, err := s.fit(ctx, c, "notebook-srn", func(s *train.Settings) { s.ReportEvery = int64(every) })
	if err != nil {
		return err
	}
	symbols, ids := notebook.Encode(text)
	published := notebook.NewSRN(len(symbols), 128, 0.1, s.Seed)
	published.ContextBug = true

	s.say("Losses are means since the row above, in nats per character. \"Notebook printed\" is not comparable digit by digit: the notebook's cell that printed those losses was an older version of the code, on a text that is not available. \"As published\" is the code that the notebook shows: run by itself on the same text, it gives the numbers of that column to three digits.")
	s.table("iteration", "notebook printed", "as published", "corrected")
	var meansPublished, meansCorrected []float64
	before := int64(0)
	for epoch, reports := range passes {
		row := 0
		loss := published.Epoch(ids, every, func(pairs int, loss float64) bool {
			if ctx.Err() != nil {
				return false
			}
			var printed any
			if epoch == 0 && row < len(printedSRN) && pairs == (row+1)*every {
				printed = printedSRN[row]
			}
			s.row(fmt.Sprintf("%d:%d", epoch+1, pairs), printed, loss, reports[row].Loss)
			row++
			return true
		})
		if err := ctx.Err(); err != nil {
			return err
		}
		meansPublished = append(meansPublished, loss)
		meansCorrected = append(meansCorrected, mean(reports, before))
		before = reports[len(reports)-1].Symbols
	}
	for epoch := range passes {
		s.finding(fmt.Sprintf("pass %d, as published: mean loss", epoch+1), meansPublished[epoch], "nats/char")
		s.finding(fmt.Sprintf("pass %d, corrected: mean loss", epoch+1), meansCorrected[epoch], "nats/char")
	}
	last := len(passes) - 1
	s.finding("what overwriting the context before dU cost, last pass", meansPublished[last]-meansCorrected[last], "nats/char")
	if err := s.write(ctx, "the corrected network", m); err != nil {
		return err
	}
	written := published.Predict(nil, ids[:1], 200, random.New(s.Seed, "notebook", 0))
	s.sample("the network as published", decode(symbols, written[1:]))
	return nil
}

// notebookRNN trains the network with backpropagation through time.
func notebookRNN(ctx context.Context, s *session) error {
	c, _, err := s.shakespeare()
	if err != nil {
		return err
	}
	m, passes, err := s.fit(ctx, c, "notebook-rnn", nil)
	if err != nil {
		return err
	}
	s.say("Losses are means since the row above: in nats per window of 15 characters, as the notebook prints them, and per character. \"Notebook printed\" is from the notebook's saved output, whose text is not available.")
	s.table("window", "notebook printed", "ours", "ours per char")
	windows := int64(0)
	for epoch, reports := range passes {
		start := windows
		for i, r := range reports {
			var printed any
			if epoch == 0 && i < len(printedRNN) && r.Step-start == int64(i+1)*1000 {
				printed = printedRNN[i]
			}
			s.row(fmt.Sprintf("%d:%d", epoch+1, r.Step-start), printed, 15*r.Loss, r.Loss)
			windows = r.Step
		}
	}
	before := int64(0)
	for epoch, reports := range passes {
		s.finding(fmt.Sprintf("pass %d: mean loss", epoch+1), mean(reports, before), "nats/char")
		before = reports[len(reports)-1].Symbols
	}
	return s.write(ctx, "the network", m)
}
