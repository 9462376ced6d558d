package export_test

import (
	"bytes"
	"fmt"
	"log"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/export"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/rnn"
)

func Example() {
	c, err := corpus.New(corpus.FromBytes("letters", []byte("aebuuciii")), corpus.Options{})
	if err != nil {
		log.Fatal(err)
	}
	network, err := rnn.New(rnn.Config{Cell: "lstm", Symbols: c.Alphabet.Size(), Hidden: 8})
	if err != nil {
		log.Fatal(err)
	}
	network.Init(rnn.Init{}, 1)
	m := &model.Model{Network: network, Alphabet: c.Alphabet}

	format, err := export.FindFormat("onnx")
	if err != nil {
		log.Fatal(err)
	}
	var file bytes.Buffer
	if err := format.Write(&file, m, export.Options{State: true}); err != nil {
		log.Fatal(err)
	}
	fmt.Println(format.Suffix, file.Len() > 4*int(network.Config().Weights()))
	// Output: .onnx true
}
