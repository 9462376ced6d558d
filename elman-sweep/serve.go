package main

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/gofrs/flock"
	"github.com/nats-io/nats.go"
	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/seed-f4dd853e/elman/elman-sweep/queue"
	"github.com/seed-f4dd853e/elman/elman-sweep/study"
	"github.com/seed-f4dd853e/elman/internal/regular"
)

// serveFlags are those of run and serve.
type serveFlags struct {
	openFlags
	workers, threads int
	verify           float64
	lease            time.Duration
	forgive          []string

	listen, token, cert, key string
	cluster                  clusterFlags

	command string // that other machines start, when it is known
}

func (f *serveFlags) declare(c *cobra.Command) {
	f.openFlags.declare(c)
	c.Flags().IntVar(&f.threads, "threads", 1, "threads of each training; does not change the result")
	c.Flags().Float64Var(&f.verify, "verify", 0, "share of the runs to repeat and compare, such as 0.05")
	c.Flags().DurationVar(&f.lease, "lease", queue.DefaultLease, "silence of a worker after which its run is given to another")
}

func runCommand() *cobra.Command {
	f := &serveFlags{}
	c := &cobra.Command{
		Use:     "run STUDY.toml",
		Aliases: []string{"resume"},
		Short:   "Do a study on this machine, or go on with it",
		Long: `Do all runs of a study that are not done yet, in the folder of the study. Ctrl-C saves the runs in work; the
same command goes on, also after a kill or a power cut. Finished runs are not repeated, failed ones are.
`,
		Example: `  elman-sweep run cells.toml
  elman-sweep resume cells.toml --workers 2     # resume is another word for run`,
		Args: exactArgs(1, "a study: a TOML file"),
		RunE: func(c *cobra.Command, args []string) error {
			if f.workers == 0 {
				f.workers = max(1, runtime.NumCPU()/max(1, f.threads))
			}
			return f.serve(c.Context(), args[0])
		},
	}
	f.declare(c)
	c.Flags().IntVar(&f.workers, "workers", 0, "runs side by side (default: one for each --threads processors)")
	return c
}

func serveCommand() *cobra.Command {
	f := &serveFlags{}
	c := &cobra.Command{
		Use:   "serve STUDY.toml",
		Short: "Offer the runs of a study to workers on other machines",
		Long: `Offer the runs of a study to workers on other machines (elman-sweep work), and collect their results in the
folder of the study. The command prints what workers connect to. It can be killed and started again at any time.
Workers need a token, which is made once and kept in the folder of the study.`,
		Example: `  elman-sweep serve cells.toml --listen 0.0.0.0:4222 --verify 0.05
  elman-sweep serve cells.toml --tls-cert server.pem --tls-key server.key
  elman-sweep serve cells.toml --nats tls://nats.example.org --creds me.creds --name cells`,
		Args: exactArgs(1, "a study: a TOML file"),
		RunE: func(c *cobra.Command, args []string) error {
			if err := f.checkCluster(c); err != nil {
				return err
			}
			return f.serve(c.Context(), args[0])
		},
	}
	f.declare(c)
	f.cluster.declare(c)
	c.Flags().IntVar(&f.workers, "workers", 0, "workers on this machine")
	c.Flags().StringSliceVar(&f.forgive, "forgive", nil, "machines that computed wrongly, are mended, and may work again")
	c.Flags().StringVar(&f.listen, "listen", "0.0.0.0:4222", "address for workers; port 0 takes a free one")
	c.Flags().StringVar(&f.token, "token", "", "token that workers must name (default: a random one)")
	c.Flags().StringVar(&f.cert, "tls-cert", "", "certificate (PEM) of this server")
	c.Flags().StringVar(&f.key, "tls-key", "", "private key (PEM) of --tls-cert")
	c.Flags().StringVar(&f.cluster.url, "nats", "", "URL of a NATS server with JetStream to use in place of an own one")
	return c
}

