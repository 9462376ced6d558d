package train

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/optim"
	"github.com/seed-f4dd853e/elman/rnn"
	"github.com/seed-f4dd853e/elman/train/run"
)

// continued reads a text with the symbols of a model.
func continued(t testing.TB, text string, m *model.Model, o corpus.Options) *corpus.Corpus {
	t.Helper()
	o.Keep, o.Documents = m.Alphabet, m.Documents
	c, err := corpus.New(corpus.FromBytes("test", []byte(text)), o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestBeginsWithModel: of every kind of network each weight is the model's, and those of new symbols are a new network's.
func TestBeginsWithModel(t *testing.T) {
	t.Parallel()
	for _, n := range []rnn.Config{
		{Cell: "elman", Hidden: 5},
		{Cell: "lstm", Hidden: 6, Layers: 2, Embedding: 4, LearnInitial: true, LayerNorm: true},
		{Cell: "gru", Hidden: 6, Embedding: 6, Tie: true, Conv: 3},
		{Cell: "mingru", Hidden: 8, Layers: 2, Block: true},
	} {
		for _, open := range []bool{true, false} {
			c, err := corpus.New(corpus.FromBytes("test", []byte(rhyme(60))), corpus.Options{Closed: !open, Documents: corpus.Lines})
			if err != nil {
				t.Fatal(err)
			}
			m := mustRun(t, c, Settings{Network: n, Batch: 2, Window: 9, Budget: Budget{Steps: 3}}, Options{}).Model
			more := continued(t, rhyme(20)+"Zoë, écoute!\n", m, corpus.Options{})
			s, err := partial(Settings{Batch: 2, Window: 9, Seed: 7}).beginning(Options{Init: m}).Settings(FactsOf(more))
			if err != nil {
				t.Fatal(err)
			}
			net, fresh := newNet(t, s.Network), newNet(t, s.Network)
			if err := s.begin(net, more.Alphabet, m); err != nil {
				t.Fatal(err)
			}
			s.start(fresh)
			old, V := m.Network.Params(), more.Alphabet.Size()
			if V == m.Alphabet.Size() {
				t.Fatal("no symbol is new")
			}
			for i, p := range net.Params() {
				if len(p.Value) == len(old[i].Value) {
					if !slices.Equal(p.Value, old[i].Value) {
						t.Errorf("%s of %s differs from the model's", p.Name, n.Cell)
					}
					continue
				}
				width := len(p.Value) / V
				for id := range V {
					want := fresh.Params()[i].Value[id*width:][:width]
					for before := range m.Alphabet.Size() {
						if m.Alphabet.Symbol(int32(before)) == more.Alphabet.Symbol(int32(id)) {
							want = old[i].Value[before*width:][:width]
						}
					}
					if got := p.Value[id*width:][:width]; !slices.Equal(got, want) {
						t.Errorf("%s of %s: symbol %q begins with %v, want %v", p.Name, n.Cell, more.Alphabet.Symbol(int32(id)), got, want)
					}
				}
			}
		}
	}
}

func newNet(t *testing.T, c rnn.Config) *rnn.Network {
	t.Helper()
	net, err := rnn.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return net
}

// TestBeginsWithOtherKinds: alphabets of words grow as those of characters do, those of subwords stay.
func TestBeginsWithOtherKinds(t *testing.T) {
	t.Parallel()
	for _, o := range []corpus.Options{{Kind: corpus.Words, Lowercase: true}, {Kind: corpus.Subwords, AlphabetSize: 270}, {Kind: corpus.Bytes}} {
		c, err := corpus.New(corpus.FromBytes("test", []byte(rhyme(60))), o)
		if err != nil {
			t.Fatal(err)
		}
		s := Settings{Network: rnn.Config{Cell: "gru", Hidden: 5, Embedding: 5}, Batch: 1, Window: 9, Budget: Budget{Steps: 3}}
		m := mustRun(t, c, s, Options{}).Model
		more := continued(t, strings.Repeat("The Zebra forgot the cat.\n", 9), m, corpus.Options{TestText: corpus.FromBytes("test", []byte("A zebra!"))})
		if grows := more.Alphabet.Size() > m.Alphabet.Size(); grows == (o.Kind == corpus.Subwords) || more.Alphabet.Lowercase() != o.Lowercase {
			t.Errorf("%s: from %v to %v", o.Kind, m.Alphabet, more.Alphabet)
		}
		r := mustRun(t, more, Settings{Batch: 1, Window: 9, Budget: Budget{Steps: 3}}, Options{Init: m})
		if r.Tested.Chars != 8 {
			t.Errorf("%s: tested %+v", o.Kind, r.Tested)
		}
	}
}

// TestBeginsExactly: with no new symbols the model begins as it was.
func TestBeginsExactly(t *testing.T) {
	t.Parallel()
	c := chars(t, rhyme(100))
	m := mustRun(t, c, Settings{Network: rnn.Config{Hidden: 8}, Batch: 2, Window: 9, Budget: Budget{Steps: 30}}, Options{}).Model
	folder := filepath.Join(t.TempDir(), "run")
	other := continued(t, rhyme(30), m, corpus.Options{})
	mustRun(t, other, Settings{Batch: 2, Window: 9, Budget: Budget{Steps: 3}}, Options{Init: m, InitName: "old", Folder: folder})
	start, err := model.Load(filepath.Join(folder, run.StartName))
	if err != nil || start.Hash() != m.Hash() || !start.Alphabet.Equal(m.Alphabet) || start.Summary != m.Summary {
		t.Errorf("hash %s, the model's is %s; %+v, error %v", start.Hash(), m.Hash(), start.Summary, err)
	}
}

// TestInterruptedWithOtherFiles stops runs that begin with a model, validate and test on texts of their own, keep models and
// train an average. They go on without the model's file, and all files end as if nothing had happened.
func TestInterruptedWithOtherFiles(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(4, 4))
	first := mustRun(t, chars(t, rhyme(50)), Settings{Network: rnn.Config{Cell: "gru", Hidden: 9}, Batch: 3, Window: 9, Budget: Budget{Steps: 20}}, Options{}).Model
	others := corpus.Options{ValidText: corpus.FromBytes("valid", []byte(rhyme(12))), TestText: corpus.FromBytes("test", []byte(rhyme(7)))}
	c := continued(t, rhyme(100)+"new: 1234\n", first, others)
	s := Settings{Batch: 3, Window: 9, Average: 0.9, Budget: Budget{Steps: 70}, ReportEvery: 20,
		Optimizer: optim.Settings{Optimizer: "adam", LearningRate: 0.01}}
	o := Options{Init: first, InitName: "first", ValidName: "v", TestName: "t", KeepAt: []int64{1, 27, 28, 1000, 1 << 40}, Sample: hashSample}
	whole, broken := filepath.Join(t.TempDir(), "whole"), filepath.Join(t.TempDir(), "broken")
	o.Folder = whole
	want := mustRun(t, c, s, o)
	o.Folder = broken
	calls := 0
	for ; ; calls++ {
		o.Resume = calls > 0
		if o.Resume {
			o.Init, o.KeepAt = nil, nil
			var err error
			if o.Init, err = StartModel(o); err != nil {
				t.Fatal(err)
			}
		}
		o.Threads = 1 + rng.IntN(3)
		ctx := &fewChecks{Context: t.Context(), left: 8 + rng.IntN(20)}
		got, err := runPartial(ctx, c, s, o)
		if errors.Is(err, ErrInterrupted) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if got.Model.Hash() != want.Model.Hash() || got.Tested != want.Tested || got.Tested == (run.Tested{}) {
			t.Errorf("hash %s, test %+v, undisturbed %s, %+v", got.Model.Hash(), got.Tested, want.Model.Hash(), want.Tested)
		}
		break
	}
	if calls == 0 {
		t.Error("never interrupted")
	}
	sameFolders(t, "interrupted", whole, broken)
	for _, file := range []string{run.StartName, "at-1.safetensors", "at-27.safetensors", "at-28.safetensors", "at-1k.safetensors"} {
		left, err := os.ReadFile(filepath.Join(whole, file))
		right, err2 := os.ReadFile(filepath.Join(broken, file))
		if err != nil || err2 != nil || !bytes.Equal(left, right) {
			t.Errorf("%s differs: %v, %v", file, err, err2)
		}
	}
	if _, err := os.Stat(filepath.Join(whole, run.KeptName(1<<40))); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a model beyond the end: %v", err)
	}
}

