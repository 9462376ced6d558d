package play

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/seed-f4dd853e/elman/internal/answer"
	"github.com/seed-f4dd853e/elman/serve"
	"github.com/seed-f4dd853e/elman/train"
	"github.com/seed-f4dd853e/elman/train/run"
)

// A pool is the trainings that there are: a few that run, and the last few that have ended.
type pool struct {
	o Options

	mu      sync.Mutex
	all     []*training // the oldest first
	unsaved *run.Folder // of run folders that are not saved; nil until there is one
	started int
	closed  bool
	running sync.WaitGroup
}

// A training runs in a goroutine of its own and keeps its events, for whoever watches it now or later.
type training struct {
	id, title string
	cancel    context.CancelFunc
	saving    sync.Mutex // one request saves at a time

	mu      sync.Mutex
	events  []json.RawMessage
	changed chan struct{} // closed when there are more events
	ended   bool
	learned bool   // it ended with a model
	folder  string // run folder; "" if there is none any more
	saved   string // its name, once it is saved
}

// start starts a training, or fails where too many run.
func (p *pool) start(q answer.TrainRequest) (*training, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	running := 0
	for _, t := range p.all {
		if !t.over() {
			running++
		}
	}
	switch {
	case p.closed:
		return nil, serve.Busy(5*time.Second, "the server is ending")
	case running >= p.o.Running:
		return nil, serve.Busy(10*time.Second, "%d trainings run, the most at a time; stop one, or try again later", running)
	}
	p.forget(p.o.Kept)
	ctx, cancel := context.WithCancel(context.Background())
	t := &training{id: p.freeID(), title: q.Title, cancel: cancel, changed: make(chan struct{})}
	if p.o.Folder != "" {
		if err := p.makeUnsaved(); err != nil {
			cancel()
			return nil, err
		}
		t.folder = filepath.Join(p.unsaved.Name(), t.id)
	}
	p.all = append(p.all, t)
	p.running.Go(func() { t.run(ctx, q, p.o) })
	return t, nil
}

// freeID names a training, and its model, as no model is named. p.mu is held.
func (p *pool) freeID() string {
	for {
		p.started++
		id := fmt.Sprintf("t%d", p.started)
		_, done, err := p.o.Models.Model(id)
		if err != nil {
			return id
		}
		done()
	}
}

// unsavedPrefix begins the name of a folder for runs that are not saved.
const unsavedPrefix = ".unsaved-"

// makeUnsaved makes the folder for runs that are not saved yet, on the file system where they would be: then saving is renaming. It is
// locked as long as the server lives. p.mu is held.
func (p *pool) makeUnsaved() error {
	if p.unsaved != nil {
		return nil
	}
	if err := os.MkdirAll(p.o.Folder, 0o777); err != nil {
		return err
	}
	name, err := os.MkdirTemp(p.o.Folder, unsavedPrefix)
	if err == nil {
		p.unsaved, err = run.Create(name)
	}
	return err
}

// sweep removes what servers left that were killed: folders that nobody has locked.
func (p *pool) sweep() {
	entries, _ := os.ReadDir(p.o.Folder)
	for _, e := range entries {
		if !e.IsDir() || !strings.HasPrefix(e.Name(), unsavedPrefix) {
			continue
		}
		name := filepath.Join(p.o.Folder, e.Name())
		if left, err := run.Create(name); err == nil {
			os.RemoveAll(name)
			left.Close()
		}
	}
}

// forget throws away the oldest trainings that have ended, so that at most so many of those are left. p.mu is held.
func (p *pool) forget(most int) {
	ended := 0
	for _, t := range p.all {
		if t.over() {
			ended++
		}
	}
	p.all = slices.DeleteFunc(p.all, func(t *training) bool {
		if !t.over() || ended <= most {
			return false
		}
		ended--
		p.o.Models.Remove(t.id)
		t.discard()
		return true
	})
}

func (p *pool) list() []answer.Running {
	p.mu.Lock()
	defer p.mu.Unlock()
	list := []answer.Running{}
	for _, t := range p.all {
		list = append(list, answer.Running{ID: t.id, Title: t.title, Running: !t.over()})
	}
	return list
}

