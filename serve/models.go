package serve

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/seed-f4dd853e/elman"
	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/serve/schedule"
)

// Models are the models of a server. Any number of goroutines may use them.
type Models struct {
	args   []string
	named  lookup // guarded by loading
	limits schedule.Limits

	metrics atomic.Pointer[metrics] // nil until there is a server

	loading sync.Mutex // one goroutine reads files at a time

	mu     sync.Mutex
	all    []*served // in the order of the arguments, then those that were added
	closed bool
	ending sync.WaitGroup // engines that end
}

// A served is a model that answers requests. When another takes its name, it goes on until nobody uses it.
type served struct {
	name    string
	file    string // "" if it was added
	created time.Time
	hash    string
	m       *elman.Model
	engine  *schedule.Engine

	users   int // requests and states; guarded by Models.mu
	retired bool
}

// OpenModels loads the models that arguments name: see Sources. Limits are those of each model's engine.
func OpenModels(args []string, limits schedule.Limits) (*Models, error) {
	if err := checkEngine(limits); err != nil {
		return nil, err
	}
	ms := &Models{args: args, limits: limits, named: lookup{}}
	found, _, failed := ms.named.look(args)
	if len(failed) > 0 {
		return nil, failed[0]
	}
	for _, s := range found {
		loaded, err := ms.load(s)
		if err != nil {
			ms.Close(context.Background())
			return nil, err
		}
		ms.all = append(ms.all, loaded)
	}
	return ms, nil
}

// load reads a model and starts an engine for it.
func (ms *Models) load(s Source) (*served, error) {
	file := s.Path
	if isRun(file) {
		file = filepath.Join(file, model.FileName)
	}
	info, err := os.Stat(file)
	if err != nil {
		return nil, fmt.Errorf("model %w", err)
	}
	m, err := model.Load(s.Path)
	if err != nil {
		return nil, err
	}
	return ms.serve(s.Name, s.Path, info.ModTime(), m)
}

func (ms *Models) serve(name, file string, created time.Time, m *model.Model) (*served, error) {
	if err := m.CheckProbabilities(); err != nil {
		return nil, fmt.Errorf("model %s: %w", name, err)
	}
	return &served{name: name, file: file, created: created, hash: m.Hash(), m: elman.New(m), engine: schedule.New(m, ms.limits, ms.observe(name))}, nil
}

// observe tells the metrics of a model's waiting times.
func (ms *Models) observe(name string) schedule.Observer {
	tell := func(which func(*metrics) *prometheus.HistogramVec) func(time.Duration) {
		return func(took time.Duration) {
			if m := ms.metrics.Load(); m != nil {
				which(m).WithLabelValues(name).Observe(took.Seconds())
			}
		}
	}
	return schedule.Observer{
		Queued: tell(func(m *metrics) *prometheus.HistogramVec { return m.queued }),
		First:  tell(func(m *metrics) *prometheus.HistogramVec { return m.first }),
	}
}

// Add serves one more model, in place of an added one with that name. It fails if a file's model is called so.
func (ms *Models) Add(name string, m *model.Model) error {
	if !fitName(name) {
		return fmt.Errorf("%.100q is no name for a model", name)
	}
	added, err := ms.serve(name, "", time.Now(), m)
	if err != nil {
		return err
	}
	ms.mu.Lock()
	defer ms.mu.Unlock()
	i := slices.IndexFunc(ms.all, func(s *served) bool { return s.name == name })
	switch {
	case ms.closed:
		err = errClosed
	case i >= 0 && ms.all[i].file != "":
		err = fmt.Errorf("the model of %s is called %q already", ms.all[i].file, name)
	case i >= 0:
		ms.retire(ms.all[i])
		ms.all[i] = added
	default:
		ms.all = append(ms.all, added)
	}
	if err != nil {
		ms.end(added)
	}
	return err
}

var errClosed = errors.New("the server is ending")

// Remove takes back a model that was added.
func (ms *Models) Remove(name string) {
	ms.mu.Lock()
	defer ms.mu.Unlock()
	if i := slices.IndexFunc(ms.all, func(s *served) bool { return s.name == name && s.file == "" }); i >= 0 {
		gone := ms.all[i]
		ms.all = slices.Delete(ms.all, i, i+1)
		ms.retire(gone)
	}
}

// Reload looks at the arguments again and reads all files. Requests under way end with the model that they began with. A model
// that cannot be read stays as it was; the errors are joined.
func (ms *Models) Reload(log *slog.Logger) error {
	ms.loading.Lock()
	defer ms.loading.Unlock()
	found, stays, failed := ms.named.look(ms.args)
	fresh := map[string]*served{} // nil: what is served stays
	for _, s := range found {
		if stays[s.Name] {
			continue
		}
		old := ms.find(s.Name)
		loaded, err := ms.load(s)
		switch {
		case err != nil:
			failed = append(failed, err)
			loaded = nil
		case old != nil && old.same(loaded):
			ms.end(loaded)
			loaded = nil
		default:
			log.Info("model loaded", "model", s.Name, "path", s.Path, "hash", loaded.hash)
		}
		fresh[s.Name] = loaded
	}
	ms.replace(found, fresh)
	return errors.Join(failed...)
}

