package run

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/seed-f4dd853e/elman/internal/exactjson"
	"github.com/seed-f4dd853e/elman/internal/regular"
)

// Metrics is a line of metrics.jsonl: the state of a training at a report.
type Metrics struct {
	Step             int64    `json:"step"`                // training steps so far
	Epoch            float64  `json:"epoch"`               // passes over the training text so far
	Symbols          int64    `json:"symbols"`             // predicted so far
	Loss             float64  `json:"loss"`                // nats per symbol (but see train.Settings.Codes), mean over the symbols since the last report
	PassLoss         float64  `json:"pass_loss,omitempty"` // mean over the last pass, or the last quarter of the first; 0 means unknown
	ValidLoss        *float64 `json:"valid_loss,omitempty"`
	LearningRate     float64  `json:"lr"`
	GradNorm         float64  `json:"grad_norm"` // of the last training step, before clipping
	SymbolsPerSecond float64  `json:"symbols_per_second"`
	Seconds          float64  `json:"seconds"` // of training so far, without pauses
}

const maxMetrics = 1 << 30 // bytes: five million reports

// ReadMetrics reads the reports of a run from metrics.jsonl in its folder, none if there are none yet. The last ones may be
// later than the checkpoint. It ignores an incomplete last line and fails on other malformed lines.
func ReadMetrics(folder string) ([]Metrics, error) {
	path := filepath.Join(folder, MetricsName)
	b, err := regular.Read(path, maxMetrics)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	} else if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	var all []Metrics
	for line, rest, ok := bytes.Cut(b, []byte("\n")); ok; line, rest, ok = bytes.Cut(rest, []byte("\n")) {
		m, err := parseMetrics(line)
		if err != nil {
			return nil, fmt.Errorf("%s, line %d: %w; put back the run's own file", path, len(all)+1, err)
		}
		all = append(all, m)
	}
	return all, nil
}

func parseMetrics(line []byte) (m Metrics, err error) {
	if err := exactjson.Decode(line, &m); err != nil { // no number in JSON is infinite
		return m, err
	}
	if m.Step < 1 {
		return m, fmt.Errorf("step is %d", m.Step)
	}
	return m, nil
}

// AppendReport appends a report to metrics.jsonl and the sample, if any, to samples.txt. The next checkpoint records them.
func (f *Folder) AppendReport(m Metrics, sample string) error {
	line, err := json.Marshal(m)
	if err != nil {
		return err
	}
	if f.lengths.Metrics, err = f.appendTo(MetricsName, f.lengths.Metrics, string(line)+"\n"); err != nil || sample == "" {
		return err
	}
	text := fmt.Sprintf("--- step %d, epoch %.2f, loss %.4f\n%s\n", m.Step, m.Epoch, m.Loss, sample)
	f.lengths.Samples, err = f.appendTo(SamplesName, f.lengths.Samples, text)
	return err
}

// Continue sets the lengths of the files to those of a checkpoint: the next report is written there, and what lies beyond is
// cut off. The files must not be shorter.
func (f *Folder) Continue(l Lengths) error {
	if err := f.atLeast(MetricsName, l.Metrics); err != nil {
		return err
	}
	if err := f.atLeast(SamplesName, l.Samples); err != nil {
		return err
	}
	f.lengths = l
	return nil
}

// atLeast returns an error if a file is shorter than the given length.
func (f *Folder) atLeast(file string, length int64) error {
	info, err := os.Stat(f.Path(file))
	switch {
	case length == 0:
		return nil
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%s is missing, of which %d bytes belong to the run", file, length)
	case err != nil:
		return fmt.Errorf("%s: %w", file, regular.Reason(err))
	case !info.Mode().IsRegular():
		return fmt.Errorf("%s %w", file, regular.ErrNotRegular)
	case length < 0 || info.Size() < length:
		return fmt.Errorf("%s has %d bytes, of which %d belong to the run", file, info.Size(), length)
	}
	return nil
}

// appendTo appends text to a file of the given length, cutting off what lies beyond. It returns the new length.
func (f *Folder) appendTo(file string, length int64, text string) (int64, error) {
	out, _, err := regular.OpenFile(f.Path(file), os.O_WRONLY|os.O_CREATE, 0o666)
	if err != nil {
		return length, fmt.Errorf("%s: %w", f.Path(file), err)
	}
	defer out.Close()
	err = out.Truncate(length)
	if err == nil {
		_, err = out.WriteAt([]byte(text), length)
	}
	if err == nil {
		err = out.Sync()
	}
	if err != nil {
		return length, fmt.Errorf("%s: %w", f.Path(file), regular.Reason(err))
	}
	return length + int64(len(text)), nil
}
