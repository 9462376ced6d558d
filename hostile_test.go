package elman_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/seed-f4dd853e/elman"
	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/generate"
	"github.com/seed-f4dd853e/elman/score"
	"github.com/seed-f4dd853e/elman/train"
)

// oneLine fails unless err is an error of one line with this text in it.
func oneLine(t *testing.T, what string, err error, want string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") || len(err.Error()) > 500 {
		t.Errorf("%s: error %.600v, want one line with %q", what, err, want)
	}
}

// An oddReader is a file that goes wrong: reading beyond at fails, ends, or stops short without an error; from the second
// reading of a byte on it is flipped.
type oddReader struct {
	file  []byte
	at    int64
	err   error
	short bool

	flip int64 // a byte that changes after its first reading, -1 for none
	seen bool
}

func (r *oddReader) ReadAt(p []byte, offset int64) (int, error) {
	if offset >= int64(len(r.file)) {
		return 0, io.EOF
	}
	n := copy(p, r.file[offset:])
	if end := offset + int64(n); r.flip >= offset && r.flip < end {
		if r.seen {
			p[r.flip-offset] ^= 0x20
		}
		r.seen = true
	}
	if end := offset + int64(n); r.at >= 0 && end > r.at {
		n = int(max(0, r.at-offset))
		if r.short {
			return n, nil
		}
		return n, r.err
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// TestReadFromOddReaders: whatever a reader does, Read fails in one line, or returns the model that was written.
func TestReadFromOddReaders(t *testing.T) {
	t.Parallel()
	m := drawn(t, corpus.Options{})
	var file bytes.Buffer
	if err := m.Write(&file); err != nil {
		t.Fatal(err)
	}
	b := file.Bytes()
	size := int64(len(b))
	broken := errors.New("the disk is broken")
	for at := int64(0); at < size; at += 1 + size/97 {
		_, err := elman.Read(&oddReader{file: b, at: at, err: broken, flip: -1}, size)
		if oneLine(t, fmt.Sprint("an error at ", at), err, "the disk is broken"); !errors.Is(err, broken) {
			t.Errorf("%v does not wrap the reader's", err)
		}
		_, err = elman.Read(&oddReader{file: b, at: at, err: io.EOF, flip: -1}, size)
		oneLine(t, fmt.Sprint("an end at ", at), err, "the file ended while it was read")
		_, err = elman.Read(&oddReader{file: b, at: at, short: true, flip: -1}, size)
		oneLine(t, fmt.Sprint("a short reading at ", at), err, "the file ended while it was read")
		_, err = elman.Read(bytes.NewReader(b[:at]), size)
		oneLine(t, fmt.Sprint("a file cut at ", at), err, "")
		_, err = elman.Read(bytes.NewReader(b), at)
		oneLine(t, fmt.Sprint("a size of ", at), err, "")
		got, err := elman.Read(&oddReader{file: b, at: -1, flip: at}, size)
		if err == nil && got.Hash() != m.Hash() {
			t.Errorf("byte %d changes after its first reading: another model", at)
		}
	}
	for _, wrong := range []int64{-1, math.MinInt64, 0, 7, size + 1, math.MaxInt64} {
		_, err := elman.Read(bytes.NewReader(b), wrong)
		oneLine(t, fmt.Sprint("a size of ", wrong), err, "")
	}
}

// TestLoadOddPaths: an error names the path.
func TestLoadOddPaths(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	link := filepath.Join(dir, "link")
	if err := os.Symlink(link, link); err != nil {
		t.Skip(err)
	}
	empty := filepath.Join(dir, "empty")
	if err := os.WriteFile(empty, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"", dir, link, empty, empty + "/below", "a\x00b", strings.Repeat("long", 100), os.DevNull} {
		_, err := elman.Load(path)
		oneLine(t, fmt.Sprintf("%.20q", path), err, "model "+path)
	}
}

// TestAfterErrors: options out of range, odd texts, cancelled contexts and errors of emit are errors that say what is wrong,
// and leave nothing behind: many goroutines that fail beside many that do not.
func TestAfterErrors(t *testing.T) {
	t.Parallel()
	for _, o := range []corpus.Options{{Closed: true, Documents: corpus.Lines}, {Kind: corpus.Words}, {Kind: corpus.Bytes}} {
		m := drawn(t, o)
		good := func() string {
			text := "red\nblue green\n"
			sum, err1 := m.Score(t.Context(), text[:8])
			each, err2 := m.ScoreEach(t.Context(), []string{"red\n", "", "blue\n"})
			next, err3 := m.Next(t.Context(), "gre")
			g := generate.Defaults()
			g.Length, g.Count, g.Threads, g.Prompt = 12, 3, 2, "bl"
			texts, err4 := m.Generate(t.Context(), g)
			return fmt.Sprintf("%v %v %v %q %v", sum, each, next.P, texts, errors.Join(err1, err2, err3, err4))
		}
		want := good()
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() { failAll(t, m) })
			all.Go(func() {
				for range 5 {
					if got := good(); got != want {
						t.Errorf("beside errors: %s\nwant %s", got, want)
					}
				}
			})
		}
		all.Wait()
		if got := good(); got != want {
			t.Errorf("after errors: %s\nwant %s", got, want)
		}
	}
}

