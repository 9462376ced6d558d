package train

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/internal/f32"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/optim"
	"github.com/seed-f4dd853e/elman/rnn"
	"github.com/seed-f4dd853e/elman/train/run"
)

// rhyme makes a text with something in it to learn.
func rhyme(lines int) string {
	rng := rand.New(rand.NewPCG(3, 5))
	who := []string{"The cat", "A dog", "My old aunt", "The king"}
	does := []string{"sat on", "sang to", "forgot", "painted"}
	what := []string{"the mat", "a bat", "his hat", "the rat that spat"}
	var b strings.Builder
	for range lines {
		fmt.Fprintf(&b, "%s %s %s.\n", who[rng.IntN(4)], does[rng.IntN(4)], what[rng.IntN(4)])
	}
	return b.String()
}

func chars(t testing.TB, text string) *corpus.Corpus { return charsOf(t, text, corpus.Whole) }

func charsOf(t testing.TB, text string, documents corpus.Documents) *corpus.Corpus {
	t.Helper()
	if documents == corpus.Paragraphs {
		text = strings.ReplaceAll(text, "The king", "\nThe king")
	}
	c, err := corpus.New(corpus.FromBytes("test", []byte(text)), corpus.Options{Closed: true, Valid: 0.1, Documents: documents})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func mustRun(t testing.TB, c *corpus.Corpus, s Settings, o Options) *Result {
	t.Helper()
	r, err := runPartial(t.Context(), c, s, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// histories are short trainings, and the hash of the weights that each must end with everywhere.
var histories = []struct {
	name      string
	documents corpus.Documents
	settings  Settings
	hash      string
}{
	{"defaults", corpus.Whole, Settings{Network: rnn.Config{Hidden: 24}, Budget: Budget{Epochs: 1}}, "ce108fae2d68861846a1671c59012da4ede3676315e463eb6d48866384502c91"},
	{"notebook-rnn", corpus.Whole, Settings{
		Network: rnn.Config{Activation: "sigmoid", Hidden: 20}, Init: rnn.Init{Normal: 0.01}, Batch: 1, Window: 15, Sum: true,
		Optimizer: optim.Settings{Optimizer: "adagrad", LearningRate: 0.1}, ClipValue: 1, Budget: Budget{Steps: 300}, ReportEvery: 100}, "0b109012e8da328f11de3c3a9186520fe29a9c08ad8c57706bae7d65d7fff977"},
	{"notebook-srn", corpus.Whole, Settings{
		Network: rnn.Config{Activation: "sigmoid", Hidden: 17}, Init: rnn.Init{Normal: 0.01}, Batch: 1, Window: 1, Sum: true,
		Optimizer: optim.Settings{Optimizer: "sgd"}, Budget: Budget{Steps: 900}}, "98f7d4935ffba3b1e67e48f3efb5a4bc5c61ba1a23cedef60d9ed0f16e314c32"},
	{"two layers, clipped norm, momentum", corpus.Whole, Settings{
		Network: rnn.Config{Activation: "relu", Hidden: 33, Layers: 2}, Batch: 13, Window: 22, ClipNorm: 0.2, ReportEvery: 17,
		Optimizer: optim.Settings{Optimizer: "sgd", Momentum: 0.9}, Budget: Budget{Steps: 30}, Seed: 7}, "c02b538ac879ea9d29ffe9ce1994e3822f41f6343c91f733a159c4a01bd213a7"},
	{"lines", corpus.Lines, Settings{
		Network: rnn.Config{Cell: "elman", Hidden: 20, Layers: 2}, Batch: 5, Window: 11, Optimizer: optim.Settings{Optimizer: "adagrad"}, Budget: Budget{Epochs: 1}}, "d392b82960f8a763495b0d64f4bbd2d0ccc60783faa01730e5c9c006c2c250cb"},
	{"paragraphs", corpus.Paragraphs, Settings{
		Network: rnn.Config{Cell: "elman", Hidden: 20}, Batch: 3, Window: 40, Optimizer: optim.Settings{Optimizer: "adagrad"}, Budget: Budget{Epochs: 1}, Seed: 2}, "cbc289a724797a2857bdd514fce7df054fa7b9f519b64539d5abc35c73b559e5"},
	{"lstm, two layers", corpus.Whole, Settings{
		Network: rnn.Config{Cell: "lstm", Hidden: 17, Layers: 2}, Batch: 5, Window: 9, Optimizer: optim.Settings{Optimizer: "adagrad"}, Budget: Budget{Steps: 60}}, "b181dda77d9507c5f0b3ebbe61f86d1e2a878f07e918aaf76a0e4f0cd13a90d0"},
	{"lstm, lines, long windows", corpus.Lines, Settings{
		Network: rnn.Config{Cell: "lstm", Hidden: 19}, Batch: 9, Window: 30, Optimizer: optim.Settings{Optimizer: "adagrad"}, Budget: Budget{Steps: 15}}, "5bd99595f758876c0ce04e013133301a1ddffdb842a0151edc78fd8117bd0c36"},
	{"gru, two layers", corpus.Whole, Settings{
		Network: rnn.Config{Cell: "gru", Hidden: 17, Layers: 2}, Batch: 5, Window: 9, Optimizer: optim.Settings{Optimizer: "adagrad"}, Budget: Budget{Steps: 60}}, "2e051ae97a0fe284b69e30938a9979683829550740a32555f75d0dbb380b62f3"},
	{"gru, lines, long windows", corpus.Lines, Settings{
		Network: rnn.Config{Cell: "gru", Hidden: 19}, Batch: 9, Window: 30, Optimizer: optim.Settings{Optimizer: "adagrad"}, Budget: Budget{Steps: 15}}, "ad4dd1a0892de03be69f5079644a42657f56ad3843a2d9dbc5e2c5d605c59d4d"},
	{"mingru, lines, two layers, long windows", corpus.Lines, Settings{
		Network: rnn.Config{Cell: "mingru", Hidden: 18, Layers: 2}, Batch: 9, Window: 30, Optimizer: optim.Settings{Optimizer: "adagrad"}, Budget: Budget{Steps: 15}}, "17a30e95a031afccda6dfad51ee44eb166290ed19610d940c4f0f47e08029f62"},
	{"adam, cosine, clipped norm", corpus.Whole, Settings{
		Network: rnn.Config{Cell: "elman", Hidden: 17}, Batch: 5, Window: 21, ClipNorm: 0.5, ReportEvery: 25,
		Optimizer: optim.Settings{Optimizer: "adam", LearningRate: 0.002}, Schedule: optim.Schedule{Name: "cosine", Warmup: 10, Final: 0.1}, Budget: Budget{Steps: 50}}, "7cce7fd02b938833e1b07fc55209630fde3029b080790020fc819028aeb3ebbd"},
	{"adamw, two layers, average", corpus.Whole, Settings{
		Network: rnn.Config{Cell: "elman", Hidden: 16, Layers: 2}, Batch: 3, Window: 9, Average: 0.95, ClipValue: 0.1, ReportEvery: 40,
		Optimizer: optim.Settings{Optimizer: "adamw", LearningRate: 0.002, WeightDecay: 0.5}, Budget: Budget{Steps: 50}}, "94472857baecf83cc29b158f9a86933e1615778b93c2562b453a816f7e8a522c"},
	{"rmsprop, plateau", corpus.Whole, Settings{
		Network: rnn.Config{Cell: "elman", Hidden: 15}, Batch: 4, Window: 12, ReportEvery: 5,
		Optimizer: optim.Settings{Optimizer: "rmsprop", LearningRate: 0.05}, Schedule: optim.Schedule{Name: "plateau", Patience: 1}, Budget: Budget{Steps: 60}}, "45cf2b2359bc8bdaf2d6643ed6cc5d8b466c01957d8f847874e8f411bcf99d3f"},
	{"rmsprop, momentum, drops", corpus.Whole, Settings{
		Network: rnn.Config{Cell: "elman", Hidden: 15}, Batch: 4, Window: 12,
		Optimizer: optim.Settings{Optimizer: "rmsprop", LearningRate: 0.002, Momentum: 0.8}, Schedule: optim.Schedule{Name: "step", Every: 20}, Budget: Budget{Steps: 50}}, "5538d26bd039d0f494d477669b1ca4e085588c89401282597d20106ca4a43943"},
	{"nesterov", corpus.Whole, Settings{
		Network: rnn.Config{Activation: "relu", Hidden: 19}, Batch: 2, Window: 18, ClipNorm: 0.3,
		Optimizer: optim.Settings{Optimizer: "nesterov", LearningRate: 0.1}, Budget: Budget{Steps: 50}}, "aa97bb96c544f39a83e6b53246b3daaa60272caecaef6245b4d540205526dc83"},
	{"single steps, average of a sparse rule", corpus.Whole, Settings{
		Network: rnn.Config{Cell: "elman", Hidden: 18}, Batch: 1, Window: 1, Average: 0.99,
		Optimizer: optim.Settings{Optimizer: "sgd"}, Budget: Budget{Steps: 100}}, "ee74673a17361fa0fdc369a6fe24ce548c93cb9f6e583ecc4d9ac4232bac8789"},
	{"lstm blocks, dropout, adam", corpus.Whole, Settings{
		Network: rnn.Config{Cell: "lstm", Hidden: 17, Layers: 2, Block: true}, Batch: 5, Window: 9, Dropout: 0.1, ClipNorm: 1,
		Optimizer: optim.Settings{Optimizer: "adam"}, Budget: Budget{Steps: 20}}, "dc82ca450c07e21b4c11d89e4c1c35fbf3b4a49bb15e140fb266b761c8347c67"},
	{"gru blocks, tied, convolution, lines", corpus.Lines, Settings{
		Network: rnn.Config{Cell: "gru", Hidden: 19, Block: true, Tie: true, Conv: 4}, Batch: 9, Window: 30, Optimizer: optim.Settings{Optimizer: "adagrad"}, Budget: Budget{Steps: 6}}, "f0946ebdde13f15bcdbdaeb5d310bcfc0eb51d967175d4a0b3475b3e324851df"},
	{"two layers, embedding, convolution, dropout", corpus.Lines, Settings{
		Network: rnn.Config{Cell: "elman", Hidden: 20, Layers: 2, Embedding: 12, Conv: 3}, Batch: 5, Window: 11, Dropout: 0.25,
		Optimizer: optim.Settings{Optimizer: "adagrad"}, Budget: Budget{Epochs: 1}}, "0efc54494d32189fdfed3f7089fd6ea66b5dbbed55701b8eaa147a721f9ac5fc"},
	{"gru blocks, four shards", corpus.Lines, Settings{
		Network: rnn.Config{Cell: "gru", Hidden: 18, Block: true, Tie: true, Conv: 3}, Batch: 8, Window: 33, Dropout: 0.2, DropoutRecurrent: 0.2, ClipNorm: 1, Average: 0.9, Shards: 4,
		Optimizer: optim.Settings{Optimizer: "adamw"}, Budget: Budget{Steps: 8}}, "edb62f55f92d369241abe044ff2bc61d5b891f8844a4da0cbe5caa52c585a41c"},
	{"lstm, two shards of short windows", corpus.Whole, Settings{
		Network: rnn.Config{Cell: "lstm", Hidden: 17, Layers: 2}, Batch: 6, Window: 9, Shards: 2,
		Optimizer: optim.Settings{Optimizer: "adagrad"}, Budget: Budget{Steps: 30}}, "fd9bd4dea2d9fc3605312580d15a1cce54fd21fcf975674d4c80f267e0f7e53c"},
	{"lstm, tied, dropout, one stream", corpus.Whole, Settings{
		Network: rnn.Config{Cell: "lstm", Hidden: 16, Embedding: 16, Tie: true}, Batch: 1, Window: 12, Dropout: 0.25,
		Optimizer: optim.Settings{Optimizer: "adagrad"}, Budget: Budget{Steps: 100}}, "d0018ecf42e24df5c7f88824ab28c9e76167a026423f8f2771bdc47295d2e391"},
	{"lstm, lines, dropout of the recurrence, fixed masks", corpus.Lines, Settings{
		Network: rnn.Config{Cell: "lstm", Hidden: 17, Layers: 2}, Batch: 5, Window: 9, Dropout: 0.1, DropoutVariational: true, DropoutRecurrent: 0.2,
		Optimizer: optim.Settings{Optimizer: "adagrad"}, Budget: Budget{Steps: 40}}, "1b2508026a892157420b8ce8074e0581fd1d3f70ab80c75b33a8f2aabfaa7ae4"},
	{"gru blocks, dropout of the recurrence, long windows", corpus.Whole, Settings{
		Network: rnn.Config{Cell: "gru", Hidden: 18, Block: true}, Batch: 9, Window: 30, DropoutRecurrent: 0.3,
		Optimizer: optim.Settings{Optimizer: "adam"}, Budget: Budget{Steps: 6}}, "81b9fc101d32fdcb81dc30ef81e6abb1f920025bb28d4b30ba842a6329e1290a"},
	{"lstm, lines, learned initial state", corpus.Lines, Settings{
		Network: rnn.Config{Cell: "lstm", Hidden: 17, Layers: 2, LearnInitial: true}, Batch: 5, Window: 11, Budget: Budget{Steps: 40}}, "0a64a0333b0598228cde099db96c67439e4367d00ab00d1ccbd0a0dcf13da9a0"},
	{"gru, tied, learned initial state, dropout of the recurrence, long windows", corpus.Whole, Settings{
		Network: rnn.Config{Cell: "gru", Hidden: 18, Embedding: 18, Tie: true, LearnInitial: true}, Batch: 9, Window: 30, DropoutRecurrent: 0.3,
		Optimizer: optim.Settings{Optimizer: "adagrad"}, Budget: Budget{Steps: 15}}, "beba84c419d1f97548209d63b99702aaeb6b82ff9dcaaaa755ede44f75d51fd5"},
	{"lstm, layer norm", corpus.Whole, Settings{
		Network: rnn.Config{Cell: "lstm", Hidden: 17, Layers: 2, LayerNorm: true}, Batch: 5, Window: 9, Budget: Budget{Steps: 40}}, "12866da477f42c14e2b923c07a92b8b14fa13f878487bac0cbf7e933e34e1395"},
	{"gru blocks, layer norm, lines, long windows", corpus.Lines, Settings{
		Network: rnn.Config{Cell: "gru", Hidden: 18, Block: true, LayerNorm: true}, Batch: 9, Window: 30,
		Optimizer: optim.Settings{Optimizer: "adagrad"}, Budget: Budget{Steps: 6}}, "3146c6df68cf94155e4f5854e8f1abd65b182aac00e32edf32d69b6aaa31621e"},
	{"elman, layer norm, all options of cells", corpus.Lines, Settings{
		Network: rnn.Config{Cell: "elman", Hidden: 19, Layers: 2, LayerNorm: true, LearnInitial: true}, Batch: 4, Window: 12, ClipNorm: 1,
		DropoutRecurrent: 0.2, Optimizer: optim.Settings{Optimizer: "adamw"}, Budget: Budget{Steps: 30}}, "72c62d5262a25581744a7344d3f6d5337b316757323dd6e4cda770b0158ae25d"},
	{"gru, lines, a teacher", corpus.Lines, Settings{
		Network: rnn.Config{Cell: "gru", Hidden: 18, Layers: 2}, Batch: 5, Window: 22, Dropout: 0.2, ClipNorm: 1, Average: 0.9, TeacherShare: 0.3, Teacher: smallTeacher,
		Optimizer: optim.Settings{Optimizer: "adamw"}, Budget: Budget{Steps: 40}}, "fb13424cd0a62d91caa9fe3eefddaa77325dce6675209e587cf0c46095ce4d06"},
	{"codes, single steps", corpus.Whole, Settings{
		Network: rnn.Config{Activation: "sigmoid", Hidden: 20}, Init: rnn.Init{Uniform: 0.5}, Codes: rhymeCodes, Batch: 1, Window: 1, Sum: true,
		Optimizer: optim.Settings{Optimizer: "sgd"}, Budget: Budget{Steps: 900}}, "b6ec79c5543ed86642d7ba84b2e90b988e6fee4ab2c7384f683205f6dae00d60"},
	{"codes, lstm, lines, average", corpus.Lines, Settings{
		Network: rnn.Config{Cell: "lstm", Hidden: 17, Layers: 2}, Codes: rhymeCodes, Batch: 5, Window: 9, Average: 0.9, Budget: Budget{Steps: 40}}, "b4aa48d5a0411a465e54bed9a8ad872bc14420db619c20dd350bbbe34796aaae"},
}

// rhymeCodes are the numbers of rhyme's symbols in binary.
var rhymeCodes = func() string {
	var codes []string
	for i := range 26 {
		codes = append(codes, fmt.Sprintf("%05b", i))
	}
	return strings.Join(codes, " ")
}()

// full says whether tests take their full size, which shows little more and takes minutes.
var full = os.Getenv("ELMAN_TEST_FULL") != ""

// TestSameBits trains with 1 and 7 workers on the fastest kernel set, and with 2 on the others: how work is shared out and
// how it is computed do not know of each other. At full size all go with all, and -short has one of each. Since the
// hashes stand here, it also compares processors and compilers: run it on another machine, or with GOAMD64=v3. A kernel set
// named in ELMAN_EXPECT_KERNELS must be among those that run.
func TestSameBits(t *testing.T) {
	defer f32.Use("auto")
	for _, set := range strings.FieldsFunc(os.Getenv("ELMAN_EXPECT_KERNELS"), func(r rune) bool { return r == ',' }) {
		if !slices.Contains(f32.Kernels(), set) {
			t.Errorf("kernel set %s is expected here, but this processor or build runs %v", set, f32.Kernels())
		}
	}
	for _, tt := range histories {
		c := charsOf(t, rhyme(150), tt.documents)
		for i, set := range f32.Kernels() {
			if i > 0 && testing.Short() {
				break
			}
			if err := f32.Use(set); err != nil {
				t.Fatal(err)
			}
			workers := []int{1, 2, 7}
			switch {
			case testing.Short() || i > 0 && !full:
				workers = []int{2}
			case !full && len(f32.Kernels()) > 1:
				workers = []int{1, 7}
			}
			for _, threads := range workers {
				if got := mustRun(t, c, tt.settings, Options{Threads: threads}).Model.Hash(); got != tt.hash {
					t.Errorf("%s, %s kernels, %d workers: hash %s, want %s", tt.name, set, threads, got, tt.hash)
				}
			}
		}
	}
}

// TestLearns makes sure that what is reproducible is also any good.
func TestLearns(t *testing.T) {
	var reports []Report
	c := chars(t, rhyme(1500))
	r := mustRun(t, c, Settings{Network: rnn.Config{Hidden: 48}, ReportEvery: 50, Budget: Budget{Epochs: 12}}, Options{
		Threads: 2, Report: func(r Report) { reports = append(reports, r) },
	})
	// Each of the three choices of a line of 27.5 characters costs log 4 = 1.386 nats, which makes 0.151 nats a character.
	if loss := *r.Report.ValidLoss; loss < 0.14 || loss > 0.18 {
		t.Errorf("validation loss %v after %d training steps, want nearly 0.151", loss, r.Report.Step)
	}
	streams, err := c.Train().Streams(16)
	if err != nil {
		t.Fatal(err)
	}
	windows := (streams.Length() + 31) / 32
	if r.Report.Step != 12*windows || r.Report.Symbols != 12*16*streams.Length() || r.Report.Epoch != 12 || !r.Report.EpochEnd {
		t.Errorf("12 epochs of %d windows end with %+v", windows, r.Report)
	}
	for i, r := range reports[:len(reports)-1] {
		if r.Step != int64(i+1)*50 {
			t.Errorf("report %d is of step %d", i, r.Step)
		}
	}
}

// TestReportLoss checks that a report's loss is the mean over exactly the symbols since the last one, at a rate of learning
// so low that the loss of a symbol stays what it is.
func TestReportLoss(t *testing.T) {
	c := chars(t, rhyme(40))
	s := Settings{Network: rnn.Config{Hidden: 8}, Optimizer: optim.Settings{Optimizer: "sgd", LearningRate: 1e-12},
		Batch: 2, Window: 10, ReportEvery: 7, Budget: Budget{Epochs: 2}}
	var got []Report
	r := mustRun(t, c, s, Options{Report: func(r Report) { got = append(got, r) }})
	streams, err := c.Train().Streams(2)
	if err != nil {
		t.Fatal(err)
	}
	w := r.Model.Network.NewWindow(10, 2, nil)
	x, y := make([]int32, 20), make([]int32, 20)
	sum, n := 0.0, 0
	for step := int64(1); len(got) > 0; step++ {
		steps, err := streams.Next(x, y)
		if steps == 0 {
			streams.SetPosition(0)
			w.Reset()
			steps, err = streams.Next(x, y)
		}
		if err != nil {
			t.Fatal(err)
		}
		sum += w.Loss(x[:2*steps], y[:2*steps])
		n += 2 * steps
		if step == got[0].Step {
			if want := sum / float64(n); got[0].Loss < want*(1-1e-5) || got[0].Loss > want*(1+1e-5) {
				t.Errorf("step %d: loss %v, want %v", step, got[0].Loss, want)
			}
			got, sum, n = got[1:], 0, 0
		}
	}
}

// TestInterrupted stops runs after random training steps and goes on with other numbers of workers: everything in the
// folder must end as if nothing had happened.
func TestInterrupted(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for _, tt := range histories {
		c := charsOf(t, rhyme(150), tt.documents)
		whole, broken := filepath.Join(t.TempDir(), "whole"), filepath.Join(t.TempDir(), "broken")
		s := tt.settings
		s.ReportEvery = 30
		want := mustRun(t, c, s, Options{Folder: whole, Sample: hashSample})
		for resume := false; ; resume = true {
			// Enough to get through a validation, which asks for each window.
			ctx := &fewChecks{Context: t.Context(), left: 15 + rng.IntN(int(want.Report.Step)/3)}
			got, err := runPartial(ctx, c, s, Options{Folder: broken, Resume: resume, Threads: 1 + rng.IntN(3), Sample: hashSample})
			if errors.Is(err, ErrInterrupted) {
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			if !resume {
				t.Fatalf("%s: never interrupted", tt.name)
			}
			if got.Model.Hash() != want.Model.Hash() {
				t.Errorf("%s: hash %s, undisturbed %s", tt.name, got.Model.Hash(), want.Model.Hash())
			}
			break
		}
		sameFolders(t, tt.name, whole, broken)
	}
}

// hashSample makes the samples of two runs differ if anything does.
func hashSample(m *model.Model) (string, error) { return m.Hash(), nil }

// fewChecks is a context that is cancelled when it was asked often enough.
type fewChecks struct {
	context.Context
	left int
}

func (c *fewChecks) Err() error {
	if c.left--; c.left < 0 {
		return context.Canceled
	}
	return nil
}

// sameFolders compares two run folders, times left out.
func sameFolders(t *testing.T, name, a, b string) {
	t.Helper()
	for _, file := range []string{model.FileName, run.LastName, run.InfoName, run.MetricsName, run.SamplesName} {
		left, right := readTimeless(t, a, file), readTimeless(t, b, file)
		if !bytes.Equal(left, right) {
			t.Errorf("%s: %s differs:\n%.600s\nundisturbed:\n%.600s", name, file, right, left)
		}
	}
}

func readTimeless(t *testing.T, folder, file string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(folder, file))
	if err != nil && (file != run.LastName || !errors.Is(err, os.ErrNotExist)) { // which a run without end has not
		t.Fatal(err)
	}
	if file != run.MetricsName {
		return b
	}
	var out []byte
	for line := range bytes.Lines(b) {
		var m map[string]any
		if err := json.Unmarshal(line, &m); err != nil {
			t.Fatalf("%s: %q: %v", file, line, err)
		}
		delete(m, "seconds")
		delete(m, "symbols_per_second")
		line, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		out = append(append(out, line...), '\n')
	}
	return out
}

// TestStepAllocatesNothing counts over whole training steps, streams and update included.
func TestStepAllocatesNothing(t *testing.T) {
	for _, tt := range histories {
		c := charsOf(t, rhyme(400), tt.documents)
		s, err := Defaults(FactsOf(c), with(tt.settings))
		if err != nil {
			t.Fatal(err)
		}
		pool := f32.NewPool(2)
		defer pool.Close()
		tr, err := newTrainer(c, s, Options{}, pool)
		if err != nil {
			t.Fatal(err)
		}
		step := func() {
			n, err := tr.streams.Next(tr.x, tr.y)
			if n == 0 {
				if err := tr.streams.SetPosition(0); err != nil {
					t.Fatal(err)
				}
				n, err = tr.streams.Next(tr.x, tr.y)
			}
			if err != nil {
				t.Fatal(err)
			}
			if err := tr.step(n*s.Batch, false); err != nil {
				t.Fatal(err)
			}
		}
		step()
		if n := testing.AllocsPerRun(50, step); n != 0 {
			t.Errorf("%s: a training step allocates %v times", tt.name, n)
		}
	}
}

// Small training steps are not worth a second worker, large ones as many as there are.
func TestWorkers(t *testing.T) {
	small, err := FindRecipe("notebook-rnn")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		change     func(*Settings)
		most, want int
	}{
		{small.Change, 8, 1}, {nil, 8, 8}, {nil, 1, 1}, {func(s *Settings) { s.Network.Hidden, s.Batch, s.Window = 512, 1, 15 }, 2, 2},
	} {
		s, err := Defaults(Facts{Symbols: 65, Length: 1e6}, tt.change)
		if err != nil {
			t.Fatal(err)
		}
		if got := s.Workers(tt.most); got != tt.want {
			t.Errorf("H=%d B=%d T=%d: %d workers of %d, want %d", s.Network.Hidden, s.Batch, s.Window, got, tt.most, tt.want)
		}
	}
}
