package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/seed-f4dd853e/elman/internal/atomicfile"
	"github.com/seed-f4dd853e/elman/internal/bundle"
	"github.com/seed-f4dd853e/elman/internal/regular"
	"github.com/seed-f4dd853e/elman/internal/report"
	"github.com/seed-f4dd853e/elman/model"
)

// bundleFlags is the command line of bundle.
type bundleFlags struct {
	out, program string
	extract      bool
}

func bundleCommand(e *env) *cobra.Command {
	f := &bundleFlags{}
	c := &cobra.Command{
		Use:   "bundle MODEL",
		Short: "Write a program with a model inside",
		Long: `Write a copy of this program with a model inside: one file that samples, scores, serves and
compresses without another. Its commands are those of elman, without the MODEL. Without a command it
says what model it has.

The program is itself a MODEL for all commands. A bundle of a bundle takes the place of its model.
--extract writes the model of a program as a file again, bit for bit.

--program takes another elman, such as that for another system. docs/bundle.md says what macOS and
Windows think of such programs.`,
		Example: `  elman bundle runs/austen --out austen
  ./austen sample --length 500
  ./austen score chapter.txt
  elman bundle --extract ./austen --out austen.safetensors
  elman bundle runs/austen --program elman-windows.exe --out austen.exe`,
		Args: arguments(1, 1, "a model file or run folder"),
		RunE: func(c *cobra.Command, args []string) error { return e.bundle(f, args[0]) },
	}
	fl := c.Flags()
	fl.StringVar(&f.out, "out", "", "file to write")
	fl.StringVar(&f.program, "program", "", "`file` of the elman to copy (default: this program)")
	fl.BoolVar(&f.extract, "extract", false, "write the model in a program as a model file")
	return c
}

func (e *env) bundle(f *bundleFlags, name string) error {
	switch {
	case f.out == "":
		return usagef("bundle needs --out, the file to write")
	case f.out == "-":
		return usagef("--out is -, must be a file")
	case f.extract && f.program != "":
		return usagef("--program is not for --extract; leave one of them out")
	}
	if err := e.guard([]string{name, f.program}, f.out); err != nil {
		return err
	}
	if err := guardModel(f.out); err != nil {
		return err
	}
	m, err := loadModel(name)
	if err != nil {
		return err
	}
	if f.extract {
		if err := m.Save(f.out); err != nil {
			return err
		}
		fmt.Fprintf(e.stdout, "%s: %s, the model in %s\n", f.out, report.Bytes(fileSize(f.out)), name)
		return nil
	}
	if err := f.write(m); err != nil {
		return err
	}
	size := int64(0)
	if info, err := os.Stat(f.out); err == nil {
		size = info.Size()
	}
	fmt.Fprintf(e.stdout, "%s: %s, a program with the %s of %s inside\n", f.out, report.Bytes(size), report.Bytes(fileSize(f.out)), name)
	return nil
}

// write writes the program.
func (f *bundleFlags) write(m *model.Model) error {
	path := f.program
	if path == "" {
		if path = programPath(); path == "" {
			return errors.New("this system does not say which file this program is; name it with --program")
		}
	}
	program, done, err := openProgram(path)
	if err != nil {
		return fmt.Errorf("program %s: %w", path, err)
	}
	defer done()
	var file bytes.Buffer
	if err := m.Write(&file); err != nil {
		return err
	}
	return atomicfile.WriteProgram(f.out, func(w io.Writer) error { return bundle.Write(w, program, file.Bytes()) })
}

// openProgram opens a program that can have a model inside, and leaves out the one that it has.
func openProgram(path string) (program *io.SectionReader, done func() error, err error) {
	file, size, err := regular.Open(path)
	if err != nil {
		return nil, nil, err
	}
	defer func() {
		if err != nil {
			file.Close()
		}
	}()
	program = io.NewSectionReader(file, 0, size)
	inside, err := bundle.Find(file, size)
	if err != nil {
		return nil, nil, err
	}
	if inside != nil {
		if err := inside.Verify(); err != nil {
			return nil, nil, err
		}
		program = inside.Program
	}
	if err := bundle.Reads(program); err != nil {
		return nil, nil, err
	}
	_, err = program.Seek(0, io.SeekStart)
	return program, file.Close, err
}
