package train

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// FuzzState restores from any bytes: no panic, one line of error, memory in proportion, and what is restored stands
// somewhere in the text.
func FuzzState(f *testing.F) {
	folder := filepath.Join(f.TempDir(), "run")
	c, s, whole := hostileRun(f, folder)
	f.Add(whole)
	for i := 0; i < len(whole); i += 29 {
		f.Add(whole[:i])
		b := bytes.Clone(whole)
		b[i] ^= 1 << (i % 8)
		f.Add(b)
	}
	restore := restorer(f, folder, c, s)
	f.Fuzz(func(t *testing.T, state []byte) {
		tr, err := restore(t, state)
		if err != nil { // the fuzzer cannot compute checksums
			tr, err = restore(t, sealed(state))
		}
		if err != nil {
			return
		}
		if at := tr.streams.Position(); at != tr.Position || tr.Step < 1 || tr.checkWeights() != nil {
			t.Errorf("restored at position %d as %+v", at, tr.progress)
		}
	})
}

// FuzzReadSettings reads settings from any bytes: no panic, one line of error, and what is read is written and read again to
// the same settings, whether or not they are in range.
func FuzzReadSettings(f *testing.F) {
	files, err := filepath.Glob(filepath.Join("testdata", "*", "*.json"))
	if err != nil || len(files) < 4 {
		f.Fatalf("%d files to begin with, error %v", len(files), err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
		for i := 0; i < len(text); i += 23 {
			f.Add(text[:i])
			b := bytes.Clone(text)
			b[i] ^= 1 << (i % 8)
			f.Add(b)
		}
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		s, err := ReadSettings(text)
		if err != nil {
			if strings.ContainsAny(err.Error(), "\n\r\x1b") || len(err.Error()) > 400 {
				t.Errorf("error %q", err)
			}
			return
		}
		written, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := ReadSettings(written); err != nil || again != s {
			t.Errorf("%+v is written as %s and read as %+v, error %v", s, written, again, err)
		}
		facts := Facts{Symbols: 60, Length: 1e6}
		if full, err := (Choice{Base: &s}).Settings(facts); err == nil && full.Check(facts) != nil {
			t.Errorf("%+v are chosen, and out of range", full)
		}
	})
}
