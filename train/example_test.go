package train_test

import (
	"context"
	"fmt"
	"log"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/language"
	"github.com/seed-f4dd853e/elman/rnn"
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
	result, err := train.Run(context.Background(), c, train.Settings{
		Network:     rnn.Config{Hidden: 16},
		ReportEvery: 200, Budget: train.Budget{Steps: 600},
	}, train.Options{
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
	// step 200: 0.6859 nats, on unseen text 0.3719
	// step 400: 0.3723 nats, on unseen text 0.3714
	// step 600: 0.3700 nats, on unseen text 0.3691
	// weights ca903701d789
}

func ExampleFindRecipe() {
	r, err := train.FindRecipe("notebook-rnn")
	if err != nil {
		log.Fatal(err)
	}
	s := r.Settings
	s.Network.Hidden = 256 // and all else as in the notebook
	fmt.Println(s.Network.Activation, s.Optimizer.Optimizer, s.Window, s.ClipValue)
	// Output: sigmoid adagrad 15 1
}
