package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
)

// harness holds the conversation that lm-evaluation-harness has with a server of local-completions: testdata/harness.json has its
// requests, without what they are about. Of the answers it takes what the harness takes.
func (s *service) harness(t *testing.T) {
	raw, err := os.ReadFile("testdata/harness.json")
	if err != nil {
		t.Fatal(err)
	}
	h := &harnessClient{s: s, t: t}
	if err := json.Unmarshal(raw, &h.requests); err != nil {
		t.Fatal(err)
	}
	// It asks this to find out whether the server has a tokenizer.
	var info struct {
		EOS *string `json:"eos_token"`
		BOS *string `json:"bos_token"`
	}
	h.send("GET", "/tokenizer_info", nil, &info)
	if info.EOS == nil || info.BOS == nil {
		t.Fatalf("the tokenizer begins texts with %v and ends them with %v", info.BOS, info.EOS)
	}
	start := h.tokenize(*info.BOS)
	if len(start) != 1 || !slices.Equal(start, h.tokenize(*info.EOS)) {
		t.Fatalf("the begin of a text is %v", start)
	}
	held, err := os.ReadFile(s.held)
	if err != nil {
		t.Fatal(err)
	}
	text := h.tokenize(string(held))
	if got := h.detokenize(text); got != string(held) {
		t.Errorf("detokenized the text is\n%s\nwant\n%s", got, held)
	}
	t.Run("rolling", func(t *testing.T) { h.rolling(t, start, text, string(held)) })
	t.Run("loglikelihood", h.loglikelihood)
	t.Run("generate", h.generate)
}

// A harnessClient speaks as the harness does.
type harnessClient struct {
	s        *service
	t        *testing.T
	requests map[string]map[string]any
}

