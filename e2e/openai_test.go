package e2e

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
	"github.com/openai/openai-go/v3/packages/ssestream"
)

// openAIForGo uses OpenAI's own library for Go.
func (s *service) openAIForGo(t *testing.T) {
	client := openai.NewClient(option.WithBaseURL(s.address+"/v1/"), option.WithAPIKey("none"), option.WithMaxRetries(0))
	c, ctx := &client, t.Context()
	base := openai.CompletionNewParams{
		Model: "play", Prompt: openai.CompletionNewParamsPromptUnion{OfString: openai.String("ROMEO:\nThe")},
		MaxTokens: openai.Int(60), Temperature: openai.Float(0.8), TopP: openai.Float(0.95), Seed: openai.Int(7), N: openai.Int(2),
	}
	want := s.samples(t, "--prompt", "ROMEO:\nThe", "--length", "60", "--temperature", "0.8", "--top-p", "0.95", "--seed", "7", "--count", "2")

	t.Run("models", func(t *testing.T) {
		var names []string
		all := c.Models.ListAutoPaging(ctx)
		for all.Next() {
			names = append(names, all.Current().ID)
		}
		if all.Err() != nil || !slices.Equal(names, []string{"play"}) {
			t.Errorf("the models are %v (%v), want play", names, all.Err())
		}
		m, err := c.Models.Get(ctx, "play")
		if err != nil || m.ID != "play" || m.OwnedBy != "elman" || m.Created == 0 || string(m.Object) != "model" {
			t.Errorf("play is %+v, %v", m, err)
		}
	})
	t.Run("complete and stream", func(t *testing.T) {
		p := base
		p.Echo, p.Logprobs = openai.Bool(true), openai.Int(3)
		whole, err := c.Completions.New(ctx, p)
		if err != nil {
			t.Fatal(err)
		}
		if hash := strings.Fields(s.elman("hash", s.run))[0]; whole.SystemFingerprint != hash {
			t.Errorf("the fingerprint is %s, elman hash tells %s", whole.SystemFingerprint, hash)
		}
		if u := whole.Usage; u.PromptTokens != 10 || u.CompletionTokens != 120 || u.TotalTokens != 130 {
			t.Errorf("usage is %+v", u)
		}
		p.StreamOptions = openai.ChatCompletionStreamOptionsParam{IncludeUsage: openai.Bool(true)}
		parts, usage := streamed(t, c.Completions.NewStreaming(ctx, p))
		if usage != [3]int64{10, 120, 130} {
			t.Errorf("the stream ends with usage %v", usage)
		}
		for i, choice := range whole.Choices {
			if choice.Text != want[i] || choice.Index != int64(i) || choice.FinishReason != "length" {
				t.Errorf("choice %d is %q (%s), elman sample writes %q", choice.Index, choice.Text, choice.FinishReason, want[i])
			}
			got := choiceParts{choice.Text, string(choice.FinishReason), choice.Logprobs.Tokens, choice.Logprobs.TokenLogprobs, choice.Logprobs.TopLogprobs, choice.Logprobs.TextOffset}
			if !reflect.DeepEqual(*parts[i], got) {
				t.Errorf("the stream's choice %d is\n%+v\nwhole it is\n%+v", i, *parts[i], got)
			}
			s.checkLogprobs(t, got)
		}
	})
	t.Run("prompts", func(t *testing.T) {
		p := base
		p.N, p.Logprobs, p.MaxTokens, p.Echo = openai.Int(1), openai.Int(1), openai.Int(0), openai.Bool(true)
		p.Prompt = openai.CompletionNewParamsPromptUnion{OfArrayOfStrings: []string{"ROMEO", "JULIET"}}
		two, err := c.Completions.New(ctx, p)
		if err != nil || len(two.Choices) != 2 || two.Choices[0].Text != "ROMEO" || two.Choices[1].Text != "JULIET" {
			t.Fatalf("two texts: %+v, %v", two, err)
		}
		// Numbers of symbols: those of the start symbol, which nothing predicted, and of three others.
		for name, prompt := range map[string]openai.CompletionNewParamsPromptUnion{
			"list": {OfArrayOfTokens: []int64{0, 30, 31, 32}}, "lists": {OfArrayOfTokenArrays: [][]int64{{0, 30, 31, 32}}},
		} {
			p.Prompt = prompt
			r, err := c.Completions.New(ctx, p)
			if err != nil {
				t.Fatal(name, err)
			}
			l := r.Choices[0].Logprobs
			if len(l.Tokens) != 4 || len(l.TokenLogprobs) != 4 || len(l.TopLogprobs) != 4 || len(l.TextOffset) != 4 || len(l.TopLogprobs[0]) != 0 {
				t.Errorf("%s of symbols: %+v", name, l)
			}
		}
	})
	t.Run("stop", func(t *testing.T) {
		p := base
		p.Stop = openai.CompletionNewParamsStopUnion{OfStringArray: []string{"zzz", "e"}}
		r, err := c.Completions.New(ctx, p)
		if err != nil {
			t.Fatal(err)
		}
		for i, choice := range r.Choices {
			before, _, _ := strings.Cut(strings.TrimPrefix(want[i], "ROMEO:\nThe"), "e")
			if choice.Text != before || choice.FinishReason != openai.CompletionChoiceFinishReasonStop {
				t.Errorf("choice %d is %q (%s), want %q", i, choice.Text, choice.FinishReason, before)
			}
		}
	})
	t.Run("errors", func(t *testing.T) {
		_, err := c.Models.Get(ctx, "nonesuch")
		s.typed(t, err, 404, "model", "model_not_found")
		_, err = c.Chat.Completions.New(ctx, openai.ChatCompletionNewParams{Model: "play", Messages: []openai.ChatCompletionMessageParamUnion{openai.UserMessage("hello")}})
		s.typed(t, err, 404, "", "unknown_url")
		for param, change := range map[string]func(p *openai.CompletionNewParams){
			"temperature": func(p *openai.CompletionNewParams) { p.Temperature = openai.Float(-1) },
			"best_of":     func(p *openai.CompletionNewParams) { p.BestOf = openai.Int(3) },
			"suffix":      func(p *openai.CompletionNewParams) { p.Suffix = openai.String("end") },
			"max_tokens":  func(p *openai.CompletionNewParams) { p.MaxTokens = openai.Int(-1) },
			"prompt": func(p *openai.CompletionNewParams) {
				p.Prompt = openai.CompletionNewParamsPromptUnion{OfArrayOfTokens: []int64{99999}}
			},
		} {
			p := base
			change(&p)
			_, err := c.Completions.New(ctx, p)
			s.typed(t, err, 400, param, "")
			stream := c.Completions.NewStreaming(ctx, p)
			for stream.Next() {
				t.Errorf("a stream with a wrong %s goes on", param)
			}
			s.typed(t, stream.Err(), 400, param, "")
		}
	})
	t.Run("too much, and given up", func(t *testing.T) {
		before := s.metric(t, gone)
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		p := base
		p.N, p.MaxTokens = openai.Int(perClient), openai.Int(65000)
		stream := c.Completions.NewStreaming(ctx, p)
		if !stream.Next() {
			t.Fatal(stream.Err())
		}
		_, err := c.Completions.New(t.Context(), base)
		s.typed(t, err, 429, "", "rate_limit_exceeded")
		if e, ok := errors.AsType[*openai.Error](err); ok && e.Response.Header.Get("Retry-After") != "1" {
			t.Errorf("Retry-After is %q", e.Response.Header.Get("Retry-After"))
		}
		if n := s.metric(t, rowsRunning); n != "32" {
			t.Errorf("%s texts are being written, want 32", n)
		}
		cancel()
		for stream.Next() {
		}
		if !errors.Is(stream.Err(), context.Canceled) {
			t.Errorf("the stream that was given up ends with %v", stream.Err())
		}
		s.becomes(t, rowsRunning, "0")
		s.becomes(t, gone, oneMore(before))
		again, err := c.Completions.New(t.Context(), base)
		if err != nil || "ROMEO:\nThe"+again.Choices[1].Text != want[1] {
			t.Errorf("after it: %v, %v", again, err)
		}
	})
}

