package serve

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/generate"
	"github.com/seed-f4dd853e/elman/score"
)

// samples returns what elman sample writes.
func samples(t *testing.T, ts *testServer, change func(*generate.Options)) []string {
	t.Helper()
	o := generate.Defaults()
	o.Length, o.Seed = 30, 7
	change(&o)
	texts, err := generate.New(ts.m).Strings(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	for i := range texts {
		texts[i] = strings.TrimPrefix(texts[i], o.Prompt)
	}
	return texts
}

type body = map[string]any

func completion(ts *testServer, f body) Completion {
	ts.t.Helper()
	all := body{"model": "verse", "max_tokens": 30, "seed": 7}
	for k, v := range f {
		all[k] = v
	}
	return get[Completion](ts, "POST", "/v1/completions", all)
}

func texts(c Completion) (all []string) {
	for i, choice := range c.Choices {
		if choice.Index != i {
			all = append(all, fmt.Sprintf("index %d at %d", choice.Index, i))
		}
		all = append(all, choice.Text)
	}
	return all
}

// TestCompletionIsSample: an answer has the text that elman sample writes with the same settings.
func TestCompletionIsSample(t *testing.T) {
	ts := start(t, nil)
	for _, tt := range []struct {
		f      body
		change func(*generate.Options)
	}{
		{body{}, func(o *generate.Options) {}},
		{body{"prompt": "Thou "}, func(o *generate.Options) { o.Prompt = "Thou " }},
		{body{"prompt": "Thou ", "n": 3}, func(o *generate.Options) { o.Prompt, o.Count = "Thou ", 3 }},
		{body{"prompt": "day", "temperature": 0}, func(o *generate.Options) { o.Prompt, o.Temperature = "day", 0 }},
		{body{"prompt": "day", "temperature": 0.5, "top_k": 9, "top_p": 0.8}, func(o *generate.Options) {
			o.Prompt, o.Temperature, o.TopK, o.TopP = "day", 0.5, 9, 0.8
		}},
		{body{"prompt": "day", "top_k": -1, "seed": 18446744073709551615.0}, nil},
		{body{"prompt": "day", "seed": -1}, func(o *generate.Options) { o.Prompt, o.Seed = "day", math.MaxUint64 }},
		{body{"prompt": "day", "stop": "e", "n": 2}, func(o *generate.Options) { o.Prompt, o.Stops, o.Count = "day", []string{"e"}, 2 }},
		{body{"prompt": "day", "stop": []string{"th", "e", "r"}}, func(o *generate.Options) { o.Prompt, o.Stops = "day", []string{"th", "e", "r"} }},
		{body{"prompt": nil, "stop": nil, "n": nil, "logprobs": nil, "temperature": nil}, func(o *generate.Options) {}},
		{body{"prompt": []string{"day"}, "best_of": 1, "user": "somebody", "suffix": nil, "unheard_of": 3}, func(o *generate.Options) { o.Prompt = "day" }},
	} {
		if tt.change == nil {
			ts.wrong(400, "seed", "POST", "/v1/completions", tt.f)
			continue
		}
		c := completion(ts, tt.f)
		if got, want := texts(c), samples(t, ts, tt.change); !slices.Equal(got, want) {
			t.Errorf("%v: %q, want %q", tt.f, got, want)
		}
		if c.Fingerprint != ts.m.Hash() || c.Object != "text_completion" || !strings.HasPrefix(c.ID, "cmpl-") || c.Model != "verse" || c.Created == 0 {
			t.Errorf("%v: %+v", tt.f, c)
		}
	}
	if got := completion(ts, body{"seed": nil}); completion(ts, body{"seed": got.Seed}).Choices[0].Text != got.Choices[0].Text {
		t.Errorf("the seed %d that the answer tells does not repeat it", got.Seed)
	}
}

// TestPrompts: four forms say the same; each prompt is answered as if alone.
func TestPrompts(t *testing.T) {
	ts := start(t, nil)
	tokens := func(text string) []int32 {
		ids, err := ts.m.Alphabet.Encode(text)
		if err != nil {
			t.Fatal(err)
		}
		return ids
	}
	a, b := completion(ts, body{"prompt": "Thou "}), completion(ts, body{"prompt": "day"})
	both := []string{a.Choices[0].Text, b.Choices[0].Text}
	for _, tt := range []struct {
		prompt any
		want   []string
	}{
		{[]string{"Thou ", "day"}, both},
		{tokens("Thou "), both[:1]},
		{[][]int32{tokens("Thou "), tokens("day")}, both},
		{[][]int32{append(tokens("\n"), tokens("day")...)}, both[1:]}, // the start symbol before all others
		{[]string{"day"}, both[1:]},
	} {
		c := completion(ts, body{"prompt": tt.prompt})
		if got := texts(c); !slices.Equal(got, tt.want) {
			t.Errorf("%v: %q, want %q", tt.prompt, got, tt.want)
		}
	}
	c := completion(ts, body{"prompt": []string{"Thou ", "day"}, "n": 2, "max_tokens": 5})
	if want := (Usage{Prompt: 8, Completion: 20, Total: 28}); len(c.Choices) != 4 || *c.Usage != want || c.Choices[2].Text != both[1][:5] {
		t.Errorf("2 prompts, 2 choices: %+v, usage %+v, want %+v", c.Choices, c.Usage, want)
	}
	for i, choice := range c.Choices {
		if choice.Index != i {
			t.Errorf("choice %d has the index %d", i, choice.Index)
		}
	}
	if c = completion(ts, body{"prompt": "Thou ", "max_tokens": 5, "echo": true}); *c.Usage != (Usage{Prompt: 5, Completion: 5, Total: 10}) {
		t.Errorf("with echo: usage %+v", *c.Usage)
	}
	status, _, text := ts.call("POST", "/v1/completions", `{"model":"verse","max_tokens":30,"seed":7,"prompt":["x","y"],"prompt":[1,2],"stop":["e"],"prompt":"day","stop":null}`)
	if twice := (Completion{}); status != 200 || json.Unmarshal(text, &twice) != nil || !slices.Equal(texts(twice), both[1:]) {
		t.Errorf("of fields that come twice the last one does not count: %d %s", status, text)
	}
	for _, wrong := range []string{`[]`, `[[]]`, `[null]`, `["a",null]`, `[1,"a"]`, `[1.5]`, `[[1],"a"]`, `{}`, `1`, `true`, `[[[1]]]`, `[1,null]`, `[[1],null]`} {
		status, _, text := ts.call("POST", "/v1/completions", `{"model":"verse","prompt":`+wrong+`}`)
		if wrong == "[[]]" { // an empty list of symbols is the empty text
			if status != 200 {
				t.Errorf("prompt %s: %d %s", wrong, status, text)
			}
			continue
		}
		if e := (errorBody{}); status != 400 || json.Unmarshal(text, &e) != nil || e.Error.Param == nil || *e.Error.Param != "prompt" {
			t.Errorf("prompt %s: %d %s", wrong, status, text)
		}
	}
}

// TestLogprobs: the logarithms of a text are the bits of package score, whether it was given or written.
func TestLogprobs(t *testing.T) {
	ts := start(t, nil)
	c := completion(ts, body{"prompt": "Thou art", "echo": true, "logprobs": 2, "temperature": 0.7, "n": 2})
	for _, choice := range c.Choices {
		if !strings.HasPrefix(choice.Text, "Thou art") || utf8.RuneCountInString(choice.Text) != 38 {
			t.Errorf("echo: %q", choice.Text)
		}
		lp, i := choice.Logprobs, 0
		err := score.New(ts.m, score.Extras{Top: 2}).Text(context.Background(), []byte(choice.Text), func(x score.Symbol) error {
			bits := -*lp.TokenLogprobs[i] / math.Ln2
			if lp.Tokens[i] != string(x.Text) || lp.TextOffset[i] != i || math.Abs(bits-x.Bits.Float()) > 1.0/(1<<24) {
				t.Errorf("symbol %d: %q at %d takes %v bits, want %q, %v", i, lp.Tokens[i], lp.TextOffset[i], bits, x.Text, x.Bits.Float())
			}
			for _, other := range x.Top {
				if p, ok := lp.TopLogprobs[i][ts.m.Alphabet.Symbol(other.ID)]; !ok || math.Abs(-p/math.Ln2-other.Bits.Float()) > 1.0/(1<<24) {
					t.Errorf("symbol %d: %v, want %q with %v bits", i, lp.TopLogprobs[i], ts.m.Alphabet.Symbol(other.ID), other.Bits)
				}
			}
			if p, ok := lp.TopLogprobs[i][lp.Tokens[i]]; !ok || p != *lp.TokenLogprobs[i] || len(lp.TopLogprobs[i]) > 3 {
				t.Errorf("symbol %d: %v does not have %q as it is: %v", i, lp.TopLogprobs[i], lp.Tokens[i], *lp.TokenLogprobs[i])
			}
			i++
			return nil
		})
		if err != nil || i != 38 || len(lp.Tokens) != 38 || len(lp.TopLogprobs) != 38 || len(lp.TextOffset) != 38 {
			t.Errorf("%d symbols, %d tokens: %v", i, len(lp.Tokens), err)
		}
	}
	c = completion(ts, body{"prompt": []int32{ts.m.Alphabet.Start(), 5}, "echo": true, "logprobs": 1, "max_tokens": 0})
	if lp := c.Choices[0].Logprobs; lp.TokenLogprobs[0] != nil || lp.TopLogprobs[0] == nil || len(lp.TopLogprobs[0]) != 0 || lp.TokenLogprobs[1] == nil || *c.Choices[0].FinishReason != "length" {
		t.Errorf("a start symbol: %+v", c.Choices[0])
	}
	c = completion(ts, body{"prompt": "~", "echo": true, "logprobs": 100, "max_tokens": 0}) // which the alphabet lacks: it stands for the escape
	if lp := c.Choices[0].Logprobs; lp.Tokens[0] != "~" || len(lp.TopLogprobs[0]) != ts.m.Alphabet.Size() || lp.TopLogprobs[0]["~"] != *lp.TokenLogprobs[0] {
		t.Errorf("an unknown symbol: %+v of %d symbols", lp, ts.m.Alphabet.Size())
	}
	if c = completion(ts, body{"max_tokens": 0}); c.Choices[0].Text != "" || c.Choices[0].Logprobs != nil || *c.Choices[0].FinishReason != "length" {
		t.Errorf("nothing to write: %+v", c.Choices[0])
	}
	if c = completion(ts, body{"logprobs": 0, "stop": []string{"zz", "rp"}}); c.Choices[0].Logprobs == nil || strings.Join(c.Choices[0].Logprobs.Tokens, "") != c.Choices[0].Text || *c.Choices[0].FinishReason != "stop" {
		t.Errorf("stopped: %+v", c.Choices[0])
	}
}

// joined reads a stream and joins its events to the answer that a request without stream has.
func joined(t *testing.T, events []string, choices int) Completion {
	t.Helper()
	if events[len(events)-1] != "[DONE]" {
		t.Fatalf("the last event is %s", events[len(events)-1])
	}
	var whole Completion
	all := make([]Choice, choices)
	for i, data := range events[:len(events)-1] {
		var c Completion
		if err := json.Unmarshal([]byte(data), &c); err != nil {
			t.Fatalf("event %s: %v", data, err)
		}
		for _, part := range c.Choices {
			to := &all[part.Index]
			if to.FinishReason != nil {
				t.Errorf("event %d: choice %d goes on after its end: %s", i, part.Index, data)
			}
			to.Index, to.Text, to.FinishReason = part.Index, to.Text+part.Text, part.FinishReason
			if lp := part.Logprobs; lp != nil {
				if to.Logprobs == nil {
					to.Logprobs = &Logprobs{}
				}
				l := to.Logprobs
				l.Tokens, l.TokenLogprobs = append(l.Tokens, lp.Tokens...), append(l.TokenLogprobs, lp.TokenLogprobs...)
				l.TopLogprobs, l.TextOffset = append(l.TopLogprobs, lp.TopLogprobs...), append(l.TextOffset, lp.TextOffset...)
			}
		}
		whole.ID, whole.Object, whole.Model, whole.Fingerprint, whole.Seed = c.ID, c.Object, c.Model, c.Fingerprint, c.Seed
		if c.Usage != nil {
			if whole.Usage = c.Usage; len(c.Choices) != 0 || i != len(events)-2 {
				t.Errorf("usage in event %d of %d: %s", i, len(events), data)
			}
		}
	}
	whole.Choices = all
	return whole
}

// TestStream: a stream has, joined, what the same request has without.
func TestStream(t *testing.T) {
	for _, kind := range []corpus.Kind{corpus.Chars, corpus.Bytes, corpus.Words} {
		ts := startOf(t, untrained(t, kind, verse+"naïve 世界\n", 1), testEngine(), nil)
		for _, f := range []body{
			{"prompt": "Thou ", "n": 2, "logprobs": 3, "echo": true, "stream_options": body{"include_usage": true}},
			{"prompt": []string{"day", "世"}, "stop": []string{"e", "ma"}, "max_tokens": 200, "n": 3, "stream_options": body{"include_usage": true}},
			{"max_tokens": 0, "prompt": "art", "echo": true},
			{"max_tokens": 0},
			{"prompt": [][]int32{{ts.m.Alphabet.Start()}, {ts.m.Alphabet.Start(), 3}}, "max_tokens": 1, "echo": true, "logprobs": 1, "temperature": 0},
			{"max_tokens": 2000, "n": 4},
		} {
			f["model"], f["seed"] = "verse", 5
			streamed := body{"stream": true}
			for k, v := range f {
				if streamed[k] = v; k == "stream_options" {
					delete(f, k)
				}
			}
			want := get[Completion](ts, "POST", "/v1/completions", f)
			got := joined(t, ts.events("/v1/completions", streamed), len(want.Choices))
			if streamed["stream_options"] == nil {
				want.Usage = nil
			}
			want.ID, want.Created = got.ID, got.Created
			if !reflect.DeepEqual(got, want) {
				a, _ := json.Marshal(got)
				b, _ := json.Marshal(want)
				t.Errorf("%s, %v:\nstreamed %s\nwhole    %s", kind, f, a, b)
			}
		}
	}
}

// TestEventTime wants single clients to get events often, and many clients together to get a bounded number.
func TestEventTime(t *testing.T) {
	for streams, want := range map[int64]time.Duration{1: 3 * time.Millisecond, 64: 3 * time.Millisecond, 1000: 20 * time.Millisecond, 1 << 40: 25 * time.Millisecond} {
		if got := eventTime(streams); got != want {
			t.Errorf("with %d streams an event comes every %v, want %v", streams, got, want)
		}
	}
}

// TestBytes: a model of bytes writes what may be no character. The answer is text all the same, and its parts fit.
func TestBytes(t *testing.T) {
	ts := startOf(t, untrained(t, corpus.Bytes, "naïve 世界 €\n", 2), testEngine(), nil)
	c := completion(ts, body{"prompt": "世", "echo": true, "logprobs": 1, "max_tokens": 200})
	choice := c.Choices[0]
	if !utf8.ValidString(choice.Text) || !strings.HasPrefix(choice.Text, "世") || !strings.Contains(choice.Text, "\ufffd") {
		t.Errorf("%q", choice.Text)
	}
	lp := choice.Logprobs
	if want := []string{`bytes:\xe4`, `bytes:\xb8`, `bytes:\x96`}; !slices.Equal(lp.Tokens[:3], want) || !slices.Equal(lp.TextOffset[:4], []int{0, 0, 0, 1}) {
		t.Errorf("tokens %q at %v, want %q", lp.Tokens[:3], lp.TextOffset[:4], want)
	}
	runes := []rune(choice.Text)
	for i, token := range lp.Tokens {
		if r := runes[lp.TextOffset[i]]; len(token) == 1 && string(r) != token {
			t.Errorf("token %d, %q, is said to stand at %d, where %q is", i, token, lp.TextOffset[i], r)
		}
	}
	if c = completion(ts, body{"utf8": true, "max_tokens": 100}); strings.Contains(c.Choices[0].Text, "\ufffd") {
		t.Errorf("utf8: %q", c.Choices[0].Text)
	}
}

// TestNoUTF8: an alphabet of bytes that make no character cannot write UTF-8, which is the request's mistake.
func TestNoUTF8(t *testing.T) {
	ts := startOf(t, untrained(t, corpus.Bytes, "\xff\x80\xff", 1), testEngine(), nil)
	if e := ts.wrong(400, "no bytes that make a whole character", "POST", "/v1/completions", body{"utf8": true}); e.Param == nil || *e.Param != "utf8" {
		t.Errorf("param %v", e.Param)
	}
}

// TestCompletionErrors: what is wrong is told, with its field.
func TestCompletionErrors(t *testing.T) {
	l := testLimits()
	l.Prompts, l.N, l.Rows, l.Length, l.Stops, l.Stop, l.Logprobs, l.Prompt, l.Answer = 3, 4, 6, 1000, 2, 5, 20, 10, 4000
	ts := start(t, func(o *Options) { o.Limits = l })
	for _, tt := range []struct {
		f           body
		field, want string
	}{
		{body{"best_of": 3}, "best_of", "best_of is not offered"},
		{body{"suffix": "x"}, "suffix", "not offered"},
		{body{"logit_bias": body{"5": 1}}, "logit_bias", "not offered"},
		{body{"presence_penalty": 1}, "presence_penalty", "not offered"},
		{body{"frequency_penalty": -1}, "frequency_penalty", "not offered"},
		{body{"temperature": -1}, "temperature", "must be 0 or more"},
		{body{"temperature": "hot"}, "temperature", "must be a number"},
		{body{"top_p": 0}, "top_p", "must be above 0"},
		{body{"top_p": 1.1}, "top_p", "at most 1"},
		{body{"top_k": -2}, "top_k", "must be -1 to"},
		{body{"n": 0}, "n", "must be 1 to 4"},
		{body{"n": 5}, "n", "must be 1 to 4"},
		{body{"n": 1.5}, "n", "must be a whole number"},
		{body{"n": 4, "prompt": []string{"a", "b"}}, "n", "8 texts, more than the 6"},
		{body{"prompt": []string{"a", "b", "c", "d"}}, "prompt", "at most 3"},
		{body{"prompt": "more than ten symbols"}, "prompt", "more than the 10"},
		{body{"prompt": slices.Repeat([]int32{1}, 11)}, "prompt", "more than the 10"},
		{body{"prompt": []int32{-1}}, "prompt", "symbol -1"},
		{body{"prompt": []int32{3, 1000}}, "prompt", "symbol 1000"},
		{body{"max_tokens": -1}, "max_tokens", "must be 0 to 1000"},
		{body{"max_tokens": 1001}, "max_tokens", "must be 0 to 1000"},
		{body{"max_tokens": 1000, "n": 4, "logprobs": 5}, "max_tokens", "ask for a stream"},
		{body{"logprobs": 21}, "logprobs", "must be 0 to 20"},
		{body{"logprobs": true}, "logprobs", "must be a whole number"},
		{body{"stop": []string{"a", "b", "c"}}, "stop", "at most 2"},
		{body{"stop": "123456"}, "stop", "1 to 5"},
		{body{"stop": ""}, "stop", "1 to 5"},
		{body{"stop": 5}, "stop", "string or a list"},
		{body{"seed": 0.5}, "seed", "whole number"},
		{body{"stream_options": body{"include_usage": true}}, "stream_options", "for stream"},
		{body{"state": "none"}, "id", "no such state"},
	} {
		if tt.f["state"] == nil {
			tt.f["model"] = "verse"
			if e := ts.wrong(400, tt.want, "POST", "/v1/completions", tt.f); e.Param == nil || *e.Param != tt.field {
				t.Errorf("%v: param %v, want %s", tt.f, e.Param, tt.field)
			}
		} else {
			ts.wrong(404, tt.want, "POST", "/v1/completions", tt.f)
		}
	}
	ts.wrong(404, `no model "nonesuch"`, "POST", "/v1/completions", body{"model": "nonesuch"})
	ts.wrong(404, `no model "nonesuch"`, "GET", "/v1/models/nonesuch", nil)
	ts.wrong(404, "there is no chat", "POST", "/v1/chat/completions", body{"model": "verse"})
	ts.wrong(404, "POST /v1/completions", "POST", "/v1/embeddings", body{"model": "verse"})
	ts.wrong(405, "takes POST, not GET", "GET", "/v1/completions", nil)
	for path, long := range map[string]string{"/v1/completions": `{"max_tokens":` + strings.Repeat("9", 1000) + `}`, "/next": `{"` + strings.Repeat("x", 1000) + `":1}`} {
		if e := ts.wrong(400, "", "POST", path, long); len(e.Message) > 300 {
			t.Errorf("an error repeats what was sent: %.500s", e.Message)
		}
	}
	for body, want := range map[string]string{
		"": "not a whole JSON object", "{": "not a whole JSON object", "[]": "JSON object", "{}{}": "goes on after", `{"prompt":"\q"}`: "JSON object", "\x00": "JSON object",
	} {
		ts.wrong(400, want, "POST", "/v1/completions", body)
	}
}

// TestNotFinite: a model whose numbers are not finite is an error of the server, in a stream too.
func TestNotFinite(t *testing.T) {
	m := untrained(t, corpus.Chars, verse, 1)
	for _, p := range m.Network.Params() {
		for i := range p.Value {
			p.Value[i] = float32(math.Inf(1))
		}
	}
	m.Network.Updated()
	ts := start(t, nil)
	if err := ts.models.Add("wild", m); err != nil { // a file would be refused
		t.Fatal(err)
	}
	for path, f := range map[string]body{
		"/v1/completions": {"prompt": "day"}, "/next": {"text": "day"}, "/score": {"text": "day"}, "/state": {"text": "day"},
	} {
		f["model"] = "wild"
		ts.wrong(500, "not finite", "POST", path, f)
	}
	ts.wrong(500, "not finite", "POST", "/v1/completions", body{"model": "wild", "prompt": "day", "stream": true})
}
