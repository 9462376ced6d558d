package cli

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/seed-f4dd853e/elman/train"
)

// parse returns the settings that a command line leads to, with a text of a million characters.
func parse(t *testing.T, args ...string) (train.Settings, *trainFlags, error) {
	t.Helper()
	f := &trainFlags{}
	c := &cobra.Command{}
	f.declare(c)
	if err := c.ParseFlags(args); err != nil {
		t.Fatal(err)
	}
	s, err := f.choice().Settings(train.Facts{Symbols: 60, Length: 1e6})
	return s, f, err
}

// flatten lists settings by their names in JSON, but for those that are not there, as 0 may be.
func flatten(t *testing.T, s train.Settings) map[string]any {
	t.Helper()
	b, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	var tree map[string]any
	if err := json.Unmarshal(b, &tree); err != nil {
		t.Fatal(err)
	}
	flat := map[string]any{}
	var walk func(map[string]any)
	walk = func(m map[string]any) {
		for name, v := range m {
			if inner, ok := v.(map[string]any); ok && name != "teacher" { // which has settings of its own
				walk(inner)
			} else if ok {
				flat[name] = fmt.Sprint(inner)
			} else if v != 0.0 && v != false && v != "" {
				flat[name] = v
			}
		}
	}
	walk(tree)
	return flat
}

// TestEachFlagAlone: a flag changes its own setting and those that, as docs/defaults.md has it, follow from it.
func TestEachFlagAlone(t *testing.T) {
	t.Parallel()
	const rate = "lr weight_decay"
	tests := map[string]struct{ value, want string }{
		"cell":                {"gru", "cell " + rate},
		"activation":          {"relu", "cell activation " + rate},
		"hidden":              {"512", "hidden " + rate},
		"layers":              {"2", "layers"},
		"block":               {"true", "block mlp embedding average " + rate},
		"embedding":           {"64", "embedding"},
		"layer-norm":          {"true", "layer_norm"},
		"learn-initial":       {"true", "learn_initial"},
		"init":                {"0.1", "normal"},
		"forget-bias":         {"1", "forget_bias"},
		"epochs":              {"7", "epochs"},
		"steps-total":         {"3000", "epochs steps"},
		"time":                {"10m", "epochs time warmup cell block layers tie conv mlp embedding lr weight_decay dropout dropout_recurrent"},
		"early-stop":          {"3", "early_stop"},
		"batch":               {"16", "batch report_every"},
		"shards":              {"8", "shards"},
		"window":              {"128", "window"},
		"seed":                {"7", "seed"},
		"report-every":        {"100", "report_every"},
		"report-epochs":       {"true", "report_epochs"},
		"retries":             {"0", "retries"},
		"teacher-share":       {"0.4", "teacher_share teacher"},
		"optimizer":           {"adagrad", "optimizer beta1 beta2 schedule warmup clip_norm dropout dropout_recurrent weight_decay lr"},
		"lr":                  {"0.01", rate},
		"beta1":               {"0.8", "beta1"},
		"beta2":               {"0.99", "beta2"},
		"epsilon":             {"1e-6", "epsilon"},
		"weight-decay":        {"0", "weight_decay"},
		"schedule":            {"constant", "schedule warmup"},
		"warmup":              {"200", "warmup"},
		"lr-final":            {"0.1", "lr_final"},
		"sum":                 {"true", "sum"},
		"dropout":             {"0.3", "dropout"},
		"dropout-variational": {"true", "dropout_variational"},
		"dropout-recurrent":   {"0", "dropout_recurrent"},
		"clip-norm":           {"0", "clip_norm"},
		"clip-value":          {"5", "clip_value clip_norm"},
		"average":             {"0.9", "average"},
	}
	refused := map[string]string{ // what needs another flag says which
		"mlp": "--mlp is 5, but requires --block", "tie": "--tie requires an --embedding as wide as --hidden, 256, not 0",
		"conv": "--conv is 5, but requires --embedding or --block", "momentum": "--momentum is 5, but adamw has none; choose --optimizer rmsprop, sgd or nesterov",
		"alpha":     "--alpha is 5, but adamw has none; choose --optimizer rmsprop",
		"lr-factor": "--lr-factor is 5, but the cosine schedule has none; choose --schedule step or plateau",
		"lr-every":  "--lr-every is 5, but the cosine schedule has none; choose --schedule step",
		"patience":  "--patience is 5, but the cosine schedule has none; choose --schedule plateau",
	}
	base, f, err := parse(t)
	if err != nil {
		t.Fatal(err)
	}
	before := flatten(t, base)
	f.set.VisitAll(func(fl *pflag.Flag) {
		if _, ok := f.fields[fl.Name]; !ok {
			return
		}
		if want, ok := refused[fl.Name]; ok {
			value := "5"
			if fl.Value.Type() == "bool" {
				value = "true"
			}
			_, _, err := parse(t, "--"+fl.Name+"="+value)
			c := &cobra.Command{}
			(&trainFlags{}).declare(c)
			if err == nil || describe(c, err) != want {
				t.Errorf("--%s %s: %v\nwant %s", fl.Name, value, describe(c, fmt.Errorf("%w", err)), want)
			}
			return
		}
		tt, ok := tests[fl.Name]
		if !ok {
			t.Errorf("--%s is not tried", fl.Name)
			return
		}
		s, _, err := parse(t, "--"+fl.Name+"="+tt.value)
		if err != nil {
			t.Errorf("--%s %s: %v", fl.Name, tt.value, err)
			return
		}
		after := flatten(t, s)
		allowed := strings.Fields(tt.want)
		for _, name := range slices.Sorted(maps.Keys(merged(before, after))) {
			if before[name] != after[name] && !slices.Contains(allowed, name) {
				t.Errorf("--%s %s changes %s from %v to %v", fl.Name, tt.value, name, before[name], after[name])
			}
		}
		for _, name := range allowed {
			if before[name] == after[name] {
				t.Errorf("--%s %s leaves %s at %v", fl.Name, tt.value, name, after[name])
			}
		}
	})
}

