//go:build js && wasm

// Command example trains, samples and scores in a web page. It runs in a worker and answers messages there: see worker.mjs.
package main

import (
	"context"
	"errors"
	"syscall/js"
	"time"

	"github.com/seed-f4dd853e/elman"
	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/generate"
	"github.com/seed-f4dd853e/elman/score"
	"github.com/seed-f4dd853e/elman/train"
)

func main() {
	requests := make(chan js.Value)
	stop := func() {}
	js.Global().Set("onmessage", js.FuncOf(func(_ js.Value, args []js.Value) any {
		request := args[0].Get("data")
		if request.Get("do").String() == "stop" {
			stop()
			return nil
		}
		go func() { requests <- request }()
		return nil
	}))
	tell("ready", nil)
	var s session
	for request := range requests {
		ctx, cancel := context.WithCancel(context.Background())
		stop = cancel
		switch err := s.answer(ctx, request); {
		case errors.Is(err, context.Canceled):
			tell("error", "stopped")
		case err != nil:
			tell("error", err.Error())
		}
		cancel()
		tell("done", request.Get("do"))
	}
}

// tell sends the page a message.
func tell(what string, value any) {
	js.Global().Call("postMessage", map[string]any{"what": what, "value": value})
}

// breathe lets the worker's loop take what the page has sent in the meantime.
func breathe() { time.Sleep(time.Millisecond) }

// A session is one model and what is done with it.
type session struct{ model *elman.Model }

var (
	errNoModel = errors.New("there is no model yet: train one first")
	errNotKept = errors.New("stopped; what was learned is not kept")
)

func (s *session) answer(ctx context.Context, request js.Value) error {
	switch do := request.Get("do").String(); {
	case do == "train":
		return s.train(ctx, request)
	case s.model == nil:
		return errNoModel
	case do == "sample":
		return s.sample(ctx, request)
	case do == "score":
		return s.score(ctx, request.Get("text").String())
	}
	return nil
}

func (s *session) train(ctx context.Context, request js.Value) error {
	m, err := elman.TrainText(ctx, request.Get("text").String(), elman.Config{
		Change: func(t *train.Settings) {
			t.Network.Cell, t.Network.Hidden = request.Get("cell").String(), request.Get("hidden").Int()
			t.Budget.Steps, t.ReportEvery = int64(request.Get("steps").Int()), int64(request.Get("every").Int())
		},
		Report: func(r train.Report) {
			tell("report", map[string]any{"step": r.Step, "loss": r.Loss, "perSecond": r.SymbolsPerSecond})
			breathe()
		},
	})
	if errors.Is(err, train.ErrInterrupted) {
		return errNotKept
	}
	if err != nil {
		return err
	}
	s.model = m
	tell("hash", m.Hash())
	return nil
}

func (s *session) sample(ctx context.Context, request js.Value) error {
	o := generate.Defaults()
	o.Prompt, o.Length = request.Get("prompt").String(), request.Get("length").Int()
	o.Seed = uint64(request.Get("seed").Int())
	drawn := 0
	return s.model.Stream(ctx, o, func(p generate.Piece) error {
		tell("symbol", p.Text)
		if drawn++; drawn%100 == 0 {
			breathe()
		}
		return nil
	})
}

// score sends each character with its surprisal in bits.
func (s *session) score(ctx context.Context, text string) error {
	if text == "" {
		return corpus.ErrEmpty
	}
	var symbols []any
	var sum score.Sum
	keep := func(y score.Symbol) error {
		sum.Add(y)
		symbols = append(symbols, map[string]any{"text": string(y.Text), "bits": y.Bits.Float()})
		return nil
	}
	reader := score.New(s.model.Model, score.Extras{})
	if err := reader.Text(ctx, []byte(text), keep); err != nil {
		return err
	}
	if err := reader.Rest(ctx, keep); err != nil {
		return err
	}
	tell("score", map[string]any{"symbols": symbols, "perChar": sum.PerChar()})
	return nil
}
