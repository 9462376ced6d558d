package serve

import (
	"net/http"
	"unicode/utf8"
)

// The tokenizer of a model in the form of vLLM's server, from which lm-evaluation-harness and others take it. Tokens are the numbers of
// symbols.

// TokenizerInfo describes a tokenizer. A text begins, and ends, with the alphabet's start symbol.
type TokenizerInfo struct {
	Class        string  `json:"tokenizer_class"`
	BOS          string  `json:"bos_token"`
	EOS          string  `json:"eos_token"`
	Pad          *string `json:"pad_token"`
	ChatTemplate *string `json:"chat_template"`
	VocabSize    int     `json:"vocab_size"`
	MaxLength    int     `json:"model_max_length"`
	StartToken   int32   `json:"bos_token_id"`
}

func (s *Server) tokenizerInfo(w http.ResponseWriter, r *http.Request) error {
	m, err := s.use(r, r.URL.Query().Get("model"))
	if err != nil {
		return err
	}
	defer s.models.giveBack(m)
	a := m.m.Alphabet
	start := tokenText(a.Symbol(a.Start()))
	WriteJSON(w, http.StatusOK, TokenizerInfo{Class: "elman", BOS: start, EOS: start, VocabSize: a.Size(), MaxLength: s.limits.Prompt, StartToken: a.Start()})
	return nil
}

// TokenizeRequest asks for the symbols of a text.
type TokenizeRequest struct {
	Model        string `json:"model,omitempty" doc:"may be left out if there is only one"`
	Prompt       string `json:"prompt"`
	TokenStrings bool   `json:"return_token_strs,omitempty" doc:"also tell the text of each symbol"`
}

// TokenizeAnswer has the symbols of a text.
type TokenizeAnswer struct {
	Count     int      `json:"count"`
	MaxLength int      `json:"max_model_len"`
	Tokens    []int32  `json:"tokens"`
	Strings   []string `json:"token_strs,omitempty"`
}

func (s *Server) tokenize(w http.ResponseWriter, r *http.Request) error {
	var q TokenizeRequest
	if err := ReadJSON(w, r, &q, false); err != nil {
		return err
	}
	m, err := s.use(r, q.Model)
	if err != nil {
		return err
	}
	defer s.models.giveBack(m)
	ids, err := m.m.Alphabet.Encode(q.Prompt)
	if err != nil {
		return Invalid("prompt", "prompt: %v", err)
	}
	a := TokenizeAnswer{Count: len(ids), MaxLength: s.limits.Prompt, Tokens: ids}
	if ids == nil {
		a.Tokens = []int32{}
	}
	if q.TokenStrings {
		a.Strings = make([]string, len(ids))
		last := int32(-1)
		for i, id := range ids {
			a.Strings[i] = tokenText(m.m.Alphabet.Piece(last, id))
			last = id
		}
	}
	WriteJSON(w, http.StatusOK, a)
	return nil
}

// DetokenizeRequest asks for the text of symbols.
type DetokenizeRequest struct {
	Model  string  `json:"model,omitempty" doc:"may be left out if there is only one"`
	Tokens []int32 `json:"tokens"`
}

// DetokenizeAnswer has the text of symbols. Bytes that are no characters become U+FFFD.
type DetokenizeAnswer struct {
	Prompt string `json:"prompt"`
}

func (s *Server) detokenize(w http.ResponseWriter, r *http.Request) error {
	var q DetokenizeRequest
	if err := ReadJSON(w, r, &q, false); err != nil {
		return err
	}
	m, err := s.use(r, q.Model)
	if err != nil {
		return err
	}
	defer s.models.giveBack(m)
	for i, id := range q.Tokens {
		if id < 0 || int(id) >= m.m.Alphabet.Size() {
			return Invalid("tokens", "tokens[%d] is %d, must be 0 to %d", i, id, m.m.Alphabet.Size()-1)
		}
	}
	WriteJSON(w, http.StatusOK, DetokenizeAnswer{m.m.Alphabet.Decode(q.Tokens)})
	return nil
}

// tokenText returns the text of a symbol as JSON can hold it. Bytes that are no character are written as OpenAI's API does.
func tokenText(symbol string) string {
	if utf8.ValidString(symbol) {
		return symbol
	}
	const digits = "0123456789abcdef"
	text := []byte("bytes:")
	for i := range len(symbol) {
		text = append(text, '\\', 'x', digits[symbol[i]>>4], digits[symbol[i]&15])
	}
	return string(text)
}
