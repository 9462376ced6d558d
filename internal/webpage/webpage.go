// Package webpage is the page of elman serve and of the tab: write with a model, score a text, watch a network learn. It is a few files
// that ask for nothing else but what their backend answers (messages.md), which their Content-Security-Policy enforces.
//
// The script is small modules in one block, joined here; what the pages of inspect show of a text, package page shares.
package webpage

import (
	"bytes"
	"embed"
	"html/template"

	"github.com/seed-f4dd853e/elman/internal/page"
	"github.com/seed-f4dd853e/elman/internal/report"
)

// A Backend is what the page's script talks to.
type Backend string

// The backends.
const (
	HTTP Backend = "http" // elman serve
	Tab  Backend = "tab"  // worker.mjs beside the page
)

//go:embed index.html
var skeleton string

//go:embed page.css
var style string

//go:embed icon.svg
var icon []byte

//go:embed script
var scripts embed.FS

// modules are the parts of the script, in their order; the backend comes before them.
var modules = []string{"symbols", "text", "inside", "curve", "link", "write", "score", "learn", "main"}

var pageTemplate = template.Must(template.New("page").Parse(skeleton))

// Policy is the Content-Security-Policy of the page. A server sends it as a header too, which alone can forbid frames.
func Policy(b Backend) string {
	policy := "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'"
	if b == Tab {
		policy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'"
	}
	return policy
}

// Files returns the files of the page by their names. They lie in one folder, and find each other by relative paths.
func Files(b Backend) map[string][]byte {
	var html bytes.Buffer
	err := pageTemplate.Execute(&html, struct {
		Policy  string
		Legends template.HTML
	}{Policy(b), page.Legends()})
	if err != nil {
		panic(err) // it is part of the program
	}
	return map[string][]byte{
		"index.html": html.Bytes(), "icon.svg": icon,
		"page.css": []byte(report.Style + page.Style() + style),
		"page.js":  []byte(script(b)),
	}
}

// script joins the modules in one block, so that nothing becomes a property of the window.
func script(b Backend) string {
	all := "\"use strict\";\n{\n" + page.Script() + module(string(b))
	for _, name := range modules {
		all += module(name)
	}
	return all + "}\n"
}

func module(name string) string {
	text, err := scripts.ReadFile("script/" + name + ".js")
	if err != nil {
		panic(err) // they are part of the program
	}
	return string(text)
}