// checkCluster returns an error for flags that the choice of a server would leave without use.
func (f *serveFlags) checkCluster(c *cobra.Command) error {
	for _, name := range []string{"listen", "token", "tls-cert", "tls-key"} {
		if f.cluster.url != "" && c.Flags().Changed(name) {
			return usagef("--%s is for a server of its own, which --nats takes the place of; leave out one", name)
		}
	}
	for _, name := range []string{"creds", "tls-ca"} {
		if f.cluster.url == "" && c.Flags().Changed(name) {
			return usagef("--%s is for the server of --nats; name that too, or leave it out", name)
		}
	}
	return nil
}

// serve does a study with the workers of this machine, and of others if there is an address.
func (f *serveFlags) serve(ctx context.Context, path string) error {
	switch {
	case f.threads < 1 || f.workers < 0:
		return usagef("--threads must be at least 1, and --workers at least 0")
	case !(f.verify >= 0 && f.verify <= 1):
		return usagef("--verify is %v, must be 0 to 1", f.verify)
	case f.lease < time.Second:
		return usagef("--lease is %v, must be at least 1s", f.lease)
	case (f.cert == "") != (f.key == ""):
		return usagef("--tls-cert and --tls-key belong together")
	}
	p, err := f.open(ctx, path)
	if err != nil {
		return err
	}
	lock, err := p.lock()
	if err != nil {
		return err
	}
	defer lock.Unlock()
	if err := p.check(ctx); err != nil {
		return err
	}
	nc, end, err := f.connect(ctx, p)
	if err != nil {
		return err
	}
	defer end()
	q, err := queue.Create(ctx, nc, f.queueName(), f.lease)
	if err != nil {
		return err
	}
	return f.work(ctx, p, q)
}

// lock keeps the folder of the study for this process.
func (p *project) lock() (*flock.Flock, error) {
	path := filepath.Join(p.folder, "lock")
	lock := flock.New(path)
	switch ok, err := lock.TryLock(); {
	case err != nil:
		return nil, fmt.Errorf("%s cannot be locked: %w", path, regular.Reason(err))
	case !ok:
		return nil, fmt.Errorf("another elman-sweep works on the study in %s", p.folder)
	}
	return lock, nil
}

func (f *serveFlags) queueName() string {
	if f.cluster.name == "" {
		return queue.DefaultName
	}
	return f.cluster.name
}

// connect starts the embedded server, or connects to another.
func (f *serveFlags) connect(ctx context.Context, p *project) (nc *nats.Conn, end func(), err error) {
	if f.cluster.url != "" {
		if nc, err = f.cluster.connect(ctx, time.Minute); err != nil {
			return nil, nil, fmt.Errorf("--nats: %w", err)
		}
		f.tellCommand(f.cluster.url)
		return nc, nc.Close, nil
	}
	o := queue.ServerOptions{Folder: filepath.Join(p.folder, "jetstream"), Listen: f.listen, Token: f.token}
	if o.Listen != "" && o.Token == "" {
		if o.Token, err = p.ownToken(); err != nil {
			return nil, nil, err
		}
	}
	if f.cert != "" {
		pair, err := tls.LoadX509KeyPair(f.cert, f.key)
		if err != nil {
			return nil, nil, fmt.Errorf("--tls-cert: %w", err)
		}
		o.TLS = &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}
	}
	s, err := queue.StartServer(o)
	if err != nil {
		return nil, nil, err
	}
	if nc, err = s.Connect(o.Token); err != nil {
		s.Close()
		return nil, nil, err
	}
	if o.Listen != "" {
		scheme, address, _ := strings.Cut(s.URL(), "://")
		if host, port, err := net.SplitHostPort(address); err == nil && net.ParseIP(host).IsUnspecified() {
			address = net.JoinHostPort(machineName(), port)
		}
		f.tellCommand((&url.URL{Scheme: scheme, User: url.User(o.Token), Host: address}).String())
	}
	return nc, func() { nc.Close(); s.Close() }, nil
}

