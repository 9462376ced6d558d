package train

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/seed-f4dd853e/elman/optim"
	"github.com/seed-f4dd853e/elman/rnn"
)

// TestDefaults pins what is chosen for texts of several lengths, and that a choice once made stays as it is.
func TestDefaults(t *testing.T) {
	for _, tt := range []struct {
		length                int64
		window, batch, epochs int
	}{
		{2, 1, 1, 100}, // passes of two training steps, as many as there may be
		{50, 49, 1, 100},
		{2_000, 64, 1, 100},  // 31 training steps a pass
		{41_000, 64, 10, 71}, // 64 training steps a pass, of which 71 make 4,500
		{510_000, 64, 32, 19},
		{1_000_000, 64, 32, 10},
	} {
		s, err := Defaults(Facts{Symbols: 60, Length: tt.length}, nil)
		if err != nil {
			t.Fatalf("%d symbols: %v", tt.length, err)
		}
		if s.Window != tt.window || s.Batch != tt.batch || s.Budget.Epochs != tt.epochs {
			t.Errorf("%d symbols: windows of %d in %d streams, %d passes; want %d, %d, %d",
				tt.length, s.Window, s.Batch, s.Budget.Epochs, tt.window, tt.batch, tt.epochs)
		}
		if again, err := Defaults(Facts{Symbols: 60, Length: tt.length}, func(d *Settings) { *d = s }); err != nil || again != s {
			t.Errorf("%d symbols: %+v becomes %+v, %v", tt.length, s, again, err)
		}
	}
}

// TestDefaultLength: separate texts, and a model that goes on with another text, have the fewer training steps.
func TestDefaultLength(t *testing.T) {
	for _, tt := range []struct {
		facts  Facts
		epochs int
	}{
		{Facts{Symbols: 60, Length: 90_000}, 69}, // 66 training steps a pass
		{Facts{Symbols: 60, Length: 90_000, Documents: true}, 31},
		{Facts{Symbols: 60, Length: 90_000, Continued: true}, 31},
		{Facts{Symbols: 60, Length: 90_000, Words: true}, 12},
	} {
		s, err := Defaults(tt.facts, nil)
		if err != nil || s.Budget.Epochs != tt.epochs {
			t.Errorf("%+v: %d passes, error %v; want %d", tt.facts, s.Budget.Epochs, err, tt.epochs)
		}
	}
}

// TestDefaultAverage: long trainings of blocks keep a mean of about a ninth of their training steps.
func TestDefaultAverage(t *testing.T) {
	blocks := rnn.Config{Cell: "gru", Block: true}
	for _, tt := range []struct {
		s       Settings
		average float64
	}{
		{Settings{Network: blocks, Budget: Budget{Steps: 8986}}, 0.999},
		{Settings{Network: blocks, Budget: Budget{Steps: 1000}}, 0.991},
		{Settings{Network: blocks, Budget: Budget{Steps: 999}}, 0},
		{Settings{Network: blocks, Budget: Budget{Epochs: 1 << 30}}, 0.9999},
		{Settings{Network: blocks, Budget: Budget{Steps: 8986}, Optimizer: optim.Settings{Optimizer: "adam"}}, 0},
		{Settings{Budget: Budget{Steps: 8986}}, 0},
	} {
		s, err := Defaults(Facts{Symbols: 60, Length: 1e6}, with(tt.s))
		if err != nil || s.Average != tt.average {
			t.Errorf("%+v: average %v, error %v; want %v", tt.s, s.Average, err, tt.average)
		}
	}
}

// TestDefaultDropout pins where dropout begins, by epochs and by the weights for each symbol.
func TestDefaultDropout(t *testing.T) {
	for _, tt := range []struct{ passes, weights, outputs, recurrent float64 }{
		{0, 100, 0, 0}, {1.49, 100, 0, 0}, {1.5, 100, 0.1, 0.1}, {4.99, 0, 0.1, 0.1}, {5, 0, 0.1, 0.15}, {100, 1.99, 0.1, 0.15}, {5, 2, 0.25, 0.25},
	} {
		if outputs, recurrent := defaultDropout(tt.passes, tt.weights); outputs != tt.outputs || recurrent != tt.recurrent {
			t.Errorf("%v epochs, %v weights for a symbol: %v and %v, want %v and %v", tt.passes, tt.weights, outputs, recurrent, tt.outputs, tt.recurrent)
		}
	}
}