// failAll makes all methods of a model fail.
func failAll(t *testing.T, m *elman.Model) {
	cause := errors.New("that is enough")
	over, cancel := context.WithCancel(t.Context())
	cancel()
	long := strings.Repeat("red\nblue\n", 100)
	_, err := m.Score(over, long)
	wantIs(t, "Score", err, context.Canceled)
	_, err = m.ScoreEach(over, []string{long, "red"})
	wantIs(t, "ScoreEach", err, context.Canceled)
	_, err = m.Next(over, long)
	wantIs(t, "Next", err, context.Canceled)
	o := generate.Defaults()
	_, err = m.Generate(over, o)
	wantIs(t, "Generate", err, context.Canceled)
	s := m.Session()
	wantIs(t, "Session.Read", s.Read(over, long), context.Canceled)
	_, err = s.Sum(over)
	wantIs(t, "Session.Sum", err, context.Canceled)
	_, err = s.Next(over)
	wantIs(t, "Session.Next", err, context.Canceled)
	_, err = s.Generate(over, o)
	wantIs(t, "Session.Generate", err, context.Canceled)

	o.Count, o.Threads, o.Length = 5, 3, 20
	pieces := 0
	wantIs(t, "Stream", m.Stream(t.Context(), o, func(generate.Piece) error {
		if pieces++; pieces == 7 {
			return cause
		}
		return nil
	}), cause)
	during, stop := context.WithCancelCause(t.Context())
	pieces = 0
	wantIs(t, "Stream, cancelled", m.Stream(during, o, func(generate.Piece) error {
		if pieces++; pieces == 7 {
			stop(cause)
		}
		return nil
	}), cause)
	stop(nil)

	for want, change := range map[string]func(*generate.Options){
		"length is 0":         func(o *generate.Options) { o.Length = 0 },
		"temperature is -1":   func(o *generate.Options) { o.Temperature = -1 },
		"temperature is NaN":  func(o *generate.Options) { o.Temperature = math.NaN() },
		"temperature is +Inf": func(o *generate.Options) { o.Temperature = math.Inf(1) },
		"top_k is -1":         func(o *generate.Options) { o.TopK = -1 },
		"top_p is 0":          func(o *generate.Options) { o.TopP = 0 },
		"top_p is NaN":        func(o *generate.Options) { o.TopP = math.NaN() },
		"top_p is 1.5":        func(o *generate.Options) { o.TopP = 1.5 },
		"count is -5":         func(o *generate.Options) { o.Count = -5 },
		"threads is 0":        func(o *generate.Options) { o.Threads = 0 },
	} {
		bad := o
		change(&bad)
		_, err := m.Generate(t.Context(), bad)
		oneLine(t, want, err, want)
	}
	if m.Alphabet.Escape() >= 0 || m.Alphabet.Kind() == corpus.Bytes {
		return // it reads anything
	}
	bad := "red\nbl\xff\xfe"
	_, err = m.Score(t.Context(), bad)
	oneLine(t, "Score", err, `"\xff" (at byte 6)`)
	_, err = m.ScoreEach(t.Context(), []string{"red", bad})
	if text := (*score.TextError)(nil); !errors.As(err, &text) || text.Text != 1 {
		t.Errorf("ScoreEach: error %v, want one of text 1", err)
	}
	_, err = m.Next(t.Context(), bad+"r")
	oneLine(t, "Next", err, `"\xff" (at byte 6)`)
	o.Prompt = bad
	_, err = m.Generate(t.Context(), o)
	oneLine(t, "Generate", err, "prompt: ")
	o.Prompt, o.Stops = "", []string{"\xff"}
	_, err = m.Generate(t.Context(), o)
	oneLine(t, "Generate", err, "stop")
}

