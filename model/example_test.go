package model_test

import (
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/rnn"
)

func Example() {
	c, err := corpus.New(corpus.FromBytes("letters", []byte("aebuuciii")), corpus.Options{})
	if err != nil {
		log.Fatal(err)
	}
	network, err := rnn.New(rnn.Config{Symbols: c.Alphabet.Size(), Hidden: 8})
	if err != nil {
		log.Fatal(err)
	}
	network.Init(rnn.Init{}, 1)
	m := &model.Model{Network: network, Alphabet: c.Alphabet}

	folder, err := os.MkdirTemp("", "")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(folder)
	if err := m.Save(filepath.Join(folder, model.FileName)); err != nil {
		log.Fatal(err)
	}
	same, err := model.Load(folder)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(same.Alphabet.Size(), "symbols,", same.Network.Config().Hidden, "units,", same.Hash() == m.Hash())
	// Output: 7 symbols, 8 units, true
}
