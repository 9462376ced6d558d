package serve

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/seed-f4dd853e/elman"
	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/generate"
	"github.com/seed-f4dd853e/elman/score"
)

const poem = "  Shall I compare\n\n thee to a zebra?\nThou art\tmore lovely \n"

// TestScore: symbols, words and lines add up to the text, to the last bit that is told; their numbers are those of package score.
// (That they are those of elman score is tested where that command is.)
func TestScore(t *testing.T) {
	for _, kind := range []corpus.Kind{corpus.Chars, corpus.Bytes, corpus.Words} {
		for _, documents := range []corpus.Documents{corpus.Whole, corpus.Lines, corpus.Paragraphs} {
			m := untrained(t, kind, verse, 1)
			m.Documents = documents
			ts := startOf(t, m, testEngine(), nil)
			text := poem + "naïve 世界"
			var want score.Sum
			if err := score.New(m, score.Extras{}).Text(context.Background(), []byte(text), func(x score.Symbol) error { want.Add(x); return nil }); err != nil {
				t.Fatal(err)
			}
			var sum score.Figures
			for _, per := range []string{"", "symbol", "word", "line"} {
				a := get[ScoreAnswer](ts, "POST", "/score", body{"text": text, "per": per})
				if *a.Sum != want.Figures() || a.Model != "verse" || a.Fingerprint != m.Hash() {
					t.Errorf("%s, %s, per %q: %+v, want %+v", kind, documents, per, a, want.Figures())
				}
				sum = *a.Sum
				bits, joined := a.Lead, ""
				for _, x := range a.Symbols {
					bits, joined = bits+x.Bits, joined+x.Text
				}
				for _, x := range a.Words {
					if bits += x.Bits + x.Space; x.Word != text[x.Start:x.End] || x.Word != string([]rune(text)[x.CharStart:x.CharEnd]) {
						t.Errorf("%s: the word %+v is not at its place", kind, x)
					}
				}
				for _, x := range a.Lines {
					bits, joined = bits+x.Bits, joined+x.Text+"\n"
				}
				if per != "" && bits != sum.Bits {
					t.Errorf("%s, %s, per %s: the parts have %v bits, the text %v", kind, documents, per, bits, sum.Bits)
				}
				if per == "line" && strings.TrimSuffix(joined, "\n") != text || per == "symbol" && kind != corpus.Bytes && joined != text {
					t.Errorf("%s, per %s: the text is %q", kind, per, joined)
				}
			}
			lines := get[ScoreAnswer](ts, "POST", "/score", body{"lines": []string{"Thou art", "", "世"}})
			for i, line := range []string{"Thou art\n", "\n", "世\n"} {
				one, err := elman.New(m).ScoreEach(context.Background(), []string{line})
				if err != nil || lines.Lines[i].Figures != one[0].Figures() {
					t.Errorf("%s, %s, line %q: %+v, alone %+v, %v", kind, documents, line, lines.Lines[i], one[0].Figures(), err)
				}
			}
		}
	}
}

// TestScoreStream: the events of a stream have what the whole answer has.
func TestScoreStream(t *testing.T) {
	l := testLimits()
	l.Answer = 1000
	ts := start(t, func(o *Options) { o.Limits = l })
	text := strings.Repeat(poem, 3)
	want := get[ScoreAnswer](ts, "POST", "/score", body{"text": text, "per": "symbol", "top": 2})
	var got ScoreAnswer
	events := ts.events("/score", body{"text": text, "per": "symbol", "top": 2, "stream": true})
	for i, data := range events[:len(events)-1] {
		var a ScoreAnswer
		if err := json.Unmarshal([]byte(data), &a); err != nil || (a.Sum != nil) != (i == len(events)-2) {
			t.Fatalf("event %d: %s, %v", i, data, err)
		}
		got.Symbols, got.Sum = append(got.Symbols, a.Symbols...), a.Sum
	}
	if a, b := string(asJSON(got.Symbols)), string(asJSON(want.Symbols)); a != b || *got.Sum != *want.Sum || len(events) < 4 {
		t.Errorf("%d events, joined\n%s, want\n%s", len(events), a, b)
	}
	ts.wrong(400, "ask for a stream", "POST", "/score", body{"text": strings.Repeat("a", 400), "per": "symbol", "top": 2})
}

func asJSON(x any) []byte {
	text, _ := json.Marshal(x)
	return text
}

