package serve

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// A described is the description that a server gives of itself.
type described struct {
	OpenAPI    string
	Paths      map[string]map[string]operation
	Components struct{ Schemas map[string]object }
}

type operation struct {
	OperationID string
	RequestBody struct {
		Content map[string]struct{ Schema object }
	}
	Responses map[string]struct {
		Content map[string]struct{ Schema object }
	}
	Security []object
}

func describedBy(ts *testServer) (d described) {
	return get[described](ts, "GET", "/openapi.json", nil)
}

// TestOpenAPI sends a request to every path that the description has, and holds request and answer against it: each has the fields that
// must be there, of the right types, and no other.
func TestOpenAPI(t *testing.T) {
	ts := start(t, func(o *Options) {
		o.Access.Keys, _ = ReadKeys(strings.NewReader(strings.Repeat("k", 20)))
		o.Routes = []Route{{Method: "GET", Path: "/more", Summary: "More", Answer: Health{}, Handle: func(w http.ResponseWriter, r *http.Request) error {
			WriteJSON(w, 200, Health{Status: "more"})
			return nil
		}}}
	})
	key := []string{"Authorization", "Bearer " + strings.Repeat("k", 20)}
	d := describedBy(ts)
	if !strings.HasPrefix(d.OpenAPI, "3.1") {
		t.Errorf("version %s", d.OpenAPI)
	}
	keep := func() string {
		_, _, text := ts.call("POST", "/state", body{}, key...)
		var st StateAnswer
		if err := json.Unmarshal(text, &st); err != nil {
			t.Fatalf("%v: %s", err, text)
		}
		return "/state/" + st.ID
	}
	st := keep()
	requests := []struct {
		path, at string // as described; "" the same
		body     body
	}{
		{"get /v1/models", "", nil},
		{"get /v1/models/{id}", "/v1/models/verse", nil},
		{"post /v1/completions", "", body{"model": "verse", "prompt": []string{"day", "art"}, "logprobs": 2, "echo": true, "n": 2, "max_tokens": 3, "seed": 1, "stop": []string{"x"}}},
		{"post /v1/completions", "", body{"prompt": []int32{1, 2}, "max_tokens": 0, "temperature": 0.5, "top_p": 0.5, "top_k": 3, "stop": "x", "utf8": true}},
		{"get /tokenizer_info", "/tokenizer_info?model=verse", nil},
		{"post /tokenize", "", body{"prompt": "day", "return_token_strs": true}},
		{"post /detokenize", "", body{"tokens": []int32{1}}},
		{"post /score", "", body{"text": poem, "per": "word"}},
		{"post /score", "", body{"text": poem, "per": "symbol", "top": 2}},
		{"post /score", "", body{"lines": []string{"a", "b"}}},
		{"post /next", "", body{"text": "day", "top": 3}},
		{"post /state", "", body{"text": "day"}},
		{"get /state/{id}", st, nil},
		{"post /state/{id}/read", st + "/read", body{"text": "day"}},
		{"post /state/{id}/next", st + "/next", body{"top": 3}},
		{"post /state/{id}/copy", st + "/copy", nil},
		{"delete /state/{id}", st, nil},
		{"get /health", "", nil}, {"get /ready", "", nil}, {"get /metrics", "", nil}, {"get /openapi.json", "", nil}, {"get /more", "", nil},
	}
	seen := map[string]bool{}
	for _, q := range requests {
		method, path, _ := strings.Cut(q.path, " ")
		op, ok := d.Paths[path][method]
		if !ok {
			t.Errorf("%s is not described", q.path)
			continue
		}
		seen[q.path] = true
		if q.at == "" {
			q.at = path
		}
		var sent any
		if q.body != nil {
			sent = q.body
			var x any
			json.Unmarshal(asJSON(q.body), &x)
			d.check(t, q.path+" request", op.RequestBody.Content["application/json"].Schema, x)
		} else if len(op.RequestBody.Content) > 0 {
			t.Errorf("%s takes a body, and none is tried", q.path)
		}
		if status, _, _ := ts.call(strings.ToUpper(method), q.at, sent); (status == 401) != (len(op.Security) > 0) {
			t.Errorf("%s without a key: %d, described %v", q.path, status, op.Security)
		}
		status, h, text := ts.call(strings.ToUpper(method), q.at, sent, key...)
		if status/100 != 2 {
			t.Errorf("%s: %d %s", q.path, status, text)
			continue
		}
		kind, _, _ := strings.Cut(h.Get("Content-Type"), ";")
		content, ok := op.Responses["200"].Content[kind]
		if status != 204 && !ok {
			t.Errorf("%s answers %s, which is not described", q.path, kind)
		}
		if kind == "application/json" {
			var x any
			if err := json.Unmarshal(text, &x); err != nil {
				t.Errorf("%s: %v", q.path, err)
			}
			d.check(t, q.path+" answer", content.Schema, x)
		}
	}
	ids := map[string]string{}
	for path, operations := range d.Paths {
		for method, op := range operations {
			if !seen[method+" "+path] {
				t.Errorf("%s %s is described and not tried here", method, path)
			}
			if other := ids[op.OperationID]; other != "" || op.OperationID == "" {
				t.Errorf("%s %s and %s are both %q", method, path, other, op.OperationID)
			}
			ids[op.OperationID] = method + " " + path
		}
	}
	if len(seen) != len(ts.routes) {
		t.Errorf("%d routes are served, %d described", len(ts.routes), len(seen))
	}
	_, _, wrong := ts.call("GET", "/v1/models/nonesuch", nil, key...)
	var x any
	json.Unmarshal(wrong, &x)
	d.check(t, "an error", d.Paths["/v1/models"]["get"].Responses["default"].Content["application/json"].Schema, x)
}