// same reports whether two models are one, so that nothing changes if one takes the other's place.
func (s *served) same(t *served) bool {
	return s.file == t.file && s.hash == t.hash && s.m.Documents == t.m.Documents && s.m.Alphabet.Equal(t.m.Alphabet) && s.m.Summary == t.m.Summary
}

// replace makes models take the places of those that have their names.
func (ms *Models) replace(found []Source, fresh map[string]*served) {
	ms.mu.Lock()
	defer ms.mu.Unlock()
	var all []*served
	for _, s := range found {
		i := slices.IndexFunc(ms.all, func(old *served) bool { return old.name == s.Name })
		switch loaded := fresh[s.Name]; {
		case loaded != nil && ms.closed:
			ms.end(loaded)
		case loaded != nil:
			all = append(all, loaded)
		case i >= 0:
			all = append(all, ms.all[i])
		}
	}
	before := ms.all
	for _, old := range before {
		named := slices.ContainsFunc(all, func(s *served) bool { return s.name == old.name })
		if old.file == "" && !named { // it was added
			all = append(all, old)
		}
	}
	ms.all = all
	for _, old := range before {
		if !slices.Contains(all, old) {
			ms.retire(old)
		}
	}
}

// find returns the model of a name, nil if there is none. "" is the name of the only one.
func (ms *Models) find(name string) *served {
	ms.mu.Lock()
	defer ms.mu.Unlock()
	return ms.findLocked(name)
}

func (ms *Models) findLocked(name string) *served {
	if name == "" && len(ms.all) == 1 {
		return ms.all[0]
	}
	if i := slices.IndexFunc(ms.all, func(s *served) bool { return s.name == name }); i >= 0 {
		return ms.all[i]
	}
	return nil
}

// use returns the model of a name, which the caller must give back.
func (ms *Models) use(name string) (*served, error) {
	ms.mu.Lock()
	defer ms.mu.Unlock()
	s := ms.findLocked(name)
	switch {
	case ms.closed:
		return nil, errDraining()
	case s != nil:
		s.users++
		return s, nil
	case name == "":
		return nil, Invalid("model", "model is missing; GET /v1/models lists them")
	}
	return nil, NotFound("model_not_found", "model", "there is no model %.100q; GET /v1/models lists them", name)
}

// share counts one more user of a model that is in use.
func (ms *Models) share(s *served) *served {
	ms.mu.Lock()
	defer ms.mu.Unlock()
	s.users++
	return s
}

func (ms *Models) giveBack(s *served) {
	ms.mu.Lock()
	defer ms.mu.Unlock()
	if s.users--; s.users == 0 && s.retired {
		ms.gone(s)
	}
}

// retire takes a model out of service, and ends its engine once nobody uses it. ms.mu is held.
func (ms *Models) retire(s *served) {
	if s.retired = true; s.users == 0 {
		ms.gone(s)
	}
}

// gone ends a model's engine, and forgets its metrics if no other model has its name. ms.mu is held.
func (ms *Models) gone(s *served) {
	ms.end(s)
	if m := ms.metrics.Load(); m != nil && ms.findLocked(s.name) == nil {
		m.forget(s.name)
	}
}

// end ends an engine that nobody uses.
func (ms *Models) end(s *served) {
	ms.ending.Go(func() { s.engine.Close(context.Background()) })
}

// Len returns how many there are.
func (ms *Models) Len() int { return len(ms.list()) }

// list returns what is served now.
func (ms *Models) list() []*served {
	ms.mu.Lock()
	defer ms.mu.Unlock()
	return slices.Clone(ms.all)
}

// Close ends all engines: at once those that nobody uses, the others when ctx ends or they are given back.
func (ms *Models) Close(ctx context.Context) {
	ms.mu.Lock()
	ms.closed = true
	for _, s := range ms.all {
		ms.ending.Go(func() { s.engine.Close(ctx) })
	}
	ms.all = nil
	ms.mu.Unlock()
	ms.ending.Wait()
}

// documentsOf returns where the state of a model restarts.
func documentsOf(m *model.Model) string { return string(cmp.Or(m.Documents, corpus.Whole)) }

// about describes a network in a few words.
func about(m *model.Model) string {
	c := m.Network.Config()
	layers := "1 layer"
	if c.Layers > 1 {
		layers = fmt.Sprintf("%d layers", c.Layers)
	}
	return fmt.Sprintf("%s, %s of %d units", c.Cell, layers, c.Hidden)
}

// Model returns a model, and a function that gives it back. It fails if there is no such model.
func (ms *Models) Model(name string) (m *model.Model, done func(), err error) {
	s, err := ms.use(name)
	if err != nil {
		return nil, nil, err
	}
	return s.m.Model, func() { ms.giveBack(s) }, nil
}
