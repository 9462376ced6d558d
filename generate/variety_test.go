package generate

import (
	"crypto/sha256"
	"flag"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/rnn"
)

// rhyme has white space of several kinds, upper case, and characters of several bytes.
const rhyme = verse + "\n\n  Rough winds do shake the darling buds of May,\nAnd summer's leäse hath all too short a date — 世界;\n\n\tSometime too hot the eye of heaven shines\n"

// A kindOfModel is one of variety.
type kindOfModel struct {
	name string
	m    *model.Model
}

// variety returns models of all cells, and of all that a network, an alphabet and documents can be.
var variety = sync.OnceValue(func() (all []kindOfModel) {
	add := func(name string, c rnn.Config, o corpus.Options, p rnn.Precision) {
		m, err := oneOfVariety(c, o, p)
		if err != nil {
			panic(fmt.Sprintf("%s: %v", name, err))
		}
		all = append(all, kindOfModel{name, m})
	}
	for _, cell := range rnn.Cells() {
		add(cell.Name, rnn.Config{Cell: cell.Name, Layers: 2}, corpus.Options{Closed: true}, rnn.Float32)
		add(cell.Name+", learned initial state", rnn.Config{Cell: cell.Name, LearnInitial: true}, corpus.Options{Documents: corpus.Lines}, rnn.Float32)
		add(cell.Name+", conv", rnn.Config{Cell: cell.Name, Conv: 3, Embedding: 7}, corpus.Options{Documents: corpus.Paragraphs}, rnn.Float32)
		add(cell.Name+", blocks", rnn.Config{Cell: cell.Name, Layers: 2, Block: true, Conv: 4, Tie: true}, corpus.Options{Documents: corpus.Lines, Lowercase: true}, rnn.Float32)
		if !cell.NoRecurrence {
			add(cell.Name+", layer norm", rnn.Config{Cell: cell.Name, Layers: 2, LayerNorm: true, LearnInitial: true}, corpus.Options{Kind: corpus.Bytes}, rnn.Float32)
		}
	}
	for _, kind := range corpus.Kinds() {
		for _, documents := range corpus.DocumentKinds() {
			o := corpus.Options{Kind: kind, Documents: documents, MinCount: 2}
			add(fmt.Sprintf("%s, %s", kind, documents), rnn.Config{Cell: "gru"}, o, rnn.Float32)
			o.Lowercase = true
			add(fmt.Sprintf("lower-case %s, %s, 8 bits", kind, documents), rnn.Config{Cell: "lstm", LearnInitial: true}, o, rnn.Int8)
		}
	}
	add("16 bits", rnn.Config{Cell: "lstm", Layers: 2}, corpus.Options{}, rnn.BF16)
	add("16 bits, blocks", rnn.Config{Cell: "gru", Layers: 2, Block: true, Conv: 2}, corpus.Options{}, rnn.BF16)
	return all
})

// someVariety leaves most out in short tests.
func someVariety() (some []kindOfModel) {
	for i, v := range variety() {
		if !testing.Short() || i%7 == 0 {
			some = append(some, v)
		}
	}
	return some
}

func oneOfVariety(config rnn.Config, o corpus.Options, p rnn.Precision) (*model.Model, error) {
	if o.Kind == corpus.Subwords {
		o.AlphabetSize = 280
	}
	c, err := corpus.New(corpus.FromBytes("test", []byte(strings.Repeat(rhyme, 2)+rhyme[:100])), o)
	if err != nil {
		return nil, err
	}
	config.Symbols, config.Hidden = c.Alphabet.Size(), 19
	network, err := rnn.New(config)
	if err != nil {
		return nil, err
	}
	network.Init(rnn.Init{Normal: 0.6}, 1)
	for _, p := range network.Params() {
		if strings.Contains(p.Name, "h0") || strings.Contains(p.Name, "c0") { // which begin at zero
			for i := range p.Value {
				p.Value[i] = float32(i%5-2) / 3
			}
		}
	}
	m := &model.Model{Network: network, Alphabet: c.Alphabet, Documents: o.Documents}
	if p == rnn.Float32 {
		return m, nil
	}
	return m.Round(p)
}

// choices are options of all kinds.
var choices = []Options{
	{Length: 50, Temperature: 1, TopP: 1, Seed: 1, Count: 3, Threads: 1},
	{Length: 40, Temperature: 0.7, TopP: 0.9, TopK: 9, Seed: 2, Count: 2, Threads: 1, Prompt: "Shall I "},
	{Length: 30, TopP: 1, Count: 1, Threads: 1, Prompt: "the eye\n\nof a summer"},
	{Length: 60, Temperature: 1.3, TopP: 1, Seed: 3, Count: 70, Threads: 2, Stops: []string{"e"}, Prompt: "Thou"},
	{Length: 30, Temperature: 1, TopP: 1, Seed: 4, Count: 2, Threads: 1, UTF8: true, Prompt: rhyme},
}

var update = flag.Bool("update", false, "write testdata anew")

// TestTextsStayTheSame compares samples with those of the time when they were written group by group, in windows that no row left.
func TestTextsStayTheSame(t *testing.T) {
	if testing.Short() {
		t.Skip("models of all kinds")
	}
	const file = "testdata/samples.txt"
	var b strings.Builder
	for _, v := range variety() {
		for i, o := range choices {
			texts, err := New(v.m).Strings(t.Context(), o)
			if err != nil {
				t.Fatalf("%s, choice %d: %v", v.name, i, err)
			}
			sum := sha256.Sum256([]byte(strings.Join(texts, "\x00")))
			fmt.Fprintf(&b, "%s, choice %d: %x %q\n", v.name, i, sum[:8], texts[0][len(o.Prompt):])
		}
	}
	if *update {
		if err := os.WriteFile(file, []byte(b.String()), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(want), "\n")
	for i, got := range strings.Split(b.String(), "\n") {
		if i >= len(lines) || got != lines[i] {
			t.Fatalf("%s\nwant %s", got, lines[min(i, len(lines)-1)])
		}
	}
}