// TestOtherFilesErrors names what does not go together.
func TestOtherFilesErrors(t *testing.T) {
	t.Parallel()
	m := mustRun(t, chars(t, rhyme(50)), Settings{Network: rnn.Config{Hidden: 8}, Batch: 2, Window: 10, Budget: Budget{Steps: 2}}, Options{}).Model
	rounded, err := m.Round(rnn.Int8)
	if err != nil {
		t.Fatal(err)
	}
	s := Settings{Batch: 2, Window: 10, Budget: Budget{Steps: 2}}
	folder := filepath.Join(t.TempDir(), "run")
	c := continued(t, rhyme(30), m, corpus.Options{})
	mustRun(t, c, s, Options{Folder: folder, Init: m, InitName: "m", KeepAt: []int64{20}})
	another := mustRun(t, chars(t, rhyme(51)), Settings{Network: rnn.Config{Hidden: 8}, Batch: 2, Window: 10, Budget: Budget{Steps: 2}, Seed: 3}, Options{}).Model
	plain := filepath.Join(t.TempDir(), "plain")
	mustRun(t, chars(t, rhyme(50)), s, Options{Folder: plain})
	start := func(o Options) error { _, err := StartModel(o); return err }
	whole := func(c *corpus.Corpus, s Settings, o Options) error {
		_, err := runPartial(t.Context(), c, s, o)
		return err
	}
	for _, tt := range []struct {
		name, want string
		err        error
	}{
		{"rounded weights", "init_from: the model's weights are rounded to int8 and cannot learn; give the model that it was made from", whole(c, s, Options{Init: rounded})},
		{"another size", "hidden is 9, but the model of init_from has 8; its network cannot change", whole(c, Settings{Network: rnn.Config{Hidden: 9}, Batch: 2, Window: 10}, Options{Init: m})},
		{"symbols lost", "lacks symbols of the model's", whole(chars(t, "ab ab ab ab ab ab ab ab ab ab ab ab ab ab"), s, Options{Init: m})},
		{"another model", `the run begins with the model "m" with hash`, start(Options{Init: another, InitName: "n", Folder: folder, Resume: true})},
		{"a model, and the run began without", "the run begins with a new network, not the model", start(Options{Init: another, InitName: "n", Folder: plain, Resume: true})},
		{"without the model", `the run begins with the model "m" with hash`, whole(c, s, Options{Folder: folder, Resume: true})},
		{"no folder to keep in", "keep_at needs a run folder for the models (out)", whole(c, s, Options{Init: m, KeepAt: []int64{20}})},
		{"no number", "keep_at is 0, must be at least 1 symbol", whole(c, s, Options{Init: m, KeepAt: []int64{0}, Folder: folder})},
		{"falling", "keep_at has 20 after 20, must rise", whole(c, s, Options{Init: m, KeepAt: []int64{20, 20}, Folder: folder})},
		{"passed", "keep_at has 40, but the run has read 40 symbols already", whole(c, s, Options{Init: m, KeepAt: []int64{20, 40}, Folder: folder, Resume: true})},
	} {
		if tt.err == nil || !strings.Contains(tt.err.Error(), tt.want) {
			t.Errorf("%s: error %v, want %s", tt.name, tt.err, tt.want)
		}
	}
	for name, breaks := range map[string]func(path string) error{
		"is missing": os.Remove,
		"of another": func(path string) error { return another.Save(path) },
	} {
		if err := breaks(filepath.Join(folder, run.StartName)); err != nil {
			t.Fatal(err)
		}
		if err := start(Options{Folder: folder, Resume: true}); err == nil || !strings.Contains(err.Error(), run.StartName) {
			t.Errorf("the start %s: error %v", name, err)
		}
	}
}
