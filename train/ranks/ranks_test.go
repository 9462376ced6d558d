package ranks_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/internal/f32"
	"github.com/seed-f4dd853e/elman/optim"
	"github.com/seed-f4dd853e/elman/rnn"
	"github.com/seed-f4dd853e/elman/train"
	"github.com/seed-f4dd853e/elman/train/ranks"
)

// A world is ranks in one process.
type world struct {
	pipes [][]chan []byte // [from][to]
}

func newWorld(size int) *world {
	w := &world{}
	for range size {
		row := make([]chan []byte, size)
		for i := range row {
			row[i] = make(chan []byte, 1)
		}
		w.pipes = append(w.pipes, row)
	}
	return w
}

type comm struct {
	*world
	rank int
}

func (c comm) Rank() int { return c.rank }
func (c comm) Size() int { return len(c.pipes) }

func (c comm) Broadcast(data []byte) {
	send, receive := make([][]byte, c.Size()), make([][]byte, c.Size())
	if c.rank > 0 {
		receive[0] = data
	} else {
		for r := 1; r < c.Size(); r++ {
			send[r] = data
		}
	}
	c.Exchange(send, receive)
}

func (c comm) Exchange(send, receive [][]byte) {
	for r, data := range send {
		if len(data) > 0 {
			c.pipes[c.rank][r] <- slices.Clone(data)
		}
	}
	for r, data := range receive {
		if len(data) == 0 {
			continue
		}
		got := <-c.pipes[r][c.rank]
		if copy(data, got) != len(got) || len(got) != len(data) {
			panic(fmt.Sprintf("rank %d sends %d bytes to rank %d, which waits for %d", r, len(got), c.rank, len(data)))
		}
	}
}

// run trains with so many ranks.
func run(t *testing.T, size int, c *corpus.Corpus, s train.Settings, o train.Options, ctx context.Context) (*train.Result, error) {
	t.Helper()
	w := newWorld(size)
	var others sync.WaitGroup
	for r := 1; r < size; r++ {
		others.Go(func() {
			if err := ranks.Serve(comm{w, r}); err != nil {
				t.Errorf("rank %d: %v", r, err)
			}
		})
	}
	o.Window = func(net *rnn.Network, use rnn.WindowUse, pool *f32.Pool) (train.Window, error) {
		return ranks.New(comm{w, 0}, net, use, pool)
	}
	result, err := train.Run(ctx, c, s, o)
	ranks.End(comm{w, 0})
	others.Wait()
	return result, err
}

var verse = strings.Repeat("the rain in spain falls mainly on the plain\nand then again it may refrain\n", 60)

