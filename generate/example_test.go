package generate_test

import (
	"context"
	"fmt"
	"log"
	"strings"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/generate"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/rnn"
)

// alphabetical returns a model that was not trained but built: each letter makes a hidden unit of its own active, which
// speaks for the next letter.
func alphabetical() *model.Model {
	c, err := corpus.New(corpus.FromBytes("letters", []byte("abcdef")), corpus.Options{Closed: true})
	if err != nil {
		log.Fatal(err)
	}
	network, err := rnn.New(rnn.Config{Activation: "relu", Symbols: 6, Hidden: 6})
	if err != nil {
		log.Fatal(err)
	}
	for _, p := range network.Params() {
		for i := range p.Rows {
			switch p.Name {
			case "rnn.weight_ih_l0":
				p.Value[i*p.Cols+i] = 1
			case "decoder.weight":
				p.Value[(i+1)%p.Rows*p.Cols+i] = 20
			}
		}
	}
	network.Updated()
	return &model.Model{Network: network, Alphabet: c.Alphabet}
}

func ExampleGenerator_Text() {
	o := generate.Defaults()
	o.Prompt, o.Length, o.Seed = "cd", 6, 1
	err := generate.New(alphabetical()).Text(context.Background(), o, func(p generate.Piece) error {
		_, err := fmt.Print(p.Text, "|")
		return err
	})
	if err != nil {
		log.Fatal(err)
	}
	// Output: cd|e|f|a|b|c|d|
}

func ExampleGenerator_Strings() {
	o := generate.Defaults()
	o.Prompt, o.Stops, o.Temperature = "b", []string{"e"}, 0 // the likeliest letter each time
	texts, err := generate.New(alphabetical()).Strings(context.Background(), o)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(texts[0])
	// Output: bcd
}

// Two rows with options of their own are written side by side. The second one joins later; nobody can tell from its text.
func ExampleBatch() {
	g := generate.New(alphabetical())
	batch := g.NewBatch(2)
	join := func(prompt string, stops ...string) *strings.Builder {
		p, err := g.NewPrompt(nil, prompt)
		if err != nil {
			log.Fatal(err)
		}
		o := generate.RowDefaults()
		o.Prompt, o.Length, o.Stops, o.Temperature = p, 9, stops, 0
		text := &strings.Builder{}
		row, err := g.NewRow(o, func(t generate.Token) bool { text.WriteString(t.Text); return true })
		if err != nil {
			log.Fatal(err)
		}
		batch.Join(row)
		return text
	}
	first := join("abc")
	batch.Step()
	second := join("fab", "ef")
	for batch.Step() > 0 {
	}
	fmt.Println(first, second)
	// Output: defabcdef cd
}
