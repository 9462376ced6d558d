package train

import (
	"path/filepath"
	"reflect"
	"testing"

	"github.com/seed-f4dd853e/elman/rnn"
	"github.com/seed-f4dd853e/elman/train/run"
)

// TestMetricsOfARun reads what a run has written: the reports it told of, but for what is in no file.
func TestMetricsOfARun(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "run")
	var want []run.Metrics
	s := Settings{Network: rnn.Config{Hidden: 4}, ReportEvery: 2, Budget: Budget{Steps: 5}}
	mustRun(t, chars(t, rhyme(40)), s, Options{Folder: folder, Report: func(r Report) { want = append(want, r.Metrics) }})
	got, err := run.ReadMetrics(folder)
	if err != nil || len(want) != 3 || !reflect.DeepEqual(got, want) {
		t.Errorf("ReadMetrics = %+v, %v; want the reports %+v", got, err, want)
	}
}
