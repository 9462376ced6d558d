package serve

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"slices"
	"strings"
	"sync/atomic"
	"time"
)

// Options say what to serve, to whom and how much. Models is needed; the zero value of everything else will do.
type Options struct {
	Models *Models
	Limits *Limits // nil means DefaultLimits
	Access Access
	Log    *slog.Logger // nil drops everything

	Routes []Route      // of others, which get the same protection as those of this package
	Page   http.Handler // answers GET /; nil leaves it to a list of the routes

	Version string // of the program, for the description
}

// A Route is what the server offers under one method and path. The description at /openapi.json is made of routes.
type Route struct {
	Method, Path string // as in http.ServeMux: "GET", "/v1/models/{id}"
	Summary      string // a line
	Request      any    // a value of the type that the body holds as JSON; nil for none
	Answer       any    // likewise; nil if the answer is not JSON
	Query        []Query
	Type         string // media type of an answer that is not JSON
	Events       bool   // the answer may be a stream of server-sent events, each of them an Answer

	Open  bool // needs no API key
	Quiet bool // is not logged if it goes well
	// Handle answers a request, or returns an error, which is then the answer, in the form of an Error.
	Handle func(http.ResponseWriter, *http.Request) error
}

// A Query is a parameter after the ? of a path.
type Query struct{ Name, Doc string }

// Pattern returns method and path, as http.ServeMux has them.
func (r *Route) Pattern() string { return r.Method + " " + r.Path }

// label names the route in metrics.
func (r *Route) label() string {
	if r.Method == "" {
		return "unknown"
	}
	return r.Pattern()
}

// A Server answers requests.
type Server struct {
	models  *Models
	limits  Limits
	access  Access
	keys    atomic.Pointer[Keys] // nil: no key is needed
	log     *slog.Logger
	routes  []Route
	page    http.Handler
	version string

	metrics     *metrics
	rates       *rates
	pool        *pool
	states      *states
	connections atomic.Int64
	running     atomic.Int64 // requests
	streams     atomic.Int64 // completions that are streamed, of those
	bodies      atomic.Int64 // bytes of their bodies
	answers     atomic.Int64 // bytes of their answers, if they are whole
	draining    atomic.Bool
	openapi     []byte
	mux         *http.ServeMux
}

// New returns a server. It fails on options out of range.
func New(o Options) (*Server, error) {
	limits := DefaultLimits()
	if o.Limits != nil {
		limits = *o.Limits
	}
	if err := errors.Join(limits.Check(), o.Access.Check()); err != nil {
		return nil, err
	}
	s := &Server{models: o.Models, limits: limits, access: o.Access.normal(), log: o.Log, page: o.Page, version: o.Version}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if o.Access.Keys != nil {
		s.keys.Store(&o.Access.Keys)
	}
	s.metrics, s.rates, s.pool = newMetrics(s), newRates(limits.Rate), newPool(limits.Scoring)
	s.models.metrics.Store(s.metrics)
	s.states = newStates(limits.States, limits.StateIdle, s.models.giveBack)
	s.routes = slices.Concat(s.ownRoutes(), o.Routes)
	s.mux = http.NewServeMux()
	for i := range s.routes {
		s.mux.Handle(s.routes[i].Pattern(), s.handler(&s.routes[i]))
	}
	rest := &Route{Path: "/", Open: true, Handle: s.unknown}
	s.mux.Handle("/", s.handler(rest))
	s.openapi = describe(s.routes, s.version)
	return s, nil
}

// SetKeys replaces the API keys. It does nothing if the server was started without.
func (s *Server) SetKeys(keys Keys) {
	if s.keys.Load() != nil && len(keys) > 0 {
		s.keys.Store(&keys)
	}
}

// Reload makes the models those that their files are now: see Models.Reload.
func (s *Server) Reload() error {
	err := s.models.Reload(s.log)
	result := "ok"
	if err != nil {
		result = "failed"
	}
	s.metrics.reloads.WithLabelValues(result).Inc()
	return err
}

// handler wraps a route in what all have in common.
func (s *Server) handler(route *Route) http.Handler {
	return s.recorded(route, func(w http.ResponseWriter, r *http.Request) error {
		if r.Body != http.NoBody { // also where no one reads it: the connection does, at the end
			http.NewResponseController(w).SetReadDeadline(time.Now().Add(s.limits.Read))
		}
		http.NewResponseController(w).SetWriteDeadline(time.Now().Add(s.limits.Write))
		if err := s.admit(w, r, route); err != nil {
			return err
		}
		if r.Method == http.MethodOptions && r.Header.Get("Access-Control-Request-Method") != "" {
			return s.preflight(w, r)
		}
		if !route.Open {
			if s.draining.Load() {
				w.Header().Set("Connection", "close")
				return errDraining()
			}
			if again := s.rates.wait(note(r).client, time.Now()); again > 0 {
				return Busy(again, "more than %v requests per second; try again in %v", s.limits.Rate, again.Round(time.Millisecond))
			}
		}
		return route.Handle(w, r)
	})
}

