package train

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/seed-f4dd853e/elman/rnn"
)

// TestMetrics reads what a run has written: the reports it told of, but for what is in no file.
func TestMetrics(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "run")
	if got, err := Metrics(folder); len(got) > 0 || err != nil {
		t.Errorf("Metrics of no folder = %v, %v; want none", got, err)
	}
	var want []Report
	s := Settings{Network: rnn.Config{Hidden: 4}, ReportEvery: 2, Budget: Budget{Steps: 5}}
	mustRun(t, chars(t, rhyme(40)), s, Options{Folder: folder, Report: func(r Report) {
		r.Best, r.EpochEnd, r.Sample = false, false, ""
		want = append(want, r)
	}})
	got, err := Metrics(folder)
	if err != nil || len(want) != 3 || !reflect.DeepEqual(got, want) {
		t.Errorf("Metrics = %+v, %v; want the reports %+v", got, err, want)
	}
	path := filepath.Join(folder, metricsName)
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, text string
		reports    int
		complaint  string
	}{
		{"cut off within its last line", string(b[:len(b)-5]), 2, ""},
		{"no report", string(b) + "[]\n", 0, "line 4"},
	} {
		if err := os.WriteFile(path, []byte(tt.text), 0o666); err != nil {
			t.Fatal(err)
		}
		got, err := Metrics(folder)
		if len(got) != tt.reports || (err == nil) != (tt.complaint == "") || err != nil && !strings.Contains(err.Error(), tt.complaint) {
			t.Errorf("%s: %d reports, error %v; want %d, %q", tt.name, len(got), err, tt.reports, tt.complaint)
		}
	}
}
