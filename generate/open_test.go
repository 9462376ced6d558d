package generate

import (
	"context"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/rnn"
)

// eager returns a model with an open alphabet that thinks of nothing but the escape.
func eager(t *testing.T, kind corpus.Kind, text string) *model.Model {
	t.Helper()
	c, err := corpus.New(corpus.FromBytes("test", []byte(text)), corpus.Options{Kind: kind})
	if err != nil {
		t.Fatal(err)
	}
	network, err := rnn.New(rnn.Config{Symbols: c.Alphabet.Size(), Hidden: 7})
	if err != nil {
		t.Fatal(err)
	}
	network.Init(rnn.Init{}, 1)
	for _, p := range network.Params() {
		if p.Name == "decoder.bias" {
			p.Value[c.Alphabet.Escape()] = 40
		}
	}
	network.Updated()
	return &model.Model{Network: network, Alphabet: c.Alphabet}
}

func TestEscapeIsReadAndNeverWritten(t *testing.T) {
	for _, kind := range []corpus.Kind{corpus.Bytes, corpus.Chars, corpus.Words} { // subwords have no escape
		m := eager(t, kind, verse)
		for _, o := range []Options{
			{Length: 60, Temperature: 1, Prompt: "日 zebra"}, {Length: 60}, {Length: 60, Temperature: 2, TopK: 1}, {Length: 60, Temperature: 1, TopP: 0.1},
		} {
			text := strs(t, m, o)[0]
			if !strings.HasPrefix(text, o.Prompt) || strings.Contains(text, "\uFFFD") {
				t.Errorf("%s, %+v: %q", kind, o, text)
			}
			if n := utf8.RuneCountInString(strings.TrimPrefix(text, o.Prompt)); kind == corpus.Chars && n != 60 {
				t.Errorf("%s, %+v: %d characters, want 60", kind, o, n)
			}
		}
	}
}

func TestWholeCharacters(t *testing.T) {
	const text = "né à Ωmega 日本 𝄞 a\u0800\ud7ff\U0010ffff"
	m := eager(t, corpus.Bytes, text)
	broken := false
	for length := 1; length <= 40; length++ {
		o := Options{Length: length, Temperature: 3, Seed: uint64(length), Prompt: "日"}
		broken = broken || !utf8.ValidString(strs(t, m, o)[0])
		o.UTF8 = true
		if got := strs(t, m, o)[0]; !utf8.ValidString(got) || len(got) != len(o.Prompt)+length {
			t.Errorf("%d bytes of whole characters: %q", length, got)
		}
	}
	if got := strs(t, eager(t, corpus.Bytes, "\xe6\x80"), Options{UTF8: true, Length: 11, Temperature: 1})[0]; got != "\u6000\u6000\u6000" {
		t.Errorf("11 bytes of characters that take 3: %q", got)
	}
	if got := strs(t, eager(t, corpus.Bytes, "\xe6\x80"), Options{UTF8: true, Length: 6, Temperature: 1})[0]; got != "\u6000\u6000" {
		t.Errorf("6 bytes of characters that take 3: %q", got)
	}
	if !broken {
		t.Error("without UTF8 all samples are valid too: the test proves nothing")
	}
	for _, tt := range []struct {
		m    *model.Model
		o    Options
		want string
	}{
		{m, Options{UTF8: true, Prompt: "\xe6"}, `prompt is "\xe6", which is not valid UTF-8`},
		{eager(t, corpus.Bytes, "\xff\x80"), Options{UTF8: true}, "no bytes that make a whole character"},
	} {
		if _, err := New(tt.m).Strings(context.Background(), filled(tt.o)); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("error %v, want %q", err, tt.want)
		}
	}
}
