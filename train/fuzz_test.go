package train

import (
	"bytes"
	"path/filepath"
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
