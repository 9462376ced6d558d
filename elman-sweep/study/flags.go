package study

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/seed-f4dd853e/elman/internal/setting"
)

// A kind is what a flag of elman train takes.
type kind int

const (
	word kind = iota
	whole
	number
	truth
	filename // whose content counts, not its name
	amounts  // one or a list
)

// flags are those of elman train that a study may set, without --.
var flags = map[string]kind{
	"symbols": word, "documents": word, "cell": word, "activation": word, "recipe": word, "optimizer": word, "schedule": word,

	"min-count": whole, "alphabet-size": whole, "hidden": whole, "layers": whole, "mlp": whole, "embedding": whole, "conv": whole,
	"epochs": whole, "steps-total": whole, "early-stop": whole, "batch": whole, "window": whole, "report-every": whole,
	"retries": whole, "warmup": whole, "lr-every": whole, "patience": whole, "shards": whole,

	"valid": number, "init": number, "forget-bias": number, "lr": number, "momentum": number, "alpha": number, "beta1": number,
	"beta2": number, "epsilon": number, "weight-decay": number, "lr-final": number, "lr-factor": number, "dropout": number,
	"dropout-recurrent": number, "clip-norm": number, "clip-value": number, "average": number, "teacher-share": number,

	"lowercase": truth, "closed": truth, "block": truth, "tie": truth, "layer-norm": truth, "learn-initial": truth,
	"report-epochs": truth, "sum": truth, "dropout-variational": truth,

	"valid-file": filename, "test-file": filename, "init-from": filename, "config": filename,

	"keep-at": amounts,
}

// refused says of the other flags why a study does not set them.
var refused = map[string]string{
	"seed":     "seeds lists them",
	"time":     "it would make the result depend on the machine's speed; set epochs or steps-total",
	"language": "write the text into a file: elman corpus play > play.txt",
	"size":     "write the text into a file: elman corpus play --size N > play.txt",
	"out":      "each run has a folder of its own",
	"resume":   "runs are continued by themselves",
	"plan":     "elman-sweep plan shows a study",
	"find-lr":  "list learning rates under [axes]",
	"json":     "elman-sweep report writes CSV and JSON",
	"quiet":    "runs are quiet",
	"threads":  "it does not change the result; elman-sweep run has --threads",
	"kernels":  "they do not change the result",
}

// flagName returns the name of a flag as a study may write it: with - or _ between its words.
func flagName(key string) string { return strings.ReplaceAll(key, "_", "-") }

// checkFlag returns the kind of a flag.
func checkFlag(key string) (kind, error) {
	name := flagName(key)
	if k, ok := flags[name]; ok {
		return k, nil
	}
	if why, ok := refused[name]; ok {
		return 0, fmt.Errorf("%s has no place here: %s", key, why)
	}
	return 0, fmt.Errorf("%s is no flag of elman train%s", key, suggestion(name))
}

// suggestion names the flag that was meant, if one is near.
func suggestion(name string) string {
	var known []string
	for f := range flags {
		known = append(known, f)
	}
	slices.Sort(known)
	return suggest(name, known)
}

// suggest returns "; did you mean X?" if one of the words is near.
func suggest(name string, known []string) string {
	best, at := "", 3
	for _, k := range known {
		if d := setting.Distance(name, k); d < at {
			best, at = k, d
		}
	}
	if best == "" {
		return ""
	}
	return "; did you mean " + best + "?"
}

// valueText returns the value of a flag as the command line takes it.
func valueText(key string, k kind, value any) (string, error) {
	switch v := value.(type) {
	case string:
		if (k == word || k == filename || k == amounts) && v != "" {
			return v, nil
		}
	case bool:
		if k == truth {
			return strconv.FormatBool(v), nil
		}
	case int64:
		if k == whole || k == number || k == amounts {
			return strconv.FormatInt(v, 10), nil
		}
	case float64:
		if k == number {
			return strconv.FormatFloat(v, 'g', -1, 64), nil
		}
	case []any:
		if k == amounts && len(v) > 0 {
			var all []string
			for _, one := range v {
				text, err := valueText(key, word, one)
				if n, ok := one.(int64); ok {
					text, err = strconv.FormatInt(n, 10), nil
				}
				if err != nil {
					return "", err
				}
				all = append(all, text)
			}
			return strings.Join(all, ","), nil
		}
	}
	wanted := map[kind]string{word: "a word in quotes", whole: "a whole number", number: "a number", truth: "true or false",
		filename: "the name of a file in quotes", amounts: `numbers of symbols such as ["500k", "1M"]`}[k]
	return "", fmt.Errorf("%s is %s, must be %s", key, shown(value), wanted)
}

// shown writes a value of a study for an error.
func shown(value any) string {
	switch v := value.(type) {
	case string:
		return fmt.Sprintf("%.40q", v)
	case *table, []*table:
		return "a table"
	case []any:
		return "a list"
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	}
	return fmt.Sprint(value)
}

// oneOf joins names for an error.
func oneOf(names []string) string { return setting.Alternatives(names) }

// Knows reports whether a flag of elman train can be set by a study, or is refused with a reason.
func Knows(flag string) bool {
	_, takes := flags[flag]
	_, refuses := refused[flag]
	return takes || refuses
}
