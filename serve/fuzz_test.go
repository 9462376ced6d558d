package serve

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/seed-f4dd853e/elman/corpus"
)

// FuzzRequest sends any body to any route. The answer is never an error of the server, and always whole JSON, or whole events.
func FuzzRequest(f *testing.F) {
	l := testLimits()
	l.Length, l.N, l.Rows, l.Prompts, l.States = 20, 3, 4, 4, 3
	models, err := OpenModels([]string{save(f, untrained(f, corpus.Bytes, verse, 1), "verse")}, testEngine())
	if err != nil {
		f.Fatal(err)
	}
	s, err := New(Options{Models: models, Limits: l})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { s.close(f.Context()) })
	var paths []string
	for _, r := range s.routes {
		if r.Request != nil {
			paths = append(paths, strings.ReplaceAll(r.Path, "{id}", "state-x"))
		}
	}
	for i, text := range []string{
		`{"prompt":"day","max_tokens":5,"logprobs":2,"echo":true,"n":2,"seed":-3,"stop":["e","x"],"stream":true,"stream_options":{"include_usage":true}}`,
		`{"prompt":["a","é"],"temperature":0,"top_p":0.5,"top_k":3,"utf8":true}`, `{"prompt":[1,2],"max_tokens":0}`, `{"prompt":[[1],[2,300]]}`, `{"prompt":[]}`,
		`{"tokens":[1,2,300]}`, `{"text":"a b\n c","per":"word"}`, `{"text":"a","per":"symbol","top":2,"stream":true}`, `{"lines":["a",""],"documents":"line"}`, `{"top":3,"text":"a"}`,
		`{}`, `[]`, `{"model":"\ud800"}`, ``, `{"seed":1e3}`, "{\"prompt\":\"\xff\"}",
	} {
		f.Add(uint8(i), []byte(text))
		f.Add(uint8(0), []byte(text))
	}
	f.Fuzz(func(t *testing.T, route uint8, text []byte) {
		path := paths[int(route)%len(paths)]
		q := httptest.NewRequest("POST", path, bytes.NewReader(text))
		q.Header.Set("Content-Type", "application/json")
		q.Host = "localhost"
		w := httptest.NewRecorder()
		s.Handler().ServeHTTP(w, q)
		answer := w.Body.Bytes()
		if w.Code >= 500 || !utf8.Valid(answer) {
			t.Fatalf("%s %q: %d %q", path, text, w.Code, answer)
		}
		if w.Header().Get("Content-Type") == "text/event-stream" {
			events := strings.Split(strings.TrimSuffix(string(answer), "\n\n"), "\n\n")
			if events[len(events)-1] != "data: [DONE]" && !strings.Contains(events[len(events)-1], `"error"`) {
				t.Fatalf("%s %q: %q", path, text, answer)
			}
			return
		}
		var e errorBody
		if err := json.Unmarshal(answer, &e); err != nil || (w.Code >= 400) != (e.Error != nil) {
			t.Fatalf("%s %q: %d %q", path, text, w.Code, answer)
		}
		if w.Code == http.StatusCreated { // places for states are few
			s.states.forget(func(*state) bool { return true })
		}
	})
}

// FuzzPrompts: what is read as prompts is what the JSON has, and nothing is made up.
func FuzzPrompts(f *testing.F) {
	for _, text := range []string{`"a"`, `["a","b"]`, `[1,2]`, `[[1],[2]]`, `[]`, `null`, `[[]]`, ` [ [ 1 ] ]`, `[1,null]`, `["a",1]`, `{}`, `[[[1]]]`, `"\u00e9"`} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var q struct{ Prompt Prompts }
		if decodeJSON(slices.Concat([]byte(`{"prompt":`), text, []byte(`}`)), &q, true) != nil {
			return
		}
		var whole struct{ Prompt any }
		if err := json.Unmarshal(slices.Concat([]byte(`{"prompt":`), text, []byte(`}`)), &whole); err != nil {
			t.Skip() // a name twice, or none
		}
		var back any
		switch p := q.Prompt; {
		case len(p.Texts) == 1 && p.Tokens == nil:
			back = p.Texts[0]
			if list, ok := whole.Prompt.([]any); ok && len(list) == 1 {
				whole.Prompt = list[0]
			}
		case p.Texts != nil:
			back = p.Texts
		case len(p.Tokens) == 1:
			back = p.Tokens[0]
			if list, ok := whole.Prompt.([]any); ok && len(list) == 1 {
				if inner, ok := list[0].([]any); ok {
					whole.Prompt = inner
				}
			}
		case p.Tokens != nil:
			back = p.Tokens
		}
		if got, want := string(asJSON(back)), string(asJSON(whole.Prompt)); got != want && !(back == nil && whole.Prompt == nil) {
			t.Errorf("%q is read as %s, want %s", text, got, want)
		}
	})
}

// FuzzKeys: whatever a file of keys holds, reading it ends, and each key that is read is found, and no other.
func FuzzKeys(f *testing.F) {
	f.Add([]byte("# people\nfirst-key-0123456789\n\nsecond-key-0123456789"))
	f.Add([]byte("\x00"))
	f.Fuzz(func(t *testing.T, text []byte) {
		keys, err := ReadKeys(bytes.NewReader(text))
		if err != nil {
			return
		}
		for line := range strings.Lines(string(text)) {
			key := strings.TrimSpace(line)
			if found := keys.find(key) >= 0; found != (key != "" && key[0] != '#') {
				t.Errorf("%q among %q: found %v", key, text, found)
			}
		}
		if keys.find("") >= 0 || keys.find("no key of these") >= 0 {
			t.Errorf("%q lets in strangers", text)
		}
	})
}
