// Package play is what the page of elman serve has beside the API of package serve: its files, the units of a model over a text,
// and trainings. Trainings run in a pool of its own, a few at a time, within limits; they are saved beneath one folder that whoever starts
// the server names, and nowhere else.
package play

import (
	"context"
	"net/http"
	"runtime"
	"time"

	"github.com/seed-f4dd853e/elman/internal/answer"
	"github.com/seed-f4dd853e/elman/internal/webpage"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/serve"
)

// Models are the models of the server. *serve.Models is one.
type Models interface {
	Add(name string, m *model.Model) error
	Remove(name string)
	// Model returns a model, and a function that gives it back.
	Model(name string) (m *model.Model, done func(), err error)
}

// Options say what the page may do. 0 means 0: start from Defaults.
type Options struct {
	Models   Models
	Training bool          // models can be trained
	Folder   string        // where trained models are saved; "" means nowhere
	Limits   answer.Limits // of one training
	Running  int           // trainings at a time
	Kept     int           // that have ended and are kept, with their models
	Reading  int           // requests for units at a time
	Threads  int           // workers of a training
	Version  string        // of the program, for run folders
}

// Defaults returns options for a few learners on this machine.
func Defaults(m Models) Options {
	return Options{
		Models: m, Training: true, Running: 2, Kept: 4, Reading: 4, Threads: max(1, runtime.NumCPU()/2),
		Limits: answer.Limits{Text: 800_000, Hidden: 512, Layers: 4, Seconds: 600, Steps: 100_000},
	}
}

// A Player answers what the page asks.
type Player struct {
	o       Options
	files   map[string][]byte
	reading chan struct{}
	pool    pool
}

// New returns a player. It removes trainings that a server which was killed did not save in Options.Folder.
func New(o Options) *Player {
	p := &Player{o: o, files: webpage.Files(webpage.HTTP), reading: make(chan struct{}, o.Reading), pool: pool{o: o}}
	if o.Training && o.Folder != "" {
		p.pool.sweep()
	}
	return p
}

// Close stops all trainings and waits for them. What was not saved is gone.
func (p *Player) Close() { p.pool.close() }

// Page answers GET / with the page.
func (p *Player) Page() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", webpage.Policy(webpage.HTTP)+"; frame-ancestors 'none'")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		p.file(w, "index.html", "text/html; charset=utf-8")
	})
}

func (p *Player) file(w http.ResponseWriter, name, kind string) error {
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Cache-Control", "no-cache") // the next version has the same names
	h.Set("Referrer-Policy", "no-referrer")
	w.Write(p.files[name]) // to somebody who has gone, in vain
	return nil
}

// Routes are those of the page's files and requests.
func (p *Player) Routes() []serve.Route {
	file := func(name, kind string) serve.Route {
		return serve.Route{Method: "GET", Path: "/" + name, Summary: "Part of the page", Type: kind, Open: true, Quiet: true,
			Handle: func(w http.ResponseWriter, r *http.Request) error { return p.file(w, name, kind) }}
	}
	routes := []serve.Route{
		file("page.js", "text/javascript; charset=utf-8"), file("page.css", "text/css; charset=utf-8"), file("icon.svg", "image/svg+xml"),
		{Method: "POST", Path: "/units", Summary: "Tell what every unit of a layer does over a text", Request: answer.TextRequest{}, Answer: answer.Units{}, Quiet: true, Handle: p.units},
	}
	if !p.o.Training {
		return routes
	}
	return append(routes, []serve.Route{
		{Method: "GET", Path: "/trainings", Summary: "Tell what can be trained, and which trainings there are", Answer: answer.Training{}, Handle: p.list},
		{Method: "POST", Path: "/trainings", Summary: "Start a training", Request: answer.TrainRequest{}, Answer: Started{}, Handle: p.start},
		{Method: "GET", Path: "/trainings/{id}/events", Summary: "Watch a training: its events so far, then as they come", Answer: map[string]any{}, Events: true, Handle: p.watch},
		{Method: "DELETE", Path: "/trainings/{id}", Summary: "Stop a training, which keeps what it has learned", Handle: p.stop},
		{Method: "POST", Path: "/trainings/{id}/save", Summary: "Save the model of a training that has ended", Request: SaveRequest{}, Answer: Saved{}, Handle: p.save},
	}...)
}

