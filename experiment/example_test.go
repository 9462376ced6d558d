package experiment_test

import (
	"context"
	"fmt"
	"log"
	"os"
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

func ExampleResult_Write() {
	e, err := experiment.Find("srn-vs-bptt")
	if err != nil {
		log.Fatal(err)
	}
	text := strings.Repeat("Who's there? Nay, answer me: stand, and unfold yourself. ", 250)
	result, err := e.Run(context.Background(), experiment.Options{Text: []byte(text), Source: "hamlet.txt", Epochs: 1, Seeds: 2, Threads: 2})
	if err != nil {
		log.Fatal(err)
	}
	folder, err := os.MkdirTemp("", "report")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(folder)
	if err := result.Write(folder); err != nil {
		log.Fatal(err)
	}
	files, err := os.ReadDir(folder)
	if err != nil {
		log.Fatal(err)
	}
	for _, f := range files {
		fmt.Println(f.Name())
	}
	fmt.Println(result.Command)
	// Output:
	// gradients.png
	// gradients.svg
	// losses.png
	// losses.svg
	// report.html
	// report.md
	// result.json
	// tables.csv
	// elman experiment run srn-vs-bptt --corpus hamlet.txt --chars 14250 --epochs 1 --seed 1 --seeds 2
}

func ExampleTarget() {
	t := experiment.Target{What: "LSTM, after 40,000 strings", Wanted: "at least 99 % right", Met: 7, Of: 10}
	fmt.Println(t, t.Reached())
	// Output:
	// missed: 7 of 10 seeds false
}
