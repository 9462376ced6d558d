package train

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/internal/exactjson"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/rnn"
	"github.com/seed-f4dd853e/elman/train/run"
)

// victim is a training without an end that saves after each training step, so that it spends most of its time on files.
var victim = Settings{
	Network: rnn.Config{Hidden: 8}, Batch: 2, Window: 8, ReportEvery: 1, Budget: Budget{Steps: 1 << 40}, Seed: 3,
}

func victimCorpus() (*corpus.Corpus, error) {
	return corpus.New(corpus.FromBytes("test", []byte(rhyme(20))), corpus.Options{Valid: 0.1})
}

const victimFolder = "ELMAN_TEST_VICTIM"

// TestMain runs the victim instead of the tests in a child process that is to be killed.
func TestMain(m *testing.M) {
	folder := os.Getenv(victimFolder)
	if folder == "" {
		os.Exit(m.Run())
	}
	c, err := victimCorpus()
	if err == nil {
		_, held := os.Stat(filepath.Join(folder, run.InfoName))
		_, err = runPartial(context.Background(), c, victim, Options{Folder: folder, Resume: held == nil, Sample: hashSample,
			Start: func(Start) { fmt.Println("started") }})
	}
	fmt.Fprintln(os.Stderr, "the victim ended by itself:", err)
	os.Exit(1)
}

// TestKilled kills a training with SIGKILL, 20 times (100 at full size), some milliseconds after it began or while it still
// starts, and resumes it each time. After every kill the best model is there and whole; in the end all files are those of
// an undisturbed training. What a kill meets depends on the machine; the log says how many met a file half written.
func TestKilled(t *testing.T) {
	kills := 20
	if full {
		kills = 100
	}
	whole, broken := filepath.Join(t.TempDir(), "whole"), filepath.Join(t.TempDir(), "broken")
	rng := rand.New(rand.NewPCG(11, 0))
	best, torn := int64(0), 0
	for i := range kills {
		kill(t, broken, i%5 > 0, time.Duration(rng.Int64N(int64(50*time.Millisecond))))
		best = checkBest(t, broken, best)
		if half, _ := filepath.Glob(filepath.Join(broken, ".*.tmp")); len(half) > 0 {
			torn++
		}
	}
	end := max(2, stepSaved(t, broken)) + 5
	c, err := victimCorpus()
	if err != nil {
		t.Fatal(err)
	}
	_, held := os.Stat(filepath.Join(broken, run.InfoName))
	runUntil(t, c, end, Options{Folder: broken, Resume: held == nil, Sample: hashSample})
	runUntil(t, c, end, Options{Folder: whole, Sample: hashSample})
	t.Logf("%d kills, %d of them with a file half written, within %d training steps", kills, torn, end)
	sameFolders(t, "killed", whole, broken)
	if a, b := stateHash(t, whole), stateHash(t, broken); a != b {
		t.Errorf("the last state has weights %s, undisturbed %s", b, a)
	}
}

// kill runs the victim and kills it so long after its start, or after its training has begun.
func kill(t *testing.T, folder string, begun bool, after time.Duration) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), victimFolder+"="+folder)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if begun {
		out.Read(make([]byte, 1)) // it has ended otherwise, which Wait tells
	}
	timer := time.AfterFunc(after, func() { cmd.Process.Kill() })
	defer timer.Stop()
	if cmd.Wait(); cmd.ProcessState.Exited() {
		t.Fatalf("%v: %s", cmd.ProcessState, stderr.String())
	}
}

// checkBest makes sure that the best model is at least as good as the state in the folder and the last look knew, and
// whole. It returns the training step it is of, 0 if none was ever saved.
func checkBest(t *testing.T, folder string, last int64) int64 {
	t.Helper()
	state := openState(t, folder)
	known := max(last, state.Progress.BestStep)
	m, err := model.Load(folder)
	if _, missing := os.Stat(filepath.Join(folder, model.FileName)); errors.Is(missing, os.ErrNotExist) && known == 0 {
		return 0
	}
	if err != nil {
		t.Fatalf("the best model, of step %d or later: %v", known, err)
	}
	if m.Summary.Steps < known || state.Progress.BestStep > 0 && m.Summary.ValidLoss > state.Progress.BestLoss {
		t.Fatalf("the model is of step %d with loss %v, but step %d had %v", m.Summary.Steps, m.Summary.ValidLoss, known, state.Progress.BestLoss)
	}
	return m.Summary.Steps
}

// openState returns what the state in a folder says, which must be whole if it is there.
func openState(t *testing.T, folder string) (c checkpoint) {
	t.Helper()
	state, err := run.OpenState(folder)
	if err == run.ErrNoState || errors.Is(err, os.ErrNotExist) {
		return c
	}
	if err == nil {
		defer state.Close()
		err = exactjson.Decode(state.Training, &c)
	}
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// stepSaved returns the training step of the state in a folder, 0 if there is none.
func stepSaved(t *testing.T, folder string) int64 {
	t.Helper()
	return openState(t, folder).Progress.Step
}

// stateHash returns the hash of the weights in the state of a victim's folder.
func stateHash(t *testing.T, folder string) string {
	t.Helper()
	c, err := victimCorpus()
	if err != nil {
		t.Fatal(err)
	}
	state, err := os.ReadFile(filepath.Join(folder, run.StateName))
	if err != nil {
		t.Fatal(err)
	}
	tr, err := restorer(t, folder, c, victim)(t, state)
	if err != nil {
		t.Fatal(err)
	}
	return tr.model.Hash()
}

// runUntil lets the victim run to a training step in this process.
func runUntil(t *testing.T, c *corpus.Corpus, step int64, o Options) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	o.Report = func(r Report) {
		if r.Step == step {
			cancel()
		}
	}
	if _, err := runPartial(ctx, c, victim, o); !errors.Is(err, ErrInterrupted) {
		t.Fatal(err)
	}
}
