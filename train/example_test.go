package train_test

import (
	"context"
	"fmt"
	"log"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/language"
	"github.com/seed-f4dd853e/elman/train"
)

// A network of 16 units learns ae, buu, ciii in a moment. The numbers are the same on any machine.
func ExampleRun() {
	letters, err := language.Find("letters")
	if err != nil {
		log.Fatal(err)
	}
	c, err := corpus.New(corpus.FromBytes(letters.Name, letters.Generate(1, 20000)), corpus.Options{Valid: 0.1})
	if err != nil {
		log.Fatal(err)
	}
	s, err := train.Defaults(train.FactsOf(c), func(s *train.Settings) {
		s.Network.Hidden, s.ReportEvery, s.Budget.Steps = 16, 200, 600
	})
	if err != nil {
		log.Fatal(err)
	}
	result, err := train.Run(context.Background(), c, s, train.Options{
		Threads: 2,
		Report: func(r train.Report) {
			fmt.Printf("step %d: %.4f nats, on unseen text %.4f\n", r.Step, r.Loss, *r.ValidLoss)
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("weights", result.Model.Hash()[:12])
	// Output:
	// step 200: 0.6512 nats, on unseen text 0.3736
	// step 400: 0.3719 nats, on unseen text 0.3710
	// step 600: 0.3701 nats, on unseen text 0.3696
	// weights a1097be54bc7
}

func ExampleFindRecipe() {
	r, err := train.FindRecipe("notebook-rnn")
	if err != nil {
		log.Fatal(err)
	}
	s, err := train.Defaults(train.Facts{Symbols: 65, Length: 1e6}, func(s *train.Settings) {
		r.Change(s)
		s.Network.Hidden = 256 // and all else as in the notebook
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(s.Network.Activation, s.Optimizer.Optimizer, s.Window, s.ClipValue)
	// Output: sigmoid adagrad 15 1
}
