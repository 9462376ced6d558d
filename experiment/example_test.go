package experiment_test

import (
	"context"
	"fmt"
	"log"
	"strings"

	"github.com/seed-f4dd853e/elman/experiment"
)

func Example() {
	e, err := experiment.Find("notebook-rnn")
	if err != nil {
		log.Fatal(err)
	}
	text := strings.Repeat("Who's there? Nay, answer me: stand, and unfold yourself. ", 20)
	result, err := e.Run(context.Background(), experiment.Options{Text: []byte(text), Epochs: 2})
	if err != nil {
		log.Fatal(err)
	}
	for _, f := range result.Findings {
		fmt.Printf("%s: %.2f %s\n", f.Name, f.Value, f.Unit)
	}
	// Output:
	// pass 1: mean loss: 2.78 nats/char
	// pass 2: mean loss: 1.26 nats/char
}
