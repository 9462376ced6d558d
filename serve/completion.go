package serve

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/seed-f4dd853e/elman/generate"
)

// CompletionRequest asks to continue texts, as OpenAI's API does. A token is a symbol. Fields that would change the answer and
// are not offered are refused; other fields that are not known are passed over.
type CompletionRequest struct {
	Model         string         `json:"model,omitempty" doc:"may be left out if there is only one"`
	Prompt        Prompts        `json:"prompt,omitempty" doc:"a text, a list of texts, a list of symbols, or a list of such lists; left out: the beginning of a text"`
	MaxTokens     *int           `json:"max_tokens,omitempty" doc:"symbols to write, 0 for none; left out: 16"`
	N             *int           `json:"n,omitempty" doc:"choices for each prompt; choice i is sample i of elman sample"`
	Temperature   *float64       `json:"temperature,omitempty" doc:"1, if left out, keeps the model's probabilities; 0 takes the likeliest symbol"`
	TopP          *float64       `json:"top_p,omitempty" doc:"draw from the fewest likeliest symbols with this share of the probability"`
	TopK          *int           `json:"top_k,omitempty" doc:"draw from so many likeliest symbols; 0, or -1, means all"`
	Seed          *Seed          `json:"seed,omitempty" doc:"of the draws; left out: by chance, and the answer tells it"`
	Stop          Stops          `json:"stop,omitempty" doc:"a text before which a choice ends, or a list of them"`
	Echo          bool           `json:"echo,omitempty" doc:"the choice begins with the prompt"`
	Logprobs      *int           `json:"logprobs,omitempty" doc:"tell the logarithm of each symbol's probability, and of so many likeliest symbols"`
	Stream        bool           `json:"stream,omitempty" doc:"answer in server-sent events, as symbols are written"`
	StreamOptions *StreamOptions `json:"stream_options,omitempty"`

	State string `json:"state,omitempty" doc:"Elman's own: the text continues from a kept state, before the prompt; the state stays as it is"`
	UTF8  bool   `json:"utf8,omitempty" doc:"Elman's own: a model of bytes writes valid UTF-8 only"`

	BestOf           *int               `json:"best_of,omitempty" doc:"not offered"`
	Suffix           string             `json:"suffix,omitempty" doc:"not offered"`
	LogitBias        map[string]float64 `json:"logit_bias,omitempty" doc:"not offered"`
	PresencePenalty  float64            `json:"presence_penalty,omitempty" doc:"not offered"`
	FrequencyPenalty float64            `json:"frequency_penalty,omitempty" doc:"not offered"`
}

// StreamOptions say what a stream tells.
type StreamOptions struct {
	IncludeUsage bool `json:"include_usage,omitempty" doc:"a last event tells how many symbols were read and written"`
}

// Completion is an answer, and in a stream each event's part of it.
type Completion struct {
	ID          string   `json:"id"`
	Object      string   `json:"object"`
	Created     int64    `json:"created"`
	Model       string   `json:"model"`
	Fingerprint string   `json:"system_fingerprint" doc:"SHA-256 of the weights: with equal ones, equal requests with a seed have equal answers, bit for bit"`
	Seed        uint64   `json:"seed" doc:"Elman's own: of the draws"`
	Choices     []Choice `json:"choices"`
	Usage       *Usage   `json:"usage,omitempty"`
}

// Choice is a text.
type Choice struct {
	Text         string    `json:"text"`
	Index        int       `json:"index" doc:"number of the prompt times n, plus number of the choice"`
	Logprobs     *Logprobs `json:"logprobs"`
	FinishReason *string   `json:"finish_reason" doc:"stop, length, or null while it goes on"`
}

// Usage counts symbols.
type Usage struct {
	Prompt     int `json:"prompt_tokens"`
	Completion int `json:"completion_tokens"`
	Total      int `json:"total_tokens"`
}

