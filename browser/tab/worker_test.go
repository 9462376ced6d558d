package main

import (
	"encoding/json"
	"fmt"
	"math"
	"os/exec"
	"strings"
	"testing"

	"github.com/seed-f4dd853e/elman/browser"
	"github.com/seed-f4dd853e/elman/internal/answer"
)

// A page is what a worker answers to.
type page struct {
	t        *testing.T
	w        *worker
	messages chan map[string]any
	number   int
}

func newPage(t *testing.T) *page {
	p := &page{t: t, messages: make(chan map[string]any, 1000)}
	p.w = newWorker(func(message any) {
		text, err := json.Marshal(message)
		if err != nil {
			t.Error(err)
		}
		var m map[string]any
		if err := json.Unmarshal(text, &m); err != nil {
			t.Error(err)
		}
		p.messages <- m
	}, func() {}, answer.Languages())
	if _, err := p.w.read("play.safetensors", browser.Play().File); err != nil {
		t.Fatal(err)
	}
	return p
}

// ask sends a request and returns its records and its error.
func (p *page) ask(do string, fields map[string]any) (records []map[string]any, failed string) {
	p.t.Helper()
	p.send(do, fields)
	for m := range p.messages {
		if m["id"] != float64(p.number) {
			p.t.Fatalf("an answer to %v, want one to %d", m, p.number)
		}
		if more, ok := m["records"].([]any); ok {
			for _, r := range more {
				records = append(records, r.(map[string]any))
			}
		}
		if m["done"] == true {
			return records, ""
		}
		if e, ok := m["error"].(string); ok {
			return records, e
		}
	}
	return
}

func (p *page) send(do string, fields map[string]any) {
	p.t.Helper()
	p.number++
	r := map[string]any{"id": p.number, "do": do}
	for name, x := range fields {
		r[name] = x
	}
	text, err := json.Marshal(r)
	if err != nil {
		p.t.Fatal(err)
	}
	p.w.receive(text)
}

// TestWorker asks for everything that a page asks for.
func TestWorker(t *testing.T) {
	p := newPage(t)
	ids := func() (all []string) {
		about, _ := p.ask("about", nil)
		for _, m := range about[0]["models"].([]any) {
			all = append(all, m.(map[string]any)["id"].(string))
		}
		return all
	}
	if got := ids(); fmt.Sprint(got) != "[play]" {
		t.Errorf("models %q", got)
	}
	text := func(records []map[string]any) (text string) {
		for _, r := range records {
			if s, ok := r["text"].(string); ok {
				text += s
			}
		}
		return text
	}
	writing := map[string]any{"model": "play", "prompt": "The ", "length": 40, "temperature": 1, "seed": 2, "top": 2}
	written, failed := p.ask("write", writing)
	again, _ := p.ask("write", writing)
	if len(written) != 40 || failed != "" || text(again) != text(written) {
		t.Errorf("wrote %q and %q, %s", text(written), text(again), failed)
	}
	scored, _ := p.ask("score", map[string]any{"model": "play", "text": "The " + text(written)})
	if len(scored) != 45 || scored[44]["sum"] == nil || math.Abs(scored[20]["bits"].(float64)-written[16]["bits"].(float64)) > 1e-6 { // rounded, and not
		t.Errorf("%d records of a score; %v of a symbol that was written with %v", len(scored), scored[20], written[16])
	}
	if next, failed := p.ask("next", map[string]any{"model": "play", "text": "Th", "top": 3}); failed != "" || len(next[0]["top"].([]any)) != 3 {
		t.Errorf("next: %v, %s", next, failed)
	}
	if units, failed := p.ask("units", map[string]any{"model": "play", "text": "The king"}); failed != "" || units[0]["symbols"] != 8.0 {
		t.Errorf("units: %v, %s", units, failed)
	}
	learning := map[string]any{"language": "names", "size": 3000, "title": "names", "settings": map[string]any{"cell": "gru", "hidden": 8, "layers": 1, "steps": 20, "documents": "line", "symbols": "chars", "seed": 1}}
	for range 2 { // the second one replaces the first
		events, failed := p.ask("train", learning)
		if failed != "" || events[0]["kind"] != "start" || events[len(events)-1]["kind"] != "end" || events[len(events)-1]["model"] != "names" {
			t.Fatalf("training: %v, %s", events, failed)
		}
	}
	saved, _ := p.ask("save", map[string]any{"model": "names", "name": "mine"})
	if saved[0]["file"] != "mine.safetensors" {
		t.Errorf("saved as %v", saved[0]["file"])
	}
	loaded, failed := p.ask("load", map[string]any{"name": "names.safetensors", "base64": saved[0]["base64"]})
	if failed != "" || loaded[0]["model"].(map[string]any)["id"] != "names-2" {
		t.Errorf("loaded: %v, %s", loaded, failed)
	}
	if got := ids(); fmt.Sprint(got) != "[names-2 names play]" {
		t.Errorf("models %q", got)
	}
	for _, tt := range []struct {
		do     string
		fields map[string]any
		says   string
	}{
		{"write", map[string]any{"model": "novel", "length": 5}, `model is "novel", must be play, names or names-2`},
		{"write", map[string]any{"model": "play", "length": 5, "temperature": -1}, "temperature is -1"},
		{"write", map[string]any{"model": "play", "length": "long"}, "cannot unmarshal"},
		{"train", map[string]any{"text": "short"}, "the text has 5 bytes"},
		{"load", map[string]any{"name": "notes.txt", "base64": "AAAA"}, `"notes.txt" is no model that can be read here`},
		{"fly", nil, `a tab cannot "fly"`},
	} {
		if _, failed := p.ask(tt.do, tt.fields); !strings.Contains(failed, tt.says) {
			t.Errorf("%s %v: %q, want %q", tt.do, tt.fields, failed, tt.says)
		}
	}
	p.w.receive([]byte("{"))
	if m := <-p.messages; !strings.Contains(m["error"].(string), "not a request") {
		t.Errorf("half a message: %v", m)
	}
}

