package cli

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/train"
	"github.com/seed-f4dd853e/elman/train/run"
)

// parseKeepAt reads --keep-at: numbers of symbols such as 500k,1M,2.5M, in any order.
func parseKeepAt(text string) ([]int64, error) {
	all := []int64{}
	for _, part := range strings.Split(text, ",") {
		number, unit := strings.TrimSpace(part), 1.0
		switch {
		case strings.HasSuffix(number, "k"):
			unit = 1e3
		case strings.HasSuffix(number, "M"):
			unit = 1e6
		}
		if unit > 1 {
			number = number[:len(number)-1]
		}
		n, err := strconv.ParseFloat(number, 64)
		whole := math.Round(n * unit) // 4.1 is not quite 4.1 as a float64
		if err != nil || !(whole >= 1 && whole <= 1<<53) || math.Abs(n*unit-whole) > 1e-15*whole || strings.ContainsAny(number, "xXpPeE_") {
			return nil, usagef("--keep-at has %q, must be numbers of symbols such as 500k,1M,2.5M", part)
		}
		all = append(all, int64(whole))
	}
	slices.Sort(all)
	return slices.Compact(all), nil
}

// noteKept says which models will not be kept, because the training ends before.
func (e *env) noteKept(f *trainFlags, data *corpus.Corpus) error {
	kept, err := train.KeepPlan(data, f.settings, f.keepAt)
	if err != nil {
		return err
	}
	var beyond []string
	for _, k := range kept {
		if k.Step == 0 {
			beyond = append(beyond, run.Amount(k.At))
		}
	}
	if len(beyond) > 0 && !f.quiet {
		fmt.Fprintf(e.stderr, "note: --keep-at %s is beyond the end of the training: no model is kept there\n", strings.Join(beyond, ","))
	}
	return nil
}