// TestRanks: a training has the same bits in one process and in any number up to that of its shards, also if a run is interrupted
// and goes on with another number.
func TestRanks(t *testing.T) {
	for name, change := range map[string]func(s *train.Settings){
		"lstm": func(s *train.Settings) {
			s.Network.Cell, s.Network.Hidden, s.Network.Layers, s.Batch, s.Window, s.Shards = "lstm", 17, 2, 8, 9, 8
			s.Dropout, s.DropoutRecurrent, s.Average = 0.2, 0.1, 0.9
		},
		"gru blocks, variational": func(s *train.Settings) {
			s.Network = rnn.Config{Cell: "gru", Hidden: 12, Layers: 1, MLP: 24, Embedding: 12, Block: true, Tie: true, Conv: 3, LearnInitial: true}
			s.Optimizer.Optimizer, s.Batch, s.Window, s.Shards, s.Dropout, s.DropoutVariational = "adagrad", 8, 35, 4, 0.2, true
		},
		"mingru": func(s *train.Settings) {
			s.Network.Cell, s.Network.Hidden, s.Optimizer.Optimizer, s.Batch, s.Window, s.Shards = "mingru", 16, "rmsprop", 8, 35, 4
		},
		"elman, a row for each rank": func(s *train.Settings) {
			s.Network.Cell, s.Network.Hidden, s.Optimizer.Optimizer, s.ClipNorm, s.Batch, s.Window, s.Shards = "elman", 16, "nesterov", 0.1, 4, 1, 4
		},
	} {
		for _, documents := range []corpus.Documents{corpus.Whole, corpus.Lines} {
			c, err := corpus.New(corpus.FromBytes("verse", []byte(verse)), corpus.Options{Valid: 0.1, Documents: documents})
			if err != nil {
				t.Fatal(err)
			}
			s, err := train.Resolve(t.Context(), c, train.Choice{Change: func(s *train.Settings) {
				change(s)
				s.Budget.Steps, s.ReportEvery, s.Schedule.Warmup = 7, 3, 2
			}}, train.Options{})
			if err != nil {
				t.Fatal(name, err)
			}
			alone, err := train.Run(t.Context(), c, s, train.Options{})
			if err != nil {
				t.Fatal(name, err)
			}
			for size := 1; size <= s.Shards; size++ {
				if size > 4 && size < 7 {
					continue
				}
				folder := t.TempDir() + "/run"
				ctx, cancel := context.WithCancel(t.Context())
				if size%2 == 0 { // interrupted
					cancel()
				}
				together, err := run(t, size, c, s, train.Options{Threads: 1 + size%2, Folder: folder}, ctx)
				cancel()
				if size%2 == 0 {
					if err != train.ErrInterrupted {
						t.Fatalf("%s: %v, want an interruption", name, err)
					}
					together, err = run(t, s.Shards/size, c, s, train.Options{Folder: folder, Resume: true}, t.Context())
				}
				if err != nil {
					t.Fatalf("%s, %d ranks: %v", name, size, err)
				}
				if together.Model.Hash() != alone.Model.Hash() || together.Report.Loss != alone.Report.Loss || *together.Report.ValidLoss != *alone.Report.ValidLoss {
					t.Errorf("%s, %v, %d ranks: hash %s, loss %v, in one process %s, %v", name, documents, size, together.Model.Hash(), together.Report.Loss, alone.Model.Hash(), alone.Report.Loss)
				}
			}
		}
	}
}

// TestEveryKind has every cell, plain and in blocks, with every optimizer, and the ranks use other kernels than the process alone.
func TestEveryKind(t *testing.T) {
	defer f32.Use("auto")
	sets := f32.Kernels()
	n := 0
	for _, cell := range rnn.Cells() {
		for _, rule := range optim.Rules() {
			n++
			c, err := corpus.New(corpus.FromBytes("verse", []byte(verse)), corpus.Options{})
			if err != nil {
				t.Fatal(err)
			}
			s, err := train.Resolve(t.Context(), c, train.Choice{Change: func(s *train.Settings) {
				s.Network.Cell, s.Network.Hidden, s.Network.Layers, s.Network.Block = cell.Name, 8+n%3, 1+n%2, n%2 == 0
				s.Optimizer.Optimizer, s.Batch, s.Window, s.Shards, s.Budget.Steps, s.ReportEvery = rule.Name, 8, 10+n%7, 4, 5, 2
			}}, train.Options{})
			if err != nil {
				t.Fatal(cell.Name, rule.Name, err)
			}
			use := func(i int) {
				if err := f32.Use(sets[i%len(sets)]); err != nil {
					t.Fatal(err)
				}
			}
			use(n)
			alone, err := train.Run(t.Context(), c, s, train.Options{})
			if err != nil {
				t.Fatal(cell.Name, rule.Name, err)
			}
			for size := 2; size <= s.Shards; size++ {
				use(n + size)
				together, err := run(t, size, c, s, train.Options{Threads: 1 + size%2}, t.Context())
				if err != nil {
					t.Fatal(cell.Name, rule.Name, err)
				}
				if got, want := together.Model.Hash(), alone.Model.Hash(); got != want {
					t.Errorf("%s, %s, %d ranks with %s kernels: hash %s, in one process with %s %s", cell.Name, rule.Name, size, f32.Active(), got, sets[n%len(sets)], want)
				}
			}
		}
	}
}