// TestStop: a request ends when it is told to; a training keeps what it has learned.
func TestStop(t *testing.T) {
	p := newPage(t)
	stop := func() { p.w.receive(fmt.Appendf(nil, `{"do":"stop","of":%d}`, p.number)) }
	p.send("write", map[string]any{"model": "play", "length": 1 << 30, "temperature": 1})
	<-p.messages
	stop()
	last := map[string]any{}
	for last["error"] == nil && last["done"] == nil {
		last = <-p.messages
	}
	if last["error"] != "stopped" {
		t.Errorf("a text without end ends with %v", last)
	}
	p.send("train", map[string]any{"language": "letters", "size": 2000, "title": "letters", "settings": map[string]any{"cell": "elman", "hidden": 4, "layers": 1, "steps": 100000, "report_every": 1000}})
	end, told := map[string]any{}, false
	for last = map[string]any{}; last["error"] == nil && last["done"] == nil; last = <-p.messages {
		records, _ := last["records"].([]any)
		for _, r := range records {
			end = r.(map[string]any)
			if end["kind"] == "report" && !told {
				told = true
				stop()
			}
		}
	}
	if last["done"] != true || end["kind"] != "end" || end["stopped"] != true {
		t.Errorf("a training that is stopped ends with %v, its last event is %v", last, end)
	}
	if _, err := p.w.find("letters"); err != nil {
		t.Error(err)
	}
	p.w.receive([]byte(`{"do":"stop","of":77}`)) // there is no such request
}

// FuzzReceive: no message brings the worker down, and each gets one answer.
func FuzzReceive(f *testing.F) {
	for _, m := range []string{`{"id":1,"do":"about"}`, `{"id":1,"do":"write","model":"play","length":3}`, `{"id":-1,"do":"load","base64":"AA=="}`, `{"do":7}`, `[]`, `{"id":1e99}`,
		`{"id":2,"do":"score","model":"play","text":"\u0000é"}`, `{"id":3,"do":"units","model":"play","text":"a","layer":9}`} {
		f.Add(m)
	}
	f.Fuzz(func(t *testing.T, message string) {
		p := newPage(t)
		var r request
		if json.Unmarshal([]byte(message), &r) == nil && (r.Do == "stop" || r.Do == "train" || r.Do == "write") {
			return // no answer, or a long one
		}
		p.w.receive([]byte(message))
		for m := range p.messages {
			if m["done"] == true || m["error"] != nil {
				return
			}
		}
	})
}

// TestLinks: the tab links nothing of the command line, of plots, of servers.
func TestLinks(t *testing.T) {
	list := exec.Command("go", "list", "-deps", "-tags", "simd", ".")
	list.Env = append(list.Environ(), "GOOS=js", "GOARCH=wasm")
	out, err := list.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for pkg := range strings.Lines(string(out)) {
		pkg = strings.TrimSpace(pkg)
		first, _, _ := strings.Cut(pkg, "/")
		own := strings.HasPrefix(pkg, "github.com/seed-f4dd853e/elman")
		if strings.Contains(first, ".") && !own && pkg != "github.com/gofrs/flock" {
			t.Errorf("the tab links %s", pkg)
		}
		for _, heavy := range []string{"net/http", "html/template", "image", "internal/chart", "internal/page", "internal/term", "internal/report", "elman/inspect", "go/"} {
			if strings.Contains(pkg+"/", heavy) && !strings.HasPrefix(pkg, "internal/") && !strings.HasPrefix(pkg, "vendor/") {
				t.Errorf("the tab links %s", pkg)
			}
		}
	}
}