// typed checks that an error has the library's type, and what it tells.
func (s *service) typed(t *testing.T, err error, status int, param, code string) {
	t.Helper()
	e, ok := errors.AsType[*openai.Error](err)
	if !ok {
		t.Errorf("the error is %v, want one of OpenAI's", err)
		return
	}
	if e.StatusCode != status || e.Param != param || e.Code != code || e.Message == "" || e.Type == "" {
		t.Errorf("the error is %d, param %q, code %q, type %q: %q; want %d, %q, %q", e.StatusCode, e.Param, e.Code, e.Type, e.Message, status, param, code)
	}
}

// checkLogprobs checks that a choice's lists are whole, and that its numbers are those of elman score.
func (s *service) checkLogprobs(t *testing.T, c choiceParts) {
	t.Helper()
	bits := s.bits(t, c.text)
	if n := len(c.tokens); n != len(bits) || len(c.logprobs) != n || len(c.tops) != n || len(c.offsets) != n {
		t.Errorf("%d symbols have %d tokens, %d logprobs, %d top_logprobs, %d offsets", len(bits), n, len(c.logprobs), len(c.tops), len(c.offsets))
		return
	}
	if strings.Join(c.tokens, "") != c.text {
		t.Errorf("the tokens are %q, the text %q", c.tokens, c.text)
	}
	for i, p := range c.logprobs {
		if b := asScored(p); b != bits[i] {
			t.Errorf("symbol %d has %v bits, elman score tells %v", i, b, bits[i])
		}
		if c.tops[i][c.tokens[i]] != p || len(c.tops[i]) < 3 || len(c.tops[i]) > 4 || c.offsets[i] != int64(i) {
			t.Errorf("symbol %d is %q with %v, at %d: %v", i, c.tokens[i], p, c.offsets[i], c.tops[i])
		}
	}
}

