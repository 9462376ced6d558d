package serve

import (
	"math"

	"github.com/seed-f4dd853e/elman/generate"
)

// A choiceWriter makes a choice of the tokens of a row: in one piece, or piece by piece.
type choiceWriter struct {
	index    int
	logprobs bool

	join    textJoiner
	text    []byte // not yet taken
	numbers *Logprobs
	end     generate.End // "" while it goes on
	told    bool         // the end was taken
	written int          // symbols
}

// add adds the next token.
func (c *choiceWriter) add(t generate.Token) {
	text, offset := c.join.add(t.Text)
	c.text = append(c.text, text...)
	if t.ID >= 0 {
		if !t.Prompt {
			c.written++
		}
		if c.logprobs {
			c.addNumbers(t, offset)
		}
	}
	if t.End != "" {
		c.end = t.End
		c.text = append(c.text, c.join.end()...)
	}
}

func (c *choiceWriter) addNumbers(t generate.Token, offset int) {
	if c.numbers == nil {
		c.numbers = &Logprobs{}
	}
	token := tokenText(t.Text)
	n := c.numbers
	n.Tokens, n.TextOffset = append(n.Tokens, token), append(n.TextOffset, offset)
	if math.IsNaN(t.Logprob) { // nothing predicted it
		n.TokenLogprobs, n.TopLogprobs = append(n.TokenLogprobs, nil), append(n.TopLogprobs, map[string]float64{})
		return
	}
	p := t.Logprob
	n.TokenLogprobs = append(n.TokenLogprobs, &p)
	top := make(map[string]float64, len(t.Top)+1)
	top[token] = p
	for _, guess := range t.Top {
		if text := tokenText(guess.Text); guess.ID != t.ID {
			if _, ok := top[text]; !ok { // the escape may look like a symbol
				top[text] = guess.Logprob
			}
		}
	}
	n.TopLogprobs = append(n.TopLogprobs, top)
}

// waiting reports whether there is something to take.
func (c *choiceWriter) waiting() bool {
	return len(c.text) > 0 || c.numbers != nil || c.end != "" && !c.told
}

// take returns what was added since the last time.
func (c *choiceWriter) take() Choice {
	choice := Choice{Text: string(c.text), Index: c.index, Logprobs: c.numbers}
	if c.end != "" {
		reason := string(c.end)
		choice.FinishReason, c.told = &reason, true
	}
	c.text, c.numbers = c.text[:0], nil
	return choice
}
