package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed-f4dd853e/elman/compress"
	"github.com/seed-f4dd853e/elman/internal/atomicfile"
	"github.com/seed-f4dd853e/elman/internal/regular"
	"github.com/seed-f4dd853e/elman/internal/report"
	"github.com/seed-f4dd853e/elman/internal/term"
	"github.com/seed-f4dd853e/elman/model"
)

// packedExtension ends the names of packed texts.
const packedExtension = ".elman"

// compressFlags is the command line of compress and decompress.
type compressFlags struct {
	out     string
	learn   bool
	streams int
	threads int
}

func compressCommand(e *env) *cobra.Command {
	f := &compressFlags{}
	c := &cobra.Command{
		Use:   "compress MODEL [FILE...]",
		Short: "Pack texts into few bytes with a model",
		Long: `Pack texts: the better the model predicts a text, the fewer bytes it takes. Each FILE becomes
FILE` + packedExtension + `, and stays. Any bytes can be packed, with any model, and come out again as they
were, on any processor; elman decompress needs the same model.

With --learn the model goes on learning from the text: fewer bytes, and several times as long.
MODEL may then be left out: the text alone is learned from, and nothing else is needed to unpack
it. (The first argument is a model if it is a run folder or a model file.)

Without a FILE, or if it is -, standard input is packed to standard output.`,
		Example: `  elman compress novel chapter.txt
  elman compress --learn book.txt
  tar c letters | elman compress --learn > letters.tar` + packedExtension,
		RunE: func(c *cobra.Command, args []string) error {
			m, files, err := compressArguments(args, f.learn)
			if err != nil {
				return err
			}
			return e.compress(c.Context(), f, m, files)
		},
	}
	fl := c.Flags()
	fl.BoolVar(&f.learn, "learn", false, "go on learning from the text")
	fl.IntVar(&f.streams, "streams", 0, fmt.Sprintf("parts of the text read side by side, up to %d (0: 8 if the text is long)", compress.MaxStreams))
	f.add(c, "packed text to write, - for standard output (default: FILE"+packedExtension+")")
	return c
}

func decompressCommand(e *env) *cobra.Command {
	f := &compressFlags{}
	c := &cobra.Command{
		Use:   "decompress [MODEL] [FILE...]",
		Short: "Unpack what compress packed",
		Long: `Unpack texts, with the model that packed them; those that were learned from nothing need none.
FILE` + packedExtension + ` becomes FILE, and stays. (The first argument is a model if it is a run folder
or a model file.)

Without a FILE, or if it is -, standard input is unpacked to standard output.`,
		Example: `  elman decompress novel chapter.txt` + packedExtension + `
  elman decompress book.txt` + packedExtension + ` --out - | less`,
		RunE: func(c *cobra.Command, args []string) error {
			m, files := "", args
			if len(args) > 0 && namesModel(args[0]) {
				m, files = args[0], args[1:]
			}
			return e.decompress(c.Context(), f, m, files)
		},
	}
	f.add(c, "text to write, - for standard output (default: FILE without "+packedExtension+")")
	return c
}

// add adds the flags that both commands have.
func (f *compressFlags) add(c *cobra.Command, out string) {
	c.Args = arguments(0, math.MaxInt, "")
	c.Flags().StringVarP(&f.out, "out", "o", "", out)
	c.Flags().IntVar(&f.threads, "threads", min(runtime.NumCPU(), 8), "workers; changes no result")
}

// compressArguments tells the model from the files.
func compressArguments(args []string, learn bool) (m string, files []string, err error) {
	switch {
	case len(args) > 0 && (!learn || namesModel(args[0])):
		return args[0], args[1:], nil
	case learn:
		return "", args, nil
	}
	return "", nil, usagef("compress needs a model file or run folder, or --learn; see elman compress --help")
}

// A packing is one file to pack or unpack.
type packing struct {
	in, out string // "-" for standard input and output
	model   *model.Model
	do      func(ctx context.Context, p *packing, in io.Reader, out io.Writer, o compress.Options) error
	doing   string // "packing"
}

func (e *env) compress(ctx context.Context, f *compressFlags, name string, files []string) error {
	o := compress.Options{Streams: f.streams, Learn: f.learn, Threads: f.threads}
	if f.streams < 0 || f.streams > compress.MaxStreams {
		return usagef("--streams is %d, must be 0 to %d", f.streams, compress.MaxStreams)
	}
	do := func(ctx context.Context, p *packing, in io.Reader, out io.Writer, own compress.Options) error {
		own.Streams, own.Learn = o.Streams, o.Learn
		w, err := compress.NewWriter(out, p.model, own)
		if errors.Is(err, compress.ErrRounded) {
			err = fmt.Errorf("--learn, %s: %w", name, err)
		}
		if err != nil {
			return err
		}
		if _, err := io.Copy(w, in); err != nil {
			return err
		}
		return w.Close()
	}
	return e.packAll(ctx, f, name, files, packing{do: do, doing: "packing"}, func(file string) (string, error) {
		if filepath.Ext(file) == packedExtension {
			return "", usagef("%s is packed already, by its name; name the result with --out", file)
		}
		return file + packedExtension, nil
	})
}