// choiceParts is a choice, or what the events of a stream tell of it put together.
type choiceParts struct {
	text, end string
	tokens    []string
	logprobs  []float64
	tops      []map[string]float64
	offsets   []int64
}

// streamed reads a stream of two choices to its end: what the events tell, and the usage in the last of them.
func streamed(t *testing.T, stream *ssestream.Stream[openai.Completion]) (choices [2]*choiceParts, usage [3]int64) {
	t.Helper()
	choices = [2]*choiceParts{{}, {}}
	for stream.Next() {
		e := stream.Current()
		for _, part := range e.Choices {
			c := choices[part.Index]
			if c.end != "" {
				t.Errorf("choice %d goes on after its end", part.Index)
			}
			c.text, c.end = c.text+part.Text, string(part.FinishReason)
			c.tokens, c.logprobs = append(c.tokens, part.Logprobs.Tokens...), append(c.logprobs, part.Logprobs.TokenLogprobs...)
			c.tops, c.offsets = append(c.tops, part.Logprobs.TopLogprobs...), append(c.offsets, part.Logprobs.TextOffset...)
		}
		if e.JSON.Usage.Valid() {
			if len(e.Choices) > 0 {
				t.Error("the usage comes with choices")
			}
			usage = [3]int64{e.Usage.PromptTokens, e.Usage.CompletionTokens, e.Usage.TotalTokens}
		}
	}
	if stream.Err() != nil {
		t.Error(stream.Err())
	}
	return choices, usage
}

// oneMore returns the value of a counter after one more event.
func oneMore(counter string) string {
	n, _ := strconv.Atoi(counter) // "" before the first
	return strconv.Itoa(n + 1)
}