func (p *pool) find(id string) *training {
	p.mu.Lock()
	defer p.mu.Unlock()
	if i := slices.IndexFunc(p.all, func(t *training) bool { return t.id == id }); i >= 0 {
		return p.all[i]
	}
	return nil
}

// close stops all trainings, waits for them and throws away what was not saved.
func (p *pool) close() {
	p.mu.Lock()
	p.closed = true
	for _, t := range p.all {
		t.cancel()
	}
	p.mu.Unlock()
	p.running.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.forget(0)
	if p.unsaved != nil {
		os.RemoveAll(p.unsaved.Name())
		p.unsaved.Close()
		p.unsaved = nil
	}
}

// run trains, and adds the model to those of the server before its last event tells of it.
func (t *training) run(ctx context.Context, q answer.TrainRequest, o Options) {
	defer t.cancel()
	var last any
	m, err := answer.Train(ctx, q, answer.TrainOptions{ID: t.id, Folder: t.folder, Threads: o.Threads, Version: o.Version, Limits: o.Limits}, func(event any) {
		if end, ok := event.(answer.End); ok {
			last = end
			return
		}
		t.add(event)
	})
	if err == nil {
		err = o.Models.Add(t.id, m)
	}
	switch {
	case err == nil:
		t.end(last, true)
	case errors.Is(err, train.ErrInterrupted), errors.Is(err, context.Canceled):
		t.end(failure{failed{"stopped before the first training step"}}, false)
	default:
		t.end(failure{failed{err.Error()}}, false)
	}
}

// A failure is the last event of a training that came to nothing.
type failure struct {
	Error failed `json:"error"`
}

type failed struct {
	Message string `json:"message"`
}

func (t *training) add(event any) {
	text, err := json.Marshal(event)
	if err != nil { // a loss is not finite
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.events = append(t.events, text)
	close(t.changed)
	t.changed = make(chan struct{})
}

// end adds the last event.
func (t *training) end(event any, learned bool) {
	t.add(event)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.ended, t.learned = true, learned
	close(t.changed)
	t.changed = nil
}

func (t *training) over() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.ended
}

// after returns the events after the first n, and a channel that is closed when there are more; nil if there will be none.
func (t *training) after(n int) ([]json.RawMessage, <-chan struct{}) {
	t.mu.Lock()
	defer t.mu.Unlock()
	more := t.events[n:len(t.events):len(t.events)]
	return more, t.changed
}

// fitName is a name that is a folder's on every system, and never leads elsewhere.
var fitName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,59}$`)

// save makes the folder of a training one beneath Options.Folder, named so, or with a number after it where there is one already.
func (p *pool) save(t *training, name string) (string, error) {
	t.saving.Lock()
	defer t.saving.Unlock()
	t.mu.Lock()
	learned, folder, saved := t.learned, t.folder, t.saved
	t.mu.Unlock()
	switch {
	case p.o.Folder == "":
		return "", serve.Invalid("", "this server saves no models; start it with a folder to save them in")
	case !fitName.MatchString(name):
		return "", serve.Invalid("name", "name is %.100q, must be letters, digits, and after the first of them also - _ and ., at most 60 in all", name)
	case !learned:
		return "", serve.Invalid("", "training %s has no model yet; stop it, or wait for its end", t.id)
	case saved != "":
		return saved, nil
	case folder == "": // since this request found it
		return "", errNoTraining(t.id)
	}
	for i := 1; i < 10000; i++ {
		free := name
		if i > 1 {
			free = fmt.Sprintf("%s-%d", name, i)
		}
		to := filepath.Join(p.o.Folder, free)
		if _, err := os.Lstat(to); err == nil {
			continue
		}
		if err := os.Rename(folder, to); errors.Is(err, os.ErrExist) {
			continue // somebody was faster
		} else if err != nil {
			return "", err
		}
		t.mu.Lock()
		t.saved, t.folder = free, ""
		t.mu.Unlock()
		return free, nil
	}
	return "", serve.Invalid("name", "%s-2 to %s-9999 exist already; choose another name", name, name)
}

// discard removes the folder of a training that was not saved.
func (t *training) discard() {
	t.saving.Lock()
	defer t.saving.Unlock()
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.folder != "" {
		os.RemoveAll(t.folder)
		t.folder = ""
	}
}