func TestScoreErrors(t *testing.T) {
	ts := start(t, nil)
	for want, f := range map[string]body{
		"either text or lines":          {},
		"either text or lines ":         {"text": "a", "lines": []string{}},
		"per is":                        {"text": "a", "per": "page"},
		"documents is":                  {"text": "a", "documents": "chapter"},
		"each of lines":                 {"lines": []string{"a"}, "documents": "whole"},
		"lines[1] has a line break":     {"lines": []string{"a", "b\n"}},
		"top is -1":                     {"text": "a", "per": "symbol", "top": -1},
		"for per symbol":                {"text": "a", "per": "word", "top": 1},
		"for per symbol ":               {"text": "a", "stream": true},
		"unknown field \"txet\"":        {"txet": "a"},
		"text is a number, must be a s": {"text": 5},
	} {
		ts.wrong(400, strings.TrimSpace(want), "POST", "/score", f)
	}
	l := testLimits()
	l.Answer = 80
	few := start(t, func(o *Options) { o.Limits = l })
	get[ScoreAnswer](few, "POST", "/score", body{"text": "a b c d e f g h i j", "per": "word"})
	few.wrong(400, "8 for each word", "POST", "/score", body{"text": "a b c d e f g h i j k", "per": "word"})
	few.wrong(400, "8 for each word", "POST", "/score", body{"text": strings.Repeat("\n", 11), "per": "word"})
	few.wrong(400, "8 for each line", "POST", "/score", body{"text": strings.Repeat("\n", 11), "per": "line"})
	few.wrong(400, "8 for each line", "POST", "/score", body{"lines": make([]string, 11)})
	get[ScoreAnswer](few, "POST", "/score", body{"text": strings.Repeat("\n", 100)})

	c, err := corpus.New(corpus.FromBytes("test", []byte("abc\n")), corpus.Options{Closed: true})
	if err != nil {
		t.Fatal(err)
	}
	m := untrained(t, corpus.Chars, "abc", 1)
	m.Alphabet = c.Alphabet
	closed := startOf(t, m, testEngine(), nil)
	closed.wrong(400, `"d" (at byte 1) is not in the alphabet`, "POST", "/score", body{"text": "ad"})
	if e := closed.wrong(400, `line 2`, "POST", "/score", body{"lines": []string{"a", "d"}}); e.Param == nil || *e.Param != "lines" {
		t.Errorf("of lines: param %v", e.Param)
	}
	closed.wrong(400, "not valid UTF-8", "POST", "/score", "{\"text\":\"a\xe9\"}")
	closed.wrong(400, `"d" (at byte 1) is not in the alphabet`, "POST", "/next", body{"text": "ad"})
	if e := closed.wrong(400, `"d" (at byte 1) is not in the alphabet`, "POST", "/v1/completions", body{"prompt": "ad"}); e.Param == nil || *e.Param != "prompt" {
		t.Errorf("param %v", e.Param)
	}
	closed.wrong(400, `"d" (at byte 1) is not in the alphabet`, "POST", "/tokenize", body{"prompt": "ad"})
}

// TestNext: predictions are those of package elman, and add up.
func TestNext(t *testing.T) {
	ts := start(t, nil)
	want, err := elman.New(ts.m).Next(context.Background(), "Thou ")
	if err != nil {
		t.Fatal(err)
	}
	a := get[NextAnswer](ts, "POST", "/next", body{"text": "Thou ", "top": 0})
	mass, entropy := 0.0, 0.0
	for i, p := range want.Top(len(want.P)) {
		got := a.Top[i]
		if got.Text != p.Text || *got.P != p.P || got.Bits != p.Bits.Float() || got.ID != p.ID || got.Escape != p.Escape {
			t.Errorf("%d: %+v, want %+v", i, got, p)
		}
		mass, entropy = mass+p.P, entropy+p.P*p.Bits.Float()
	}
	if len(a.Top) != len(want.P) || mass < 0.999 || mass > 1.001 || a.Entropy < entropy-0.001 || a.Entropy > entropy+0.001 {
		t.Errorf("%d symbols with a mass of %v and an entropy of %v, want %v", len(a.Top), mass, a.Entropy, entropy)
	}
	if a = get[NextAnswer](ts, "POST", "/next", body{}); len(a.Top) != 10 {
		t.Errorf("%d symbols, want 10", len(a.Top))
	}
	ts.wrong(400, "top is -1", "POST", "/next", body{"top": -1})
}

