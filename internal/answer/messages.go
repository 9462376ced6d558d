// Package answer does what the page asks for with the library: it writes, scores, shows units and trains. Requests and records
// are the messages of internal/webpage/messages.md; serve/play carries them over HTTP, browser/tab to a worker. The package
// links neither, so that the tab stays small.
package answer

import (
	"fmt"
	"unicode/utf8"
)

// About says what there is to play with.
type About struct {
	Models   []Model   `json:"models"`
	Training *Training `json:"training,omitempty"` // nil where nothing can be trained
}

// A Model describes a model.
type Model struct {
	ID        string `json:"id"`
	Kind      string `json:"kind"`    // of its symbols
	Symbols   int    `json:"symbols"` // V
	Documents string `json:"documents"`
	Hash      string `json:"hash"`
	About     string `json:"about"` // the network, in a few words
}

// Training is what can be trained, and its limits.
type Training struct {
	Languages []Language `json:"languages"`
	Cells     []string   `json:"cells"`
	Limits
	Save    bool      `json:"save"` // models can be saved
	Running []Running `json:"running,omitempty"`
}

// Running is a training that there is, under way or ended.
type Running struct {
	ID      string `json:"id"`
	Title   string `json:"title"`
	Running bool   `json:"running"`
}

// A Language is a generated language.
type Language struct {
	Name  string  `json:"name"`
	Doc   string  `json:"doc"`
	Nats  float64 `json:"nats"` // entropy per character
	Exact bool    `json:"exact"`
}

// Limits bound a training. 0 is no value of any.
type Limits struct {
	Text    int     `json:"text"` // bytes
	Hidden  int     `json:"hidden"`
	Layers  int     `json:"layers"`
	Seconds float64 `json:"seconds"`
	Steps   int64   `json:"steps"`
}

// A WriteRequest asks for a text.
type WriteRequest struct {
	Model       string  `json:"model"`
	Prompt      string  `json:"prompt"`
	Length      int     `json:"length"`
	Temperature float64 `json:"temperature"`
	TopK        int     `json:"top_k"`
	TopP        float64 `json:"top_p"` // 0 means 1
	Seed        uint64  `json:"seed"`
	Top         int     `json:"top"`
}

// A TextRequest asks what a model makes of a text: score, next and units.
type TextRequest struct {
	Model string `json:"model"`
	Text  string `json:"text"`
	Top   int    `json:"top"`
	Layer int    `json:"layer"` // from 0, of units
}

// A Symbol is one symbol of a text.
type Symbol struct {
	Text string  `json:"text"`
	Hex  string  `json:"hex,omitempty"` // Text in hexadecimal, where it is not UTF-8
	ID   int32   `json:"id"`
	Bits float64 `json:"bits"`
	Top  []Guess `json:"top,omitempty"`
}

// A Guess is a symbol that may come in some place.
type Guess struct {
	Text   string  `json:"text"`
	Hex    string  `json:"hex,omitempty"`
	Bits   float64 `json:"bits"`
	Escape bool    `json:"escape,omitempty"` // any symbol that the alphabet lacks
}

// A Sum is the last record of score: some of score.Sum.
type Sum struct {
	Symbols int64   `json:"symbols"`
	Chars   int64   `json:"chars"`
	Bits    float64 `json:"bits"`
	PerChar float64 `json:"bits_per_char"`
}

// Next is what may follow a text.
type Next struct {
	Entropy float64 `json:"entropy"`
	Top     []Guess `json:"top"`
}

// Units are the values of all units of a layer over a text.
type Units struct {
	First      int        `json:"first"`   // number of the first symbol told of, from 0
	Symbols    int        `json:"symbols"` // told of
	Layers     int        `json:"layers"`
	Layer      int        `json:"layer"`
	Hidden     int        `json:"hidden"`
	Quantities []Quantity `json:"quantities"`
}

// A Quantity is a value of each unit at each symbol.
type Quantity struct {
	Name    string  `json:"name"`
	Meaning string  `json:"meaning"`
	Low     float64 `json:"low"`
	High    float64 `json:"high"`
	Levels  []byte  `json:"levels"` // [symbols x hidden], 0 at Low to 254 at High; base64 in JSON
}

// printable returns a text as JSON can carry it, and in hexadecimal where that is not the text.
func printable(text string) (shown, hex string) {
	if utf8.ValidString(text) {
		return text, ""
	}
	return "\uFFFD", fmt.Sprintf("%x", text)
}
