package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/seed-f4dd853e/elman/internal/answer"
	"github.com/seed-f4dd853e/elman/internal/setting"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/train"
)

// limits bound a training in a tab, which has one thread and a few gigabytes.
var limits = answer.Limits{Text: 4_000_000, Hidden: 1024, Layers: 4, Seconds: 3600, Steps: 10_000_000}

// A worker answers the requests of one page: internal/webpage/messages.md has them.
type worker struct {
	post  func(message any) // sends the page a message, as JSON
	pause func()            // lets the event loop take what the page has sent

	languages []answer.Language

	mu      sync.Mutex
	models  []named
	running map[int]context.CancelFunc // by the numbers of requests
	turned  time.Time                  // of the last pause
}

// A named model may be replaced by one of the same kind: trainings keep the last one only.
type named struct {
	id      string
	model   *model.Model
	trained bool
}

func newWorker(post func(any), pause func(), languages []answer.Language) *worker {
	return &worker{post: post, pause: pause, languages: languages, running: map[int]context.CancelFunc{}, turned: time.Now()}
}

// A request is what all requests have; the rest depends on what to do.
type request struct {
	ID    int    `json:"id"`
	Do    string `json:"do"`
	Of    int    `json:"of"`    // of stop
	Model string `json:"model"` // of most
}

// receive takes a message of the page and answers it in the background.
func (w *worker) receive(message []byte) {
	var r request
	if err := json.Unmarshal(message, &r); err != nil {
		w.post(map[string]any{"id": r.ID, "error": "not a request: " + err.Error()})
		return
	}
	if r.Do == "stop" {
		w.mu.Lock()
		defer w.mu.Unlock()
		if stop := w.running[r.Of]; stop != nil {
			stop()
		}
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	w.mu.Lock()
	w.running[r.ID] = cancel
	w.mu.Unlock()
	go func() {
		defer cancel()
		a := &answering{w: w, request: r, message: message, sent: time.Now()}
		err := a.answer(answer.WithTurns(ctx, w.turn))
		w.mu.Lock()
		delete(w.running, r.ID)
		w.mu.Unlock()
		a.end(err)
	}()
}

// turnEvery is how long the worker goes on without looking at what the page has sent.
const turnEvery = 15 * time.Millisecond

// turn pauses if it is time to.
func (w *worker) turn() {
	w.mu.Lock()
	now := time.Now()
	due := now.Sub(w.turned) >= turnEvery
	if due {
		w.turned = now
	}
	w.mu.Unlock()
	if due {
		w.pause()
	}
}

// An answering is a request that is being answered.
type answering struct {
	request
	message []byte
	w       *worker
	records []any
	sent    time.Time
}

// add adds a record, and sends those that wait now and then: a message costs more than a record.
func (a *answering) add(record any) {
	a.records = append(a.records, record)
	if time.Since(a.sent) >= turnEvery {
		a.flush()
		a.w.turn()
	}
}

func (a *answering) flush() {
	if len(a.records) > 0 {
		a.w.post(map[string]any{"id": a.ID, "records": a.records})
	}
	a.records, a.sent = nil, time.Now()
}

func (a *answering) end(err error) {
	a.flush()
	switch {
	case err == nil:
		a.w.post(map[string]any{"id": a.ID, "done": true})
	case errors.Is(err, context.Canceled), errors.Is(err, train.ErrInterrupted):
		a.w.post(map[string]any{"id": a.ID, "error": "stopped"})
	default:
		a.w.post(map[string]any{"id": a.ID, "error": err.Error()})
	}
}

func (a *answering) answer(ctx context.Context) error {
	switch a.Do {
	case "about":
		a.add(a.w.about())
		return nil
	case "write":
		return with(a, func(r answer.WriteRequest, m *model.Model) error {
			return answer.Write(ctx, m, r, func(s answer.Symbol) error { a.add(s); return nil })
		})
	case "score":
		return with(a, func(r answer.TextRequest, m *model.Model) error {
			sum, err := answer.Score(ctx, m, r, func(s answer.Symbol) error { a.add(s); return nil })
			if err == nil {
				a.add(map[string]any{"sum": sum})
			}
			return err
		})
	case "next":
		return with(a, func(r answer.TextRequest, m *model.Model) error {
			next, err := answer.Ahead(ctx, m, r)
			if err == nil {
				a.add(next)
			}
			return err
		})
	case "units":
		return with(a, func(r answer.TextRequest, m *model.Model) error {
			units, err := answer.States(ctx, m, r, true)
			if err == nil {
				a.add(units)
			}
			return err
		})
	case "train":
		return a.train(ctx)
	case "save":
		return with(a, func(r saveRequest, m *model.Model) error { return a.save(r, m) })
	case "load":
		return a.load()
	}
	return fmt.Errorf("a tab cannot %.40q", a.Do)
}

// with passes the fields of a request that names a model, and the model.
func with[R any](a *answering, do func(R, *model.Model) error) error {
	var r R
	if err := json.Unmarshal(a.message, &r); err != nil {
		return err
	}
	m, err := a.w.find(a.Model)
	if err != nil {
		return err
	}
	return do(r, m)
}

// find returns a model by its name.
func (w *worker) find(id string) (*model.Model, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	m, err := setting.Find("model", id, w.models, func(m named) string { return m.id })
	return m.model, err
}

func (w *worker) about() answer.About {
	w.mu.Lock()
	defer w.mu.Unlock()
	about := answer.About{Models: []answer.Model{}, Training: answer.TrainingsOf(w.languages, limits, true)}
	for _, m := range slices.Backward(w.models) { // the last one first
		about.Models = append(about.Models, answer.Describe(m.id, m.model))
	}
	return about
}

// keep adds a model under a name that is free, and returns the name.
func (w *worker) keep(name string, m *model.Model, trained bool) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	if trained {
		w.models = slices.DeleteFunc(w.models, func(m named) bool { return m.trained })
	}
	id := name
	for n := 2; slices.ContainsFunc(w.models, func(m named) bool { return m.id == id }); n++ {
		id = fmt.Sprintf("%s-%d", name, n)
	}
	w.models = append(w.models, named{id, m, trained})
	return id
}