// Logprobs are natural logarithms of probabilities, for each symbol of a text: of the model at temperature 1, whatever the draws
// were. The logarithm times -1/ln 2, rounded to 2^-24 bits, is the surprisal that elman score tells.
type Logprobs struct {
	Tokens        []string             `json:"tokens" doc:"the text of each symbol; of bytes that are no character, such as bytes:\\xe2"`
	TokenLogprobs []*float64           `json:"token_logprobs" doc:"null for a symbol that nothing predicted: the start symbol, if a list of symbols begins with it"`
	TopLogprobs   []map[string]float64 `json:"top_logprobs" doc:"the likeliest symbols, and the one that came; empty for a symbol that nothing predicted"`
	TextOffset    []int                `json:"text_offset" doc:"characters of the choice's text before the symbol"`
}

// Prompts are what texts continue: texts, or lists of symbols.
type Prompts struct {
	Texts  []string
	Tokens [][]int32
}

func (Prompts) schema() object {
	text, tokens := object{"type": "string"}, object{"type": "array", "items": object{"type": "integer"}}
	return object{"oneOf": []object{text, tokens, {"type": "array", "items": text}, {"type": "array", "items": tokens}}}
}

// UnmarshalJSON reads each of the forms.
func (p *Prompts) UnmarshalJSON(raw []byte) error {
	inner := bytes.TrimLeft(raw, "[ \t\r\n")
	depth := bytes.Count(raw[:len(raw)-len(inner)], []byte("["))
	*p = Prompts{} // of a field that comes twice the last one counts
	var err error
	switch {
	case string(raw) == "null":
		return nil
	case depth == 0 && inner[0] == '"':
		p.Texts = make([]string, 1)
		err = json.Unmarshal(raw, &p.Texts[0])
	case depth == 1 && inner[0] == '"':
		var texts []*string
		if err = json.Unmarshal(raw, &texts); err == nil && slices.Contains(texts, nil) {
			err = errPrompt
		}
		for _, text := range texts {
			if text != nil {
				p.Texts = append(p.Texts, *text)
			}
		}
	case bytes.ContainsRune(raw, 'n'): // a null among numbers would be read as 0
		err = errPrompt
	case depth == 1 && inner[0] != ']':
		p.Tokens = make([][]int32, 1)
		err = json.Unmarshal(raw, &p.Tokens[0])
	case depth == 2:
		err = json.Unmarshal(raw, &p.Tokens)
	default:
		err = errPrompt
	}
	if err != nil {
		return errPrompt
	}
	return nil
}

var errPrompt = Invalid("prompt", "prompt must be a string, a list of strings, a list of symbols' numbers, or a list of lists of those")

// Len returns the number of prompts: of none that was given, 1, the empty text.
func (p *Prompts) Len() int { return max(1, len(p.Texts)+len(p.Tokens)) }

// Stops are texts before which a choice ends.
type Stops []string

func (Stops) schema() object {
	text := object{"type": "string"}
	return object{"oneOf": []object{text, {"type": "array", "items": text}}}
}

// UnmarshalJSON reads a text or a list of texts.
func (s *Stops) UnmarshalJSON(raw []byte) error {
	var one string
	if raw[0] == '"' && json.Unmarshal(raw, &one) == nil {
		*s = Stops{one}
		return nil
	}
	var all []string
	if json.Unmarshal(raw, &all) != nil {
		return Invalid("stop", "stop must be a string or a list of strings")
	}
	*s = all
	return nil
}

// A Seed is any whole number of 64 bits. Negative ones are as large ones: the same bits.
type Seed uint64

// UnmarshalJSON reads a number.
func (s *Seed) UnmarshalJSON(raw []byte) error {
	if n, err := strconv.ParseUint(string(raw), 10, 64); err == nil {
		*s = Seed(n)
		return nil
	}
	n, err := strconv.ParseInt(string(raw), 10, 64)
	if err != nil {
		return Invalid("seed", "seed is %.40s, must be a whole number of 64 bits", raw)
	}
	*s = Seed(n)
	return nil
}

func or[T any](p *T, otherwise T) T {
	if p == nil {
		return otherwise
	}
	return *p
}