// check holds a value against a schema.
func (d *described) check(t *testing.T, where string, s object, x any) {
	t.Helper()
	if why := d.differs(s, x); why != "" {
		t.Errorf("%s: %s", where, why)
	}
}

// differs says where a value does not fit a schema, "" if it does.
func (d *described) differs(s object, x any) string {
	if ref, ok := s["$ref"].(string); ok {
		return d.differs(d.Components.Schemas[strings.TrimPrefix(ref, "#/components/schemas/")], x)
	}
	for _, kind := range []string{"anyOf", "oneOf", "allOf"} {
		all, ok := s[kind].([]any)
		if !ok {
			continue
		}
		why := ""
		for _, one := range all {
			if why = d.differs(one.(object), x); why == "" {
				return ""
			}
		}
		return why
	}
	wrong := func() string { return fmt.Sprintf("%.100v is no %v", x, s["type"]) }
	switch s["type"] {
	case "object":
		fields, ok := x.(map[string]any)
		if !ok {
			return wrong()
		}
		properties, _ := s["properties"].(object)
		required, _ := s["required"].([]any)
		for _, name := range required {
			if _, ok := fields[name.(string)]; !ok {
				return fmt.Sprintf("no %v in %.100v", name, x)
			}
		}
		for _, name := range slices.Sorted(maps.Keys(fields)) {
			p, ok := properties[name].(object)
			if others, any := s["additionalProperties"].(object); any {
				p, ok = others, true
			}
			if properties != nil && !ok {
				return fmt.Sprintf("%s is not described", name)
			}
			if why := d.differs(p, fields[name]); p != nil && why != "" {
				return name + ": " + why
			}
		}
	case "array":
		items, ok := x.([]any)
		if !ok {
			return wrong()
		}
		for _, item := range items {
			if why := d.differs(s["items"].(object), item); why != "" {
				return why
			}
		}
	case "string":
		if _, ok := x.(string); !ok {
			return wrong()
		}
	case "boolean":
		if _, ok := x.(bool); !ok {
			return wrong()
		}
	case "null":
		if x != nil {
			return wrong()
		}
	case "number", "integer":
		if n, ok := x.(float64); !ok || s["type"] == "integer" && n != float64(int64(n)) {
			return wrong()
		}
	}
	return ""
}
