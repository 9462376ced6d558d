package train

import (
	"fmt"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/optim"
	"github.com/seed-f4dd853e/elman/rnn"
	"github.com/seed-f4dd853e/elman/score"
	"github.com/seed-f4dd853e/elman/train/run"
)

// TestTested: the loss on the test text is what package score says of the best model, and stays in run.json.
func TestTested(t *testing.T) {
	t.Parallel()
	test := rhyme(20) + "\u65e5 x\n"
	c, err := corpus.New(corpus.FromBytes("text", []byte(rhyme(100))), corpus.Options{
		ValidText: corpus.FromBytes("valid", []byte(strings.Repeat("nottub eht\n", 9))), // unlike the rest, so that the best model is an early one
		TestText:  corpus.FromBytes("test", []byte(test))})
	if err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(t.TempDir(), "run")
	s := Settings{Network: rnn.Config{Hidden: 9}, Batch: 3, Window: 9, Budget: Budget{Steps: 40}, ReportEvery: 7, Optimizer: optim.Settings{Optimizer: "adam", LearningRate: 0.1}}
	r := mustRun(t, c, s, Options{Folder: folder})
	best, err := model.Load(folder)
	if err != nil {
		t.Fatal(err)
	}
	var sum score.Sum
	if err := score.New(best, score.Extras{}).Text(t.Context(), []byte(test), func(x score.Symbol) error { sum.Add(x); return nil }); err != nil {
		t.Fatal(err)
	}
	if got := r.Tested; got.Bits != sum.Bits.Float() || got.Symbols != sum.Symbols || got.Step != r.BestStep || got.Spelling != 32 ||
		math.Abs(got.Loss-(sum.Bits-sum.Spelling).Float()*math.Ln2/float64(sum.Symbols)) > 1e-12 || r.BestStep == s.Budget.Steps {
		t.Errorf("%+v, want %v bits of %d symbols, step %d", got, sum.Bits.Float(), sum.Symbols, r.BestStep)
	}
	info, err := run.ReadInfo(folder)
	if err != nil || info.Tested != r.Tested {
		t.Errorf("run.json has %+v, error %v", info.Tested, err)
	}
	without := mustRun(t, c, s, Options{})
	if without.Tested != r.Tested || without.Best != nil {
		t.Errorf("without a folder: %+v, best %v", without.Tested, without.Best)
	}
}

// TestValidFile: a text to validate on changes no weight, and gives the loss that it gives.
func TestValidFile(t *testing.T) {
	t.Parallel()
	s := Settings{Network: rnn.Config{Hidden: 9}, Batch: 3, Window: 9, Budget: Budget{Steps: 20}}
	read := func(o corpus.Options) *corpus.Corpus {
		c, err := corpus.New(corpus.FromBytes("text", []byte(rhyme(100))), o)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	alone := mustRun(t, read(corpus.Options{}), s, Options{})
	with := mustRun(t, read(corpus.Options{Valid: 0.5, ValidText: corpus.FromBytes("other", []byte(rhyme(9)))}), s, Options{})
	if alone.Model.Hash() != with.Model.Hash() || alone.Report.ValidLoss != nil || with.Report.ValidLoss == nil {
		t.Errorf("hash %s with a text to validate on, %s without; losses %v, %v", with.Model.Hash(), alone.Model.Hash(), with.Report.ValidLoss, alone.Report.ValidLoss)
	}
	_, err := runPartial(t.Context(), read(corpus.Options{ValidText: corpus.FromBytes("other", []byte("a"))}), s, Options{})
	if want := "the text of valid_file has 1 symbol, too few to measure a loss on; give a longer one"; fmt.Sprint(err) != want {
		t.Errorf("error %v, want %s", err, want)
	}
}