// send sends a request and reads the answer into a value.
func (h *harnessClient) send(method, path string, body, into any) {
	raw, err := json.Marshal(body)
	if err != nil {
		panic(err)
	}
	r, err := http.NewRequest(method, h.s.address+path, bytes.NewReader(raw))
	if err != nil {
		panic(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer ") // it sends one without a key too
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		h.t.Error(err)
		return
	}
	defer answer.Body.Close()
	all, err := io.ReadAll(answer.Body)
	if err == nil {
		err = json.Unmarshal(all, into)
	}
	if err != nil || answer.StatusCode != 200 {
		h.t.Errorf("%s %s: %s, %v: %.300s", method, path, answer.Status, err, all)
	}
}

// about returns one of the requests with what it is about.
func (h *harnessClient) about(request, field string, what any) map[string]any {
	r := maps.Clone(h.requests[request])
	r[field] = what
	return r
}

func (h *harnessClient) tokenize(text string) []int {
	var a struct{ Tokens []int }
	h.send("POST", "/tokenize", h.about("tokenize", "prompt", text), &a)
	return a.Tokens
}

func (h *harnessClient) detokenize(tokens []int) string {
	var a struct{ Prompt string }
	h.send("POST", "/detokenize", h.about("detokenize", "tokens", tokens), &a)
	return a.Prompt
}

// A harnessAnswer is what the harness reads of a completion.
type harnessAnswer struct {
	Choices []struct {
		Index    int
		Text     string
		Logprobs struct {
			TokenLogprobs []*float64           `json:"token_logprobs"`
			TopLogprobs   []map[string]float64 `json:"top_logprobs"`
		}
	}
}

// score asks for the logarithms of prompts' symbols, and returns of each prompt those after its context, without the one symbol that
// was written; and whether each of them was the likeliest.
func (h *harnessClient) score(prompt any, contexts []int) (logprobs [][]float64, greedy []bool) {
	var a harnessAnswer
	h.send("POST", "/v1/completions", h.about("loglikelihood", "prompt", prompt), &a)
	logprobs, greedy = make([][]float64, len(contexts)), make([]bool, len(contexts))
	for _, c := range a.Choices {
		all, tops := c.Logprobs.TokenLogprobs, c.Logprobs.TopLogprobs
		greedy[c.Index] = true
		for i := contexts[c.Index]; i < len(all)-1; i++ {
			logprobs[c.Index] = append(logprobs[c.Index], *all[i])
			greedy[c.Index] = greedy[c.Index] && *all[i] == slices.Max(slices.Collect(maps.Values(tops[i])))
		}
	}
	return logprobs, greedy
}

// rolling measures a whole text, after the begin of a text: it has the bits of elman score, each of them and in the sum that is printed.
func (h *harnessClient) rolling(t *testing.T, start, text []int, held string) {
	all, _ := h.score([][]int{slices.Concat(start, text)}, []int{1})
	h.same(t, "the text", all[0], h.s.bits(t, held))
	sum := 0.0
	for _, p := range all[0] {
		sum += p
	}
	bits := -sum / math.Ln2
	printed := h.s.elman("score", h.s.run, h.s.held)
	for _, want := range []string{fmt.Sprintf(" %.2f bits;", bits), fmt.Sprintf(" %.4f bits per character,", bits/float64(len(text)))} {
		if !strings.Contains(printed, want) {
			t.Errorf("it has%s elman score prints %s", want, printed)
		}
	}
}

// same compares natural logarithms with bits.
func (h *harnessClient) same(t *testing.T, what string, logprobs, bits []float64) {
	t.Helper()
	var got []float64
	for _, p := range logprobs {
		got = append(got, asScored(p))
	}
	if !slices.Equal(got, bits) {
		t.Errorf("%s has\n%v bits, elman score tells\n%v", what, got, bits)
	}
}

// loglikelihood measures continuations: as lists of symbols and as texts, alone, several in a request, and many requests at a time.
func (h *harnessClient) loglikelihood(t *testing.T) {
	likeliest := strings.TrimPrefix(h.s.samples(t, "--prompt", "KING:\nWhat", "--length", "6", "--temperature", "0")[0], "KING:\nWhat")
	pairs := [][2]string{{"KING:\nWhat", likeliest}, {"KING:\nWhat", " xay qou?"}, {"ROMEO:\nIs", " the day so young?"}, {"A", "B"}}
	var texts []string
	var tokens [][]int
	var contexts []int
	var want [][]float64
	for _, p := range pairs {
		n := len(h.tokenize(p[0]))
		texts, tokens, contexts = append(texts, p[0]+p[1]), append(tokens, h.tokenize(p[0]+p[1])), append(contexts, n)
		want = append(want, h.s.bits(t, p[0]+p[1])[n:])
	}
	check := func(what string, prompt any, pairs ...int) {
		var c []int
		for _, i := range pairs {
			c = append(c, contexts[i])
		}
		got, greedy := h.score(prompt, c)
		for k, i := range pairs {
			h.same(t, fmt.Sprintf("%s, pair %d", what, i), got[k], want[i])
			if greedy[k] != (i == 0) {
				t.Errorf("%s: that pair %d is the likeliest is said to be %v", what, i, greedy[k])
			}
		}
	}
	check("a batch of lists", tokens, 0, 1, 2, 3)
	check("a batch of texts", texts, 0, 1, 2, 3)
	var running sync.WaitGroup
	for i := range pairs {
		for range 3 {
			running.Go(func() { check("a list", [][]int{tokens[i]}, i) })
			running.Go(func() { check("a text", texts[i], i) })
		}
	}
	running.Wait()
}

// generate lets the model go on until a line ends.
func (h *harnessClient) generate(t *testing.T) {
	want := h.s.samples(t, "--prompt", "KING:\n", "--length", "60", "--temperature", "0")[0]
	want, _, _ = strings.Cut(strings.TrimPrefix(want, "KING:\n"), "\n")
	for _, prompt := range []any{[][]int{h.tokenize("KING:\n")}, "KING:\n", []string{"KING:\n"}} {
		var a harnessAnswer
		h.send("POST", "/v1/completions", h.about("generate", "prompt", prompt), &a)
		if len(a.Choices) != 1 || a.Choices[0].Text != want {
			t.Errorf("after %v it writes %+v, elman sample %q", prompt, a.Choices, want)
		}
	}
}
