package cli

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed-f4dd853e/elman/export"
	"github.com/seed-f4dd853e/elman/internal/atomicfile"
	"github.com/seed-f4dd853e/elman/internal/report"
	"github.com/seed-f4dd853e/elman/internal/setting"
	"github.com/seed-f4dd853e/elman/model"
)

// exportFlags are the command line of export.
type exportFlags struct {
	to, out string
	export.Options
}

func exportCommand(e *env) *cobra.Command {
	f := &exportFlags{}
	var names, list []string
	for _, format := range export.Formats() {
		names = append(names, format.Name)
		list = append(list, fmt.Sprintf("  %-6s %s", format.Name, format.Summary))
	}
	c := &cobra.Command{
		Use:   "export MODEL",
		Short: "Write a model for another program",
		Long: `Write a model in a form that other programs run. The file has the alphabet with it, so that it
needs nothing of elman. --to names the form:

` + strings.Join(list, "\n") + `

Weights that were rounded are written as the float32 that they stand for, but in C those of 8 bits
stay as they are.`,
		Example: `  elman export novel --to onnx
  elman export novel --to c
  elman export novel --to onnx --state --out novel-step.onnx`,
		Args: arguments(1, 1, "a model file or run folder"),
		RunE: func(_ *cobra.Command, args []string) error { return e.export(f, args[0]) },
	}
	fl := c.Flags()
	fl.StringVar(&f.to, "to", "", "form: "+setting.Alternatives(names))
	fl.StringVar(&f.out, "out", "", "file to write, or - (default: beside the model, such as novel.onnx)")
	fl.BoolVar(&f.State, "state", false, "make the states of layers inputs and outputs, to read a text in parts")
	return c
}

func (e *env) export(f *exportFlags, name string) error {
	if f.to == "" {
		return usagef("export needs --to, the form to write; see elman export --help")
	}
	format, err := export.FindFormat(f.to)
	if err != nil {
		return usageError{asFlags(err)}
	}
	if f.State && !format.State {
		return usagef("--state is not for --to %s; leave it out", format.Name)
	}
	outputs := []string{f.out}
	switch f.out {
	case "-":
		if e.page != nil {
			return usagef("standard output is a terminal; send the file to another program, or name one with --out")
		}
		outputs = nil
	case "":
		if outputs[0], err = besideModel(name, format.Suffix); err != nil {
			return err
		}
	}
	if err := e.guard([]string{name}, outputs...); err != nil {
		return err
	}
	for _, out := range outputs {
		if err := guardModel(out); err != nil {
			return err
		}
	}
	m, err := loadModel(name)
	if err != nil {
		return err
	}
	if f.Name, err = nameInFile(f.out, name); err != nil {
		return err
	}
	write := func(w io.Writer) error {
		if err := format.Write(w, m, f.Options); err != nil {
			return fmt.Errorf("model %s: %w", name, err)
		}
		return nil
	}
	if outputs == nil {
		return write(e.stdout)
	}
	if err := atomicfile.Write(outputs[0], write); err != nil {
		return err
	}
	_, err = fmt.Fprint(e.stdout, e.layOut(fmt.Sprintf("%s: %s, %s\n", outputs[0], report.Bytes(fileSize(outputs[0])), format.Summary)))
	return err
}

// nameInFile returns what the contents of a file are called: as the file, or as the model where there is none.
func nameInFile(out, name string) (string, error) {
	if out == "" || out == "-" {
		var err error
		if out, err = besideModel(name, ""); err != nil {
			return "", err
		}
		if filepath.Base(name) == model.FileName {
			if absolute, err := filepath.Abs(name); err == nil {
				out = filepath.Dir(absolute)
			}
		}
	}
	base := filepath.Base(out)
	return strings.TrimSuffix(base, filepath.Ext(base)), nil
}