// tellCommand prints what other machines start, given the URL of the server.
func (f *serveFlags) tellCommand(url string) {
	words := []string{"elman-sweep", "work", url}
	for _, flag := range [][2]string{{"--creds", f.cluster.creds}, {"--tls-ca", f.cluster.ca}} {
		if flag[1] != "" {
			words = append(words, flag[0], flag[1])
		}
	}
	if name := f.queueName(); name != queue.DefaultName {
		words = append(words, "--name", name)
	}
	for i, w := range words {
		words[i] = shellQuote(w)
	}
	f.command = strings.Join(words, " ")
	fmt.Println(f.command)
}

// ownToken returns the token of this study, which is made once.
func (p *project) ownToken() (string, error) {
	path := filepath.Join(p.folder, "token")
	text, err := regular.Read(path, 1<<10)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("%s: %w", path, err)
	}
	if token := strings.TrimSpace(string(text)); token != "" { // an empty one would let everybody in
		return token, nil
	}
	token := rand.Text()
	return token, writeSecret(path, token)
}

// writeSecret makes a file that its owner alone can read. It is there with its content or not at all.
func writeSecret(path, text string) error {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+"-*.tmp")
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		os.Remove(f.Name())
	}
	return err
}

// work coordinates the study and does runs, until all is done.
func (f *serveFlags) work(ctx context.Context, p *project, q *queue.Queue) error {
	shared := f.listen == "" && f.cluster.url == ""
	shown := newProgress(p.Study, f.command)
	defer shown.end()
	context.AfterFunc(ctx, shown.end) // a second signal would leave the table on the screen
	var unlogged sync.Once
	c := &queue.Coordinator{Queue: q, Study: p.Study, Folder: p.folder, Runner: p.runner(f.threads), Shared: shared, Verify: f.verify, Forgive: f.forgive,
		Done: shown.done, Fault: func(text string) {
			shown.say("%s", text)
			if err := p.logFault(text); err != nil {
				unlogged.Do(func() { shown.say("faults are told here alone: %v", err) })
			}
		}}
	if err := c.Begin(ctx); err != nil {
		return err
	}
	all, working := errgroup.WithContext(ctx)
	working, stop := context.WithCancel(working)
	all.Go(func() error {
		defer stop()
		return c.Run(working)
	})
	if f.workers > 0 {
		w := &queue.Worker{Queue: q, Runner: p.runner(f.threads), Folder: p.folder, Shared: shared, Slots: f.workers,
			Every: checkpointEvery, Tell: shown.say, Wait: time.Hour}
		w.Runner.Where = p.where()
		if !shared {
			w.Folder = filepath.Join(p.folder, "worker")
		}
		all.Go(func() error {
			if err := w.Run(working); working.Err() == nil && !errors.Is(err, queue.ErrFinished) {
				return err
			}
			return nil
		})
	}
	err := all.Wait()
	shown.end()
	if ctx.Err() != nil {
		return fmt.Errorf("interrupted; the runs are saved: elman-sweep resume %s goes on", p.Path)
	}
	if err != nil {
		return err
	}
	if !shared {
		time.Sleep(3 * time.Second) // workers ask whether they may go
	}
	return p.conclude()
}

// where returns where inputs lie on this machine: a task that came through the queue does not know. Contents count, not names: a
// file may have another name than when the queue was made.
func (p *project) where() func(study.File) string {
	paths := map[string]string{} // by hash
	for _, r := range p.Runs {
		for _, f := range r.Files() {
			paths[f.SHA256] = f.Path
		}
	}
	return func(f study.File) string { return paths[f.SHA256] }
}

// logFault appends a fault to a file in the study's folder.
func (p *project) logFault(text string) error {
	out, err := os.OpenFile(filepath.Join(p.folder, faultsName), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o666)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%s %s\n", time.Now().UTC().Format(time.RFC3339), text)
	return errors.Join(err, out.Close())
}

// faultsName is the file of faults.
const faultsName = "faults.log"

// checkpointEvery is the time between two copies of a checkpoint.
const checkpointEvery = 30 * time.Second