// TestExtremeOptions: options at the ends of their ranges draw symbols of the alphabet; the lowest temperatures draw what 0 does.
func TestExtremeOptions(t *testing.T) {
	t.Parallel()
	m := drawn(t, corpus.Options{})
	o := generate.Defaults()
	o.Length, o.Temperature = 30, 0
	likeliest, err := m.Generate(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	for _, temperature := range []float64{math.SmallestNonzeroFloat64, 1e-45, 1e-38, 1e-9} {
		o.Temperature = temperature
		if got, err := m.Generate(t.Context(), o); err != nil || got[0] != likeliest[0] {
			t.Errorf("temperature %v: %q, %v; want %q", temperature, got, err, likeliest)
		}
	}
	o.Temperature, o.TopK, o.TopP = math.MaxFloat32, math.MaxInt, math.SmallestNonzeroFloat64
	if got, err := m.Generate(t.Context(), o); err != nil || len(got[0]) != 30 {
		t.Errorf("%q, %v", got, err)
	}
	enough := errors.New("enough")
	o = generate.Defaults()
	o.Count, o.Length, o.Threads, o.Stops = math.MaxInt, math.MaxInt, 2, []string{strings.Repeat("red\n", 1000)}
	pieces := 0
	wantIs(t, "without end", m.Stream(t.Context(), o, func(generate.Piece) error {
		if pieces++; pieces > 5 {
			return enough
		}
		return nil
	}), enough)
}

func wantIs(t *testing.T, what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: error %v, want %v", what, err, want)
	}
}

// TestTrainOddConfigs: a Config of nothing, or of nonsense, is an error that says so.
func TestTrainOddConfigs(t *testing.T) {
	t.Parallel()
	settings := func(change func(*train.Settings)) elman.Config { return elman.Config{Change: change} }
	for _, tt := range []struct {
		text string
		c    elman.Config
		want string
	}{
		{"", elman.Config{}, "empty"},
		{"a", elman.Config{}, "too few"},
		{"red\xffblue", elman.Config{}, "UTF-8"},
		{colours, elman.Config{Settings: &train.Settings{}}, ""},
		{colours, elman.Config{Corpus: &corpus.Options{Valid: math.NaN()}}, "NaN"},
		{colours, elman.Config{Corpus: &corpus.Options{Valid: math.Inf(-1)}}, "-Inf"},
		{colours, elman.Config{Corpus: &corpus.Options{MinCount: -3}}, "-3"},
		{colours, elman.Config{Corpus: &corpus.Options{Documents: "page"}}, "page"},
		{colours, elman.Config{Threads: -1}, "threads is -1"},
		{colours, elman.Config{Threads: math.MaxInt}, "threads is "},
		{colours, elman.Config{Resume: true}, "resume needs the folder"},
		{colours, settings(func(s *train.Settings) { s.Optimizer.LearningRate = math.NaN() }), "lr"},
		{colours, settings(func(s *train.Settings) { s.Optimizer.LearningRate = math.Inf(1) }), "lr"},
		{colours, settings(func(s *train.Settings) { s.Dropout = math.NaN() }), "dropout"},
		{colours, settings(func(s *train.Settings) { s.ClipNorm = -1 }), "clip_norm"},
		{colours, settings(func(s *train.Settings) { s.Network.Hidden = -1 }), "hidden"},
		{colours, settings(func(s *train.Settings) { s.Budget = train.Budget{Steps: -1} }), "steps"},
		{colours, settings(func(s *train.Settings) { s.Average = math.NaN() }), "average"},
	} {
		m, err := elman.TrainText(t.Context(), tt.text, tt.c)
		if m != nil {
			t.Errorf("%.9q, %+v: a model", tt.text, tt.c)
		}
		oneLine(t, fmt.Sprintf("%.9q, %+v", tt.text, tt.c), err, tt.want)
	}
	small := func(s *train.Settings) { s.Network.Hidden, s.Budget.Steps, s.ReportEvery = 5, 1000, 2 }
	over, cancel := context.WithCancel(t.Context())
	c := elman.Config{Change: small, Report: func(train.Report) { cancel() }}
	_, err := elman.TrainText(over, colours, c)
	wantIs(t, "cancelled during", err, train.ErrInterrupted)
	_, err = elman.TrainText(over, colours, c)
	wantIs(t, "cancelled before", err, train.ErrInterrupted)
	_, err = elman.Train(t.Context(), nil, elman.Config{})
	oneLine(t, "no files", err, "empty")
}
