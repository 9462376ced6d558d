package cli

import (
	"bufio"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"maps"
	"runtime"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/seed-f4dd853e/elman/generate"
	"github.com/seed-f4dd853e/elman/internal/setting"
	"github.com/seed-f4dd853e/elman/model"
)

func sampleCommand(e *env) *cobra.Command {
	var o generate.Options
	var asJSON, interactive bool
	c := &cobra.Command{
		Use:   "sample MODEL",
		Short: "Write text with a model",
		Long: `Write text with a model: a model file or the folder of a run. Each sample begins with the
prompt. The same model, options and seed give the same text on any processor, and sample N is
the same whatever --count is. A line break ends each sample; with --json, samples that have line
breaks of their own can be told apart. Ctrl-C keeps what is already written.

With --interactive you and the model write a text together, a line at a time: type the beginning
of a line, and the model writes the rest of it, up to --length symbols. On a terminal the colour of
a symbol says how much it surprised the model. An empty line asks for one more; :help lists commands
such as :temperature 0.7 and :undo. Ctrl-C ends a line that is being written, Ctrl-D the program.`,
		Example: `  elman sample novel --length 500
  elman sample novel --prompt "ROMEO:\n" --temperature 0.7 --seed 3
  elman sample names --count 20 --stop "\n" --json
  elman sample novel --interactive`,
		Args: arguments(1, 1, "a model file or run folder"),
		RunE: func(c *cobra.Command, args []string) error {
			if err := checkThreads(o.Threads); err != nil {
				return err
			}
			if err := o.Check(); err != nil {
				return usageError{asFlags(err)}
			}
			if interactive {
				for _, name := range []string{"count", "stop", "json", "prompt"} {
					if c.Flags().Changed(name) {
						return usagef("--%s is not for --interactive; leave one of them out", name)
					}
				}
			}
			if err := e.guard(args); err != nil {
				return err
			}
			m, err := loadModel(args[0])
			if err != nil {
				return err
			}
			if interactive {
				return e.converse(c.Context(), m, o)
			}
			o.Prompt = unescape(o.Prompt)
			for i, stop := range o.Stops {
				o.Stops[i] = unescape(stop)
			}
			return e.sample(c.Context(), m, o, asJSON)
		},
	}
	fl := c.Flags()
	fl.IntVar(&o.Length, "length", 500, "symbols to write")
	fl.StringVar(&o.Prompt, "prompt", "", `text to continue; \n is a line break, \t a tab, \\ a backslash`)
	fl.Float64Var(&o.Temperature, "temperature", 1, "below 1 favours likely symbols; 0 always takes the likeliest")
	fl.IntVar(&o.TopK, "top-k", 0, "draw from the K most likely symbols only (0: all)")
	fl.Float64Var(&o.TopP, "top-p", 1, "draw from the fewest symbols with this total probability")
	fl.StringArrayVar(&o.Stops, "stop", nil, `end a sample before this text; \n is a line break; may be repeated`)
	fl.BoolVar(&o.UTF8, "utf8", false, "write valid UTF-8 only (for models of bytes)")
	fl.Uint64Var(&o.Seed, "seed", 1, "seed of the random draws")
	fl.IntVar(&o.Count, "count", 1, "number of samples")
	fl.IntVar(&o.Threads, "threads", runtime.NumCPU(), "maximum number of threads; does not change the result")
	fl.BoolVar(&interactive, "interactive", false, "write a text together with the model, a line at a time")
	fl.BoolVar(&asJSON, "json", false, "write one JSON object per sample and line")
	return c
}

func (e *env) sample(ctx context.Context, m *model.Model, o generate.Options, asJSON bool) error {
	w := &sampleWriter{out: bufio.NewWriter(e.stdout), asJSON: asJSON, waiting: map[int]*waitingSample{}}
	err := generate.New(m).Text(ctx, o, w.piece)
	if wrong := (*setting.Error)(nil); errors.As(err, &wrong) { // what only the model could tell
		err = usageError{err}
	}
	if end := w.end(); err == nil { // which fails as err did, if that was of writing
		err = end
	}
	return err
}

// A sampleWriter writes samples in order while they are drawn side by side. It writes the first unfinished sample as it
// comes, or as a whole if it is a JSON object; the others wait.
type sampleWriter struct {
	out    *bufio.Writer
	asJSON bool

	next    int // the sample that is written
	begun   bool
	waiting map[int]*waitingSample
}

type waitingSample struct {
	text strings.Builder
	done bool
}

// piece adds the next piece of a sample.
func (w *sampleWriter) piece(p generate.Piece) error {
	if p.Sample == w.next && !w.asJSON {
		w.write(p.Text)
		if !p.Last {
			return w.out.Flush()
		}
		w.finish()
	} else {
		s := w.waiting[p.Sample]
		if s == nil {
			s = &waitingSample{}
			w.waiting[p.Sample] = s
		}
		s.text.WriteString(p.Text)
		s.done = p.Last
	}
	for s := w.waiting[w.next]; s != nil && (s.done || !w.asJSON); s = w.waiting[w.next] {
		delete(w.waiting, w.next)
		if err := w.whole(w.next, s.text.String()); err != nil {
			return err
		}
		if !s.done {
			break
		}
		w.finish()
	}
	return w.out.Flush()
}

// whole writes the rest of a sample.
func (w *sampleWriter) whole(number int, text string) error {
	if !w.asJSON {
		w.write(text)
		return nil
	}
	line, err := json.Marshal(struct {
		Sample int    `json:"sample"`
		Text   string `json:"text"`
		Bytes  string `json:"hex,omitempty"` // in hexadecimal, of a text that is not valid UTF-8
	}{number, text, invalidBytes(text)})
	if err != nil {
		return err
	}
	w.out.Write(append(line, '\n'))
	return nil
}

// write writes a part of the current sample.
func (w *sampleWriter) write(text string) {
	w.begun = true
	w.out.WriteString(text)
}

// finish ends the current sample.
func (w *sampleWriter) finish() {
	if !w.asJSON {
		w.out.WriteString("\n")
	}
	w.next, w.begun = w.next+1, false
}

// end writes what is there when the work is interrupted: the current sample as far as it got, then finished samples after it.
func (w *sampleWriter) end() error {
	if w.begun {
		w.finish()
	}
	for _, number := range slices.Sorted(maps.Keys(w.waiting)) {
		if s := w.waiting[number]; s.done {
			if err := w.whole(number, s.text.String()); err != nil {
				return err
			}
			w.finish()
		}
	}
	return w.out.Flush()
}

// invalidBytes returns a text in hexadecimal if it is not valid UTF-8, else "". JSON has no bytes: there, all that are no
// character look alike.
func invalidBytes(text string) string {
	if utf8.ValidString(text) {
		return ""
	}
	return hex.EncodeToString([]byte(text))
}

// asFlags shows the settings that an error of a package below speaks of as the flags that they are here.
func asFlags(err error) error { return asNamed(err, "--") }

// asNamed shows them with another sign before their names.
func asNamed(err error, sign string) error {
	if s := (*setting.Error)(nil); errors.As(err, &s) {
		return errors.New(s.Render(func(n setting.Name) string { return sign + strings.ReplaceAll(string(n), "_", "-") }))
	}
	return err
}

// unescape replaces \n, \t and \\ in the value of a flag.
func unescape(s string) string {
	return strings.NewReplacer(`\n`, "\n", `\t`, "\t", `\\`, `\`).Replace(s)
}