func merged(a, b map[string]any) map[string]any {
	all := maps.Clone(a)
	maps.Copy(all, b)
	return all
}

// TestRecipesHaveASeed: a recipe trains with the seed that a training without one has.
func TestRecipesHaveASeed(t *testing.T) {
	t.Parallel()
	for _, r := range train.Recipes() {
		s, f, err := parse(t, "--recipe", r.Name)
		if err != nil || s.Seed != 1 || f.seed() != 1 {
			t.Errorf("%s: seed %d, of a generated text %d, %v; want 1", r.Name, s.Seed, f.seed(), err)
		}
	}
}

// TestZeroOfEachFlag: 0 and false are values like others. They are taken as they are, over defaults and over settings that
// have more, or refused by the flag's name.
func TestZeroOfEachFlag(t *testing.T) {
	t.Parallel()
	const refused = "hidden layers batch window report-every lr epsilon epochs steps-total time" // the last three as no limit is left
	more := []string{"--epochs=3", "--steps-total=9000", "--early-stop=4", "--warmup=7", "--lr-final=0.5", "--dropout=0.4", "--clip-value=2", "--average=0.5", "--embedding=64"}
	base, f, err := parse(t, more...)
	if err != nil {
		t.Fatal(err)
	}
	for name, field := range f.fields {
		zero := "0"
		switch f.set.Lookup(name).Value.Type() {
		case "bool":
			zero = "false"
		case "string":
			continue
		}
		for _, over := range []*train.Settings{nil, &base} {
			f, c := &trainFlags{base: over}, &cobra.Command{}
			f.declare(c)
			if err := c.ParseFlags([]string{"--" + name + "=" + zero}); err != nil {
				t.Fatal(err)
			}
			s, err := f.choice().Settings(train.Facts{Symbols: 60, Length: 1e6})
			switch {
			case err != nil && !strings.Contains(describe(c, err), "--"+name):
				t.Errorf("--%s=%s: %s", name, zero, describe(c, err))
			case (err != nil) != slices.Contains(strings.Fields(refused), name):
				t.Errorf("--%s=%s: error %v", name, zero, err)
			case err == nil && !reflect.ValueOf(s).FieldByIndex(field.index).IsZero():
				t.Errorf("--%s=%s over %v becomes %v", name, zero, over != nil, reflect.ValueOf(s).FieldByIndex(field.index))
			}
		}
	}
}