// TestState: a state reads, predicts and continues as one text would, wherever it is cut.
func TestState(t *testing.T) {
	ts := start(t, nil)
	text := "Thou art more"
	whole := get[StateAnswer](ts, "POST", "/state", body{"text": text})
	st := get[StateAnswer](ts, "POST", "/state", body{"model": "verse"})
	for _, part := range []string{"Tho", "", "u art", " more"} {
		st = get[StateAnswer](ts, "POST", "/state/"+st.ID+"/read", body{"text": part})
	}
	if st.Sum != whole.Sum || st.Sum.Symbols != 13 || st.ID == whole.ID || st.Expires == 0 || st.Fingerprint != ts.m.Hash() {
		t.Errorf("in parts %+v, at once %+v", st, whole)
	}
	if got, want := get[NextAnswer](ts, "POST", "/state/"+st.ID+"/next", body{}), get[NextAnswer](ts, "POST", "/next", body{"text": text}); string(asJSON(got)) != string(asJSON(want)) {
		t.Errorf("next: %+v, want %+v", got, want)
	}
	want := samples(t, ts, func(o *generate.Options) { o.Prompt, o.Count = text+" l", 2 })
	for range 2 { // writing does not move it
		if got := texts(completion(ts, body{"state": st.ID, "prompt": " l", "n": 2})); !slices.Equal(got, want) {
			t.Errorf("continued: %q, want %q", got, want)
		}
	}
	branch := get[StateAnswer](ts, "POST", "/state/"+st.ID+"/copy", nil)
	branch = get[StateAnswer](ts, "POST", "/state/"+branch.ID+"/read", body{"text": " lovely"})
	if again := get[StateAnswer](ts, "GET", "/state/"+st.ID, nil); again.Sum != st.Sum || branch.Sum.Symbols != 20 {
		t.Errorf("after a branch read on: %+v, was %+v; the branch %+v", again, st, branch)
	}
	ts.wrong(400, "the model verse", "POST", "/v1/completions", body{"model": "another", "state": st.ID})
	if status, _, text := ts.call("DELETE", "/state/"+st.ID, nil); status != 204 || len(text) > 0 {
		t.Errorf("delete: %d %q", status, text)
	}
	ts.wrong(404, "no such state", "GET", "/state/"+st.ID, nil)
	ts.wrong(404, "no such state", "DELETE", "/state/"+st.ID, nil)
}

// TestStateWithinAWord: a word that never ends is not kept without bound, and a state is as it was before it failed.
func TestStateWithinAWord(t *testing.T) {
	ts := startOf(t, untrained(t, corpus.Words, verse, 1), testEngine(), nil)
	word := strings.Repeat("x", mostHeld-10)
	st := get[StateAnswer](ts, "POST", "/state", body{"text": "Thou " + word})
	ts.wrong(400, "within a word of", "POST", "/state/"+st.ID+"/read", body{"text": word})
	if again := get[StateAnswer](ts, "GET", "/state/"+st.ID, nil); again.Sum != st.Sum {
		t.Errorf("after it failed: %+v, was %+v", again.Sum, st.Sum)
	}
	if st = get[StateAnswer](ts, "POST", "/state/"+st.ID+"/read", body{"text": word + " art more lovely"}); st.Sum.Symbols != 5 {
		t.Errorf("the end of the word: %+v", st.Sum)
	}
	ts.wrong(400, "within a word of", "POST", "/state", body{"text": strings.Repeat("x", mostHeld+10)})
	if n := ts.states.len(); n != 1 {
		t.Errorf("%d states are kept, want 1", n)
	}
}

// TestTokenizer: the routes of vLLM's server.
func TestTokenizer(t *testing.T) {
	ts := start(t, nil)
	info := get[TokenizerInfo](ts, "GET", "/tokenizer_info", nil)
	if info.EOS != "\n" || info.BOS != "\n" || info.VocabSize != ts.m.Alphabet.Size() || info.StartToken != ts.m.Alphabet.Start() {
		t.Errorf("%+v", info)
	}
	a := get[TokenizeAnswer](ts, "POST", "/tokenize", body{"model": "verse", "prompt": "Thou art", "add_special_tokens": false, "return_token_strs": true})
	ids, err := ts.m.Alphabet.Encode("Thou art")
	if err != nil || !slices.Equal(a.Tokens, ids) || a.Count != 8 || strings.Join(a.Strings, "") != "Thou art" {
		t.Errorf("%+v, want %v, %v", a, ids, err)
	}
	if d := get[DetokenizeAnswer](ts, "POST", "/detokenize", body{"tokens": a.Tokens}); d.Prompt != "Thou art" {
		t.Errorf("%+v", d)
	}
	if _, _, text := ts.call("POST", "/tokenize", body{"prompt": ""}); !strings.Contains(string(text), `"tokens":[]`) {
		t.Errorf("of nothing: %s", text)
	}
	ts.wrong(400, "tokens[1] is 99", "POST", "/detokenize", body{"tokens": []int{1, 99}})
	ts.wrong(400, "tokens[0] is -1", "POST", "/detokenize", body{"tokens": []int{-1}})
}

