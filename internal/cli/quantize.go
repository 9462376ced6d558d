package cli

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/generate"
	"github.com/seed-f4dd853e/elman/internal/bundle"
	"github.com/seed-f4dd853e/elman/internal/regular"
	"github.com/seed-f4dd853e/elman/internal/report"
	"github.com/seed-f4dd853e/elman/internal/term"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/rnn"
	"github.com/seed-f4dd853e/elman/score"
)

// quantizeFlags is the command line of quantize.
type quantizeFlags struct {
	bits   int
	out    string
	asJSON bool
}

func quantizeCommand(e *env) *cobra.Command {
	f := &quantizeFlags{}
	c := &cobra.Command{
		Use:   "quantize MODEL [FILE...]",
		Short: "Round a model's weights to 16 or 8 bits",
		Long: `Round the weights of a model and write them as another model, which has its own hash and goes
wherever a model goes, except into more training.

--bits 16 rounds the weights to bfloat16 and halves the file. --bits 8 rounds them to whole
numbers with a scale for each row, and the numbers they multiply likewise: a quarter of the
file, and a large model writes samples more than twice as fast. Either gives the same bits on
any processor.

What the rounding costs is printed in bits per character, of the text in the files or, without
any, of text that the model writes itself.`,
		Example: `  elman quantize novel --bits 8
  elman quantize novel chapter.txt --bits 16 --out small.safetensors`,
		Args: arguments(1, math.MaxInt, "a model file or run folder"),
		RunE: func(c *cobra.Command, args []string) error { return e.quantize(c.Context(), f, args[0], args[1:]) },
	}
	fl := c.Flags()
	fl.IntVar(&f.bits, "bits", 8, "of a weight: 16 or 8")
	fl.StringVar(&f.out, "out", "", "file to write (default: beside the model, such as novel-int8.safetensors)")
	fl.BoolVar(&f.asJSON, "json", false, "write a JSON object")
	return c
}

// precision returns what --bits asks for.
func (f *quantizeFlags) precision() (rnn.Precision, error) {
	for _, p := range rnn.Precisions() {
		if p.Bits() == f.bits {
			return p, nil
		}
	}
	return "", usagef("--bits is %d, must be 16 or 8", f.bits)
}

// besideModel returns the file beside a model whose name ends in the suffix.
func besideModel(name, suffix string) (string, error) {
	name = filepath.Clean(name)
	if base := filepath.Base(name); base == "." || base == ".." { // neither names the folder
		var err error
		if name, err = filepath.Abs(name); err != nil {
			return "", err
		}
	}
	return strings.TrimSuffix(name, filepath.Ext(model.FileName)) + suffix, nil
}

// A rounding is what quantize tells.
type rounding struct {
	Model             string        `json:"model"`
	Out               string        `json:"out"`
	Precision         rnn.Precision `json:"precision"`
	Hash              string        `json:"hash"`  // of the new model
	Bytes             int64         `json:"bytes"` // of its file
	BytesBefore       int64         `json:"bytes_before"`
	Text              []string      `json:"text,omitempty"` // files; none means the model's own text
	Chars             int64         `json:"chars"`
	BitsPerChar       float64       `json:"bits_per_char"` // of the text, by the new model
	BitsPerCharBefore float64       `json:"bits_per_char_before"`

	text string // the names of the files
}

