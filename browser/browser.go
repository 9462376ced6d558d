// Package browser holds the tab: the page of elman serve as static files, with the library in a worker in place of a server. The program
// of the worker is built by go generate and is not kept in the repository: it changes with every line of the library.
package browser

import (
	"bytes"
	"compress/gzip"
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"

	"github.com/seed-f4dd853e/elman/internal/answer"
	"github.com/seed-f4dd853e/elman/internal/webpage"
)

//go:generate go run ./build

//go:embed elman.mjs entry.wasm exact.wasm fused.wasm tab/worker.mjs
var parts embed.FS

//go:embed all:built
var built embed.FS

// Program and Support are the files that a build makes: the program, and what starts it, which belongs to the Go that built it.
const (
	Program = "elman.wasm.gz"
	Support = "wasm_exec.js"
)

// Built returns the program and its support, as go generate has left them, or an error that wraps fs.ErrNotExist if it was not run before
// this program was built.
func Built() (map[string][]byte, error) { return read(built, "built/"+Program, "built/"+Support) }

// Tab returns the files of the tab by their names, which belong into one folder: with what Built or Build returns, and with models, whose
// names are those of files.
func Tab(program map[string][]byte, models []Model) (map[string][]byte, error) {
	files, err := read(parts, "elman.mjs", "entry.wasm", "exact.wasm", "fused.wasm", "tab/worker.mjs")
	if err != nil {
		return nil, err
	}
	for _, more := range []map[string][]byte{webpage.Files(webpage.Tab), program} {
		for name, file := range more {
			files[name] = file
		}
	}
	site := struct {
		Models    []string          `json:"models"` // the last one is the first that the page shows
		Languages []answer.Language `json:"languages"`
	}{nil, answer.Languages()} // a tab takes two seconds to compute the entropies
	for _, m := range models {
		site.Models = append(site.Models, m.Name+modelExtension)
		files[m.Name+modelExtension] = m.File
	}
	text, err := json.Marshal(site)
	if err != nil {
		return nil, err
	}
	files["site.json"] = append(text, '\n')
	return files, nil
}

// A Model is a model file that the page offers.
type Model struct {
	Name string
	File []byte
}

const modelExtension = ".safetensors"

//go:embed play.safetensors
var play []byte

// Play is the model that the page offers where no other is given: one of the language "play".
func Play() Model { return Model{"play", play} }

func read(from fs.FS, names ...string) (map[string][]byte, error) {
	files := map[string][]byte{}
	for _, name := range names {
		b, err := fs.ReadFile(from, name)
		if err != nil {
			return nil, err
		}
		files[path.Base(name)] = b
	}
	return files, nil
}

// Build builds the program with the go command, in a clone of this repository, and returns it with its support. Every build of the same
// source with the same Go gives the same bytes.
func Build(ctx context.Context, clone string) (map[string][]byte, error) {
	folder, err := os.MkdirTemp("", "elman-tab-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	program := filepath.Join(folder, "elman.wasm")
	build := exec.CommandContext(ctx, "go", "build", "-tags", "simd", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o", program, "github.com/seed-f4dd853e/elman/browser/tab")
	build.Dir = clone
	build.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm", "GOWASM=", "GOFLAGS=", "GOEXPERIMENT=", "GOWORK=off")
	if out, err := build.CombinedOutput(); err != nil {
		return nil, goError(err, out)
	}
	root, err := exec.CommandContext(ctx, "go", "-C", clone, "env", "GOROOT").Output()
	if err != nil {
		return nil, goError(err, nil)
	}
	support, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(root)), "lib", "wasm", Support))
	if err != nil {
		return nil, err
	}
	b, err := os.ReadFile(program)
	if err != nil {
		return nil, err
	}
	var packed bytes.Buffer
	w, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	w.Write(b) // a buffer never fails
	if err := w.Close(); err != nil {
		return nil, err
	}
	return map[string][]byte{Program: packed.Bytes(), Support: support}, nil
}

// goError is an error of the go command, with the first line of what it says.
func goError(err error, said []byte) error {
	first, _, _ := strings.Cut(strings.TrimSpace(string(said)), "\n")
	if errors.Is(err, exec.ErrNotFound) || first == "" {
		return err
	}
	return fmt.Errorf("go build: %s", first)
}