func (e *env) decompress(ctx context.Context, f *compressFlags, name string, files []string) error {
	do := func(ctx context.Context, p *packing, in io.Reader, out io.Writer, o compress.Options) error {
		r, err := compress.NewReader(in, p.model, o)
		if err != nil {
			return err
		}
		defer r.Close()
		_, err = io.Copy(out, r)
		return err
	}
	return e.packAll(ctx, f, name, files, packing{do: do, doing: "unpacking"}, func(file string) (string, error) {
		if text, ok := strings.CutSuffix(file, packedExtension); ok && filepath.Base(text) != "" {
			return text, nil
		}
		return "", usagef("%s does not end with %s; name the text with --out", file, packedExtension)
	})
}

// packAll packs or unpacks files one after the other. target names what becomes of one.
func (e *env) packAll(ctx context.Context, f *compressFlags, name string, files []string, p packing, target func(string) (string, error)) error {
	if err := checkThreads(f.threads); err != nil {
		return err
	}
	if len(files) == 0 {
		files = []string{"-"}
	}
	if f.out != "" && len(files) > 1 {
		return usagef("--out names one file, for %d; leave it out", len(files))
	}
	var outs, written []string
	for _, file := range files {
		out := f.out
		if out == "" && file == "-" {
			out = "-"
		}
		if out == "" {
			var err error
			if out, err = target(file); err != nil {
				return err
			}
		}
		if outs = append(outs, out); out != "-" {
			if err := guardModel(out); err != nil {
				return err
			}
			written = append(written, out)
		} else if p.doing == "packing" && e.page != nil {
			return usagef("packed text is not for a terminal; name a file with --out")
		}
	}
	inputs := files
	if name != "" {
		inputs = append([]string{name}, files...)
	}
	if err := e.guard(inputs, written...); err != nil {
		return err
	}
	if name != "" {
		var err error
		if p.model, err = loadModel(name); err != nil {
			return err
		}
	}
	for i, file := range files {
		p.in, p.out = file, outs[i]
		if err := e.packOne(ctx, f, &p); err != nil {
			return fmt.Errorf("%s: %w", textName(file), err)
		}
	}
	return nil
}

// packOne packs or unpacks one file, and tells how many bytes it was and is.
func (e *env) packOne(ctx context.Context, f *compressFlags, p *packing) error {
	status := term.NewStatus(e.screen)
	defer status.End()
	in := &progressReader{ctx: ctx, r: &interruptible{ctx, e.stdin}}
	if p.in != "-" {
		file, size, err := regular.Open(p.in)
		if err != nil {
			return regular.Reason(err)
		}
		defer file.Close()
		in.r, in.size = file, size
	}
	o := compress.Options{Threads: f.threads, Progress: func(int64) error {
		if in.size > 0 {
			status.Tell(p.doing+" "+p.in, min(1, float64(in.read)/float64(in.size)))
		}
		return context.Cause(ctx)
	}}
	if p.out == "-" {
		return p.do(ctx, p, in, e.stdout, o)
	}
	var written countingWriter
	var failed error
	err := atomicfile.Write(p.out, func(w io.Writer) error {
		written.w = w
		failed = p.do(ctx, p, in, &written, o)
		return failed
	})
	if failed != nil && written.err == nil { // nothing is wrong with the file to write
		return failed
	}
	if err != nil {
		return err
	}
	status.End()
	text, packed := in.read, written.n
	if p.doing == "unpacking" {
		text, packed = written.n, in.read
	}
	_, err = fmt.Fprint(e.stdout, e.layOut(packedLine(p, text, packed)))
	return err
}

// packedLine says how many bytes a text has and takes.
func packedLine(p *packing, text, packed int64) string {
	if p.doing == "unpacking" {
		return fmt.Sprintf("%s: %s bytes\n", p.out, report.Grouped(text))
	}
	line := fmt.Sprintf("%s: %s bytes of %s", p.out, report.Grouped(packed), report.Grouped(text))
	if text > 0 {
		line += fmt.Sprintf(", %s, %.3f bits per byte", report.Percent(1)(float64(packed)/float64(text)), 8*float64(packed)/float64(text))
	}
	return line + "\n"
}

// A progressReader counts what is read, until its context ends.
type progressReader struct {
	ctx        context.Context
	r          io.Reader
	read, size int64
}

func (p *progressReader) Read(b []byte) (int, error) {
	if p.ctx.Err() != nil {
		return 0, context.Cause(p.ctx)
	}
	n, err := p.r.Read(b)
	p.read += int64(n)
	return n, err
}

// A countingWriter counts what is written, and keeps the error that ends it.
type countingWriter struct {
	w   io.Writer
	n   int64
	err error
}

func (c *countingWriter) Write(b []byte) (int, error) {
	n, err := c.w.Write(b)
	c.n += int64(n)
	c.err = err
	return n, err
}
