package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/internal/bundle"
	"github.com/seed-f4dd853e/elman/internal/memory"
	"github.com/seed-f4dd853e/elman/internal/setting"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/score"
)

// describe returns one line about the error that ended command c: what is wrong, where, and what to do.
func describe(c *cobra.Command, err error) string {
	if errors.Is(err, context.Canceled) && !errors.Is(err, errInterrupted) {
		return "interrupted"
	}
	text := err.Error()
	if wrong := (*setting.Error)(nil); errors.As(err, &wrong) { // whoever called the command knows flags, not settings
		text = strings.Replace(text, wrong.Error(), wrong.Render(func(name setting.Name) string { return flagOf(c, name) }), 1)
	}
	if p := (*fs.PathError)(nil); errors.As(err, &p) { // open book.txt: no such file or directory
		text = strings.Replace(text, p.Error(), fmt.Sprintf("%s: %v", p.Path, p.Err), 1)
	}
	if a := advice(c, err); a != "" {
		text += "; " + a
	}
	return strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == '\r' }), "; ")
}

// advice says what to do about an error from the packages below, which know what is wrong but not which command ran.
func advice(c *cobra.Command, err error) string {
	takes := func(flag string) bool { return c.Flags().Lookup(flag) != nil }
	var encoding *corpus.EncodingError
	var unknown *corpus.UnknownSymbolError
	switch {
	case errors.As(err, &encoding) && takes("symbols"):
		return "convert it to UTF-8, or take it as it is with --symbols bytes"
	case errors.As(err, &encoding):
		return "convert it to UTF-8"
	case errors.As(err, &unknown) && takes("closed"):
		return "the alphabet is that of the text to learn from: leave out --closed, or such symbols"
	case errors.As(err, &unknown):
		return "use what occurs in the text that the model learned"
	case errors.Is(err, score.ErrNothingHeldOut):
		return "train with a --valid above 0, or name another text (--test-file)"
	case errors.Is(err, corpus.ErrEmpty):
		return "give a file with text in it"
	case errors.Is(err, corpus.ErrChanged):
		return "use a copy that nobody writes to"
	case errors.Is(err, syscall.ENOSPC) && takes("resume"):
		return "make room, then repeat the command, with --resume if the run had begun"
	case errors.Is(err, syscall.ENOSPC):
		return "make room"
	case errors.Is(err, syscall.EFBIG):
		return "write to a disk that holds larger files, or raise the limit (ulimit -f)"
	case errors.Is(err, syscall.EMFILE):
		return "name fewer files, or raise the limit (ulimit -n)"
	case errors.Is(err, fs.ErrNotExist):
		return "check the path"
	case errors.Is(err, fs.ErrPermission):
		return "check who may read and write there"
	}
	return ""
}

// loadModel loads a model file, the model in a run folder, or the one in a program.
func loadModel(path string) (*model.Model, error) {
	m, err := model.Load(path)
	var system syscall.Errno
	var shortage *memory.Shortage
	if err != nil && !errors.As(err, &system) && !errors.As(err, &shortage) && !errors.Is(err, bundle.ErrDamaged) { // of what the path leads to
		err = fmt.Errorf("%w; give a run folder, or a whole model file that elman wrote", err)
	}
	return m, err
}

// quoted quotes a path for a shell.
func quoted(path string) string {
	if path != "" && !strings.ContainsFunc(path, func(r rune) bool {
		return !(r == '/' || r == '.' || r == '-' || r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r > 127)
	}) {
		return path
	}
	return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
}
