package cli

import (
	"bytes"
	"regexp"
	"strings"
	"testing"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/generate"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/rnn"
)

// FuzzInteractive: whatever is typed, a conversation ends with an error of one line or none, and the text holds what was typed.
func FuzzInteractive(f *testing.F) {
	c, err := corpus.New(corpus.FromBytes("text", []byte("the cat sat\non the mat: é\n")), corpus.Options{})
	if err != nil {
		f.Fatal(err)
	}
	network, err := rnn.New(rnn.Config{Symbols: c.Alphabet.Size(), Hidden: 4})
	if err != nil {
		f.Fatal(err)
	}
	network.Init(rnn.Init{}, 1)
	m := &model.Model{Network: network, Alphabet: c.Alphabet}
	many := regexp.MustCompile(`[0-9]{2,}`) // of what takes long
	for _, seed := range []string{"the\n\n:more 2\n:again\n:undo\n", ":temp 0\n:top 3\n:seed 4\n:score\nx", "::q\n:q\nthe", ":\n", ":t", ":temperature NaN", "\x00\xff\n:undo 3\n:undo", ":reset\n:help", `a\nb\t\\`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		if many.MatchString(typed) || len(typed) > 500 {
			return
		}
		var out, said bytes.Buffer
		e := &env{stdin: strings.NewReader(typed), stdout: &out, painted: &out, stderr: &said, flush: func() {}}
		o := generate.Defaults()
		o.Length = 5
		if err := e.converse(t.Context(), m, o); err != nil && strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: %q", typed, err)
		}
		if first, _, _ := strings.Cut(typed, "\n"); first != "" && !strings.ContainsAny(first, ":\\\r") && !strings.HasPrefix(out.String(), first) {
			t.Errorf("%q: the text is %q", typed, out.String())
		}
	})
}
