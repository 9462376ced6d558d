package optim

import "github.com/seed-f4dd853e/elman/internal/setting"

// A RuleInfo describes a rule for help texts and tests.
type RuleInfo struct {
	Name, Doc string
	rate      float64 // the default; it suits the gradient of a mean loss
	// defaults holds the default of each Hyperparameter that the rule takes, by name.
	defaults map[string]float64
	// formula is the definition that the rule is tested against: the update of a single weight w by its gradient g in training
	// step n, counted from 1, in float64 and as the paper has it. The function it returns keeps the weight's state.
	formula func(s Settings) func(w, g float64, n int64) float64

	build func(Settings) Rule
}

// rules lists every rule, the default first. A new one is a file of its own and its name here.
var rules = []RuleInfo{
	adam,
	adamw,
	rmsprop,
	adagrad,
	sgd,
	nesterov,
}

// Rules returns every rule, the default first.
func Rules() []RuleInfo { return rules }

// findRule returns the rule with this name, or an error that lists all names.
func findRule(name string) (RuleInfo, error) {
	return setting.Find("optimizer", name, rules, func(r RuleInfo) string { return r.Name })
}

// has reports whether the rule has the hyperparameter of a name.
func (r RuleInfo) has(name string) bool {
	_, ok := r.defaults[name]
	return ok
}