// units answers with the states of a layer. Reading a text takes time and memory, so a few are read at a time.
func (p *Player) units(w http.ResponseWriter, r *http.Request) error {
	var q answer.TextRequest
	if err := serve.ReadJSON(w, r, &q, true); err != nil {
		return err
	}
	u, err := p.readUnits(r.Context(), q)
	if err != nil {
		return err
	}
	serve.WriteJSON(w, http.StatusOK, u) // which takes as long as the client likes
	return nil
}

func (p *Player) readUnits(ctx context.Context, q answer.TextRequest) (answer.Units, error) {
	select {
	case p.reading <- struct{}{}:
		defer func() { <-p.reading }()
	default:
		return answer.Units{}, serve.Busy(time.Second, "%d texts are being read for their units, the most at a time; try again", p.o.Reading)
	}
	m, done, err := p.o.Models.Model(q.Model)
	if err != nil {
		return answer.Units{}, err
	}
	defer done()
	if layers := m.Network.Config().Layers; q.Layer < 0 || q.Layer >= layers {
		return answer.Units{}, serve.Invalid("layer", "layer is %d, must be 0 to %d", q.Layer, layers-1)
	}
	return answer.States(answer.WithTurns(ctx, runtime.Gosched), m, q, true) // others go on meanwhile
}

// Started names a training.
type Started struct {
	ID string `json:"id"`
}

// SaveRequest names the folder to save in.
type SaveRequest struct {
	Name string `json:"name" doc:"letters, digits, and after the first of them also - _ and ."`
}

// Saved names the folder, beneath the one that the server was given.
type Saved struct {
	Saved string `json:"saved"`
}

func (p *Player) list(w http.ResponseWriter, r *http.Request) error {
	t := answer.Trainings(p.o.Limits, p.o.Folder != "")
	t.Running = p.pool.list()
	serve.WriteJSON(w, http.StatusOK, t)
	return nil
}

func (p *Player) start(w http.ResponseWriter, r *http.Request) error {
	var q answer.TrainRequest
	if err := serve.ReadJSON(w, r, &q, true); err != nil {
		return err
	}
	if err := q.Check(p.o.Limits); err != nil {
		return serve.Invalid("", "%v", err)
	}
	t, err := p.pool.start(q)
	if err != nil {
		return err
	}
	w.Header().Set("Location", "/trainings/"+t.id)
	serve.WriteJSON(w, http.StatusCreated, Started{t.id})
	return nil
}

func (p *Player) find(r *http.Request) (*training, error) {
	if t := p.pool.find(r.PathValue("id")); t != nil {
		return t, nil
	}
	return nil, errNoTraining(r.PathValue("id"))
}

func errNoTraining(id string) error {
	return serve.NotFound("training_not_found", "", "there is no training %.100q; GET /trainings lists them", id)
}

func (p *Player) stop(w http.ResponseWriter, r *http.Request) error {
	t, err := p.find(r)
	if err != nil {
		return err
	}
	t.cancel()
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (p *Player) watch(w http.ResponseWriter, r *http.Request) error {
	t, err := p.find(r)
	if err != nil {
		return err
	}
	events := serve.NewEvents(w)
	for n := 0; ; {
		more, changed := t.after(n)
		for _, event := range more {
			if err := events.Send(event); err != nil {
				return err
			}
		}
		if n += len(more); changed == nil {
			return nil
		}
		if err := wait(r.Context(), changed); err != nil {
			return err
		}
	}
}

func wait(ctx context.Context, changed <-chan struct{}) error {
	select {
	case <-changed:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (p *Player) save(w http.ResponseWriter, r *http.Request) error {
	var q SaveRequest
	if err := serve.ReadJSON(w, r, &q, true); err != nil {
		return err
	}
	t, err := p.find(r)
	if err != nil {
		return err
	}
	name, err := p.pool.save(t, q.Name)
	if err != nil {
		return err
	}
	serve.WriteJSON(w, http.StatusOK, Saved{name})
	return nil
}