// use returns the model that a request names, which must be given back.
func (s *Server) use(r *http.Request, name string) (*served, error) {
	m, err := s.models.use(name)
	if err == nil {
		note(r).model = m.name
	}
	return m, err
}

// Handler returns the handler of all requests, for a server or a test of one's own. Serve also bounds connections and ends
// gracefully.
func (s *Server) Handler() http.Handler { return s.mux }

// Serve answers requests until ctx ends. Then it takes no more, lets those under way finish for Limits.Drain, and gives up
// what is left, which is an error. It closes the listener, states and models.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	base, giveUp := context.WithCancelCause(context.WithoutCancel(ctx))
	defer giveUp(nil)
	h := &http.Server{
		Handler:           s.mux,
		ReadHeaderTimeout: s.limits.Header,
		IdleTimeout:       s.limits.Idle,
		MaxHeaderBytes:    32 << 10,
		BaseContext:       func(net.Listener) context.Context { return base },
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelDebug), // of broken connections, which are none of ours
	}
	served := make(chan error, 1)
	go func() { served <- h.Serve(s.bounded(l)) }()
	ticks := time.NewTicker(max(s.limits.StateIdle/16, 100*time.Millisecond))
	defer ticks.Stop()
	for {
		select {
		case err := <-served: // the listener broke
			giveUp(err)
			h.Close()
			s.close(base)
			return err
		case now := <-ticks.C:
			s.states.expire(now)
		case <-ctx.Done():
			err := s.drain(h, base, giveUp)
			<-served
			return err
		}
	}
}

// drain ends a server.
func (s *Server) drain(h *http.Server, base context.Context, giveUp context.CancelCauseFunc) error {
	s.draining.Store(true)
	s.log.Info("ending", "requests", s.running.Load(), "patience", s.limits.Drain)
	patience, cancel := context.WithTimeout(base, s.limits.Drain)
	defer cancel()
	err := h.Shutdown(patience)
	giveUp(errDraining()) // whatever is left sees it at its next symbol
	if err != nil {
		told, cancel := context.WithTimeout(context.WithoutCancel(base), lastWords)
		defer cancel()
		h.Shutdown(told)
		h.Close()
		err = errors.New("requests were still running when the time to drain was over; they were given up")
	}
	s.close(base)
	s.log.Info("ended")
	return err
}

// lastWords is the time that requests have to tell their clients that they are given up.
const lastWords = time.Second

// close ends what outlives requests.
func (s *Server) close(ctx context.Context) {
	s.states.close()
	s.models.Close(ctx)
}

// unknown answers what no route does: GET / if there is a page, and else an error that says what there is.
func (s *Server) unknown(w http.ResponseWriter, r *http.Request) error {
	if r.URL.Path == "/" && (r.Method == http.MethodGet || r.Method == http.MethodHead) && s.page != nil {
		s.page.ServeHTTP(w, r)
		return nil
	}
	var methods []string
	for _, route := range s.routes {
		if fits(route.Path, r.URL.Path) {
			methods = append(methods, route.Method)
		}
	}
	if len(methods) > 0 {
		slices.Sort(methods)
		allowed := strings.Join(slices.Compact(methods), ", ")
		w.Header().Set("Allow", allowed)
		return refused(http.StatusMethodNotAllowed, "method_not_allowed", "%s takes %s, not %.20s", cut(r.URL.Path, 100), allowed, r.Method)
	}
	if strings.HasPrefix(r.URL.Path, "/v1/chat/") {
		return NotFound("unknown_url", "", "there is no chat: these models continue texts and know no roles; use POST /v1/completions")
	}
	return NotFound("unknown_url", "", "there is no %s %.100s; there is %s, and GET /openapi.json describes them", r.Method, r.URL.Path, s.offered())
}

// offered lists the paths of all routes.
func (s *Server) offered() string {
	var all []string
	for i := range s.routes {
		all = append(all, s.routes[i].Pattern())
	}
	return strings.Join(all, ", ")
}

// fits reports whether a path is one of a route's.
func fits(pattern, path string) bool {
	want, have := strings.Split(pattern, "/"), strings.Split(path, "/")
	for i, part := range want {
		if strings.HasSuffix(part, "...}") {
			return len(have) > i
		}
		if i >= len(have) || part != have[i] && !(strings.HasPrefix(part, "{") && have[i] != "") {
			return false
		}
	}
	return len(want) == len(have)
}

var errPanic = errors.New("an error of the program stopped this request; its log says more")

func stack() string { return cut(string(debug.Stack()), 8000) }