// TestCourses has trainings in which more happens: epochs end in short windows, a divergence is rolled back, weights are codes, which
// are frozen. All are done by one Serve, one after another.
func TestCourses(t *testing.T) {
	codes := []string{}
	for i := range 18 {
		codes = append(codes, fmt.Sprintf("%05b", i))
	}
	diverged := 0
	count := train.Options{Diverged: func(train.Divergence) { diverged++ }}
	const size = 3
	w := newWorld(size)
	var others sync.WaitGroup
	for r := 1; r < size; r++ {
		others.Go(func() {
			if err := ranks.Serve(comm{w, r}); err != nil {
				t.Errorf("rank %d: %v", r, err)
			}
		})
	}
	for name, change := range map[string]func(s *train.Settings){
		"epochs": func(s *train.Settings) { s.Network.Hidden, s.Window, s.Budget.Epochs = 9, 23, 2 },
		"a divergence": func(s *train.Settings) {
			s.Network, s.Init.Normal, s.Window = rnn.Config{Cell: "elman", Activation: "relu", Hidden: 8, Layers: 1}, 0.2, 10
			s.Optimizer = optim.Settings{Optimizer: "sgd", LearningRate: 6}
			s.Budget.Steps, s.ReportEvery = 400, 20
		},
		"codes": func(s *train.Settings) {
			s.Network, s.Codes, s.Window, s.Budget.Steps = rnn.Config{Cell: "lstm", Hidden: 11, Layers: 1}, strings.Join(codes, " "), 9, 9
		},
	} {
		c, err := corpus.New(corpus.FromBytes("verse", []byte(verse[:1500])), corpus.Options{Closed: true})
		if err != nil {
			t.Fatal(err)
		}
		s, err := train.Resolve(t.Context(), c, train.Choice{Change: func(s *train.Settings) {
			s.Batch, s.Shards, s.ReportEvery = 4, 4, 3
			change(s)
		}}, train.Options{})
		if err != nil {
			t.Fatal(name, err)
		}
		alone, err := train.Run(t.Context(), c, s, count)
		if err != nil {
			t.Fatal(name, err)
		}
		o := count
		o.Window = func(net *rnn.Network, use rnn.WindowUse, pool *f32.Pool) (train.Window, error) {
			return ranks.New(comm{w, 0}, net, use, pool)
		}
		together, err := train.Run(t.Context(), c, s, o)
		if err != nil {
			t.Fatal(name, err)
		}
		if got, want := together.Model.Hash(), alone.Model.Hash(); got != want || together.Step != alone.Step {
			t.Errorf("%s: hash %s after %d training steps, in one process %s after %d", name, got, together.Step, want, alone.Step)
		}
	}
	ranks.End(comm{w, 0})
	others.Wait()
	if diverged == 0 || diverged%2 != 0 {
		t.Errorf("%d divergences, want as many with ranks as without, and some", diverged)
	}
}

// TestOneRankWithoutShards: there is nothing to share, and the bits would be others.
func TestOneRankWithoutShards(t *testing.T) {
	net, err := rnn.New(rnn.Config{Cell: "elman", Symbols: 5, Hidden: 4})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ranks.New(comm{newWorld(1), 0}, net, rnn.WindowUse{T: 3, B: 2}, nil); err == nil || !strings.Contains(err.Error(), "shares nothing") {
		t.Errorf("error %v", err)
	}
}

// TestMoreRanksThanShards wants an error that names the setting.
func TestMoreRanksThanShards(t *testing.T) {
	c, err := corpus.New(corpus.FromBytes("verse", []byte(verse)), corpus.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s, err := train.Resolve(t.Context(), c, train.Choice{Change: func(s *train.Settings) { s.Budget.Epochs = 1 }}, train.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := run(t, 2, c, s, train.Options{}, t.Context()); err == nil || err.Error() != "shards is 1, fewer than the 2 ranks; start fewer, or choose more" {
		t.Errorf("error %v", err)
	}
}
