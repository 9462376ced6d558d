package train

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/language"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/optim"
	"github.com/seed-f4dd853e/elman/rnn"
)

// TestCodes trains Elman's network on a text of three symbols that take turns, whose next code it then knows, and on one of
// coin tosses, of which nobody can know more than the mean: half of a bit's distance of 1/2, squared.
func TestCodes(t *testing.T) {
	s := Settings{Network: rnn.Config{Activation: "sigmoid", Hidden: 4}, Init: rnn.Init{Uniform: 1}, Codes: "00 01 10", Batch: 1, Window: 1, Sum: true,
		Optimizer: optim.Settings{Optimizer: "sgd", LearningRate: 0.5}, Budget: Budget{Epochs: 25}}
	text := strings.Repeat("abc", 1000)
	c, err := corpus.New(corpus.FromBytes("turns", []byte(text)), corpus.Options{Closed: true})
	if err != nil {
		t.Fatal(err)
	}
	r := mustRun(t, c, s, Options{})
	if r.Report.Loss > 0.002 {
		t.Errorf("a loss of %v where the next code is certain", r.Report.Loss)
	}
	if got, want := r.Model.Network.Params()[0].Value, []float32{0, 0, 0, 1, 1, 0}; !slices.Equal(got, want) {
		t.Errorf("codes are %v after training, want %v", got, want)
	}
	tosses, err := language.Find("xor")
	if err != nil {
		t.Fatal(err)
	}
	s.Codes, s.Optimizer.LearningRate, s.Budget.Epochs = "0 1", 0.01, 3
	c, err = corpus.New(corpus.FromBytes("tosses", tosses.Generate(1, 3000)), corpus.Options{Closed: true})
	if err != nil {
		t.Fatal(err)
	}
	if got := mustRun(t, c, s, Options{}).Report.Loss; math.Abs(got-0.125) > 0.003 {
		t.Errorf("a loss of %v where nothing is certain, want 0.125", got)
	}
}

func TestCodesErrors(t *testing.T) {
	for _, tt := range []struct {
		s    Settings
		want string
	}{
		{Settings{Codes: "00 01"}, "codes are 2, must be one for each of 3 symbols"},
		{Settings{Codes: "00 01 1"}, `codes: number 2 is "1", must be 2 bits 0 or 1`},
		{Settings{Codes: "00 02 10"}, `codes: number 1 is "02", must be 2 bits 0 or 1`},
		{Settings{Codes: "00 01 10", Network: rnn.Config{Embedding: 5}}, "codes of 2 bits are read as they are: they go without embedding, tie, conv and block"},
		{Settings{Init: rnn.Init{Uniform: 101}}, "uniform is 101, must be 0 to 100"},
		{Settings{Init: rnn.Init{Uniform: 1, Normal: 2}}, "normal is 2 and uniform is 1: choose one"},
	} {
		if _, err := Defaults(Facts{Symbols: 3, Length: 1000}, with(tt.s)); err == nil || err.Error() != tt.want {
			t.Errorf("%+v: %v, want %s", tt.s, err, tt.want)
		}
	}
}

// TestCodesAreNotTested: codes give no probabilities to test, which is told before the training.
func TestCodesAreNotTested(t *testing.T) {
	text := corpus.FromBytes("test", []byte(rhyme(20)))
	c, err := corpus.New(text, corpus.Options{Closed: true, TestText: text})
	if err != nil {
		t.Fatal(err)
	}
	steps := 0
	_, err = runPartial(t.Context(), c, Settings{Network: rnn.Config{Hidden: 4}, Codes: rhymeCodes, Batch: 1, Window: 5, Budget: Budget{Steps: 1}}, Options{Start: func(Start) { steps++ }})
	if !errors.Is(err, model.ErrCodes) || steps > 0 {
		t.Errorf("error %v, %d trainings begun", err, steps)
	}
}
