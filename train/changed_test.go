package train

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/rnn"
)

// TestTextChanges changes the text of a run after its second report: one that is too large to be held in memory. The run ends
// with one line, and goes on to the bits of an undisturbed one when the text is what it was; or nothing that it reads has
// changed, and it ends with those bits.
func TestTextChanges(t *testing.T) {
	const line = "the rain in Spain stays mainly in the plain\n"
	whole := strings.Repeat(line, 17<<20/len(line))
	path := filepath.Join(t.TempDir(), "text")
	write := func(text string) error { return os.WriteFile(path, []byte(text), 0o666) }
	if err := write(whole); err != nil {
		t.Fatal(err)
	}
	run := func(documents corpus.Documents, o Options) (*Result, error) {
		text, err := corpus.Open(t.Context(), []string{path}, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer text.Close()
		c, err := corpus.New(text, corpus.Options{Closed: true, Documents: documents})
		if err != nil {
			t.Fatal(err)
		}
		s := Settings{Network: rnn.Config{Cell: "elman", Hidden: 3}, Batch: 2, Window: 1 << 10, ReportEvery: 5, Budget: Budget{Steps: 150}}
		return runPartial(t.Context(), c, s, o)
	}
	for _, documents := range []corpus.Documents{corpus.Whole, corpus.Lines} {
		want, err := run(documents, Options{})
		if err != nil {
			t.Fatal(err)
		}
		for _, tt := range []struct {
			name   string
			change func() error
			err    bool
		}{
			{"truncated", func() error { return os.Truncate(path, 1000) }, true},
			{"rewritten", func() error { return write(strings.ToUpper(whole)) }, true},
			{"replaced", func() error {
				return errors.Join(os.WriteFile(path+"2", []byte(line), 0o666), os.Rename(path+"2", path))
			}, false},
			{"appended to", func() error { return write(whole + line) }, false},
			{"deleted", func() error { return os.Remove(path) }, false},
		} {
			if documents != corpus.Whole && tt.name != "truncated" && !full {
				continue
			}
			folder := filepath.Join(t.TempDir(), "run")
			r, err := run(documents, Options{Folder: folder, Report: func(r Report) {
				if r.Step == 10 {
					if err := tt.change(); err != nil {
						t.Error(err)
					}
				}
			}})
			if errors.Is(err, corpus.ErrChanged) != tt.err || err != nil && !strings.HasPrefix(err.Error(), path) {
				t.Errorf("%s, %s: error %v", documents, tt.name, err)
			}
			if err := write(whole); err != nil {
				t.Fatal(err)
			}
			if tt.err {
				if r, err = run(documents, Options{Folder: folder, Resume: true}); err != nil {
					t.Errorf("%s, %s: resumed: %v", documents, tt.name, err)
					continue
				}
			}
			if got := r.Model.Hash(); got != want.Model.Hash() {
				t.Errorf("%s, %s: hash %s, want %s", documents, tt.name, got, want.Model.Hash())
			}
		}
	}
}
