//go:build js && wasm

// Command tab answers what the page asks, in a worker of the browser: see worker.mjs, and internal/webpage/messages.md for the messages.
package main

import (
	"encoding/json"
	"syscall/js"

	"github.com/seed-f4dd853e/elman/internal/answer"
)

func main() {
	parse, stringify := js.Global().Get("JSON").Get("parse"), js.Global().Get("JSON").Get("stringify")
	var languages []answer.Language
	if err := json.Unmarshal([]byte(stringify.Invoke(js.Global().Get("elmanLanguages")).String()), &languages); err != nil {
		panic(err) // they are what browser.Tab wrote
	}
	w := newWorker(func(message any) {
		text, err := json.Marshal(message)
		if err != nil {
			panic(err) // all that is sent can be
		}
		js.Global().Call("postMessage", parse.Invoke(string(text)))
	}, newPause(), languages)
	models := js.Global().Get("elmanModels") // [{name, bytes}]
	for i := range models.Length() {
		file := make([]byte, models.Index(i).Get("bytes").Length())
		js.CopyBytesToGo(file, models.Index(i).Get("bytes"))
		if _, err := w.read(models.Index(i).Get("name").String(), file); err != nil {
			js.Global().Call("postMessage", map[string]any{"warning": err.Error()})
		}
	}
	js.Global().Set("onmessage", js.FuncOf(func(_ js.Value, args []js.Value) any {
		w.receive([]byte(stringify.Invoke(args[0].Get("data")).String()))
		return nil
	}))
	select {}
}

// newPause returns a function that lets the event loop take one turn. A message to oneself takes microseconds; a timer would wait for at
// least four milliseconds.
func newPause() func() {
	channel := js.Global().Get("MessageChannel").New()
	back := make(chan struct{}, 64)
	channel.Get("port1").Set("onmessage", js.FuncOf(func(js.Value, []js.Value) any {
		back <- struct{}{}
		return nil
	}))
	to := channel.Get("port2")
	return func() {
		to.Call("postMessage", js.Null())
		<-back
	}
}
