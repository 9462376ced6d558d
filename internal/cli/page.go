package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed-f4dd853e/elman/browser"
	"github.com/seed-f4dd853e/elman/internal/atomicfile"
	"github.com/seed-f4dd853e/elman/model"
)

func pageCommand(e *env) *cobra.Command {
	var out string
	c := &cobra.Command{
		Use:   "page [MODEL ...]",
		Short: "Write a web page that runs models in the browser",
		Long: `Write a folder of static files: a page that writes with the models, scores texts, shows what their
units do and trains new ones, all in the browser of whoever looks at it, with the same bits as
here. Nothing leaves that browser. A MODEL is a model file or the folder of a run; without one the
page has a small model of the language "play". Put the folder on any web server; a browser does not
open the page from a disk.`,
		Example: `  elman page --out site
  elman page runs/play-1 names --out site && python3 -m http.server --directory site`,
		RunE: func(c *cobra.Command, args []string) error {
			if out == "" {
				return usagef("page needs --out, the folder to write")
			}
			models, err := pageModels(args)
			if err != nil {
				return err
			}
			if err := checkPageFolder(out); err != nil {
				return err
			}
			return e.writePage(c.Context(), out, models)
		},
	}
	c.Flags().StringVar(&out, "out", "", "folder to write")
	return c
}

// pageModels reads the models of a page.
func pageModels(paths []string) (models []browser.Model, err error) {
	for _, path := range paths {
		m, err := loadModel(path)
		if err != nil {
			return nil, err
		}
		absolute, err := filepath.Abs(path)
		if err != nil {
			return nil, err
		}
		if filepath.Base(absolute) == model.FileName { // of a run folder, which has the name
			absolute = filepath.Dir(absolute)
		}
		name := strings.TrimSuffix(filepath.Base(absolute), ".safetensors")
		if slices.ContainsFunc(models, func(other browser.Model) bool { return strings.EqualFold(other.Name, name) }) {
			return nil, usagef("two models are called %q; rename one", name)
		}
		var file bytes.Buffer
		if err := m.Write(&file); err != nil {
			return nil, err
		}
		models = append(models, browser.Model{Name: name, File: file.Bytes()})
	}
	if len(models) == 0 {
		models = append(models, browser.Play())
	}
	slices.Reverse(models) // the page shows the last one first
	return models, nil
}

// checkPageFolder refuses a folder with files of somebody else, among which an index.html might be.
func checkPageFolder(folder string) error {
	entries, err := os.ReadDir(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	} else if err != nil {
		return err
	}
	if len(entries) > 0 && !slices.ContainsFunc(entries, func(f fs.DirEntry) bool { return f.Name() == browser.Program }) {
		return fmt.Errorf("%s has files, and none of a page; name a new folder", folder)
	}
	return nil
}

func (e *env) writePage(ctx context.Context, folder string, models []browser.Model) error {
	program, err := browser.Built()
	if errors.Is(err, fs.ErrNotExist) {
		e.say("building the program of the page, since this elman was built without it\n")
		program, err = browser.Build(ctx, ".")
		if err != nil {
			return fmt.Errorf("this elman was built without the program of the page: run elman page in a clone of the repository, or go generate ./browser there and build elman again: %w", err)
		}
	} else if err != nil {
		return err
	}
	files, err := browser.Tab(program, models)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if err := ctx.Err(); err != nil {
			return context.Cause(ctx)
		}
		if err := atomicfile.Write(filepath.Join(folder, name), func(w io.Writer) error { _, err := w.Write(files[name]); return err }); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintln(e.stdout, filepath.Join(folder, "index.html"))
	e.say(fmt.Sprintf("put the folder on a web server, or look at it here: python3 -m http.server --directory %s\n", quoted(folder)))
	return err
}
