package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/seed-f4dd853e/elman/internal/regular"
	"github.com/seed-f4dd853e/elman/internal/setting"
	"github.com/seed-f4dd853e/elman/serve"
	"github.com/seed-f4dd853e/elman/serve/play"
	"github.com/seed-f4dd853e/elman/serve/schedule"
)

// serveFlags is the command line of serve.
type serveFlags struct {
	listen string
	keys   string
	log    string
	access serve.Access
	limits serve.Limits
	engine schedule.Limits

	training, noTraining bool
	saveIn               string
}

func serveCommand(e *env) *cobra.Command {
	f := &serveFlags{limits: serve.DefaultLimits(), engine: serve.EngineLimits()}
	c := &cobra.Command{
		Use:   "serve [MODEL...]",
		Short: "Offer models over HTTP",
		Long: `Offer models over HTTP: completions as OpenAI's API has them, a tokenizer as vLLM's server has it,
surprisal (/score), predictions (/next) and states that are kept between requests (/state).
docs/serving.md and GET /openapi.json describe them; GET /metrics is for Prometheus.

A MODEL is a model file, a run folder or a folder of those. Clients call it by the name of its file
or folder, or by a NAME=MODEL of your own. Text and numbers of an answer are those of elman sample
and elman score, bit for bit, whatever is answered at the same time.

GET / is a page: write with a model, score a text, watch a network learn a text or a generated
language. Trainings of the page are saved beneath --save-in. Without a MODEL the page begins with
one; beyond this machine it trains only with --training.

The server listens on this machine alone unless --listen says otherwise. Then give it a file of
keys (--api-key-file), and put something before it that speaks TLS. Web pages of other sites may
not use it, unless --cors allows them.

Ctrl-C, SIGTERM, and the loss of its terminal let it finish what it is answering (--drain), then end
it. Without a terminal, SIGHUP makes it read models and keys again, while requests go on.`,
		Example: `  elman serve novel
  elman serve runs --listen :8080 --api-key-file keys
  elman serve austen=runs/austen-2 names.safetensors
  curl localhost:8080/v1/completions -H 'Content-Type: application/json' \
    -d '{"model": "novel", "prompt": "It was", "max_tokens": 200, "seed": 1}'`,
		Args: cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, args []string) error {
			switch {
			case f.training && f.noTraining:
				return usagef("--training and --no-training exclude each other; leave out one")
			case len(args) == 0 && f.noTraining:
				return usagef("serve needs a model, or something to do: leave out --no-training; see %s --help", c.CommandPath())
			}
			return e.serve(c.Context(), f, args)
		},
	}
	groups := groupFlags(c,
		flagAdder{"Network", f.addNetwork},
		flagAdder{"Page", f.addPage},
		flagAdder{"Limits", f.addLimits},
		flagAdder{"Time", f.addTimes})
	c.SetUsageFunc(func(c *cobra.Command) error { return writeGroups(c, groups) })
	return c
}

func (f *serveFlags) addNetwork(c *cobra.Command) {
	fl := c.Flags()
	fl.StringVar(&f.listen, "listen", "127.0.0.1:8080", "`address` and port; port 0 is a free one")
	fl.StringVar(&f.keys, "api-key-file", "", "`file` of keys, a line each; a request must have one of them")
	fl.StringArrayVar(&f.access.Origins, "cors", nil, "`origin` of web pages that may use the server, or *; may be repeated")
	fl.StringArrayVar(&f.access.Hosts, "host", nil, "`name` of the server beside localhost; may be repeated")
	fl.BoolVar(&f.access.Metrics, "open-metrics", false, "/metrics needs no key")
	fl.StringVar(&f.log, "log", "text", "log of requests on standard error: text, json or off")
}

func (f *serveFlags) addPage(c *cobra.Command) {
	fl := c.Flags()
	fl.BoolVar(&f.training, "training", false, "the page trains also if others than this machine reach it")
	fl.BoolVar(&f.noTraining, "no-training", false, "the page does not train")
	fl.StringVar(&f.saveIn, "save-in", "runs", "`folder` in which the page saves what it trained")
}

func (f *serveFlags) addLimits(c *cobra.Command) {
	fl := c.Flags()
	fl.IntVar(&f.engine.Workers, "workers", f.engine.Workers, "threads that write, for each model; do not change the result")
	fl.IntVar(&f.engine.Rows, "rows", f.engine.Rows, "texts that each worker writes side by side")
	fl.IntVar(&f.engine.Waiting, "queue", f.engine.Waiting, "texts that may wait; what comes then is answered 429")
	fl.IntVar(&f.engine.PerClient, "per-client", f.engine.PerClient, "texts of one client at a time")
	fl.IntVar(&f.limits.Length, "max-length", f.limits.Length, "symbols to write for a text")
	fl.IntVar(&f.limits.Prompt, "max-prompt", f.limits.Prompt, "symbols of a prompt")
	fl.IntVar(&f.limits.N, "max-n", f.limits.N, "choices for a prompt")
	fl.IntVar(&f.limits.Rows, "max-rows", f.limits.Rows, "texts of a request: prompts times choices")
	fl.Int64Var(&f.limits.Body, "max-body", f.limits.Body, "bytes of a request")
	fl.IntVar(&f.limits.States, "max-states", f.limits.States, "states kept between requests")
	fl.IntVar(&f.limits.Connections, "max-connections", f.limits.Connections, "open connections")
	fl.Float64Var(&f.limits.Rate, "rate", f.limits.Rate, "requests per second of a client (0: any number)")
}

