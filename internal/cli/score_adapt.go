package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/internal/atomicfile"
	"github.com/seed-f4dd853e/elman/internal/regular"
	"github.com/seed-f4dd853e/elman/score"
)

// adaptFlags are the flags of score --adapt.
type adaptFlags struct {
	on    bool
	rate  float64
	state string
	model string
}

func (f *adaptFlags) add(c *cobra.Command) {
	fl := c.Flags()
	fl.BoolVar(&f.on, "adapt", false, "go on learning from the text, after each 32 symbols of it")
	fl.Float64Var(&f.rate, "adapt-rate", 0, "learning rate of --adapt (0: a 16th of what train chooses)")
	fl.StringVar(&f.state, "adapt-state", "", "`file` to continue from, and to keep what was learned in")
	fl.StringVar(&f.model, "adapt-model", "", "in the end, write the model that was learned to this `file`")
}

func (f *adaptFlags) check(c *cobra.Command, models int, table bool) error {
	for _, name := range []string{"adapt-rate", "adapt-state", "adapt-model"} {
		if c.Flags().Changed(name) && !f.on {
			return usagef("--%s is for --adapt", name)
		}
	}
	if err := f.settings().Check(); err != nil {
		return usageError{err}
	}
	switch {
	case models > 1 && (f.state != "" || f.model != ""):
		return usagef("--adapt-state and --adapt-model are for one model; leave out --model")
	case f.state != "" && table:
		return usagef("--adapt-state is not for --table")
	}
	return nil
}

// settings returns how models adapt.
func (f *adaptFlags) settings() score.Adaptation {
	a := score.DefaultAdaptation()
	if f.rate != 0 {
		a.Rate = f.rate
	}
	return a
}

// files returns the new files to write. That of the state may exist; it must then be one.
func (f *adaptFlags) files() (all []string) {
	if f.model != "" {
		all = append(all, f.model)
	}
	if _, err := os.Stat(f.state); f.state != "" && err != nil {
		all = append(all, f.state)
	}
	return all
}

// setScorer gives model j a scorer, which adapts if it should.
func (s *scoring) setScorer(j int) error {
	m := &s.models[j]
	m.scorer = score.New(m.model, s.f.extras())
	m.scorer.Threads = s.f.threads
	if s.f.documents != "" {
		m.scorer.Documents = corpus.Documents(s.f.documents)
	}
	if s.keyOf != nil {
		m.streams = score.NewStreams(m.scorer, mostKeys)
	}
	if !s.f.adapt.on {
		return nil
	}
	err := m.scorer.Adapt(s.f.adapt.settings())
	if errors.Is(err, score.ErrRounded) {
		err = fmt.Errorf("--adapt, %s: %w", m.name, err)
	}
	return err
}

// readState continues from the file of the state, if there is one. It comes after the reference, which is read as in the first call.
func (s *scoring) readState() error {
	path := s.f.adapt.state
	if path == "" {
		return nil
	}
	f, size, err := regular.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		defer f.Close()
		s.bookmark, err = s.models[0].adaptation().ReadAdaptation(f, size)
	}
	if err != nil {
		return fmt.Errorf("--adapt-state %s: %w; name another file to begin again", path, regular.Reason(err))
	}
	return nil
}

// keepAdapted writes what was learned, once all that was scored is told. at is where the last text was left, if it was not read to
// its end.
func (s *scoring) keepAdapted(at score.Bookmark) error {
	f := s.f.adapt
	if f.state == "" && f.model == "" {
		return nil
	}
	if err := s.out.Flush(); err != nil {
		return err
	}
	s.env.saving.Store(true)
	defer s.env.saving.Store(false)
	m := &s.models[0]
	if f.state != "" {
		if at.Text == "" {
			m.reset()
		}
		if err := atomicfile.Write(f.state, func(w io.Writer) error { return m.adaptation().WriteAdaptation(w, at) }); err != nil {
			return err
		}
	}
	if f.model != "" {
		return m.scorer.Adapted().Save(f.model)
	}
	return nil
}

// adaptation returns what keeps the state of a model that adapts.
func (m *scoredModel) adaptation() interface {
	WriteAdaptation(io.Writer, score.Bookmark) error
	ReadAdaptation(io.ReaderAt, int64) (score.Bookmark, error)
} {
	if m.streams != nil {
		return m.streams
	}
	return m.scorer
}

// interrupted keeps what was learned after an interruption, and says where the next call goes on.
func (s *scoring) interrupted(err error) error {
	if failed := s.keepAdapted(s.left); failed != nil {
		return failed
	}
	if state := s.f.adapt.state; state != "" {
		return interruptedf(fmt.Sprintf(" after line %d of %s, as %s knows; the same command goes on there", s.left.Lines, textName(s.left.Text), state))
	}
	return err
}

// firstUnread returns the index of the first file that an interrupted call has not read to its end. A file may be named twice.
func (s *scoring) firstUnread(paths []string) int {
	if i := s.bookmark.File; i >= 0 && i < len(paths) && paths[i] == s.bookmark.Text {
		return i
	}
	i := slices.Index(paths, s.bookmark.Text)
	if i < 0 {
		s.bookmark = score.Bookmark{}
	}
	return max(0, i)
}

// tellResumed says where a text goes on.
func (s *scoring) tellResumed(at score.Bookmark) {
	if at.Text != "" {
		s.status.Clear()
		fmt.Fprintf(s.env.stderr, "going on in %s, after line %d, as --adapt-state %s says\n", textName(at.Text), at.Lines, s.f.adapt.state)
	}
}

// resumes returns where to go on in a text.
func (s *scoring) resumes(path string) (at score.Bookmark) {
	if s.bookmark.Text == path {
		at = s.bookmark
	}
	s.bookmark = score.Bookmark{}
	return at
}
