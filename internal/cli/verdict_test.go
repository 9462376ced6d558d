package cli

import (
	"bytes"
	"context"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/train"
)

// A run that has come to its end stays as it is when its verdict is interrupted or impossible.
func TestVerdictLeftOut(t *testing.T) {
	text := strings.Repeat("a verdict is not for everyone\n", 20)
	data, err := corpus.New(corpus.FromBytes("text", []byte(text)), corpus.Options{Valid: 0.1})
	if err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(t.TempDir(), "run")
	s, err := train.Defaults(train.FactsOf(data), func(s *train.Settings) { s.Network.Hidden, s.Budget.Steps = 4, 2 })
	if err != nil {
		t.Fatal(err)
	}
	if _, err := train.Run(context.Background(), data, s, train.Options{Folder: folder}); err != nil {
		t.Fatal(err)
	}
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	for _, tt := range []struct {
		name string
		ctx  context.Context
		f    trainFlags
		want string // begins what is said after the first line
	}{
		{"Ctrl-C", cancelled, trainFlags{out: folder}, "left out; see elman score --verdict\n"},
		{"no model", context.Background(), trainFlags{out: folder + "s"}, "no verdict: model " + folder + "s: "},
		{"quiet", context.Background(), trainFlags{out: folder, quiet: true}, ""},
	} {
		var stderr bytes.Buffer
		(&env{stderr: &stderr}).trainVerdict(tt.ctx, &tt.f, data, "")
		_, last, _ := strings.Cut(stderr.String(), "\n")
		if !strings.HasPrefix(last, tt.want) || tt.want == "" && stderr.Len() > 0 {
			t.Errorf("%s: stderr is %q, want %q", tt.name, stderr.String(), tt.want)
		}
	}
}