func (f *serveFlags) addTimes(c *cobra.Command) {
	fl := c.Flags()
	fl.DurationVar(&f.limits.Read, "read-timeout", f.limits.Read, "time for a request to come")
	fl.DurationVar(&f.limits.Write, "write-timeout", f.limits.Write, "time for a part of an answer to be taken")
	fl.DurationVar(&f.limits.Idle, "idle-timeout", f.limits.Idle, "time for the next request on a connection")
	fl.DurationVar(&f.limits.StateIdle, "state-idle", f.limits.StateIdle, "time after which an unused state is forgotten")
	fl.DurationVar(&f.limits.Drain, "drain", f.limits.Drain, "time to finish requests in the end")
}

func (e *env) serve(ctx context.Context, f *serveFlags, args []string) error {
	f.limits.Bodies = max(f.limits.Bodies, 4*f.limits.Body)
	log, err := e.newLog(f.log)
	if err != nil {
		return err
	}
	if err := errors.Join(f.limits.Check(), f.access.Check()); err != nil {
		return usageError{err}
	}
	if f.access.Keys, err = readKeys(f.keys); err != nil {
		return err
	}
	models, err := serve.OpenModels(args, f.engine)
	if _, ok := errors.AsType[*setting.Error](err); ok {
		return usageError{err}
	}
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", f.listen)
	if err != nil {
		models.Close(ctx)
		return usagef("--listen %s: %w", f.listen, listenReason(err))
	}
	player := f.player(models, l)
	defer player.Close()
	defer context.AfterFunc(ctx, player.Close)() // whoever watches a training is not waited for
	s, err := serve.New(serve.Options{Models: models, Limits: &f.limits, Access: f.access, Log: log, Version: version(), Routes: player.Routes(), Page: player.Page()})
	if err != nil {
		l.Close()
		models.Close(ctx)
		return err
	}
	f.makeThreads(max(1, models.Len()))
	e.announce(l, f)
	e.saving.Store(true) // requests finish before the program ends
	e.onHangup(func() { reload(s, f, log) })
	return s.Serve(ctx, l)
}

// makeThreads lets one thread more run than the workers of all models. Go looks for requests when a thread has nothing to do, and else
// every 10 ms: so long each would wait. With more threads than that, clients that are on the same machine get less of it: of 1,000
// streams a third of the symbols.
func (f *serveFlags) makeThreads(models int) {
	runtime.GOMAXPROCS(max(runtime.GOMAXPROCS(0), f.engine.Workers*models) + 1)
}

// player returns what answers the page. Beyond this machine it trains only where somebody says so.
func (f *serveFlags) player(models *serve.Models, l net.Listener) *play.Player {
	o := play.Defaults(models)
	o.Folder, o.Version = f.saveIn, version()
	o.Training = f.training || !f.noTraining && l.Addr().(*net.TCPAddr).IP.IsLoopback()
	return play.New(o)
}

// newLog returns the log of requests.
func (e *env) newLog(kind string) (*slog.Logger, error) {
	switch kind {
	case "text":
		return slog.New(slog.NewTextHandler(e.stderr, nil)), nil
	case "json":
		return slog.New(slog.NewJSONHandler(e.stderr, nil)), nil
	case "off":
		return slog.New(slog.DiscardHandler), nil
	}
	return nil, usagef("--log is %q, must be %s", kind, setting.Alternatives([]string{"text", "json", "off"}))
}

// readKeys reads --api-key-file, if there is one.
func readKeys(path string) (serve.Keys, error) {
	if path == "" {
		return nil, nil
	}
	f, size, err := regular.Open(path)
	if err != nil {
		return nil, fmt.Errorf("--api-key-file %s: %w", path, regular.Reason(err))
	}
	defer f.Close()
	keys, err := serve.ReadKeys(io.NewSectionReader(f, 0, size))
	if err != nil {
		return nil, fmt.Errorf("--api-key-file %s: %w", path, err)
	}
	return keys, nil
}

// listenReason leaves out what an error of net.Listen repeats.
func listenReason(err error) error {
	if op, ok := errors.AsType[*net.OpError](err); ok {
		return op.Err
	}
	return err
}

// announce tells where the server listens: programs on standard output, in a line alone.
func (e *env) announce(l net.Listener, f *serveFlags) {
	address := l.Addr().(*net.TCPAddr)
	host, port, _ := net.SplitHostPort(address.String())
	if address.IP.IsUnspecified() {
		host = "localhost"
	}
	fmt.Fprintf(e.stdout, "http://%s\n", net.JoinHostPort(host, port))
	if !address.IP.IsLoopback() && f.keys == "" {
		fmt.Fprintln(e.stderr, "note: whoever reaches this machine may use the server; --api-key-file lets in those alone who have a key")
	}
	e.flush()
}

// reload reads models and keys again. What cannot be read stays as it was.
func reload(s *serve.Server, f *serveFlags, log *slog.Logger) {
	err := s.Reload()
	keys, wrong := readKeys(f.keys)
	if wrong == nil {
		s.SetKeys(keys)
	}
	if err := errors.Join(err, wrong); err != nil {
		log.Error("reload failed, in part or whole; what was there stays", "error", strings.ReplaceAll(err.Error(), "\n", "; "))
		return
	}
	log.Info("reloaded")
}

// onHangup makes SIGHUP call what instead of ending the program, if the program has no terminal to lose.
func (e *env) onHangup(what func()) {
	if f, err := os.Open("/dev/tty"); err == nil {
		f.Close()
		if !signal.Ignored(syscall.SIGHUP) { // as nohup makes it: then the terminal may go
			return
		}
	}
	e.hangup.Store(&what)
	signal.Notify(e.signals, syscall.SIGHUP)
}