func (e *env) quantize(ctx context.Context, f *quantizeFlags, name string, paths []string) error {
	p, err := f.precision()
	if err != nil {
		return err
	}
	out := f.out
	switch out {
	case "-":
		return usagef("--out is -, must be a file: standard output has what the rounding costs")
	case "":
		if out, err = besideModel(name, "-"+string(p)+filepath.Ext(model.FileName)); err != nil {
			return err
		}
	}
	if err := e.guard(append([]string{name}, paths...), out); err != nil {
		return err
	}
	if err := guardModel(out); err != nil {
		return err
	}
	m, err := loadModel(name)
	if err != nil {
		return err
	}
	if err := m.CheckProbabilities(); err != nil {
		return err
	}
	rounded, err := m.Round(p)
	if err != nil {
		return fmt.Errorf("model %s: %w", name, err)
	}
	status := term.NewStatus(e.screen)
	defer status.End()
	text, err := e.measured(ctx, m, paths, status)
	if err != nil {
		return err
	}
	defer text.Close()
	before, err := sumOf(ctx, m, text, status, "measuring "+name)
	if unknown := (*corpus.UnknownSymbolError)(nil); errors.As(err, &unknown) {
		return fmt.Errorf("%s: %w", textNames(paths), err)
	}
	if err != nil {
		return err
	}
	after, err := sumOf(ctx, rounded, text, status, "measuring "+out)
	if err != nil {
		return err
	}
	if err := rounded.Save(out); err != nil {
		return err
	}
	status.End()
	r := rounding{Model: name, Out: out, Precision: p, Hash: rounded.Hash(), Bytes: fileSize(out), BytesBefore: fileSize(name),
		Text: paths, text: textNames(paths), Chars: after.Chars, BitsPerChar: after.PerChar(), BitsPerCharBefore: before.PerChar()}
	if f.asJSON {
		writeJSONLine(e.stdout, r)
		return nil
	}
	_, err = fmt.Fprint(e.stdout, e.layOut(r.String()))
	return err
}

// String returns two lines.
func (r *rounding) String() string {
	text := r.text
	if text == "" {
		text = report.Grouped(r.Chars) + " characters that the model wrote"
	}
	return fmt.Sprintf("%s: %s, %s of the %s of %s\n%s: %.4f bits per character, %s with weights of %d bits\n",
		r.Out, report.Bytes(r.Bytes), report.Percent(0)(float64(r.Bytes)/float64(r.BytesBefore)), report.Bytes(r.BytesBefore), r.Model,
		text, r.BitsPerCharBefore, difference(r.BitsPerChar-r.BitsPerCharBefore), r.Precision.Bits())
}

// difference says how many bits more or fewer.
func difference(bits float64) string {
	switch text := fmt.Sprintf("%.4f", math.Abs(bits)); {
	case text == "0.0000":
		return "the same"
	case bits > 0:
		return text + " more"
	default:
		return text + " fewer"
	}
}

// fileSize returns the size of a model's file in bytes, 0 if it is gone.
func fileSize(name string) int64 {
	if info, err := os.Stat(name); err == nil && info.IsDir() {
		name = filepath.Join(name, model.FileName)
	}
	f, size, err := regular.Open(name)
	if err != nil {
		return 0
	}
	defer f.Close()
	if inside, _ := bundle.Find(f, size); inside != nil {
		return inside.Model.Size()
	}
	return size
}

// ownSamples are how many samples make the text that a model writes itself, each of ownLength symbols.
const (
	ownSamples = 32
	ownLength  = 1000
)

// measured returns the text of the files, or text that the model writes itself.
func (e *env) measured(ctx context.Context, m *model.Model, paths []string, status *term.Status) (*corpus.Text, error) {
	if len(paths) > 0 {
		return corpus.Open(ctx, paths, e.stdin)
	}
	o := generate.Defaults()
	o.Count, o.Length, o.Threads = ownSamples, ownLength, runtime.NumCPU()
	read := 0
	samples := make([]strings.Builder, o.Count)
	err := generate.New(m).Text(ctx, o, func(p generate.Piece) error {
		samples[p.Sample].WriteString(p.Text)
		read += len(p.Text)
		status.Tell("writing text to measure", min(1, float64(read)/float64(ownSamples*ownLength)))
		return nil
	})
	if err != nil {
		return nil, err
	}
	var all strings.Builder
	for i := range samples {
		all.WriteString(samples[i].String())
		all.WriteString(m.Alphabet.Symbol(m.Alphabet.Start()))
	}
	return corpus.FromBytes("samples", []byte(all.String())), nil
}

// sumOf returns what a model says of a text.
func sumOf(ctx context.Context, m *model.Model, text *corpus.Text, status *term.Status, what string) (sum score.Sum, err error) {
	err = score.New(m, score.Extras{}).Feed(ctx, m.Alphabet.Feed(text, m.Documents), func(x score.Symbol) error {
		sum.Add(x)
		status.Tell(what, float64(sum.Bytes)/float64(text.Size()))
		return nil
	})
	return sum, err
}

// textNames returns the names of the files that make a text.
func textNames(paths []string) string {
	var all []string
	for _, path := range paths {
		all = append(all, textName(path))
	}
	return strings.Join(all, ", ")
}
