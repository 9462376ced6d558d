package runner

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/seed-f4dd853e/elman/elman-sweep/study"
	"github.com/seed-f4dd853e/elman/internal/atomicfile"
	"github.com/seed-f4dd853e/elman/internal/exactjson"
	"github.com/seed-f4dd853e/elman/internal/regular"
)

// ResultName is the file of a finished run in its folder. It is written last.
const ResultName = "result.json"

// A Result is what came out of a run.
type Result struct {
	ID       string  `json:"id"`
	Hash     string  `json:"hash,omitempty"`     // of the best model's weights, as elman hash prints it
	Values   []Value `json:"values,omitempty"`   // losses, then what was measured
	Measures string  `json:"measures,omitempty"` // study.Task.MeasuresHash
	Error    string  `json:"error,omitempty"`    // why there is no hash

	Steps    int64   `json:"steps,omitempty"`   // training steps
	Seconds  float64 `json:"seconds,omitempty"` // of training
	Elman    string  `json:"elman,omitempty"`   // its version
	SelfTest string  `json:"self_test,omitempty"`
	Machine  string  `json:"machine,omitempty"`
	// Before are the machines from whose checkpoints it went on.
	Before []string `json:"before,omitempty"`
}

// A Value is a named number.
type Value struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
}

// Get returns a value by its name.
func (r *Result) Get(name string) (float64, bool) {
	for _, v := range r.Values {
		if v.Name == name {
			return v.Value, true
		}
	}
	return 0, false
}

// Done reports whether a task needs no more work.
func (r *Result) Done(t *study.Task) bool {
	return r != nil && r.Error == "" && r.ID == t.ID && r.Measures == t.MeasuresHash()
}

const maxResult = 1 << 24 // bytes

// ReadResult reads the result in a folder, nil if there is none yet.
func ReadResult(folder string) (*Result, error) {
	path := filepath.Join(folder, ResultName)
	text, err := regular.Read(path, maxResult)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err == nil {
		var r *Result
		if r, err = ParseResult(text); err == nil {
			return r, nil
		}
	}
	return nil, fmt.Errorf("%s: %w; remove it, and the run is measured again", path, err)
}

// ParseResult reads a result from JSON.
func ParseResult(text []byte) (*Result, error) {
	r := &Result{}
	if err := exactjson.Decode(text, r); err != nil {
		return nil, err
	}
	return r, r.Check()
}

// Check returns an error about a result that no run has.
func (r *Result) Check() error {
	if r.ID == "" || (r.Hash == "") == (r.Error == "") {
		return errors.New("the result lacks its id, or has not either a hash or an error")
	}
	return nil
}

// JSON returns the result as one line.
func (r *Result) JSON() []byte {
	b, err := json.Marshal(r)
	if err != nil {
		panic(err) // numbers are finite: see value
	}
	return append(b, '\n')
}

// Write writes the result into its folder.
func (r *Result) Write(folder string) error {
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return err
	}
	return atomicfile.Write(filepath.Join(folder, ResultName), func(w io.Writer) error {
		_, err := w.Write(r.JSON())
		return err
	})
}