// options judges a request and returns the options of its rows, without prompt and number.
func (q *CompletionRequest) options(l Limits) (generate.RowOptions, error) {
	o := generate.RowDefaults()
	for _, x := range []struct {
		field string
		wrong bool
	}{
		{"best_of", or(q.BestOf, 1) > 1}, {"suffix", q.Suffix != ""}, {"logit_bias", len(q.LogitBias) > 0},
		{"presence_penalty", q.PresencePenalty != 0}, {"frequency_penalty", q.FrequencyPenalty != 0},
	} {
		if x.wrong {
			return o, Invalid(x.field, "%s is not offered; leave it out", x.field)
		}
	}
	for _, x := range []struct {
		field              string
		value, least, most int
	}{
		{"max_tokens", or(q.MaxTokens, 16), 0, l.Length}, {"n", or(q.N, 1), 1, l.N}, {"logprobs", or(q.Logprobs, 0), 0, l.Logprobs},
		{"top_k", or(q.TopK, 0), -1, 1 << 30},
	} {
		if x.value < x.least || x.value > x.most {
			return o, Invalid(x.field, "%s is %d, must be %d to %d", x.field, x.value, x.least, x.most)
		}
	}
	switch prompts, n := q.Prompt.Len(), or(q.N, 1); {
	case prompts > l.Prompts:
		return o, Invalid("prompt", "prompt is a list of %d, must be of at most %d", prompts, l.Prompts)
	case prompts*n > l.Rows:
		return o, Invalid("n", "%d prompts with %d choices each are %d texts, more than the %d of one request", prompts, n, prompts*n, l.Rows)
	case q.StreamOptions != nil && !q.Stream:
		return o, Invalid("stream_options", "stream_options is for stream")
	case len(q.Stop) > l.Stops:
		return o, Invalid("stop", "stop is a list of %d, must be of at most %d", len(q.Stop), l.Stops)
	}
	for _, stop := range q.Stop {
		if len(stop) > l.Stop || stop == "" {
			return o, Invalid("stop", "a stop text has %d bytes, must have 1 to %d", len(stop), l.Stop)
		}
	}
	for _, tokens := range q.Prompt.Tokens {
		if len(tokens) > l.Prompt {
			return o, errLong(len(tokens), l.Prompt)
		}
	}
	o.Length, o.Temperature, o.TopP, o.TopK = or(q.MaxTokens, 16), or(q.Temperature, 1), or(q.TopP, 1), max(0, or(q.TopK, 0))
	o.Stops, o.Echo, o.UTF8, o.Logprobs = q.Stop, q.Echo, q.UTF8, or(q.Logprobs, -1)
	if q.Seed == nil {
		seed := Seed(rand.Uint64() >> 11) // which JavaScript can send again
		q.Seed = &seed
	}
	o.Seed = uint64(*q.Seed)
	return o, nil
}

func errLong(symbols, most int) error {
	return Invalid("prompt", "a prompt has %d symbols, more than the %d that this server reads", symbols, most)
}

// numbers returns how many numbers an answer has that is not streamed.
func (q *CompletionRequest) numbers(prompts []*generate.Prompt) int {
	all := 0
	for _, p := range prompts {
		n := or(q.MaxTokens, 16)
		if q.Echo {
			n += p.Len()
		}
		all += n * or(q.N, 1)
	}
	if q.Logprobs != nil {
		all *= 2 + *q.Logprobs
	}
	return all
}

// A textJoiner joins the text of symbols that may be parts of characters.
type textJoiner struct {
	tail  string // the beginning of a character
	chars int    // whole characters before
}

// add returns the characters that are complete with the next piece, and how many there are before the one where the piece begins.
func (j *textJoiner) add(piece string) (text string, offset int) {
	text, offset = j.tail+piece, j.chars
	for at := 0; at < len(j.tail) && utf8.FullRuneInString(text[at:]); offset++ {
		_, size := utf8.DecodeRuneInString(text[at:])
		if at += size; at > len(j.tail) { // the piece is part of it
			break
		}
	}
	n := len(text)
	for k := 1; k < utf8.UTFMax && k <= n; k++ {
		if utf8.RuneStart(text[n-k]) {
			if !utf8.FullRuneInString(text[n-k:]) {
				n -= k
			}
			break
		}
	}
	text, j.tail = text[:n], text[n:]
	j.chars += utf8.RuneCountInString(text)
	return text, offset
}

// end returns what is left: bytes that will be no character.
func (j *textJoiner) end() string {
	tail := j.tail
	j.tail = ""
	j.chars += utf8.RuneCountInString(tail)
	return tail
}