// TestChoiceOverSettings: over settings that are complete a change brings what belongs to it, and nothing else changes.
func TestChoiceOverSettings(t *testing.T) {
	f := Facts{Symbols: 60, Length: 1e6}
	base, err := Defaults(f, nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct{ change, want func(*Settings) }{
		"nothing":    {func(*Settings) {}, func(*Settings) {}},
		"a schedule": {func(s *Settings) { s.Schedule.Name = "plateau" }, func(s *Settings) { s.Schedule = optim.Schedule{Name: "plateau", Factor: 0.5, Patience: 3} }},
		"and more of it": {func(s *Settings) { s.Schedule.Name, s.Schedule.Patience = "plateau", 7 },
			func(s *Settings) { s.Schedule = optim.Schedule{Name: "plateau", Factor: 0.5, Patience: 7} }},
		"the same schedule": {func(s *Settings) { s.Schedule.Name = "cosine" }, func(*Settings) {}},
		"an optimizer": {func(s *Settings) { s.Optimizer.Optimizer = "sgd" },
			func(s *Settings) { s.Optimizer = optim.Settings{Optimizer: "sgd", LearningRate: 0.1} }},
		"a cell":      {func(s *Settings) { s.Network.Cell = "elman" }, func(s *Settings) { s.Network.Cell, s.Network.Activation = "elman", "tanh" }},
		"other facts": {func(s *Settings) { s.Network.Symbols = 3 }, func(*Settings) {}},
	} {
		want := base
		tt.want(&want)
		if got, err := (Choice{Base: &base, Change: tt.change}).Settings(f); err != nil || got != want {
			t.Errorf("%s: %+v\nwant %+v, error %v", name, got, want, err)
		}
	}
}

// TestDefaultTraining pins how a training goes where no optimizer is named, and that one which is stands for itself.
func TestDefaultTraining(t *testing.T) {
	passes := func(n int) Budget { return Budget{Epochs: n} }
	for _, tt := range []struct {
		name    string
		s       Settings
		network string
		rate    float64
		clip    float64
		dropout float64
		warmup  int64
		decay   float64
	}{
		{"nothing chosen", Settings{}, "small", 0.016, 1, 0.1, 100, 0.03125},
		{"once", Settings{Budget: passes(1)}, "small", 0.016, 1, 0, 48, 0.03125},
		{"a few times", Settings{Budget: passes(4)}, "small", 0.016, 1, 0.1, 100, 0.03125},
		{"few training steps", Settings{Budget: Budget{Steps: 99}}, "small", 0.016, 1, 0, 9, 0.03125},
		{"minutes", Settings{Budget: Budget{Steps: 5000, For: 4 * time.Minute}}, "small", 0.016, 1, 0.1, 100, 0.03125},
		{"longer", Settings{Budget: Budget{Steps: 5000, For: 10 * time.Minute}}, "medium", 0.003, 1, 0.1, 100, 1. / 6},
		{"hours", Settings{Budget: Budget{Steps: 5000, For: time.Hour}}, "taught", 0.002, 1, 0.1, 100, 0.25},
		{"blocks at a low rate", Settings{Network: rnn.Config{Hidden: 512, Block: true}}, "", 0.0025, 1, 0.25, 100, 0.2},
		{"a network", Settings{Network: rnn.Config{Hidden: 512}}, "", 0.008, 1, 0.1, 100, 0.0625},
		{"a small network", Settings{Network: rnn.Config{Hidden: 16}}, "", 0.02, 1, 0.1, 100, 0.025},
		{"an activation", Settings{Network: rnn.Config{Activation: "relu"}}, "", 0.0096, 1, 0.1, 100, 5 / 96.},
		{"a rate alone", Settings{Optimizer: optim.Settings{LearningRate: 0.03}}, "small", 0.03, 1, 0.1, 100, 0.05 / 3},
		{"a low rate", Settings{Optimizer: optim.Settings{LearningRate: 1e-5}}, "small", 1e-5, 1, 0.1, 100, 1},
		{"no limit, no dropout", Settings{ClipNorm: -1, Dropout: -1}, "small", 0.016, 0, 0, 100, 0.03125},
		{"another limit", Settings{ClipValue: 5}, "small", 0.016, 0, 0.1, 100, 0.03125},
		{"an optimizer", Settings{Optimizer: optim.Settings{Optimizer: "adamw"}}, "small", 0.002, 0, 0, 0, 0.01},
	} {
		s, err := Defaults(Facts{Symbols: 60, Length: 1e6}, with(tt.s))
		if err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		schedule := "cosine"
		if tt.s.Optimizer.Optimizer != "" {
			schedule = "constant"
		}
		if NetworkRecipe(s.Network) != tt.network || s.Optimizer.Optimizer != "adamw" || math.Abs(s.Optimizer.LearningRate-tt.rate) > 1e-12 || s.ClipNorm != tt.clip ||
			s.Dropout != tt.dropout || s.Schedule.Name != schedule || s.Schedule.Warmup != tt.warmup || math.Abs(s.Optimizer.WeightDecay-tt.decay) > 1e-12 {
			t.Errorf("%s: %q, %s at %v, %s with a warm-up of %d, clipped to %v, dropout %v, decay %v; want %+v", tt.name, NetworkRecipe(s.Network), s.Optimizer.Optimizer,
				s.Optimizer.LearningRate, s.Schedule.Name, s.Schedule.Warmup, s.ClipNorm, s.Dropout, s.Optimizer.WeightDecay, tt)
		}
		if again, err := Defaults(Facts{Symbols: 60, Length: 1e6}, func(d *Settings) { *d = s }); err != nil || again != s {
			t.Errorf("%s: %+v becomes %+v, %v", tt.name, s, again, err)
		}
	}
}

// TestDefaultDecay: in blocks that read a short text often, decay follows the epochs.
func TestDefaultDecay(t *testing.T) {
	for _, tt := range []struct {
		length, steps int64
		want          float64 // of a weight, in a training step
	}{
		{1e6, 9000, 5e-4}, {2048 * 100, 1000, 1 / 420.}, {2048 * 100, 499, 5e-4}, {2048 * 400, 4000, 1 / 1680.},
	} {
		s, err := Defaults(Facts{Symbols: 60, Length: tt.length}, with(Settings{Network: rnn.Config{Cell: "gru", Block: true}, Budget: Budget{Steps: tt.steps}}))
		if got := s.Optimizer.WeightDecay * s.Optimizer.LearningRate; err != nil || math.Abs(got/tt.want-1) > 1e-9 {
			t.Errorf("%d symbols, %d training steps: a weight loses %v of itself in one (%v), want %v", tt.length, tt.steps, got, err, tt.want)
		}
	}
}

// TestDefaultSize: the large network is for hours with a text that has a symbol for each of its weights, the taught one for hours
// with a shorter text.
func TestDefaultSize(t *testing.T) {
	for _, tt := range []struct {
		time   time.Duration
		length int64
		want   string
	}{
		{1, 1e8, "small"}, {time.Minute, 1e8, "small"}, {10 * time.Minute, 1e4, "medium"}, {10 * time.Minute, 1e8, "medium"},
		{time.Hour, 4_399_999, "taught"}, {time.Hour, 4_400_000, "large"}, {40 * time.Minute, 1e8, "medium"}, {40*time.Minute + 1, 1e8, "large"},
	} {
		s, err := Defaults(Facts{Symbols: 60, Length: tt.length}, func(s *Settings) { s.Budget.Time = tt.time })
		if got := NetworkRecipe(s.Network); err != nil || got != tt.want {
			t.Errorf("%v and %d symbols: %q (%v), want %q", tt.time, tt.length, got, err, tt.want)
		}
	}
	large := sizes[slices.IndexFunc(sizes, func(s size) bool { return s.name == "large" })]
	large.network.Symbols = 60
	if n, err := large.network.WithDefaults(); err != nil || math.Abs(float64(n.Weights())/float64(large.least)-1) > 0.02 {
		t.Errorf("large has %d weights (%v), and is for texts of %d symbols", n.Weights(), err, large.least)
	}
}

// TestContinuedRate: a trained model goes on at half the rate, unless change says another or names an optimizer. Decay follows.
func TestContinuedRate(t *testing.T) {
	for _, tt := range []struct {
		name        string
		change      Settings
		rate, decay float64
	}{
		{"nothing chosen", Settings{}, 0.008, 0.0625},
		{"a rate", Settings{Optimizer: optim.Settings{LearningRate: 0.03}}, 0.03, 0.05 / 3},
		{"an optimizer", Settings{Optimizer: optim.Settings{Optimizer: "adamw"}}, 0.002, 0.01},
	} {
		choice := partial(tt.change)
		choice.Network = &rnn.Config{Cell: "lstm", Hidden: 256, Layers: 1}
		s, err := choice.Settings(Facts{Symbols: 60, Length: 1e6})
		if err != nil || math.Abs(s.Optimizer.LearningRate-tt.rate) > 1e-12 || math.Abs(s.Optimizer.WeightDecay-tt.decay) > 1e-12 {
			t.Errorf("%s: rate %v, decay %v, want %v, %v; error %v", tt.name, s.Optimizer.LearningRate, s.Optimizer.WeightDecay, tt.rate, tt.decay, err)
		}
	}
}

// TestRecipesRepeatTimes: what a time was made into is what the recipe and the number of training steps lead to.
func TestRecipesRepeatTimes(t *testing.T) {
	seen := map[string]bool{}
	for _, d := range []time.Duration{time.Second, 10 * time.Minute, 24 * time.Hour} {
		for _, length := range []int64{3_000, 100_000, 10_000_000} {
			for _, steps := range []int64{1, 700, 9_000, 80_000} {
				timed, err := Defaults(Facts{Symbols: 60, Length: length}, func(s *Settings) { s.Budget = Budget{Steps: steps, For: d} })
				if err != nil {
					t.Fatal(err)
				}
				name := NetworkRecipe(timed.Network)
				r, err := FindRecipe(name)
				if err != nil {
					t.Fatal(err)
				}
				again, err := Defaults(Facts{Symbols: 60, Length: length}, func(s *Settings) {
					r.Change(s)
					s.Budget.Steps = steps
				})
				if timed.Budget.For = 0; err != nil || again != timed {
					t.Errorf("%v, %d symbols, %d training steps:\n%+v, by recipe %s\n%+v, %v", d, length, steps, timed, name, again, err)
				}
				seen[name] = true
			}
		}
	}
	if len(seen) != len(sizes) {
		t.Errorf("recipes %v, want all %d sizes", seen, len(sizes))
	}
}

// TestOrthogonalStart: an orthogonal start is for cells with weights of a recurrence, and its gain is within reason.
func TestOrthogonalStart(t *testing.T) {
	for _, tt := range []struct {
		cell string
		gain float64
		want string // error
	}{
		{"lstm", 1.5, ""},
		{"mingru", 1, "orthogonal is 1, must be 0 for the mingru cell, whose recurrence has no weights"},
		{"elman", -1, "orthogonal is -1, must be 0 to 100"},
		{"elman", math.NaN(), "orthogonal is NaN, must be 0 to 100"},
	} {
		_, err := Defaults(Facts{Symbols: 10, Length: 1000}, func(s *Settings) {
			s.Network.Cell, s.Init.Orthogonal = tt.cell, tt.gain
		})
		if err == nil && tt.want != "" || err != nil && err.Error() != tt.want {
			t.Errorf("%s, a gain of %v: error %v, want %q", tt.cell, tt.gain, err, tt.want)
		}
	}
}
