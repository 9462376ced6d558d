package study

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"slices"

	"github.com/seed-f4dd853e/elman/internal/regular"
)

// A File is a file that a run reads. Its content counts, its name does not.
type File struct {
	Name   string `json:"name"` // without folders
	SHA256 string `json:"sha256"`

	Path string `json:"-"` // where it lies on this machine
}

// HashFile returns a file with its hash.
func HashFile(path string) (File, error) {
	in, _, err := regular.Open(path)
	if err != nil {
		return File{}, fmt.Errorf("%s: %w", path, regular.Reason(err))
	}
	defer in.Close()
	h := sha256.New()
	if _, err := io.Copy(h, in); err != nil {
		return File{}, fmt.Errorf("%s: %w", path, regular.Reason(err))
	}
	return File{Name: filepath.Base(path), SHA256: hex.EncodeToString(h.Sum(nil)), Path: path}, nil
}

// A Flag is a flag of elman train, without --.
type Flag struct {
	Name  string `json:"name"`
	Value string `json:"value,omitempty"`
	File  *File  `json:"file,omitempty"` // in place of a value
}

// A Measure is a command that measures the model of a finished run.
type Measure struct {
	Kind  string   `json:"kind"` // of Measures
	Files []File   `json:"files,omitempty"`
	Names []string `json:"names,omitempty"` // of experiments
}

// A Task is all that a worker must know of a run.
type Task struct {
	ID       string    `json:"id"`
	Flags    []Flag    `json:"flags"` // by name
	Texts    []File    `json:"texts"` // read as one text
	Measures []Measure `json:"measures,omitempty"`
}

// nameTask sorts the flags and sets the ID: the hash of what decides the weights, which are the flags and the contents of files.
func nameTask(t *Task) {
	slices.SortFunc(t.Flags, func(a, b Flag) int { return cmp.Compare(a.Name, b.Name) })
	var decides struct {
		Flags [][2]string `json:"flags"`
		Texts []string    `json:"texts"`
	}
	for _, f := range t.Flags {
		value := f.Value
		if f.File != nil {
			value = f.File.SHA256
		}
		decides.Flags = append(decides.Flags, [2]string{f.Name, value})
	}
	for _, f := range t.Texts {
		decides.Texts = append(decides.Texts, f.SHA256)
	}
	t.ID = Digest(decides)[:idLength]
}

// idLength is in hexadecimal digits: among a million runs two are alike by accident once in 40 million studies.
const idLength = 16

// Digest returns the SHA-256 of a value's JSON.
func Digest(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // it has strings alone
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// MeasuresHash says what is measured: another one means that a finished run must be measured again, not trained.
func (t *Task) MeasuresHash() string {
	var what [][]string
	for _, m := range t.Measures {
		one := append([]string{m.Kind}, m.Names...)
		for _, f := range m.Files {
			one = append(one, f.Name, f.SHA256)
		}
		what = append(what, one)
	}
	return Digest(what)[:idLength]
}

// Files returns all files that a run reads, each content once.
func (t *Task) Files() (files []File) {
	seen := map[string]bool{}
	add := func(f File) {
		if key := f.SHA256 + "/" + f.Name; !seen[key] {
			seen[key] = true
			files = append(files, f)
		}
	}
	for _, f := range t.Texts {
		add(f)
	}
	for _, f := range t.Flags {
		if f.File != nil {
			add(*f.File)
		}
	}
	for _, m := range t.Measures {
		for _, f := range m.Files {
			add(f)
		}
	}
	return files
}

// Arguments returns the command line of elman train. Where says where a file lies.
func (t *Task) Arguments(where func(File) string) []string {
	args := []string{"train"}
	for _, f := range t.Texts {
		args = append(args, where(f))
	}
	for _, f := range t.Flags {
		value := f.Value
		if f.File != nil {
			value = where(*f.File)
		}
		args = append(args, "--"+f.Name+"="+value)
	}
	return args
}
