package train

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// Metrics reads the reports of a run, from metrics.jsonl in its folder, and none if it has made none yet. The last of them
// may be later than the checkpoint from which the run would go on: Result.Step or Options.Start tells. A last line that was
// cut off is left out. It fails on a line that is no report.
func Metrics(folder string) ([]Report, error) {
	path := filepath.Join(folder, metricsName)
	b, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	var reports []Report
	for line, rest, ok := bytes.Cut(b, []byte("\n")); ok; line, rest, ok = bytes.Cut(rest, []byte("\n")) {
		var r Report
		if err := json.Unmarshal(line, &r); err != nil {
			return nil, fmt.Errorf("%s, line %d: %w", path, len(reports)+1, err)
		}
		reports = append(reports, r)
	}
	return reports, nil
}