// TestHarness is the exchange of lm-evaluation-harness' local-completions with a server of vLLM's kind, in the order of its source:
// it takes the tokenizer from the server, sends contexts and continuations as lists of symbols, and adds up what
// token_logprobs[ctxlen:-1] has; a text is scored with the end-of-text symbol as its context.
func TestHarness(t *testing.T) {
	ts := start(t, nil)
	info := get[TokenizerInfo](ts, "GET", "/tokenizer_info", nil)
	encode := func(text string) []int32 {
		return get[TokenizeAnswer](ts, "POST", "/tokenize", body{"prompt": text, "add_special_tokens": false}).Tokens
	}
	eos := encode(info.EOS)
	if len(eos) != 1 {
		t.Fatalf("the end of a text is %v", eos)
	}
	text := strings.Repeat("Thou art more lovely than a zebra:\n\nShall I?\n", 5)
	contexts, rests := [][]int32{eos, encode("Thou art"), encode("Shall I ")}, [][]int32{encode(text), encode(" more"), encode("zzz")}
	var batch [][]int32
	for i := range contexts {
		batch = append(batch, slices.Concat(contexts[i], rests[i]))
	}
	request := func(prompt any) Completion {
		return get[Completion](ts, "POST", "/v1/completions", body{"model": "verse", "prompt": prompt, "temperature": 0, "max_tokens": 1, "logprobs": 1, "seed": 1234, "echo": true})
	}
	all := request(batch)
	var strs []string
	for i, ids := range batch {
		one, choice := request(ids), all.Choices[i]
		if string(asJSON(one.Choices[0].Logprobs)) != string(asJSON(choice.Logprobs)) {
			t.Errorf("request %d alone: %s, in a batch %s", i, asJSON(one.Choices[0]), asJSON(choice))
		}
		if n := len(choice.Logprobs.TokenLogprobs); n != len(ids)+1 {
			t.Errorf("request %d: %d logarithms for %d symbols and one more", i, n, len(ids))
		}
		strs = append(strs, get[DetokenizeAnswer](ts, "POST", "/detokenize", body{"tokens": ids}).Prompt)
	}
	sum := func(c Choice, from int) (bits float64) {
		for _, p := range c.Logprobs.TokenLogprobs[from : len(c.Logprobs.TokenLogprobs)-1] {
			bits -= *p / 0.6931471805599453
		}
		return bits
	}
	want := get[ScoreAnswer](ts, "POST", "/score", body{"text": text, "per": "symbol"})
	rolled, spelled := sum(all.Choices[0], 1), want.Sum.Spelling
	if d := rolled + spelled - want.Sum.Bits; d > 1e-5 || d < -1e-5 {
		t.Errorf("rolling: %v bits and %v of spelling, score says %v", rolled, spelled, want.Sum.Bits)
	}
	// As texts the same prompts have the same numbers, except that a line break which begins one is a symbol of it.
	texts := request(strs)
	for i := 1; i < len(batch); i++ {
		if got, want := sum(texts.Choices[i], len(contexts[i])), sum(all.Choices[i], len(contexts[i])); got != want {
			t.Errorf("request %d as a text: %v bits, as symbols %v", i, got, want)
		}
	}
	whole := get[ScoreAnswer](ts, "POST", "/score", body{"text": "\n" + text, "per": "symbol"})
	if d := sum(texts.Choices[0], 1) + spelled + whole.Symbols[0].Bits - whole.Sum.Bits; d > 1e-5 || d < -1e-5 {
		t.Errorf("rolling as a text differs from score of that text by %v bits", d)
	}
	for i, choice := range all.Choices { // greedy: the likeliest is the one, by the same number
		for k, top := range choice.Logprobs.TopLogprobs {
			best := -1e9
			for _, p := range top {
				best = max(best, p)
			}
			if p := choice.Logprobs.TokenLogprobs[k]; p != nil && best < *p {
				t.Errorf("request %d, symbol %d: %v above all of %v", i, k, *p, top)
			}
		}
	}
}