func (a *answering) train(ctx context.Context) error {
	var r answer.TrainRequest
	if err := json.Unmarshal(a.message, &r); err != nil {
		return err
	}
	o := answer.TrainOptions{ID: fmt.Sprintf("t%d", a.ID), Threads: 1, Limits: limits}
	var end *answer.End
	m, err := answer.Train(ctx, r, o, func(event any) {
		switch e := event.(type) {
		case answer.End: // told when the model can be asked for
			end = &e
		default:
			a.add(event)
		}
	})
	if err != nil {
		return err
	}
	end.Model = a.w.keep(cmp.Or(r.Title, "model"), m, true)
	a.add(*end)
	return nil
}

type saveRequest struct {
	Name string `json:"name"`
}

func (a *answering) save(r saveRequest, m *model.Model) error {
	var file bytes.Buffer
	if err := m.Write(&file); err != nil {
		return err
	}
	a.add(map[string]string{"file": cmp.Or(r.Name, a.Model) + extension, "base64": base64.StdEncoding.EncodeToString(file.Bytes())})
	return nil
}

const extension = ".safetensors"

func (a *answering) load() error {
	var r struct {
		Name string `json:"name"`
		File []byte `json:"base64"`
	}
	if err := json.Unmarshal(a.message, &r); err != nil {
		return err
	}
	id, err := a.w.read(r.Name, r.File)
	if err != nil {
		return err
	}
	m, err := a.w.find(id)
	if err != nil {
		return err
	}
	a.add(map[string]any{"model": answer.Describe(id, m)})
	return nil
}

// read reads a model file and keeps the model.
func (w *worker) read(name string, file []byte) (id string, err error) {
	m, err := model.Read(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		return "", fmt.Errorf("%.80q is no model that can be read here: %w", name, err)
	}
	return w.keep(cmp.Or(strings.TrimSuffix(path.Base(name), extension), "model"), m, false), nil
}
